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
