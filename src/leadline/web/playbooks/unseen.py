"""Names that a playbook reads and that were never seen in a workspace, though something like them was: most likely a slip of the pen.

The app binds a playbook without data, since a criterion may be written before the first event of its kind comes in. So such a name is
no problem; whoever publishes is asked whether it is meant. tests/web/playbooks/test_unseen.py guards it.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from leadline.web.accounts.models import Workspace
from leadline.web.leads.models import Event, Fact
from leadline.web.leads.titles import FIELDS
from leadline.web.playbooks.queries import Compiled
from leadline.web.playbooks.reads import undeclared_company_fields, undeclared_events, undeclared_fields

_LIKENESS = 0.8
_DERIVED = frozenset((*FIELDS, "email_domain"))
_APART = ("consent.", "questions.", "model.")


@dataclass(frozen=True, slots=True)
class Unseen:
    """A name that was never seen, and the one that it may be meant for."""

    kind: Literal["field", "event"]
    name: str
    meant: str

    @property
    def text(self) -> str:
        """The same as a sentence."""
        return f"The {self.kind} '{self.name}' was never seen here. Did you mean '{self.meant}'?"


def find_unseen(workspace: Workspace, compiled: Compiled) -> list[Unseen]:
    """Return the names that look like slips of the pen. What the playbook declares is meant as it is written."""
    return [*_fields(workspace, compiled), *_events(workspace, compiled)]


def _fields(workspace: Workspace, compiled: Compiled) -> Iterable[Unseen]:
    read = [one.name for one in undeclared_fields(compiled)]
    read += [f"company.{one.name}" for one in undeclared_company_fields(compiled)]
    facts = Fact.objects.filter(workspace=workspace).order_by()
    of_leads = facts.filter(lead__isnull=False).values_list("field", flat=True).distinct()
    of_companies = facts.filter(company__isnull=False).values_list("field", flat=True).distinct()
    seen = {*of_leads, *(f"company.{name}" for name in of_companies)}
    for name in read:
        if name in seen or name in _DERIVED or name.startswith(_APART):
            continue
        other = name.removeprefix("company.") if name.startswith("company.") else f"company.{name}"
        meant = other if other in seen else _nearest(name, seen)
        if meant:
            yield Unseen("field", name, meant)


def _events(workspace: Workspace, compiled: Compiled) -> Iterable[Unseen]:
    seen = set(Event.objects.filter(workspace=workspace).order_by().values_list("name", flat=True).distinct())
    for name in undeclared_events(compiled):
        if name not in seen and (meant := _nearest(name, seen)):
            yield Unseen("event", name, meant)


def _nearest(name: str, seen: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(seen), n=1, cutoff=_LIKENESS)
    return near[0] if near else ""
