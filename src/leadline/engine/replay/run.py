"""Replays a playbook over a stretch of time: read → bind → prepare → go through the leads, some hundred at a time.

The history of a lead always begins with the lead, whatever stretch is asked for; what touches the stretch is returned. Cost grows
with what happened to those leads that could qualify at all. tests/engine/replay holds the whole way to the naive reference.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from leadline.engine.backends.history_feed import Feed
from leadline.engine.calendar import AsOf, Zone, date_of, day_number
from leadline.engine.cells.columns import Integers
from leadline.engine.compiler.plan import Plan, make_plan
from leadline.engine.lifecycle.model import Spell, StageMove
from leadline.engine.past import open_past, refuse_spark
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem, ProblemsError
from leadline.engine.reference.log import ReportedOutcome
from leadline.engine.replay.grid import GridBuilder
from leadline.engine.replay.model import Replay
from leadline.engine.run import Inputs, Progress, open_run
from leadline.engine.timeline.known import KnownLeads
from leadline.engine.timeline.moments import regular_moments
from leadline.engine.timeline.reach import Reach
from leadline.engine.timeline.spells import histories_until, outcome_at

Every = Literal["day", "week", "month"]


def replay(  # noqa: PLR0913 - the named arguments of a public call
    playbook: str | Path | Playbook,
    inputs: Inputs,
    *,
    start: str | date,
    end: str | date,
    every: Every | None = None,
    spells: bool = True,
    evidence: bool = True,
    details: bool = False,
    as_known: bool = False,
    backend: str = "duckdb",
    memory: str | None = None,
    events_are_unique: bool = False,
    progress: Progress | None = None,
) -> Replay:
    """Say what a playbook would have done with all leads from one day to another.

    Args:
        playbook: a file, or a playbook that was loaded.
        inputs: where the data is.
        start, end: the first and the last day, dates in the playbook's zone, both included.
        every: also assess all leads at the end of every day, week (from Monday) or month, and on the last day.
        spells: find spells and stage moves; without, only the regular assessments are made.
        evidence: keep with each spell what was true when it began.
        details: keep with the regular assessments what each criterion gave, and which fields were known.
        as_known: a thing is there only when it had been received or recorded.
        backend: ``duckdb`` or a ``postgresql://`` address.
        memory: the most that DuckDB may use, such as ``1GB``.
        events_are_unique: no two events have one `event_id`; saves the time of finding that out.
        progress: told what is being done.

    Raises:
        ProblemsError: the playbook, an input or an argument cannot be used.

    Returns:
        Spells, stage moves and assessments, all in memory.
    """
    tell = progress or (lambda _what, _share: None)
    refuse_spark(backend)
    tell("Reading inputs", 0.0)
    run = open_run(playbook, inputs, backend=backend, memory=memory)
    try:
        first, last = _read_days(run.zone, start, end)
        plan = make_plan(run.bound)
        tell("Preparing leads and events", 0.05)
        feed = open_past(run, plan, as_known=as_known, events_are_unique=events_are_unique)
        wanted = _Wanted(
            plan=plan,
            zone=run.zone,
            start=first,
            end=last,
            spells=spells,
            evidence=evidence,
            grid=None if every is None else GridBuilder(plan, moments_between(run.zone, first, last, every), details),
        )
        found = wanted.go_through(feed, tell)
        run.rejects.settle()
    finally:
        run.backend.close()
    return Replay(
        bound=run.bound,
        version=plan.hash[:12],
        start=first,
        end=last,
        lead_ids=found.lead_ids,
        begins_us=found.begins_us,
        spells=found.spells,
        moves=found.moves,
        earlier_spells=found.earlier_spells,
        earlier_moves=found.earlier_moves,
        has_spells=spells,
        outcomes=found.outcomes,
        grid=None if wanted.grid is None else wanted.grid.build(),
        warnings=run.warnings,
        rejects=run.rejects,
    )


def moments_between(zone: Zone, start: AsOf, end: AsOf, every: Every) -> list[AsOf]:
    """Return the ends of the days, weeks (Sundays) or months from one day to another, and the last day.

    >>> from leadline.engine.calendar import get_zone
    >>> utc = get_zone("UTC")
    >>> first, last = (utc.end_of_day(day_number(date(2026, 3, day))) for day in (1, 18))
    >>> [moment.text for moment in moments_between(utc, first, last, "week")]
    ['2026-03-01', '2026-03-08', '2026-03-15', '2026-03-18']
    """
    days = [day for day in range(start.day, end.day + 1) if day == end.day or _is_end(date_of(day), every)]
    return [zone.end_of_day(day) for day in days]


def _is_end(day: date, every: Every) -> bool:
    match every:
        case "day":
            return True
        case "week":
            return day.isoweekday() == 7
        case "month":
            return (day + timedelta(days=1)).day == 1


def _read_days(zone: Zone, start: str | date, end: str | date) -> tuple[AsOf, AsOf]:
    problems: list[Problem] = []
    found: list[AsOf] = []
    for given, where in ((start, "--from"), (end, "--to")):
        try:
            day = given if isinstance(given, date) else date.fromisoformat(given.strip())
            found.append(zone.end_of_day(day_number(day)))
        except ValueError:
            message = f"'{given}' is no date: write one such as 2026-03-01."
            problems.append(Problem(code="bad-value", message=message, where=where))
    if not problems and found[0].day > found[1].day:
        message = f"{found[0].text} lies after {found[1].text}: the first day comes before the last."
        problems.append(Problem(code="bad-value", message=message, where="--from"))
    if problems:
        raise ProblemsError(problems)
    return found[0], found[1]


@dataclass(slots=True, kw_only=True)
class _Found:
    """What has been found so far."""

    lead_ids: list[str] = field(default_factory=list)
    begins_us: list[int] = field(default_factory=list)
    spells: list[Spell] = field(default_factory=list)
    moves: list[StageMove] = field(default_factory=list)
    earlier_spells: list[Spell] = field(default_factory=list)
    earlier_moves: list[StageMove] = field(default_factory=list)
    outcomes: dict[str, Sequence[ReportedOutcome]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class _Wanted:
    """What is asked of each lead."""

    plan: Plan
    zone: Zone
    start: AsOf
    end: AsOf
    spells: bool
    evidence: bool
    grid: GridBuilder | None

    def go_through(self, feed: Feed, tell: Progress) -> _Found:
        """Go through all leads."""
        found = _Found()
        for known in feed.stretches():
            self._take(known, found)
            tell("Going through the leads", 0.2 + 0.8 * len(found.lead_ids) / max(1, feed.tables.lead_count))
        return found

    def _take(self, known: KnownLeads, found: _Found) -> None:
        first_number = len(found.lead_ids)
        found.lead_ids += known.lead_ids
        found.begins_us += known.begins_us.tolist()
        for row, lead in enumerate(known.outcomes.lead.tolist()):
            of_lead = found.outcomes.setdefault(known.lead_ids[lead], [])
            assert isinstance(of_lead, list)
            of_lead.append(outcome_at(known, row))
        ended: dict[str, Integers] = {}
        if self.spells or (self.grid is not None and self.plan.spells):
            looks = Reach(self.plan, known).may_begin()
            happened = histories_until(
                self.plan,
                known,
                self.zone,
                self.end,
                looks,
                evidence=self.evidence and self.spells,
                stages=self.spells,
            )
            first_us = self.zone.first_instant(self.start.day)
            if self.spells:
                for spell in happened.spells:
                    touches = spell.ended_us is None or spell.ended_us >= first_us
                    (found.spells if touches else found.earlier_spells).append(spell)
                for move in happened.moves:
                    (found.moves if move.at_us >= first_us else found.earlier_moves).append(move)
            if self.grid is not None and self.plan.spells:
                regular = regular_moments(self.zone, known, self.grid.moments)
                ended = {name: happened.ended_before(name, known, regular) for name in self.plan.spells}
        if self.grid is not None:
            self.grid.add(known, regular_moments(self.zone, known, self.grid.moments), ended, first_number)
