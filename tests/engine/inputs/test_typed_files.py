"""Parquet and DuckDB files are looked at where they lie, with their types."""

import duckdb
import pytest

from leadline.engine.inputs import read_tables


@pytest.fixture
def parquet(files):
    path = files.folder / "events.parquet"
    files.connection.execute(
        f"""COPY (SELECT 7 AS lead_id, 'x' AS event, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS occurred_at,
                  1.5::DECIMAL(9,2) AS d, DATE '2026-01-01' AS day, true AS is_bot, [1, 2] AS l, {{'a': 1}} AS s,
                  NULL::DOUBLE AS n FROM range(3)) TO '{path}'"""
    )
    return path


def test_parquet_keeps_its_types_and_numbers_its_rows(files, parquet):
    table = files.read(parquet.read_bytes(), "events.parquet", "events")

    assert {column.name: column.storage for column in table.columns} == {
        "lead_id": "number",
        "event": "text",
        "occurred_at": "time",
        "d": "number",
        "day": "date",
        "is_bot": "boolean",
        "l": "list",
        "s": "other",
        "n": "number",
    }
    assert files.numbered(table) == [(7, 1), (7, 2), (7, 3)]
    assert table.find_column("lead_id").sql_type == "INTEGER"
    assert table.find_column("other") is None


def test_parquet_is_not_copied(files, parquet):
    files.read(parquet.read_bytes(), "events.parquet", "events")

    assert files.connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (0,)


def test_a_parquet_file_with_its_own_file_row_number(files):
    path = files.folder / "leads.parquet"
    files.connection.execute(f"COPY (SELECT 'a' AS lead_id, 5 AS file_row_number) TO '{path}'")

    table = files.read(path.read_bytes(), "leads.parquet")

    assert table.row_column is None
    assert files.connection.execute("SELECT * FROM source_leads").fetchall() == [("a", 5)]


@pytest.fixture
def database(files):
    with duckdb.connect(str(files.folder / "crm.duckdb")) as other:
        other.execute("CREATE TABLE leads AS SELECT 'a' AS lead_id, 1::BIGINT AS size UNION ALL SELECT 'b', 2")
        other.execute('CREATE SCHEMA raw; CREATE TABLE raw."my leads" AS SELECT 3 AS lead_id, 4 AS rowid')
        other.execute(
            "CREATE VIEW facts AS SELECT 'a' AS lead_id, 'f' AS field, 1 AS value, DATE '2026-01-01' AS known_at"
        )
    return (files.folder / "crm.duckdb").read_bytes()


def test_a_duckdb_file_has_the_table_of_its_kind(files, database):
    table = files.read(database, "crm.duckdb")

    assert files.numbered(table) == [("a", 1), ("b", 2)]
    assert [column.sql_type for column in table.columns] == ["VARCHAR", "BIGINT"]
    assert files.read(database, "crm.duckdb", "facts").row_column is None


def test_another_table_is_named_behind_a_sign(files, database):
    files.write("crm.duckdb", database)
    path = f"{files.folder}/crm.duckdb#raw.my leads"

    table = read_tables(files.connection, {"leads": path})

    assert table["leads"].row_column is None
    assert files.connection.execute("SELECT lead_id FROM source_leads").fetchall() == [(3,)]


def test_two_tables_of_one_duckdb_file(files, database):
    path = f"{files.folder}/crm.duckdb"

    assert set(read_tables(files.connection, {"leads": path, "facts": path})) == {"leads", "facts"}


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "leads.parquet", "empty-file"),
        (b"PAR1 not really", "leads.parquet", "unreadable-table"),
        (b"", "leads.db", "empty-file"),
        (b"lead_id\n1\n" * 1000, "leads.duckdb", "unreadable-table"),
    ],
)
def test_what_is_not_what_its_name_says_stops(files, content, name, code):
    assert [problem.code for problem in files.problems(content, name)] == [code]


def test_a_missing_table_names_those_that_are_there(files, database):
    (problem,) = files.problems(database, "crm.duckdb", "events")

    assert problem.code == "missing-input"
    assert "'leads'" in problem.message
    assert "'raw.my leads'" in problem.message


def test_typed_files_lack_columns_too(files):
    path = files.folder / "x.parquet"
    files.connection.execute(f"COPY (SELECT 1 AS leadid) TO '{path}'")

    (problem,) = files.problems(path.read_bytes(), "x.parquet")

    assert "Did you mean 'leadid'?" in problem.message
