"""Spark: tables of its catalog, Parquet where it lies, and other files.

That the numbers are those of the reference is for tests/parity/test_spark.py. A query takes long, so that each test here looks at
several things.
"""

import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from leadline.engine.assess import score
from leadline.engine.playbook.load import read_playbook
from leadline.engine.problems import ProblemsError
from leadline.engine.run import Inputs

PLAYBOOK = """
[playbook]
name = "typed"
timezone = "Europe/Berlin"

[scores.fit]

[[criteria]]
id = "size"
score = "fit"
why = "Size"
when = "employees >= 50 and budget = 0.1"
points = 10

[[criteria]]
id = "tag"
score = "fit"
why = "Tag"
when = "has(tags, 'red') and is_partner is true"
points = 3

[[criteria]]
id = "text"
score = "fit"
why = "Text"
when = "plan = 'it''s a \\\\ b' or plan like '%\\\\%'"
points = 4

[[criteria]]
id = "renewal"
score = "fit"
why = "Renews within a month"
when = "days_since(renewal) > -30"
points = 5

[[criteria]]
id = "looked"
score = "fit"
why = "Looked"
event = "viewed"
points = 100
within = "2d"
"""
WANTED = {"c_size": 10, "c_tag": 3, "c_text": 4, "c_renewal": 5, "c_looked": 100}


def ask(**inputs: str) -> tuple[list[dict[str, Any]], dict[tuple[str, str], int]]:
    """Return the rows and what was left out."""
    loaded, _ = read_playbook(PLAYBOOK)
    with score(loaded, Inputs(**inputs), as_of="2026-03-01", backend="spark", contributions=True) as scoring:
        return list(scoring.rows()), scoring.rejects.counts()


def contributions(row: dict[str, Any]) -> dict[str, Any]:
    return {name: points for name, points in row.items() if name.startswith("c_")}


def problems_of(**inputs: str) -> list[tuple[str, str]]:
    with pytest.raises(ProblemsError) as caught:
        ask(**inputs)
    return [(problem.code, problem.message) for problem in caught.value.problems]


@pytest.fixture
def catalog_tables(spark: Any) -> Any:
    """Anna has all there is, Ben has nothing but an id."""
    from pyspark.sql import types as t

    schema = t.StructType(
        [
            t.StructField("lead_id", t.StringType()),
            t.StructField("employees", t.ShortType()),
            t.StructField("budget", t.DecimalType(12, 3)),
            t.StructField("is_partner", t.BooleanType()),
            t.StructField("tags", t.ArrayType(t.StringType())),
            t.StructField("plan", t.StringType()),
            t.StructField("renewal", t.DateType()),
            t.StructField("extra", t.MapType(t.StringType(), t.IntegerType())),
        ]
    )
    anna = ("anna", 50, Decimal("0.100"), True, ["red", None], "IT'S A \\ B", date(2026, 3, 20), {"a": 1})
    ben = ("ben", None, None, None, None, None, None, None)
    events = [
        # 23:30 UTC on the last of February is the first of March in Berlin: an event of the day itself
        ("anna", "viewed", datetime(2026, 2, 28, 23, 30, tzinfo=UTC)),
        ("anna", "viewed", datetime(2026, 2, 27, 22, 59, 59, 999999, tzinfo=UTC)),
        ("ben", "viewed", datetime(2026, 3, 2, tzinfo=UTC)),
        ("ben", "viewed", None),
    ]
    spark.sql("CREATE DATABASE IF NOT EXISTS crm")
    spark.createDataFrame([anna, ben], schema).write.mode("overwrite").saveAsTable("crm.leads")
    found = spark.createDataFrame(events, "lead_id string, event string, occurred_at timestamp")
    found.write.mode("overwrite").saveAsTable("crm.events")
    yield spark
    spark.sql("DROP DATABASE crm CASCADE")


@pytest.mark.usefixtures("catalog_tables")
def test_tables_of_the_catalog_are_scored_and_nothing_is_left_behind(spark: Any) -> None:
    spark.createDataFrame([(1,)], "one int").createOrReplaceTempView("lead_known")
    zone = spark.conf.get("spark.sql.session.timeZone")

    rows, left_out = ask(leads="table:crm.leads", events="table:crm.events")

    anna, ben = rows
    assert contributions(anna) == WANTED
    assert (ben["lead_id"], ben["fit"]) == ("ben", 0)
    assert left_out == {("events", "unreadable-date"): 1, ("events", "after-as-of"): 1}
    assert spark.table("lead_known").columns == ["one"]
    assert [table.name for table in spark.catalog.listTables() if table.isTemporary] == ["lead_known"]
    assert spark.conf.get("spark.sql.session.timeZone") == zone


@pytest.mark.usefixtures("spark")
def test_parquet_is_read_where_it_lies_and_other_files_are_brought(tmp_path) -> None:
    leads, events = tmp_path / "leads.parquet", tmp_path / "events.csv"
    duckdb.execute(
        f"""COPY (SELECT 'anna' AS lead_id, 50::UTINYINT AS employees, 0.1::FLOAT AS weight, 0.1::DECIMAL(3, 1) AS budget,
            true AS is_partner, ['red', 'b"l'] AS tags, 'IT''S A \\ B' AS plan, DATE '2026-03-20' AS renewal
            UNION ALL SELECT ' ', 1, 1, 1, false, NULL, NULL, NULL) TO '{leads}'"""
    )
    events.write_text(
        "lead_id,event,occurred_at\nanna,viewed,2026-03-01T00:30:00.1234567+01:00\nanna,viewed,2026-02-30T00:00:00Z\n"
        "ghost,viewed,2026-02-28\n",
        encoding="utf-8",
    )

    rows, left_out = ask(leads=str(leads), events=str(events))

    assert [contributions(row) for row in rows] == [WANTED]
    assert left_out == {
        ("leads", "missing-id"): 1,
        ("events", "unreadable-date"): 1,
        ("events", "unknown-lead"): 1,
    }


@pytest.mark.usefixtures("catalog_tables")
def test_all_that_is_wrong_with_inputs_is_told_at_once(tmp_path) -> None:
    found = problems_of(leads="table:crm.leeds", events="table:crm.leads", companies=str(tmp_path / "companies.csv"))

    assert [code for code, _ in found] == ["missing-input", "unreadable-file", "missing-column", "missing-column"]


@pytest.mark.usefixtures("spark")
def test_a_statement_that_fails_is_told() -> None:
    from leadline.engine.backends.spark import SparkEngine

    engine = SparkEngine()
    with pytest.raises(ProblemsError, match="Spark stopped a statement") as caught:
        engine.fetch("SELECT nothing FROM nowhere")
    engine.close()

    assert [problem.code for problem in caught.value.problems] == ["engine-failed"]


@pytest.mark.usefixtures("spark")
def test_rows_reach_a_cluster_without_files() -> None:
    from leadline.engine.backends.spark import SparkEngine

    engine = SparkEngine()
    engine._is_here = False
    rows = [("a'\\b", 1.5, 7, True), (None, None, None, None)]

    engine.load("little", {"t": "VARCHAR", "d": "DOUBLE", "i": "BIGINT", "b": "BOOLEAN"}, rows)
    engine.make_table("kept", "SELECT * FROM little")
    found = engine.fetch("SELECT t, d, i, b FROM kept ORDER BY t")
    engine.close()

    assert sorted(found, key=str) == sorted(rows, key=str)


def test_without_pyspark_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)

    ((code, message),) = problems_of(leads="leads.csv")

    assert code == "engine-failed"
    assert "[spark]'" in message
