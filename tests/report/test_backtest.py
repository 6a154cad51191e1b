"""The page of a back-test: with much, nothing, and hostile names."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.engine.comparison.shop import write_shop
from tests.report.test_whatif import HOSTILE, check_page

from leadline.engine.backtest.backtest import backtest
from leadline.engine.backtest.model import BackTest
from leadline.engine.run import Inputs
from leadline.report.backtest import backtest_page

PERIOD = {"start": date(2026, 1, 5), "end": date(2026, 3, 31)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def inputs(folder: Path) -> Inputs:
    return write_shop(folder)


@pytest.fixture(scope="module")
def found(folder: Path, inputs: Inputs) -> BackTest:
    return backtest(
        folder / "old.toml",
        inputs,
        horizon_days=21,
        score="engagement",
        capacity="1/week",
        outcomes_to="2026-03-31",
        **PERIOD,
    )


def test_the_page_says_what_the_back_test_says(found: BackTest) -> None:
    page = check_page(backtest_page(found))

    assert "Back-test: shop" in page.text
    assert "Precision and reach by threshold" in page.text
    assert "engagement from" in page.text
    assert "What is left out, and why" in page.text


def test_nothing_mature_is_a_page_too(folder: Path, inputs: Inputs) -> None:
    page = check_page(backtest_page(backtest(folder / "old.toml", inputs, horizon_days=2000, **PERIOD)))

    assert "no score can be judged yet" in page.text
    assert "has been in for 2,000 days yet" in page.text


def test_without_outcomes_it_is_a_page(folder: Path, inputs: Inputs) -> None:
    bare = Inputs(leads=inputs.leads, events=inputs.events)

    check_page(backtest_page(backtest(folder / "old.toml", bare, horizon_days=21, **PERIOD)))


def test_without_a_threshold_the_reason_is_in_the_page(found: BackTest) -> None:
    bare = replace(found, thresholds=(), score=None, no_threshold="There is no threshold to move.", fill=None)

    assert "There is no threshold to move." in check_page(backtest_page(bare)).text


def test_names_stay_names(found: BackTest) -> None:
    hostile = replace(
        found,
        title=HOSTILE,
        score=HOSTILE,
        outcome="won",
        playbook=replace(found.playbook, name=HOSTILE, file=HOSTILE),
        scores=tuple(replace(one, title=HOSTILE) for one in found.scores),
        grades=tuple(replace(one, grade=HOSTILE) for one in found.grades),
    )

    assert "<script>alert(1)</script>" in check_page(backtest_page(hostile)).text
