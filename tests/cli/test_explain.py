"""`leadline explain`: why a lead got what it got."""

import json
from pathlib import Path

from tests.cli.conftest import Run

DATA = ("--leads", "leads.csv", "--events", "events.csv", "--as-of", "2026-03-02")


def test_every_line_is_shown_with_its_sentence_and_its_day(run: Run, shop: Path) -> None:
    result = run("explain", "playbook.toml", "ann", *DATA)

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("ann, as of 2026-03-02: A2\n")
    assert "Looked at prices" in result.stdout
    assert "16 February 2026" in result.stdout


def test_several_leads_are_explained_in_the_order_asked(run: Run, shop: Path) -> None:
    result = run("explain", "playbook.toml", "cem", "ann", *DATA, "--json")

    cem, ann = json.loads(result.stdout)["explanations"]
    assert (cem["lead_id"], ann["lead_id"]) == ("cem", "ann")
    for score in ann["scores"]:
        assert sum(line["points"] for line in score["lines"]) == score["points"]


def test_an_unknown_lead_is_refused_with_the_nearest(run: Run, shop: Path) -> None:
    result = run("explain", "playbook.toml", "An", "zoe", *DATA)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "unknown-lead  There is no lead 'An'. Did you mean 'ann'?" in result.stderr
    assert "There is no lead 'zoe'." in result.stderr


def test_without_a_moment_it_is_today(run: Run, shop: Path) -> None:
    result = run("explain", "playbook.toml", "ann", "--leads", "leads.csv")

    assert result.exit_code == 0
    assert "As of today" in result.stderr


def test_as_known_leaves_out_what_had_not_arrived(run: Run, shop: Path) -> None:
    (shop / "leads.csv").write_text("lead_id,seniority,employees,created_at\nann,vp,320,2026-03-05\n", encoding="utf-8")

    plain = run("explain", "playbook.toml", "ann", *DATA)
    known = run("explain", "playbook.toml", "ann", *DATA, "--as-known")

    assert plain.stdout.startswith("ann, as of 2026-03-02: A2\n")
    assert known.stdout.startswith("ann, as of 2026-03-02: C2\n")


def test_the_end_says_what_is_missing(run: Run, shop: Path) -> None:
    result = run("explain", "playbook.toml", "cem", *DATA)
    record = run("explain", "playbook.toml", "cem", *DATA, "--json")

    (cem,) = json.loads(record.stdout)["explanations"]
    assert cem["missing"]["qualification"] == "mql"
    assert cem["missing"]["step"]["changes"][0]["name"] == "seniority"
    assert f"What is missing for “{cem['missing']['title']}”" in result.stdout
    assert "the lead's seniority is vp or c_level (Decides about budgets)" in result.stdout


def test_since_says_what_changed_and_adds_up(run: Run, shop: Path) -> None:
    result = run("explain", "playbook.toml", "ann", *DATA, "--since", "2026-02-20")

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("ann, from 2026-02-20 to 2026-03-02\n")
    assert "came in" in result.stdout
    record = run("explain", "playbook.toml", "ann", "cem", *DATA, "--since", "2026-02-20", "--json")
    for lead in json.loads(record.stdout)["differences"]:
        for score in lead["scores"]:
            assert round(sum(line["points"] for line in score["lines"]), 4) == score["points"]


def test_against_says_what_another_playbook_says_otherwise(run: Run, shop: Path) -> None:
    text = (shop / "playbook.toml").read_text(encoding="utf-8")
    (shop / "old.toml").write_text(text.replace("points = 10", "points = 8"), encoding="utf-8")

    result = run("explain", "playbook.toml", "ann", *DATA, "--against", "old.toml")

    assert result.stdout.startswith("ann, as of 2026-03-02, from old.toml to playbook.toml\n")
    assert "10 points instead of 8" in result.stdout


def test_a_comparison_with_later_or_with_no_file_is_refused(run: Run, shop: Path) -> None:
    later = run("explain", "playbook.toml", "ann", *DATA, "--since", "2026-04-01")
    absent = run("explain", "playbook.toml", "ann", *DATA, "--against", "older.toml")

    assert (later.exit_code, absent.exit_code) == (2, 2)
    assert "bad-value  --since: 2026-04-01 lies after 2026-03-02" in later.stderr
    assert "older.toml  unreadable-file" in absent.stderr
