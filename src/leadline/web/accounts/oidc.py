"""What an OpenID Connect provider says about a person, believed only as far as it can be checked.

Authlib goes through the protocol: state, nonce, PKCE, the signature of the ID token and what the token claims. It is imported when
somebody signs in this way and not before, for it comes with an extra. Guarded by tests/web/accounts/test_oidc.py.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from leadline.web.accounts import actions
from leadline.web.accounts.models import Membership, User, Workspace

NAME = "oidc"
SIGNED_WITH = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with the provider's own key: never none, and none made with a secret that others may know."""
LEEWAY_SECONDS = 60
_TIMEOUT_SECONDS = 10


class Provider(Protocol):
    """What is configured of a provider: config/sign_in.py, which stands above this app."""

    @property
    def issuer(self) -> str: ...
    @property
    def client(self) -> str: ...
    @property
    def secret(self) -> str: ...
    @property
    def domains(self) -> tuple[str, ...]: ...
    @property
    def new_role(self) -> str: ...
    @property
    def workspace(self) -> str: ...


class NotVouchedError(Exception):
    """What came back does not show who somebody is. The text is for the log: it may hold what a stranger wrote."""


class ProviderError(Exception):
    """The provider does not answer, or not as a provider does."""


class NotLetInError(Exception):
    """It is known who somebody is, and they may not come in. The text is for them."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose address the provider has checked."""

    email: str
    name: str


def send_to_provider(request: HttpRequest, back_to: str) -> HttpResponse:
    """Send a browser to the provider, which sends it back to an address of ours.

    Raises:
        ProviderError: it does not answer.
    """
    with _ProviderErrors():
        client = _client()
        _load_metadata(client)
        answer: HttpResponse = client.authorize_redirect(request, back_to)
        return answer


def read_answer(request: HttpRequest) -> Person:
    """Return who came back from the provider.

    Raises:
        NotVouchedError: the answer is not one to a question of this browser's, or is not the provider's, or says too little.
        NotLetInError: the provider has not checked the person's address.
        ProviderError: it does not answer.
    """
    with _ProviderErrors():
        client = _client()
        issuer = _load_metadata(client)
        checked = {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": _provider().client},
        }
        token = client.authorize_access_token(request, claims_options=checked, leeway=LEEWAY_SECONDS)
        claims = token.get("userinfo")
        if not claims:
            raise NotVouchedError("the provider sent no ID token")
        if "email" not in claims and client.server_metadata.get("userinfo_endpoint"):
            more = client.userinfo(token=token)
            if more.get("sub") != claims["sub"]:
                raise NotVouchedError("the provider told of somebody else than it signed in")
            claims = {**claims, **more}
        return _person(claims)


def _person(claims: dict[str, Any]) -> Person:
    email, name = claims.get("email"), claims.get("name")
    if not isinstance(email, str) or "@" not in email:
        raise NotVouchedError("the provider names no e-mail address; the client needs the scope email")
    if claims.get("email_verified") is not True:
        raise NotLetInError(
            f"Your provider has not checked that {email} is yours. Confirm the address there, and come again."
        )
    return Person(email.strip(), (name if isinstance(name, str) else "").strip()[:120] or email.partition("@")[0])


@transaction.atomic
def admit(person: Person) -> User:
    """Return whose account a person signs in to; make them a member first where the settings say so.

    Raises:
        NotLetInError: their domain is not let in, they are no member, or their account is switched off.
    """
    provider = _provider()
    domains = provider.domains
    if domains and person.email.rpartition("@")[2].lower() not in domains:
        raise NotLetInError(
            f"{person.email} is not an address of this company. Sign in with one of {', '.join(domains)}."
        )
    user = User.objects.filter(email__iexact=person.email).first()
    if user is not None and not user.is_active:
        raise NotLetInError("Your account is switched off. Ask an administrator.")
    if user is not None and Membership.objects.filter(user=user).exists():
        return user
    workspace = Workspace.objects.filter(slug=provider.workspace).first() if provider.new_role else None
    if workspace is None:
        raise NotLetInError(f"Nobody here has the address {person.email}. Ask an administrator to add you.")
    added = actions.add_member(workspace, email=person.email, name=person.name, role=provider.new_role)
    return added.user


# -- the provider -------------------------------------------------------------------------------------------------


def _provider() -> Provider:
    one: Provider | None = settings.OIDC
    assert one is not None  # the pages are missing (404) without it
    return one


def _client() -> Any:
    return _make_client(_provider())  # type: ignore[arg-type]


@lru_cache(maxsize=1)
def _make_client(provider: Any) -> Any:
    """Return Authlib's client; it keeps what the provider says of itself, and its keys until it meets one that it does not know."""
    from authlib.integrations.django_client import OAuth

    return OAuth().register(
        NAME,
        client_id=provider.client,
        client_secret=provider.secret,
        server_metadata_url=provider.issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": _TIMEOUT_SECONDS,
        },
    )


def _load_metadata(client: Any) -> str:
    """Read what the provider says of itself; return its name for itself, which has to be the one that was configured."""
    metadata = client.load_server_metadata()
    issuer = metadata.get("issuer")
    if not isinstance(issuer, str) or issuer.rstrip("/") != _provider().issuer.rstrip("/"):
        _make_client.cache_clear()
        raise ProviderError(f"it calls itself {issuer!r}; LEADLINE_OIDC_ISSUER says {_provider().issuer!r}")
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [one for one in offered if one in SIGNED_WITH]
    return issuer


class _ProviderErrors:
    """Turns what libraries raise into the errors above, so that no answer of a provider is an error of ours."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        from authlib.common.errors import AuthlibBaseError
        from joserfc.errors import JoseError
        from requests import RequestException

        if isinstance(error, RequestException):
            raise ProviderError(str(error)) from error
        if isinstance(error, (AuthlibBaseError, JoseError, ValueError, TypeError, KeyError, AttributeError)):
            raise NotVouchedError(f"{type(error).__name__}: {error}") from error
        if isinstance(error, RuntimeError):  # what Authlib says of a provider that does not name its addresses
            raise ProviderError(str(error)) from error
