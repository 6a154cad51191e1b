"""`leadline backtest`: from files to the terminal, to JSON and to a page."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.engine.comparison.shop import write_shop

from leadline.cli.main import main

Ask = Callable[..., Result]
DATA = ("--leads", "leads.csv", "--events", "events.csv", "--outcomes", "outcomes.csv")
YEAR = ("--from", "2026-01-05", "--to", "2026-03-31", "--outcomes-to", "2026-03-31", "--horizon", "21d")


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Run the command in the folder of a small shop, as a person does without a terminal."""
    write_shop(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(main, ["backtest", "old.toml", *DATA, *words])

    return invoke


def test_the_report_says_how_good_it_is_and_what_another_threshold_would_do(ask: Ask) -> None:
    result = ask(*YEAR, "--score", "engagement", "--capacity", "2/week")

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("Does Marketing qualified find those that reach 'won'?\n")
    assert "1 of 3, 33 % (6.1–79 %)" in result.stdout
    assert "← now" in result.stdout
    assert "With engagement from 15 instead of 20: 1 added" in result.stdout
    assert "A capacity of 2 a week is filled with engagement from" in result.stdout


def test_json_holds_all_of_it(ask: Ask) -> None:
    said = json.loads(ask(*YEAR, "--json").stdout)

    assert (said["qualification"], said["outcome"], said["score"]) == ("mql", "won", "fit")
    assert said["observations"]["of"] > 0
    assert any(row["is_present"] for row in said["thresholds"])


def test_a_page_is_written_beside_the_report(ask: Ask, tmp_path: Path) -> None:
    result = ask(*YEAR, "--out", "backtest.html")

    assert result.exit_code == 0
    assert (tmp_path / "backtest.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_another_outcome_can_be_hoped_for(ask: Ask) -> None:
    assert "find those that reach 'opportunity'?" in ask(*YEAR, "--outcome", "opportunity").stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--outcome", "wonn"), "unknown-outcome"),
        (("--qualification", "mqll"), "unknown-qualification"),
        (("--score", "fitt"), "unknown-score"),
        (("--capacity", "1/day"), "bad-value"),
    ],
)
def test_what_cannot_be_used_is_told(ask: Ask, words: tuple[str, ...], code: str) -> None:
    result = ask(*YEAR, *words)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert code in result.stderr
