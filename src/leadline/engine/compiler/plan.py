"""What a playbook needs to be computed: signals, features, fields; plain data that every execution reads.

    events → signals counted by lead and day → features of a lead → its assessment

A *signal* is "an event of these names that passes this condition": the only thing that ever looks at an event. A *tally* is a
signal counted for one lead and day, after the resets that concern it. A *feature* is what a lead's tallies come to at the
moment: points of a criterion, a count, active days, the last day. Points, decay, limits, windows and thresholds are no part
of a signal, so they can change without reading an event again.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from leadline.engine.arithmetic import Weights, weight_table
from leadline.engine.expressions import nodes as n
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import (
    CONSENT_FIELD,
    Clause,
    EventCriterion,
    InactivityCriterion,
    Limit,
    Outcome,
    Playbook,
)
from leadline.engine.values import text_key

ANY_EVENT = "*"


@dataclass(frozen=True, slots=True)
class Signal:
    """An event of one of these names that passes *only*; ``*`` is any name."""

    events: tuple[str, ...]
    only: n.Condition | None

    def key(self, zone: str) -> int:
        """Return the key of this signal in a roll-up: the same for the same question to the same days, in any playbook."""
        text = json.dumps([sorted(self.events), _plain(self.only), zone], ensure_ascii=False, separators=(",", ":"))
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


@dataclass(frozen=True, slots=True)
class OutcomeWipe:
    """An outcome that wipes a score: reported for one of some *reasons* (text keys), or, with *is_but*, for any but them and for none."""

    outcome: str
    reasons: tuple[str, ...] = ()
    is_but: bool = True

    def fits(self, outcome: str | None, reason: str | None) -> bool:
        """Return whether a reported outcome wipes."""
        return outcome == self.outcome and (reason in self.reasons) != self.is_but


@dataclass(frozen=True, slots=True)
class Wipe:
    """What wipes a score: events and outcomes."""

    events: tuple[str, ...]
    outcomes: tuple[OutcomeWipe, ...]

    def fits_outcome(self, outcome: str | None, reason: str | None) -> bool:
        """Return whether an outcome that was reported for a reason wipes."""
        return any(one.fits(outcome, reason) for one in self.outcomes)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a signal occurred on a day, after the last of the wipe's moments (indexes into the plan; None: no wipe)."""

    signal: int
    wipe: int | None


