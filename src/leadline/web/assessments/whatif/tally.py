"""How many leads have what by two texts of the playbook: counted lead by lead, kept as JSON from one part to the next.

Counting does not ask in which order or in what parts leads come. tests/web/assessments/whatif/test_counts.py holds it to counting by hand.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from leadline.engine.comparison.workload import handed_over
from leadline.engine.playbook.model import Playbook
from leadline.web.assessments.whatif.sides import Pair, Sides

Moves = Counter[tuple[str, str]]
"""How many leads have one thing by the old text and one by the new, such as grades; those that have the same are counted too."""


@dataclass(slots=True)
class Change:
    """How many leads have something before and after, and how many gain or lose it."""

    before: int = 0
    after: int = 0
    added: int = 0
    removed: int = 0

    @property
    def both(self) -> int:
        """How many have it before and after."""
        return self.before - self.removed

    @property
    def differs(self) -> bool:
        """Whether anybody gains or loses it."""
        return bool(self.added or self.removed)

    def count(self, was: bool, is_now: bool) -> None:
        """Count one lead."""
        self.before += was
        self.after += is_now
        self.added += is_now and not was
        self.removed += was and not is_now


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was counted.

    leads: those that were looked at. left_out: those that one of the texts cannot assess because of an error of the program.
    moved: those of whom a qualification, the grade or the stage differs. qualifications: by id, of both texts, those of the new one first.
    handed: of those with an open spell of a qualification that is handed to sales, by the text's own word.
    """

    leads: int = 0
    left_out: int = 0
    moved: int = 0
    qualifications: dict[str, Change] = field(default_factory=dict)
    handed: Change = field(default_factory=Change)
    grades: Moves = field(default_factory=Counter)
    stages: Moves = field(default_factory=Counter)

    @classmethod
    def begin(cls, sides: Sides) -> "Tally":
        """Return a count of nobody yet, with all qualifications of both texts."""
        return cls(qualifications={name: Change() for name in levels_of(sides)})

    def count(self, pairs: Iterable[Pair], sides: Sides) -> None:
        """Count some leads."""
        sold = [set(handed_over(one.playbook)[0]) for one in (sides.before, sides.after)]
        for pair in pairs:
            was, is_now = pair.before, pair.after
            self.leads += 1
            self.moved += pair.moves
            for name, change in self.qualifications.items():
                change.count(name in was.qualifications, name in is_now.qualifications)
            self.handed.count(not sold[0].isdisjoint(was.qualifications), not sold[1].isdisjoint(is_now.qualifications))
            self.grades[was.grade, is_now.grade] += 1
            self.stages[was.stage, is_now.stage] += 1

    def to_json(self) -> dict[str, Any]:
        """Return what was counted as values that JSON knows."""
        return {
            "leads": self.leads,
            "left_out": self.left_out,
            "moved": self.moved,
            "qualifications": {name: _numbers(one) for name, one in self.qualifications.items()},
            "handed": _numbers(self.handed),
            "grades": [[*move, count] for move, count in sorted(self.grades.items())],
            "stages": [[*move, count] for move, count in sorted(self.stages.items())],
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Tally":
        """Return what was counted before."""
        return cls(
            leads=said["leads"],
            left_out=said["left_out"],
            moved=said["moved"],
            qualifications={name: Change(*numbers) for name, numbers in said["qualifications"].items()},
            handed=Change(*said["handed"]),
            grades=Counter({(was, is_now): count for was, is_now, count in said["grades"]}),
            stages=Counter({(was, is_now): count for was, is_now, count in said["stages"]}),
        )


def _numbers(change: Change) -> list[int]:
    return [change.before, change.after, change.added, change.removed]


def levels_of(sides: Sides) -> list[str]:
    """Return the ids of the qualifications of both texts: those of the new one, then those that only the old one has."""
    return list(dict.fromkeys(name for one in (sides.after, sides.before) for name in _ids(one.playbook)))


def _ids(playbook: Playbook) -> list[str]:
    return [level.id for level in playbook.qualifications]


def changes_of(moves: Moves) -> dict[str, Change]:
    """Return of each thing that there is how many leads have it before and after.

    >>> changes_of(Counter({("A", "B"): 2, ("B", "B"): 1}))["B"]
    Change(before=1, after=3, added=2, removed=0)
    """
    found: dict[str, Change] = {}
    for (was, is_now), count in moves.items():
        for name in dict.fromkeys((was, is_now)):
            change = found.setdefault(name, Change())
            change.before += count * (was == name)
            change.after += count * (is_now == name)
            change.added += count * (is_now == name != was)
            change.removed += count * (was == name != is_now)
    return found
