"""Whom something is said about: identities, made comparable. What follows from them is in `attribution`.

An identity is *strong* when it is meant to name a person (a user id, an id in a CRM, an address) and *weak* when it names a browser
(an anonymous id). Ids of one *system* (our user ids; the ids of one CRM) differ for different people; addresses may not.
tests/web/leads/test_claims.py guards it.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from leadline.web.leads.messages import Message
from leadline.web.leads.models import Identity

Kind = Identity.Kind
Key = tuple[str, str]
"""A kind and a value, as `Identity` keeps them."""

MOST_CHARACTERS = 255
_STRENGTH = (Kind.USER, Kind.CRM, Kind.EMAIL)
_NEVER = r"\s@<>,;:\"()\[\]\\"
_ADDRESS = re.compile(rf"[^{_NEVER}]{{1,64}}@[^{_NEVER}.]+(\.[^{_NEVER}.]+)+")
_MOST_OF_AN_ADDRESS = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one message, or one row of an import, says about who it is.

    strong:      user id, CRM id and address, the strongest first; what there is of those.
    said:        strong identities that are named along with these, and for which nobody vouches although it does for *strong*.
    anonymous:   the browser; None when none is named.
    previous:    of an alias: what the person was called before; is_signed: it may be a browser then, but no user id.
    source:      who says it. is_verified: whether a server, a signature, a form of ours or a person vouches for it.
    """

    strong: tuple[Key, ...]
    anonymous: Key | None
    is_verified: bool
    source: str
    at: datetime
    previous: str = ""
    origin: str = ""
    said: tuple[Key, ...] = ()
    is_signed: bool = False

    def names(self) -> tuple[Key, ...]:
        """Return every identity that the claim speaks of, an alias's previous id as both that it may be."""
        weak = () if self.anonymous is None else (self.anonymous,)
        return (*self.strong, *self.said, *weak, *self.previous_keys())

    def previous_keys(self) -> tuple[Key, ...]:
        """Return the identities that an alias's previous id may be: clients send a user id or an anonymous id there."""
        if not self.previous:
            return ()
        browser = (str(Kind.ANONYMOUS), self.previous)
        return (browser,) if self.is_signed else ((str(Kind.USER), self.previous), browser)


def clean_address(text: object) -> str:
    """Return an e-mail address in the form that is compared; empty when it is none.

    >>> clean_address(" Ann@Acme.COM "), clean_address("ann at acme")
    ('ann@acme.com', '')
    """
    address = str(text).strip().lower() if isinstance(text, str) else ""
    return address if len(address) <= _MOST_OF_AN_ADDRESS and _ADDRESS.fullmatch(address) else ""


def clean_value(kind: str, value: str) -> str:
    """Return an identity's value as it is kept: an address in lower case, an id that is too long as its hash; empty for none."""
    if kind == Kind.EMAIL:
        return clean_address(value)
    value = value.strip()
    return value if len(value) <= MOST_CHARACTERS else "sha256:" + hashlib.sha256(value.encode()).hexdigest()


def system_of(key: Key) -> str | None:
    """Return the system in which an id is one person's alone; None for addresses and anonymous ids.

    >>> system_of(("crm", "hubspot:17")), system_of(("user", "u1")), system_of(("email", "ann@acme.com"))
    ('crm:hubspot', 'user', None)
    """
    kind, value = key
    if kind == Kind.USER:
        return "user"
    return "crm:" + value.partition(":")[0] if kind == Kind.CRM else None


def claim_of(message: Message, source: str, *, is_signed: bool = False) -> Claim:
    """Return what a message says about who it is. An address among the traits counts like one that was named.

    *is_signed*: a browser sent it, and what is vouched for is the user id alone, by its signature: the person may still say
    somebody else's address, or to have been another user before.
    """
    return make_claim(
        (
            (Kind.USER, message.user_id),
            (Kind.CRM, message.crm_id),
            (Kind.EMAIL, message.email or clean_address(message.traits.get("email"))),
            (Kind.ANONYMOUS, message.anonymous_id),
        ),
        source=source,
        is_verified=message.is_verified,
        at=message.occurred_at,
        previous=message.previous_id if message.kind == "alias" else "",
        origin=message.origin,
        is_signed=is_signed and message.is_verified,
    )


def make_claim(
    identities: Iterable[tuple[str, str]],
    *,
    source: str,
    is_verified: bool,
    at: datetime,
    previous: str = "",
    origin: str = "",
    is_signed: bool = False,
) -> Claim:
    """Return a claim about identities, which come in any order and as they were written.

    Who is not vouched for and names no browser is taken for a browser of its own, which says to be somebody: so nothing that is
    only said gets among what is vouched for.
    """
    named = [(str(kind), clean_value(kind, value)) for kind, value in identities if value]
    strong = tuple(
        (kind, value) for wanted in _STRENGTH for kind, value in dict.fromkeys(named) if kind == wanted and value
    )
    anonymous = next(((kind, value) for kind, value in named if kind == Kind.ANONYMOUS and value), None)
    previous = clean_value(Kind.USER, previous)
    if anonymous is None and not is_verified:
        browser = previous or clean_value(Kind.ANONYMOUS, ":".join(strong[0]) if strong else "nobody")
        anonymous = (str(Kind.ANONYMOUS), browser)
    said = tuple(key for key in strong if key[0] != Kind.USER) if is_signed else ()
    return Claim(
        strong=tuple(key for key in strong if key not in said),
        said=said,
        is_signed=is_signed,
        anonymous=anonymous,
        is_verified=is_verified,
        source=source,
        at=at,
        previous=previous,
        origin=origin,
    )
