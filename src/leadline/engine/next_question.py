"""The question worth asking next: of those without a clear answer, the one whose answer could change most.

Each possible answer is supposed to be a person's, and what then differs is compared with what holds now: qualifications entered or
left, then the grade, then points. Where one answer alone changes nothing, the fewest answers of yes that enter a qualification
together break the tie. As with a next step, conditions are asked, not quiet times: nothing is guessed of what is likely.

A supposed answer is tried out by the reference, or, where no condition reads answers but those of qualifications, on those conditions
alone, which comes to the same. tests/engine/test_next_question.py holds both to trying out every answer.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Literal

from leadline.engine.arithmetic import plain_points
from leadline.engine.calendar import AsOf, get_zone
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.evaluate import evaluate
from leadline.engine.expressions.words import join_words
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import Clause, Qualification
from leadline.engine.reference.assess import answer_field, assess
from leadline.engine.reference.facts import resolve_facts
from leadline.engine.reference.log import Fact, LeadLog, ReportedOutcome
from leadline.engine.reference.result import Assessment

Answer = Literal["yes", "partly", "no"]
ANSWERS: tuple[Answer, ...] = ("yes", "partly", "no")
UNCLEAR = ("unknown", "partly")
"""Questions with these answers are worth asking."""
BY_A_PERSON = "person"
"""The source of the answer that is supposed: whether it wins is decided by the playbook's rank of sources."""
MOST_ANSWERS = 3
"""So many answers are looked at together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one answer to a question would change.

    enters, leaves: ids of qualifications. grade: the lead's grade then, None where it stays what it is (or is gone: *loses_grade*).
    points: what each score that moves would gain or lose, in ten-thousandths.
    text:   the largest of it as a sentence, such as "A yes would make them Sales qualified."; empty where nothing changes.
    """

    answer: Answer
    enters: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    grade: str | None = None
    loses_grade: bool = False
    points: Mapping[str, int] = field(default_factory=dict)
    text: str = ""

    @property
    def size(self) -> tuple[int, bool, int]:
        """How much it changes, to be compared: qualifications, then whether the grade, then points of all scores."""
        moved = sum(abs(units) for units in self.points.values())
        return len(self.enters) + len(self.leaves), self.grade is not None or self.loses_grade, moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """What a yes would do together with others: the fewest with which it enters a qualification.

    also:     ids of the other questions. is_once_accepted: whether sales would have to accept the lead as well.
    """

    enters: tuple[str, ...]
    also: tuple[str, ...]
    is_once_accepted: bool
    text: str

    @property
    def size(self) -> int:
        """How many other things it takes."""
        return len(self.also) + self.is_once_accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class NextQuestion:
    """A question without a clear answer, and what answers to it would change.

    effects:  of each answer that it does not have now, the largest first.
    together: where no answer by itself changes a qualification: what a yes would do with others.
    """

    id: str
    ask: str
    answer: str
    effects: tuple[Effect, ...]
    together: Together | None = None

    @property
    def why(self) -> str:
        """Why it is worth asking, as a sentence; empty where no answer would change anything."""
        return self.effects[0].text or (self.together.text if self.together else "")


def next_best_question(
    bound: BoundPlaybook,
    log: LeadLog,
    as_of: AsOf,
    *,
    assessment: Assessment | None = None,
    open_spells: Collection[str] = (),
    as_known: bool = False,
    ended_spells: Mapping[str, int] | None = None,
) -> NextQuestion | None:
    """Return the question whose answer could change most, None where no answer changes anything; as for `rank_questions`."""
    ranking = rank_questions(
        bound,
        log,
        as_of,
        assessment=assessment,
        open_spells=open_spells,
        as_known=as_known,
        ended_spells=ended_spells,
    )
    return ranking[0] if ranking and ranking[0].why else None


def rank_questions(
    bound: BoundPlaybook,
    log: LeadLog,
    as_of: AsOf,
    *,
    assessment: Assessment | None = None,
    open_spells: Collection[str] = (),
    as_known: bool = False,
    ended_spells: Mapping[str, int] | None = None,
) -> tuple[NextQuestion, ...]:
    """Return the questions answered unknown or partly, first the one whose answer could change most.

    By the largest change that one answer makes, then by the fewest other things a yes needs to enter a qualification, then in the
    order of the playbook. A lead enters what it is not in when `enter` becomes true; it leaves what it is in when neither `enter`
    nor `stay` is true any more and no hand raise holds it.

    Args:
        bound: the playbook.
        log: all that is known of the lead.
        as_of: the moment.
        assessment: what the reference says of it, where that was computed already.
        open_spells: qualifications in which the lead is, by their ids.
        as_known, ended_spells: as for `leadline.engine.reference.assess.assess`.
    """
    now = assess(bound, log, as_of, as_known=as_known, ended_spells=ended_spells) if assessment is None else assessment
    if not now.has_consent:
        return ()
    supposing = _Supposing(bound, log, as_of, now, as_known, ended_spells)
    weighing = _Weighing(bound, log, now, frozenset(open_spells), as_of)
    unclear = [one for one in bound.playbook.questions if now.answers[one.id] in UNCLEAR]
    found: list[NextQuestion] = []
    for question in unclear:
        others = [answer for answer in ANSWERS if answer != now.answers[question.id]]
        effects = [weighing.effect(answer, supposing.state({question.id: answer})) for answer in others]
        effects.sort(key=lambda one: one.size, reverse=True)
        found.append(
            NextQuestion(id=question.id, ask=question.ask, answer=now.answers[question.id], effects=tuple(effects))
        )
    if not any(one.effects[0].size[0] for one in found):
        together = _together(supposing, weighing, [one.id for one in found])
        found = [replace(one, together=together.get(one.id)) for one in found]
    return tuple(sorted(found, key=_place))


