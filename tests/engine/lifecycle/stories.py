"""Stories of one lead through time, as lists of steps: what happens when, and which qualifications are open then.

    tell(PLAYBOOK, on("Mon 09:00", viewed_prices), on("Tue 09:00", expect("mql")), on("+3d 00:00", expect()))

A step's time is a weekday and a clock, of the next such moment after the step before, or so many days after that step's day; all
clocks are those of Berlin. The first step lies in the week of Monday 2 March 2026. Every story goes through the naive history, and
through the arrays of the timeline, which must find the same; and at each step what is open must cool on the day on which it ends.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.engine.timeline.forecasts import coolings_of

from leadline.engine.calendar import AsOf, Zone
from leadline.engine.compiler.plan import Plan, make_plan
from leadline.engine.lifecycle.history import History, history
from leadline.engine.lifecycle.model import Spell, StageMove
from leadline.engine.playbook.check import BoundPlaybook, bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.reference.log import Event, Fact, LeadLog, ReportedOutcome
from leadline.engine.timeline.forecast import find_open_spells
from leadline.engine.timeline.from_logs import known_from_logs
from leadline.engine.timeline.moments import every_moment
from leadline.engine.timeline.reach import Reach
from leadline.engine.timeline.spells import histories
from leadline.engine.values import text_key

BERLIN = Zone("Europe/Berlin")
AHEAD_DAYS = 20
FIRST_MONDAY = date(2026, 3, 2)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

HEAD = """
[playbook]
name = "story"
timezone = "Europe/Berlin"
"""

# -- playbooks of the stories ----------------------------------------------------------------------------------

PRICES = """
[scores.heat]
min = 0
grades = { 1 = 10, 2 = 5, 3 = 0 }
[[criteria]]
id = "prices"
score = "heat"
why = "Looked at prices"
event = "viewed_prices"
points = 10
decay = { linear = "4d" }
max = 10
[outcomes.snoozed]
quiet = "2d"
[outcomes.closed]
ends = true
"""
"""Ten points on the day of a look at prices, then 7.5, 5, 2.5 and none."""

MQL = PRICES + '[[qualifications]]\nid = "mql"\nenter = "heat >= 10"\nstay = "heat >= 5"\n'
RAISES = MQL + 'hand_raise = "asked_for_demo"\n'
VP = '[fields]\nseniority = { type = "text" }\n[scores.fit]\n[[qualifications]]\nid = "mql"\nenter = "seniority = \'vp\'"\n'
STUDENT = '[fields]\nis_student = { type = "boolean" }\n[[exclusions]]\nid = "student"\nwhen = "is_student"\n'


# -- steps ---------------------------------------------------------------------------------------------------------

Thing = Callable[[int], Any]
"""What happens, given the moment at which it does."""


@dataclass(frozen=True)
class Expected:
    """Which qualifications are open."""

    open: tuple[str, ...]


@dataclass(frozen=True)
class OfCompany:
    """A fact about the lead's company."""

    fact: Fact


@dataclass(frozen=True)
class Step:
    """What happens at a moment, and what is expected then."""

    when: str
    things: tuple[Thing | Expected, ...]


def on(when: str, *things: Thing | Expected) -> Step:
    """Return a step of a story."""
    return Step(when, things)


def expect(*open_levels: str) -> Expected:
    """Expect that these qualifications are open, and no others."""
    return Expected(open_levels)


# -- what happens ---------------------------------------------------------------------------------------------


def event(name: str, **more: Any) -> Thing:
    """Return an event."""
    return lambda at_us: Event(name=name, at_us=at_us, **more)


def outcome(name: str, *, reason: str | None = None, qualification: str | None = None) -> Thing:
    """Return an outcome that is reported."""
    key = None if qualification is None else text_key(qualification)
    return lambda at_us: ReportedOutcome(outcome=name, at_us=at_us, reason=reason, qualification=key)


def fact(field: str, value: Any) -> Thing:
    """Return a fact about the lead; None withdraws it."""
    return lambda at_us: Fact(field=field, value=value, text=str(value or ""), known_at_us=at_us)


def company_fact(field: str, value: Any) -> Thing:
    """Return a fact about the lead's company."""
    return lambda at_us: OfCompany(Fact(field=field, value=value, text=str(value), known_at_us=at_us))


def received(days: int, thing: Thing) -> Thing:
    """Return a thing that arrives so many days after it happened."""
    return lambda at_us: replace(thing(at_us), there_us=at_us + days * 86_400_000_000)


viewed_prices = event("viewed_prices")
asked_for_demo = event("asked_for_demo")


# -- telling ------------------------------------------------------------------------------------------------------


