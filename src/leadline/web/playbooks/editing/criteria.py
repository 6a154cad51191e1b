"""Adds a criterion to a playbook's text, and takes one out with the comments that are its own.

A criterion's own comments are those on its lines, those right above its header, and those right below it that are indented, or that a
blank line or the end of the file follows. A comment with a drawn line in it (``# -- engagement ------``) is the heading of what follows:
it stays, with the lines of comment right below it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Literal

from leadline.engine.playbook.criteria import read_criterion
from leadline.engine.playbook.lines import Path
from leadline.engine.playbook.table import Notes, Table
from leadline.engine.playbook.toml_file import parse_toml
from leadline.engine.problems import Problem, ProblemsError, suggest
from leadline.web.playbooks.editing.answers import clean, find_unwritable, read_number
from leadline.web.playbooks.editing.edits import is_same, out_of_reach
from leadline.web.playbooks.editing.quoting import Value, write_value
from leadline.web.playbooks.editing.reading import FILE
from leadline.web.playbooks.editing.spans import Layout, find_layout
from leadline.web.playbooks.editing.surgery import OutOfReachError, Piece, end_of_block, new_lines, splice

CriterionKind = Literal["when", "event", "inactive_for"]
_KEYS: dict[CriterionKind, tuple[str, ...]] = {
    "when": ("when",),
    "event": ("event", "when"),
    "inactive_for": ("inactive_for",),
}

_HEADING = re.compile(r"#.*([-=#*~_─═])\1\1")


def add_criterion(
    toml: str,
    *,
    id: str,  # noqa: A002 - the language's own word
    score: str,
    why: str,
    kind: CriterionKind,
    points: str,
    when: str = "",
    event: str = "",
    inactive_for: str = "",
) -> str:
    """Return the text of a playbook with one criterion more: behind the last one of its score, else behind all, else at the end.

    Args:
        toml: the text of a playbook.
        id: its id, which no other criterion has.
        score: the id of a score of the playbook that has criteria of its own.
        why: the reason in one sentence.
        kind: ``when``: by *when*, what a lead is. ``event``: for each *event*, by *when* only those that match. ``inactive_for``: for
            every such stretch of silence.
        points: a number as people type it.
        when: a condition; may be empty for an event.
        event: the name of an event.
        inactive_for: a duration: ``30d``.

    Raises:
        ProblemsError: the text is not TOML, or the criterion makes no sense: all that is wrong; *where* is the name of the argument.
    """
    values = parse_toml(toml, file=FILE).values
    if kind not in _KEYS:
        message = f"A criterion is by one of {', '.join(_KEYS)}."
        raise ProblemsError([Problem(code="bad-value", message=message, where="kind", file=FILE)])
    wanted = _wanted(
        id=id, score=score, why=why, kind=kind, points=points, when=when, event=event, inactive_for=inactive_for
    )
    problems = [*_problems_of(wanted), *_problems_beside(values, wanted)]
    if problems:
        raise ProblemsError(problems)
    layout = find_layout(toml)
    places = _criteria_of(layout)
    held = _tables(values.get("criteria"))
    if len(places) != len(held):
        raise out_of_reach("criteria")
    of_score = [index for index, one in enumerate(held) if one.get("score") == wanted["score"]]
    behind = of_score[-1] if of_score else len(held) - 1
    lines = "\n[[criteria]]\n" + "".join(f"{key} = {write_value(value)}\n" for key, value in wanted.items())
    at = _end_of(layout, behind) if places else len(toml)
    pieces = [Piece(at, at, False, new_lines(layout, at, lines))]
    return _changed(toml, pieces, values, [*held[: behind + 1], wanted, *held[behind + 1 :]])


def remove_criterion(toml: str, *, id: str) -> str:  # noqa: A002 - the language's own word
    """Return the text of a playbook without a criterion, its own comments, and the blank lines before it.

    Raises:
        ProblemsError: the text is not TOML, there is no such criterion, or there are two.
    """
    values = parse_toml(toml, file=FILE).values
    held = _tables(values.get("criteria"))
    found = [index for index, one in enumerate(held) if one.get("id") == id]
    if len(found) != 1:
        known = [str(one["id"]) for one in held if "id" in one]
        code, message = "bad-value", f"There is no criterion '{id[:100]}'.{suggest(id[:100], known)}"
        if found:
            code, message = "duplicate-id", f"There are {len(found)} criteria '{id}': remove one in the text."
        raise ProblemsError([Problem(code=code, message=message, where="id", file=FILE)])
    layout = find_layout(toml)
    if len(_criteria_of(layout)) != len(held):
        raise out_of_reach(f"criteria.{id}")
    index = found[0]
    pieces = [Piece(start, end, False, "") for start, end in _stretches_of(layout, index)]
    return _changed(toml, pieces, values, [*held[:index], *held[index + 1 :]])


# -- what a new one says -------------------------------------------------------------------------------------------


def _wanted(*, kind: CriterionKind, points: str, **texts: str) -> dict[str, Value]:
    """Return the keys of a new criterion, in the order in which they are written."""
    texts = {key: clean(text) for key, text in texts.items()}
    number = read_number(clean(points))
    written: dict[str, Value] = {
        key: texts[key] for key in ("id", "score", "why", *_KEYS[kind]) if texts[key] or key == kind
    }
    return {**written, "points": clean(points) if number is None else number}


def _problems_of(wanted: dict[str, Value]) -> list[Problem]:
    """Return what is wrong with a criterion by itself, in the engine's words."""
    notes = Notes({})
    read_criterion(Table(wanted, (), "", notes))
    # Only that there is no reason is said of the whole; in a file it is a warning, here somebody is there to be asked.
    found = [replace(one, where=one.where or "why", severity="error", file=FILE) for one in notes.problems]
    unwritable = {
        key: sign for key, value in wanted.items() if isinstance(value, str) and (sign := find_unwritable(value))
    }
    for key, sign in unwritable.items():
        message = f"'{key}' has a character that no text can have: {sign}."
        found.append(Problem(code="bad-value", message=message, where=key, file=FILE))
    return found


