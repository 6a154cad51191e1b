"""What came of hand-offs later: sales qualified, an opportunity, a customer.

What happens to a lead counts for the hand-off that was the last one of its qualification by then: from the beginning of its spell until
the next begins. So nothing counts twice for a qualification. Each step counts by what was reported for itself: whoever was reported as
won without an opportunity counts as won only.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Cast

from leadline.engine.playbook.model import Playbook
from leadline.engine.statistics import Share
from leadline.web.handoff.figures.keeping import survivors_of
from leadline.web.handoff.figures.periods import Period, place_in
from leadline.web.handoff.figures.tally import Tally, tally_periods
from leadline.web.handoff.models import HandOff
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import get_plan

SQL, OPPORTUNITY, WON = "sql", "opportunity", "won"
LATER = (SQL, OPPORTUNITY, WON)
HORIZON = timedelta(days=90)
"""So long a hand-off has time: months for which it is not over for all of them are not mature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """The hand-offs of a month, and what came of them by now. is_mature: whether the horizon is over for all of them."""

    period: Period
    total: int
    accepted: Share
    later: dict[str, Share]
    is_mature: bool


def sales_level(playbook: Playbook) -> str | None:
    """Return the qualification that comes after those that are handed over: what is qualified by sales; None where there is none."""
    handed = playbook.handoff.qualifications if playbook.handoff else ()
    ids = [one.id for one in playbook.qualifications]
    places = [ids.index(one) for one in handed if one in ids]
    return next((one for one in ids[max(places) + 1 :] if one not in handed), None) if places else None


def find_cohorts(
    version: Version,
    handoffs: QuerySet[HandOff],
    months: Sequence[Period],
    *,
    now: datetime,
    tallies: Sequence[Tally] | None = None,
) -> list[Cohort]:
    """Return what came of the hand-offs of some months that follow one another.

    Args:
        version: the live one, by which spells of the sales qualification are found.
        handoffs: of its workspace.
        months: in order.
        now: the moment.
        tallies: what became of the hand-offs of each month, where the caller has counted it.
    """
    tallies = tallies or tally_periods(handoffs, months)
    reached = find_reached(version, handoffs, months)
    counts = {step: Counter(found.values()) for step, found in reached.items()}
    return [
        Cohort(
            period=month,
            total=one.total,
            accepted=Share(one.of("accepted"), one.total),
            later={step: Share(counts[step][place], one.total) for step in reached},
            is_mature=month.until + HORIZON <= now,
        )
        for place, (month, one) in enumerate(zip(months, tallies, strict=True))
    ]


def find_reached(version: Version, handoffs: QuerySet[HandOff], periods: Sequence[Period]) -> dict[str, dict[int, int]]:
    """Return for each later step which hand-offs came to it: their ids, with the place of the period in which they opened.

    Where the playbook has no qualification of sales, that step is left out.

    Args:
        version: the live one.
        handoffs: of its workspace.
        periods: when they opened; they follow one another.
    """
    level = sales_level(get_plan(version).playbook)
    reached: dict[str, dict[int, int]] = {one: {} for one in LATER if one != SQL or level is not None}
    last: dict[tuple[str, int, str], Row] = {}
    for step, happened, qualification, row in _before_each(version, level, handoffs, periods):
        which = step, happened, qualification
        if which not in last or last[which] < row:
            last[which] = row
    for (step, *_), (_, pk, place) in last.items():
        if 0 <= place < len(periods):
            reached[step][pk] = place
    return reached


Row = tuple[str, int, int]
"""A hand-off: when its spell began, its id, the place of the period in which it opened."""


def _before_each(
    version: Version, level: str | None, handoffs: QuerySet[HandOff], periods: Sequence[Period]
) -> Iterator[tuple[str, int, str, Row]]:
    """Yield each thing that happened with each hand-off of that person whose spell began before: step, its id, qualification, hand-off.

    Databases leave out all to whom nothing happened, who are most: reading rows is what takes time here. What happened belongs to the lead
    into which others were merged, and so do their hand-offs.
    """
    merged = survivors_of(version.workspace)
    rows = handoffs.annotate(place=place_in(periods)).order_by()
    own = ("lead_id", "qualification", _moment("began_at"), "pk", "place")
    for whose in ("lead", "lead__merged_into") if merged else ("lead",):
        outcome, spell = f"{whose}__outcomes", f"{whose}__spells"
        reported = {f"{outcome}__outcome__in": (OPPORTUNITY, WON), f"{outcome}__at__gte": F("began_at")}
        of_sales = {
            f"{spell}__version": version,
            f"{spell}__qualification": level,
            f"{spell}__began_at__gte": F("began_at"),
        }
        found = [rows.filter(**reported).values_list(f"{outcome}__outcome", f"{outcome}__pk", *own)]
        if level is not None:
            found.append(rows.filter(**of_sales).values_list(Value(SQL), f"{spell}__pk", *own))
        for step, happened, lead, qualification, began_at, pk, place in chain(*found):
            if whose != "lead" or lead not in merged:
                yield step, happened, qualification, (began_at, pk, place)


def _moment(name: str) -> Cast:
    """Return a moment as a text, in the order of which moments are too: they are compared only, and very many moments are slow to make."""
    return Cast(name, TextField())
