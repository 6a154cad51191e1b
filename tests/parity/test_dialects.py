"""The query of every dialect, parsed back, turned into DuckDB's and run, agrees with the reference.

No warehouse is asked: what is held here is that the SQL means the same, as far as sqlglot reads the dialect rightly.
"""

import duckdb
import pytest
import sqlglot
from hypothesis import given, settings
from sqlglot.errors import ErrorLevel
from tests.parity.check import ask_or_reject
from tests.parity.expected import compare, describe
from tests.parity.prepared import prepare, run
from tests.strategies import Scenario, scenarios

from leadline.engine.compiler.plan import make_plan
from leadline.engine.compiler.sql import compile_plan, new_layout

DIALECTS = ("bigquery", "clickhouse", "databricks", "postgres", "redshift", "snowflake", "spark", "trino", "tsql")


@pytest.mark.parity
@settings(max_examples=settings().max_examples // 2)
@given(scenario=scenarios())
def test_the_query_of_every_dialect_agrees_with_the_reference(scenario: Scenario) -> None:
    expected = ask_or_reject(scenario)
    plan, layout = make_plan(expected.bound), new_layout()
    with duckdb.connect() as connection:
        connection.execute("SET disabled_optimizers = 'statistics_propagation'")  # DuckDB 2.0.0 folds sums wrongly
        first_day = prepare(connection, expected, plan, layout)
        query = compile_plan(plan, layout, expected.as_of, contributions=True, first_day=first_day)
        for dialect in ("duckdb", *DIALECTS):
            written = query.sql(dialect)
            (sql,) = sqlglot.transpile(written, read=dialect, write="duckdb", unsupported_level=ErrorLevel.IGNORE)
            differences = compare(expected.rows, run(connection, query, sql))
            assert not differences, (
                f"{dialect}:\n" + "\n".join(differences) + "\n" + describe(scenario) + "\n" + written
            )