def _place(one: NextQuestion) -> tuple[int, bool, int, int]:
    levels, moves_grade, moved = one.effects[0].size
    needs = MOST_ANSWERS + 1 if one.together is None else one.together.size
    return -levels, not moves_grade, -moved, needs


# -- what would hold ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _State:
    """What is compared: truths of qualifications, the grade and the points of scores."""

    enter: Mapping[str, bool]
    stays: Mapping[str, bool]
    grade: str | None
    points: Mapping[str, int]


def _state_of(found: Assessment) -> _State:
    points = {name: score.units for name, score in found.scores.items()}
    return _State(found.qualifications, found.stays, found.grade, points)


class _UnreadError(Exception):
    """A condition reads a term that the assessment did not."""


class _Supposing:
    """A lead whose questions are supposed to be answered by a person."""

    def __init__(
        self,
        bound: BoundPlaybook,
        log: LeadLog,
        as_of: AsOf,
        now: Assessment,
        as_known: bool,
        ended_spells: Mapping[str, int] | None,
    ) -> None:
        self.bound, self.log, self.as_of, self.now = bound, log, as_of, now
        self.as_known, self.ended_spells = as_known, ended_spells
        fields = {answer_field(one.id).name for one in bound.playbook.questions}
        self.is_direct = not any(
            isinstance(term, n.Field) and term.scope == "lead" and term.name in fields
            for test in bound.tests.values()
            for term in n.terms_of(test)
        )

    def once_accepted(self) -> "_Supposing":
        """Return the same lead, accepted by sales at this moment."""
        accepted = ReportedOutcome(outcome="accepted", at_us=self.as_of.until_us)
        other = copy(self)
        other.log = replace(self.log, outcomes=(*self.log.outcomes, accepted))
        other.now = assess(self.bound, other.log, self.as_of, as_known=self.as_known, ended_spells=self.ended_spells)
        return other

    def state(self, answers: Mapping[str, Answer]) -> _State:
        """Return what holds once questions, by their ids, are answered so."""
        if self.is_direct:
            try:
                return self._on_conditions(answers)
            except _UnreadError:
                pass
        log = suppose_answers(self.log, answers, self.as_of)
        return _state_of(assess(self.bound, log, self.as_of, as_known=self.as_known, ended_spells=self.ended_spells))

    def _on_conditions(self, answers: Mapping[str, Answer]) -> _State:
        """Return the same, by the conditions of qualifications alone: nothing else reads answers."""
        before = _state_of(self.now)
        if self.now.excluded_by is not None:
            return before
        hold = {**self.now.answers, **{name: self._that_holds(name, answer) for name, answer in answers.items()}}

        def read(term: n.Term) -> n.Value | None:
            match term:
                case n.Answer(question):
                    return hold[question]
                case n.AnsweredYes():
                    return float(sum(1 for answer in hold.values() if answer == "yes"))
            if term not in self.now.values:
                raise _UnreadError
            return self.now.values[term]

        def holds(clause: Clause) -> bool:
            return evaluate(self.bound.test(clause), read) is True

        enter = {level.id: holds(level.enter) for level in self.bound.playbook.qualifications}
        stays = {level.id: enter[level.id] or holds(level.stay) for level in self.bound.playbook.qualifications}
        return _State(enter, stays, before.grade, before.points)

    def _that_holds(self, question: str, answer: Answer) -> str:
        """Return the answer that holds once a person gives one: a source that ranks higher may still say otherwise."""
        name = answer_field(question).name
        log = suppose_answers(self.log, {question: answer}, self.as_of)
        held = resolve_facts(
            {},
            [one for one in log.facts if one.field == name],
            until_us=self.as_of.until_us,
            source_rank=self.bound.playbook.source_rank,
            as_known=self.as_known,
        )
        return str(held[name])


def suppose_answers(log: LeadLog, answers: Mapping[str, Answer], as_of: AsOf) -> LeadLog:
    """Return a log in which a person's word on questions, by their ids, is this one at *as_of*, whatever people said before."""
    fields = {answer_field(question).name: answer for question, answer in answers.items()}
    kept = (one for one in log.facts if one.field not in fields or one.source != BY_A_PERSON)
    said = (
        Fact(field=name, value=answer, text=answer, known_at_us=as_of.until_us, source=BY_A_PERSON)
        for name, answer in fields.items()
    )
    return replace(log, facts=(*kept, *said))


