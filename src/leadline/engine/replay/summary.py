"""A replay in a few numbers: how many spells began and how they ended, week by week, and how leads moved through the stages."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from leadline.engine.calendar import date_text
from leadline.engine.lifecycle.model import Spell
from leadline.engine.lifecycle.stages import stages_of
from leadline.engine.replay.model import Replay


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelSummary:
    """What happened in one qualification during the stretch.

    began, leads: spells that began in it, and of how many different leads. hand_raises: how many of them by raising a hand.
    ended:        spells that ended in it, by how: cooled, excluded, or the outcome. open: spells open at its end.
    median_days:  of the spells that ended in it; None when none did.
    by_week:      how many began in each week; the weeks are `ReplaySummary.weeks`.
    """

    id: str
    title: str
    began: int
    leads: int
    hand_raises: int
    ended: Mapping[str, int]
    open: int
    median_days: float | None
    by_week: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSummary:
    """How many leads moved into a stage during the stretch, forward and back, and how many were in it at the end."""

    id: str
    title: str
    forward: int
    backward: int
    leads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySummary:
    """A replay in a few numbers. weeks: the Mondays, as dates; the first and the last week may be cut off."""

    playbook: str
    version: str
    start: str
    end: str
    leads: int
    weeks: Sequence[str]
    qualifications: Sequence[LevelSummary]
    stages: Sequence[StageSummary]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


def summarize(replay: Replay) -> ReplaySummary:
    """Return a replay in a few numbers."""
    first, last = replay.start.day, replay.end.day
    mondays = list(range(first - (first + 3) % 7, last + 1, 7))
    return ReplaySummary(
        playbook=replay.playbook.name,
        version=replay.version,
        start=replay.start.text,
        end=replay.end.text,
        leads=sum(1 for us in replay.begins_us if us <= replay.end.until_us),
        weeks=[date_text(day) for day in mondays],
        qualifications=[
            _level(
                level.id, level.title, [one for one in replay.spells if one.qualification == level.id], mondays, first
            )
            for level in replay.playbook.qualifications
        ],
        stages=_stages(replay),
    )


def _level(name: str, title: str, spells: Sequence[Spell], mondays: Sequence[int], first: int) -> LevelSummary:
    began = [one for one in spells if one.began_day >= first]
    ended = [one for one in spells if one.ended_day is not None]
    weeks = Counter((one.began_day - mondays[0]) // 7 for one in began)
    return LevelSummary(
        id=name,
        title=title,
        began=len(began),
        leads=len({one.lead_id for one in began}),
        hand_raises=sum(1 for one in began if one.began_by == "hand_raise"),
        ended=dict(Counter(_how(one) for one in ended).most_common()),
        open=sum(1 for one in spells if one.is_open),
        median_days=median((one.ended_day or 0) - one.began_day for one in ended) if ended else None,
        by_week=[weeks.get(place, 0) for place in range(len(mondays))],
    )


def _how(spell: Spell) -> str:
    return (spell.ended_because or "") if spell.ended_by == "outcome" else spell.ended_by or ""


def _stages(replay: Replay) -> list[StageSummary]:
    last = {move.lead_id: move.after for move in (*replay.earlier_moves, *replay.moves)}
    there, forward, backward = Counter(last.values()), Counter[str | None](), Counter[str | None]()
    for move in replay.moves:
        (forward if move.is_forward else backward)[move.after] += 1
    return [
        StageSummary(
            id=stage.id,
            title=stage.title,
            forward=forward[stage.id],
            backward=backward[stage.id],
            leads=there[stage.id],
        )
        for stage in stages_of(replay.playbook)
    ]
