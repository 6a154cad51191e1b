"""Who could ever qualify: a quick look that spares most leads the long one.

For each lead the truth of a condition is bounded over all its moments at once: could it be true at some time, false, unknown? What
rests on columns that do not change is known exactly; a score lies between what its criteria could give at least and at most. A lead
that could never enter a qualification and never raised a hand needs no daily assessment. Too wide a bound costs time and nothing
else; that none is too narrow is held by tests/engine/timeline, where the naive history knows no such bounds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from leadline.engine.arithmetic import POINT, hold
from leadline.engine.cells.columns import Array, Column, Integers, Spread, Truths, WordList
from leadline.engine.cells.conditions import ConditionCells
from leadline.engine.compiler.plan import Plan, Points
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.bind import ANSWERS
from leadline.engine.expressions.evaluate import evaluate
from leadline.engine.playbook.model import EventCriterion, FactCriterion, InactivityCriterion, Question
from leadline.engine.reference.assess import answer_field
from leadline.engine.timeline.known import KnownLeads
from leadline.engine.values import text_key

_ENDLESS = 1 << 50

_CAN_BE: dict[str, Callable[[Array, Array, float], Array]] = {
    "=": lambda low, high, wanted: (low <= wanted) & (wanted <= high),
    "<>": lambda low, high, wanted: (low != wanted) | (high != wanted),
    "<": lambda low, high, wanted: low < wanted,
    "<=": lambda low, high, wanted: low <= wanted,
    ">": lambda low, high, wanted: high > wanted,
    ">=": lambda low, high, wanted: high >= wanted,
}
_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@dataclass(frozen=True, slots=True)
class Possible:
    """For each lead whether a condition could be true, false or unknown at some moment."""

    true: Truths
    false: Truths
    unknown: Truths


@dataclass(frozen=True, slots=True)
class Range:
    """For each lead between which whole numbers a value always lies."""

    low: Integers
    high: Integers


@dataclass(slots=True)
class Reach:
    """Bounds over all moments of some leads."""

    plan: Plan
    known: KnownLeads
    _spread: Spread = field(init=False)
    _exact: ConditionCells = field(init=False)
    _possible: dict[n.Condition, Possible] = field(default_factory=dict)
    _scores: dict[str, Range] = field(default_factory=dict)
    _answers: dict[str, dict[str, Truths]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.known)
        self._spread = Spread(count, np.arange(count, dtype=np.int64))
        self._exact = ConditionCells(self._spread, self._column)

    def may_begin(self) -> Truths:
        """Return which leads could begin a spell of any qualification."""
        found = np.zeros(len(self.known), dtype=np.bool_)
        for level in self.plan.playbook.qualifications:
            found |= self.possible(self.plan.bound.test(level.enter)).true
            found[self.known.events.lead[self.known.events.named(level.hand_raise)]] = True
        return found

    # -- conditions ---------------------------------------------------------------------------------------

    def possible(self, condition: n.Condition) -> Possible:
        """Return what a condition could come to."""
        if condition not in self._possible:
            self._possible[condition] = self._find(condition)
        return self._possible[condition]

    def _find(self, condition: n.Condition) -> Possible:
        match condition:
            case n.AllOf(parts):
                found = [self.possible(part) for part in parts]
                return Possible(
                    np.logical_and.reduce([one.true for one in found]),
                    np.logical_or.reduce([one.false for one in found]),
                    np.logical_or.reduce([one.unknown for one in found]),
                )
            case n.AnyOf(parts):
                found = [self.possible(part) for part in parts]
                return Possible(
                    np.logical_or.reduce([one.true for one in found]),
                    np.logical_and.reduce([one.false for one in found]),
                    np.logical_or.reduce([one.unknown for one in found]),
                )
            case n.Not(part):
                inner = self.possible(part)
                return Possible(inner.false, inner.true, inner.unknown)
            case n.IsTrue(part):
                inner = self.possible(part)
                return Possible(inner.true, inner.false | inner.unknown, self._never())
            case n.Between(term, low, high):
                return self.possible(n.AllOf((n.Compare(term, ">=", low), n.Compare(term, "<=", high))))
            case n.Compare(n.Score() | n.Count() | n.ActiveDays() | n.AnsweredYes() as term, sign, n.Literal(wanted)):
                values, unit = self._range(term), POINT if isinstance(term, n.Score) else 1
                least, most = values.low / unit, values.high / unit
                bound = float(wanted)
                return Possible(
                    _CAN_BE[sign](least, most, bound), _CAN_BE[_OPPOSITE[sign]](least, most, bound), self._never()
                )
            case n.Compare(n.Grade() | n.Answer() as term, _, n.Literal()) | n.Among(n.Grade() | n.Answer() as term):
                return self._of_words(condition, term)
        terms = n.terms_of(condition)
        if all(isinstance(term, n.Field) for term in terms):
            truth = self._exact.truth(condition).values
            moves = self._moves([term for term in terms if isinstance(term, n.Field)])
            return Possible((truth == 2) | moves, (truth == 0) | moves, (truth == 1) | moves)
        anything = np.ones(len(self.known), dtype=np.bool_)
        return Possible(anything, anything, anything)

    def _never(self) -> Truths:
        return np.zeros(len(self.known), dtype=np.bool_)

    def _column(self, term: n.Term) -> Column:
        assert isinstance(term, n.Field)
        found = self.known.fields.get(term)
        return (
            found if found is not None else self._spread.nothing(WordList() if term.kind in ("text", "list") else None)
        )

    def _moves(self, fields: "list[n.Field]") -> Truths:
        """Return of which leads some of these fields change in time."""
        found = self._never()
        for one in fields:
            if (changes := self.known.changes.get(one)) is not None:
                found[changes.lead] = True
        return found

    def _of_words(self, condition: n.Condition, term: "n.Grade | n.Answer") -> Possible:
        """Return what a test of a grade or an answer could come to, given the words that it could be."""
        true, false = self._never(), self._never()
        words = self._grade_words(term.score) if isinstance(term, n.Grade) else self._answer_words(term.question)
        for word, can_be in words.items():
            if evaluate(condition, lambda _, word=word: word) is True:  # type: ignore[misc]
                true |= can_be
            else:
                false |= can_be
        return Possible(true, false, self._never() if words else np.ones(len(self.known), dtype=np.bool_))

    # -- values -------------------------------------------------------------------------------------------------

    def _range(self, term: "n.Score | n.Count | n.ActiveDays | n.AnsweredYes") -> Range:
        match term:
            case n.Score(score):
                return self.score(score)
            case n.AnsweredYes():
                answers = [self._answer_words(question.id) for question in self.plan.playbook.questions]
                low, high = (np.zeros(len(self.known), dtype=np.int64) for _ in range(2))
                for words in answers:
                    is_sure = ~np.logical_or.reduce([can_be for word, can_be in words.items() if word != "yes"])
                    low = low + (words["yes"] & is_sure)
                    high = high + words["yes"]
                return Range(low, high)
            case n.Count() | n.ActiveDays():
                tally = self.plan.features[self.plan.term_features[term]].tally
                return Range(np.zeros(len(self.known), dtype=np.int64), self._times(tally))

    def _times(self, tally: int) -> Integers:
        """Return how many events of a tally each lead ever has."""
        rows = self.known.events.of_signal(self.plan.tallies[tally].signal)
        return np.bincount(self.known.events.lead[rows], minlength=len(self.known)).astype(np.int64)

    def score(self, score_id: str) -> Range:
        """Return between which ten-thousandths a score always lies."""
        if score_id not in self._scores:
            playbook = self.plan.playbook
            score = playbook.get_score(score_id)
            low, high = (np.zeros(len(self.known), dtype=np.int64) for _ in range(2))
            parts = [self.score(part) for part in score.sum_of]
            for criterion in playbook.criteria_of(score_id):
                match criterion:
                    case FactCriterion():
                        parts.append(self._of_facts(criterion))
                    case EventCriterion():
                        parts.append(self._of_events(criterion))
                    case InactivityCriterion():
                        parts.append(self._of_silence(criterion))
            for part in parts:
                low, high = low + part.low, high + part.high
            if score.low is not None or score.high is not None:
                low, high = np.clip(low, score.low, score.high), np.clip(high, score.low, score.high)
            self._scores[score_id] = Range(low, high)
        return self._scores[score_id]

    def _of_facts(self, criterion: FactCriterion) -> Range:
        """The first choice that is true counts: each that could be, while none before it certainly is."""
        low = np.full(len(self.known), _ENDLESS, dtype=np.int64)
        high = -low
        is_open = np.ones(len(self.known), dtype=np.bool_)
        for choice in criterion.choices:
            found = self.possible(self.plan.bound.test(choice.when))
            low = np.where(is_open & found.true, np.minimum(low, choice.points), low)
            high = np.where(is_open & found.true, np.maximum(high, choice.points), high)
            is_open &= found.false | found.unknown
        return Range(np.where(is_open, np.minimum(low, 0), low), np.where(is_open, np.maximum(high, 0), high))

    def _of_events(self, criterion: EventCriterion) -> Range:
        feature = self.plan.features[self.plan.points[criterion.id]]
        assert isinstance(feature, Points)
        times = self._times(feature.tally)
        if feature.limit is not None and feature.limit.per == "ever":
            times = np.minimum(times, feature.limit.count)
        weights = (*feature.weights.table, feature.weights.after)
        ends = [np.clip(times * worth, -_ENDLESS, _ENDLESS) for worth in (min(0, *weights), max(0, *weights))]
        if criterion.low is not None or criterion.high is not None:
            ends = [np.clip(end, criterion.low, criterion.high) for end in ends]
        return Range(ends[0], ends[1])

    def _of_silence(self, criterion: InactivityCriterion) -> Range:
        falls, nothing = criterion.points < 0, hold(0, criterion.low, criterion.high)
        low = (-_ENDLESS if criterion.low is None else criterion.low) if falls else min(0, nothing)
        high = max(0, nothing) if falls else (_ENDLESS if criterion.high is None else criterion.high)
        count = len(self.known)
        return Range(np.full(count, min(low, 0), dtype=np.int64), np.full(count, max(high, 0), dtype=np.int64))

    def _grade_words(self, score_id: str) -> dict[str, Truths]:
        """Return for each grade, as conditions see it, which leads could have it."""
        score, units = self.plan.playbook.get_score(score_id), self.score(score_id)
        found: dict[str, Truths] = {}
        above = np.full(len(self.known), _ENDLESS * 2, dtype=np.int64)
        for place, (name, least) in enumerate(score.grades):
            bottom = -2 * _ENDLESS if place == len(score.grades) - 1 else least
            can_be = (units.high >= bottom) & (units.low < above)
            found[text_key(name)] = found.get(text_key(name), self._never()) | can_be
            above = np.full(len(self.known), least, dtype=np.int64)
        return found

    def _answer_words(self, question_id: str) -> dict[str, Truths]:
        """Return for each answer which leads could have it."""
        if question_id not in self._answers:
            question = next(one for one in self.plan.playbook.questions if one.id == question_id)
            self._answers[question_id] = self._answers_of(question)
        return self._answers[question_id]

    def _answers_of(self, question: Question) -> dict[str, Truths]:
        said, moves = self._column(answer_field(question.id)), self._moves([answer_field(question.id)])
        found = {answer: moves.copy() for answer in ANSWERS}
        for place, word in enumerate(said.words or ()):
            found[str(word)] |= said.is_known() & (said.values == place)
        is_open = ~said.is_known() | moves
        for answer, clause in (("yes", question.yes), ("partly", question.partly), ("no", question.no)):
            if clause is not None:
                truth = self.possible(self.plan.bound.test(clause))
                found[answer] |= is_open & truth.true
                is_open = is_open & (truth.false | truth.unknown)
        found["unknown"] |= is_open
        return found
