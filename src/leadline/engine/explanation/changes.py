"""Says what changed: what two assessments of one lead differ in, criterion by criterion, and what is behind it.

The two may lie at different moments, or come from two playbooks, or both. It adds nothing of its own: all numbers are the
reference's. behind.py says what is behind the difference of one criterion, changes_text.py prints the result.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from leadline.engine.explanation.behind import Given, behind, rule_changes
from leadline.engine.explanation.difference import (
    Behind,
    Difference,
    LineDifference,
    ScoreDifference,
    Turn,
)
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import AnyCriterion, FactCriterion, Playbook, Score
from leadline.engine.reference.result import Assessment, ScoreResult


def what_changed(
    before: Assessment, after: Assessment, *, bound: BoundPlaybook, bound_before: BoundPlaybook | None = None
) -> Difference:
    """Return what is different about a lead.

    Args:
        before, after: what the reference says of it at two moments, or by two playbooks.
        bound: the playbook of *after*.
        bound_before: the playbook of *before*; left out, the same.

    Raises:
        ValueError: the assessments are of two leads.
    """
    if before.lead_id != after.lead_id:
        raise ValueError(f"'{before.lead_id}' and '{after.lead_id}' are two leads")
    old = bound if bound_before is None else bound_before
    return Difference(
        lead_id=after.lead_id,
        as_of_before=before.as_of.text,
        as_of=after.as_of.text,
        playbook_before=old.playbook.file or old.playbook.name,
        playbook=bound.playbook.file or bound.playbook.name,
        turns=tuple(_turns(_Side(old, before), _Side(bound, after))),
        scores=tuple(_scores(_Side(old, before), _Side(bound, after))),
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two: a playbook and what it says of the lead."""

    bound: BoundPlaybook
    assessment: Assessment

    @property
    def playbook(self) -> Playbook:
        return self.bound.playbook

    def find_score(self, score_id: str) -> tuple[Score, ScoreResult] | None:
        """Return a score with what it came to; None where there is none."""
        result = self.assessment.scores.get(score_id)
        return None if result is None else (self.playbook.get_score(score_id), result)

    def find_given(self, criterion_id: str) -> Given | None:
        """Return a criterion with what it gave; None where there is none."""
        found = self.assessment.contributions.get(criterion_id)
        if found is None:
            return None
        criterion = next(one for one in self.playbook.criteria if one.id == criterion_id)
        return Given(self.bound, self.assessment, criterion, found)

    def given_to(self, criterion_id: str, score_id: str) -> Given | None:
        """Return the same, where the criterion adds to a score."""
        found = self.find_given(criterion_id)
        return found if found is not None and found.criterion.score == score_id else None


# -- scores ---------------------------------------------------------------------------------------------


def _scores(before: _Side, after: _Side) -> Iterator[ScoreDifference]:
    wanted = _ids((one.id for one in after.playbook.scores), (one.id for one in before.playbook.scores))
    for score_id in wanted:
        old, new = before.find_score(score_id), after.find_score(score_id)
        if old is None and new is None:
            continue
        title = (new or old)[0].title  # type: ignore[index]  # one of them is there
        units_before, units_after = _units(old), _units(new)
        lines = [
            *_parts(score_id, before, after),
            *(
                line
                for criterion_id in _ids(_criteria(after, score_id), _criteria(before, score_id))
                for line in _criterion(criterion_id, score_id, before, after)
            ),
            *_held(score_id, old, new),
        ]
        yield ScoreDifference(
            id=score_id,
            title=title,
            before=None if old is None else units_before,
            after=None if new is None else units_after,
            points=units_after - units_before,
            grade_before=None if old is None else old[1].grade,
            grade_after=None if new is None else new[1].grade,
            lines=tuple(lines),
        )


def _units(found: tuple[Score, ScoreResult] | None) -> int:
    return 0 if found is None else found[1].units


def _criteria(side: _Side, score_id: str) -> Iterator[str]:
    return (one.id for one in side.playbook.criteria_of(score_id) if one.id in side.assessment.contributions)


def _ids(first: Iterable[str], then: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*first, *then]))


def _parts(score_id: str, before: _Side, after: _Side) -> Iterator[LineDifference]:
    """Yield what the scores that a sum adds differ by."""
    old, new = before.find_score(score_id), after.find_score(score_id)
    added_before = {} if old is None else {part: before.assessment.scores[part].units for part in old[0].sum_of}
    added_after = {} if new is None else {part: after.assessment.scores[part].units for part in new[0].sum_of}
    for part in _ids(added_after, added_before):
        one, other = added_before.get(part, 0), added_after.get(part, 0)
        if one != other:
            side = after if part in added_after else before
            title = side.playbook.get_score(part).title
            yield LineDifference(kind="score", id=part, text=title, before=one, after=other, points=other - one)


