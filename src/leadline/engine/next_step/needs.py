"""What a set of changes must do at least before it can be worth trying: bounds that are cheap and never wrong.

`enter` is true when all parts of one of its *alternatives* are (``a >= 5 and (b or c)`` has two). So a set of changes is worth
trying only when, for some alternative,

- every part that is not true now is touched by a change;
- every part that asks for a score of at least so much can get it: what the changes could add to the score's criteria, each at
  most, reaches what is missing before the score is held;
- every change has a use: it touches a part that is not true, or one that another change of the set could break (or an exclusion
  that it could bring about). A change without a use could be left out, and the smaller set would do: that one came first.

The rest is evaluated. tests/engine/next_step/test_search.py holds that no smaller set and no earlier one is ever missed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import floor

from leadline.engine.arithmetic import POINT, hold, weight_table
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.bind import DEALS, DECISIONS
from leadline.engine.expressions.evaluate import Truth, evaluate
from leadline.engine.next_step.candidates import Candidate, Candidates, is_met
from leadline.engine.next_step.model import KINDS, MOST_CHANGES
from leadline.engine.next_step.reach import Reach, conditions_of, parts_of_sum
from leadline.engine.playbook.model import (
    AnyCriterion,
    EventCriterion,
    FactCriterion,
    InactivityCriterion,
    Question,
)
from leadline.engine.reference.assess import answer_field
from leadline.engine.values import text_key

MOST_ALTERNATIVES = 16
Item = AnyCriterion | Question | str
"""What changes can add to a score or a count of answers: a criterion, a question, or (by its id) wiping a score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A condition that must be true, one of those that together make an alternative.

    touched_by: places of the candidates that can matter to it.
    items:      where it asks for a sum to be at least *least* (ten-thousandths, or a number of answers): what adds to the sum,
                and how often.
    sum_of:     the score that is the sum; None for the number of answers yes.
    only_rises: more of the sum never breaks it.
    """

    condition: n.Condition
    touched_by: frozenset[int]
    items: Mapping[int, int]
    sum_of: str | None = None
    least: int | None = None
    only_rises: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What `enter` asks for, and which candidate can matter to what.

    items_of: for each candidate, by its place, the items that it can matter to. excluded_by: the exclusions that it can.
    ranges:  for a candidate and a criterion on facts, or a question, what the item can be with it: points, or 1 for yes.
    kinds, keys: of each candidate, its kind by its place in `KINDS`.
    """

    candidates: Candidates
    items: tuple[Item, ...]
    parts: tuple[Part, ...]
    alternatives: tuple[tuple[int, ...], ...]
    items_of: tuple[frozenset[int], ...]
    excluded_by: tuple[frozenset[int], ...]
    ranges: Mapping[tuple[int, int], tuple[int, int]]
    kinds: tuple[int, ...]
    keys: tuple[str | None, ...]


def needs_of(candidates: Candidates) -> Needs:
    """Return what a qualification asks for."""
    reach = candidates.reach
    items: tuple[Item, ...] = (*reach.criteria, *reach.questions, *reach.scores)
    touched = tuple(
        frozenset(place for place, item in enumerate(items) if _touches_item(reach, one, item))
        for one in candidates.all
    )
    numbers = {_name(item): place for place, item in enumerate(items)}
    found: dict[n.Condition, Part] = {}
    alternatives = _alternatives(reach.enter)
    for condition in dict.fromkeys(part for one in alternatives for part in one):
        places = frozenset(
            one.place
            for one in candidates.all
            if any(_touches_term(reach, one, term, touched[one.place], numbers) for term in n.terms_of(condition))
        )
        found[condition] = _part(reach, condition, places, numbers)
    order = {condition: place for place, condition in enumerate(found)}
    return Needs(
        candidates=candidates,
        items=items,
        parts=tuple(found.values()),
        alternatives=tuple(tuple(dict.fromkeys(order[part] for part in one)) for one in alternatives),
        items_of=touched,
        excluded_by=tuple(
            frozenset(
                place
                for place, condition in enumerate(reach.exclusions)
                if any(_touches_term(reach, one, term, frozenset(), numbers) for term in n.terms_of(condition))
            )
            for one in candidates.all
        ),
        ranges={
            (one.place, place): span
            for one in candidates.all
            for place in touched[one.place]
            if (span := _range(reach, one, items[place])) is not None
        },
        kinds=tuple(KINDS.index(one.kind) for one in candidates.all),
        keys=tuple(one.key for one in candidates.all),
    )


def _name(item: Item) -> tuple[str, str]:
    match item:
        case str():
            return "reset", item
        case Question():
            return "question", item.id
        case _:
            return "criterion", item.id


