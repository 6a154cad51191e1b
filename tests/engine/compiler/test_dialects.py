"""What a playbook looks like as SQL: some queries to read, and what each dialect needs that others do not.

That the queries mean what the reference says is for tests/parity/test_dialects.py. After a wanted change, write the golden files
anew with LEADLINE_WRITE_GOLDEN=1 and read the difference.
"""

import os
from datetime import date
from pathlib import Path

import pytest
import sqlglot

from leadline.engine.calendar import get_zone
from leadline.engine.compiler.dialects import DIALECTS, REFUSED, get_dialect
from leadline.engine.compiler.plan import make_plan
from leadline.engine.compiler.printed import print_query
from leadline.engine.compiler.sql import new_layout
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.problems import ProblemsError
from leadline.engine.warehouse import compile_sql

GOLDEN = Path(__file__).parent / "golden"
AS_OF = date(2026, 3, 1)

FACTS = """
[playbook]
name = "facts"
timezone = "UTC"

[scores.fit]
min = 0
max = 100

[[criteria]]
id = "text-tests"
score = "fit"
why = "Texts"
when = "starts_with(path, '/50%') or ends_with(path, 'ü') or contains(path, 'it''s') or path like '/a_%'"
points = 10

[[criteria]]
id = "lists"
score = "fit"
why = "Lists and numbers"
when = "has(tags, 'red') and not (size in (1, 2.5)) and rate > 0.1"
points = -2.5
"""

EVENTS = """
[playbook]
name = "events"
timezone = "Europe/Berlin"

[scores.heat]
grades = { hot = 20, cold = 0 }

[[criteria]]
id = "prices"
score = "heat"
why = "Looked at prices"
event = "viewed"
when = "starts_with(path, '/pricing')"
points = 10
decay = { half_life = "2d" }
within = "4d"
limit = { count = 1, per = "day" }
max = 30

[[criteria]]
id = "monthly"
score = "heat"
why = "Came back"
event = ["viewed", "signed_in"]
points = 1
within = "30d"
limit = { count = 2, per = "month" }

[[resets]]
event = "left"
scores = ["heat"]
"""

HISTORY = """
[playbook]
name = "history"
timezone = "UTC"
grade = ["heat"]

[scores.heat]
grades = { A = 20, B = 0 }

[[criteria]]
id = "gone-quiet"
score = "heat"
why = "Nothing heard"
inactive_for = "30d"
activity = ["viewed"]
points = -10
min = -30

[[personas]]
id = "buyer"
when = "deal = 'won' or days_since_outcome('won') < 90"

[[exclusions]]
id = "bad"
when = "decision = 'bad_data' or reason = 'spam'"

[[qualifications]]
id = "mql"
enter = "heat >= 20 and count('viewed', '7d') >= 2"
stay = "heat.grade = 'B'"
"""

BANT = """
[playbook]
name = "bant"
timezone = "UTC"
needs_consent = true

[questions.budget]
ask = "Is there money?"
yes = "amount >= 10000"
partly = "amount >= 0.5"

[questions.need]
ask = "Is there a need?"

[[qualifications]]
id = "sales-ready"
enter = "answered_yes >= 1 and need <> 'no'"
"""

PLAYBOOKS = {"facts": FACTS, "events": EVENTS, "history": HISTORY, "bant": BANT}
WRITTEN = [
    ("facts", "bigquery"),
    ("facts", "clickhouse"),
    ("facts", "redshift"),
    ("facts", "trino"),
    ("events", "duckdb"),
    ("events", "snowflake"),
    ("events", "bigquery"),
    ("history", "postgres"),
    ("history", "clickhouse"),
    ("bant", "databricks"),
]


def written(playbook: str, dialect: str, first_day: date = date(2026, 1, 1)) -> str:
    """Return the query of a playbook."""
    bound, _ = bind_playbook(read_playbook(playbook)[0])
    moment = get_zone(bound.playbook.timezone).end_of_day((AS_OF - date(1970, 1, 1)).days)
    first = (first_day - date(1970, 1, 1)).days
    return print_query(
        make_plan(bound), new_layout(), moment, get_dialect(dialect), contributions=True, first_day=first
    )


@pytest.mark.parametrize(("playbook", "dialect"), WRITTEN)
def test_the_query_reads_as_it_did(playbook: str, dialect: str) -> None:
    golden = GOLDEN / f"{playbook}.{dialect}.sql"
    found = written(PLAYBOOKS[playbook], dialect)
    if os.environ.get("LEADLINE_WRITE_GOLDEN"):
        golden.write_text(found, encoding="utf-8")

    assert found == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_every_dialect_can_be_parsed_back_and_has_no_sign_that_cannot_be_seen(playbook: str, dialect: str) -> None:
    found = written(PLAYBOOKS[playbook], dialect)

    assert isinstance(sqlglot.parse_one(found, read=dialect), sqlglot.exp.Select)
    assert all(sign.isprintable() or sign == "\n" for sign in found)


def test_the_header_says_what_is_read(tmp_path) -> None:
    path = tmp_path / "playbook.toml"
    path.write_text(EVENTS, encoding="utf-8")

    found = compile_sql(path, dialect="snowflake", as_of="2026-03-01", first_day=date(2026, 1, 1))

    assert found.startswith("-- The playbook events as one query, in the SQL of Snowflake.\n-- as of 2026-03-01")
    assert "--     p_path    text      a text key (path)" in found
    assert "none before 2026-01-01" in found


@pytest.mark.parametrize("name", [*REFUSED, "snowflaek"])
def test_a_dialect_that_would_mean_something_else_is_refused(name: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        compile_sql(read_playbook(FACTS)[0], dialect=name, as_of="2026-03-01")

    (problem,) = caught.value.problems
    assert problem.code == ("not-on-this-engine" if name in REFUSED else "bad-value")
    assert "snowflake" in problem.message


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_backslash_in_a_pattern_is_itself_or_refused(dialect: str) -> None:
    playbook = FACTS.replace("like '/a_%'", r"like '/a\\\\%'")

    if dialect in ("bigquery", "clickhouse"):
        with pytest.raises(ProblemsError, match="LIKE with a backslash"):
            written(playbook, dialect)
    else:
        assert "ESCAPE '!'" in written(playbook, dialect)


def test_names_are_made_fit_for_the_dialect_and_said() -> None:
    long = "a" * 61
    playbook = FACTS.replace("text-tests", long).replace('id = "lists"', f'id = "{long}-b"')

    found = written(playbook, "postgres")

    assert f"-- c_{long}-b is called c_{'a' * 57}_2 here." in found
    assert "-- c_text-tests is called c_text_tests here." in written(FACTS, "bigquery")


def test_trino_compares_at_most_127_values() -> None:
    criteria = "".join(
        f'[[criteria]]\nid = "c{number}"\nscore = "fit"\nwhy = "w"\nwhen = "size > {number}"\npoints = 1\n'
        for number in range(150)
    )
    found = sqlglot.parse_one(written(FACTS + criteria, "trino"), read="trino")

    assert max(len(node.expressions) for node in found.find_all(sqlglot.exp.Greatest)) < 127