def tell(
    playbook: str, *steps: Step, as_known: bool = False, until: str | None = None, **lead: Any
) -> tuple[Sequence[Spell], Sequence[StageMove]]:
    """Go through a story; return the spells and moves up to its last step, or *until* so many days later (``+30d 00:00``).

    *lead*: more of the log, such as the columns of the lead.
    """
    bound, _ = bind_playbook(read_playbook(HEAD + playbook if "[playbook]" not in playbook else playbook)[0])
    moments = _moments([step.when for step in steps] + ([] if until is None else [until]))
    happened = [
        thing(at_us)
        for step, at_us in zip(steps, moments, strict=False)
        for thing in step.things
        if not isinstance(thing, Expected)
    ]
    log = LeadLog(
        lead_id="ann",
        events=tuple(one for one in happened if isinstance(one, Event)),
        facts=tuple(one for one in happened if isinstance(one, Fact)),
        company_facts=tuple(one.fact for one in happened if isinstance(one, OfCompany)),
        outcomes=tuple(one for one in happened if isinstance(one, ReportedOutcome)),
        **lead,
    )

    def at(moment_us: int) -> History:
        return history(bound, log, BERLIN.moment(moment_us), as_known=as_known)

    for step, at_us in zip(steps, moments, strict=False):
        for thing in step.things:
            if isinstance(thing, Expected):
                found = [spell.qualification for spell in at(at_us).spells if spell.is_open]
                assert sorted(found) == sorted(thing.open), f"{step.when} ({say(at_us)}): {found} open"
    last = at(moments[-1])
    plan = make_plan(bound)
    for at_us in moments:
        check_forecast(bound, plan, log, BERLIN.moment(at_us), as_known=as_known)
    known = known_from_logs(plan, [log], as_known=as_known)
    looks = Reach(plan, known).may_begin()
    in_bulk = histories(plan, known, every_moment(BERLIN, known, BERLIN.moment(moments[-1]), looks))
    assert in_bulk.spells == list(last.spells)
    assert in_bulk.moves == list(last.moves)
    return last.spells, last.moves


def check_forecast(bound: BoundPlaybook, plan: Plan, log: LeadLog, moment: AsOf, *, as_known: bool) -> None:
    """Fail where what is open at a moment cools on another day than that on which it ends if nothing more happens."""
    known = known_from_logs(plan, [log], as_known=as_known)
    found = find_open_spells(plan, known, moment, BERLIN)
    expected = coolings_of(bound, log, moment, ahead_days=AHEAD_DAYS, as_known=as_known)
    last_day = moment.day + AHEAD_DAYS
    assert [
        (
            one.spell.qualification,
            one.spell.began_us,
            None if one.cools_day is None or one.cools_day > last_day else one.cools_day,
        )
        for one in found
    ] == expected, f"what is open on {say(moment.until_us)} cools on other days"


def spells_of(playbook: str, *steps: Step, **settings: Any) -> list[str]:
    """Go through a story and return its spells in words."""
    return [say_spell(spell) for spell in tell(playbook, *steps, **settings)[0]]


def moves_of(playbook: str, *steps: Step, **settings: Any) -> list[str]:
    """Go through a story and return its moves from stage to stage in words."""
    return [say_move(move) for move in tell(playbook, *steps, **settings)[1]]


def say(at_us: int) -> str:
    """Return a moment as the stories write it: ``2 Mar 09:00``, with seconds where it has any."""
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)).astimezone(ZoneInfo(BERLIN.name))
    clock = local.strftime("%H:%M") if not local.second + local.microsecond else local.strftime("%H:%M:%S.%f")
    return f"{local.day} {local:%b} {clock}"


def say_spell(spell: Spell) -> str:
    """Return a spell in words: ``mql from 2 Mar 09:00 to 5 Mar 00:00, cooled``."""
    raised = "" if spell.hand_raise is None else f" by {spell.hand_raise}"
    begun = f"{spell.qualification} from {say(spell.began_us)}{raised}"
    if spell.ended_us is None:
        return begun
    because = "" if spell.ended_because is None else f": {spell.ended_because}"
    return f"{begun} to {say(spell.ended_us)}, {spell.ended_by}{because}"


def say_move(move: StageMove) -> str:
    """Return a move in words: ``2 Mar 09:00 lead > mql, mql began``."""
    arrow = ">" if move.is_forward else "<"
    return f"{say(move.at_us)} {move.before or '-'} {arrow} {move.after or '-'}, {move.because}"


def _moments(times: Sequence[str]) -> list[int]:
    found: list[int] = []
    day, last_us = FIRST_MONDAY, 0
    for text in times:
        where, clock = text.split()
        if where.startswith("+"):
            day += timedelta(days=int(where.removeprefix("+").removesuffix("d")))
        else:
            day += timedelta(days=(WEEKDAYS.index(where) - day.weekday()) % 7)
            if found and _instant(day, clock) <= last_us:
                day += timedelta(days=7)
        last_us = _instant(day, clock)
        found.append(last_us)
    return found


def _instant(day: date, clock: str) -> int:
    return BERLIN.instant_of_local(datetime.combine(day, time.fromisoformat(clock)))
