"""Says why a lead is assessed as it is: every line that makes its scores, and what is missing.

It adds nothing of its own: all numbers are the reference's, and the truth of a condition is evaluated again from the
values that the reference read. text.py prints the result.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, assert_never

from leadline.engine.arithmetic import plain_points
from leadline.engine.calendar import get_zone
from leadline.engine.explanation.model import (
    EventGroup,
    Explanation,
    Label,
    Line,
    Missing,
    NextGrade,
    Part,
    Prospect,
    QualificationExplanation,
    QuestionExplanation,
    ScoreExplanation,
    Silent,
    Unknown,
)
from leadline.engine.explanation.parts import Found, missing_in, parts_in, say_worths, truth_of
from leadline.engine.explanation.wiped import say_wiped_by
from leadline.engine.expressions.words import say_day, say_days
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import (
    AnyCriterion,
    Clause,
    EventCriterion,
    FactCriterion,
    InactivityCriterion,
    Named,
    Qualification,
    Question,
    Score,
)
from leadline.engine.playbook.words import say, say_activity, say_criterion, say_points
from leadline.engine.reference.assess import answer_field
from leadline.engine.reference.result import Assessment, Contribution, Evidence

OpenSince = tuple[int, int | None]
"""The day on which an open spell began, and the day on which it cools; None: never."""


def explain(
    bound: BoundPlaybook,
    assessment: Assessment,
    *,
    missing: Missing | None = None,
    spells: Mapping[str, OpenSince] | None = None,
) -> Explanation:
    """Return why the reference assessed a lead as it did.

    Args:
        bound: the playbook with which it was assessed.
        assessment: what `leadline.engine.reference.assess.assess` returned.
        missing: what is missing for its next qualification, where that was asked.
        spells: for each qualification in which the lead is, since when and until when.
    """
    explainer = _Explainer(bound, assessment, spells or {})
    playbook = bound.playbook
    excluded_by = explainer.label(playbook.exclusions, assessment.excluded_by)
    if assessment.excluded_by == "consent":
        excluded_by = Label(id="consent", title="Has not agreed to scoring")
    is_assessed = assessment.has_consent
    return Explanation(
        lead_id=assessment.lead_id,
        as_of=assessment.as_of.text,
        grade=assessment.grade,
        persona=explainer.label(playbook.personas, assessment.persona),
        excluded_by=excluded_by,
        scores=tuple(explainer.score(score) for score in playbook.scores if is_assessed),
        questions=tuple(explainer.question(question) for question in playbook.questions if is_assessed),
        qualifications=tuple(explainer.qualification(level) for level in playbook.qualifications if is_assessed),
        missing=missing,
    )


def explain_questions(bound: BoundPlaybook, assessment: Assessment) -> tuple[QuestionExplanation, ...]:
    """Return the questions alone, each with its answer and who says so; none where the lead could not be assessed."""
    explainer = _Explainer(bound, assessment, {})
    return tuple(explainer.question(one) for one in bound.playbook.questions if assessment.has_consent)


class _Explainer:
    def __init__(self, bound: BoundPlaybook, assessment: Assessment, spells: Mapping[str, OpenSince]) -> None:
        self.bound = bound
        self.spells = spells
        self.assessment = assessment
        grades = {score: result.grade for score, result in assessment.scores.items()}
        self.found = Found(assessment.values, grades)
        self.zone = get_zone(bound.playbook.timezone)

    # -- conditions -------------------------------------------------------------------------------

    def parts(self, clause: Clause) -> Part:
        return parts_in(self.bound.test(clause), self.found)

    def missing(self, clauses: Iterable[Clause]) -> tuple[str, ...]:
        found = [name for clause in clauses for name in missing_in(self.bound.test(clause), self.found)]
        return tuple(dict.fromkeys(found))

    def label(self, named: Iterable[Named], found: str | None) -> Label | None:
        for one in named:
            if one.id == found:
                return Label(id=one.id, title=one.title, because=self.parts(one.when))
        return None

    # -- scores -----------------------------------------------------------------------------------

    def score(self, score: Score) -> ScoreExplanation:
        result = self.assessment.scores[score.id]
        criteria = [(one, self.assessment.contributions[one.id]) for one in self.bound.playbook.criteria_of(score.id)]
        lines = [
            *self.lines_of_sum(score),
            *(line for criterion, found in criteria if _says_something(found) for line in self.lines(criterion, found)),
        ]
        if result.units != result.before_hold:
            text = _say_bound("never above", score.high, "never below", score.low, result.units < result.before_hold)
            taken = result.units - result.before_hold
            lines.append(Line(kind="score bounds", id=score.id, text=text, points=taken))
        wiped = next((found.reset for _, found in criteria if found.reset is not None), None)
        return ScoreExplanation(
            id=score.id,
            title=score.title,
            points=result.units,
            grade=result.grade,
            next_grade=_next_grade(score, result.units, result.grade),
            low=result.low,
            high=result.high,
            coverage=result.coverage,
            wiped_on=None if wiped is None else self.zone.day_of(wiped.at_us),
            wiped_by=None if wiped is None else say_wiped_by(self.bound.playbook, wiped),
            lines=tuple(lines),
            silent=tuple(
                Silent(id=criterion.id, text=criterion.why, because=self.why_silent(criterion, found))
                for criterion, found in criteria
                if not _says_something(found) and not found.is_unknown
            ),
            unknown=tuple(self.unknown(criterion, found) for criterion, found in criteria if found.is_unknown),
        )

    def lines_of_sum(self, score: Score) -> Iterator[Line]:
        for part in score.sum_of:
            title = self.bound.playbook.get_score(part).title
            yield Line(kind="score", id=part, text=title, points=self.assessment.scores[part].units)

    def lines(self, criterion: AnyCriterion, found: Contribution) -> Iterator[Line]:
        """Yield what a criterion gave, and what its own bounds then took away or gave."""
        holds: Part | None = None
        remark: str | None = None
        low: int | None = None
        high: int | None = None
        rule = say_criterion(self.bound, criterion)
        match criterion:
            case FactCriterion():
                assert found.choice is not None
                choice = criterion.choices[found.choice]
                holds = self.parts(choice.when)
                if criterion.is_choose:
                    rule = f"{say_points(choice.points)} when {say(self.bound, choice.when)}."
            case EventCriterion():
                low, high = criterion.low, criterion.high
            case InactivityCriterion():
                low, high = criterion.low, criterion.high
                remark = _say_silence(criterion, found)
            case _:
                assert_never(criterion)
        yield Line(
            kind="criterion",
            id=criterion.id,
            text=criterion.why,
            points=found.before_hold,
            rule=rule,
            holds=holds,
            events=tuple(group_events(found.evidence)),
            remark=remark,
        )
        if found.units != found.before_hold:
            text = _say_bound("at most", high, "at least", low, found.units < found.before_hold)
            taken = found.units - found.before_hold
            yield Line(kind="criterion bounds", id=criterion.id, text=f"{criterion.why}: {text} in all", points=taken)

    def why_silent(self, criterion: AnyCriterion, found: Contribution) -> str:
        match criterion:
            case FactCriterion() if found.choice is not None:
                return f"{say(self.bound, criterion.choices[found.choice].when)}, which is worth nothing"
            case FactCriterion():
                return say_worths(self.bound.test(criterion.choices[0].when), self.found)
            case EventCriterion():
                fates = Counter(one.fate for one in found.evidence)
                said = {"counted": "worth nothing", "over limit": "over the limit", "forgotten": "forgotten"}
                return ", ".join(f"{count} {said[fate]}" for fate, count in fates.items()) or "no such event"
            case InactivityCriterion():
                return _say_silence(criterion, found)
            case _:
                assert_never(criterion)

    def unknown(self, criterion: AnyCriterion, found: Contribution) -> Unknown:
        missing: tuple[str, ...]
        match criterion:
            case FactCriterion():
                open_choices = [
                    choice for choice in criterion.choices if truth_of(self.bound.test(choice.when), self.found) is None
                ]
                missing = self.missing(choice.when for choice in open_choices)
                would_earn = tuple(
                    Prospect(points=choice.points, when=say(self.bound, choice.when)) for choice in open_choices
                )
            case InactivityCriterion():
                missing = (say_activity(criterion),)
                after = f"for every full {say_days(criterion.every_days)} after it"
                would_earn = (Prospect(points=criterion.points, when=after),)
            case EventCriterion():
                raise AssertionError("a criterion on events is never unknown")
            case _:
                assert_never(criterion)
        return Unknown(
            id=criterion.id, text=criterion.why, missing=missing, would_earn=would_earn, low=found.low, high=found.high
        )

    # -- questions and levels ---------------------------------------------------------------------

    def question(self, question: Question) -> QuestionExplanation:
        answer = self.assessment.answers[question.id]
        said_by: Literal["person", "criteria", "nobody"] = "criteria"
        because: Part | None = None
        missing: tuple[str, ...] = ()
        clauses = {"yes": question.yes, "partly": question.partly, "no": question.no}
        clause = clauses.get(answer)
        if self.found.values.get(answer_field(question.id)) is not None:
            said_by = "person"
        elif clause is not None:
            because = self.parts(clause)
        else:
            said_by = "nobody"
            missing = self.missing(one for one in clauses.values() if one is not None)
        return QuestionExplanation(
            id=question.id, ask=question.ask, answer=answer, said_by=said_by, because=because, missing=missing
        )

    def qualification(self, level: Qualification) -> QualificationExplanation:
        holds, stays = self.assessment.qualifications[level.id], self.assessment.stays[level.id]
        since, cools_on = self.spells.get(level.id, (None, None))
        if self.assessment.excluded_by is not None:
            return QualificationExplanation(
                id=level.id, title=level.title, holds=holds, stays=stays, since=since, cools_on=cools_on
            )
        return QualificationExplanation(
            id=level.id,
            title=level.title,
            holds=holds,
            stays=stays,
            enter=self.parts(level.enter),
            stay=None if holds or level.stay == level.enter else self.parts(level.stay),
            since=since,
            cools_on=cools_on,
        )


def group_events(evidence: Iterable[Evidence]) -> list[EventGroup]:
    """Return events by day, name and fate, the latest first; however many there are, no more than days."""
    groups = Counter((one.day, one.event.name, one.fate, one.worth_then, one.worth_now) for one in evidence)
    return [
        EventGroup(day=day, event=name, fate=fate, count=count, worth_then=then, worth_now=now)
        for (day, name, fate, then, now), count in sorted(groups.items(), key=lambda item: (-item[0][0], item[0][1:3]))
    ]


def _says_something(found: Contribution) -> bool:
    return bool(found.units or found.before_hold)


def _say_bound(most: str, high: int | None, least: str, low: int | None, is_cut: bool) -> str:
    bound = high if is_cut else low
    assert bound is not None
    return f"{most if is_cut else least} {plain_points(bound)}"


def _say_silence(criterion: InactivityCriterion, found: Contribution) -> str:
    assert found.periods is not None
    assert found.quiet_since is not None
    times = {0: "not yet", 1: "once"}.get(found.periods, f"{found.periods} times")
    silence = f"since {say_day(found.quiet_since)} without {say_activity(criterion)}"
    return f"{silence}: {times} {say_days(criterion.every_days)}"


def _next_grade(score: Score, units: int, grade: str | None) -> NextGrade | None:
    better = [(least, name) for name, least in score.grades if least > units and name != grade]
    if not better:
        return None
    least, name = min(better)
    return NextGrade(grade=name, least=least, missing=least - units)
