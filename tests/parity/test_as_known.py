"""Every engine agrees with the reference on what was known then, in every cell and in what is told of arrivals.

The scenarios of the corpus come with times of arrival that hypothesis draws; tests/engine/test_as_known.py tells stories.
"""

from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from tests.parity.check import check_backend
from tests.parity.corpus import read_corpus
from tests.strategies import Scenario, scenarios
from tests.strategies.arrivals import arriving, with_arrivals

CORPUS = dict(read_corpus())
RICH = list(CORPUS.values())
ON_SPARK = ("by_hand: who is believed", "by_hand: resets in the middle of a day", "by_hand: the latest outcome")


@pytest.mark.parity
@given(scenario=arriving(RICH))
def test_duckdb_agrees_on_what_was_known_then(scenario: Scenario) -> None:
    check_backend("duckdb", scenario)


@pytest.mark.parity
@given(scenario=scenarios(as_known=True))
def test_duckdb_agrees_on_what_was_known_then_whatever_is_drawn(scenario: Scenario) -> None:
    check_backend("duckdb", scenario)


@pytest.mark.parity
@given(scenario=arriving(RICH))
def test_the_query_that_all_engines_share_agrees_on_what_was_known_then(scenario: Scenario) -> None:
    with patch("leadline.engine.backends.packed_events.sum_events", return_value=False):
        check_backend("duckdb", scenario)


@pytest.mark.parity
@given(scenario=arriving(RICH))
def test_postgres_agrees_on_what_was_known_then(postgres_url: str, scenario: Scenario) -> None:
    check_backend(postgres_url, scenario)


@pytest.mark.slow
@pytest.mark.parity
@pytest.mark.parametrize("name", ON_SPARK)
def test_spark_agrees_on_what_was_known_then(spark: Any, name: str) -> None:
    check_backend("spark", with_arrivals(CORPUS[name], seed=7))
