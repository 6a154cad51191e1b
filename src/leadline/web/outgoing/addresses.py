"""Where webhooks may go: public addresses, and what whoever runs the installation allows beside them.

A name is resolved once, every address it has is checked, and the connection is made to an address that was: what the name means a moment
later does not count. Addresses that carry another inside (IPv4-mapped, NAT64, 6to4, Teredo) are refused whole.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
_SPECIAL = tuple(
    ipaddress.ip_network(one)
    for one in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"),
    )
)
"""What the registries of IANA keep for special purposes; of IPv6 outside 2000::/3 nothing is public."""


class AddressRefusedError(Exception):
    """A webhook may not go there. The text says why, in a sentence."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart. path: with the query, as it is asked for."""

    is_https: bool
    host: str
    port: int
    path: str


def read_url(url: str) -> Target:
    """Take an address apart. Nothing is looked up.

    Raises:
        AddressRefusedError: no webhook may go there, whatever its name means.
    """
    if any(ord(one) <= ord(" ") or ord(one) > ord("~") for one in url):
        raise AddressRefusedError("The address has characters that an address cannot have.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefusedError("This is not an address.") from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in {"http", "https"} or not host:
        raise AddressRefusedError("The address has to begin with https:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise AddressRefusedError("The address must not hold a name or a password.")
    if "\\" in url or "%" in host:
        raise AddressRefusedError("This is not an address.")
    is_https = parts.scheme == "https"
    if not is_https and not settings.WEBHOOKS_TO_THIS_MACHINE:
        raise AddressRefusedError("The address has to begin with https://.")
    port = port if port is not None else (443 if is_https else 80)
    is_free = settings.WEBHOOKS_TO_THIS_MACHINE or host in _allowed_hosts()
    if port not in settings.WEBHOOKS_PORTS and not is_free:
        allowed = " or ".join(str(one) for one in settings.WEBHOOKS_PORTS)
        raise AddressRefusedError(f"Port {port} is not allowed: use {allowed}.")
    literal = _literal(host)
    if literal is not None:
        _check(literal, host, is_https=is_https)
    elif (host.lower() == "localhost" or host.lower().endswith(".localhost")) and not is_free:
        raise AddressRefusedError(_this_machine(host))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(is_https, host, port, path)


def resolve(target: Target) -> list[Address]:
    """Return the addresses of a target, each of them checked. One that may not be reached refuses them all.

    Raises:
        AddressRefusedError: one of them is not public, or there is none.
    """
    literal = _literal(target.host)
    if literal is not None:
        found = [literal]
    else:
        try:
            infos = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise AddressRefusedError(f"There is no address for {target.host}.") from None
        found = [ipaddress.ip_address(str(info[4][0])) for info in infos]
    if not found:
        raise AddressRefusedError(f"There is no address for {target.host}.")
    for address in found:
        _check(address, target.host, is_https=target.is_https)
    return list(dict.fromkeys(found))


def is_public(address: Address) -> bool:
    """Return whether an address is one of the public network and carries no other inside."""
    if address.version == 6 and (address not in _PUBLIC_V6 or address.scope_id is not None):
        return False
    is_special = any(address in network for network in _SPECIAL if network.version == address.version)
    return address.is_global and not address.is_multicast and not is_special


def _check(address: Address, host: str, *, is_https: bool) -> None:
    if settings.WEBHOOKS_TO_THIS_MACHINE and address.is_loopback:
        return
    if not is_https:
        raise AddressRefusedError("Only this machine itself may be told without https.")
    if is_public(address) or host in _allowed_hosts():
        return
    if not any(address in network for network in _allowed_networks() if network.version == address.version):
        if address.is_loopback:
            raise AddressRefusedError(_this_machine(host))
        raise AddressRefusedError(f"{host} is at {address}, which is not a public address.")


def _this_machine(host: str) -> str:
    return (
        f"{host} is this machine itself, which is not a public address. To try things out with a program here, whoever runs "
        "Leadline sets LEADLINE_WEBHOOKS_TO_THIS_MACHINE=1."
    )


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _allowed_hosts() -> set[str]:
    return {one.lower() for one in settings.WEBHOOKS_ALLOW if _network(one) is None}


def _allowed_networks() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [network for one in settings.WEBHOOKS_ALLOW if (network := _network(one)) is not None]


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None
