"""Names that a playbook reads and that were never seen in a workspace, though something like them was: most likely a slip of the pen.

The app binds a playbook without data, since a criterion may be written before the first event of its kind comes in. So such a name is
no problem: it is told beside a draft as it is typed, and whoever publishes is asked whether it is meant.
tests/web/playbooks/test_unseen.py guards it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from leadline.engine.problems import Problem
from leadline.web.accounts.models import Workspace
from leadline.web.leads.titles import FIELDS
from leadline.web.playbooks.queries import Compiled
from leadline.web.playbooks.reads import (
    undeclared_company_fields,
    undeclared_events,
    undeclared_fields,
    undeclared_properties,
)
from leadline.web.playbooks.seen import ANY, Seen

_DERIVED = frozenset((*FIELDS, "email_domain"))
_APART = ("consent.", "questions.", "model.")


@dataclass(frozen=True, slots=True)
class Unseen:
    """A name that was never seen, and the one that it may be meant for. events: of a property, whose it would be."""

    kind: Literal["field", "event", "property"]
    name: str
    meant: str
    events: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The same as a sentence."""
        of = ""
        if self.kind == "property":
            of = " of any event" if ANY in self.events else " of " + " or ".join(f"'{one}'" for one in self.events)
        return f"The {self.kind} '{self.name}'{of} was never seen here. Did you mean '{self.meant}'?"

    def beside(self, toml: str) -> Problem:
        """Return the same as a warning, with the first line of a text that has the name outside of its comments."""
        lines = enumerate(toml.splitlines(), start=1)
        name = re.compile(rf"(?<![\w.]){re.escape(self.name)}(?![\w.])")
        line = next((number for number, text in lines if not text.lstrip().startswith("#") and name.search(text)), None)
        return Problem(code=f"unknown-{self.kind}", message=self.text, line=line, severity="warning")


def find_unseen(workspace: Workspace, compiled: Compiled, *, is_typing: bool = False) -> list[Unseen]:
    """Return the names that look like slips of the pen. What the playbook declares is meant as it is written.

    Args:
        workspace: whose data is looked at.
        compiled: a playbook that can be used.
        is_typing: what came in up to some minutes ago will do, so that it is quick.
    """
    seen = Seen(workspace, is_fresh=not is_typing)
    found = [*_fields(seen, compiled), *_events(seen, compiled), *_properties(seen, compiled)]
    seen.keep()
    return found


def _fields(seen: Seen, compiled: Compiled) -> Iterable[Unseen]:
    read = [one.name for one in undeclared_fields(compiled)]
    read += [f"company.{one.name}" for one in undeclared_company_fields(compiled)]
    known = seen.fields()
    for name in read:
        if name in known or name in _DERIVED or name.startswith(_APART):
            continue
        other = name.removeprefix("company.") if name.startswith("company.") else f"company.{name}"
        meant = other if other in known else seen.nearest(name, known, "field")
        if meant:
            yield Unseen("field", name, meant)


def _events(seen: Seen, compiled: Compiled) -> Iterable[Unseen]:
    known = seen.events()
    for name in undeclared_events(compiled):
        if name not in known and (meant := seen.nearest(name, known, "event")):
            yield Unseen("event", name, meant)


def _properties(seen: Seen, compiled: Compiled) -> Iterable[Unseen]:
    for name, events in undeclared_properties(compiled):
        known = seen.properties(events)
        if name in known:
            continue
        meant = seen.nearest(name, known, "property", *events)
        if meant and not seen.has_property(name, events):
            yield Unseen("property", name, meant, events)
