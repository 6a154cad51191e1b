"""What a qualification's `enter` depends on: scores with their criteria, questions, conditions, and the names in them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from leadline.engine.expressions import nodes as n
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import (
    AnyCriterion,
    EventCriterion,
    FactCriterion,
    InactivityCriterion,
    Playbook,
    Qualification,
    Question,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What can decide whether a lead enters a qualification.

    scores:     those that `enter` reads, and what they are sums of. criteria: of these scores, in file order.
    questions:  whose answers it reads.
    conditions: of the criteria on facts, of the questions, and `enter` itself, in file order.
    exclusions: conditions that must not hold.
    """

    bound: BoundPlaybook
    level: Qualification
    enter: n.Condition
    scores: tuple[str, ...]
    criteria: tuple[AnyCriterion, ...]
    questions: tuple[Question, ...]
    conditions: tuple[n.Condition, ...]
    exclusions: tuple[n.Condition, ...]


def reach_of(bound: BoundPlaybook, level: Qualification) -> Reach:
    """Return what a qualification's `enter` depends on."""
    playbook = bound.playbook
    enter = bound.test(level.enter)
    read = n.terms_of(enter)
    scores = dict.fromkeys(
        part
        for term in read
        if isinstance(term, n.Score | n.Grade)
        for part in (term.score, *parts_of_sum(playbook, term.score))
    )
    reads_all = any(isinstance(term, n.AnsweredYes) for term in read)
    criteria = tuple(one for one in playbook.criteria if one.score in scores)
    questions = tuple(one for one in playbook.questions if reads_all or n.Answer(one.id) in read)
    conditions = [
        *(
            bound.test(choice.when)
            for criterion in criteria
            if isinstance(criterion, FactCriterion)
            for choice in criterion.choices
        ),
        *(condition for question in questions for condition in conditions_of(bound, question)),
        enter,
    ]
    return Reach(
        bound=bound,
        level=level,
        enter=enter,
        scores=tuple(scores),
        criteria=criteria,
        questions=questions,
        conditions=tuple(dict.fromkeys(conditions)),
        exclusions=tuple(bound.test(one.when) for one in playbook.exclusions),
    )


def parts_of_sum(playbook: Playbook, score: str) -> list[str]:
    """Return the scores that a score adds, and those that they add; one that is added twice stands twice."""
    return [one for part in playbook.get_score(score).sum_of for one in (part, *parts_of_sum(playbook, part))]


def conditions_of(bound: BoundPlaybook, question: Question) -> list[n.Condition]:
    """Return the conditions of a question."""
    clauses = (question.yes, question.partly, question.no)
    return [bound.test(clause) for clause in clauses if clause is not None]


def leaves_of(condition: n.Condition, is_negated: bool = False) -> Iterator[tuple[n.Condition, bool]]:
    """Yield the simple conditions that a condition is made of, each with whether it stands under a *not*."""
    match condition:
        case n.AllOf(parts) | n.AnyOf(parts):
            for part in parts:
                yield from leaves_of(part, is_negated)
        case n.IsTrue(part):
            yield from leaves_of(part, is_negated)
        case n.Not(part):
            yield from leaves_of(part, True)
        case _:
            yield condition, is_negated


def subject_of(leaf: n.Condition) -> n.Term | None:
    """Return the only thing that a simple condition asks about, a date field also for the days since it; else None."""
    found = {term.field if isinstance(term, n.DaysSinceField) else term for term in n.terms_of(leaf)}
    return found.pop() if len(found) == 1 else None


def event_names(reach: Reach) -> list[str]:
    """Return the names of the events that can matter, in file order; ``*`` where only the days with any event do."""
    names: dict[str, None] = {}
    for criterion in reach.criteria:
        match criterion:
            case EventCriterion():
                names.update(dict.fromkeys(criterion.events))
            case InactivityCriterion():
                names.update(dict.fromkeys(criterion.activity or reach.bound.playbook.activity))
    for term in event_terms(reach.conditions):
        names[term.event] = None
    if len(names) > 1:
        names.pop("*", None)
    return list(names)


def event_terms(conditions: Iterable[n.Condition]) -> list[n.EventTerm]:
    """Return what conditions ask about events."""
    found = [term for condition in conditions for term in n.terms_of(condition) if isinstance(term, n.EventTerm)]
    return list(dict.fromkeys(found))


def conditions_on(reach: Reach, event: str) -> list[n.Condition]:
    """Return the conditions about the properties of an event that can matter, also to exclusions."""
    found: dict[n.Condition, None] = {}
    for criterion in reach.criteria:
        if isinstance(criterion, EventCriterion) and criterion.when is not None and event in criterion.events:
            found[reach.bound.test(criterion.when)] = None
    for term in event_terms((*reach.conditions, *reach.exclusions)):
        if isinstance(term, n.Count) and term.event == event and term.only is not None:
            found[term.only] = None
    return list(found)


def matters_alone_in(reach: Reach, event: str) -> bool:
    """Return whether an event can matter whatever its properties are."""
    for criterion in reach.criteria:
        match criterion:
            case EventCriterion() if event in criterion.events and criterion.when is None:
                return True
            case InactivityCriterion() if event in (criterion.activity or reach.bound.playbook.activity):
                return True
    return any(
        term.event in (event, "*") and (not isinstance(term, n.Count) or term.only is None)
        for term in event_terms(reach.conditions)
    )
