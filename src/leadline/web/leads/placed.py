"""What claims are weighed with, in memory: people, the identities that they hold, and whose a claim is. The rules are in attribution.py."""

from dataclasses import dataclass, field
from datetime import datetime

from leadline.web.leads.claims import Key
from leadline.web.leads.models import Lead


@dataclass(eq=False, slots=True)
class Person:
    """A row of leads while claims are weighed; `parent` leads to the one that it was merged into.

    is_vouched: whether a strong identity of it was vouched for. systems: those in which it has an id.
    ids:        of the leads that it is, itself and those merged into it. apart: ids of those with whom nobody may join it.
    """

    lead: Lead
    parent: "Person | None" = None
    is_vouched: bool = False
    systems: set[str] = field(default_factory=set)
    ids: set[int] = field(default_factory=set)
    apart: set[int] = field(default_factory=set)
    is_new: bool = False
    is_changed: bool = False

    def root(self) -> "Person":
        """Return who it is now."""
        found = self
        while found.parent is not None:
            found = found.parent
        return found


@dataclass(slots=True, eq=False)
class HeldIdentity:
    """An identity and to whom it was given first."""

    key: Key
    first: Person
    is_verified: bool
    pk: int | None
    source: str
    at: datetime
    origin: str = ""
    is_changed: bool = False


@dataclass(slots=True, frozen=True)
class Placed:
    """Whose a claim is.

    first:          to whom it is attributed, whatever is merged later.
    may_say_facts:  whether what it says of the person may be believed at all: not when a known person would be changed by hearsay.
    is_anothers:    whether the address it names is vouched for, or was said before, of somebody else.
    """

    first: Person
    may_say_facts: bool
    is_anothers: bool = False

    @property
    def lead(self) -> Lead:
        """The lead that it is of now."""
        return self.first.root().lead
