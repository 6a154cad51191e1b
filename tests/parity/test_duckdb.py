"""DuckDB agrees with the reference, in every cell of whatever hypothesis draws."""

import pytest
from hypothesis import given
from tests.parity.check import check_backend
from tests.strategies import Scenario, scenarios


@pytest.mark.parity
@given(scenario=scenarios())
def test_duckdb_agrees_with_the_reference(scenario: Scenario) -> None:
    check_backend("duckdb", scenario)
