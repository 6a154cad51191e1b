"""Changes values, keys and tables in a TOML text at the places where they stand, and nothing else.

Each change becomes pieces of text to put in place of others. Changes of one table's keys are made one after another, each on the text
that the one before left, so that none has to know of the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from leadline.engine.playbook.lines import Path
from leadline.web.playbooks.editing.quoting import Value, write_key, write_value
from leadline.web.playbooks.editing.spans import Block, Layout, Pair, find_layout


class OutOfReachError(Exception):
    """A table is written in a way in which this cannot be changed in place."""


@dataclass(frozen=True, slots=True)
class Put:
    """A value in place of the one that stands at *at*."""

    at: Path
    value: Value


@dataclass(frozen=True, slots=True)
class Add:
    """A key that *table* does not have, behind the nearest of those before it in *order*."""

    table: Path
    key: str
    value: Value
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remove:
    """A key with all that it holds, and with the comment behind it on its line."""

    at: Path


Change = Put | Add | Remove


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """A text in place of a stretch. Of two at one place what ends a table comes before what *begins* the next."""

    start: int
    end: int
    begins: bool
    text: str


def change_text(text: str, changes: Iterable[Change]) -> str:
    """Return a TOML text with changes made.

    Raises:
        OutOfReachError: one cannot be made.
    """
    left = list(changes)
    while left:
        now, left = _apart(left)
        layout = find_layout(text)
        text = splice(text, [piece for change in now for piece in _pieces(layout, change)])
    return text


def change_values(values: dict[str, Any], changes: Iterable[Change]) -> None:
    """Make the same changes in the values that were read from a text."""
    for change in changes:
        match change:
            case Put(at, value):
                _holder(values, at)[at[-1]] = _as_read(value)
            case Add(table, key, value, _):
                _holder(values, (*table, key))[key] = _as_read(value)
            case Remove(at):
                del _holder(values, at)[at[-1]]


def splice(text: str, pieces: Iterable[Piece]) -> str:
    """Return a text with pieces put in place of stretches that do not overlap."""
    parts, at = [], 0
    for piece in sorted(pieces):
        if piece.start < at:
            raise OutOfReachError
        parts += [text[at : piece.start], piece.text]
        at = piece.end
    return "".join((*parts, text[at:]))


def new_lines(layout: Layout, at: int, lines: str) -> str:
    """Return lines to put before the line that begins at *at*; at the end of a file that does not end its last line, it is ended."""
    lines = lines.replace("\n", layout.newline)
    is_open = at == len(layout.text) and at > 0 and layout.text[at - 1] != "\n"
    return layout.newline + lines.removesuffix(layout.newline) if is_open else lines


def _holder(values: Any, at: Path) -> Any:
    for part in at[:-1]:
        values = values[part]
    return values


def _as_read(value: Value) -> object:
    """Return a value as it is read from a text."""
    return list(value) if isinstance(value, tuple) else value


def has_comment(layout: Layout, at: Path) -> bool:
    """Return whether a comment stands within a list of texts, which a list in its place would drop."""
    span = layout.values[at]
    entries = [one for path, one in layout.values.items() if path[:-1] == at]
    if not entries:
        return False
    starts, ends = [one.start for one in entries], [one.end for one in entries]
    gaps = zip([span.start, *ends], [*starts, span.end], strict=True)
    return any("#" in layout.text[begin:end] for begin, end in gaps)


def _apart(changes: Sequence[Change]) -> tuple[list[Change], list[Change]]:
    """Return those changes that can be made at once, of each table's keys one, and the others."""
    now: list[Change] = []
    later: list[Change] = []
    touched: set[Path] = set()
    around: set[Path] = set()
    for change in changes:
        if isinstance(change, Put):
            now.append(change)
            continue
        table = change.at[:-1] if isinstance(change, Remove) else change.table
        above = {table[:size] for size in range(len(table) + 1)}
        if table in around or above & touched:
            later.append(change)
            continue
        now.append(change)
        touched.add(table)
        around |= above
    return now, later


def _pieces(layout: Layout, change: Change) -> list[Piece]:
    match change:
        case Put(at, value):
            span = layout.values.get(at)
            if span is None:
                raise OutOfReachError
            if isinstance(value, tuple) and has_comment(layout, at):
                raise OutOfReachError
            written = write_value(value, instead_of=layout.text[span.start : span.end], newline=layout.newline)
            return [Piece(span.start, span.end, False, written)]
        case Add():
            return [_added(layout, change)]
        case Remove(at):
            return _removed(layout, at)


# -- a new key -------------------------------------------------------------------------------------------------------