@dataclass(frozen=True, slots=True)
class Points:
    """The points of an event criterion, before its own minimum and maximum."""

    criterion: str
    tally: int
    weights: Weights
    limit: Limit | None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many events of an age under *window_days*."""

    tally: int
    window_days: int | None


@dataclass(frozen=True, slots=True)
class Days:
    """On how many days of an age under *window_days* there was an event."""

    tally: int
    window_days: int | None


@dataclass(frozen=True, slots=True)
class LastDay:
    """The last day on which there was an event."""

    tally: int


Feature = Points | Counted | Days | LastDay


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that has to be computed for a playbook.

    lead_fields, company_fields: what is read of leads and companies, by name.
    term_features: which feature answers a term about events. activity: the feature with the last activity of each
    inactivity criterion.
    """

    bound: BoundPlaybook
    lead_fields: tuple[n.Field, ...]
    company_fields: tuple[n.Field, ...]
    signals: tuple[Signal, ...]
    wipes: tuple[Wipe, ...]
    tallies: tuple[Tally, ...]
    features: tuple[Feature, ...]
    points: dict[str, int]
    activity: dict[str, int]
    term_features: dict[n.Term, int]
    outcomes: tuple[str, ...]
    clauses: tuple[Clause, ...]

    @property
    def playbook(self) -> Playbook:
        """The playbook that this is the plan of."""
        return self.bound.playbook

    @property
    def event_properties(self) -> tuple[tuple[n.Field, tuple[str, ...]], ...]:
        """The properties that signals read, each with the events it is read of."""
        found: dict[n.Field, dict[str, None]] = {}
        for signal in self.signals:
            for term in n.terms_of(signal.only) if signal.only else ():
                assert isinstance(term, n.Field)
                found.setdefault(term, {}).update(dict.fromkeys(signal.events))
        return tuple((field, tuple(events)) for field, events in found.items())

    @property
    def event_names(self) -> tuple[str, ...] | None:
        """The names of events that matter; None when all do."""
        names = dict.fromkeys(name for signal in self.signals for name in signal.events)
        names.update(dict.fromkeys(name for wipe in self.wipes for name in wipe.events))
        return None if ANY_EVENT in names else tuple(names)

    def wipe_of(self, score: str) -> int | None:
        """Return the index of what wipes a score."""
        wipe = _wipe(self.playbook, score)
        return None if wipe is None else self.wipes.index(wipe)

    @property
    def spells(self) -> tuple[str, ...]:
        """The qualifications of which some condition asks how many spells have ended."""
        terms = [term for clause in self.clauses for term in n.terms_of(self.bound.test(clause))]
        return tuple(dict.fromkeys(term.qualification for term in terms if isinstance(term, n.Spells)))

    @property
    def hash(self) -> str:
        """A fingerprint of everything that decides the numbers; two plans of one hash give the same answers."""
        parts = [self.signals, self.wipes, self.tallies, self.features, self.playbook, dict(self.bound.tests)]
        text = json.dumps(_plain(parts), ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


class _Builder:
    """Numbers things: the same thing asked twice gets the same number."""

    def __init__(self) -> None:
        self.signals: dict[Signal, int] = {}
        self.wipes: dict[Wipe, int] = {}
        self.tallies: dict[Tally, int] = {}
        self.features: dict[Feature, int] = {}

    def tally(self, events: Iterable[str], only: n.Condition | None, wipe: Wipe | None) -> int:
        signal = self.signals.setdefault(Signal(tuple(events), only), len(self.signals))
        wiped = None if wipe is None else self.wipes.setdefault(wipe, len(self.wipes))
        return self.tallies.setdefault(Tally(signal, wiped), len(self.tallies))

    def feature(self, feature: Feature) -> int:
        return self.features.setdefault(feature, len(self.features))


def _wipe(playbook: Playbook, score: str) -> Wipe | None:
    events = playbook.reset_events(score)
    by_name = sorted(playbook.outcomes, key=lambda one: one.id)
    outcomes = tuple(found for one in by_name if (found := _outcome_wipe(one, score)) is not None)
    return Wipe(tuple(sorted(events)), outcomes) if events or outcomes else None


def _outcome_wipe(outcome: Outcome, score: str) -> OutcomeWipe | None:
    """Return for which reasons an outcome wipes a score; None: for none."""
    by_default = score in outcome.reset
    wipes: dict[str, bool] = {}  # of two reasons with one text key the first counts
    for reason in outcome.reasons:
        wipes.setdefault(text_key(reason.id), score in outcome.wipes_for(reason))
    otherwise = tuple(sorted(key for key, is_wiped in wipes.items() if is_wiped != by_default))
    return OutcomeWipe(outcome.id, otherwise, is_but=by_default) if by_default or otherwise else None


def make_plan(bound: BoundPlaybook) -> Plan:
    """Return what has to be computed for a playbook."""
    playbook = bound.playbook
    clauses = [
        clause for clause in playbook.clauses() if clause.place != "event" and not clause.where.startswith("handoff.")
    ]
    builder = _Builder()
    points: dict[str, int] = {}
    activity: dict[str, int] = {}
    for criterion in playbook.criteria:
        wipe = _wipe(playbook, criterion.score)
        if isinstance(criterion, EventCriterion):
            only = None if criterion.when is None else bound.test(criterion.when)
            weights = weight_table(criterion.points, criterion.decay, criterion.within_days)
            tally = builder.tally(criterion.events, only, wipe)
            points[criterion.id] = builder.feature(Points(criterion.id, tally, weights, criterion.limit))
        elif isinstance(criterion, InactivityCriterion):
            tally = builder.tally(criterion.activity or playbook.activity, None, wipe)
            activity[criterion.id] = builder.feature(LastDay(tally))
    terms = dict.fromkeys(term for clause in clauses for term in n.terms_of(bound.test(clause)))
    term_features: dict[n.Term, int] = {}
    for term in terms:
        feature = _feature_of(term, builder)
        if feature is not None:
            term_features[term] = builder.feature(feature)
    return Plan(
        bound=bound,
        lead_fields=_lead_fields(playbook, terms),
        company_fields=tuple(term for term in terms if isinstance(term, n.Field) and term.scope == "company"),
        signals=tuple(builder.signals),
        wipes=tuple(builder.wipes),
        tallies=tuple(builder.tallies),
        features=tuple(builder.features),
        points=points,
        activity=activity,
        term_features=term_features,
        outcomes=tuple(dict.fromkeys(term.outcome for term in terms if isinstance(term, n.DaysSinceOutcome))),
        clauses=tuple(clauses),
    )


def _feature_of(term: n.Term, builder: _Builder) -> Feature | None:
    match term:
        case n.Count(event, window, only):
            return Counted(builder.tally([event], only, None), window)
        case n.ActiveDays(event, window):
            return Days(builder.tally([event], None, None), window)
        case n.DaysSinceEvent(event):
            return LastDay(builder.tally([event], None, None))
        case _:
            return None


def _lead_fields(playbook: Playbook, terms: Iterable[n.Term]) -> tuple[n.Field, ...]:
    found = dict.fromkeys(term for term in terms if isinstance(term, n.Field) and term.scope == "lead")
    found.update(dict.fromkeys(n.Field("lead", f"questions.{question.id}", "text") for question in playbook.questions))
    if playbook.needs_consent:
        found[n.Field("lead", CONSENT_FIELD, "text")] = None
    return tuple(found)


def _plain(value: Any) -> Any:
    """Return a value as lists and texts, without what is only for showing."""
    if isinstance(value, n.Literal):
        return [value.kind, value.value]
    if isinstance(value, n.Among):
        return ["Among", _plain(value.term), sorted((_plain(entry) for entry in value.values), key=str)]
    if is_dataclass(value) and not isinstance(value, type):
        shown = [
            item
            for item in fields(value)
            if item.compare and item.name not in ("shown", "title", "why", "ask", "source")
        ]
        return [type(value).__name__, *(_plain(getattr(value, item.name)) for item in shown)]
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (tuple, list, set, frozenset)):
        return [_plain(entry) for entry in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
