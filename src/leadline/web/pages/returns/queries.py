"""Reads of what sales sends back, laid out for the page and for the file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.paginator import Page, Paginator

from leadline.engine.statistics import Share
from leadline.web.handoff.figures.behind import find_behind
from leadline.web.handoff.figures.cohorts import sales_level
from leadline.web.handoff.figures.fates import COOLED, DECIDED, FATE_OF, FATES, OPEN, SENT_BACK, WITHDRAWN
from leadline.web.handoff.figures.periods import Period
from leadline.web.handoff.figures.tally import Tally, tally_by, tally_periods
from leadline.web.handoff.models import HandOff
from leadline.web.pages.exporting.rows import Value
from leadline.web.pages.playbook_words import PlaybookWords
from leadline.web.pages.returns.asked import Asked
from leadline.web.pages.returns.said import (
    BREAKDOWN_TITLES,
    key_titles,
    say_fate,
    say_reason,
    say_share,
    say_shown,
)
from leadline.web.playbooks.models import Version

ROWS = 25
"""Rows of the breakdown on the page; the file has all of them."""
LISTED = 25
"""Hand-offs on a page of the list."""
MOST_WEEKS = 27
"""A longer period is drawn by months."""


@dataclass(frozen=True, slots=True)
class Number:
    """A count, with the address of the hand-offs behind it. share: of what was decided, with its interval, in words."""

    title: str
    count: int
    link: str
    share: str = ""


@dataclass(frozen=True, slots=True)
class FateRow:
    """A fate with its reasons."""

    number: Number
    reasons: Sequence[Number]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: its class, where it begins and how long it is, in percent of the longest bar."""

    css: str
    begin: float
    length: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A week or month: what became of its hand-offs, drawn and in numbers."""

    period: Period
    parts: Sequence[Part]
    numbers: Sequence[Number]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A line of the breakdown. numbers: all of them, then of each fate. is_few: too few were decided to say much."""

    title: str
    numbers: Sequence[Number]
    share: str
    is_few: bool


@dataclass(frozen=True, slots=True)
class Behind:
    """The hand-offs behind a number: what they are called, and a page of them with what became of each."""

    title: str
    page: Page  # type: ignore[type-arg]  # of ids
    rows: Sequence[tuple[HandOff, str, str]]


BARS = (
    ("accepted", "Accepted", ("accepted",)),
    ("sent_back", "Sent back", SENT_BACK),
    ("ended", "Cooled or withdrawn", (COOLED, WITHDRAWN)),
    ("open", "Still open", (OPEN,)),
)
"""What bars are made of, from left to right: what it is in an address and as a class, its title, its fates."""


def fate_rows(found: Tally, asked: Asked, words: PlaybookWords) -> list[FateRow]:
    """Return what became of hand-offs with the reasons, each with its share of what was decided."""
    known = {one.id for one in words.playbook.outcomes}
    rows = []
    for fate in FATES:
        count = found.of(fate)
        if not count and fate in DECIDED and fate not in known:
            continue  # nobody can decide it by this playbook
        share = say_share(Share(count, found.decided)) if fate in DECIDED else ""
        reasons = [
            Number(
                say_reason(fate, reason, words),
                many,
                asked.to(f"{fate}:{reason}"),
                say_share(Share(many, found.decided)),
            )
            for reason, many in found.reasons(fate)
            if fate in DECIDED and (reason or len(found.reasons(fate)) > 1)
        ]
        rows.append(FateRow(Number(say_fate(fate, words), count, asked.to(fate), share), reasons))
    return rows


def find_bars(workspace_id: int, asked: Asked) -> list[Bar]:
    """Return the weeks of the period, of a long one the months, the latest first."""
    period = asked.period
    periods = period.weeks if len(period.weeks) <= MOST_WEEKS else period.months
    tallies = tally_periods(HandOff.objects.filter(workspace=workspace_id), periods)
    most = max((one.total for one in tallies), default=0) or 1
    bars = []
    for place, found in zip(periods, tallies, strict=True):
        own = replace(asked, period=place, weeks=None)
        parts, numbers, begin = [], [], 0.0
        for css, title, fates in BARS:
            count = found.of(*fates)
            numbers.append(Number(title, count, own.to(css)))
            if count:
                parts.append(Part(css, begin, 100 * count / most))
                begin += 100 * count / most
        bars.append(Bar(place, parts, numbers))
    return bars[::-1]