def _added(layout: Layout, change: Add) -> Piece:
    depth = len(change.table)
    pairs = layout.pairs.get(change.table, [])
    own = layout.blocks.get(change.table)
    rank = {key: number for number, key in enumerate(change.order)}
    before = [pair for pair in pairs if rank.get(str(pair.path[depth]), len(rank)) < rank.get(change.key, len(rank))]
    line = f"{write_key(change.key)} = {write_value(change.value)}"
    if before:
        nearest = max(before, key=lambda pair: (rank[str(pair.path[depth])], pair.value.end))
        line = _dotted(layout, nearest, depth) + line
        if nearest.is_inline:
            return _inserted(nearest.value.end, f", {line}")
        return _new_line(layout, layout.line_end(nearest.value.end), _indent(layout, nearest) + line)
    if pairs and pairs[0].is_inline:
        return _inserted(pairs[0].start, f"{_dotted(layout, pairs[0], depth)}{line}, ")
    if own and own.is_inline:
        return Piece(own.start, own.end, False, f"{{ {line} }}")
    if own and change.table:
        indent = _indent(layout, pairs[0]) if pairs else ""
        return _new_line(layout, layout.line_end(own.end), indent + line)
    if pairs:
        line = _indent(layout, pairs[0]) + _dotted(layout, pairs[0], depth) + line
        return _new_line(layout, layout.line_start(pairs[0].start), line)
    return _with_header(layout, change.table, line)


def _inserted(at: int, text: str) -> Piece:
    return Piece(at, at, False, text)


def _new_line(layout: Layout, at: int, line: str) -> Piece:
    return _inserted(at, new_lines(layout, at, line + "\n"))


def _with_header(layout: Layout, table: Path, line: str) -> Piece:
    """Return a new part of the file for a table that only tables within it speak of, before the first of those."""
    inner = next((block for path, block in layout.blocks.items() if path[: len(table)] == table), None)
    if inner is None or not all(isinstance(part, str) for part in table):
        raise OutOfReachError
    header = ".".join(write_key(str(part)) for part in table)
    return Piece(inner.start, inner.start, True, new_lines(layout, inner.start, f"[{header}]\n{line}\n"))


def _dotted(layout: Layout, pair: Pair, depth: int) -> str:
    """Return what stands before a table's own part of a key: ``decay.`` of ``decay.half_life``."""
    return layout.text[pair.start : pair.parts[depth - len(pair.block)]]


def _indent(layout: Layout, pair: Pair) -> str:
    return layout.text[layout.line_start(pair.start) : pair.start]


# -- a key less --------------------------------------------------------------------------------------------------------


def _removed(layout: Layout, at: Path) -> list[Piece]:
    pairs = [pair for pair in layout.pairs.get(at[:-1], []) if pair.path[: len(at)] == at]
    blocks = [block for path, block in layout.blocks.items() if path[: len(at)] == at and not block.is_inline]
    if not pairs and not blocks:
        raise OutOfReachError
    if len(pairs) == 1 and not blocks and _is_all_that_makes(layout, pairs[0], len(at) - 1):
        table = _dotted(layout, pairs[0], len(at) - 1).rstrip(" \t").removesuffix(".").rstrip(" \t")
        return [Piece(pairs[0].start, pairs[0].value.end, False, f"{table} = {{}}")]
    if pairs and pairs[0].is_inline:
        return _without(layout, pairs)
    lines = [(layout.line_start(pair.start), layout.line_end(pair.value.end)) for pair in pairs]
    lines += [(block.start, end_of_block(layout, block)) for block in blocks]
    return [Piece(start, end, False, "") for start, end in lines]


def _is_all_that_makes(layout: Layout, pair: Pair, depth: int) -> bool:
    """Return whether a table is there by this key with points alone, as `lost` by ``lost.quiet``: without it the table stays, empty."""
    table = pair.path[:depth]
    is_alone = len(pair.block) < depth and layout.pairs[table] == [pair]
    return is_alone and not any(path[:depth] == table for path in layout.blocks)


def end_of_block(layout: Layout, block: Block) -> int:
    """Return where the line behind the last pair under a header begins."""
    own = [pair.value.end for pair in layout.pairs.get(block.path, []) if pair.block == block.path]
    return layout.line_end(max(own, default=block.end))


def _without(layout: Layout, pairs: Sequence[Pair]) -> list[Piece]:
    """Return braces without some of their pairs, and without the commas that these had."""
    block = pairs[0].block
    every = [pair for pair in layout.pairs[block] if pair.block == block]
    kept = [number for number, pair in enumerate(every) if pair not in pairs]
    if not kept:
        span = layout.blocks[block]
        return [Piece(span.start, span.end, False, "{}")]
    pieces = []
    for number, pair in enumerate(every):
        if pair in pairs and number < kept[0]:
            pieces.append(Piece(pair.start, every[number + 1].start, False, ""))
        elif pair in pairs:
            pieces.append(Piece(every[number - 1].value.end, pair.value.end, False, ""))
    return pieces
