"""What came of hand-offs later: sales qualified, an opportunity, a customer.

What happens to a lead counts for the hand-off that was the last one of its qualification by then: from the beginning of its spell until
the next begins. So nothing counts twice for a qualification. Each step counts by what was reported for itself: whoever was reported as
won without an opportunity counts as won only.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from django.db.models import QuerySet

from leadline.engine.playbook.model import Playbook
from leadline.engine.statistics import Share
from leadline.web.assessments.models import Spell
from leadline.web.handoff.figures.keeping import PERSON
from leadline.web.handoff.figures.periods import Period
from leadline.web.handoff.figures.tally import tally_periods
from leadline.web.handoff.models import HandOff
from leadline.web.leads.models import Outcome
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
    version: Version, handoffs: QuerySet[HandOff], months: Sequence[Period], *, now: datetime
) -> list[Cohort]:
    """Return what came of the hand-offs of some months that follow one another.

    Args:
        version: the live one, by which spells of the sales qualification are found.
        handoffs: of its workspace.
        months: in order.
        now: the moment.
    """
    whole = Period(months[0].first, months[-1].last, months[0].zone)
    reached = find_reached(version, handoffs, whole)
    ends = [one.until for one in months]
    counts: dict[tuple[str, int], int] = defaultdict(int)
    for step, found in reached.items():
        for opened_at in found.values():
            counts[step, bisect_right(ends, opened_at)] += 1
    return [
        Cohort(
            period=month,
            total=one.total,
            accepted=Share(one.of("accepted"), one.total),
            later={step: Share(counts[step, place], one.total) for step in reached},
            is_mature=month.until + HORIZON <= now,
        )
        for place, (month, one) in enumerate(zip(months, tally_periods(handoffs, months), strict=True))
    ]


def find_reached(version: Version, handoffs: QuerySet[HandOff], period: Period) -> dict[str, dict[int, datetime]]:
    """Return for each later step which hand-offs of a period came to it: their ids with when they opened.

    Where the playbook has no qualification of sales, that step is left out.
    """
    level = sales_level(get_plan(version).playbook)
    reached: dict[str, dict[int, datetime]] = {one: {} for one in LATER if one != SQL or level is not None}
    people = period.of(handoffs).values(person=PERSON)
    happened = defaultdict[int, list[tuple[str, datetime]]](list)
    outcomes = Outcome.objects.filter(lead__in=people, outcome__in=(OPPORTUNITY, WON))
    spells = Spell.objects.filter(lead__in=people, version=version, qualification=level or "")
    for person, step, at in chain(
        outcomes.values_list("lead", "outcome", "at"),
        ((person, SQL, at) for person, at in spells.values_list("lead", "began_at")),
    ):
        happened[person].append((step, at))
    for own in _by_person(handoffs, happened, period):
        begins = [began_at for began_at, *_ in own]
        for step, at in happened[own[0][3]]:
            place = bisect_right(begins, at) - 1
            if place >= 0:
                _, pk, opened_at, _ = own[place]
                if period.since <= opened_at < period.until:
                    reached[step][pk] = opened_at
    return reached


Row = tuple[datetime, int, datetime, int]
"""A hand-off: when its spell began, its id, when it opened, whose it is."""


def _by_person(
    handoffs: QuerySet[HandOff], people: dict[int, list[tuple[str, datetime]]], period: Period
) -> Iterator[list[Row]]:
    """Yield the hand-offs of each person and qualification in order, of those to whom something happened."""
    found = defaultdict[tuple[int, str], list[Row]](list)
    own = period.of(handoffs).values(person=PERSON)
    rows = handoffs.annotate(person=PERSON).filter(person__in=own).order_by()
    columns = ("person", "qualification", "began_at", "pk", "opened_at")
    for person, level, began_at, pk, opened_at in rows.values_list(*columns):
        if person in people:
            found[person, level].append((began_at, pk, opened_at, person))
    yield from (sorted(rows_of) for rows_of in found.values())
