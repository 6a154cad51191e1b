"""`leadline init` and `leadline demo`: what a newcomer sees first."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run


@pytest.mark.slow
def test_what_init_writes_can_be_checked_tested_and_scored(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    result = run("init", "north/wind")

    assert result.exit_code == 0, result.stderr
    assert "leadline check north/wind/playbook.toml --leads north/wind/data/leads.csv" in result.stdout
    readme = (tmp_path / "north/wind/README.md").read_text(encoding="utf-8")
    commands = [line.split()[1:] for line in readme.splitlines() if line.startswith("    leadline ")]
    monkeypatch.chdir(tmp_path / "north/wind")
    assert [words[0] for words in commands] == ["check", "test", "score", "explain"]
    for words in commands:
        run_result = run(*words)
        assert run_result.exit_code == 0, run_result.output


def test_init_lists_what_it_wrote_as_json(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    found = json.loads(run("init", tmp_path / "empty", "--json").stdout)

    assert "playbook.toml" in found["files"]
    assert "data/events.csv" in found["files"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty"]


@pytest.mark.parametrize("command", [["init"], ["demo", "--dir"]])
def test_nothing_of_anybody_is_overwritten(run: Run, tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("dear diary")
    (tmp_path / "file").write_text("x")

    for name in ("mine", "file"):
        result = run(*command, tmp_path / name)
        assert result.exit_code == 2
        assert "bad-value" in result.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


@pytest.mark.slow
def test_the_demo_shows_the_main_job_in_plain_text(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    result = run("demo", "--dir", tmp_path / "demo")

    assert result.exit_code == 0, result.stderr
    assert "\x1b" not in result.stdout
    assert "2,000 leads of 400 companies" in result.stdout
    for title in (
        "Where they stand",
        "Qualified today",
        "Do the grades tell the truth?",
        "to call first",
        "Why ",
        "Now you",
    ):
        assert title in result.stdout
    commands = [line for line in result.stdout.splitlines() if "leadline " in line]
    assert max(len(line) for line in result.stdout.splitlines() if line not in commands) <= 80
    assert (tmp_path / "demo/data/events.csv").is_file()


@pytest.mark.slow
def test_the_grades_of_the_demo_tell_the_truth(run: Run) -> None:
    found = json.loads(run("demo", "--json").stdout)

    shares = [group["opportunities"] / group["leads"] for group in found["later_opportunities"]]
    assert shares[0] > 2 * shares[2]
    assert shares[0] > 2 * shares[3]
    assert found["cases"]["failed"] == 0
    assert len(found["to_call"]) == 10
    assert found["explanation"]["lead_id"] == found["to_call"][0]["lead_id"]


def test_a_small_demo_works_too(run: Run) -> None:
    result = run("demo", "--terminal", "--size", "30")

    assert result.exit_code == 0, result.output
    assert "30 leads" in result.stdout
