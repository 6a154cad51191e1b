"""Finds the line on which each key of a TOML file stands, so that a problem can name it.

The standard TOML reader gives values without places. This reads only as much of the syntax as is needed to know where
keys stand; what it cannot follow simply has no line of its own and is reported at the line of what holds it.
"""

import re
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]#]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'))*)\s*="""
)
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'""")


@dataclass(slots=True)
class _Open:
    """An array or inline table that is being read."""

    path: Path
    is_array: bool
    index: int = 0
    expects_key: bool = field(default=True)


def find_lines(text: str) -> dict[Path, int]:
    """Return the line, from 1, of every table, key and array entry, by its path.

    >>> lines = find_lines('[a]\\nb = 1\\n[[c]]\\nd = [\\n  { e = 2 },\\n]')
    >>> lines["a", "b"], lines["c", 0], lines["c", 0, "d", 0, "e"]
    (2, 3, 5)
    """
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    stack: list[_Open] = []
    at, line = 0, 1
    line_start = True
    while at < len(text):
        if line_start and not stack:
            end = text.find("\n", at)
            whole = text[at:] if end < 0 else text[at:end]
            header = _HEADER.match(whole)
            if header:
                table = _table_path(_parts(header[2]), header[1] == "[[", counts)
                for size in range(1, len(table) + 1):  # [a.b] also makes a, [[c]] also makes the list of all c
                    lines.setdefault(table[:size], line)
                at += len(whole)
                line_start = False
                continue
            key = _KEY.match(whole)
            if key:
                path = (*table, *_parts(key[1]))
                for size in range(len(table) + 1, len(path) + 1):
                    lines.setdefault(path[:size], line)
                at, value = at + key.end(), path
                at, line = _value(text, at, line, value, stack, lines)
                line_start = False
                continue
        line_start = False
        character = text[at]
        if character == "\n":
            line += 1
            line_start = True
            at += 1
        elif character == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif stack:
            at, line = _inside(text, at, line, stack, lines)
        else:
            at += 1
    return lines


def _inside(text: str, at: int, line: int, stack: list[_Open], lines: dict[Path, int]) -> tuple[int, int]:
    """Go one step on inside an array or inline table."""
    top = stack[-1]
    character = text[at]
    if character in "]}":
        stack.pop()
        return at + 1, line
    if character == ",":
        top.index += 1
        top.expects_key = True
        return at + 1, line
    if character.isspace():
        return at + 1, line
    if top.is_array:
        path = (*top.path, top.index)
        lines.setdefault(path, line)
        return _value(text, at, line, path, stack, lines)
    key = _KEY.match(text, at)
    if key and top.expects_key:
        path = (*top.path, *_parts(key[1]))
        lines.setdefault(path, line)
        top.expects_key = False
        return _value(text, key.end(), line, path, stack, lines)
    return at + 1, line


def _value(text: str, at: int, line: int, path: Path, stack: list[_Open], lines: dict[Path, int]) -> tuple[int, int]:
    """Pass over a simple value, or open an array or inline table."""
    while at < len(text) and text[at] in " \t":
        at += 1
    for quote in ('"""', "'''"):
        if text.startswith(quote, at):
            end = text.find(quote, at + 3)
            end = len(text) if end < 0 else end + 3
            return end, line + text.count("\n", at, end)
    if at < len(text) and text[at] in "[{":
        stack.append(_Open(path, text[at] == "["))
        return at + 1, line
    if at < len(text) and text[at] in "\"'":
        return _after_text(text, at), line
    while at < len(text) and text[at] not in ",]}\n#":
        at += 1
    return at, line


def _after_text(text: str, at: int) -> int:
    quote = text[at]
    at += 1
    while at < len(text) and text[at] not in (quote, "\n"):
        at += 2 if text[at] == "\\" and quote == '"' else 1
    return at + 1 if at < len(text) and text[at] == quote else at


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(dotted)]


def _table_path(parts: list[str], is_array: bool, counts: dict[Path, int]) -> Path:
    """Return the path of a table header, with the places in the arrays of tables that it lies in."""
    path: Path = ()
    for depth, part in enumerate(parts):
        path = (*path, part)
        if is_array and depth == len(parts) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path
