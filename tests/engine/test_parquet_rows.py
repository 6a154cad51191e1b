from datetime import UTC, date, datetime

import duckdb
import pytest

from leadline.engine.inputs.parquet_rows import read_parquet_names, read_parquet_rows
from leadline.engine.problems import ProblemsError


def test_rows_come_in_order_with_their_types(tmp_path):
    path = str(tmp_path / "rows.parquet")
    duckdb.sql(
        "SELECT i AS id, 'x' || i AS name, i / 4 AS ratio, i % 2 = 0 AS even, DATE '2026-03-01' AS day, ['a', 'b'] AS tags, "
        "1.50::DECIMAL(9, 2) AS price, TIMESTAMPTZ '2026-03-01 10:00+02' AS at, {'k': 1} AS nested FROM range(2500) r(i)"
    ).write_parquet(path)

    rows = list(read_parquet_rows(path))

    assert read_parquet_names(path) == ["id", "name", "ratio", "even", "day", "tags", "price", "at", "nested"]
    assert [row[0] for row in rows] == list(range(2500))
    assert rows[1][1:7] == ("x1", 0.25, False, date(2026, 3, 1), ["a", "b"], 1.5)
    assert rows[1][7].astimezone(UTC) == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert rows[1][8] == "{'k': 1}"


def test_a_file_that_is_no_parquet_is_refused(tmp_path):
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"PAR1 and nothing else")

    with pytest.raises(ProblemsError, match="cannot be read"):
        list(read_parquet_rows(str(path)))
