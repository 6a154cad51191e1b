"""The rules of spells: one observation of a lead after another becomes spells that begin and end.

This is where a qualification enters, holds, leaves, rests and comes back; docs/time.md says the same for people. Whoever
feeds it says what is true at each moment: the reference assesses at every one, the timeline only where something changes,
which gives the same, since an observation that repeats what was true before, and at which nothing is due, changes nothing.
tests/engine/lifecycle tells the rules as stories; tests/engine/timeline holds both ways of feeding to one another.

At a moment, in this order: what was reported (it may end spells and keep new ones from beginning), hand raises (they lift quiet
times that began earlier), exclusion, leaving, entering. What ended at a moment does not begin again at that moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from leadline.engine.lifecycle.model import EndedBy, KeptOut, Spell
from leadline.engine.playbook.model import BARRING, Outcome, Playbook, Qualification
from leadline.engine.reference.log import ReportedOutcome
from leadline.engine.values import text_key

RESTING = ("rejected", "recycled")
"""Outcomes after which the qualification's cooldown applies, where neither they nor their reason name a quiet time."""

LIFTING = "reinstated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What is true of a lead at one moment.

    enter, stays: for each qualification in file order, whether `enter` is true, and whether `enter` or `stay` is; both false while
                  the lead is excluded.
    excluded_by:  the exclusion that holds (``consent`` where it is wanting).
    outcomes:     what was reported at this very moment.
    events:       names of the events that happened at this very moment; bots make none.
    """

    at_us: int
    day: int
    enter: Sequence[bool]
    stays: Sequence[bool]
    excluded_by: str | None = None
    outcomes: Sequence[ReportedOutcome] = ()
    events: Sequence[str] = ()


@dataclass(slots=True)
class _Level:
    """A qualification of one lead, as it stands.

    raised_day:   of the last hand raise of the open spell.
    is_ready:     since the last ending `enter` was not true at some time, or an event has happened.
    quiet_day:    no spell begins before the start of this day; a hand raise later than *quiet_us* lifts it.
    needs_raise:  a reason lets the lead come back only by raising a hand.
    is_barred:    no spell begins until the lead is reinstated.
    kept_by:      the report that keeps it out the most, and the local day of it.
    is_momentary: the open spell rests on nothing but a hand raise of this very moment.
    """

    spec: Qualification
    open: Spell | None = None
    count: int = 0
    ended: int = 0
    raised_day: int | None = None
    is_ready: bool = True
    quiet_day: int | None = None
    quiet_us: int = 0
    needs_raise: bool = False
    is_barred: bool = False
    kept_by: tuple[ReportedOutcome, int] | None = None
    ended_us: int | None = None
    is_momentary: bool = False

    def hand_raise_of(self, events: Sequence[str]) -> str | None:
        """Return the first hand raise of this qualification among some events, in the order of the playbook."""
        return next((name for name in self.spec.hand_raise if name in events), None)

    def held_until(self) -> int | None:
        """Return the day on which the last hand raise of the open spell no longer holds."""
        if self.open is None or self.raised_day is None or self.spec.hand_raise_stay_days is None:
            return None
        return self.raised_day + self.spec.hand_raise_stay_days

    @property
    def strength(self) -> tuple[bool, bool, int]:
        """How much it is kept out: barred is more than needing a hand raise, that more than any quiet time."""
        return self.is_barred, self.needs_raise, 0 if self.is_barred or self.needs_raise else self.quiet_day or 0

    def kept_out(self, day: int) -> KeptOut | None:
        """Return what keeps it from beginning on a day; None where nothing does."""
        until = self.quiet_day if self.quiet_day is not None and day < self.quiet_day else None
        if self.kept_by is None or not (self.is_barred or self.needs_raise or until is not None):
            return None
        for_good = self.is_barred or self.needs_raise
        may_raise = bool(self.spec.hand_raise) and not self.is_barred
        reported, since = self.kept_by
        return KeptOut(
            qualification=self.spec.id,
            until_day=None if for_good else until,
            back_by="hand_raise" if may_raise else "reinstated" if for_good else "",
            outcome=reported.outcome,
            reason=reported.reason,
            since_day=since,
        )


@dataclass(slots=True)
class SpellFold:
    """Takes a lead's observations in the order of time and keeps its spells.

    >>> from leadline.engine.playbook.load import read_playbook
    >>> playbook, _ = read_playbook('''
    ... [playbook]
    ... name = "small"
    ... [scores.fit]
    ... [[qualifications]]
    ... id = "mql"
    ... enter = "fit >= 50"
    ... ''')
    >>> fold = SpellFold(playbook, "ann")
    >>> for day, is_mql in ((1, False), (2, True), (5, False)):
    ...     _ = fold.step(Observation(at_us=day * 86_400_000_000, day=day, enter=[is_mql], stays=[is_mql]))
    >>> [(spell.began_day, spell.ended_day, spell.ended_by) for spell in fold.spells]
    [(2, 5, 'cooled')]
    """

    playbook: Playbook
    lead_id: str
    spells: list[Spell] = field(default_factory=list)
    _levels: list[_Level] = field(default_factory=list)
    _outcomes: dict[str, Outcome] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._levels = [_Level(level) for level in self.playbook.qualifications]
        self._outcomes = {outcome.id: outcome for outcome in self.playbook.outcomes}

    def step(self, seen: Observation) -> list[Spell]:
        """Take one observation, not earlier than the last. Return the spells that begin with it."""
        began: list[Spell] = []
        for place, level in enumerate(self._levels):
            for outcome in sorted(seen.outcomes, key=lambda one: (one.outcome, one.reason or "")):
                if outcome.qualification in (None, text_key(level.spec.id)):
                    self._report(level, outcome, seen, enters=seen.enter[place])
            raised = level.hand_raise_of(seen.events)
            if raised is not None and level.quiet_us < seen.at_us:
                level.quiet_day, level.needs_raise = None, False
                level.kept_by = level.kept_by if level.is_barred else None
            if level.open is not None and seen.excluded_by is not None:
                self._end(level, seen, "excluded", seen.excluded_by, is_ready=True)
            if level.open is not None:
                if raised is not None:
                    level.raised_day = seen.day
                held_until = level.held_until()
                is_raised = raised is not None or (held_until is not None and seen.day < held_until)
                if not seen.stays[place] and not is_raised:
                    self._end(level, seen, "cooled", None, is_ready=True)
            elif self._may_begin(level, seen, enters=seen.enter[place], raised=raised):
                began.append(self._begin(level, seen, raised))
            held_until = level.held_until()
            is_held = seen.stays[place] or (held_until is not None and seen.day < held_until)
            level.is_momentary = level.open is not None and not is_held
            if not seen.enter[place] or (seen.events and level.ended_us != seen.at_us):
                level.is_ready = True
        return began

    @property
    def open(self) -> list[str]:
        """The qualifications of which a spell is open, in file order."""
        return [level.spec.id for level in self._levels if level.open is not None]

    @property
    def ended(self) -> dict[str, int]:
        """How many spells of each qualification have ended."""
        return {level.spec.id: level.ended for level in self._levels}

    def kept_out(self, day: int) -> dict[str, KeptOut]:
        """Return what keeps qualifications from beginning on a day, not before that of the last observation."""
        found = {level.spec.id: level.kept_out(day) for level in self._levels}
        return {name: one for name, one in found.items() if one is not None}

    @property
    def due_days(self) -> list[int]:
        """The days at whose start something may happen although nothing else changes."""
        days = [day for level in self._levels for day in (level.held_until(), level.quiet_day)]
        return [day for day in days if day is not None]

    @property
    def is_due_next(self) -> bool:
        """Whether something ends at the next moment, whatever that is, unless it holds then."""
        return any(level.is_momentary for level in self._levels)

    @property
    def waits_for_event(self) -> bool:
        """Whether an event of any kind could let a spell begin."""
        return any(level.open is None and not level.is_ready for level in self._levels)

    def _report(self, level: _Level, reported: ReportedOutcome, seen: Observation, *, enters: bool) -> None:
        outcome = self._outcomes.get(reported.outcome)
        if level.open is not None:
            level.open.outcome = reported.outcome
            if outcome is not None and outcome.ends:
                self._end(level, seen, "outcome", reported.outcome, is_ready=not enters, reason=reported.reason)
        if reported.outcome == LIFTING:
            level.quiet_day, level.needs_raise, level.is_barred, level.kept_by = None, False, False, None
        before = level.strength
        if reported.outcome in BARRING:
            level.is_barred = True
        reason = None if outcome is None else outcome.find_reason(reported.reason)
        quiet_days = None if reason is None else reason.quiet_days
        if quiet_days is None and outcome is not None:
            quiet_days = outcome.quiet_days
        if quiet_days is None and reported.outcome in RESTING:
            quiet_days = level.spec.cooldown_days
        if quiet_days is not None:
            level.quiet_day = max(seen.day + quiet_days, level.quiet_day or seen.day)
            level.quiet_us = seen.at_us
        if reason is not None and reason.returns != "any":
            level.needs_raise = level.needs_raise or reason.returns == "hand_raise"
            level.is_barred = level.is_barred or reason.returns == "never"
            level.quiet_us = seen.at_us
        if level.strength > before or level.kept_by is None:
            level.kept_by = reported, seen.day

    @staticmethod
    def _may_begin(level: _Level, seen: Observation, *, enters: bool, raised: str | None) -> bool:
        is_quiet = level.quiet_day is not None and seen.day < level.quiet_day
        if level.ended_us == seen.at_us or seen.excluded_by is not None or level.is_barred or is_quiet:
            return False
        if raised is not None:
            return not level.needs_raise
        return enters and not level.needs_raise and (level.is_ready or bool(seen.events))

    def _begin(self, level: _Level, seen: Observation, raised: str | None) -> Spell:
        level.count += 1
        level.raised_day = None if raised is None else seen.day
        level.open = Spell(
            lead_id=self.lead_id,
            qualification=level.spec.id,
            number=level.count,
            began_us=seen.at_us,
            began_day=seen.day,
            began_by="enter" if raised is None else "hand_raise",
            hand_raise=raised,
        )
        self.spells.append(level.open)
        return level.open

    @staticmethod
    def _end(
        level: _Level, seen: Observation, by: EndedBy, because: str | None, *, is_ready: bool, reason: str | None = None
    ) -> None:
        assert level.open is not None
        level.open.ended_us, level.open.ended_day = seen.at_us, seen.day
        level.open.ended_by, level.open.ended_because, level.open.reason = by, because, reason
        level.open = None
        level.ended += 1
        level.ended_us = seen.at_us
        level.is_ready = is_ready
        level.raised_day = None
