"""A replay from files comes to what logs in plain Python come to: spells and moves, and assessments at regular moments."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from tests.parity.expected import points
from tests.parity.files import write_tables
from tests.strategies.busy import busy_pasts
from tests.strategies.histories import Past, pasts

from leadline.engine.assess import score
from leadline.engine.backends.columns_file import NOTHING, FileColumn
from leadline.engine.calendar import date_of, get_zone
from leadline.engine.lifecycle.history import assess_in_time, begins_us
from leadline.engine.reference.log import LeadLog
from leadline.engine.reference.read import read_logs
from leadline.engine.replay.model import Grid, Replay
from leadline.engine.replay.run import replay
from leadline.engine.replay.write import assessment_columns
from leadline.engine.run import Inputs
from leadline.engine.timeline.from_logs import known_from_logs
from leadline.engine.timeline.moments import every_moment
from leadline.engine.timeline.spells import Histories, histories


def written(past: Past, folder: Path) -> tuple[Path, Inputs]:
    """Write the playbook and the tables of a past into a folder."""
    playbook = folder / "playbook.toml"
    playbook.write_text(past.scenario.playbook, encoding="utf-8")
    return playbook, write_tables(past.scenario, folder)


def replayed(past: Past, *, as_known: bool, backend: str = "duckdb") -> Replay:
    """Return the replay of the last three weeks, from files."""
    with TemporaryDirectory(prefix="leadline-replay-") as name:
        playbook, inputs = written(past, Path(name))
        return replay(
            playbook,
            inputs,
            start=date_of(past.until.day) - timedelta(days=20),
            end=date_of(past.until.day),
            every="week",
            details=True,
            as_known=as_known,
            backend=backend,
        )


def logs_of(past: Past) -> list[LeadLog]:
    """Return all logs of the scenario, as the reference reads them."""
    return read_logs(past.bound, past.scenario.tables).logs


def expected_histories(past: Past, logs: list[LeadLog], *, as_known: bool) -> Histories:
    """Return what arrays made in plain Python come to, of what touches the last three weeks."""
    zone = get_zone(past.bound.playbook.timezone)
    known = known_from_logs(past.plan, logs, as_known=as_known)
    found = histories(past.plan, known, every_moment(zone, known, past.until))
    first_us = zone.first_instant(past.until.day - 20)
    return Histories(
        spells=[one for one in found.spells if one.ended_us is None or one.ended_us >= first_us],
        moves=[one for one in found.moves if one.at_us >= first_us],
    )


def compare_grid(past: Past, logs: list[LeadLog], grid: Grid, *, as_known: bool) -> list[str]:
    """Return a line for each cell of the grid that is not what the reference says."""
    lines = []
    places = zip(grid.lead.tolist(), grid.moment.tolist(), strict=True)
    seen = {place: row for row, place in enumerate(places)}
    for lead, log in enumerate(logs):
        begins = begins_us(log, as_known=as_known)
        for place, moment in enumerate(grid.moments):
            if begins is not None and begins > moment.until_us:
                if (lead, place) in seen:
                    lines.append(f"{log.lead_id!r} had not begun on {moment.text}")
                continue
            row = seen.pop((lead, place))
            found = assess_in_time(past.bound, log, moment, as_known=as_known)
            excluded = int(grid.excluded[row])
            cells = {
                "excluded": (found.excluded_by, None if excluded < 0 else grid.exclusions[excluded]),
                **{name: (found.qualifications.get(name, False), bool(grid.enter[name][row])) for name in grid.enter},
                **{f"{name} stays": (found.stays.get(name, False), bool(grid.stays[name][row])) for name in grid.stays},
            }
            if found.has_consent:
                grade = int(grid.grade[row])
                cells["grade"] = (found.grade, None if grade < 0 else grid.grades[grade])
                cells |= {name: (one.units, int(grid.scores[name][row])) for name, one in found.scores.items()}
                for name, one in found.contributions.items():
                    cells[f"c {name}"] = (one.units, int(grid.contributions[name][row]))
                    if name in grid.unknown:
                        cells[f"u {name}"] = (one.is_unknown, bool(grid.unknown[name][row]))
            lines += [
                f"{log.lead_id!r} on {moment.text}, {name}: expected {ours!r}, found {theirs!r}"
                for name, (ours, theirs) in cells.items()
                if ours != theirs
            ]
    return lines


def check(past: Past, *, as_known: bool, backend: str = "duckdb") -> None:
    """Fail with what differs between a replay from files and logs in plain Python."""
    logs = logs_of(past)
    expected = expected_histories(past, logs, as_known=as_known)
    found = replayed(past, as_known=as_known, backend=backend)
    assert found.grid is not None
    lines = compare_grid(past, logs, found.grid, as_known=as_known)
    if list(found.lead_ids) != [log.lead_id for log in logs]:
        lines.append(f"leads: expected {[log.lead_id for log in logs]}, found {found.lead_ids}")
    for what, ours, theirs in (("spell", expected.spells, found.spells), ("move", expected.moves, found.moves)):
        lines += [f"{what}: expected {one}" for one in ours if one not in theirs]
        lines += [f"{what}: found {one}" for one in theirs if one not in ours]
    assert not lines, "\n".join(lines) + f"\n{past.scenario.playbook}\n{past.scenario.tables}"


knowing = pytest.mark.parametrize("as_known", [False, True], ids=["as it was", "as known then"])


@pytest.mark.parity
@knowing
@settings(max_examples=max(3, settings().max_examples // 10))
@given(past=pasts())
def test_a_replay_from_files_comes_to_what_logs_come_to(past: Past, as_known: bool) -> None:
    check(past, as_known=as_known)


@pytest.mark.parity
@knowing
@settings(max_examples=max(5, settings().max_examples // 5))
@given(past=busy_pasts())
def test_a_replay_of_eventful_weeks_comes_to_what_logs_come_to(past: Past, as_known: bool) -> None:
    check(past, as_known=as_known)


@pytest.mark.parity
@knowing
@settings(max_examples=max(3, settings().max_examples // 20))
@given(past=pasts())
def test_a_replay_on_postgresql_comes_to_the_same(postgres_url: str, past: Past, as_known: bool) -> None:
    check(past, as_known=as_known, backend=postgres_url)


@pytest.mark.parity
@knowing
@settings(max_examples=max(3, settings().max_examples // 20))
@given(past=busy_pasts())
def test_a_replay_of_eventful_weeks_on_postgresql_comes_to_the_same(
    postgres_url: str, past: Past, as_known: bool
) -> None:
    check(past, as_known=as_known, backend=postgres_url)


@pytest.mark.parity
@knowing
@settings(max_examples=max(2, settings().max_examples // 30))
@given(past=busy_pasts(leads=12))
def test_what_a_replay_assesses_is_what_score_gives_on_those_days(past: Past, as_known: bool) -> None:
    with TemporaryDirectory(prefix="leadline-replay-") as name:
        playbook, inputs = written(past, Path(name))
        found = replay(
            playbook,
            inputs,
            start=date_of(past.until.day) - timedelta(days=10),
            end=date_of(past.until.day),
            every="week",
            spells=False,
            details=True,
            as_known=as_known,
        )
        assert found.grid is not None
        assessed = rows_of_grid(found, found.grid)
        lines = []
        for moment in found.grid.moments:
            with score(playbook, inputs, as_of=moment.text, as_known=as_known, contributions=True) as scoring:
                scored = {str(row["lead_id"]): row for row in scoring.rows()}
            begun = {lead for lead, text in assessed if text == moment.text}
            lines += [f"{lead!r} had begun by {moment.text}" for lead in begun - set(scored)]
            lines += [
                f"{lead!r} on {moment.text}, {column}: score {scored[lead][column]!r}, replay {cell!r}"
                for lead in sorted(begun)
                for column, cell in assessed[lead, moment.text].items()
                if cell != scored[lead][column]
            ]
    assert not lines, "\n".join(lines) + f"\n{past.scenario.playbook}\n{past.scenario.tables}"


def rows_of_grid(found: Replay, grid: Grid) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the regular assessments by lead and moment, with the columns and cells that `score` gives."""
    columns = assessment_columns(found, grid)
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for row in zip(*(cells_of(column) for column in columns.values()), strict=True):
        cells = dict(zip(columns, row, strict=True))
        rows[cells["lead_id"], cells["as_of"]] = cells
    return rows


def cells_of(column: FileColumn) -> Iterator[Any]:
    """Yield the cells of a column as `score` returns them."""
    for value in column.values:
        if column.what == "text" and column.words is not None:
            yield None if value < 0 else column.words[value]
        elif column.what == "points":
            yield None if value == NOTHING else points(int(value))
        else:
            yield (None if value < 0 else bool(value)) if column.what == "truth" else value
