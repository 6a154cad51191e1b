"""Draws leads through time: playbooks whose qualifications have hand raises, quiet times and stages, and logs of some weeks."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import reject
from hypothesis import strategies as st
from tests.strategies import Scenario, declare
from tests.strategies.conditions import WORLD_DAYS
from tests.strategies.levels import time_drafts
from tests.strategies.tables import Clock, tables

from leadline.engine.calendar import AsOf, day_number, get_zone
from leadline.engine.compiler.plan import Plan, make_plan
from leadline.engine.playbook.check import BoundPlaybook, bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.problems import ProblemsError
from leadline.engine.reference.infer import infer_catalog
from leadline.engine.reference.log import LeadLog
from leadline.engine.reference.read import read_logs

MOST_DAYS = 50
"""How long ago the oldest thing lies: the naive reference assesses at every day."""


@dataclass(frozen=True)
class Past:
    """A playbook and leads through time, up to a moment.

    name: how to make the same past again, where that can be said in a line.
    """

    bound: BoundPlaybook
    plan: Plan
    logs: list[LeadLog]
    until: AsOf
    scenario: Scenario
    name: str = ""

    def __repr__(self) -> str:
        return (
            self.name or f"a drawn past until {self.until.text}"
        )  # hypothesis warns of long ones; tests tell the rest


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    """Return a playbook with logs of some leads and the last moment; a draw that does not fit is drawn anew."""
    draft = draw(time_drafts())
    zone = draft.tables["playbook"]["timezone"]
    day = draw(st.sampled_from(WORLD_DAYS))
    found = draw(tables(Clock(zone, day)))
    scenario = Scenario(declare(draft, found, set()).to_toml(), found, day.isoformat())
    try:
        playbook, _ = read_playbook(scenario.playbook)
        bound, _ = bind_playbook(playbook, infer_catalog(playbook, found))
        plan = make_plan(bound)
    except ProblemsError:
        reject()
    levels = [None, None, *(level.id for level in playbook.qualifications)]
    logs = []
    for log in read_logs(bound, found).logs[:2]:
        outcomes = tuple(
            replace(
                one,
                reason=draw(st.sampled_from((one.reason, "vp", "software", "axb"))),
                qualification=draw(st.sampled_from(levels)),
            )
            for one in log.outcomes
        )
        logs.append(_recent(replace(log, outcomes=outcomes), day, zone))
    until = get_zone(zone).end_of_day(day_number(day + timedelta(days=draw(st.sampled_from((0, 0, 3, 15))))))
    return Past(bound, plan, logs, until, scenario)


def _recent(log: LeadLog, day: date, zone: str) -> LeadLog:
    """Return a log without what lies too far back for the naive reference."""
    since = get_zone(zone).first_instant(day_number(day) - MOST_DAYS)
    created = log.created_us if log.created_us is None or log.created_us >= since else since
    return replace(
        log,
        events=tuple(one for one in log.events if one.at_us >= since),
        facts=tuple(one for one in log.facts if one.known_at_us >= since),
        company_facts=tuple(one for one in log.company_facts if one.known_at_us >= since),
        outcomes=tuple(one for one in log.outcomes if one.at_us >= since),
        created_us=created,
    )


__all__ = ["MOST_DAYS", "Past", "pasts", "time_drafts"]
