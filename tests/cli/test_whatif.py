"""`leadline whatif` and the options of a period: from files to the terminal, to JSON and to a page."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.engine.comparison.shop import write_shop

from leadline.cli.main import main
from leadline.cli.whatif import weeks_in_a_row

Ask = Callable[..., Result]
DATA = ("--leads", "leads.csv", "--events", "events.csv", "--outcomes", "outcomes.csv")
YEAR = ("--from", "2026-01-05", "--to", "2026-03-31", "--horizon", "30d")


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Run the command in the folder of a small shop, as a person does without a terminal."""
    write_shop(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(main, ["whatif", "old.toml", "new.toml", *DATA, *words])

    return invoke


def test_the_report_says_who_enters_and_why(ask: Ask) -> None:
    result = ask(*YEAR, "--capacity", "1/week")

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("What if: old.toml → new.toml\n")
    assert "Marketing qualified    3    5      2        0        1         1      1" in result.stdout
    assert "weeks over 1" in result.stdout
    assert "ann: mql only in the new version, from 6 January 2026" in result.stdout
    assert "old version: the score engagement is at least 20: no, it is 10" in result.stdout
    assert "Came to a webinar: 8 instead of 20" in result.stdout


def test_json_holds_all_of_it(ask: Ask) -> None:
    said = json.loads(ask(*YEAR, "--json").stdout)

    assert (said["start"], said["end"], said["horizon_days"]) == ("2026-01-05", "2026-03-31", 30)
    assert said["qualifications"][0]["added"] == 2
    assert said["telling"][0]["explanation"]["scores"]


def test_a_page_is_written_beside_the_report(ask: Ask, tmp_path: Path) -> None:
    result = ask(*YEAR, "--out", "whatif.html")

    assert result.exit_code == 0
    assert "whatif.html" in result.stderr
    assert (tmp_path / "whatif.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_without_days_the_data_says_from_when_to_when(ask: Ask) -> None:
    result = ask("--horizon", "2w")

    assert "6 January 2026 to 16 March 2026, 8 leads" in result.stdout


def test_the_same_twice_gives_the_same(ask: Ask) -> None:
    assert ask(*YEAR).stdout == ask(*YEAR).stdout
    assert ask(*YEAR, "--json").stdout == ask(*YEAR, "--json").stdout


@pytest.mark.parametrize(
    ("words", "code", "where"),
    [
        (("--capacity", "much"), "bad-value", "--capacity"),
        (("--from", "yesterday"), "bad-value", "--from"),
        (("--from", "2026-03-01", "--to", "2026-01-01"), "bad-value", "--from"),
        (("--outcomes-to", "later"), "bad-value", "--outcomes-to"),
        (("--out", "leads.csv"), "bad-value", "--out"),
        (("--out", "nowhere/whatif.html"), "bad-value", "--out"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_written(
    ask: Ask, words: tuple[str, ...], code: str, where: str
) -> None:
    result = ask(*YEAR, *words, "--json")

    assert result.exit_code == 2
    assert result.stdout == ""
    (problem,) = json.loads(result.stderr)["problems"]
    assert (problem["code"], problem["where"] or "--out") == (code, where)


def test_a_horizon_is_days_or_weeks(ask: Ask) -> None:
    result = ask("--horizon", "3 months")

    assert result.exit_code == 2
    assert "write days or weeks, such as 90d or 12w" in result.stderr


def test_a_version_that_cannot_be_read_is_told(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "new.toml").write_text("[playbook\n", encoding="utf-8")

    result = ask(*YEAR)

    assert result.exit_code == 2
    assert "toml-syntax" in result.stderr


def test_versions_with_days_of_other_zones_are_told_to_have_none_in_common(ask: Ask, tmp_path: Path) -> None:
    new = tmp_path / "new.toml"
    text = re.sub('timezone = ".*"', "", new.read_text(encoding="utf-8"))
    new.write_text(text.replace("[playbook]", '[playbook]\ntimezone = "Asia/Tokyo"', 1), encoding="utf-8")

    result = ask(*YEAR)

    assert result.exit_code == 2
    assert "counts days in" in result.stderr and "Asia/Tokyo" in result.stderr
    assert "Traceback" not in result.stderr


def test_rows_that_cannot_be_used_are_told_beside_the_report(ask: Ask, tmp_path: Path) -> None:
    with (tmp_path / "events.csv").open("a", encoding="utf-8") as file:
        file.write("ann,page_viewed,last Tuesday,/pricing\n")

    result = ask(*YEAR, "--out", "whatif.html")

    assert "Not used of events: 1 " in result.stderr
    assert "Not used of events: 1 " in (tmp_path / "whatif.html").read_text(encoding="utf-8")
    assert json.loads(ask(*YEAR, "--json").stdout)["not_used"]


def test_nothing_to_compare_is_said_plainly(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "new.toml").write_bytes((tmp_path / "old.toml").read_bytes())

    result = ask(*YEAR)

    assert result.exit_code == 0
    assert "Marketing qualified    3    3      0        0        0         3      0" in result.stdout
    assert "tell most" not in result.stdout


def test_many_weeks_are_drawn_in_sixty_signs_at_most() -> None:
    assert len(weeks_in_a_row([1] * 104, 1)) == 52
    assert weeks_in_a_row([], 0) == ""
    assert weeks_in_a_row([0, 0], 0) == "  "
