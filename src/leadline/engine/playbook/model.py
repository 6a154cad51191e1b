"""A playbook as values: what load.py makes of a playbook.toml and everything else reads.

Nothing here knows TOML, data or time. Points are in ten-thousandths (`arithmetic.POINT` to a point), durations in days.
Conditions are kept as written (`Clause`); `check.bind_playbook` gives them their meaning against a catalog.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from leadline.engine.arithmetic import Decay
from leadline.engine.catalog import FieldSpec
from leadline.engine.expressions.bind import Place
from leadline.engine.values import text_key

Per = Literal["day", "week", "month", "quarter", "year", "ever"]
CONSENT_FIELD = "consent.scoring"
CONSENT_WORDS = ("yes", "true")
"""The fact without which, where a playbook needs consent, a lead is not scored; and what it must say."""

PERS: tuple[Per, ...] = ("day", "week", "month", "quarter", "year", "ever")


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition as written.

    text:   the condition.
    where:  its place, such as ``criteria.size.when``; unique in a playbook.
    line:   its line in the file.
    place:  what it may read.
    events: for a condition about an event: the event's possible names.
    """

    text: str
    where: str
    line: int | None = field(compare=False)
    place: Place
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A named sum of points, held between *low* and *high* (ten-thousandths; None: no bound).

    grades: names with the least score of each, best first. sum_of: the scores that it adds, instead of criteria.
    """

    id: str
    title: str
    low: int | None = None
    high: int | None = None
    grades: tuple[tuple[str, int], ...] = ()
    sum_of: tuple[str, ...] = ()
    source: str | None = None
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Limit:
    """In each calendar bucket only the first *count* events count."""

    count: int
    per: Per


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One thing that makes a lead better or worse; what kind of thing, the subclasses say.

    id:     stable name, never used again for something else.
    score:  the score that it adds to.
    why:    the reason in one sentence, shown beside the points.
    source: where the number comes from.
    """

    id: str
    score: str
    why: str
    source: str | None = None
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of `choose`: *points* (ten-thousandths) when *when* is the first that is true."""

    when: Clause
    points: int
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactCriterion(Criterion):
    """Points for what a lead is. One choice for a plain `when`; several for `choose`."""

    choices: tuple[Choice, ...]
    is_choose: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCriterion(Criterion):
    """Points for what a lead does.

    events: the names that count. when: about the event's properties, or None. points: on the event's day, exact.
    low, high: what the criterion can add at least and at most, in ten-thousandths.
    """

    events: tuple[str, ...]
    when: Clause | None
    points: Decimal
    decay: Decay
    within_days: int | None
    limit: Limit | None
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InactivityCriterion(Criterion):
    """Points (ten-thousandths) for every full *every_days* days since the last activity.

    activity: the events that count as activity; None: all that some criterion with positive points names.
    """

    every_days: int
    points: int
    activity: tuple[str, ...] | None
    low: int | None
    high: int | None


AnyCriterion = FactCriterion | EventCriterion | InactivityCriterion


@dataclass(frozen=True, slots=True)
class Reset:
    """An event that wipes scores: what came before it no longer counts there."""

    event: str
    scores: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question about a lead: the first of *yes*, *partly*, *no* that is true; a person's answer wins over them."""

    id: str
    ask: str
    yes: Clause | None = None
    partly: Clause | None = None
    no: Clause | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A persona or an exclusion: a name for the leads of whom *when* is true."""

    id: str
    title: str
    when: Clause
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualification:
    """A level that a lead can reach. *stay* is *enter* where it was left out."""

    id: str
    title: str
    enter: Clause
    stay: Clause
    hand_raise: tuple[str, ...] = ()
    hand_raise_stay_days: int | None = None
    cooldown_days: int | None = None
    source: str | None = None
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an outcome was reported, and what then follows in place of what the outcome says.

    quiet_days, reset: None where the outcome's hold; a reset of nothing wipes nothing, whatever the outcome wipes.
    fix: fields of the lead that are wrong. No spell begins or ends by it: the app asks for them, and says that the lead is reinstated
         when a person has put one of them right.
    """

    id: str
    title: str
    quiet_days: int | None = None
    reset: tuple[str, ...] | None = None
    returns: Literal["any", "hand_raise", "never"] = "any"
    owner: Literal["keep", "new"] = "keep"
    fix: tuple[str, ...] = ()
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Something that people or a CRM report about a lead, and what follows."""

    id: str
    title: str
    ends: bool
    reset: tuple[str, ...] = ()
    quiet_days: int | None = None
    reasons: tuple[Reason, ...] = ()
    source: str | None = None

    def find_reason(self, key: str | None) -> Reason | None:
        """Return the reason with a text key, as the log has it; None where the playbook declares none such."""
        return None if key is None else next((one for one in self.reasons if text_key(one.id) == key), None)

    def wipes_for(self, reason: Reason | None) -> tuple[str, ...]:
        """Return the scores that it wipes when it is reported for a reason.

        >>> not_now, wrong = Reason(id="not-now", title="Not now"), Reason(id="wrong", title="Wrong number", reset=())
        >>> recycled = Outcome(id="recycled", title="Later", ends=True, reset=("engagement",), reasons=(not_now, wrong))
        >>> recycled.wipes_for(None), recycled.wipes_for(not_now), recycled.wipes_for(wrong)
        (('engagement',), ('engagement',), ())
        """
        return self.reset if reason is None or reason.reset is None else reason.reset


BARRING = ("disqualified", "bad_data")
"""Outcomes after which no spell begins until the lead is reported as reinstated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage of the lifecycle: while a spell is open, or since an outcome until another."""

    id: str
    title: str
    while_: str | None = None
    since: str | None = None
    until: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """Where a hand-off goes when *when* is true."""

    when: Clause
    to: str
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOff:
    """How qualified leads reach sales."""

    qualifications: tuple[str, ...]
    respond_within_hours: int | None = None
    otherwise: str | None = None
    routes: tuple[Route, ...] = ()
    source: str | None = None


@dataclass(frozen=True, slots=True)
class EventSpec:
    """An event that the playbook declares, with the types of its properties."""

    properties: Mapping[str, FieldSpec]


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """All of a playbook, in file order. Use load.py to get one."""

    name: str
    timezone: str = "UTC"
    grade: tuple[str, ...] = ()
    needs_consent: bool = False
    lead_fields: Mapping[str, FieldSpec] = field(default_factory=dict)
    company_fields: Mapping[str, FieldSpec] = field(default_factory=dict)
    events: Mapping[str, EventSpec] = field(default_factory=dict)
    source_rank: tuple[str, ...] = ()
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scores: tuple[Score, ...] = ()
    criteria: tuple[AnyCriterion, ...] = ()
    resets: tuple[Reset, ...] = ()
    questions: tuple[Question, ...] = ()
    personas: tuple[Named, ...] = ()
    exclusions: tuple[Named, ...] = ()
    qualifications: tuple[Qualification, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    stages: tuple[Stage, ...] = ()
    handoff: HandOff | None = None
    file: str = field(default="", compare=False)

    def get_score(self, score_id: str) -> Score:
        """Return a score by its id. Raises KeyError when there is none."""
        for score in self.scores:
            if score.id == score_id:
                return score
        raise KeyError(score_id)

    def criteria_of(self, score_id: str) -> list[AnyCriterion]:
        """Return the criteria that add to a score, in file order."""
        return [criterion for criterion in self.criteria if criterion.score == score_id]

    def reset_events(self, score_id: str) -> frozenset[str]:
        """Return the events that wipe a score."""
        return frozenset(reset.event for reset in self.resets if score_id in reset.scores)

    def is_reset_by(self, score_id: str, outcome_id: str, reason: str | None) -> bool:
        """Return whether an outcome wipes a score when it is reported for a reason (a text key)."""
        outcome = next((one for one in self.outcomes if one.id == outcome_id), None)
        return outcome is not None and score_id in outcome.wipes_for(outcome.find_reason(reason))

    @property
    def activity(self) -> tuple[str, ...]:
        """The events that are activity by default: all that a criterion with positive points names, in file order."""
        names: dict[str, None] = {}
        for criterion in self.criteria:
            if isinstance(criterion, EventCriterion) and criterion.points > 0:
                names.update(dict.fromkeys(criterion.events))
        return tuple(names)

    def clauses(self) -> list[Clause]:
        """Return every condition of the playbook, in the order in which they are computed."""
        found: list[Clause | None] = []
        for criterion in self.criteria:
            match criterion:
                case FactCriterion():
                    found += [choice.when for choice in criterion.choices]
                case EventCriterion():
                    found.append(criterion.when)
        for question in self.questions:
            found += [question.yes, question.partly, question.no]
        found += [named.when for named in (*self.personas, *self.exclusions)]
        for qualification in self.qualifications:
            found += [qualification.enter, qualification.stay]
        found += [route.when for route in (self.handoff.routes if self.handoff else ())]
        return [clause for clause in dict.fromkeys(found) if clause is not None]
