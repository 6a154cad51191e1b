"""DuckDB agrees with the reference, in every cell of whatever hypothesis draws; so does the query that all engines share."""

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from tests.parity.check import check_backend
from tests.strategies import Scenario, scenarios


@pytest.mark.parity
@given(scenario=scenarios(spells=True))
def test_duckdb_agrees_with_the_reference(scenario: Scenario) -> None:
    check_backend("duckdb", scenario)


@pytest.mark.parity
@settings(max_examples=settings().max_examples // 2)
@given(scenario=scenarios(parts=3, spells=True))
def test_the_query_that_all_engines_share_agrees_on_duckdb(scenario: Scenario) -> None:
    with patch("leadline.engine.backends.packed_events.sum_events", return_value=False):
        check_backend("duckdb", scenario)
