"""PostgreSQL agrees with the reference, in every cell of whatever hypothesis draws."""

import pytest
from hypothesis import given, settings
from tests.parity.check import check_backend
from tests.strategies import Scenario, scenarios


@pytest.mark.parity
@settings(max_examples=settings().max_examples // 2)
@given(scenario=scenarios(spells=True))
def test_postgres_agrees_with_the_reference(postgres_url: str, scenario: Scenario) -> None:
    check_backend(postgres_url, scenario)
