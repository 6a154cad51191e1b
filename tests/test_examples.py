"""The examples hold what they promise, and the invented data is what the starter says it is."""

import csv
import os
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from leadline.starter import CASES, PLAYBOOK
from leadline.starter.generate import COLUMNS, World, build_world, generate, write

PROJECT = Path(__file__).resolve().parent.parent
PLAYBOOKS = sorted((PROJECT / "examples").glob("*/playbook.toml"))
TODAY = date(2026, 3, 2)


def leadline(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command line of this checkout."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "src"), "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "leadline", *map(str, arguments)], capture_output=True, text=True, env=environment
    )


def inputs_in(folder: Path) -> list[object]:
    """Return the options that name the five tables in a folder."""
    return [part for name in COLUMNS for part in (f"--{name}", folder / f"{name}.csv")]


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(TODAY)


# -- playbooks ------------------------------------------------------------------------------------------------


def test_the_published_models_and_the_starter_are_there() -> None:
    assert {path.parent.name for path in PLAYBOOKS} >= {"posthog-fit", "pardot-default", "bant-only", "b2b-saas"}
    assert (PROJECT / "examples/b2b-saas/playbook.toml").resolve() == PLAYBOOK
    assert (PROJECT / "examples/b2b-saas/cases.toml").resolve() == CASES


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.parent.name)
def test_an_example_has_no_problems_and_its_cases_hold(playbook: Path) -> None:
    checked = leadline("check", playbook)
    tested = leadline("test", playbook)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_no_number_of_the_starter_can_change_unseen() -> None:
    """Each number there stands at a border of one of these cases, beside those that the playbook brings along."""
    tested = leadline("test", PLAYBOOK, PROJECT / "tests/starter/borders.toml")

    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_a_case_of_an_example_can_fail(tmp_path: Path) -> None:
    text = (PROJECT / "examples/posthog-fit/playbook.toml").read_text(encoding="utf-8")
    (tmp_path / "playbook.toml").write_text(text.replace("points = 5 }", "points = 6 }"), encoding="utf-8")

    tested = leadline("test", tmp_path / "playbook.toml", PROJECT / "examples/posthog-fit/cases.toml")

    assert tested.returncode == 1
    assert "A revenue of a million earns five" in tested.stdout + tested.stderr


@pytest.mark.slow
@pytest.mark.parametrize("leads", [200, 2000])
def test_the_starter_and_its_data_fit_together(leads: int, tmp_path: Path) -> None:
    """No value, field or event of one is unknown to the other, and each condition is true for somebody."""
    write(tmp_path, TODAY, leads=leads)

    checked = leadline("check", "--strict", PLAYBOOK, *inputs_in(tmp_path))

    assert checked.returncode == 0, checked.stdout + checked.stderr


# -- the invented data ----------------------------------------------------------------------------------------


def test_the_same_day_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("first", "second"):
        write(tmp_path / folder, TODAY, leads=200)
    write(tmp_path / "other", TODAY, seed=8, leads=200)

    names = [f"{name}.csv" for name in COLUMNS]
    first, second, other = (
        [(tmp_path / folder / name).read_bytes() for name in names] for folder in ("first", "second", "other")
    )
    assert first == second
    assert all(one != another for one, another in zip(first, other, strict=True))


def test_another_day_moves_everything_by_whole_days() -> None:
    monday, tuesday = generate(TODAY, leads=50), generate(TODAY + timedelta(days=1), leads=50)

    def moved(text: str) -> str:
        return f"{date.fromisoformat(text[:10]) + timedelta(days=1)}{text[10:]}"

    assert [moved(row["occurred_at"]) for row in monday["events"]] == [row["occurred_at"] for row in tuesday["events"]]
    assert [row["event"] for row in monday["events"]] == [row["event"] for row in tuesday["events"]]


def test_the_data_has_the_promised_size(world: World) -> None:
    tables = world.tables

    assert len(tables["leads"]) == 2000
    assert len(tables["companies"]) == 400
    assert 55_000 <= len(tables["events"]) <= 65_000
    assert len(tables["facts"]) > 4000
    assert len(tables["outcomes"]) > 600
    assert all(tuple(row) == COLUMNS[name] for name, rows in tables.items() for row in rows)


def test_everything_happens_in_the_year_before_today(world: World) -> None:
    stamps = [
        row[column]
        for table, columns in (
            ("leads", ["created_at"]),
            ("events", ["occurred_at", "received_at"]),
            ("facts", ["known_at", "recorded_at"]),
            ("outcomes", ["at", "recorded_at"]),
        )
        for row in world.tables[table]
        for column in columns
    ]

    assert min(stamps) >= f"{TODAY - timedelta(days=365)}T00:00:00Z"
    # so that the last evening is over in Berlin too
    assert max(stamps) < f"{TODAY - timedelta(days=1)}T22:00:00Z"


