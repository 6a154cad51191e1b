"""Which changes could help a lead enter a qualification: everything that the playbook names, nothing else.

A fact is set to a value of each class that the conditions tell apart (values.py), a question is answered, an event of a name that
is read happens with properties for which conditions hold, an outcome is reported where `enter` reads outcomes. A hand raise is no
candidate: it enters at once, whatever else is known, so naming it for every lead would say nothing about any. Which candidates are
open to a lead is the search's business: a fact that is known already is never offered, and no more is a person's answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.bind import DEALS, DECISIONS
from leadline.engine.expressions.evaluate import evaluate
from leadline.engine.next_step.model import KINDS, ChangeKind
from leadline.engine.next_step.reach import (
    Reach,
    conditions_on,
    event_names,
    event_terms,
    leaves_of,
    matters_alone_in,
    subject_of,
)
from leadline.engine.next_step.values import Choices, choices_of
from leadline.engine.playbook.model import EventCriterion
from leadline.engine.reference.assess import answer_field
from leadline.engine.values import text_key

MOST_ASSIGNMENTS = 4_000
"""Of ways to fill the properties of one event; past it, each condition is met by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A change that could help.

    place:      in the order of preference: facts, answers, events, outcomes; each in file order.
    key:        candidates of one key exclude each other; None for events, which can happen again.
    field:      of a fact or an answer, with *value* and its class's place in the field's choices.
    event:      with *properties*, for which *holds* hold.
    outcome:    with *reason*, where it needs one.
    """

    place: int
    kind: ChangeKind
    key: str | None
    field: n.Field | None = None
    value: n.Value | None = None
    value_class: int = 0
    event: str = ""
    properties: tuple[tuple[str, n.Value], ...] = ()
    holds: tuple[n.Condition, ...] = ()
    outcome: str = ""
    reason: str | None = None

    @property
    def reason_key(self) -> str | None:
        """The reason as the log has it."""
        return None if self.reason is None else text_key(self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """All candidates of a qualification. choices: of each field that can be set, answers included."""

    reach: Reach
    all: tuple[Candidate, ...]
    choices: Mapping[n.Field, Choices]
    today: int

    def of(self, key: str) -> list[Candidate]:
        """Return the candidates of one key."""
        return [one for one in self.all if one.key == key]


def candidates_of(reach: Reach, *, today: int) -> Candidates:
    """Return what could help a lead enter a qualification, in the order of preference.

    *today*: the day from which "days since" a date field are counted.
    """
    choices: dict[n.Field, Choices] = {}
    drafts = [
        *_facts(reach, today, choices),
        *_answers(reach, choices),
        *(one for event in event_names(reach) if event not in reach.level.hand_raise for one in _events(reach, event)),
        *_outcomes(reach),
    ]
    assert [KINDS.index(kind) for kind, _ in drafts] == sorted(KINDS.index(kind) for kind, _ in drafts)
    found = tuple(Candidate(place=place, kind=kind, **rest) for place, (kind, rest) in enumerate(drafts))
    return Candidates(reach=reach, all=found, choices=choices, today=today)


_Draft = tuple[ChangeKind, dict[str, Any]]


def _facts(reach: Reach, today: int, choices: dict[n.Field, Choices]) -> Iterator[_Draft]:
    terms = [term for condition in reach.conditions for term in n.terms_of(condition)]
    for field in dict.fromkeys(term for term in terms if isinstance(term, n.Field)):
        found = choices[field] = choices_of(field, reach.conditions, reach.exclusions, today=today)
        for place, one in enumerate(found.classes):
            if one.is_offered and found.leaves:
                yield (
                    "fact",
                    {
                        "key": n.name_of_term(field),
                        "field": field,
                        "value": one.value,
                        "value_class": place,
                    },
                )


def _answers(reach: Reach, choices: dict[n.Field, Choices]) -> Iterator[_Draft]:
    """Yield answers that a person could give: those that `enter` names or, where it counts them, yes."""
    counts_yes = any(isinstance(term, n.AnsweredYes) for term in n.terms_of(reach.enter))
    for question in reach.questions:
        leaves = [(leaf, no) for leaf, no in leaves_of(reach.enter) if subject_of(leaf) == n.Answer(question.id)]
        has_not = any(is_negated for _, is_negated in leaves)
        field = answer_field(question.id)
        for answer in ("yes", "partly", "no"):
            helps = any(evaluate(leaf, lambda _, said=answer: said) is True for leaf, _ in leaves)  # type: ignore[misc]
            if helps or has_not or (counts_yes and answer == "yes"):
                yield "answer", {"key": field.name, "field": field, "value": answer}


# -- events ---------------------------------------------------------------------------------------------


def _events(reach: Reach, event: str) -> Iterator[_Draft]:
    """Yield an event with properties for each set of conditions that can be met together; the fewest properties first."""
    conditions = conditions_on(reach, event)
    found: dict[tuple[n.Condition, ...], tuple[tuple[str, n.Value], ...]] = {}
    for properties in _assignments(conditions):
        met = tuple(one for one in conditions if is_met(one, properties))
        if met not in found or len(properties) < len(found[met]):
            found[met] = tuple(properties.items())
    wanted = _wanted(reach, event)
    matters_alone = matters_alone_in(reach, event)
    for met, chosen in found.items():
        holds = tuple(one for one in met if one in wanted)
        if holds or (matters_alone and not chosen):
            yield "event", {"key": None, "event": event, "properties": chosen, "holds": holds}


def _wanted(reach: Reach, event: str) -> set[n.Condition]:
    """Return the conditions on an event's properties that can help, those of exclusions apart."""
    criteria = [one for one in reach.criteria if isinstance(one, EventCriterion) and event in one.events]
    return {
        *(reach.bound.test(one.when) for one in criteria if one.when is not None),
        *(
            term.only
            for term in event_terms(reach.conditions)
            if isinstance(term, n.Count) and term.event == event and term.only is not None
        ),
    }


