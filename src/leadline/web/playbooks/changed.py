"""What changed between two texts of a playbook, laid out for a page: in words first, line by line below.

The sentences are the engine's own (`leadline words --since` prints the same). The fragment playbooks/changed.html shows it.
"""

from dataclasses import dataclass

from leadline.engine.playbook.changes import PlaybookChange, playbook_changes
from leadline.engine.playbook.changes_text import SIGNS
from leadline.engine.playbook.words import say_parts
from leadline.engine.problems import ProblemsError
from leadline.web.playbooks.queries import Compiled, DiffLine, compile_toml, diff_texts
from leadline.web.playbooks.said import anchor_of

MOST_LINES = 100
"""How many lines that differ are shown; who replaces the whole text compares files."""

_WORDS = frozenset({"fields", "events", "sources", "lists"})
"""The parts that stand together on a page, at its end."""


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A change beside the word for its kind.

    anchor: where the thing stands on the page that says the newer text whole; empty where it does not stand there.
    """

    change: PlaybookChange
    word: str
    anchor: str

    @property
    def text(self) -> str:
        """What is said of it behind its title; the whole sentence where that does not begin with the title."""
        return self.change.sentence.removeprefix(f"{self.change.title}: ")

    @property
    def is_titled(self) -> bool:
        """Whether its sentence begins with its title."""
        return self.text != self.change.sentence

    @property
    def has_both(self) -> bool:
        """Whether there is more to show of it than what differs: the whole of it, before and now."""
        return bool(self.change.before and self.change.after) and self.change.before != self.change.after


@dataclass(frozen=True, slots=True)
class ChangedPart:
    """The changes of one part of a playbook, what weighs most first."""

    title: str
    anchor: str
    changes: tuple[ShownChange, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """What differs between two texts.

    parts:   in words; empty where they say and compute the same.
    lines:   line by line; empty where the texts are the same.
    problem: why there are no words: a text that cannot be read, with the first reason; else empty.
    """

    parts: tuple[ChangedPart, ...]
    lines: tuple[DiffLine, ...]
    problem: str = ""

    @property
    def shown_lines(self) -> tuple[DiffLine, ...]:
        """The lines that are shown."""
        return self.lines[:MOST_LINES]

    @property
    def more_lines(self) -> int:
        """How many lines are not shown."""
        return max(0, len(self.lines) - MOST_LINES)

    @property
    def count(self) -> int:
        """How many things changed."""
        return sum(len(part.changes) for part in self.parts)


def say_changes(before_toml: str, after_toml: str) -> Changed:
    """Return what changed from one text of a playbook to another; where one cannot be read, the lines that differ alone."""
    lines = tuple(diff_texts(before_toml, after_toml))
    found: list[Compiled] = []
    for toml, which in ((before_toml, "older"), (after_toml, "newer")):
        try:
            found.append(compile_toml(toml))
        except ProblemsError as error:
            first = error.problems[0]
            place = f" (line {first.line})" if first.line is not None else ""
            return Changed((), lines, f"The {which} text cannot be read{place}: {first.message}")
    return Changed(tuple(_parts(*found)), lines)


def _parts(before: Compiled, after: Compiled) -> list[ChangedPart]:
    parts: dict[str, list[PlaybookChange]] = {}
    for change in playbook_changes(before.bound, after.bound):
        parts.setdefault(change.part, []).append(change)
    shown = {anchor_of(name) for name, _ in say_parts(after.bound)}
    criteria = {one.id for one in after.playbook.criteria}
    found = []
    for name in sorted(parts, key=lambda one: one in _WORDS):
        anchor = anchor_of("words" if name in _WORDS else name)
        changes = tuple(
            ShownChange(
                one, SIGNS[one.kind], f"criterion-{one.id}" if one.what == "criterion" and one.id in criteria else ""
            )
            for one in parts[name]
        )
        found.append(ChangedPart(parts[name][0].part_title, anchor if anchor in shown else "", changes))
    return found
