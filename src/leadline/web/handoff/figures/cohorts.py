"""What came of hand-offs later: sales qualified, an opportunity, a customer.

What happens to a lead counts for the hand-off that was the last one of its qualification by then: from the beginning of its spell until
the next begins. So nothing counts twice for a qualification. Each step counts by what was reported for itself: whoever was reported as
won without an opportunity counts as won only.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from leadline.engine.playbook.model import Playbook
from leadline.engine.statistics import Share
from leadline.web.assessments.models import Spell
from leadline.web.handoff.figures.keeping import PERSON
from leadline.web.handoff.figures.periods import Period, place_in
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
        for place, (month, one) in enumerate(zip(months, tally_periods(handoffs, months), strict=True))
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
    whole = Period(periods[0].first, periods[-1].last, periods[0].zone)
    happened = _find_happened(version, level, whole.of(handoffs))
    for own in _by_person(handoffs, happened, periods):
        begins = [began_at for began_at, *_ in own]
        for step, at in happened[own[0][3]]:
            which = bisect_right(begins, at) - 1
            if which >= 0:
                _, pk, place, _ = own[which]
                if 0 <= place < len(periods):
                    reached[step][pk] = place
    return reached


def _moment(name: str) -> Cast:
    """Return a moment as a text, in the order of which moments are too: they are compared only, and very many moments are slow to make."""
    return Cast(name, TextField())


def _find_happened(
    version: Version, level: str | None, handoffs: QuerySet[HandOff]
) -> dict[int, list[tuple[str, str]]]:
    """Return for each person of some hand-offs what happened to them, and when."""
    people = handoffs.values(person=PERSON)
    found = defaultdict[int, list[tuple[str, str]]](list)
    outcomes = Outcome.objects.filter(lead__in=people, outcome__in=(OPPORTUNITY, WON)).order_by()
    for person, step, at in outcomes.values_list("lead", "outcome", _moment("at")):
        found[person].append((step, at))
    if level is not None:
        spells = Spell.objects.filter(lead__in=people, version=version, qualification=level).order_by()
        for person, at in spells.values_list("lead", _moment("began_at")):
            found[person].append((SQL, at))
    return found


Row = tuple[str, int, int, int]
"""A hand-off: when its spell began, its id, the place of the period in which it opened, whose it is."""


def _by_person(handoffs: QuerySet[HandOff], people: Container[int], periods: Sequence[Period]) -> Iterator[list[Row]]:
    """Yield the hand-offs of each of some people and qualification in order, those outside of the periods too."""
    found = defaultdict[tuple[int, str], list[Row]](list)
    whole = Period(periods[0].first, periods[-1].last, periods[0].zone)
    rows = handoffs.annotate(person=PERSON, place=place_in(periods)).order_by()
    rows = rows.filter(person__in=whole.of(handoffs).values(person=PERSON))
    columns = ("person", "qualification", _moment("began_at"), "pk", "place")
    for person, level, began_at, pk, place in rows.values_list(*columns):
        if person in people:
            found[person, level].append((began_at, pk, place, person))
    yield from (sorted(rows_of) for rows_of in found.values())
