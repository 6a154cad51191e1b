"""Why a lead is assessed as it is: computed when somebody looks, by the reference, from the log, at the moment of what is stored.

Nothing of it is kept. Whether it adds up to the stored assessment is said with it: while a lead waits to be assessed its log has grown
already, and what is stored is of before.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from leadline.engine.arithmetic import short_points
from leadline.engine.calendar import AsOf, instant_of
from leadline.engine.explanation.changes import what_changed
from leadline.engine.explanation.difference import Difference, ScoreDifference, Turn
from leadline.engine.explanation.explain import explain
from leadline.engine.explanation.model import Explanation, Missing, QualificationExplanation, ScoreExplanation
from leadline.engine.lifecycle.history import reads_spells
from leadline.engine.lifecycle.kept_out import kept_out
from leadline.engine.lifecycle.model import KeptOut
from leadline.engine.lifecycle.stages import passed_by
from leadline.engine.next_step.bulk import find_next_steps
from leadline.engine.next_step.find import next_level
from leadline.engine.reference.assess import assess
from leadline.engine.reference.log import LeadLog
from leadline.engine.reference.result import Assessment as Found
from leadline.engine.timeline.from_logs import known_from_logs
from leadline.web.assessments.logs import read_logs_of
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.pages.lead_page.waterfall import Waterfall, make_waterfall
from leadline.web.pages.playbook_words import Meter, PlaybookWords
from leadline.web.playbooks.queries import Compiled

LATELY = timedelta(days=7)
EventKey = tuple[str, int]
"""An event by its name and its instant in microseconds."""


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """A score with its bars, and how far the next grade is."""

    score: ScoreExplanation
    waterfall: Waterfall
    meter: Meter


@dataclass(frozen=True, slots=True)
class Worth:
    """What an event is worth now: points of all criteria together, and what became of it where that is nothing."""

    units: int = 0
    fates: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SpellTurn:
    """A spell that began or ended lately."""

    spell: Spell
    at: datetime
    has_begun: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation as the page shows it.

    adds_up: whether the scores and the grade are those that are stored.
    lately:  what is different since a week before.
    log:     of the lead, as it was read for this.
    kept:    by qualification, what keeps the lead out of it, whatever it does.
    came_and_went: the spells that began or ended since a week before, in the order of time.
    """

    log: LeadLog
    explanation: Explanation
    cards: list[ScoreCard]
    adds_up: bool
    lately: Difference | None
    worths: Mapping[EventKey, Worth] = field(default_factory=dict)
    kept: Mapping[str, KeptOut] = field(default_factory=dict)
    came_and_went: Sequence[SpellTurn] = ()

    @property
    def moved_scores(self) -> list[ScoreDifference]:
        """The scores that moved lately by what one can see."""
        return [one for one in self.lately.scores if _is_seen(one)] if self.lately else []

    @property
    def turns(self) -> list[Turn]:
        """What else turned out otherwise lately; qualifications begin and end with their spells, not with their conditions."""
        return [one for one in self.lately.turns if one.kind != "qualification"] if self.lately else []

    @property
    def levels(self) -> tuple[QualificationExplanation, ...]:
        """The qualifications."""
        return self.explanation.qualifications


def explain_lead(compiled: Compiled, words: PlaybookWords, stored: Assessment, spells: list[Spell]) -> Explained | None:
    """Explain a stored assessment; None when nothing is known of the lead any more."""
    logs = read_logs_of(compiled, [stored.lead_id])
    if not logs:
        return None
    log, moment = logs[0], compiled.zone.moment(instant_of(stored.as_of))
    found = _assess(compiled, log, moment, spells)
    kept = kept_out(compiled.playbook, log, moment)
    explanation = explain(
        compiled.bound,
        found,
        missing=_missing(compiled, log, found, moment, spells, stored.stage, kept),
        spells={
            one.qualification: (compiled.zone.day_of(instant_of(one.began_at)), one.cools_day)
            for one in spells
            if one.ended_at is None
        },
    )
    cards = [
        ScoreCard(
            one,
            make_waterfall(one, (score := compiled.playbook.get_score(one.id)).low, score.high),
            words.meter(score, one.points),
        )
        for one in explanation.scores
    ]
    scores = {name: result.units for name, result in found.scores.items()} if found.has_consent else {}
    adds_up = scores == stored.scores and (found.grade or "") == stored.grade
    before = compiled.zone.moment(instant_of(stored.as_of - LATELY))
    lately = None
    if found.has_consent and log.created_us is not None and log.created_us < before.until_us:
        lately = what_changed(_assess(compiled, log, before, spells), found, bound=compiled.bound)
    return Explained(
        log,
        explanation,
        _in_order(cards, words),
        adds_up,
        lately,
        worths_of(found),
        kept,
        came_and_went(stored, spells),
    )


