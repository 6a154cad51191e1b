"""`leadline review`: what a person sees, what a script gets, and what cannot be reviewed."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from leadline.cli.main import main

PLAYBOOK = """\
[playbook]
name = "shop"

[scores.interest]
title = "Interest"

[[criteria]]
id = "prices"
score = "interest"
why = "Looked at prices"
event = "prices_viewed"
points = 10
decay = { half_life = "90d" }

[[criteria]]
id = "large"
score = "interest"
why = "A large firm"
when = "size = 'large'"
points = 10

[[criteria]]
id = "never"
score = "interest"
why = "Never happens"
when = "size = 'huge'"
points = 10
"""
DATA = ("--leads", "leads.csv", "--events", "events.csv", "--outcomes", "outcomes.csv")
PERIOD = ("--from", "2025-01-01", "--to", "2025-12-31")


@pytest.fixture
def market(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four hundred leads; those who looked at prices buy more often."""
    random = np.random.default_rng(5)
    tables: dict[str, list[tuple[object, ...]]] = {
        "leads": [("lead_id", "size", "created_at")],
        "events": [("lead_id", "event", "occurred_at")],
        "outcomes": [("lead_id", "outcome", "at")],
        "undated": [("lead_id", "outcome")],
    }
    for number in range(400):
        lead_id, born = f"L{number:03}", datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=int(random.integers(0, 200)))
        tables["leads"].append((lead_id, "large" if number % 2 else "small", born.isoformat()))
        looked = random.random() < 0.4
        if looked:
            tables["events"].append((lead_id, "prices_viewed", (born + timedelta(days=5)).isoformat()))
        if random.random() < (0.6 if looked else 0.2):
            tables["outcomes"].append(
                (lead_id, "won", (born + timedelta(days=int(random.integers(40, 110)))).isoformat())
            )
            tables["undated"].append((lead_id, "won"))
    tables["outcomes"].append(("L399", "lost", "2025-12-30T10:00:00Z"))
    for name, rows in tables.items():
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    (tmp_path / "playbook.toml").write_text(PLAYBOOK, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["review", *words])


def test_a_person_sees_verdicts_with_reasons_and_half_lives(market: Path) -> None:
    result = run("playbook.toml", *DATA, *PERIOD)

    assert result.exit_code == 0, result.output
    assert "does each criterion lead to 'won'?" in result.stdout
    assert "prices: fine" in result.stdout and "never: dead" in result.stdout
    assert "Half-lives" in result.stdout and "Left out:" in result.stdout
    assert max(len(line) for line in result.stdout.splitlines()) <= 100


def test_a_script_gets_the_same_as_json(market: Path) -> None:
    result = run("playbook.toml", *DATA, *PERIOD, "--json", "--no-half-lives")

    found = json.loads(result.stdout)
    assert [one["verdict"] for one in found["criteria"]][::2] == ["fine", "dead"]
    assert (found["outcome"], found["horizon_days"], found["until"]) == ("won", 90, "2025-12-30")
    assert found["half_lives"] == []


def test_a_page_is_written(market: Path) -> None:
    result = run("playbook.toml", *DATA, *PERIOD, "--no-half-lives", "--out", "review.html")

    assert result.exit_code == 0, result.output
    page = (market / "review.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") and "prices" in page
    assert "review.html" in result.stderr


def test_without_times_every_lead_is_judged_once(market: Path) -> None:
    result = run("playbook.toml", *DATA[:4], "--outcomes", "undated.csv", *PERIOD)

    assert result.exit_code == 0, result.output
    assert "400 leads, each looked at once" in result.stdout
    assert "Nothing here is dated" in result.stdout.replace("\n", " ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--outcome", "wonn"), "Did you mean 'won'?"),
        (("--outcome", "lost"), "Nobody hopes for 'lost'"),
        (("--horizon", "soon"), "no length of time"),
        (("--out", "nowhere/review.html"), "There is no folder"),
        (("--out", "leads.csv"), "It is an input"),
        (("--to", "tomorrow"), "is no date"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_written(market: Path, words: tuple[str, ...], said: str) -> None:
    before = sorted(path.name for path in market.iterdir())

    result = run("playbook.toml", *DATA, *PERIOD, *words)

    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output
    assert sorted(path.name for path in market.iterdir()) == before


def test_without_outcomes_it_says_what_is_needed(market: Path) -> None:
    result = run("playbook.toml", *DATA[:4], *PERIOD)

    assert result.exit_code == 2
    assert "missing-input" in result.output
