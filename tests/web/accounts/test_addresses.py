"""Whose address a request has, and who counts as sitting at this machine."""

import pytest
from django.test import RequestFactory

from leadline.web.accounts.addresses import client_address, is_from_this_machine


def request(address="127.0.0.1", host="localhost:8000", **headers):
    return RequestFactory().get("/", REMOTE_ADDR=address, headers={"host": host, **headers})


def test_without_a_proxy_nobody_chooses_their_address():
    assert client_address(request("203.0.113.9", **{"x-forwarded-for": "10.0.0.1"})) == "203.0.113.9"


@pytest.mark.parametrize(("proxies", "address"), [(1, "198.51.100.2"), (2, "203.0.113.9"), (4, "127.0.0.1")])
def test_behind_proxies_it_is_what_the_outermost_of_them_saw(settings, proxies, address):
    settings.PROXY_COUNT = proxies

    asked = request(**{"x-forwarded-for": "1.1.1.1, 203.0.113.9, 198.51.100.2"})

    assert client_address(asked) == address


@pytest.mark.parametrize(
    ("address", "host"), [("127.0.0.1", "localhost:8000"), ("127.0.0.1", "127.0.0.1"), ("::1", "[::1]:8000")]
)
def test_who_asks_a_loopback_name_from_a_loopback_address_is_at_this_machine(address, host):
    assert is_from_this_machine(request(address, host))


@pytest.mark.parametrize(
    "header", ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded", "x-real-ip", "via"]
)
def test_what_a_proxy_on_this_machine_passes_on_is_not_from_it(header):
    assert not is_from_this_machine(request(**{header: "203.0.113.9"}))


def test_others_are_not_at_this_machine(settings):
    settings.ALLOWED_HOSTS = ["*"]

    assert not is_from_this_machine(request("203.0.113.9"))
    assert not is_from_this_machine(request(host="leads.example.com"))


@pytest.mark.parametrize("name", ["IS_HTTPS", "PROXY_COUNT"])
def test_behind_a_declared_proxy_nobody_is_at_this_machine(settings, name):
    setattr(settings, name, 1)

    assert not is_from_this_machine(request())