def _alternatives(condition: n.Condition) -> list[tuple[n.Condition, ...]]:
    """Return the ways in which a condition can be true: in each, all of its parts."""
    found: list[tuple[n.Condition, ...]]
    match condition:
        case n.AnyOf(parts):
            found = [one for part in parts for one in _alternatives(part)]
        case n.AllOf(parts):
            ways = [_alternatives(part) for part in parts]
            count = 1
            for one in ways:
                count *= len(one)
            if count > MOST_ALTERNATIVES:
                return [(condition,)]
            found = [tuple(part for way in chosen for part in way) for chosen in product(*ways)]
        case n.IsTrue(part):
            return _alternatives(part)
        case _:
            return [(condition,)]
    return found if len(found) <= MOST_ALTERNATIVES else [(condition,)]


# -- what touches what ----------------------------------------------------------------------------------


def _touches_item(reach: Reach, one: Candidate, item: Item) -> bool:
    match item:
        case str():
            playbook = reach.bound.playbook
            is_wiping = playbook.is_reset_by(item, one.outcome, one.reason_key)
            return one.event in playbook.reset_events(item) or is_wiping
        case Question():
            if one.field == answer_field(item.id):
                return True
            return any(_touches(one, condition) for condition in conditions_of(reach.bound, item))
        case FactCriterion():
            return any(_touches(one, reach.bound.test(choice.when)) for choice in item.choices)
        case EventCriterion():
            return one.event in item.events and (
                item.when is None or is_met(reach.bound.test(item.when), dict(one.properties))
            )
        case InactivityCriterion():
            return one.event in (item.activity or reach.bound.playbook.activity)


def _touches(one: Candidate, condition: n.Condition) -> bool:
    """Return whether a change can matter to a condition on facts, counts and history."""
    return any(_touches_fact(one, term) for term in n.terms_of(condition))


def _touches_fact(one: Candidate, term: n.Term) -> bool:
    match term:
        case n.Field():
            return term == one.field
        case n.Count(event, _, only):
            return event == one.event and (only is None or is_met(only, dict(one.properties)))
        case n.ActiveDays(event):
            return one.kind == "event" and event in ("*", one.event)
        case n.DaysSinceEvent(event):
            return event == one.event
        case n.History(what):
            return one.outcome in (DEALS if what == "deal" else DECISIONS)
        case n.DaysSinceOutcome(outcome):
            return outcome == one.outcome
        case _:
            return False


def _touches_term(
    reach: Reach, one: Candidate, term: n.Term, items: frozenset[int], numbers: Mapping[tuple[str, str], int]
) -> bool:
    match term:
        case n.Score(score) | n.Grade(score):
            return bool(items & set(_items_of_score(reach, score, numbers)))
        case n.Answer(question):
            return numbers["question", question] in items
        case n.AnsweredYes():
            return any(numbers["question", question.id] in items for question in reach.questions)
        case _:
            return _touches_fact(one, term)


def _items_of_score(reach: Reach, score: str, numbers: Mapping[tuple[str, str], int]) -> dict[int, int]:
    """Return what adds to a score, and how often: a score that is added twice counts twice."""
    found: dict[int, int] = {}
    for part in (score, *parts_of_sum(reach.bound.playbook, score)):
        criteria = [numbers["criterion", one.id] for one in reach.criteria if one.score == part]
        for item in (*criteria, numbers["reset", part]):
            found[item] = found.get(item, 0) + 1
    return found


# -- parts that ask for a sum ---------------------------------------------------------------------------


def _part(reach: Reach, condition: n.Condition, places: frozenset[int], numbers: Mapping[tuple[str, str], int]) -> Part:
    found = _at_least(reach, condition)
    if found is None:
        return Part(condition=condition, touched_by=places, items={})
    term, least, only_rises = found
    if isinstance(term, n.AnsweredYes):
        items = {numbers["question", question.id]: 1 for question in reach.questions}
        return Part(condition=condition, touched_by=places, items=items, least=floor(least), only_rises=only_rises)
    items = _items_of_score(reach, term.score, numbers)
    return Part(
        condition=condition,
        touched_by=places,
        items=items,
        sum_of=term.score,
        least=floor(least * POINT),
        only_rises=only_rises,
    )


def _at_least(reach: Reach, condition: n.Condition) -> tuple[n.Score | n.Grade | n.AnsweredYes, float, bool] | None:
    """Return the sum of which a condition asks for at least so much, and whether it asks for nothing else."""
    match condition:
        case n.Compare(n.Literal() as left, "<=" | "<", right):
            return _at_least(reach, n.Compare(right, ">=", left))
        case n.Compare(n.Score() | n.AnsweredYes() as term, ">=" | ">", n.Literal(value)):
            return term, float(value), True
        case n.Between(n.Score() | n.AnsweredYes() as term, n.Literal(value), n.Literal()):
            return term, float(value), False
        case n.Compare(n.Grade() as term, "=", n.Literal(value)):
            return _grades(reach, term, {str(value)})
        case n.Among(n.Grade() as term, values, _):
            return _grades(reach, term, {str(one.value) for one in values})
        case _:
            return None


