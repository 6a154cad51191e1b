"""Spark agrees with the reference: on the hardest cases of the corpus, and on a fresh draw of many leads.

A run on Spark takes ten seconds and more, whatever it is asked; so what is asked is much.
"""

from typing import Any

import pytest
from hypothesis import Phase, given, settings
from tests.parity.check import check_backend
from tests.parity.corpus import read_corpus
from tests.strategies import Scenario, scenarios

HARDEST = (
    "by_hand: a reason wipes otherwise than its outcome",
    "by_hand: a date comes twice in St. Johns",
    "by_hand: limits over calendar borders",
    "by_hand: twins of events",
    "by_hand: who is believed",
)
CORPUS = dict(read_corpus())


@pytest.mark.slow
@pytest.mark.parity
@pytest.mark.parametrize("name", HARDEST)
def test_spark_agrees_on_the_hardest_cases(spark: Any, name: str) -> None:
    check_backend("spark", CORPUS[name])


@pytest.mark.slow
@pytest.mark.parity
@settings(max_examples=2, phases=[Phase.generate])  # the first draw of hypothesis is always the simplest there is
@given(scenario=scenarios(parts=8))
def test_spark_agrees_on_a_fresh_draw_of_many_leads(spark: Any, scenario: Scenario) -> None:
    check_backend("spark", scenario)
