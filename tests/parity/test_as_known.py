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
COMPANIES = Scenario(
    playbook="""
[playbook]
name = "companies"
[scores.fit]
[[criteria]]
id = "industry"
score = "fit"
choose = [{ when = "company.industry = 'software'", points = 5 }, { when = "company.industry = 'retail'", points = 3 }]
[[criteria]]
id = "size"
score = "fit"
when = "company.employees > 10"
points = 10
[[criteria]]
id = "seen"
score = "fit"
when = "days_since(created_at) < 100"
points = 1
""",
    tables={
        "leads": [{"lead_id": f"{number}", "company_id": one} for number, one in enumerate(["a", "a", "b", "b", "c"])],
        "companies": [
            {"company_id": "a", "industry": "retail", "employees": "50"},
            {"company_id": "b", "industry": "retail", "employees": "5"},
        ],
        "facts": [
            {"company_id": one, "field": field, "value": value, "known_at": "2026-03-01"}
            for one, field, value in (
                ("a", "industry", "software"),
                ("a", "employees", ""),
                ("b", "employees", "20"),
                ("c", "industry", "software"),
            )
        ],
    },
    as_of="2026-03-02",
)
RICH = [*CORPUS.values(), *[COMPANIES] * 5]
ON_SPARK = ("by_hand: who is believed", "by_hand: resets in the middle of a day", "by_hand: the latest outcome")


@pytest.mark.parity
@given(scenario=arriving(RICH))
def test_duckdb_agrees_on_what_was_known_then(scenario: Scenario) -> None:
    check_backend("duckdb", scenario)


@pytest.mark.parity
@given(scenario=scenarios(as_known=True, spells=True))
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