def _grades(reach: Reach, term: n.Grade, accepted: set[str]) -> tuple[n.Grade, float, bool] | None:
    grades = reach.bound.playbook.get_score(term.score).grades
    fits = [text_key(name) in accepted for name, _ in grades]
    if not any(fits) or fits[-1]:  # the last grade has no lower end
        return None
    least = min(least for (_, least), fit in zip(grades, fits, strict=True) if fit)
    return term, least / POINT, fits == sorted(fits, reverse=True)


# -- what an item can be --------------------------------------------------------------------------------


def _range(reach: Reach, one: Candidate, item: Item) -> tuple[int, int] | None:
    """Return the least and the most that a criterion on facts gives with a change, or whether a question is yes."""
    match item:
        case FactCriterion():
            entries = [(reach.bound.test(choice.when), choice.points) for choice in item.choices]
        case Question() if one.kind == "answer":
            return (int(one.value == "yes"),) * 2
        case Question():
            clauses = ((item.yes, 1), (item.partly, 0), (item.no, 0))
            entries = [(reach.bound.test(clause), worth) for clause, worth in clauses if clause is not None]
        case _:
            return None
    possible: list[int] = []
    for condition, worth in entries:
        truth = _truth_with(one, condition)
        if truth is not False:
            possible.append(worth)
        if truth is True:
            break
    else:
        possible.append(0)
    return min(possible), max(possible)


def _truth_with(one: Candidate, condition: n.Condition) -> Truth:
    """Return what a condition comes to with a change whatever else is known; None where that is open."""
    if one.kind != "fact" or _asks_what_is_known(condition):
        return None

    def read(term: n.Term) -> n.Value | None:
        if isinstance(term, n.DaysSinceField) or term != one.field:
            return None
        return one.value

    return evaluate(condition, read)


def _asks_what_is_known(condition: n.Condition) -> bool:
    """Return whether a condition tells the unknown from the false: what it says then can change with what becomes known."""
    if isinstance(condition, n.IsNull | n.IsTrue):
        return True
    return any(_asks_what_is_known(part) for part in n.parts_of(condition) if isinstance(part, n.Condition))


# -- how much a change can add, for a lead --------------------------------------------------------------


def gain_of(reach: Reach, item: Item, units: Mapping[str, int], answers: Mapping[str, str]) -> tuple[int, int]:
    """Return how much one change can add to an item at most, and how much all changes together can.

    Of a criterion on facts, and of a question, return what it is now instead, twice: `Needs.ranges` says what it can be.

    Args:
        units: what each criterion gives now.
        answers: the answers to the questions now.
    """
    match item:
        case str():
            gain = sum(max(0, hold(0, one.low, one.high) - units[one.id]) for one in wiped_criteria(reach, item))
        case Question():
            return (int(answers[item.id] == "yes"),) * 2
        case FactCriterion():
            return (units[item.id],) * 2
        case EventCriterion():
            worth = max(0, weight_table(item.points, item.decay, item.within_days).at(0))
            times = MOST_CHANGES if item.limit is None else min(MOST_CHANGES, item.limit.count)
            if item.high is not None and worth:  # in whole events, so that leads are in few situations
                times = min(times, -(-max(0, item.high - units[item.id]) // worth))
            return min(worth, times * worth), times * worth
        case InactivityCriterion():
            gain = max(0, hold(0, item.low, item.high) - units[item.id])
    return gain, gain


def can_fall(reach: Reach, item: Item, units: Mapping[str, int]) -> bool:
    """Return whether a change that matters to an item can make it less, where `Needs.ranges` does not say so."""
    match item:
        case str():
            return any(units[one.id] > hold(0, one.low, one.high) for one in wiped_criteria(reach, item))
        case EventCriterion():
            return item.points < 0
        case InactivityCriterion():
            return units[item.id] > hold(0, item.low, item.high)
        case _:
            return False


def wiped_criteria(reach: Reach, score: str) -> list[EventCriterion | InactivityCriterion]:
    """Return the criteria that a reset of a score concerns."""
    return [one for one in reach.criteria if one.score == score and not isinstance(one, FactCriterion)]


def available(candidates: Iterable[Candidate], known: Sequence[str], answers: Mapping[str, str]) -> list[int]:
    """Return the places of the candidates that are open to a lead.

    Args:
        candidates: all of them.
        known: the names of the lead's known fields, as conditions write them; ``questions.x`` where a person answered.
        answers: the answers to the questions now.
    """
    has = set(known)
    found = []
    for one in candidates:
        if one.kind == "fact" and one.key in has:
            continue
        if one.kind == "answer":
            assert one.field is not None
            if one.field.name in has or answers[one.field.name.removeprefix("questions.")] == one.value:
                continue
        found.append(one.place)
    return found
