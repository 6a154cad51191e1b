"""What both sides mean: the words of the live playbook, said by the engine, and by whose hours answers are due."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leadline.engine.playbook.outcome_words import say_outcome
from leadline.engine.playbook.words import say_handoff, say_qualification
from leadline.web.accounts.models import Workspace
from leadline.web.handoff.clocks import USUAL_NAME
from leadline.web.handoff.figures.cohorts import sales_level
from leadline.web.handoff.figures.fates import SENT_BACK
from leadline.web.handoff.models import WorkCalendar
from leadline.web.pages.playbook_words import PlaybookWords
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import get_plan

_MEANS = {
    "accepted": "Sales takes the lead and works on it.",
    "rejected": "No opportunity now.",
    "recycled": "Later: it goes back to marketing.",
    "disqualified": "Never, by who they are.",
    "excluded": "Never was a lead.",
    "bad_data": "The record cannot be used.",
}


@dataclass(frozen=True, slots=True)
class Definition:
    """A word with what it means."""

    title: str
    text: str

    @classmethod
    def of(cls, title: str, text: str) -> "Definition":
        """Return it, each with a capital letter in front."""
        return cls(*(one[:1].upper() + one[1:] for one in (title, text)))


@dataclass(frozen=True, slots=True)
class Definitions:
    """What is agreed. handed: the qualifications that go to sales; decided: what sales says; promise, routes: the hand-off's own words."""

    handed: Sequence[Definition]
    decided: Sequence[Definition]
    later: Sequence[Definition]
    promise: str
    routes: Sequence[str]
    calendars: Sequence[str]


def find_definitions(workspace: Workspace, version: Version, words: PlaybookWords) -> Definitions:
    """Return what the live playbook says of the hand-off, in plain words."""
    bound = get_plan(version).bound
    levels = {one.id: one for one in bound.playbook.qualifications}
    handed = bound.playbook.handoff.qualifications if bound.playbook.handoff else ()
    later = sales_level(bound.playbook)

    def define(level_id: str) -> Definition:
        said = say_qualification(bound, levels[level_id])
        return Definition.of(words.qualification(level_id).title, said.partition(": ")[2])

    promise, *routes = say_handoff(bound) or [""]
    return Definitions(
        handed=[define(one) for one in handed if one in levels],
        decided=list(_decided(words)),
        later=[define(later)] if later else [],
        promise=promise.removeprefix("Hand-off: "),
        routes=[one.removeprefix("- ") for one in routes],
        calendars=_calendars(workspace),
    )


def _decided(words: PlaybookWords) -> Iterator[Definition]:
    known = {one.id: one for one in words.playbook.outcomes}
    for outcome_id in ("accepted", *SENT_BACK):
        if outcome_id in known:
            follows = " ".join(say_outcome(known[outcome_id], with_ids=False)).partition(": ")[2]
            text = f"{_MEANS[outcome_id]} {follows[:1].upper()}{follows[1:]}".strip()
            yield Definition.of(words.outcome(outcome_id), text)


def _calendars(workspace: Workspace) -> list[str]:
    found = WorkCalendar.objects.filter(workspace=workspace).order_by("-is_default", "name")
    return [f"{one.name} ({one.timezone})" for one in found] or [f"{USUAL_NAME} ({workspace.timezone})"]