def _held(
    score_id: str, old: tuple[Score, ScoreResult] | None, new: tuple[Score, ScoreResult] | None
) -> Iterator[LineDifference]:
    """Yield what the score's own bounds take away or give otherwise."""
    one, other = (0 if found is None else found[1].units - found[1].before_hold for found in (old, new))
    if one != other:
        yield LineDifference(
            kind="score bounds",
            id=score_id,
            text=_say_bounds(*(found[0] for found in (old, new) if found is not None)),
            before=one,
            after=other,
            points=other - one,
        )


def _say_bounds(*held: Score | AnyCriterion) -> str:
    """Return what the bounds of a score or a criterion do."""
    bounds = [one for one in held if not isinstance(one, FactCriterion)]
    has_low, has_high = any(one.low is not None for one in bounds), any(one.high is not None for one in bounds)
    if has_low and has_high:
        return "what its minimum and maximum give or take away"
    return "what its minimum gives" if has_low else "what its maximum takes away"


def _criterion(criterion_id: str, score_id: str, before: _Side, after: _Side) -> Iterator[LineDifference]:
    """Yield what a criterion differs by, and what its own bounds then take away or give otherwise."""
    old, new = before.given_to(criterion_id, score_id), after.given_to(criterion_id, score_id)
    text = _why(new, old)
    one = 0 if old is None else old.found.before_hold
    other = 0 if new is None else new.found.before_hold
    found = _behind(criterion_id, score_id, before, after)
    rule = () if old is None or new is None else rule_changes(old, new)
    if one != other or any(part.points for part in found) or rule:
        yield LineDifference(
            kind="criterion",
            id=criterion_id,
            text=text,
            before=one,
            after=other,
            points=other - one,
            behind=found,
            rule=rule,
        )
    held_before = 0 if old is None else old.found.units - old.found.before_hold
    held_after = 0 if new is None else new.found.units - new.found.before_hold
    if held_before != held_after:
        yield LineDifference(
            kind="criterion bounds",
            id=criterion_id,
            text=f"{text}: {_say_bounds(*(found.criterion for found in (old, new) if found is not None))}",
            before=held_before,
            after=held_after,
            points=held_after - held_before,
        )


def _why(new: Given | None, old: Given | None) -> str:
    criterion: AnyCriterion = (new or old).criterion  # type: ignore[union-attr]  # one of them is there
    return criterion.why


def _behind(criterion_id: str, score_id: str, before: _Side, after: _Side) -> tuple[Behind, ...]:
    old, new = before.given_to(criterion_id, score_id), after.given_to(criterion_id, score_id)
    if old is not None and new is not None:
        return tuple(behind(old, new))
    if new is not None:
        elsewhere = before.find_given(criterion_id)
        was_assessed = before.assessment.has_consent
        points = new.found.before_hold
        if elsewhere is not None:
            title = before.playbook.get_score(elsewhere.criterion.score).title
            return (Behind(kind="moved", text=f"it added to “{title}” before", points=points),)
        return (
            Behind(kind="new", text="the criterion is new" if was_assessed else "not assessed before", points=points),
        )
    assert old is not None
    elsewhere = after.find_given(criterion_id)
    points = -old.found.before_hold
    if elsewhere is not None:
        title = after.playbook.get_score(elsewhere.criterion.score).title
        return (Behind(kind="moved", text=f"it adds to “{title}” now", points=points),)
    is_assessed = after.assessment.has_consent
    return (
        Behind(kind="removed", text="the criterion is gone" if is_assessed else "not assessed any more", points=points),
    )


# -- what else turned out otherwise -----------------------------------------------------------------------


def _turns(before: _Side, after: _Side) -> Iterator[Turn]:
    old, new = before.assessment, after.assessment
    if old.grade != new.grade:
        yield Turn(kind="grade", id="grade", title="Grade", before=old.grade, after=new.grade)
    if old.persona != new.persona:
        one, other = _title(before, old.persona), _title(after, new.persona)
        yield Turn(kind="persona", id="persona", title="Persona", before=one, after=other)
    if old.excluded_by != new.excluded_by:
        one, other = _title(before, old.excluded_by), _title(after, new.excluded_by)
        yield Turn(kind="excluded by", id="excluded_by", title="Never a lead", before=one, after=other)
    asked = {one.id: one.ask for side in (before, after) for one in side.playbook.questions}
    for question in _ids(new.answers, old.answers):
        said, says = old.answers.get(question), new.answers.get(question)
        if said != says:
            yield Turn(kind="question", id=question, title=asked[question], before=said, after=says)
    titles = {one.id: one.title for side in (before, after) for one in side.playbook.qualifications}
    for level in _ids(new.qualifications, old.qualifications):
        held, holds = _level(old, level), _level(new, level)
        if held != holds:
            yield Turn(kind="qualification", id=level, title=titles[level], before=held, after=holds)


def _title(side: _Side, found: str | None) -> str | None:
    named = (*side.playbook.personas, *side.playbook.exclusions)
    return next((one.title for one in named if one.id == found), found)


def _level(assessment: Assessment, level: str) -> str | None:
    """Return whether a qualification holds, in words; None where there is none."""
    if level not in assessment.qualifications:
        return None
    return "yes" if assessment.qualifications[level] else "no, but would stay" if assessment.stays[level] else "no"
