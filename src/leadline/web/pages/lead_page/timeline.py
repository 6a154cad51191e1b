"""What happened to a lead, or to the people of a company, the latest first: one kind of event or all, what bots did apart.

Pages begin where the last one ended.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from leadline.engine.calendar import instant_of
from leadline.web.leads.models import Event
from leadline.web.pages.lead_page.explaining import EventKey, Worth
from leadline.web.pages.lead_page.waterfall import TENTH, say_tenths
from leadline.web.pages.playbook_words import say_id

PAGE = 20
BOTS = "bots"
WHO = "who"
IDENTIFYING = ("identify", "group", "alias")
KINDS = {
    "page": "Pages",
    "track": "Events",
    "form": "Forms",
    "mail": "Mail",
    "screen": "Screens",
    WHO: "Who it is",
    BOTS: "Bots",
}
ICONS = {
    "page": "mouse-pointer-click",
    "track": "flag",
    "form": "file-text",
    "mail": "mail",
    "screen": "smartphone",
    "identify": "user-round",
    "group": "building-2",
    "alias": "git-merge",
}
_TOLD_FIRST = ("path", "url", "title", "subject", "campaign", "asset", "form", "name")
_MOST_LETTERS = 300


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event, and how many the lead has."""

    id: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as the page shows it.

    worth: the points that it gives now, in words; remark: why it gives nothing, where a criterion looked at it.
    """

    event: Event
    icon: str
    title: str
    detail: str
    more: list[tuple[str, str]]
    touch: list[tuple[str, str]]
    worth: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of what happened. older: where the next page begins; empty on the last."""

    entries: list[Entry]
    kinds: list[Kind]
    kind: str
    count: int
    older: str
    is_first: bool


def read_timeline(
    events: QuerySet[Event],
    kind: str,
    before: str,
    worths: Mapping[EventKey, Worth],
    *,
    kinds: list[Kind] | None = None,
) -> Timeline:
    """Return a page of a lead's or several leads' events of a kind ('' for all that no bot made).

    before: a place that an earlier page named; the page holds what was before it. worths: what events are worth, of one lead.
    """
    kind = kind if kind in KINDS else ""
    kinds = count_kinds(events) if kinds is None else kinds
    events = _of_kind(events, kind).select_related("source", "lead").defer("raw")
    place = _read_place(before)
    if place is not None:
        at, pk = place
        events = events.filter(Q(occurred_at__lt=at) | Q(occurred_at=at, pk__lt=pk))
    found = list(events.order_by("-occurred_at", "-pk")[: PAGE + 1])
    shown = found[:PAGE]
    older = _say_place(shown[-1]) if len(found) > PAGE else ""
    count = (
        next((one.count for one in kinds if one.id == kind), 0)
        if kind
        else sum(one.count for one in kinds if one.id != BOTS)
    )
    return Timeline([_entry(one, worths) for one in shown], kinds, kind, count, older, place is None)


def count_kinds(events: QuerySet[Event]) -> list[Kind]:
    """Return the kinds that some events are of, with how many."""
    counts = Counter[str]()
    for kind, is_bot, count in events.order_by().values_list("kind", "is_bot").annotate(count=Count("pk")):
        counts[BOTS if is_bot else WHO if kind in IDENTIFYING else kind] += count
    return [Kind(one, title, counts[one]) for one, title in KINDS.items() if counts[one]]


def _of_kind(events: QuerySet[Event], kind: str) -> QuerySet[Event]:
    if kind == BOTS:
        return events.filter(is_bot=True)
    events = events.filter(is_bot=False)
    if kind == WHO:
        return events.filter(kind__in=IDENTIFYING)
    return events.filter(kind=kind) if kind else events


def _read_place(text: str) -> tuple[datetime, int] | None:
    """Return the place that `_say_place` wrote; None for anything else."""
    moment, _, pk = text.rpartition("_")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (at, int(pk)) if at.tzinfo is not None and pk.isascii() and pk.isdigit() and len(pk) < 19 else None


def _say_place(event: Event) -> str:
    return f"{event.occurred_at.isoformat()}_{event.pk}"


def _entry(event: Event, worths: Mapping[EventKey, Worth]) -> Entry:
    properties = {name: _say(value) for name, value in event.properties.items()}
    first = [properties[name] for name in _TOLD_FIRST if properties.get(name)]
    worth = worths.get((event.name, instant_of(event.occurred_at)))
    tenths = 0 if worth is None or event.is_bot else (worth.units + TENTH // 2) // TENTH
    return Entry(
        event,
        ICONS.get(event.kind, "flag"),
        say_id(event.name),
        " · ".join(first[:2]),
        list(properties.items()),
        [(name, _say(value)) for name, value in event.touch.items()],
        worth=say_tenths(tenths, signed=True) if tenths else "",
        remark=_remark(worth) if worth is not None and not tenths and not event.is_bot else "",
    )


def _remark(worth: Worth) -> str:
    if worth.fates == {"over limit"}:
        return "over the limit"
    return "forgotten" if worth.fates == {"forgotten"} else ""


def _say(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= _MOST_LETTERS else text[:_MOST_LETTERS] + "…"