def came_and_went(stored: Assessment, spells: Sequence[Spell]) -> list[SpellTurn]:
    """Return the spells that began or ended in the days before an assessment, in the order of time."""
    since = stored.as_of - LATELY
    found = [SpellTurn(one, one.began_at, True) for one in spells if since < one.began_at <= stored.as_of]
    found += [
        SpellTurn(one, one.ended_at, False)
        for one in spells
        if one.ended_at is not None and since < one.ended_at <= stored.as_of
    ]
    return sorted(found, key=lambda turn: (turn.at, turn.has_begun))


def worth_of_events(compiled: Compiled, stored: Assessment, spells: list[Spell]) -> Mapping[EventKey, Worth]:
    """Return what the events of a lead are worth at the moment of its stored assessment."""
    logs = read_logs_of(compiled, [stored.lead_id])
    if not logs:
        return {}
    return worths_of(_assess(compiled, logs[0], compiled.zone.moment(instant_of(stored.as_of)), spells))


def worths_of(found: Found) -> dict[EventKey, Worth]:
    """Return what each event is worth that some criterion looked at."""
    worths: dict[EventKey, Worth] = {}
    for contribution in found.contributions.values():
        for one in contribution.evidence:
            key = (one.event.name, one.event.at_us)
            before = worths.get(key, Worth())
            worths[key] = Worth(before.units + one.worth_now, before.fates | {one.fate})
    return worths


def _assess(compiled: Compiled, log: LeadLog, moment: AsOf, spells: list[Spell]) -> Found:
    """Assess by the reference. How many spells had ended is known from what is stored, where a condition asks."""
    ended = _ended_before(moment, spells) if reads_spells(compiled.bound) else None
    return assess(compiled.bound, log, moment, ended_spells=ended)


def _ended_before(moment: AsOf, spells: list[Spell]) -> dict[str, int]:
    return Counter(
        one.qualification for one in spells if one.ended_at is not None and instant_of(one.ended_at) < moment.until_us
    )


def _missing(
    compiled: Compiled,
    log: LeadLog,
    found: Found,
    moment: AsOf,
    spells: list[Spell],
    stage: str,
    kept: Mapping[str, KeptOut],
) -> Missing | None:
    """Return what is missing for the next qualification; None when it has all, is past the last, or is excluded."""
    is_in = [one.qualification for one in spells if one.ended_at is None]
    is_in += passed_by(compiled.playbook, stage)
    level = next_level(compiled.bound, found, is_in)
    if level is None or found.excluded_by is not None:
        return None
    ended = _ended_before(moment, spells)
    steps = find_next_steps(
        compiled.plan,
        known_from_logs(compiled.plan, [log]),
        moment,
        open_spells={one.id: np.array([one.id in is_in]) for one in compiled.playbook.qualifications},
        ended_before={name: np.array([ended.get(name, 0)], dtype=np.int64) for name in compiled.plan.spells},
    )
    return Missing(
        qualification=level.id,
        title=level.title,
        step=steps[0],
        hand_raise=level.hand_raise,
        kept_out=kept.get(level.id),
    )


def _is_seen(score: ScoreDifference) -> bool:
    """Return whether a score moved by what a page shows of it, which is a tenth at least."""
    before, after = ("" if one is None else short_points(one) for one in (score.before, score.after))
    return before != after and short_points(score.points).strip("-") != "0"


def _in_order(cards: list[ScoreCard], words: PlaybookWords) -> list[ScoreCard]:
    """Return the scores that make the grade first."""
    grading = [one.id for one in words.grading_scores]
    return sorted(cards, key=lambda card: card.score.id not in grading)
