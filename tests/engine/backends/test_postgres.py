"""PostgreSQL: tables are scored where they lie, whatever types they have, and nothing is left behind.

That the numbers are those of the reference is for tests/parity/test_postgres.py.
"""

import os
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from leadline.engine.assess import score
from leadline.engine.backends.postgres import PostgresEngine
from leadline.engine.backends.postgres_tables import column_type, split_name
from leadline.engine.playbook.load import read_playbook
from leadline.engine.problems import ProblemsError
from leadline.engine.run import Inputs

SCHEMA = f"leadline_test_{os.getpid()}"  # tests run in several processes at once
PLAYBOOK = """
[playbook]
name = "typed"
timezone = "Europe/Berlin"

[scores.fit]

[[criteria]]
id = "size"
score = "fit"
why = "Size"
when = "employees >= 50"
points = 10

[[criteria]]
id = "budget"
score = "fit"
why = "Budget"
when = "budget = 0.1"
points = 1

[[criteria]]
id = "partner"
score = "fit"
why = "Partner"
when = "is_partner is true"
points = 2

[[criteria]]
id = "tag"
score = "fit"
why = "Tag"
when = "has(tags, 'red')"
points = 3

[[criteria]]
id = "plan"
score = "fit"
why = "Plan"
when = "plan = 'pro' and code = 'ab' and town = 'zürich'"
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


@pytest.fixture
def database(postgres_url: str) -> Iterator[Any]:
    """A schema of its own, dropped at the end."""
    import psycopg

    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        yield connection
        connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


@pytest.fixture
def typed_tables(database: Any) -> None:
    """Anna has all there is, in PostgreSQL's own types; Ben has nothing but an id."""
    for statement in (
        f"CREATE TYPE {SCHEMA}.plan AS ENUM ('free', 'pro')",
        f"CREATE DOMAIN {SCHEMA}.town AS varchar(20)",
        f"""CREATE TABLE {SCHEMA}.leads (lead_id uuid, employees smallint, budget numeric(12, 3), is_partner boolean,
            tags text[], plan {SCHEMA}.plan, code char(8), town {SCHEMA}.town, renewal date, extra jsonb, seen tstzrange)""",
        f"""INSERT INTO {SCHEMA}.leads VALUES
            ('00000000-0000-0000-0000-00000000000a', 50, 0.100, true, '{{red,NULL,"a,b"}}', 'pro', 'AB', ' ZÜRICH ',
             '2026-03-20', '{{"a": 1}}', NULL),
            ('00000000-0000-0000-0000-00000000000b', NULL, 'NaN', NULL, NULL, NULL, NULL, NULL, 'infinity', NULL, NULL)""",
        f"CREATE TABLE {SCHEMA}.events (lead_id uuid, event text, occurred_at timestamptz)",
        # 23:30 UTC on the last of February is the first of March in Berlin: an event of the day itself
        f"""INSERT INTO {SCHEMA}.events VALUES
            ('00000000-0000-0000-0000-00000000000a', 'viewed', '2026-02-28 23:30:00+00'),
            ('00000000-0000-0000-0000-00000000000a', 'viewed', '2026-02-27 22:59:59.999999+00'),
            ('00000000-0000-0000-0000-00000000000b', 'viewed', '2026-03-02 00:00:00+00'),
            ('00000000-0000-0000-0000-00000000000b', 'viewed', 'infinity')""",
    ):
        database.execute(statement)


def ask(url: str, playbook: str = PLAYBOOK, **inputs: str) -> tuple[list[dict[str, Any]], dict[tuple[str, str], int]]:
    """Return the rows and what was left out."""
    loaded, _ = read_playbook(playbook)
    with score(loaded, Inputs(**inputs), as_of="2026-03-01", backend=url, contributions=True) as scoring:
        return list(scoring.rows()), scoring.rejects.counts()


