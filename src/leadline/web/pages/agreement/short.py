"""The agreement in short: a few numbers at the head of the page, each with what it was before and its leads behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from leadline.engine.statistics import Share
from leadline.web.handoff.models import HandOff
from leadline.web.handoff.urgency import late
from leadline.web.pages.agreement.queries import Month, Week, link_to
from leadline.web.playbooks.models import Version


@dataclass(frozen=True, slots=True)
class Number:
    """A number at the head of the page. note: what it is of, and what it was before. is_bad: the promise was not kept."""

    title: str
    value: str
    note: str
    link: str
    is_bad: bool = False


def in_short(version: Version, months: Sequence[Month], weeks: Sequence[Week], now: datetime) -> list[Number]:
    """Return the numbers.

    Args:
        version: the live one.
        months: the last that is over and the one before, the later first.
        weeks: the latest first, of which the first still runs.
        now: for what is late now.
    """
    last, before = months
    answered, accepted = last.kept.answered, last.found.accepted
    return [
        _of_week(weeks[1]),
        _of_month("Answered in time", last, before, answered, before.kept.answered, "in_time"),
        _of_month("Accepted", last, before, accepted, before.found.accepted, "accepted"),
        _late_now(version, now),
    ]


def _of_week(week: Week) -> Number:
    if not week.promised:
        note, is_bad = "nothing was promised", False
    elif week.short_by:
        note, is_bad = f"{week.promised:,} were promised: {week.short_by:,} short", True
    else:
        note, is_bad = f"{week.promised:,} were promised: kept", False
    return Number("Handed over last week", f"{week.count:,}", note, week.link, is_bad)


def _of_month(title: str, last: Month, before: Month, share: Share, share_before: Share, show: str) -> Number:
    note = (
        f"{share.count:,} of {share.n:,}" if share.n else "nothing was due" if show == "in_time" else "nothing decided"
    )
    if share_before.n:
        note += f"; {_percent(share_before)} in {before.period.first:%B}"
    return Number(f"{title} in {last.period.first:%B}", _percent(share), note, link_to(last.period, show))


def _percent(share: Share) -> str:
    return "–" if share.ratio is None else f"{100 * share.ratio:.0f} %"


def _late_now(version: Version, now: datetime) -> Number:
    count = HandOff.objects.filter(late(now), workspace=version.workspace_id).count()
    note = "open, and not answered in time" if count else "all that is open was answered in time, or is not due yet"
    return Number("Late now", f"{count:,}", note, f"{reverse('queue')}?box=late", is_bad=count > 0)