def is_met(condition: n.Condition, properties: Mapping[str, n.Value]) -> bool:
    """Return whether an event with some properties passes a condition."""

    def read(term: n.Term) -> n.Value | None:
        assert isinstance(term, n.Field)
        return properties.get(term.name)

    return evaluate(condition, read) is True


def _assignments(conditions: Iterable[n.Condition]) -> Iterator[dict[str, n.Value]]:
    """Yield ways to fill the properties that conditions read: none, and each class of values or nothing for each."""
    conditions = list(conditions)
    yield {}
    groups = [conditions]
    if _ways(conditions) > MOST_ASSIGNMENTS:
        groups = [[one] for one in conditions]
    for group in groups:
        options = _options(conditions, group)
        for count, chosen in enumerate(product(*options.values())):
            if count >= MOST_ASSIGNMENTS:
                break
            yield {name: value for name, value in zip(options, chosen, strict=True) if value is not None}


def _options(conditions: list[n.Condition], group: list[n.Condition]) -> dict[str, list[n.Value | None]]:
    terms = [term for condition in group for term in n.terms_of(condition)]
    return {
        field.name: [None, *(one.value for one in choices_of(field, conditions).classes)]
        for field in dict.fromkeys(term for term in terms if isinstance(term, n.Field))
    }


def _ways(conditions: list[n.Condition]) -> int:
    ways = 1
    for values in _options(conditions, conditions).values():
        ways *= len(values)
    return ways


# -- outcomes -------------------------------------------------------------------------------------------


def _outcomes(reach: Reach) -> Iterator[_Draft]:
    """Yield outcomes that `enter` itself asks for; one that ends spells would keep a lead from entering."""
    leaves = list(leaves_of(reach.enter))
    has_not = any(is_negated for _, is_negated in leaves)
    open_ones = [one for one in reach.bound.playbook.outcomes if not one.ends]
    found: dict[tuple[str, str | None], None] = {}
    for leaf, _ in leaves:
        subject = subject_of(leaf)
        for outcome in open_ones:
            match subject:
                case n.History("reason"):
                    for reason in outcome.reasons:
                        if outcome.id in DECISIONS and (has_not or _is_said(leaf, text_key(reason.id))):
                            found[outcome.id, reason.id] = None
                case n.History(what):
                    family = DEALS if what == "deal" else DECISIONS
                    if outcome.id in family and (has_not or isinstance(leaf, n.IsNull) or _is_said(leaf, outcome.id)):
                        found[outcome.id, None] = None
                case n.DaysSinceOutcome(name) if name == outcome.id:
                    found[outcome.id, None] = None
                case _:
                    pass
    for outcome_id, reason_id in found:
        family_name = "decision" if outcome_id in DECISIONS else "deal" if outcome_id in DEALS else outcome_id
        yield "outcome", {"key": f"outcome {family_name}", "outcome": outcome_id, "reason": reason_id}


def _is_said(leaf: n.Condition, word: str) -> bool:
    return evaluate(leaf, lambda _: word) is True