@pytest.mark.usefixtures("typed_tables")
def test_every_type_means_what_its_text_means(postgres_url: str) -> None:
    rows, left_out = ask(postgres_url, leads=f"table:{SCHEMA}.leads", events=f"table:{SCHEMA}.events")

    anna, ben = rows
    assert {name: points for name, points in anna.items() if name.startswith("c_")} == {
        "c_size": 10,
        "c_budget": 1,
        "c_partner": 2,
        "c_tag": 3,
        "c_plan": 4,
        "c_renewal": 5,
        "c_looked": 100,
    }
    assert anna["lead_id"] == "00000000-0000-0000-0000-00000000000a"
    assert (ben["fit"], ben["fit_coverage"]) == (Decimal(0), Decimal("0.08"))  # `is true` is never unknown
    assert left_out == {("leads", "not-finite"): 1, ("events", "unreadable-date"): 1, ("events", "after-as-of"): 1}


@pytest.mark.usefixtures("typed_tables")
def test_a_file_and_a_table_meet(postgres_url: str, tmp_path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text(
        "lead_id,employees,Lead Origin\n00000000-0000-0000-0000-00000000000a,60,\n,1,x\n", encoding="utf-8"
    )
    declared = (
        PLAYBOOK
        + """
[fields]
budget = { type = "number" }
is_partner = { type = "boolean" }
tags = { type = "list" }
plan = { type = "text" }
code = { type = "text" }
town = { type = "text" }
renewal = { type = "date" }
"""
    )

    rows, left_out = ask(postgres_url, declared, leads=str(leads), events=f"table:{SCHEMA}.events")

    assert [(row["c_size"], row["c_looked"]) for row in rows] == [(10, 100)]
    assert left_out[("leads", "missing-id")] == 1
    assert left_out[("events", "unknown-lead")] == 1


@pytest.mark.usefixtures("typed_tables")
def test_nothing_is_left_behind(postgres_url: str, database: Any) -> None:
    there = (
        "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
        f" WHERE nspname !~ '^(pg_|leadline_test_)' OR nspname = '{SCHEMA}' ORDER BY 1"
    )
    before = database.execute(there).fetchall()

    ask(postgres_url, leads=f"table:{SCHEMA}.leads", events=f"table:{SCHEMA}.events")

    assert database.execute(there).fetchall() == before


@pytest.mark.usefixtures("typed_tables")
def test_a_table_of_the_name_of_a_prepared_one_is_no_trouble(postgres_url: str, database: Any) -> None:
    database.execute(f"ALTER TABLE {SCHEMA}.leads RENAME TO lead_known")

    rows, _ = ask(postgres_url, leads=f"table:{SCHEMA}.lead_known", events=f"table:{SCHEMA}.events")

    assert [row["c_size"] for row in rows] == [10, 0]


def problems_of(act: Callable[[], Any]) -> list[tuple[str, str]]:
    """Return code and message of each problem."""
    with pytest.raises(ProblemsError) as caught:
        act()
    return [(problem.code, problem.message) for problem in caught.value.problems]


@pytest.mark.usefixtures("typed_tables")
def test_all_that_is_wrong_with_inputs_is_told_at_once(postgres_url: str, tmp_path) -> None:
    found = problems_of(
        lambda: ask(
            postgres_url,
            leads=f"table:{SCHEMA}.leeds",
            events=f"table:{SCHEMA}.leads",
            companies=str(tmp_path / "companies.csv"),
        )
    )

    assert [code for code, _ in found] == [
        "missing-input",
        "unreadable-file",
        "missing-column",
        "missing-column",
    ]
    assert f"Did you mean '{SCHEMA}.leads'?" in found[0][1]


@pytest.mark.usefixtures("typed_tables")
def test_a_missing_right_is_told(postgres_url: str, database: Any) -> None:
    from psycopg.conninfo import conninfo_to_dict

    database.execute("DROP ROLE IF EXISTS leadline_reader")
    database.execute("CREATE ROLE leadline_reader LOGIN PASSWORD 'secret'")
    database.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO leadline_reader")
    parts = conninfo_to_dict(postgres_url)
    url = f"postgresql://leadline_reader:secret@{parts['host']}:{parts.get('port', 5432)}/{parts['dbname']}"
    try:
        ((code, message),) = problems_of(lambda: ask(url, leads=f"table:{SCHEMA}.leads"))
    finally:
        database.execute("DROP OWNED BY leadline_reader")
        database.execute("DROP ROLE leadline_reader")

    assert code == "engine-failed"
    assert "permission denied for table leads" in message


@pytest.mark.usefixtures("typed_tables")
def test_a_lost_connection_is_told(postgres_url: str, database: Any) -> None:
    from leadline.engine.backends.postgres import PostgresEngine

    engine = PostgresEngine(postgres_url)
    database.execute("SELECT pg_terminate_backend(%s)", (engine.connection.info.backend_pid,))

    ((code, message),) = problems_of(lambda: engine.fetch("SELECT 1 AS one"))
    engine.close()

    assert code == "engine-failed"
    assert "terminating connection" in message


def test_a_prepared_view_is_made_anew_also_when_it_has_gone_and_nothing_of_the_users_goes(
    postgres_url: str, database: Any
) -> None:
    database.execute(f"CREATE TABLE {SCHEMA}.below (n int)")
    database.execute(f"CREATE VIEW {SCHEMA}.above AS SELECT 7 AS n")
    engine = PostgresEngine(postgres_url)
    try:
        engine.connection.execute(f"SET search_path TO {SCHEMA}".encode())
        for number in (1, 2):
            engine.make_table("below", f"SELECT {number} AS n")  # what rests on it goes with it
            engine.make_view("above", "SELECT n FROM below")
            assert engine.fetch("SELECT n FROM above") == [(number,)]
        assert engine.fetch(f"SELECT n FROM {SCHEMA}.above") == [(7,)]
        assert engine.fetch(f"SELECT n FROM {SCHEMA}.below") == []
    finally:
        engine.close()


def test_a_server_that_is_not_there_is_told() -> None:
    pytest.importorskip("psycopg")

    ((code, message),) = problems_of(lambda: ask("postgresql://nobody:secret@127.0.0.1:1/x", leads="table:leads"))

    assert code == "engine-failed"
    assert "secret" not in message


def test_without_psycopg_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    ((code, message),) = problems_of(lambda: ask("postgresql://127.0.0.1/x", leads="table:leads"))

    assert code == "engine-failed"
    assert "[postgres]'" in message


def test_two_columns_that_postgresql_cannot_tell_apart_are_refused(postgres_url: str, tmp_path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text(f"lead_id,{'x' * 63}1,{'x' * 63}2\na,1,2\n", encoding="utf-8")

    ((code, _),) = problems_of(lambda: ask(postgres_url, leads=str(leads)))

    assert code == "duplicate-column"


def test_names_of_tables_and_types() -> None:
    assert split_name('crm."my.leads"') == ("crm", "my.leads")
    assert column_type("DECIMAL(18,3)[]") == "numeric[]"


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-28T10:00:00Z",
        "2026-02-29T10:00:00Z",
        "2024-02-29 23:59:59.999999+15:59",
        "1900-02-29T00:00:00Z",
        "2000-02-29T00:00:00-09",
        "2026-13-01T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-04-30T00:00:00.1234567Z",
        "2026-04-30T00:00:00",
        "2026-04-00T00:00:00",
        "2200-12-31T23:59:59.5+0130",
        "soon",
    ],
)
def test_an_instant_is_read_as_everywhere_or_left_to_python(postgres_url: str, text: str) -> None:
    from leadline.engine.backends.postgres import PostgresEngine
    from leadline.engine.calendar import get_zone
    from leadline.engine.values import read_instant

    engine = PostgresEngine(postgres_url)
    engine.load("written_time", {"written": "VARCHAR"}, [(text,)])
    ((found,),) = engine.fetch(f"SELECT {engine.iso_instant('written', True)} AS us FROM written_time")
    engine.close()

    wanted = read_instant(text, zone=get_zone("UTC"))
    assert found == wanted or (found is None and "1234567" in text)
