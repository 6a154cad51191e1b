"""A replay from files comes to what logs in plain Python come to: spells and moves, and assessments at regular moments."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.parity.files import write_tables
from tests.strategies.histories import Past, pasts

from leadline.engine.calendar import date_of, get_zone
from leadline.engine.lifecycle.history import assess_in_time, begins_us
from leadline.engine.reference.log import LeadLog
from leadline.engine.reference.read import read_logs
from leadline.engine.replay.model import Grid, Replay
from leadline.engine.replay.run import replay
from leadline.engine.timeline.from_logs import known_from_logs
from leadline.engine.timeline.moments import every_moment
from leadline.engine.timeline.spells import Histories, histories


def replayed(past: Past, *, as_known: bool, backend: str = "duckdb") -> Replay:
    """Return the replay of the last three weeks, from files."""
    with TemporaryDirectory(prefix="leadline-replay-") as name:
        folder = Path(name)
        (folder / "playbook.toml").write_text(past.scenario.playbook, encoding="utf-8")
        return replay(
            folder / "playbook.toml",
            write_tables(past.scenario, folder),
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
    seen = {}
    for row, (lead, moment) in enumerate(zip(grid.lead.tolist(), grid.moment.tolist(), strict=True)):
        seen[lead, moment] = row
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


@pytest.mark.parity
@given(past=pasts(), as_known=st.booleans())
def test_a_replay_from_files_comes_to_what_logs_come_to(past: Past, as_known: bool) -> None:
    check(past, as_known=as_known)


@pytest.mark.parity
@settings(max_examples=max(5, settings().max_examples // 5))
@given(past=pasts(), as_known=st.booleans())
def test_a_replay_on_postgresql_comes_to_the_same(postgres_url: str, past: Past, as_known: bool) -> None:
    check(past, as_known=as_known, backend=postgres_url)
