"""What goes wrong is told with an exit code, never with a stack trace; and nothing is left half-written."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from leadline.engine import data_check

LEADLINE = [sys.executable, "-c", "from leadline.cli.main import main; main()"]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")}
DATA = ("--leads", "leads.csv", "--events", "events.csv", "--as-of", "2026-03-02")


def test_problems_that_stop_a_command_go_to_stderr_all_of_them(run: Run, shop: Path) -> None:
    Path("leads.csv").write_text("id,name\n1,x\n")
    Path("events.csv").write_text("lead,event\n1,x\n")

    result = run("score", "playbook.toml", *DATA)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("missing-column") == 3
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("typed", [("up", "--port"), ("demo", "--port"), ("demo", "--size"), ("queue", "--limit")])
def test_what_should_be_a_number_and_is_none_is_told_in_plain_words(run: Run, typed: tuple[str, str]) -> None:
    result = run(*typed, "abc")

    assert result.exit_code == 2
    assert f"Invalid value for '{typed[1]}': 'abc' is not a valid whole number." in result.stderr


def test_with_json_they_are_json_on_stderr(run: Run, shop: Path) -> None:
    result = run("score", "nothing.toml", *DATA, "--json")

    assert result.exit_code == 2
    assert result.stdout == ""
    assert json.loads(result.stderr)["problems"][0]["code"] == "unreadable-file"


def test_a_mistake_of_leadline_itself_is_admitted_and_debug_shows_where(
    run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_settings: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(data_check, "check", fail)

    short, long = run("check", "playbook.toml"), run("check", "playbook.toml", "--debug")

    assert (short.exit_code, long.exit_code) == (3, 3)
    assert "Leadline made a mistake: ZeroDivisionError: by nothing" in short.stderr
    assert "--debug" in short.stderr
    assert "Traceback" not in short.stderr
    assert "Traceback" in long.stderr


def test_a_full_disk_or_a_closed_door_is_told_as_such(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_settings: object) -> None:
        raise PermissionError(13, "Permission denied", "secret.csv")

    monkeypatch.setattr(data_check, "check", fail)

    result = run("check", "playbook.toml")

    assert (result.exit_code, result.stderr) == (2, "Error: secret.csv: Permission denied.\n")


def test_memory_that_does_not_suffice_is_told_with_what_to_do(
    run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class OutOfMemoryException(Exception):  # noqa: N818 - the name that DuckDB gives it
        pass

    def fail(*_arguments: object, **_settings: object) -> None:
        raise OutOfMemoryException

    monkeypatch.setattr(data_check, "check", fail)

    result = run("check", "playbook.toml")

    assert result.exit_code == 2
    assert "--memory" in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="pipes and signals are those of POSIX")
def test_a_reader_who_has_seen_enough_is_no_error(starter: Path, starter_inputs: list[str]) -> None:
    words = [*LEADLINE, "score", str(starter / "playbook.toml"), *starter_inputs, "--contributions"]
    writer = subprocess.Popen(words, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert writer.stdout is not None
    writer.stdout.close()
    _, told = writer.communicate(timeout=60)

    assert b"Traceback" not in told
    assert b"BrokenPipe" not in told
    assert writer.returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="pipes and signals are those of POSIX")
def test_ctrl_c_stops_at_once_and_leaves_nothing_half_written(
    starter: Path, starter_inputs: list[str], tmp_path: Path
) -> None:
    controller, terminal = pty.openpty()
    words = [*LEADLINE, "score", str(starter / "playbook.toml"), *starter_inputs, "--out", str(tmp_path / "scores.csv")]
    process = subprocess.Popen(
        words,
        env=ENVIRONMENT,
        stderr=terminal,
        stdout=subprocess.DEVNULL,
        # whoever runs tests in the background has told them to ignore Ctrl-C, and that is inherited
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    os.close(terminal)
    shown = b""
    while b"Reading inputs" not in shown and b"Starting" not in shown:
        shown += os.read(controller, 4096)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    try:
        while more := os.read(controller, 4096):
            shown += more
    except OSError:
        pass  # the other end is closed
    os.close(controller)

    assert process.wait(timeout=60) == 130
    assert b"Stopped. Nothing was written." in shown
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("extra", "is_coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_for_terminals_and_not_with_no_color(shop: Path, extra: dict[str, str], is_coloured: bool) -> None:
    controller, terminal = pty.openpty()
    environment = {name: text for name, text in ENVIRONMENT.items() if name != "NO_COLOR"} | {"TERM": "xterm"} | extra
    done = subprocess.run(
        [*LEADLINE, "words", "nothing.toml"], env=environment, stderr=terminal, stdout=subprocess.PIPE, check=False
    )
    os.close(terminal)
    told = os.read(controller, 4096)
    os.close(controller)

    assert done.returncode == 2
    assert b"unreadable-file" in told
    assert (b"\x1b[31m" in told) is is_coloured
