"""Counts of hand-offs by what became of them and why: of all, or taken apart by what brought them or by who had them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Count, F, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from leadline.engine.statistics import Share
from leadline.web.assessments.models import Spell
from leadline.web.handoff.figures.fates import DECIDED, FATE_OF, SENT_BACK
from leadline.web.handoff.figures.periods import Period, place_in
from leadline.web.handoff.models import HandOff

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
    """Return what became of the hand-offs of some periods that follow one another, in their order."""
    whole = Period(periods[0].first, periods[-1].last, periods[0].zone)
    found = [Tally() for _ in periods]
    rows = whole.of(handoffs).annotate(place=place_in(periods)).order_by()
    for place, state, reason, count in rows.values_list("place", "state", "reason").annotate(count=Count("pk")):
        found[place].add(state, reason, count)
    return found


# -- taken apart -----------------------------------------------------------------------------------------------------------

BREAKDOWNS = ("criterion", "source", "campaign", "owner", "team", "week", "qualification", "version")
"""By what counts are taken apart. criterion: those that gave points at the opening; a hand-off counts for each of them."""


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
    rows = rows.values_list("key", "is_hand_raise", "state", "reason").annotate(count=Count("pk"))
    for stored, is_hand_raise, state, reason, count in rows:
        for key in keys_of(by, stored, is_hand_raise=is_hand_raise, weeks=weeks):
            found[key].add(state, reason, count)
    return found


def keys_of(by: str, stored: Any, *, is_hand_raise: bool, weeks: Sequence[Period]) -> Sequence[str]:
    """Return for what a hand-off counts, of the value that `with_key` gave it."""
    match by:
        case "criterion":
            return brought_by(stored, is_hand_raise=is_hand_raise)
        case "week":
            return (weeks[stored].first.isoformat(),)
        case _:
            return ("" if stored is None else str(stored),)


def brought_by(because: str, *, is_hand_raise: bool) -> Sequence[str]:
    """Return what brought a hand-off: the hand that was raised, or the criteria that gave points.

    >>> brought_by("size:20 country:30 student:-40", is_hand_raise=False)
    ['size', 'country']
    >>> brought_by("demo_requested", is_hand_raise=True)
    ['hand:demo_requested']
    """
    if is_hand_raise:
        return [HAND + because]
    parts = [one.rpartition(":") for one in because.split()]
    return list(dict.fromkeys(name for name, _, points in parts if name and not points.startswith("-"))) or [""]


def with_key(handoffs: QuerySet[HandOff], by: str, period: Period) -> QuerySet[Any]:
    """Return hand-offs with ``key``: what they are taken apart by, as it is stored."""
    columns: dict[str, Any] = {
        "criterion": F("because"),
        "source": F("lead__first_source"),
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
