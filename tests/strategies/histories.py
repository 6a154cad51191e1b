"""Draws leads through time: playbooks whose qualifications have hand raises, quiet times and stages, and logs of some weeks."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st
from tests.strategies import Scenario, declare
from tests.strategies.conditions import EVENTS, OUTCOMES, WORLD_DAYS
from tests.strategies.playbooks import Draft, drafts
from tests.strategies.tables import Clock, tables

from leadline.engine.calendar import AsOf, day_number, get_zone
from leadline.engine.compiler.plan import Plan, make_plan
from leadline.engine.playbook.check import BoundPlaybook, bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.problems import ProblemsError
from leadline.engine.reference.infer import infer_catalog
from leadline.engine.reference.log import LeadLog
from leadline.engine.reference.read import read_logs

days = st.sampled_from(("1d", "2d", "3d", "7d", "2w"))
MOST_DAYS = 50
"""How long ago the oldest thing lies: the naive reference assesses at every day."""


@dataclass(frozen=True)
class Past:
    """A playbook and leads through time, up to a moment."""

    bound: BoundPlaybook
    plan: Plan
    logs: list[LeadLog]
    until: AsOf
    scenario: Scenario


@st.composite
def time_drafts(draw: st.DrawFn) -> Draft:
    """Return a playbook with at least one qualification and all that concerns time."""
    draft = draw(drafts())
    tables_of = dict(draft.tables)
    scores = list(tables_of["scores"])
    levels: list[dict[str, Any]] = [dict(level) for level in tables_of["qualifications"]]
    if not levels or draw(st.booleans()):
        bound = draw(st.sampled_from((0, 1, 5, 10, 15, 25)))
        score = draw(st.sampled_from(scores))
        stay = draw(st.sampled_from((None, f"{score} >= {bound - 4}", f"{score} > 0")))
        levels.append({"id": "level", "enter": f"{score} >= {bound}", "stay": stay})
    for level in levels:
        names = draw(st.lists(st.sampled_from(EVENTS), max_size=2, unique=True))
        level |= {
            "hand_raise": names or None,
            "hand_raise_stay": draw(st.one_of(st.none(), days)) if names else None,
            "cooldown": draw(st.one_of(st.none(), days)),
        }
        if draw(st.sampled_from((False, False, False, True))):
            counted = f"spells('{draw(st.sampled_from([one['id'] for one in levels]))}')"
            level["enter"] = f"({level['enter']}) and {counted} {draw(st.sampled_from(('< 1', '<> 1', '>= 1', '< 2')))}"
    reasons = [
        {"id": reason, "quiet": draw(st.one_of(st.none(), days)), "returns": returns}
        for reason, returns in (("vp", "hand_raise"), ("software", "never"), ("axb", "any"))
    ]
    outcomes = {name: dict(entry) for name, entry in tables_of["outcomes"].items()}
    for name in draw(st.lists(st.sampled_from(OUTCOMES), max_size=4, unique=True)):
        outcomes.setdefault(name, {})
        outcomes[name] |= {
            "quiet": draw(st.one_of(st.none(), days)),
            "ends": draw(st.one_of(st.none(), st.booleans())),
        }
    outcomes[draw(st.sampled_from(sorted(outcomes)))]["reasons"] = reasons
    tables_of |= {"qualifications": levels, "outcomes": outcomes}
    if draw(st.booleans()):
        tables_of["stages"] = [
            {"id": "lead"},
            {"id": "ready", "while": draw(st.sampled_from([one["id"] for one in levels]))},
            {"id": "deal", "since": "opportunity", "until": ["won", "lost"]},
            {"id": "mine", "since": "won", "until": ["churned"]},
        ]
    return Draft(tables_of)


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
