"""The documents are true: their commands run, their links lead somewhere, their examples give what they say.

A fenced block marked ``sh`` or ``console`` is run, the blocks of a document one after the other in one shell
and one empty folder, as a reader would. In a ``console`` block lines that begin with ``$`` are commands, and each
line below one must be printed by it, in that order; a line of ``…`` leaves lines out. A block that cannot run here has
a comment before it that says why:

    <!-- not run: needs a PostgreSQL server of your own -->
"""

import doctest
import importlib
import os
import re
import runpy
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from leadline.cli.main import main as command_line

PROJECT = Path(__file__).resolve().parent.parent
SKIPPED_FOLDERS = {".venv", ".git", "node_modules", ".hypothesis", ".pytest_cache", ".ruff_cache", ".mypy_cache"}
DOCUMENTS = sorted(path for path in PROJECT.rglob("*.md") if not SKIPPED_FOLDERS & set(path.relative_to(PROJECT).parts))
SECONDS_ALLOWED = 300

NOT_RUN = re.compile(r"<!-- not run:(?P<reason>[^>]*)-->")
FENCE = re.compile(r"^(?P<ticks>```+)(?P<language>[\w-]*)\s*$")
LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\((?P<target>[^)\s]+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block: where it is, what language it claims, its text, and why it is not run (None: it is)."""

    line: int
    language: str
    text: str
    not_run: str | None

    def steps(self) -> list[tuple[str, list[str]]]:
        """Return the block's commands, each with the lines that it is said to print."""
        if self.language != "console":
            return [(self.text, [])]
        steps: list[tuple[str, list[str]]] = []
        for line in self.text.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            elif steps and not steps[-1][1] and steps[-1][0].endswith("\\"):
                steps[-1] = (f"{steps[-1][0]}\n{line}", [])
            elif steps and line.strip():
                steps[-1][1].append(line)
        return steps


def read_blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a Markdown document in order."""
    reason: str | None = None
    opened: tuple[int, str, str] | None = None
    body: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if opened is not None:
            if line.strip() == opened[1]:
                yield Block(line=opened[0], language=opened[2], text="\n".join(body), not_run=reason)
                opened, body, reason = None, [], None
            else:
                body.append(line)
        elif fence := FENCE.match(line):
            opened = (number, fence["ticks"], fence["language"])
        elif mark := NOT_RUN.search(line):
            reason = mark["reason"].strip()
        elif line.strip():
            reason = None


def commands_of(path: Path) -> list[Block]:
    return [
        block for block in read_blocks(path.read_text(encoding="utf-8")) if block.language in {"sh", "console", "bash"}
    ]


def find_unprinted(expected: list[str], printed: str) -> str | None:
    """Return the first expected line that was not printed in its turn; spaces inside a line do not count."""
    actual = iter([" ".join(line.split()) for line in printed.splitlines()])
    for line in expected:
        words = " ".join(line.split())
        if words != "…" and not any(words == one for one in actual):
            return line
    return None


def title_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def anchors_of(path: Path) -> set[str]:
    """Return what a link may name after ``#`` in a document, as code hosts make it from the headings."""
    prose = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ +(.+?)\s*$", prose, flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return anchors | set(re.findall(r'<a (?:id|name)="([^"]+)"', prose))


# -- reading documents -----------------------------------------------------------------------------------------


def test_a_block_knows_its_language_its_commands_and_why_it_is_not_run() -> None:
    document = """
        ```console
        $ leadline words \\
            playbook.toml
        a sentence
        ```

        <!-- not run: needs a server -->
        ```sh
        leadline score
        ```
        ```toml
        a = 1
        ```
        """

    console, shell, other = read_blocks(textwrap.dedent(document).strip())

    assert console.steps() == [("leadline words \\\n    playbook.toml", ["a sentence"])]
    assert (console.line, console.not_run) == (1, None)
    assert (shell.steps(), shell.not_run) == ([("leadline score", [])], "needs a server")
    assert (other.language, other.not_run) == ("toml", None)


def test_a_line_that_a_command_no_longer_prints_is_found() -> None:
    printed = "a  score\nof 35\n\nof lead ann\n"

    assert find_unprinted(["a score", "…", "of lead ann"], printed) is None
    assert find_unprinted(["a score", "of 40"], printed) == "of 40"
    assert find_unprinted(["of lead ann", "a score"], printed) == "a score"


# -- commands -------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [path for path in DOCUMENTS if any(b.not_run is None for b in commands_of(path))], ids=title_of
)
def test_the_commands_of_a_document_run(path: Path, tmp_path: Path) -> None:
    """One shell for the whole document; `set -e` stops at the first command that fails."""
    blocks = [block for block in commands_of(path) if block.not_run is None]
    steps = [(block.line, command, expected) for block in blocks for command, expected in block.steps()]
    script = ["set -euo pipefail", *(f"printf '\\036'\n{command}" for _, command, _ in steps)]
    (tmp_path / "examples").symlink_to(PROJECT / "examples")
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    run = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=tmp_path,
        env=os.environ | {"PATH": tools, "COLUMNS": "100", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS_ALLOWED,
        check=False,
    )

    _, *printed = run.stdout.split("\036")
    line, command, _ = steps[len(printed) - 1]
    assert run.returncode == 0, f"{title_of(path)}:{line}: exit {run.returncode} of\n{command}\n{printed[-1][-4000:]}"
    for (line, command, expected), text in zip(steps, printed, strict=True):
        missing = find_unprinted(expected, text)
        assert missing is None, f"{title_of(path)}:{line}: {command}\ndoes not print {missing!r} there, but\n{text}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=title_of)
def test_a_block_that_is_not_run_says_why(path: Path) -> None:
    silent = [block.line for block in read_blocks(path.read_text(encoding="utf-8")) if block.not_run == ""]

    assert not silent, f"give the reason: <!-- not run: … -->, lines {silent}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=title_of)
def test_a_verb_of_make_that_a_document_names_exists(path: Path) -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    verbs = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))

    named = set(re.findall(r"(?:`|^\$? ?)make ([a-z]+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE))

    assert named <= verbs


def test_ci_runs_the_test_command_of_the_readme() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")

    assert "Run the tests: `make test`" in readme
    assert (PROJECT / ".ci/run").read_text(encoding="utf-8").splitlines()[-1] == "make test"
    assert os.access(PROJECT / ".ci/run", os.X_OK)


def test_every_command_of_the_command_line_is_in_the_readme() -> None:
    main = importlib.import_module("leadline.cli.main")
    group = getattr(main, "cli", main.main)

    readme = (PROJECT / "README.md").read_text(encoding="utf-8")

    assert not [name for name in group.commands if f"leadline {name}" not in readme]


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if commands_of(path)], ids=title_of)
def test_a_command_that_a_document_shows_exists(path: Path) -> None:
    """This also holds blocks that are not run: an option that was renamed is found there too."""
    main = importlib.import_module("leadline.cli.main")
    group = getattr(main, "cli", main.main)

    wrong = []
    for block in commands_of(path):
        script = "\n".join(command for command, _ in block.steps())
        for line in re.sub(r"\\\n\s*", " ", script).splitlines():
            words = re.split(r"[|>;&#]", line)[0].split()
            if words[:1] != ["leadline"] or len(words) < 2 or words[1].startswith("-"):
                continue
            if words[1] not in group.commands:
                wrong.append(f"{block.line}: leadline {words[1]}")
                continue
            known = {
                option
                for parameter in group.commands[words[1]].params
                for option in (*parameter.opts, *parameter.secondary_opts)
            }
            used = {word.split("=")[0] for word in words[2:] if word.startswith("--")}
            wrong += [f"{block.line}: leadline {words[1]} {option}" for option in sorted(used - known - {"--help"})]

    assert not wrong


