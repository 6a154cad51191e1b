"""The packed way to sum up events gives what the plan's own query gives, also where it has to give way to it.

tests/parity holds it to the reference on drawn data; here are the cases that drawn data does not reach.
"""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from leadline.engine.assess import score
from leadline.engine.backends import packed_events
from leadline.engine.compiler.packing import MOST_A_DAY
from leadline.engine.run import Inputs

PLAYBOOK = """
[playbook]
name = "packed"
timezone = "Europe/Berlin"

[events.left]

[events.view]
properties = { seconds = "number" }

[scores.engagement]

[[criteria]]
id = "views"
score = "engagement"
why = "Looks at pages"
event = "view"
when = "seconds >= 10 and seconds < 100"
points = 1.5
decay = { half_life = "7d" }

[[criteria]]
id = "weekly"
score = "engagement"
why = "Comes every week"
event = "view"
points = 3
decay = { linear = "30d" }
limit = { count = 2, per = "week" }

[[criteria]]
id = "gone-quiet"
score = "engagement"
why = "Nothing heard"
inactive_for = "10d"
points = -2
min = -20

[[resets]]
event = "left"
scores = ["engagement"]
"""
AS_OF = "2026-03-30"


def assess(folder: Path, events: list[tuple[Any, str, str, int]], leads: str) -> list[dict[str, Any]]:
    """Score leads by events of lead, name, time and seconds."""
    database = duckdb.connect()
    database.execute(f"COPY (SELECT unnest({leads}) AS lead_id) TO '{folder / 'leads.parquet'}'")
    id_type = database.execute(f"SELECT typeof(lead_id) FROM '{folder / 'leads.parquet'}'").fetchall()[0][0]
    database.execute(f"CREATE TABLE e (lead_id {id_type}, event VARCHAR, occurred_at TIMESTAMPTZ, seconds DOUBLE)")
    for lead, name, at, seconds in events:
        database.execute("INSERT INTO e VALUES (?, ?, ?, ?)", [lead, name, at, seconds])
    database.execute(f"COPY e TO '{folder / 'events.parquet'}'")
    (folder / "playbook.toml").write_text(PLAYBOOK)
    inputs = Inputs(leads=folder / "leads.parquet", events=folder / "events.parquet")
    with score(folder / "playbook.toml", inputs, as_of=AS_OF, contributions=True) as scoring:
        return list(scoring.rows())


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the packed way was taken, run by run; every second run may not take it."""
    taken: list[bool] = []
    original = packed_events.sum_events

    def asked(*arguments: Any) -> bool:
        taken.append(bool(len(taken) % 2 == 0 and original(*arguments)))
        return taken[-1]

    monkeypatch.setattr(packed_events, "sum_events", asked)
    return taken


def test_ids_that_are_texts_are_numbered(tmp_path: Path, ways: list[bool]) -> None:
    events = [("b", "view", "2026-03-29 00:30:00+00", 10), ("ä", "view", "2026-03-29 23:30:00+02", 99)]

    packed, plain = (assess(tmp_path, events, "['ä', 'b', 'c']") for _ in range(2))

    assert ways == [True, False]
    assert packed == plain
    assert [row["lead_id"] for row in packed] == ["b", "c", "ä"]


def test_ids_far_apart_are_numbered(tmp_path: Path, ways: list[bool]) -> None:
    events = [(-(2**62), "view", "2026-03-20 12:00:00+00", 50), (2**62, "view", "2020-03-20 12:00:00+00", 50)]

    packed, plain = (assess(tmp_path, events, f"[{-(2**62)}, {2**62}]::BIGINT[]") for _ in range(2))

    assert ways == [True, False]
    assert packed == plain


def test_a_reset_within_a_day_keeps_what_came_after_it(tmp_path: Path, ways: list[bool]) -> None:
    events = [
        (1, "view", "2026-03-28 08:00:00+00", 50),
        (1, "left", "2026-03-28 09:00:00+00", 0),
        (1, "view", "2026-03-28 10:00:00+00", 50),
        (2, "left", "2026-03-01 10:00:00+00", 50),
        (3, "view", "2026-03-01 10:00:00+00", 50),
    ]

    packed, plain = (assess(tmp_path, events, "[1, 2, 3]") for _ in range(2))

    assert ways == [True, False]
    assert packed == plain


def test_more_events_on_one_day_than_a_counter_holds_are_counted_by_the_plan(tmp_path: Path, ways: list[bool]) -> None:
    events = [(1, "view", "2026-03-29 12:00:00+00", 50)] * (MOST_A_DAY + 1)

    packed, plain = (assess(tmp_path, events, "[1]") for _ in range(2))

    assert ways == [False, False]
    assert packed == plain
    assert packed[0]["c_views"] > MOST_A_DAY


def test_as_many_events_on_one_day_as_a_counter_holds_are_packed(tmp_path: Path, ways: list[bool]) -> None:
    events = [(1, "view", "2026-03-29 12:00:00+00", 50)] * MOST_A_DAY

    packed, plain = (assess(tmp_path, events, "[1]") for _ in range(2))

    assert ways == [True, False]
    assert packed == plain
