"""Writes docs/reference/ from the code, so that it cannot be wrong: `make docs`.

    problems.md   every code that a problem can have, with its meaning
    commands.md   every command with its help and options
    api.md        every public name with its signature and docstring
    settings.md   every environment variable that the app reads
    webhooks.md   every type of webhook with its JSON schema and an example

Nothing in these files is written by hand. tests/test_docs.py fails when a file differs from what this would write.
"""

import inspect
import json
import re
import sys
from pathlib import Path

import click

import leadline
from leadline.cli.main import main as command_line
from leadline.engine.problems import CODES
from leadline.web.config.environment import CHAPTERS
from leadline.web.outgoing.shapes import EXAMPLES, example_of, schema_of

FOLDER = Path(__file__).resolve().parent / "reference"
LONGEST_LINE = 100
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
        names = command_line.context_settings["help_option_names"]
        inner = click.Context(command, info_name=f"leadline {name}", help_option_names=names)
        usage = " ".join(["leadline", name, *command.collect_usage_pieces(inner)])
        lines += [f"## {name}", "", "```text", usage, "```", "", *_help_as_markdown(command.help or ""), ""]
        # Not command.get_params(): click keeps a command's help option under the names that its first context gave it.
        help_option = click.Option(names, is_flag=True, help="Show this message and exit.")
        options = [one for one in [*command.params, help_option] if isinstance(one, click.Option)]
        lines += ["| option | meaning |", "|---|---|"]
        lines += [
            f"| `{_cell(record[0])}` | {_cell(record[1])} |"
            for one in options
            if (record := one.get_help_record(inner))
        ]
        lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def _help_as_markdown(text: str) -> list[str]:
    """Return a command's help with its examples as a block of their own."""
    lines: list[str] = []
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if paragraph.startswith("\b\n"):
            title, *block = paragraph.removeprefix("\b\n").splitlines()
            lines += [title, "", "```text", *(line.removeprefix("  ") for line in block), "```", ""]
        else:
            lines += [paragraph, ""]
    return lines[:-1]


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
            *_docstring_as_markdown(inspect.getdoc(thing) or ""),
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def _signature(thing: object) -> str:
    if not callable(thing):
        return ""
    try:
        signature = inspect.signature(thing)
    except ValueError:
        return "(…)"
    # Names of types without the modules they live in, and one parameter a line where there are many.
    plain = re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z]|date)", "", str(signature))
    if len(plain) <= LONGEST_LINE:
        return plain
    shown = [re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z]|date)", "", str(one)) for one in signature.parameters.values()]
    kinds = [one.kind for one in signature.parameters.values()]
    if inspect.Parameter.KEYWORD_ONLY in kinds:
        shown.insert(kinds.index(inspect.Parameter.KEYWORD_ONLY), "*")
    returned = plain.rpartition(" -> ")[2]
    return "(\n" + "".join(f"    {one},\n" for one in shown) + f") -> {returned}"


def _docstring_as_markdown(text: str) -> list[str]:
    """Return the first sentence as prose and the rest, which is set by hand, as it stands."""
    first, _, rest = text.partition("\n\n")
    return [first, "", "```text", *rest.splitlines(), "```"] if rest else [first]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def write_settings() -> str:
    """Return the page of environment variables."""
    lines = [
        "# Settings",
        "",
        NOTICE,
        "",
        "The app is set by environment variables. It runs without any. An empty one counts as not set. `leadline doctor` says what cannot",
        "be used.",
    ]
    for title, variables in CHAPTERS.items():
        lines += ["", f"## {title}", "", "| variable | meaning | default | such as |", "|---|---|---|---|"]
        lines += [
            f"| `{one.name}` | {_cell(one.meaning)} | {_code(one.default)} | {_code(one.example)} |"
            for one in variables
        ]
    return "\n".join(lines) + "\n"


def write_webhooks() -> str:
    """Return the page of webhooks: of each type an example and the schema of its body."""
    lines = [
        "# What webhooks carry",
        "",
        NOTICE,
        "",
        "More may be added to `data`: leave alone what you do not know. How they come and how to check them: [webhooks](../webhooks.md).",
    ]
    for type_ in EXAMPLES:
        schema = schema_of(type_)
        lines += ["", f"## {type_}", "", schema["description"]]
        for shown in (example_of(type_), schema):
            lines += ["", "```json", json.dumps(shown, indent=2, ensure_ascii=False), "```"]
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    return f"`{_cell(text)}`" if text else ""


PAGES = {
    "problems.md": write_problems,
    "commands.md": write_commands,
    "api.md": write_api,
    "settings.md": write_settings,
    "webhooks.md": write_webhooks,
}


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
