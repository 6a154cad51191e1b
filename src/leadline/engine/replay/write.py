"""Writes a replay as files: spells, stage moves, one row a lead, and assessments at regular moments.

Points have four places, instants are UTC, days are local days of the playbook's zone. Rows come in the order of lead_id, then time.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from leadline.engine.arithmetic import points_text
from leadline.engine.backends.columns_file import NOTHING, FileColumn, write_columns
from leadline.engine.calendar import get_zone
from leadline.engine.lifecycle.model import Spell, StageMove
from leadline.engine.lifecycle.stages import stages_of
from leadline.engine.replay.model import Grid, Replay
from leadline.engine.timeline.known import ALWAYS

if TYPE_CHECKING:
    from numpy.typing import NDArray

Columns = dict[str, FileColumn]


def write_replay(replay: Replay, folder: str | Path, ending: str = ".csv") -> list[Path]:
    """Write a replay into a folder, which is made if it is not there, and return the files.

    ``spells``, ``moves``, ``leads`` and, where regular assessments were asked for, ``assessments``; *ending* is ``.csv``, ``.jsonl``
    or ``.parquet``.

    Raises:
        ProblemsError: the ending is none that is written, or a file cannot be written.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    tables: dict[str, Columns] = {
        "spells": spell_columns(replay),
        "moves": move_columns(replay),
        "leads": lead_columns(replay),
    }
    if replay.grid is not None:
        tables["assessments"] = assessment_columns(replay, replay.grid)
    files = []
    for name, columns in tables.items():
        files.append(target / f"{name}{ending}")
        write_columns(files[-1], columns)
    return files


def spell_columns(replay: Replay) -> Columns:
    """Return the columns of the spells that touch the stretch."""
    spells = replay.spells

    def texts(values: Iterable[str | None]) -> FileColumn:
        return FileColumn("text", list(values))

    return {
        "lead_id": texts(one.lead_id for one in spells),
        "qualification": texts(one.qualification for one in spells),
        "number": FileColumn("number", [one.number for one in spells]),
        "began_at": FileColumn("instant", [one.began_us for one in spells]),
        "began_by": texts(one.began_by for one in spells),
        "hand_raise": texts(one.hand_raise for one in spells),
        "ended_at": FileColumn("instant", [one.ended_us for one in spells]),
        "ended_by": texts(one.ended_by for one in spells),
        "ended_because": texts(one.ended_because for one in spells),
        "reason": texts(one.reason for one in spells),
        "outcome": texts(one.outcome for one in spells),
        "scores": texts(None if one.evidence is None else points_of(one.evidence.scores) for one in spells),
        "grade": texts(None if one.evidence is None else one.evidence.grade for one in spells),
        "criteria": texts(
            None if one.evidence is None else _largest_first(one.evidence.contributions) for one in spells
        ),
        "version": texts(replay.version for _ in spells),
    }


def points_of(points: Mapping[str, int]) -> str:
    """Return points by name as a text.

    >>> points_of({"fit": 600000, "engagement": 25})
    'fit:60.0000 engagement:0.0025'
    """
    return " ".join(f"{name}:{points_text(units)}" for name, units in points.items())


def _largest_first(points: Mapping[str, int]) -> str:
    return points_of(dict(sorted(points.items(), key=lambda item: -abs(item[1]))))


def move_columns(replay: Replay) -> Columns:
    """Return the columns of the stage moves in the stretch."""
    moves = replay.moves
    return {
        "lead_id": FileColumn("text", [one.lead_id for one in moves]),
        "at": FileColumn("instant", [one.at_us for one in moves]),
        "from_stage": FileColumn("text", [one.before for one in moves]),
        "to_stage": FileColumn("text", [one.after for one in moves]),
        "because": FileColumn("text", [one.because for one in moves]),
        "is_forward": FileColumn("truth", [one.is_forward for one in moves]),
    }


# -- one row a lead --------------------------------------------------------------------------------------------


def lead_columns(replay: Replay) -> Columns:
    """Return one row for each lead that had begun by the end: its stage, and of every qualification and stage how often and how long."""
    zone = get_zone(replay.playbook.timezone)
    rows = [place for place, us in enumerate(replay.begins_us) if us <= replay.end.until_us]
    place_of = {replay.lead_ids[place]: row for row, place in enumerate(rows)}
    begins = [replay.begins_us[place] for place in rows]
    found: Columns = {
        "lead_id": FileColumn("text", [replay.lead_ids[place] for place in rows]),
        "begins_at": FileColumn("instant", [NOTHING if us == ALWAYS else us for us in begins]),
        "stage": FileColumn("text", _last_stages(replay, place_of, len(rows))),
    }
    for level in replay.playbook.qualifications:
        own = [one for one in (*replay.earlier_spells, *replay.spells) if one.qualification == level.id]
        found |= _of_qualification(level.id, own, place_of, len(rows))
    for stage in stages_of(replay.playbook):
        found |= _of_stage(stage.id, replay, place_of, len(rows), zone.day_of(replay.end.until_us))
    return found


def _moves(replay: Replay) -> list[StageMove]:
    """Return all moves of each lead in the order of time."""
    return sorted((*replay.earlier_moves, *replay.moves), key=lambda one: (one.lead_id, one.at_us))


def _last_stages(replay: Replay, place_of: Mapping[str, int], count: int) -> list[str | None]:
    found: list[str | None] = [None] * count
    for move in _moves(replay):
        found[place_of[move.lead_id]] = move.after
    return found