# -- what differs ---------------------------------------------------------------------------------------------------


class _Weighing:
    """Compares what would hold with what holds now."""

    def __init__(
        self, bound: BoundPlaybook, log: LeadLog, now: Assessment, open_spells: frozenset[str], as_of: AsOf
    ) -> None:
        self.playbook, self.before, self.open_spells = bound.playbook, _state_of(now), open_spells
        self.held = {one.id for one in self.playbook.qualifications if _is_raised(bound, log, one, as_of)}

    def entered(self, after: _State, before: _State | None = None) -> tuple[str, ...]:
        """Return the qualifications that the lead is not in and whose `enter` became true."""
        before = before or self.before
        return tuple(
            level.id
            for level in self.playbook.qualifications
            if level.id not in self.open_spells and after.enter[level.id] and not before.enter[level.id]
        )

    def effect(self, answer: Answer, after: _State) -> Effect:
        """Return what an answer changes."""
        before = self.before
        enters = self.entered(after)
        leaves = tuple(
            level.id
            for level in self.playbook.qualifications
            if level.id in self.open_spells
            and before.stays[level.id]
            and not after.stays[level.id]
            and level.id not in self.held
        )
        points = {name: units - before.points[name] for name, units in after.points.items()}
        points = {name: units for name, units in points.items() if units}
        grade = after.grade if after.grade != before.grade else None
        loses_grade = after.grade is None and before.grade is not None
        said = [*self._said_levels(enters, leaves)]
        if not said and (grade or loses_grade):
            said = [f"change the grade from {before.grade or 'none'} to {grade or 'none'}"]
        said = said or [
            f"{'add' if units > 0 else 'take'} {plain_points(abs(units))} points "
            f"{'to' if units > 0 else 'from'} “{self.playbook.get_score(name).title}”"
            for name, units in points.items()
        ]
        spoken = "“partly”" if answer == "partly" else answer
        text = f"A {spoken} would {join_words(said, 'and')}." if said else ""
        return Effect(
            answer=answer,
            enters=enters,
            leaves=leaves,
            grade=grade,
            loses_grade=loses_grade,
            points=points,
            text=text,
        )

    def _said_levels(self, enters: Sequence[str], leaves: Sequence[str]) -> Iterator[str]:
        titles = self.titles()
        if enters:
            yield f"make them {join_words([titles[one] for one in enters], 'and')}"
        if leaves:
            yield f"end {join_words([titles[one] for one in leaves], 'and')}"

    def titles(self) -> dict[str, str]:
        """Return the names of qualifications for people, by their ids."""
        return {one.id: one.title for one in self.playbook.qualifications}


def _is_raised(bound: BoundPlaybook, log: LeadLog, level: Qualification, as_of: AsOf) -> bool:
    """Return whether a hand that was raised still keeps a lead in a qualification."""
    if level.hand_raise_stay_days is None:
        return False
    zone = get_zone(bound.playbook.timezone)
    return any(
        event.name in level.hand_raise
        and not event.is_bot
        and event.at_us <= as_of.until_us
        and as_of.day < zone.day_of(event.at_us) + level.hand_raise_stay_days
        for event in log.events
    )


# -- what a yes would do together with others ------------------------------------------------------------------------


def _together(supposing: _Supposing, weighing: _Weighing, unclear: Sequence[str]) -> dict[str, Together]:
    """Return for questions, by their ids, the fewest other things with which a yes enters a qualification."""
    found = _with_others(supposing, weighing, unclear, is_once_accepted=False)
    if not found and supposing.now.excluded_by is None:
        found = _with_others(supposing.once_accepted(), weighing, unclear, is_once_accepted=True)
    return found


def _with_others(
    supposing: _Supposing, weighing: _Weighing, unclear: Sequence[str], *, is_once_accepted: bool
) -> dict[str, Together]:
    states: dict[frozenset[str], _State] = {frozenset(): _state_of(supposing.now)}
    asks = {one.id: one.ask for one in weighing.playbook.questions}
    titles = weighing.titles()

    def state(ids: Collection[str]) -> _State:
        key = frozenset(ids)
        if key not in states:
            states[key] = supposing.state(dict.fromkeys(sorted(key), "yes"))
        return states[key]

    def look(question: str) -> Together | None:
        others = [one for one in unclear if one != question]
        for size in range(MOST_ANSWERS):
            for also in combinations(others, size):
                enters = weighing.entered(state((question, *also)), state(also))
                if enters:
                    rest = f" together with a yes to {join_words([f'“{asks[one]}”' for one in also], 'and')}"
                    return Together(
                        enters=enters,
                        also=also,
                        is_once_accepted=is_once_accepted,
                        text=f"{'Once accepted, a' if is_once_accepted else 'A'} yes{rest if also else ''} would make them "
                        f"{join_words([titles[one] for one in enters], 'and')}.",
                    )
        return None

    looked = {question: look(question) for question in unclear}
    return {question: one for question, one in looked.items() if one is not None}