def find_broken(version: Version, asked: Asked, words: PlaybookWords) -> list[tuple[str, str, Tally]]:
    """Return key, title and counts of the breakdown: weeks from the latest, everything else from the most frequent.

    Sorted by share, the least accepted come first, and after them those of which too few were decided.
    """
    handoffs = HandOff.objects.filter(workspace=version.workspace_id)
    found = tally_by(handoffs, asked.by, asked.period)
    titles = key_titles(version.workspace, asked.by, found, words)
    if asked.sort == "share":
        ordered = sorted(found, key=lambda key: (_by_share(found[key]), titles[key]))
    elif asked.by == "week":
        ordered = sorted(found, reverse=True)
    else:
        ordered = sorted(found, key=lambda key: (-found[key].total, titles[key]))
    return [(key, titles[key], found[key]) for key in ordered]


def _by_share(found: Tally) -> tuple[bool, bool, float, int]:
    ratio = found.accepted.ratio
    return (ratio is None, found.is_few, ratio or 0.0, -found.total)


def find_worst(broken: Sequence[tuple[str, str, Tally]], asked: Asked) -> Number | None:
    """Return the line that is least accepted of those of which enough were decided; None where there are not two of them to compare."""
    enough = [one for one in broken if not one[2].is_few]
    if len(enough) < 2:
        return None
    key, title, found = min(enough, key=lambda one: _by_share(one[2]))
    return Number(title, found.sent_back, asked.to("sent_back", by=asked.by, key=key), say_share(found.accepted))


def broken_row(key: str, title: str, found: Tally, asked: Asked, words: PlaybookWords) -> BrokenRow:
    """Return a line of the breakdown as the page shows it."""
    numbers = [Number("Handed over", found.total, asked.to("all", by=asked.by, key=key))] + [
        Number(say_fate(fate, words), found.of(fate), asked.to(fate, by=asked.by, key=key)) for fate in FATES
    ]
    return BrokenRow(title, numbers, say_share(found.accepted), found.is_few)


def file_rows(broken: Sequence[tuple[str, str, Tally]], asked: Asked, words: PlaybookWords) -> Iterator[list[Value]]:
    """Yield the lines of the file: titles first, then the breakdown, with shares as numbers from 0 to 1."""
    fates = [say_fate(fate, words) for fate in FATES]
    columns = ["Handed over", *fates, "Decided", "Accepted of decided", "At least", "At most"]
    yield [BREAKDOWN_TITLES[asked.by], *columns]
    for _, title, found in broken:
        low, high = found.accepted.interval
        ratio = found.accepted.ratio
        shares: list[Value] = ["", "", ""] if ratio is None else [round(one or 0, 4) for one in (ratio, low, high)]
        yield [title, found.total, *(found.of(fate) for fate in FATES), found.decided, *shares]


def list_behind(version: Version, asked: Asked, page: int, words: PlaybookWords, *, now: datetime) -> Behind | None:
    """Return the hand-offs behind the number that the address names; None when it names none."""
    shown = asked.shown
    if shown is None:
        return None
    found = Paginator(find_behind(version, asked.period, shown, now=now), LISTED).get_page(page)
    rows = HandOff.objects.filter(workspace=version.workspace_id, pk__in=list(found.object_list))
    by_id = {one.pk: one for one in rows.select_related("lead__merged_into", "owner").defer("route")}
    title = say_shown(shown.what, sales_level(words.playbook), words)
    if shown.reason is not None:
        title += f": {say_reason(shown.what, shown.reason, words)}"
    if shown.by:
        key = key_titles(version.workspace, shown.by, [shown.key] if _is_key(shown.by, shown.key) else [], words)
        title += f", {BREAKDOWN_TITLES[shown.by].lower()}: {key.get(shown.key, 'not known')}"
    return Behind(title, found, [_listed(by_id[pk], words) for pk in found.object_list if pk in by_id])


def _listed(handoff: HandOff, words: PlaybookWords) -> tuple[HandOff, str, str]:
    fate = FATE_OF[handoff.state]
    return handoff, say_fate(fate, words), say_reason(fate, handoff.reason, words) if handoff.reason else ""


def _is_key(by: str, key: str) -> bool:
    """Return whether a key out of an address can be one: ids are numbers, weeks are days."""
    if by in ("owner", "team"):
        return not key or (key.isascii() and key.isdigit() and len(key) < 19)
    return by != "week" or (len(key) == 10 and key[:4].isdigit() and _is_day(key))


def _is_day(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
