"""The help: every command says what it does, shows examples that exist, and takes --json."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from tests.cli.conftest import Run

from leadline import __version__
from leadline.cli.command import EXIT_CODES
from leadline.cli.main import CHAPTERS, main

COMMANDS = sorted(main.commands)
WANTED = {
    "check", "words", "score", "explain", "test", "compile", "rollup", "init", "demo", "replay", "whatif", "backtest", "review",
    "up", "worker", "user", "publish", "import", "verify", "doctor", "backup", "restore", "pull",
    "queue", "claim", "call", "snooze", "accept", "reject", "recycle", "disqualify", "release", "undo",
}  # fmt: skip


def examples_of(command: click.Command) -> list[str]:
    text = re.sub(r"\\\n\s*", " ", command.help or "")
    return [line.strip() for line in text.splitlines() if line.strip().startswith("leadline ")]


def test_every_command_of_the_contract_is_there_under_a_heading(run: Run) -> None:
    listed = {one.name for commands in CHAPTERS.values() for one in commands}
    text = run("--help").stdout

    assert set(COMMANDS) == WANTED == listed
    for name in COMMANDS:
        assert re.search(rf"^  {name} +\S", text, flags=re.MULTILINE)


def test_exit_codes_stand_in_the_help(run: Run) -> None:
    text = " ".join(run("--help").stdout.split())

    for code, meaning in EXIT_CODES.items():
        assert f"{code} {meaning}" in text


def test_the_version_is_told(run: Run) -> None:
    assert run("--version").stdout == f"leadline {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_examples_and_takes_json(run: Run, name: str) -> None:
    command = main.commands[name]

    examples = examples_of(command)
    text = run(name, "--help").stdout

    assert any(example.split()[1] == name for example in examples)
    assert "Examples:" in text
    assert "--json" in text
    assert command.short_help
    assert max(len(line) for line in text.splitlines() if "leadline " not in line) <= 100


@pytest.mark.parametrize("name", COMMANDS)
def test_the_options_of_examples_exist(name: str) -> None:
    wrong = []
    for example in examples_of(main.commands[name]):
        words = re.split(r"[|>]", example)[0].split()
        known = {option for parameter in main.commands[words[1]].params for option in parameter.opts}
        wrong += [word for word in words if word.startswith("--") and word not in known]

    assert not wrong


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_does(name: str) -> None:
    assert not [one for one in main.commands[name].params if isinstance(one, click.Option) and not one.help]


def test_a_mistyped_command_is_answered_with_the_nearest(run: Run) -> None:
    result = run("scroe")

    assert result.exit_code == 2
    assert "Did you mean 'score'?" in result.stderr


def test_help_needs_no_database_parser_or_terminal_library() -> None:
    heavy = ["duckdb", "sqlglot", "lark", "rich", "pandas", "polars", "pyarrow", "psycopg", "pyspark"]
    program = f"import sys, leadline.cli.main; print(*sorted(set({heavy}) & set(sys.modules)))"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")}

    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.split() == []