def _problems_beside(values: Any, wanted: dict[str, Value]) -> list[Problem]:
    """Return what is wrong with a criterion beside those that there are."""
    found = []
    scores = values.get("scores")
    known = [name for name, one in scores.items() if isinstance(one, dict)] if isinstance(scores, dict) else []
    score = wanted.get("score")
    if score and score not in known:
        message = f"There is no score '{score}'.{suggest(str(score), known)}"
        found.append(Problem(code="unknown-score", message=message, where="score", file=FILE))
    elif score and "sum_of" in scores[score]:
        message = f"'{score}' is the sum of other scores and has no criteria of its own."
        found.append(Problem(code="bad-value", message=message, where="score", file=FILE))
    if "id" in wanted and any(one.get("id") == wanted["id"] for one in _tables(values.get("criteria"))):
        message = f"There is another criterion '{wanted['id']}'."
        found.append(Problem(code="duplicate-id", message=message, where="id", file=FILE))
    return found


def _tables(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


# -- where it stands --------------------------------------------------------------------------------------------------


def _criteria_of(layout: Layout) -> list[Path]:
    """Return the criteria that have a header of their own."""
    return [
        path
        for path, block in layout.blocks.items()
        if path[:1] == ("criteria",) and len(path) == 2 and not block.is_inline
    ]


def _blocks_of(layout: Layout, index: int) -> list[tuple[int, int]]:
    """Return from where to where a criterion and the tables under headers of their own within it stand, without comments around them."""
    own = [block for path, block in layout.blocks.items() if path[:2] == ("criteria", index) and not block.is_inline]
    return [(block.start, end_of_block(layout, block)) for block in own]


def _end_of(layout: Layout, index: int) -> int:
    start, end = max(_blocks_of(layout, index), key=lambda block: block[1])
    return _with_comments_below(layout, end, _indent_at(layout, start))


def _stretches_of(layout: Layout, index: int) -> list[tuple[int, int]]:
    """Return from where to where a criterion with its own comments stands, and what it leaves blank."""
    found: list[tuple[int, int]] = []
    for start, end in _blocks_of(layout, index):
        indent = _indent_at(layout, start)
        start, end = _with_comments_above(layout, start, indent), _with_comments_below(layout, end, indent)
        if found and not layout.text[found[-1][1] : start].strip():
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return [_with_blanks(layout, start, end) for start, end in found]


def _with_comments_above(layout: Layout, at: int, indent: int) -> int:
    start = at
    while start > 0:
        above = layout.line_start(start - 1)
        line = layout.text[above:start].strip()
        if _HEADING.match(line):
            return at  # what stands below a heading may be about all that follows
        if not line.startswith("#") or _indent_at(layout, above) > indent:
            break
        start = above
    return start


def _with_comments_below(layout: Layout, at: int, indent: int) -> int:
    end = own = at
    is_indented = True
    while end < len(layout.text):
        line = layout.text[end : layout.line_end(end)].strip()
        if not line.startswith("#") or _HEADING.match(line):
            break
        is_indented = is_indented and _indent_at(layout, end) > indent
        end = layout.line_end(end)
        own = end if is_indented else own
    is_followed = bool(layout.text[end : layout.line_end(end)].strip())
    return own if is_followed else end  # what is not indented belongs to what follows


def _indent_at(layout: Layout, at: int) -> int:
    """Return how many blanks a line begins with."""
    line = layout.text[at : layout.line_end(at)]
    return len(line) - len(line.lstrip(" \t"))


def _with_blanks(layout: Layout, start: int, end: int) -> tuple[int, int]:
    """Return a stretch with the blank lines before it; at the beginning of the file with those behind it."""
    text = layout.text
    before = layout.line_start(len(text[:start].rstrip()) - 1) if text[:start].strip() else None
    if before is None:
        return 0, end + len(text[end:]) - len(text[end:].lstrip("\r\n"))
    return layout.line_end(len(text[:start].rstrip()) - 1), end


def _changed(toml: str, pieces: Iterable[Piece], values: Any, criteria: Sequence[object]) -> str:
    """Return a text with pieces put in place, once it is read again and has just these criteria, and all else that it had."""
    wanted = {key: value for key, value in values.items() if key != "criteria"}
    if criteria:
        wanted["criteria"] = list(criteria)
    try:
        changed = splice(toml, pieces)
        if is_same(parse_toml(changed, file=FILE).values, wanted):
            return changed
    except (OutOfReachError, ProblemsError, RecursionError):
        pass
    raise out_of_reach("criteria")
