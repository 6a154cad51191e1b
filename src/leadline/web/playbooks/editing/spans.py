"""Finds where each key and value of a TOML text stands, to the character, so that it can be changed in place.

The standard reader has read the text before, so it is known to be TOML, and what the values are. Here it is only gone through.
"""

import re
import tomllib
from dataclasses import dataclass, field

from leadline.engine.playbook.lines import Path

_GAP = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""")
_TEXT = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'  # up to two quotes may stand before the three that end it
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE = re.compile(r"[^\r\n,\]}#]+")
_DEEPEST = 12
"""Tables deeper than this are in no playbook; what is known of them would grow with the square of a key's length."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, in characters from 0; *end* is the first one behind it."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """What holds pairs: the part of the file under a header, the part before the first one, or braces.

    path:  the table that it is, with the places in lists: ``("criteria", 3)``.
    start: where the header's line, or the opening brace, begins.
    end:   behind the header's closing bracket, or behind the closing brace.
    """

    path: Path
    start: int
    end: int
    is_inline: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A key and its value as they are written.

    path:   of the value: the block's own, and then each part of the key, as in ``decay.half_life = "14d"``.
    block:  the path of the block in which it is written.
    parts:  where each part of the key begins.
    value:  where the value stands.
    """

    path: Path
    block: Path
    parts: tuple[int, ...]
    value: Span
    is_inline: bool

    @property
    def start(self) -> int:
        """Where its key begins."""
        return self.parts[0]


@dataclass(slots=True)
class Layout:
    """Where everything stands in a text.

    values: each value, entry of a list and table in braces, by its path.
    blocks: in the order of the file; the first is the part before all headers.
    pairs:  of each table those that are written in it, in the order of the file, also through keys with points.
    """

    text: str
    values: dict[Path, Span] = field(default_factory=dict)
    blocks: dict[Path, Block] = field(default_factory=dict)
    pairs: dict[Path, list[Pair]] = field(default_factory=dict)

    def line_start(self, at: int) -> int:
        """Return where the line of a character begins."""
        return self.text.rfind("\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        """Return where the line behind that of a character begins, or where the text ends."""
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end + 1

    @property
    def newline(self) -> str:
        """How the text ends its lines: as its first one does."""
        end = self.text.find("\n")
        return "\r\n" if end > 0 and self.text[end - 1] == "\r" else "\n"


def find_layout(text: str) -> Layout:
    """Return where everything stands in a text that is known to be TOML.

    >>> layout = find_layout('[a]\\nb = { c = 10 } # ten')
    >>> span = layout.values["a", "b", "c"]
    >>> layout.text[span.start : span.end]
    '10'
    """
    layout = Layout(text)
    counts: dict[Path, int] = {}
    block = layout.blocks.setdefault((), Block((), 0, 0))
    at = _gap(text, 0)
    while at < len(text):
        if text[at] == "[":
            is_list = text.startswith("[[", at)
            names, _, end = _key(text, at + 1 + is_list)
            block = Block(_header_path(names, is_list, counts), layout.line_start(at), end + 1 + is_list)
            layout.blocks[block.path] = block
            at = block.end
        else:
            at = _pair(layout, block, at)
        at = _gap(text, at)
    return layout


def _header_path(names: list[str], is_list: bool, counts: dict[Path, int]) -> Path:
    """Return the path of a header; a name of a list of tables means its last table."""
    path: Path = ()
    for depth, name in enumerate(names, start=1):
        path = (*path, name)
        if is_list and depth == len(names):
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _pair(layout: Layout, block: Block, at: int) -> int:
    """Go over a key and its value. Return where it ends."""
    names, parts, end = _key(layout.text, at)
    path = (*block.path, *names)
    start = _after(_BLANK, layout.text, end + 1)
    end = _value(layout, path, start)
    pair = Pair(path, block.path, tuple(parts), Span(start, end), block.is_inline)
    for size in range(len(block.path), min(len(path), _DEEPEST)):
        layout.pairs.setdefault(path[:size], []).append(pair)
    return end


def _key(text: str, at: int) -> tuple[list[str], list[int], int]:
    """Go over a key. Return its parts, where each begins, and where what follows it stands: ``=`` or a bracket."""
    names: list[str] = []
    parts: list[int] = []
    while True:
        at = _after(_BLANK, text, at)
        found = _PART.match(text, at)
        assert found is not None, at
        parts.append(at)
        names.append(_name(found[0]))
        at = _after(_BLANK, text, found.end())
        if text[at] != ".":
            return names, parts, at
        at += 1


def _name(written: str) -> str:
    if written[0] == '"':
        return str(tomllib.loads(f"it = {written}")["it"])
    return written[1:-1] if written[0] == "'" else written


def _value(layout: Layout, path: Path, at: int) -> int:
    """Go over a value. Return where it ends."""
    text, start = layout.text, at
    if text[at] == "[":
        at, index = _gap(text, at + 1), 0
        while text[at] != "]":
            at = _gap(text, _value(layout, (*path, index), at))
            if text[at] == ",":
                at, index = _gap(text, at + 1), index + 1
        at += 1
    elif text[at] == "{":
        block = Block(path, at, at, is_inline=True)
        at = _gap(text, at + 1)
        while text[at] != "}":
            at = _gap(text, _pair(layout, block, at))
            if text[at] == ",":
                at = _gap(text, at + 1)
        at += 1
        layout.blocks[path] = Block(path, start, at, is_inline=True)
    elif found := _TEXT.match(text, at):
        at = found.end()
    else:
        at += len(text[at : _after(_BARE, text, at)].rstrip())
    layout.values[path] = Span(start, at)
    return at


def _gap(text: str, at: int) -> int:
    """Return what comes after blanks, ends of lines and comments."""
    return _after(_GAP, text, at)


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
