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

from leadline.engine.compiler.dialects import DIALECTS
from leadline.engine.compiler.plan import make_plan
from leadline.engine.compiler.printed import print_query
from leadline.engine.compiler.sql import compile_plan, new_layout
from leadline.engine.problems import ProblemsError


@pytest.mark.parity
@settings(max_examples=settings().max_examples // 2)
@given(scenario=scenarios(spells=True))
def test_the_query_of_every_dialect_agrees_with_the_reference(scenario: Scenario) -> None:
    expected = ask_or_reject(scenario)
    plan, layout = make_plan(expected.bound), new_layout()
    with duckdb.connect() as connection:
        connection.execute("SET disabled_optimizers = 'statistics_propagation'")  # DuckDB 2.0.0 folds sums wrongly
        first_day = prepare(connection, expected, plan, layout)
        connection.execute("DROP TABLE weight")  # it stands in the query
        query = compile_plan(plan, layout, expected.as_of, contributions=True, first_day=first_day)
        for name, dialect in DIALECTS.items():
            try:
                written = print_query(plan, layout, expected.as_of, dialect, contributions=True, first_day=first_day)
            except ProblemsError as error:
                if any(problem.code != "not-on-this-engine" for problem in error.problems):
                    raise
                continue
            (sql,) = sqlglot.transpile(written, read=name, write="duckdb", unsupported_level=ErrorLevel.IGNORE)
            differences = compare(expected.rows, run(connection, query, sql))
            assert not differences, f"{name}:\n" + "\n".join(differences) + "\n" + describe(scenario) + "\n" + written
