"""The checked-in scenarios: whoever breaks a hard case learns its name."""

import pytest
from tests.parity.check import check_backend
from tests.parity.corpus import read_corpus
from tests.parity.expected import ask_reference
from tests.strategies import Scenario

from leadline.engine.problems import ProblemsError

CORPUS = dict(read_corpus())


@pytest.mark.parity
@pytest.mark.parametrize("scenario", CORPUS.values(), ids=CORPUS)
def test_duckdb_agrees_on_the_corpus(scenario: Scenario) -> None:
    check_backend("duckdb", scenario)


@pytest.mark.parity
@pytest.mark.parametrize("scenario", CORPUS.values(), ids=CORPUS)
def test_postgres_agrees_on_the_corpus(postgres_url: str, scenario: Scenario) -> None:
    check_backend(postgres_url, scenario)


@pytest.mark.parametrize("scenario", CORPUS.values(), ids=CORPUS)
def test_a_scenario_of_the_corpus_says_something(scenario: Scenario) -> None:
    try:
        expected = ask_reference(scenario)
    except ProblemsError as error:
        pytest.fail(str(error))

    assert any(row["reasons"] for row in expected.rows)
