"""Which leads tell most about what a draft changes, and why each of them moves.

At most ten a way are named: those whose points move furthest, of equals those that stand highest. What is kept is their ids, what gave
the difference, and how far they moved; names are joined when somebody looks, so that who is erased meanwhile is nowhere.

*Why* is asked of the two assessments, in this order: a qualification that only one text has; an exclusion that begins or ends to hold;
then whether the lead would move too if the new text had the old qualifications. If so, the points did it, and the criterion is named
that gives the largest difference the way the lead moves, of the scores that the qualification reads; if not, its conditions did it.
tests/web/assessments/whatif/test_telling.py guards it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from leadline.engine.expressions import nodes as n
from leadline.engine.playbook.model import Playbook, Qualification
from leadline.web.assessments.whatif.seen import Seen
from leadline.web.assessments.whatif.sides import Pair, Sides
from leadline.web.playbooks.queries import Compiled

MOST_NAMED = 10
WhyKind = Literal["criterion", "condition", "new", "removed", "excluded", "allowed", "grades", "stages", "other"]


@dataclass(frozen=True, slots=True)
class Why:
    """What made the difference.

    criterion: gives other points: *before* and *after*, ten-thousandths. condition: what the qualification asks was changed. new, removed:
    the qualification is in one text only. excluded, allowed: an exclusion holds now, or no more. grades: what a grade takes was changed.
    stages: what a stage stands for was changed. other: something else that a condition asks, such as an answer.
    id: of the criterion, the qualification, the exclusion or the score.
    """

    kind: WhyKind
    id: str = ""
    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Named:
    """A lead that tells: what it was and is, by how many points it moved (ten-thousandths), where it stands, and why."""

    lead_id: int
    was: str
    is_now: str
    far: int
    rank: int
    why: Why

    @property
    def order(self) -> tuple[int, int, int]:
        """By what the most telling come first."""
        return -self.far, -self.rank, self.lead_id


@dataclass(slots=True)
class Telling:
    """Who is named so far, the most telling first.

    gained, lost: by qualification. grades, stages: who has another grade, is in another stage.
    """

    gained: dict[str, list[Named]] = field(default_factory=dict)
    lost: dict[str, list[Named]] = field(default_factory=dict)
    grades: list[Named] = field(default_factory=list)
    stages: list[Named] = field(default_factory=list)

    def add(self, pairs: Iterable[Pair], sides: Sides) -> None:
        """Name those among some leads that tell more than who is named already."""
        moved = [pair for pair in pairs if pair.moves]
        turned = [pair.after.lead_id for pair in moved if pair.qualification_moves]
        causes = _Causes(sides, sides.see_mixed(turned) if sides.has_other_levels else {})
        for pair in moved:
            was, is_now = set(pair.before.qualifications), set(pair.after.qualifications)
            for name in pair.after.qualifications:
                if name not in was:
                    named = _named(pair, sides, "", name, causes.of_level(pair, name), is_gain=True)
                    self.gained.setdefault(name, []).append(named)
            for name in pair.before.qualifications:
                if name not in is_now:
                    named = _named(pair, sides, name, "", causes.of_level(pair, name), is_gain=False)
                    self.lost.setdefault(name, []).append(named)
            if pair.grade_moves:
                why = causes.of_grade(pair)
                self.grades.append(_named(pair, sides, pair.before.grade, pair.after.grade, why))
            if pair.stage_moves:
                why = causes.of_stage(pair)
                self.stages.append(_named(pair, sides, pair.before.stage, pair.after.stage, why))
        for some in (*self.gained.values(), *self.lost.values(), self.grades, self.stages):
            some.sort(key=lambda one: one.order)
            del some[MOST_NAMED:]

    def to_json(self) -> dict[str, Any]:
        """Return who is named as values that JSON knows."""
        return {
            "gained": {name: [asdict(one) for one in some] for name, some in self.gained.items()},
            "lost": {name: [asdict(one) for one in some] for name, some in self.lost.items()},
            "grades": [asdict(one) for one in self.grades],
            "stages": [asdict(one) for one in self.stages],
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Telling":
        """Return who was named before; nobody where nothing was said."""
        return cls(
            gained={name: _read(some) for name, some in said.get("gained", {}).items()},
            lost={name: _read(some) for name, some in said.get("lost", {}).items()},
            grades=_read(said.get("grades", ())),
            stages=_read(said.get("stages", ())),
        )


def _read(some: Sequence[Mapping[str, Any]]) -> list[Named]:
    return [Named(**{**one, "why": Why(**one["why"])}) for one in some]


def _named(pair: Pair, sides: Sides, was: str, is_now: str, why: Why, *, is_gain: bool = True) -> Named:
    before, after = sides.before.playbook, sides.after.playbook
    far = abs(pair.after.points(after) - pair.before.points(before))
    rank = pair.after.rank(after) if is_gain else pair.before.rank(before)
    return Named(pair.after.lead_id, was, is_now, far, rank, why)


@dataclass(frozen=True, slots=True)
class _Causes:
    """Finds why leads move. mixed: what the new text would say with the qualifications of the old one; empty where they are the same."""

    sides: Sides
    mixed: Mapping[int, Seen]

    def of_level(self, pair: Pair, name: str) -> Why:
        """Return why a lead gains or loses a qualification."""
        before, after = (_find_level(one.playbook, name) for one in (self.sides.before, self.sides.after))
        if before is None:
            return Why("new", name)
        if after is None:
            return Why("removed", name)
        is_gain = name in pair.after.qualifications
        if is_gain and pair.before.excluded_by and not pair.after.excluded_by:
            return Why("allowed", pair.before.excluded_by)
        if not is_gain and pair.after.excluded_by and not pair.before.excluded_by:
            return Why("excluded", pair.after.excluded_by)
        mixed = self.mixed.get(pair.after.lead_id)
        if mixed is not None and (name in mixed.qualifications) != is_gain:
            return Why("condition", name)
        scores = {one for side in (self.sides.before, self.sides.after) for one in _scores_of(side, name)}
        found = self._criterion(pair, scores, is_gain=is_gain)
        if found is not None:
            return found
        return Why("other" if _asks_alike(before, after) else "condition", name)

    def of_grade(self, pair: Pair) -> Why:
        """Return why a lead has another grade: the first score of which the part differs."""
        was, is_now = pair.before, pair.after
        if is_now.excluded_by != was.excluded_by and "consent" in (is_now.excluded_by, was.excluded_by):
            return Why("excluded" if is_now.excluded_by == "consent" else "allowed", "consent")
        before, after = self.sides.before.playbook, self.sides.after.playbook
        if before.grade != after.grade:
            return Why("grades")
        for score in after.grade:
            grade = _grade(after, score, is_now.scores.get(score, 0))
            if grade == _grade(before, score, was.scores.get(score, 0)):
                continue
            if _grade(before, score, is_now.scores.get(score, 0)) == grade:
                is_up = is_now.scores.get(score, 0) >= was.scores.get(score, 0)
                found = self._criterion(pair, _with_parts(after, [score]), is_gain=is_up)
                return found or Why("other", score)
            return Why("grades", score)
        return Why("grades")

    def of_stage(self, pair: Pair) -> Why:
        """Return why a lead is in another stage: why it gains or loses the qualification that the stage stands for."""
        differing = set(pair.before.qualifications) ^ set(pair.after.qualifications)
        for side, stage_id in ((self.sides.after, pair.after.stage), (self.sides.before, pair.before.stage)):
            stage = next((one for one in side.playbook.stages if one.id == stage_id), None)
            if stage is not None and stage.while_ in differing:
                return self.of_level(pair, stage.while_)
        return Why("stages")

    def _criterion(self, pair: Pair, scores: set[str], *, is_gain: bool) -> Why | None:
        """Return the criterion with the largest difference the way that the lead moves; else the other way; None where there is none."""
        was, is_now = pair.before.contributions, pair.after.contributions
        differences = [
            Why("criterion", name, was.get(name, 0), is_now.get(name, 0))
            for name in self._criteria(scores)
            if was.get(name, 0) != is_now.get(name, 0)
        ]
        sign = 1 if is_gain else -1
        return max(
            differences,
            key=lambda one: (sign * (one.after - one.before) > 0, abs(one.after - one.before)),
            default=None,
        )

    def _criteria(self, scores: set[str]) -> Iterator[str]:
        """Yield the criteria of some scores, those of the new text first."""
        found = dict.fromkeys(
            one.id
            for side in (self.sides.after, self.sides.before)
            for one in side.playbook.criteria
            if one.score in scores
        )
        yield from found


def _find_level(playbook: Playbook, name: str) -> Qualification | None:
    return next((level for level in playbook.qualifications if level.id == name), None)


def _asks_alike(before: Qualification, after: Qualification) -> bool:
    asked = [
        (one.enter, one.stay, one.hand_raise, one.hand_raise_stay_days, one.cooldown_days) for one in (before, after)
    ]
    return asked[0] == asked[1]


def _scores_of(side: Compiled, name: str) -> set[str]:
    """Return the scores that the conditions of a qualification read, with those that they are the sums of."""
    level = _find_level(side.playbook, name)
    if level is None:
        return set()
    terms = [term for clause in (level.enter, level.stay) for term in n.terms_of(side.bound.test(clause))]
    return _with_parts(side.playbook, [term.score for term in terms if isinstance(term, n.Score | n.Grade)])


def _with_parts(playbook: Playbook, scores: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(scores)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += next((one.sum_of for one in playbook.scores if one.id == name), ())
    return found


def _grade(playbook: Playbook, score_id: str, units: int) -> str:
    """Return the grade of a score: the first that it reaches, else the last."""
    grades = playbook.get_score(score_id).grades
    return next((name for name, least in grades if units >= least), grades[-1][0])