# -- links, files, settings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", DOCUMENTS, ids=title_of)
def test_every_link_leads_somewhere(path: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)

    broken = []
    for found in LINK.finditer(prose):
        target, _, anchor = found["target"].partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        there = (path.parent / target).resolve() if target else path
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors_of(there)):
            broken.append(found["target"])

    assert not broken


@pytest.mark.parametrize("path", [PROJECT / "ARCHITECTURE.md", PROJECT / "CONTRIBUTING.md"], ids=title_of)
def test_every_file_that_is_named_exists(path: Path) -> None:
    """A path in `back-ticks`, from the root or from src/leadline; a part in capitals stands for any name."""
    prose = path.read_text(encoding="utf-8")

    named = re.findall(r"`((?:src|tests|docs|examples|benchmarks|engine|cli|starter)/[\w./-]*)`", prose)
    missing = [
        name
        for name in named
        if not re.search(r"[A-Z]{3,}", name)
        and not (PROJECT / name).exists()
        and not (PROJECT / "src/leadline" / name).exists()
    ]

    assert named
    assert not missing


def test_the_house_is_complete() -> None:
    wanted = ["README", "ARCHITECTURE", "GLOSSARY", "CONTRIBUTING", "CHANGELOG", "SECURITY"]

    assert not [name for name in wanted if not (PROJECT / f"{name}.md").is_file()]
    assert (PROJECT / "LICENSE").read_text(encoding="utf-8").lstrip().startswith("Apache License")


def test_every_dependency_has_its_decision() -> None:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = settings["optional-dependencies"]
    asked = settings["dependencies"] + [one for extra in ("frames", "postgres", "spark") for one in extras[extra]]
    names = [re.match(r"[\w-]+", one)[0] for one in asked]  # type: ignore[index]

    decisions = "\n".join(
        path.read_text(encoding="utf-8") for path in (PROJECT / "docs/decisions").glob("*.md")
    ).lower()

    assert not [name for name in names if name not in decisions]


def test_the_reference_is_what_the_code_says() -> None:
    """docs/reference is written by `make docs`; here nothing is written, only compared.

    A command that was called on its own before keeps its help option as `--help` alone: the page must not care.
    """
    CliRunner().invoke(command_line.commands["doctor"], ["--help"])
    pages = runpy.run_path(str(PROJECT / "docs/write_reference.py"))["PAGES"]

    stale = [name for name, write in pages.items() if (PROJECT / "docs/reference" / name).read_text("utf-8") != write()]

    assert not stale, "run `make docs`"


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in (PROJECT / "docs/decisions").glob("[0-9]*.md"))

    assert numbers == list(range(1, len(numbers) + 1))


# -- examples in docstrings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [path for path in sorted((PROJECT / "src").rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8")],
    ids=title_of,
)
def test_the_examples_in_docstrings_are_right(path: Path) -> None:
    parts = path.relative_to(PROJECT / "src").with_suffix("").parts
    module = importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))

    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)

    assert result.attempted > 0
    assert result.failed == 0
