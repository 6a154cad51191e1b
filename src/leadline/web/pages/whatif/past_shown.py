"""A what-if over the past as pages show it: what was told, with names joined to ids, a picture of the weeks, and whether it is of now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from leadline.web.assessments.models import PastWhatIf
from leadline.web.assessments.past.queries import find_past
from leadline.web.assessments.whatif.queries import why_of_others
from leadline.web.leads.models import Lead
from leadline.web.pages.whatif.queries import say_of_others
from leadline.web.playbooks.models import Draft, Version
from leadline.web.playbooks.queries import find_live

_HEIGHT = 64
"""Of the fullest week, in pixels of the picture."""


@dataclass(frozen=True, slots=True)
class WeekBar:
    """A week of the picture: where it begins and how wide each of its two bars is, in percent; heights and tops in pixels."""

    monday: date
    old: int
    new: int
    x_old: float
    x_new: float
    wide: float
    old_high: float
    new_high: float

    @property
    def old_top(self) -> float:
        """The upper end of the bar of the live version."""
        return _HEIGHT - self.old_high

    @property
    def new_top(self) -> float:
        """The upper end of the bar of the draft."""
        return _HEIGHT - self.new_high


@dataclass(frozen=True, slots=True)
class ShownWay:
    """The leads that tell most one way. gone: how many were named, and were erased or merged since."""

    title: str
    leads: tuple[Mapping[str, Any], ...]
    gone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPast:
    """All that a page says of it. past: None where nothing was asked yet. capacity_top: where the line of the capacity runs, in pixels."""

    draft: Draft
    live: Version | None
    past: PastWhatIf | None = None
    stale: tuple[str, ...] = ()
    weeks: tuple[WeekBar, ...] = ()
    capacity_top: float | None = None
    ways: tuple[ShownWay, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether something can be asked of the draft."""
        return self.draft.published_as_id is None and self.draft.deleted_at is None

    @property
    def is_running(self) -> bool:
        """Whether it is being found out, or waits for it."""
        return self.past is not None and self.past.state == PastWhatIf.State.RUNNING

    @property
    def told(self) -> Mapping[str, Any]:
        """What was found out; empty before."""
        return {} if self.past is None else self.past.told


def show_past(draft: Draft) -> ShownPast:
    """Return what was asked last of a draft over the past, as it is shown."""
    past, live = find_past(draft), find_live(draft.workspace_id)
    stale = () if past is None else tuple(say_of_others(why, past.live, live) for why in why_of_others(past, draft))
    if past is None or past.state != PastWhatIf.State.DONE:
        return ShownPast(draft=draft, live=live, past=past, stale=stale)
    weeks, capacity_top = _weeks(past.told["weeks"], past.capacity)
    return ShownPast(
        draft=draft,
        live=live,
        past=past,
        stale=stale,
        weeks=weeks,
        capacity_top=capacity_top,
        ways=tuple(_ways(past)),
    )


def _weeks(told: Sequence[Mapping[str, Any]], capacity: int | None) -> tuple[tuple[WeekBar, ...], float | None]:
    most = max((max(one["old"], one["new"]) for one in told), default=0) or 1
    room = 100 / max(1, len(told))
    bars = tuple(
        WeekBar(
            monday=date.fromisoformat(one["monday"]),
            old=one["old"],
            new=one["new"],
            x_old=place * room + room * 0.1,
            x_new=place * room + room * 0.5,
            wide=room * 0.36,
            old_high=_HEIGHT * one["old"] / most,
            new_high=_HEIGHT * one["new"] / most,
        )
        for place, one in enumerate(told)
    )
    return bars, None if capacity is None or capacity > most else _HEIGHT - _HEIGHT * capacity / most


def _ways(past: PastWhatIf) -> Iterator[ShownWay]:
    named: Mapping[str, Sequence[Mapping[str, Any]]] = past.named
    ids = sorted({one["lead_id"] for some in named.values() for one in some})
    there = Lead.objects.filter(workspace=past.workspace_id, merged_into=None, pk__in=ids).only("name", "email")
    leads = {one.pk: one.label for one in there}
    for way, title in (("for", "Let in, or let in sooner"), ("against", "Lost, or let in later")):
        some = named.get(way, ())
        shown = tuple({**one, "name": leads[one["lead_id"]]} for one in some if one["lead_id"] in leads)
        if some:
            yield ShownWay(title, shown, len(some) - len(shown))