def test_the_data_is_as_untidy_as_the_starter_says(world: World) -> None:
    tables = world.tables
    ids = Counter(row["event_id"] for row in tables["events"])
    outcomes = Counter(row["outcome"] for row in tables["outcomes"])
    reasons = {row["reason"] for row in tables["outcomes"] if row["outcome"] == "recycled"}

    assert any(count > 1 for count in ids.values()), "events that were sent twice"
    assert any(row["is_bot"] == "true" for row in tables["events"]), "mail scanners"
    assert any(row["event"] == "unsubscribed" for row in tables["events"])
    assert any(row["received_at"][:10] > row["occurred_at"][:10] for row in tables["events"]), "late events"
    assert any(row["email_domain"] == "freemail.example" for row in tables["leads"])
    assert any(row["domain"] == "funnelhawk.example" for row in tables["companies"]), "competitors"
    for table, column in (
        ("leads", "seniority"),
        ("leads", "country"),
        ("companies", "revenue"),
        ("leads", "company_id"),
    ):
        missing = sum(not row[column] for row in tables[table]) / len(tables[table])
        assert 0.02 < missing < 0.4, f"{table}.{column} is missing in {missing:.0%}"
    assert set(outcomes) >= {
        "accepted",
        "rejected",
        "recycled",
        "disqualified",
        "bad_data",
        "opportunity",
        "won",
        "lost",
    }
    assert len(reasons) >= 5
    assert {row["field"] for row in tables["facts"]} >= {
        "questions.budget",
        "consent.scoring",
        "seniority",
        "employees",
    }


def test_some_leads_go_cold_and_come_back(world: World) -> None:
    visits: dict[str, list[date]] = {}
    for row in world.tables["events"]:
        if row["event"] == "page_viewed":
            visits.setdefault(row["lead_id"], []).append(date.fromisoformat(row["occurred_at"][:10]))

    returned = sum(
        any((later - earlier).days >= 35 for earlier, later in pairwise(days)) for days in map(sorted, visits.values())
    )

    assert 0.2 < returned / len(visits) < 0.7


def test_no_reason_of_the_data_is_unknown_to_the_playbook(world: World) -> None:
    outcomes = tomllib.loads(PLAYBOOK.read_text(encoding="utf-8"))["outcomes"]
    known = {(outcome, reason["id"]) for outcome, table in outcomes.items() for reason in table.get("reasons", [])}

    used = {(row["outcome"], row["reason"]) for row in world.tables["outcomes"] if row["reason"]}

    assert used <= known


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_good_leads_buy_several_times_more_often_than_all(seed: int) -> None:
    world = build_world(TODAY, seed=seed)
    won = {row["lead_id"] for row in world.tables["outcomes"] if row["outcome"] == "won"}
    good = [lead for lead, hidden in world.truth.items() if hidden.fit >= 0.6 and hidden.intent >= 0.5]
    poor = [lead for lead, hidden in world.truth.items() if hidden.fit < 0.4 or hidden.intent < 0.2]

    def share(leads: Iterable[str]) -> float:
        chosen = list(leads)
        return sum(lead in won for lead in chosen) / len(chosen)

    assert share(good) > 3 * share(world.truth)
    assert share(poor) < share(world.truth) / 3


@pytest.mark.slow
def test_the_starter_finds_a_good_part_of_the_truth(tmp_path: Path) -> None:
    """Scored in the middle of the year, the best tenth holds several times more later buyers than chance."""
    write(tmp_path, TODAY)
    day = "2025-10-31"
    done = leadline("score", PLAYBOOK, *inputs_in(tmp_path), "--as-of", day, "--out", tmp_path / "scores.csv")
    assert done.returncode == 0, done.stdout + done.stderr

    def read(name: str) -> list[dict[str, str]]:
        with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    known = {row["lead_id"] for row in read("leads") if row["created_at"][:10] <= day}
    buys = {row["lead_id"] for row in read("outcomes") if row["outcome"] == "won" and row["at"][:10] > day}
    scores = [row for row in read("scores") if row["lead_id"] in known and not row["excluded_by"]]
    ranking = sorted(scores, key=lambda row: (-float(row["fit"]) - float(row["engagement"]), row["lead_id"]))
    best = ranking[: len(ranking) // 10]
    rate, everywhere = (sum(row["lead_id"] in buys for row in rows) / len(rows) for rows in (best, ranking))

    assert rate > 2 * everywhere
