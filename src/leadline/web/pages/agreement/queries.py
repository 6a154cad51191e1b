"""Reads of how the agreement was kept: two months side by side, the weeks against the promise, and months as cohorts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse

from leadline.engine.statistics import Share
from leadline.web.handoff.figures.cohorts import Cohort, find_cohorts, sales_level
from leadline.web.handoff.figures.fates import DECIDED, FATES, SENT_BACK
from leadline.web.handoff.figures.keeping import Duration, Kept, Known, find_kept
from leadline.web.handoff.figures.periods import Period, last_weeks, month_of
from leadline.web.handoff.figures.tally import FEW, Tally, count_periods, tally_periods
from leadline.web.handoff.models import HandOff, Promise
from leadline.web.handoff.promises import promised_on
from leadline.web.pages.playbook_words import PlaybookWords
from leadline.web.pages.returns.asked import Asked
from leadline.web.pages.returns.said import say_fate, say_reason, say_share, say_shown
from leadline.web.playbooks.models import Version

COHORTS = 7
"""Months as cohorts, with the one that runs."""
WEEKS = 9
"""Weeks against the promise, with the one that runs."""
_MINUTE, _HOUR = 60, 3_600
_SHORT = 10 * _HOUR


@dataclass(frozen=True, slots=True)
class Cell:
    """A number in words, what stands behind it, and the address of its hand-offs; empty where there are none."""

    text: str
    note: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: a cell for each month. is_part: part of the line above, such as a reason."""

    title: str
    cells: Sequence[Cell]
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under a heading."""

    title: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Month:
    """A month with its counts."""

    period: Period
    found: Tally
    kept: Kept

    def to(self, show: str) -> str:
        """Return the address of the hand-offs behind a number."""
        return link_to(self.period, show)


Counted = tuple[Period, Tally]
"""A month with what became of its hand-offs."""


@dataclass(frozen=True, slots=True)
class Week:
    """A week against the promise. promised: None: nothing was. runs: it is not over yet."""

    period: Period
    count: int
    promised: int | None
    link: str
    runs: bool

    @property
    def short_by(self) -> int:
        """How many are missing; 0: none."""
        return max(0, (self.promised or 0) - self.count)


def link_to(period: Period, show: str) -> str:
    """Return the address of the hand-offs of a period behind a number."""
    return reverse("returns") + Asked(period, None, "criterion", None).to(show)


def say_seconds(seconds: float | None) -> str:
    """Return a time of work in words; empty for none.

    >>> say_seconds(300), say_seconds(5400), say_seconds(129600), say_seconds(None)
    ('5 min', '1.5 h', '36 h', '')
    """
    if seconds is None:
        return ""
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h" if seconds < _SHORT else f"{seconds / _HOUR:.0f} h"


# -- two months side by side ----------------------------------------------------------------------------------------------


def count_months(version: Version, zone: ZoneInfo, now: datetime) -> list[Counted]:
    """Return what became of the hand-offs of each month that the page shows, that which runs last."""
    today = now.astimezone(zone).date()
    months = [month_of(today, zone, back=back) for back in range(COHORTS - 1, -1, -1)]
    handoffs = HandOff.objects.filter(workspace=version.workspace_id)
    return list(zip(months, tally_periods(handoffs, months), strict=True))


def find_months(version: Version, counted: Sequence[Counted], now: datetime) -> list[Month]:
    """Return the last month that is over and the one before, the later first."""
    handoffs = HandOff.objects.filter(workspace=version.workspace_id)
    known = Known(version.workspace)
    return [
        Month(one, found, find_kept(version.workspace, one.of(handoffs), now=now, known=known))
        for one, found in (counted[-2], counted[-3])
    ]


def say_months(months: Sequence[Month], words: PlaybookWords) -> list[Group]:
    """Return how months kept what was agreed, line by line."""
    return [
        Group("Handed over", list(_volume(months))),
        Group("What became of it", list(_fates(months, words))),
        Group("How fast, in working hours of the owner", list(_speed(months))),
    ]


def _volume(months: Sequence[Month]) -> Iterator[Line]:
    yield Line("Hand-offs", [_count(one.found.total, one.to("all")) for one in months])
    yield Line("People", [_count(one.kept.people, one.to("people")) for one in months])


def _fates(months: Sequence[Month], words: PlaybookWords) -> Iterator[Line]:
    yield Line("Decided", [_count(one.found.decided, one.to("decided")) for one in months])
    for fate in FATES:
        if not any(one.found.of(fate) for one in months) and fate != "accepted":
            continue
        yield Line(say_fate(fate, words), [_part(one, fate) for one in months])
        reasons = dict.fromkeys(reason for one in months for reason, _ in one.found.reasons(fate))
        if fate in SENT_BACK and (any(reasons) or len(reasons) > 1):
            for reason in reasons:
                cells = [_count(one.found.counts[fate, reason], one.to(f"{fate}:{reason}")) for one in months]
                yield Line(say_reason(fate, reason, words), cells, is_part=True)


def _speed(months: Sequence[Month]) -> Iterator[Line]:
    yield Line("Answered in time", [_share(one.kept.answered, one.to("in_time")) for one in months])
    late = [one.kept.answered.n - one.kept.answered.count for one in months]
    yield Line("Late", [_count(count, one.to("late")) for count, one in zip(late, months, strict=True)])
    durations: tuple[tuple[str, str, Callable[[Kept], Duration]], ...] = (
        ("Until it was claimed", "claimed", lambda kept: kept.to_claim),
        ("Until the first call, meeting or mail", "touched", lambda kept: kept.to_touch),
        ("Until it was decided", "decided", lambda kept: kept.to_decision),
    )
    for title, show, of in durations:
        yield Line(title, [_duration(of(one.kept), one.to(show)) for one in months])


def _count(count: int, link: str) -> Cell:
    return Cell(f"{count:,}", link=link if count else "")


def _part(month: Month, fate: str) -> Cell:
    """Return how many came to a fate, with their share of what was decided."""
    count = month.found.of(fate)
    note = say_share(Share(count, month.found.decided)) if fate in DECIDED else ""
    return Cell(f"{count:,}", note, month.to(fate) if count else "")


def _share(share: Share, link: str) -> Cell:
    if not share.n:
        return Cell("nothing was due")
    return Cell(f"{share.count:,} of {share.n:,}", say_share(share), link if share.count else "")


def _duration(taken: Duration, link: str) -> Cell:
    if not taken.count:
        return Cell("–")
    note = f"nine of ten within {say_seconds(taken.ninetieth)}; {taken.count:,} known"
    return Cell(f"{say_seconds(taken.median)} in the middle", note, link)


# -- weeks and cohorts ----------------------------------------------------------------------------------------------------


def find_weeks(version: Version, promises: Sequence[Promise], zone: ZoneInfo, now: datetime) -> list[Week]:
    """Return the last weeks with what was promised for them, the latest first."""
    today = now.astimezone(zone).date()
    weeks = last_weeks(today, WEEKS, zone).weeks
    counts = count_periods(HandOff.objects.filter(workspace=version.workspace_id), weeks)
    found = [
        Week(one, count, promised_on(promises, one.first), link_to(one, "all"), runs=one is weeks[-1])
        for one, count in zip(weeks, counts, strict=True)
    ]
    return found[::-1]


def cohort_table(
    version: Version, words: PlaybookWords, counted: Sequence[Counted], now: datetime
) -> tuple[list[str], list[tuple[Cohort, list[Cell], bool]]]:
    """Return the headings of the later steps, and the months, the latest first, each with its cells and whether it has few."""
    months, tallies = zip(*counted, strict=True)
    handoffs = HandOff.objects.filter(workspace=version.workspace_id)
    found = find_cohorts(version, handoffs, months, now=now, tallies=tallies)
    level = sales_level(words.playbook)
    steps = list(found[0].later)
    rows = [(one, _cohort_cells(one, steps), 0 < one.total < FEW) for one in reversed(found)]
    return [say_shown(step, level, words) for step in ("accepted", *steps)], rows


def _cohort_cells(cohort: Cohort, steps: Sequence[str]) -> list[Cell]:
    shares = {"accepted": cohort.accepted, **{step: cohort.later[step] for step in steps}}
    cells = [_count(cohort.total, link_to(cohort.period, "all"))]
    for step, share in shares.items():
        link = link_to(cohort.period, step) if share.count else ""
        cells.append(Cell(f"{share.count:,}", say_share(share), link))
    return cells
