"""The meaning of a playbook: one lead, one moment, one plain function.

This is the specification. Every engine is held to it, in equal integers, by the parity suite; it also explains single
leads, since it keeps the evidence of every point. It is written to be read, not to be fast: online.py is the fast one.

Reading order: `assess` is the whole flow, then each step in the order in which it calls them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from leadline.engine.arithmetic import POINT, Weights, hold, weight_table
from leadline.engine.calendar import AsOf, Zone, bucket_of, get_zone
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.bind import DEALS, DECISIONS
from leadline.engine.expressions.evaluate import Truth, evaluate
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import (
    CONSENT_FIELD,
    CONSENT_WORDS,
    Clause,
    EventCriterion,
    FactCriterion,
    InactivityCriterion,
    Named,
    Question,
    Score,
)
from leadline.engine.reference.facts import resolve_facts
from leadline.engine.reference.log import Event, Fact, LeadLog, ReportedOutcome
from leadline.engine.reference.result import Assessment, Contribution, Evidence, LastReset, ScoreResult
from leadline.engine.values import text_key


def assess(
    bound: BoundPlaybook,
    log: LeadLog,
    as_of: AsOf,
    *,
    as_known: bool = False,
    ended_spells: Mapping[str, int] | None = None,
) -> Assessment:
    """Return what the playbook says of a lead at *as_of*: a pure function of its arguments.

    With *as_known* nothing counts that had not arrived by then: events by when they were received, facts and outcomes by
    when they were recorded, undated columns by when the lead was created. Ages do not change.

    *ended_spells*: how many spells of each qualification had ended, for conditions that ask; lifecycle/history.py knows.
    """
    known = _what_is_known(bound, log, as_of, as_known)
    known.ended_spells = ended_spells
    playbook = bound.playbook
    if playbook.needs_consent and known.lead.get(CONSENT_FIELD) not in CONSENT_WORDS:
        return Assessment(lead_id=log.lead_id, as_of=as_of, excluded_by="consent")

    contributions: dict[str, Contribution] = {}
    for criterion in playbook.criteria:
        match criterion:
            case FactCriterion():
                contributions[criterion.id] = _fact_contribution(known, criterion)
            case EventCriterion():
                contributions[criterion.id] = _event_contribution(known, criterion)
            case InactivityCriterion():
                contributions[criterion.id] = _inactivity_contribution(known, criterion)
            case _:
                assert_never(criterion)
    for score in playbook.scores:
        _add_score(known, score, contributions)
    for question in playbook.questions:
        known.answers[question.id] = _answer(known, question)
    excluded_by = _first_that_holds(known, playbook.exclusions)

    def holds(clause: Clause) -> bool:
        return excluded_by is None and known.truth(clause) is True

    return Assessment(
        lead_id=log.lead_id,
        as_of=as_of,
        scores=known.scores,
        contributions=contributions,
        answers=known.answers,
        grade="".join(known.scores[score].grade or "" for score in playbook.grade) or None,
        persona=_first_that_holds(known, playbook.personas),
        excluded_by=excluded_by,
        qualifications={level.id: holds(level.enter) for level in playbook.qualifications},
        stays={level.id: holds(level.enter) or holds(level.stay) for level in playbook.qualifications},
        values=known.values,
    )


# -- what is known at the moment --------------------------------------------------------------------


@dataclass(slots=True)
class _Known:
    """A lead as it is known at a moment, and what has been computed of it so far."""

    bound: BoundPlaybook
    as_of: AsOf
    zone: Zone
    lead: Mapping[str, n.Value]
    company: Mapping[str, n.Value]
    events: list[Event]  # in order of time, without bots and without what lies ahead
    outcomes: list[ReportedOutcome]
    ended_spells: Mapping[str, int] | None = None
    scores: dict[str, ScoreResult] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    fact_points: dict[str, tuple[int, int]] = field(default_factory=dict)
    resets: dict[str, LastReset | None] = field(default_factory=dict)  # what wiped each score last
    values: dict[n.Term, n.Value | None] = field(default_factory=dict)  # of every term that was read

    def truth(self, clause: Clause) -> Truth:
        return evaluate(self.bound.test(clause), self.read)

    def age(self, event: Event) -> int:
        return self.as_of.day - self.zone.day_of(event.at_us)

    def named(self, names: Iterable[str]) -> list[Event]:
        wanted = set(names)
        return [event for event in self.events if event.name in wanted]

    def read(self, term: n.Term) -> n.Value | None:
        """Return what a term is worth for this lead, None when it is missing; and keep it for the explanation."""
        if term not in self.values:
            self.values[term] = self._find(term)
        return self.values[term]

    def _find(self, term: n.Term) -> n.Value | None:
        match term:
            case n.Field("company", name, _):
                return self.company.get(name)
            case n.Field(_, name, _):
                return self.lead.get(name)
            case n.Count(event, window, only):
                found = [one for one in self.named([event]) if window is None or self.age(one) < window]
                return float(sum(1 for one in found if only is None or matches(only, one)))
            case n.ActiveDays(event, window):
                found = self.events if event == "*" else self.named([event])
                days = {self.age(one) for one in found}
                return float(sum(1 for age in days if window is None or age < window))
            case n.DaysSinceEvent(event):
                return min((float(self.age(one)) for one in self.named([event])), default=None)
            case n.DaysSinceField(inner):
                day = self.read(inner)
                return None if day is None else float(self.as_of.day - int(day))  # type: ignore[arg-type]
            case n.DaysSinceOutcome(outcome):
                days_since = [
                    self.as_of.day - self.zone.day_of(one.at_us) for one in self.outcomes if one.outcome == outcome
                ]
                return min((float(days) for days in days_since), default=None)
            case n.History(what):
                latest = self.latest_outcome(DEALS if what == "deal" else DECISIONS)
                return None if latest is None else latest.reason if what == "reason" else latest.outcome
            case n.Answer(question):
                return self.answers[question]
            case n.AnsweredYes():
                return float(sum(1 for answer in self.answers.values() if answer == "yes"))
            case n.Score(score):
                return self.scores[score].units / POINT
            case n.Grade(score):
                grade = self.scores[score].grade
                return None if grade is None else text_key(grade)
            case n.Spells(qualification):
                if self.ended_spells is None:
                    raise ValueError("how many spells have ended is known to lifecycle.history.assess_in_time only")
                return float(self.ended_spells.get(qualification, 0))
            case n.Literal():
                raise AssertionError(term)
            case _:
                assert_never(term)

    def latest_outcome(self, names: tuple[str, ...]) -> ReportedOutcome | None:
        found = [one for one in self.outcomes if one.outcome in names]
        return max(found, key=lambda one: (one.at_us, one.outcome, one.reason or ""), default=None)

    def last_reset(self, score: str) -> LastReset | None:
        """Return what wiped a score last: an event, or an outcome, if need be for its reason."""
        if score not in self.resets:
            playbook = self.bound.playbook
            found = [LastReset(event.at_us, event=event.name) for event in self.named(playbook.reset_events(score))]
            found += [
                LastReset(one.at_us, outcome=one.outcome, reason=one.reason)
                for one in self.outcomes
                if playbook.is_reset_by(score, one.outcome, one.reason)
            ]
            self.resets[score] = max(found, key=_order_of_reset, default=None)
        return self.resets[score]


def _order_of_reset(one: LastReset) -> tuple[int, str, str, str]:
    return one.at_us, one.outcome or "", one.reason or "", one.event or ""


def _what_is_known(bound: BoundPlaybook, log: LeadLog, as_of: AsOf, as_known: bool) -> _Known:
    rank, until_us = bound.playbook.source_rank, as_of.until_us
    has_columns = not as_known or log.created_us is None or log.created_us <= until_us

    def is_there(one: Event | ReportedOutcome) -> bool:
        return (one.from_us if as_known else one.at_us) <= until_us

    def fields(columns: Mapping[str, n.Value], facts: Iterable[Fact]) -> dict[str, n.Value]:
        held = columns if has_columns else {}
        return resolve_facts(held, facts, until_us=until_us, source_rank=rank, as_known=as_known)

    return _Known(
        bound=bound,
        as_of=as_of,
        zone=get_zone(bound.playbook.timezone),
        lead=fields(log.lead, log.facts),
        company=fields(log.company, log.company_facts),
        events=sorted(
            (event for event in log.events if is_there(event) and not event.is_bot),
            key=lambda event: (event.at_us, event.name, event.event_id or ""),
        ),
        outcomes=[one for one in log.outcomes if is_there(one)],
    )


def matches(condition: n.Condition, event: Event) -> bool:
    """Return whether an event fits a condition about its properties; a missing property makes no match."""

    def read(term: n.Term) -> n.Value | None:
        assert isinstance(term, n.Field)
        return event.properties.get(term.name)

    return evaluate(condition, read) is True


# -- contributions ------------------------------------------------------------------------------------


def _fact_contribution(known: _Known, criterion: FactCriterion) -> Contribution:
    """The first choice that is true counts; when none is and one is unknown, the criterion is unknown."""
    truths = [known.truth(choice.when) for choice in criterion.choices]
    for index, (choice, truth) in enumerate(zip(criterion.choices, truths, strict=True)):
        if truth is True:
            return Contribution(
                criterion_id=criterion.id,
                units=choice.points,
                low=choice.points,
                high=choice.points,
                before_hold=choice.points,
                choice=index,
            )
    possible = [0, *(choice.points for choice, truth in zip(criterion.choices, truths, strict=True) if truth is None)]
    return Contribution(
        criterion_id=criterion.id, units=0, is_unknown=None in truths, low=min(possible), high=max(possible)
    )


def weights_of(criterion: EventCriterion) -> Weights:
    """Return what one event of a criterion is worth at each age."""
    return weight_table(criterion.points, criterion.decay, criterion.within_days)


def _event_contribution(known: _Known, criterion: EventCriterion) -> Contribution:
    """The events since the last reset that match, the first of each bucket up to the limit, at their present worth."""
    weights = weights_of(criterion)
    reset = known.last_reset(criterion.score)
    condition = None if criterion.when is None else known.bound.test(criterion.when)
    counted: dict[int, int] = {}
    evidence: list[Evidence] = []
    for event in known.named(criterion.events):
        if reset is not None and event.at_us <= reset.at_us:
            continue
        if condition is not None and not matches(condition, event):
            continue
        day = known.zone.day_of(event.at_us)
        worth_then, worth_now = weights.at(0), weights.at(known.as_of.day - day)
        if criterion.limit is not None:
            bucket = bucket_of(day, criterion.limit.per)
            counted[bucket] = counted.get(bucket, 0) + 1
            if counted[bucket] > criterion.limit.count:
                evidence.append(Evidence(event, day, "over limit", worth_then, 0))
                continue
        evidence.append(
            Evidence(event, day, "counted" if worth_now or not worth_then else "forgotten", worth_then, worth_now)
        )
    total = sum(one.worth_now for one in evidence)
    units = hold(total, criterion.low, criterion.high)
    return Contribution(
        criterion_id=criterion.id,
        units=units,
        low=units,
        high=units,
        before_hold=total,
        evidence=tuple(evidence),
        reset=reset,
    )


def _inactivity_contribution(known: _Known, criterion: InactivityCriterion) -> Contribution:
    """Points for every full period since the last activity or reset; unknown when there was neither."""
    reset = known.last_reset(criterion.score)
    activity = known.named(criterion.activity or known.bound.playbook.activity)
    moments = [event.at_us for event in activity] + ([] if reset is None else [reset.at_us])
    if not moments:
        falls = criterion.points < 0
        nothing = hold(0, criterion.low, criterion.high)
        return Contribution(
            criterion_id=criterion.id,
            units=0,
            is_unknown=True,
            low=criterion.low if falls else min(0, nothing),
            high=max(0, nothing) if falls else criterion.high,
        )
    quiet_since = known.zone.day_of(max(moments))
    periods = (known.as_of.day - quiet_since) // criterion.every_days
    units = hold(periods * criterion.points, criterion.low, criterion.high)
    return Contribution(
        criterion_id=criterion.id,
        units=units,
        low=units,
        high=units,
        before_hold=periods * criterion.points,
        reset=reset,
        periods=periods,
        quiet_since=quiet_since,
    )


# -- scores, answers, levels ----------------------------------------------------------------------------


def _add_score(known: _Known, score: Score, contributions: Mapping[str, Contribution]) -> ScoreResult:
    """Compute a score, and first the scores that it is a sum of."""
    if score.id in known.scores:
        return known.scores[score.id]
    playbook = known.bound.playbook
    summed = [_add_score(known, playbook.get_score(part), contributions) for part in score.sum_of]
    own = [contributions[criterion.id] for criterion in playbook.criteria_of(score.id)]
    parts: list[ScoreResult | Contribution] = [*summed, *own]
    total = sum(part.units for part in parts)
    units = hold(total, score.low, score.high)
    known_points, all_points = known.fact_points[score.id] = _fact_points(known, score, contributions)
    known.scores[score.id] = ScoreResult(
        units=units,
        before_hold=total,
        low=_hold_bound([part.low for part in parts], score, score.low),
        high=_hold_bound([part.high for part in parts], score, score.high),
        coverage=known_points * POINT // all_points if all_points else POINT,
        grade=_grade(score, units),
    )
    return known.scores[score.id]


def _hold_bound(bounds: list[int | None], score: Score, when_endless: int | None) -> int | None:
    numbers = [bound for bound in bounds if bound is not None]
    return when_endless if len(numbers) < len(bounds) else hold(sum(numbers), score.low, score.high)


def _fact_points(known: _Known, score: Score, contributions: Mapping[str, Contribution]) -> tuple[int, int]:
    """Return how many points of fact criteria are known, and of all; each criterion at its largest absolute points."""
    of_known = sum(known.fact_points[part][0] for part in score.sum_of)
    of_all = sum(known.fact_points[part][1] for part in score.sum_of)
    for criterion in known.bound.playbook.criteria_of(score.id):
        if isinstance(criterion, FactCriterion):
            largest = max(abs(choice.points) for choice in criterion.choices)
            of_all += largest
            of_known += 0 if contributions[criterion.id].is_unknown else largest
    return of_known, of_all


def _grade(score: Score, units: int) -> str | None:
    """Return the first grade whose threshold the score reaches; below all of them, the last."""
    for name, least in score.grades:
        if units >= least:
            return name
    return score.grades[-1][0] if score.grades else None


def answer_field(question_id: str) -> n.Field:
    """Return the field that holds a person's answer to a question."""
    return n.Field("lead", f"questions.{question_id}", "text")


def _answer(known: _Known, question: Question) -> str:
    """Return a person's answer, else the first of yes, partly and no that is true, else unknown."""
    said = known.read(answer_field(question.id))
    if said is not None:
        return str(said)
    for answer, clause in (("yes", question.yes), ("partly", question.partly), ("no", question.no)):
        if clause is not None and known.truth(clause) is True:
            return answer
    return "unknown"


def _first_that_holds(known: _Known, named: Iterable[Named]) -> str | None:
    return next((one.id for one in named if known.truth(one.when) is True), None)


def largest_contributions(assessment: Assessment, count: int = 3) -> list[Contribution]:
    """Return the contributions that are largest in absolute value, none of them zero, ties in file order."""
    earned = [one for one in assessment.contributions.values() if one.units]
    return sorted(earned, key=lambda one: -abs(one.units))[:count]
