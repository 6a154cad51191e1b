"""What we know of DuckDB and guard against."""

import duckdb

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
