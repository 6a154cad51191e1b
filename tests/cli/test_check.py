"""`leadline check`, `words` and `test`: what is told of a playbook, and with which exit code."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

DATA = ("--leads", "leads.csv", "--events", "events.csv")


def replace_in(name: str, old: str, new: str) -> None:
    text = Path(name).read_text(encoding="utf-8")
    assert old in text
    Path(name).write_text(text.replace(old, new), encoding="utf-8")


def test_a_good_playbook_has_no_problems(run: Run, shop: Path) -> None:
    result = run("check", "playbook.toml")

    assert (result.exit_code, result.stdout) == (0, "playbook.toml: no problems\n")


def test_all_problems_are_told_at_once_each_with_its_line(run: Run, shop: Path) -> None:
    replace_in("playbook.toml", 'score = "engagement"', 'score = "engagment"')
    replace_in("playbook.toml", "points = 10", "point = 10")

    result = run("check", "playbook.toml")

    assert result.exit_code == 1
    assert "  unknown-key  " in result.stdout
    assert "playbook.toml:3" in result.stdout
    assert "Did you mean 'points'?" in result.stdout
    assert result.stdout.rstrip().endswith(("2 problems", "problems"))


def test_a_field_that_the_data_does_not_have_is_found_with_data_only(run: Run, shop: Path) -> None:
    replace_in("playbook.toml", "employees between", "employes between")

    assert run("check", "playbook.toml").exit_code == 0
    result = run("check", "playbook.toml", *DATA)

    assert result.exit_code == 1
    assert "unknown-field" in result.stdout
    assert "Did you mean 'employees'?" in result.stdout


def test_what_only_the_values_show_is_a_warning_and_strict_makes_it_a_problem(run: Run, shop: Path) -> None:
    result = run("check", "playbook.toml", *DATA)

    assert result.exit_code == 0
    assert (
        "value-not-in-data (warning)  criteria.can-decide.when: 'c_level' does not occur in 'seniority'."
        in result.stdout
    )
    assert run("check", "playbook.toml", *DATA, "--strict").exit_code == 1


def test_json_has_every_problem_with_its_place(run: Run, shop: Path) -> None:
    replace_in("playbook.toml", "points = 10", "points = 'ten'")

    result = run("check", "playbook.toml", "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (found["playbook"], found["errors"]) == ("playbook.toml", 1)
    assert found["problems"][0]["code"] == "wrong-type"
    assert found["problems"][0]["line"] is not None


def test_a_file_that_is_not_there_is_no_finding_but_a_wrong_call(run: Run, shop: Path) -> None:
    assert run("check", "nothing.toml").exit_code == 2
    assert run("check", "playbook.toml", "--leads", "nobody.csv").exit_code == 2


def test_events_without_leads_are_refused(run: Run, shop: Path) -> None:
    result = run("check", "playbook.toml", "--events", "events.csv")

    assert result.exit_code == 2
    assert "--events needs --leads" in result.stderr


def test_the_starter_fits_its_own_data(run: Run, starter: Path, starter_inputs: list[str]) -> None:
    result = run("check", starter / "playbook.toml", *starter_inputs, "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {one["code"] for one in found["problems"]} <= {"never-true", "value-not-in-data", "event-not-in-data"}


# -- words ------------------------------------------------------------------------------------------------------


def test_words_say_every_criterion(run: Run, shop: Path) -> None:
    result = run("words", "playbook.toml")

    assert result.exit_code == 0
    for why in ("A company of the size we serve", "Decides about budgets", "Looked at prices"):
        assert why in result.stdout
    assert json.loads(run("words", "playbook.toml", "--json").stdout)["words"] == result.stdout


def test_words_since_an_older_playbook_say_what_changed(run: Run, shop: Path) -> None:
    Path("old.toml").write_bytes(Path("playbook.toml").read_bytes())
    replace_in("playbook.toml", "points = 10", "points = 12")

    result = run("words", "playbook.toml", "--since", "old.toml")
    (found,) = json.loads(run("words", "playbook.toml", "--since", "old.toml", "--json").stdout)["changes"]

    assert (result.exit_code, result.stdout) == (
        0,
        "Engagement\n- Changed: Looked at prices: 12 points instead of 10.\n",
    )
    assert (found["what"], found["id"], found["details"]) == ("criterion", "pricing-page", ["12 points instead of 10"])


def test_words_since_the_same_or_a_broken_playbook(run: Run, shop: Path) -> None:
    Path("old.toml").write_text("# a comment\n" + Path("playbook.toml").read_text(encoding="utf-8"), encoding="utf-8")

    assert run("words", "playbook.toml", "--since", "old.toml").stdout == "Nothing changed.\n"
    replace_in("old.toml", "points = 10", "point = 10")
    broken = run("words", "playbook.toml", "--since", "old.toml")
    absent = run("words", "playbook.toml", "--since", "older.toml", "--json")
    assert (broken.exit_code, broken.stdout) == (2, "")
    assert "old.toml:" in broken.stderr
    assert (absent.exit_code, json.loads(absent.stderr)["problems"][0]["code"]) == (2, "unreadable-file")


# -- cases ------------------------------------------------------------------------------------------------------


def test_cases_that_hold_pass(run: Run, shop: Path) -> None:
    result = run("test", "playbook.toml")

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "1 case: all passed"
    assert json.loads(run("test", "playbook.toml", "--json").stdout)["passed"] == 1


def test_a_case_that_fails_shows_what_was_expected_and_what_was_found(run: Run, shop: Path) -> None:
    replace_in("cases.toml", "fit = 60", "fit = 90")
    Path("cases.toml").rename("other.toml")

    result = run("test", "playbook.toml", "other.toml")

    assert result.exit_code == 1
    assert "failed  A vice president who looked at prices is an MQL  (other.toml:1)" in result.stdout
    assert "expected  90" in result.stdout
    assert "found     60" in result.stdout
    found = json.loads(run("test", "playbook.toml", "other.toml", "--json").stdout)
    assert (found["failed"], found["cases"][0]["passed"]) == (1, False)


@pytest.mark.parametrize(
    ("words", "code"), [(["nothing.toml"], "unreadable-file"), (["playbook.toml", "none.toml"], "unreadable-file")]
)
def test_cases_that_cannot_be_read_are_a_wrong_call(run: Run, shop: Path, words: list[str], code: str) -> None:
    result = run("test", *words)

    assert result.exit_code == 2
    assert code in result.stderr
