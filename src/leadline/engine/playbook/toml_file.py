"""Reads a TOML file that a person wrote, as a `Table` that knows its lines; says what is wrong when it is no TOML."""

import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path as FilePath

from leadline.engine.playbook.lines import Path, find_lines
from leadline.engine.playbook.table import Notes, Table
from leadline.engine.problems import Problem, ProblemsError

MOST_PARTS = 32
"""Of a dotted key. Readers of TOML take time and memory that grow with the square of it."""
MOST_WHOLE = 2**63
_LONG_KEY = re.compile(
    rf"""(?m)(?:^|[\[{{,])[ \t]*+(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{MOST_PARTS}}}"""
)


def read_text(path: str | FilePath, *, most_bytes: int, advice: str) -> str:
    """Return the text of a file.

    Args:
        path: the file.
        most_bytes: how large it may be.
        advice: what it is and what to do when it is larger: "a playbook; long lists belong …".

    Raises:
        ProblemsError: it cannot be opened, is too large, or is not UTF-8.
    """
    file = str(path)
    try:
        data = FilePath(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        message = f"The file cannot be read: {reason}."
        raise ProblemsError([Problem(code="unreadable-file", message=message, file=file)]) from None
    if len(data) > most_bytes:
        message = f"The file has {len(data)} bytes; at most {most_bytes} for {advice}."
        raise ProblemsError([Problem(code="too-large", message=message, file=file)])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"Byte {error.start + 1} is not UTF-8: save the file as UTF-8."
        raise ProblemsError([Problem(code="unreadable-file", message=message, file=file, line=line)]) from None


def parse_toml(text: str, *, file: str) -> Table:
    """Return a TOML text as its root table; numbers with a point are exact decimals.

    Raises:
        ProblemsError: it is not valid TOML.
    """
    text = text.replace("\r\n", "\n")
    if found := _LONG_KEY.search(text):
        message = f"A key of more than {MOST_PARTS} parts, joined by points: nothing here is nested so deeply."
        line = text.count("\n", 0, found.start()) + 1
        raise ProblemsError([Problem(code="too-large", message=message, file=file, line=line)])
    try:
        values = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError, ArithmeticError) as error:
        raise ProblemsError([_toml_problem(error, text, file)]) from None
    lines = find_lines(text)
    if large := [path for path, number in _numbers(values) if not -MOST_WHOLE <= number < MOST_WHOLE]:
        message = "This whole number is too large for TOML, whose numbers have 64 bits."
        raise ProblemsError(
            [Problem(code="toml-syntax", message=message, file=file, line=lines.get(path)) for path in large]
        )
    return Table(values, (), "", Notes(lines))


def _numbers(values: object, path: Path = ()) -> Iterator[tuple[Path, int]]:
    """Yield the whole numbers among values, each with its path."""
    if isinstance(values, int) and not isinstance(values, bool):
        yield path, values
    elif isinstance(values, dict):
        for key, value in values.items():
            yield from _numbers(value, (*path, key))
    elif isinstance(values, list):
        for index, value in enumerate(values):
            yield from _numbers(value, (*path, index))


_SAID = {
    "Illegal character '\\n'": "a text in quotes is not closed on this line",
    "Cannot overwrite a value": "a key stands twice in one table",
    "Cannot declare": "a table or key stands twice",
    "Expected newline or end of document after a statement": "behind the value stands something more"
    " (a decimal point is a point, as in 5.5; a text stands in quotes)",
    "Invalid value": "there is no value here that can be read (a text stands in quotes)",
    "Unclosed": "a list or table is not closed",
    "Unterminated string": "a text in quotes is not closed",
}
"""Our words for what the reader of TOML says."""


def _toml_problem(error: Exception, text: str, file: str) -> Problem:
    message = "nested too deeply" if isinstance(error, RecursionError) else str(error)
    found = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    line: int | None
    if message.endswith(" (at end of document)"):
        said, line = f"{message.removesuffix(' (at end of document)')}, at the end", max(1, len(text.splitlines()))
    else:
        line = int(found[1]) if found else None
        said = message[: found.start()] + f", at character {found[2]}" if found else message
    ours = next((words for words_of_reader, words in _SAID.items() if said.startswith(words_of_reader)), None)
    if ours:
        said = f"{ours}, at character {found[2]}" if found else ours
    return Problem(code="toml-syntax", message=f"This is not valid TOML: {said}.", file=file, line=line)