def _of_qualification(name: str, spells: Sequence[Spell], place_of: Mapping[str, int], count: int) -> Columns:
    """Return how many spells of a qualification each lead had, when the first and the latest began, and whether one is open."""
    first, latest = np.full(count, NOTHING, dtype=np.int64), np.full(count, NOTHING, dtype=np.int64)
    times, is_open = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.bool_)
    for spell in sorted(spells, key=lambda one: one.began_us):
        place = place_of[spell.lead_id]
        first[place] = spell.began_us if first[place] == NOTHING else first[place]
        latest[place] = spell.began_us
        times[place] += 1
        is_open[place] = spell.is_open
    return {
        f"{name}_spells": FileColumn("number", times),
        f"{name}_first": FileColumn("instant", first),
        f"{name}_latest": FileColumn("instant", latest),
        f"{name}_open": FileColumn("truth", is_open),
    }


def _of_stage(name: str, replay: Replay, place_of: Mapping[str, int], count: int, last_day: int) -> Columns:
    """Return when each lead first and last entered a stage, and how many days it spent there up to the end."""
    first, latest = np.full(count, NOTHING, dtype=np.int64), np.full(count, NOTHING, dtype=np.int64)
    days, since = np.zeros(count, dtype=np.int64), np.full(count, NOTHING, dtype=np.int64)
    for move in _moves(replay):
        place = place_of[move.lead_id]
        if move.after == name:
            first[place] = move.at_us if first[place] == NOTHING else first[place]
            latest[place], since[place] = move.at_us, move.day
        elif move.before == name:
            days[place] += move.day - since[place]
            since[place] = NOTHING
    days += np.where(since == NOTHING, 0, last_day - since)
    return {
        f"stage_{name}_first": FileColumn("instant", first),
        f"stage_{name}_latest": FileColumn("instant", latest),
        f"stage_{name}_days": FileColumn("number", days),
    }


# -- regular assessments -----------------------------------------------------------------------------------------


def assessment_columns(replay: Replay, grid: Grid) -> Columns:
    """Return the columns of the regular assessments, named as those of `score`; with spells also which are open, and the stage."""

    def said(values: "NDArray[Any]", nothing: int) -> "NDArray[Any]":
        """Return values, of a lead without consent nothing, as in `score`; where nobody is asked for it without a copy."""
        if not replay.playbook.needs_consent:
            return values
        return np.where(grid.excluded != len(grid.exclusions) - 1, values, nothing)

    found: Columns = {
        "lead_id": FileColumn("text", grid.lead, replay.lead_ids),
        "as_of": FileColumn("text", grid.moment, [moment.text for moment in grid.moments]),
    }
    for name, units in grid.scores.items():
        found[name] = FileColumn("points", said(units, NOTHING))
    found["grade"] = FileColumn("text", said(grid.grade, -1), grid.grades)
    for name, enters in grid.enter.items():
        found[name] = FileColumn("truth", said(enters, -1))
    for name, stays in grid.stays.items():
        found[f"{name}_stay"] = FileColumn("truth", said(stays, -1))
    found["excluded_by"] = FileColumn("text", grid.excluded, grid.exclusions)
    if replay.has_spells:
        rows = _RowsOfGrid(replay, grid)
        found |= {f"{name}_open": FileColumn("truth", rows.open_spells(name)) for name in grid.enter}
        found["stage"] = FileColumn("text", rows.stages(), [stage.id for stage in stages_of(replay.playbook)])
    for name, units in grid.contributions.items():
        found[f"c_{name}"] = FileColumn("points", said(units, NOTHING))
    return found


class _RowsOfGrid:
    """Finds the rows of a lead at moments from one time to another."""

    def __init__(self, replay: Replay, grid: Grid) -> None:
        self.replay = replay
        self.grid = grid
        self.ends = [moment.until_us for moment in grid.moments]
        self.start = np.searchsorted(grid.lead, np.arange(len(replay.lead_ids) + 1)).tolist()
        self.place_of = {lead_id: place for place, lead_id in enumerate(replay.lead_ids)}

    def rows(self, lead_id: str, from_us: int, until_us: int | None) -> slice:
        """Return the rows of a lead at moments from one to before another."""
        place = self.place_of[lead_id]
        first, end = self.start[place], self.start[place + 1]
        skipped = len(self.ends) - (end - first)  # moments before the lead began
        low = bisect_left(self.ends, from_us)
        high = len(self.ends) if until_us is None else bisect_left(self.ends, until_us)
        return slice(first + max(0, low - skipped), first + max(0, high - skipped))

    def open_spells(self, qualification: str) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Return in which rows a spell of a qualification is open."""
        found = np.zeros(len(self.grid.lead), dtype=np.bool_)
        for spell in (*self.replay.earlier_spells, *self.replay.spells):
            if spell.qualification == qualification:
                found[self.rows(spell.lead_id, spell.began_us, spell.ended_us)] = True
        return found

    def stages(self) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        """Return the place of each row's stage, -1 for none."""
        places = {stage.id: place for place, stage in enumerate(stages_of(self.replay.playbook))}
        found = np.full(len(self.grid.lead), -1, dtype=np.int64)
        for move in _moves(self.replay):
            found[self.rows(move.lead_id, move.at_us, None)] = -1 if move.after is None else places[move.after]
        return found
