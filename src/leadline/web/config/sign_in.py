"""Reads how people sign in through their company's OpenID Connect provider, if they do."""

from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import urlsplit

from leadline.web.config.environment import SettingError, read, read_list

ROLES = ("admin", "marketer", "rep", "manager", "viewer")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIdConnect:
    """A provider that vouches for people.

    domains:    whose addresses are let in; of any domain where it is empty.
    new_role:   as what somebody becomes a member who is none yet; nobody does where it is empty.
    workspace:  the slug of the workspace that they come into.
    """

    issuer: str
    client: str
    secret: str
    title: str
    domains: tuple[str, ...] = ()
    new_role: str = ""
    workspace: str = ""


def read_openid_connect() -> OpenIdConnect | None:
    """Return the provider that the environment names, or None where it names none.

    Raises:
        SettingError: something is missing, or cannot be; all of it is said, and the secret is not repeated.
    """
    if not read("LEADLINE_OIDC_ISSUER"):
        return None
    one = OpenIdConnect(
        issuer=read("LEADLINE_OIDC_ISSUER"),
        client=read("LEADLINE_OIDC_CLIENT"),
        secret=read("LEADLINE_OIDC_SECRET"),
        title=read("LEADLINE_OIDC_TITLE"),
        domains=tuple(domain.lower().lstrip("@") for domain in read_list("LEADLINE_OIDC_DOMAINS")),
        new_role=read("LEADLINE_OIDC_NEW_ROLE"),
        workspace=read("LEADLINE_OIDC_NEW_WORKSPACE"),
    )
    if wrong := _what_is_wrong(one):
        raise SettingError("; ".join(wrong))
    return one


def _what_is_wrong(one: OpenIdConnect) -> list[str]:
    wrong = []
    if not _is_safe(one.issuer):
        wrong.append(
            f"LEADLINE_OIDC_ISSUER is {one.issuer!r}; it should be an address such as https://login.example.com"
        )
    if not one.client:
        wrong.append("LEADLINE_OIDC_CLIENT is not set; it is the id that the provider gave to this application")
    if not one.secret:
        wrong.append("LEADLINE_OIDC_SECRET is not set; it is the secret that the provider gave to this application")
    if one.new_role and one.new_role not in ROLES:
        wrong.append(f"LEADLINE_OIDC_NEW_ROLE is {one.new_role!r}; it should be one of {', '.join(ROLES)}")
    if bool(one.new_role) != bool(one.workspace):
        wrong.append("LEADLINE_OIDC_NEW_ROLE and LEADLINE_OIDC_NEW_WORKSPACE go together: set both, or neither")
    if find_spec("authlib") is None:
        wrong.append("signing in with OpenID Connect needs more packages: install leadline with the extra [oidc]")
    return wrong


def _is_safe(issuer: str) -> bool:
    """Whether nobody between here and the provider can change what it says: over HTTPS, or on this machine."""
    parts = urlsplit(issuer)
    is_plain = not parts.query and not parts.fragment and parts.username is None
    return (
        is_plain
        and bool(parts.hostname)
        and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK))
    )
