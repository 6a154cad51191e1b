"""Webhooks go to public addresses only, and to the one that was checked. The socket layer is replaced: not one packet leaves."""

import ipaddress
import socket

import pytest

from leadline.web.outgoing import posting
from leadline.web.outgoing.addresses import AddressRefusedError, is_public, read_url, resolve

PUBLIC = "93.184.215.14"


@pytest.fixture
def names(monkeypatch):
    """What names mean; and a list of where somebody connected to."""
    table, connected = {}, []

    def getaddrinfo(host, port, **_):
        found = table[host]
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in (found.pop(0) if len(found) > 1 else found[0])
        ]

    def create_connection(address, **_):
        connected.append(address)
        raise ConnectionRefusedError("replaced")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket, "create_connection", create_connection)
    table["connected"] = connected
    return table


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.8.8.8", "169.254.169.254", "172.16.0.1", "172.31.255.255",
        "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
        "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1",
        "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::",
        "2002:0808:0808::", "3fff::1", "5f00::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_special_addresses_are_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", [PUBLIC, "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2a00:1450::1"]
)
def test_other_addresses_are(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example/", "ftp://crm.example/", "//crm.example", "https://", "https://a:b@crm.example/",
        "https://crm.example:22/", "https://crm.example:0/", "https://crm.example:99999/", "https://crm.example/a b",
        "https://crm.example/\r\nHost: x", "https://crm\\@evil.example/", "https://127.0.0.1/", "https://[::1]/",
        "https://[::ffff:10.0.0.1]/", "https://crm.example/é", "https://[fe80::1%25eth0]/", "https://[x", "",
    ],
)  # fmt: skip
def test_addresses_that_are_refused_before_anything_is_looked_up(url, names):
    with pytest.raises(AddressRefusedError):
        read_url(url)

    assert names["connected"] == []


@pytest.mark.parametrize("url", ["https://2130706433/", "https://0x7f.1/", "https://017700000001/", "https://127.1/"])
def test_odd_spellings_of_an_address_are_looked_up_and_then_refused(url, names):
    names[read_url(url).host] = [["127.0.0.1"]]

    assert "not a public address" in posting.post(url, b"{}", {}).error
    assert names["connected"] == []


def test_a_name_with_one_address_inside_is_refused_whole(names):
    names["crm.example"] = [[PUBLIC, "10.0.0.7"]]

    assert "10.0.0.7" in posting.post("https://crm.example/", b"{}", {}).error
    assert names["connected"] == []


def test_a_name_that_means_something_else_a_moment_later_gains_nothing(names):
    names["crm.example"] = [[PUBLIC], ["127.0.0.1"]]

    posting.post("https://crm.example/", b"{}", {})

    assert names["connected"] == [(PUBLIC, 443)]


def test_a_network_or_a_host_of_ones_own_can_be_allowed(names, settings):
    names["crm.intranet.example"] = [["10.0.0.7"]]
    names["other.intranet.example"] = [["10.0.1.7"]]
    settings.WEBHOOKS_ALLOW = ["10.0.0.0/24"]

    assert resolve(read_url("https://crm.intranet.example/"))
    with pytest.raises(AddressRefusedError):
        resolve(read_url("https://other.intranet.example/"))
    settings.WEBHOOKS_ALLOW = ["other.intranet.example"]
    assert resolve(read_url("https://other.intranet.example:9000/"))
    with pytest.raises(AddressRefusedError):
        resolve(read_url("https://crm.intranet.example/"))


def test_only_this_machine_may_be_told_without_https_and_only_when_it_is_set(names, settings):
    settings.WEBHOOKS_TO_THIS_MACHINE = True
    names["crm.example"] = [[PUBLIC]]

    assert read_url("http://127.0.0.1:8000/").port == 8000
    with pytest.raises(AddressRefusedError):
        resolve(read_url("http://crm.example/"))
