"""Counts of hand-offs by what became of them and why: of all, or taken apart by what brought them or by who had them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat

from leadline.engine.statistics import Share
from leadline.web.assessments.models import Spell
from leadline.web.handoff.figures.fates import DECIDED, FATE_OF, SENT_BACK
from leadline.web.handoff.figures.periods import Period, place_in
from leadline.web.handoff.models import HandOff
from leadline.web.leads.lead_source import lead_source

HAND = "hand:"
"""What the key of a hand raise begins with, among criteria: no id of a criterion has a colon."""
FEW = 20
"""Of fewer decided ones a share says little."""


@dataclass(slots=True)
class Tally:
    """How many hand-offs came to what, by fate and reason (empty: none was given)."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, state: str, reason: str, count: int) -> None:
        """Count some hand-offs in a state. Only what was decided has a reason."""
        fate = FATE_OF[state]
        self.counts[fate, reason if fate in DECIDED else ""] += count

    def of(self, *fates: str) -> int:
        """Return how many came to one of some fates."""
        return sum(count for (fate, _), count in self.counts.items() if fate in fates)

    @property
    def total(self) -> int:
        """All of them."""
        return self.counts.total()

    @property
    def decided(self) -> int:
        """Those on which sales decided."""
        return self.of(*DECIDED)

    @property
    def sent_back(self) -> int:
        """Those that sales did not accept."""
        return self.of(*SENT_BACK)

    @property
    def accepted(self) -> Share:
        """The accepted ones of those that were decided."""
        return Share(self.of("accepted"), self.decided)

    @property
    def is_few(self) -> bool:
        """Whether too few were decided for their share to say much."""
        return self.decided < FEW

    def reasons(self, fate: str) -> list[tuple[str, int]]:
        """Return the reasons of a fate with how many, the most frequent first."""
        found = [(reason, count) for (one, reason), count in self.counts.items() if one == fate]
        return sorted(found, key=lambda one: (-one[1], one[0]))


def tally(handoffs: QuerySet[HandOff]) -> Tally:
    """Return what became of hand-offs."""
    found = Tally()
    for state, reason, count in handoffs.order_by().values_list("state", "reason").annotate(count=Count("pk")):
        found.add(state, reason, count)
    return found


def tally_periods(handoffs: QuerySet[HandOff], periods: Sequence[Period]) -> list[Tally]:
    """Return what became of the hand-offs of some periods, in their order; they may overlap.

    One query that counts each period by itself: a stretch of an index. To sort all rows by the period that they are in takes SQLite thrice
    as long.
    """
    found = [Tally() for _ in periods]
    counted = (
        one.of(handoffs)
        .order_by()
        .values_list(Value(place, output_field=IntegerField()), "state", "reason")
        .annotate(count=Count("pk"))
        for place, one in enumerate(periods)
    )
    for place, state, reason, count in _united(list(counted)):
        found[place].add(state, reason, count)
    return found


def count_periods(handoffs: QuerySet[HandOff], periods: Sequence[Period]) -> list[int]:
    """Return how many hand-offs opened in some periods, in their order; they may overlap. One query, as in `tally_periods`."""
    found = [0 for _ in periods]
    own = (one.of(handoffs).order_by() for one in periods)
    counted = [
        one.values_list(Value(place, output_field=IntegerField())).annotate(count=Count("*"))
        for place, one in enumerate(own)
    ]
    for place, count in _united(counted):
        found[place] = count
    return found


def _united(queries: Sequence[QuerySet[Any, Any]]) -> QuerySet[Any, Any]:
    return queries[0].union(*queries[1:], all=True)


# -- taken apart -----------------------------------------------------------------------------------------------------------

BREAKDOWNS = ("criterion", "source", "campaign", "owner", "team", "week", "qualification", "version")
"""By what counts are taken apart. criterion: those that gave points when the spell began, and a raised hand; it counts for each of them."""


def tally_by(handoffs: QuerySet[HandOff], by: str, period: Period) -> dict[str, Tally]:
    """Return what became of the hand-offs of a period for each criterion, source … as text; empty for those that have none.

    Args:
        handoffs: of a workspace.
        by: one of `BREAKDOWNS`.
        period: when they opened. Weeks are named by their first day in it, as ``2026-03-02``.
    """
    weeks = period.weeks
    found = defaultdict[str, Tally](Tally)
    rows = with_key(period.of(handoffs), by, period).order_by()
    rows = rows.values_list("key", "state", "reason").annotate(count=Count("pk"))
    for stored, state, reason, count in rows:
        for key in keys_of(by, stored, weeks=weeks):
            found[key].add(state, reason, count)
    return found


def keys_of(by: str, stored: Any, *, weeks: Sequence[Period]) -> Sequence[str]:
    """Return for what a hand-off counts, of the value that `with_key` gave it."""
    match by:
        case "criterion":
            return brought_by(stored)
        case "week":
            return (weeks[stored].first.isoformat(),)
        case _:
            return ("" if stored is None else str(stored),)


def brought_by(stored: str) -> Sequence[str]:
    """Return what brought a hand-off: the hand that was raised, if one was, and the criteria that gave points.

    >>> brought_by("country size")
    ['country', 'size']
    >>> brought_by("country hand:demo_requested")
    ['country', 'hand:demo_requested']
    >>> brought_by("")
    ['']
    """
    return stored.split() or [""]


def with_key(handoffs: QuerySet[HandOff], by: str, period: Period) -> QuerySet[Any]:
    """Return hand-offs with ``key``: what they are taken apart by, as it is stored."""
    raised = Concat("brought_by", Value(f" {HAND}"), "because", output_field=TextField())
    columns: dict[str, Any] = {
        "criterion": Case(When(is_hand_raise=True, then=raised), default=F("brought_by")),
        "source": lead_source("lead__"),
        "owner": F("owner_id"),
        "team": F("team_id"),
        "week": Cast(place_in(period.weeks), IntegerField()),
        "qualification": F("qualification"),
        "version": F("version_number"),
    }
    return handoffs.annotate(key=_campaign() if by == "campaign" else columns[by])


def _campaign() -> Coalesce:
    """Return the campaign of the first touch before the spell began; a spell that was found anew by a later version is as good."""
    spells = Spell.objects.filter(
        lead=OuterRef("lead"), qualification=OuterRef("qualification"), began_at=OuterRef("began_at")
    ).order_by("-version")
    named = spells.annotate(campaign=KeyTextTransform("campaign", "first_touch")).values("campaign")[:1]
    return Coalesce(Subquery(named, output_field=CharField()), Value(""), output_field=CharField())
