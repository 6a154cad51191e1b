"""What we know of DuckDB and guard against."""

from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch

import duckdb
import pytest

from leadline.engine.assess import Inputs, score
from leadline.engine.backends.duckdb import DuckDBEngine

_SUM_BEHIND_AN_EMPTY_SIDE = """
    SELECT SUM(CASE WHEN w IS NULL OR us > w THEN 1 ELSE 0 END) > 0 FROM event
    LEFT JOIN (SELECT k, us AS w FROM outcome WHERE name IN ('recycled')) AS wiped ON wiped.k = event.k GROUP BY event.k
"""


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE TABLE event AS SELECT CAST(0 AS BIGINT) AS k, CAST(100 AS BIGINT) AS us")
    connection.execute("CREATE TABLE outcome (k BIGINT, us BIGINT, name VARCHAR)")


def test_a_sum_behind_a_left_join_to_nothing_is_compared_rightly() -> None:
    engine = DuckDBEngine()
    fill(engine.connection)

    assert engine.fetch(_SUM_BEHIND_AN_EMPTY_SIDE) == [(True,)]
    engine.close()


def test_duckdb_still_needs_that_guard() -> None:
    """When this fails, DuckDB has mended its optimizer, and the setting in DuckDBEngine can go."""
    connection = duckdb.connect()
    fill(connection)

    assert connection.execute(_SUM_BEHIND_AN_EMPTY_SIDE).fetchall() == [(False,)]
    connection.close()


@pytest.mark.parametrize("is_packed", [True, False])
@pytest.mark.parametrize(
    ("per", "days", "expected"),
    [
        ("week", ["2026-03-01", "2026-03-01", "2026-03-02"], 20),  # a Sunday, twice, and the Monday after it
        ("week", ["2026-03-02", "2026-03-08"], 10),
        ("month", ["2026-02-01", "2026-02-28", "2026-03-01"], 20),
        ("quarter", ["2026-01-01", "2026-03-31", "2026-04-01"], 20),
        ("year", ["2025-12-31", "2026-01-01", "2026-04-01"], 20),
        ("ever", ["2020-01-01", "2026-04-01"], 10),
    ],
)
def test_calendar_buckets_begin_where_they_should(
    tmp_path: Path, is_packed: bool, per: str, days: list[str], expected: int
) -> None:
    (tmp_path / "playbook.toml").write_text(
        '[playbook]\nname = "p"\n[scores.s]\n[[criteria]]\nid = "v"\nscore = "s"\nwhy = "v"\nevent = "v"\npoints = 10\n'
        f'limit = {{ count = 1, per = "{per}" }}\n',
        encoding="utf-8",
    )
    (tmp_path / "leads.csv").write_text("lead_id\na\n", encoding="utf-8")
    rows = "".join(f"a,v,{day}T12:00:00Z\n" for day in days)
    (tmp_path / "events.csv").write_text(f"lead_id,event,occurred_at\n{rows}", encoding="utf-8")
    inputs = Inputs(leads=tmp_path / "leads.csv", events=tmp_path / "events.csv")
    way = nullcontext() if is_packed else patch("leadline.engine.backends.packed_events.sum_events", return_value=False)

    with way, score(tmp_path / "playbook.toml", inputs, as_of="2026-04-10") as scoring:
        assert [float(row["s"]) for row in scoring.rows()] == [expected]


def test_a_prepared_view_may_take_the_place_of_a_table_and_a_table_that_of_a_view() -> None:
    engine = DuckDBEngine()
    try:
        engine.make_table("one", "SELECT 1 AS n")
        engine.make_view("one", "SELECT 2 AS n")
        assert engine.fetch("SELECT n FROM one") == [(2,)]
        engine.load("one", {"n": "BIGINT"}, [(3,)])
        assert engine.fetch("SELECT n FROM one") == [(3,)]
    finally:
        engine.close()
