"""What two assessments of one lead differ in: values that a terminal, a page or a script can show.

Points are in ten-thousandths and days are day numbers; `Difference.to_dict` makes numbers and dates of them. The promise, to the
digit: the points of a score's lines add up to what the score differs by, and the parts of a line to the line.
tests/engine/explanation/test_changes.py holds it for generated playbooks and leads, over two moments and over two playbooks.
"""

from dataclasses import dataclass
from typing import Any, Literal

from leadline.engine.explanation.model import LineKind, plain, points_field

BehindKind = Literal[
    "came in",
    "faded",
    "forgotten",
    "limit",
    "wiped",
    "arrived",
    "gone",
    "fact",
    "silence",
    "rule",
    "new",
    "removed",
    "moved",
]
"""What is behind a difference.

Events that came in since, faded, are forgotten, or that a limit, a reset, a late arrival or a condition now treats otherwise; a fact or
a count; silence; a rule that was changed; a criterion that is new, was removed, or adds to another score.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Something that is behind a line: what it is in words, and the points that it brought or took."""

    kind: BehindKind
    text: str
    points: int = points_field()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDifference:
    """What a line of a score differs by.

    kind, id, text: as of `leadline.engine.explanation.model.Line`.
    before, after:  its points; 0 where the line was not there.
    points:         what it differs by.
    behind:         what is behind it; their points add up to *points*. Empty for bounds and for parts of a sum.
    rule:           what was changed in the playbook about it, in words.
    """

    kind: LineKind
    id: str
    text: str
    before: int = points_field()
    after: int = points_field()
    points: int = points_field()
    behind: tuple[Behind, ...] = ()
    rule: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreDifference:
    """What a score differs by, and the lines that add up to it.

    before, after: the score; None where there was none (another playbook, or no consent): it then counts as 0.
    """

    id: str
    title: str
    before: int | None = points_field()
    after: int | None = points_field()
    points: int = points_field()
    grade_before: str | None = None
    grade_after: str | None = None
    lines: tuple[LineDifference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Something else that turned out otherwise: the lead's grade or persona, an exclusion, an answer, a qualification."""

    kind: Literal["grade", "persona", "excluded by", "question", "qualification"]
    id: str
    title: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is different about a lead between two moments, or under two versions of a playbook.

    as_of_before, as_of: the moments. playbook_before, playbook: the files of the playbooks, else their names.
    turns:  what turned out otherwise. scores: all of both playbooks; those that stayed as they were have no lines.
    """

    lead_id: str
    as_of_before: str
    as_of: str
    playbook_before: str
    playbook: str
    turns: tuple[Turn, ...] = ()
    scores: tuple[ScoreDifference, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as values that JSON knows: points as numbers."""
        found = plain(self)
        assert isinstance(found, dict)
        return found
