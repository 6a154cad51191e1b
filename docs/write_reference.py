"""Writes docs/reference/ from the code, so that it cannot be wrong: `make docs`.

    problems.md   every code that a problem can have, with its meaning
    commands.md   every command with its help and options
    api.md        every public name with its signature and docstring

Nothing in these files is written by hand. tests/test_docs.py fails when a file differs from what this would write.
"""

import inspect
import sys
from pathlib import Path

import click

import leadline
from leadline.cli.main import main as command_line
from leadline.engine.problems import CODES

FOLDER = Path(__file__).resolve().parent / "reference"
NOTICE = "<!-- Written by `make docs` from the code. Do not edit. -->"


def write_problems() -> str:
    """Return the page of problem codes, in the order and groups of the registry."""
    lines = [
        "# Problem codes",
        "",
        NOTICE,
        "",
        "Every problem has a code that stays the same; scripts may rely on it. The sentence beside it may change.",
        "",
        "| code | what it says |",
        "|---|---|",
    ]
    lines += [f"| `{code}` | {meaning} |" for code, meaning in CODES.items()]
    return "\n".join(lines) + "\n"


def write_commands() -> str:
    """Return the page of commands: help as it is printed, then the options."""
    lines = ["# Commands", "", NOTICE, ""]
    context = click.Context(command_line, info_name="leadline")
    for name in command_line.list_commands(context):
        command = command_line.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=f"leadline {name}", parent=None)
        lines += [
            f"## {name}",
            "",
            "```text",
            " ".join(command.collect_usage_pieces(inner)).join([f"leadline {name} ", ""]),
        ]
        lines += ["```", "", inspect.cleandoc(command.help or "").replace("\b\n", "").replace("\f", "").strip(), ""]
        records = [record for parameter in command.get_params(inner) if (record := parameter.get_help_record(inner))]
        if records:
            lines += ["| option | meaning |", "|---|---|"]
            lines += [f"| `{_cell(option)}` | {_cell(meaning)} |" for option, meaning in records]
            lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def write_api() -> str:
    """Return the page of public names."""
    lines = [
        "# Python",
        "",
        NOTICE,
        "",
        "What `from leadline import …` offers. What is not here may change without notice.",
        "",
    ]
    for name in leadline.__all__:
        thing = getattr(leadline, name)
        if isinstance(thing, str):
            continue
        kind = "class " if inspect.isclass(thing) else ""
        lines += [
            f"## {name}",
            "",
            "```python",
            f"{kind}{name}{_signature(thing)}",
            "```",
            "",
            inspect.getdoc(thing) or "",
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def _signature(thing: object) -> str:
    if not callable(thing):
        return ""
    try:
        return str(inspect.signature(thing))
    except ValueError:
        return "(…)"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


PAGES = {"problems.md": write_problems, "commands.md": write_commands, "api.md": write_api}


def main() -> None:
    """Write every page, and name the ones that changed."""
    FOLDER.mkdir(exist_ok=True)
    for name, write in PAGES.items():
        page, text = FOLDER / name, write()
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
            sys.stdout.write(f"docs/reference/{name} changed\n")


if __name__ == "__main__":
    main()
