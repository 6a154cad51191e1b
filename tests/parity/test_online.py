"""Plain Python from the rows of a roll-up agrees with the reference."""

from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from tests.parity.check import ask_or_reject
from tests.parity.expected import Cells, Expected, compare, describe, ended_spells, points
from tests.strategies import Scenario, scenarios

from leadline.engine.calendar import get_zone
from leadline.engine.compiler.plan import Plan, make_plan
from leadline.engine.expressions.bind import DEALS, DECISIONS
from leadline.engine.online import LeadState, OnlineAssessor
from leadline.engine.reference.assess import matches
from leadline.engine.reference.facts import resolve_facts
from leadline.engine.reference.log import Event, LeadLog, ReportedOutcome


@pytest.mark.parity
@given(scenario=scenarios(spells=True))
def test_plain_python_from_the_roll_up_agrees_with_the_reference(scenario: Scenario) -> None:
    expected = ask_or_reject(scenario)
    assessor = OnlineAssessor(make_plan(expected.bound), expected.as_of)

    found = [assess_online(assessor, expected, log) for log in expected.logs]

    differences = compare(expected.rows, found)
    assert not differences, "\n".join(differences) + "\n" + describe(scenario)


def assess_online(assessor: OnlineAssessor, expected: Expected, log: LeadLog) -> Cells:
    """Return the row of a lead, in the order of the columns of a result."""
    state = state_of(assessor.plan, expected, log)
    contributions = {f"c_{name}": units for name, units in assessor.contributions_of(state).items()}
    units = {**assessor.assess(state), **contributions}
    cells = {name: points(cell) if type(cell) is int else cell for name, cell in units.items()}
    cells |= {"lead_id": log.lead_id, "as_of": expected.as_of.text}
    return {name: cells.get(name) for name in expected.rows[0]}


def state_of(plan: Plan, expected: Expected, log: LeadLog) -> LeadState:
    """Return what a store would know of the lead: its fields, its rows of the roll-up, its last outcomes."""
    until_us, zone = expected.as_of.until_us, get_zone(plan.playbook.timezone)
    rank = plan.playbook.source_rank
    lead = resolve_facts(log.lead, log.facts, until_us=until_us, source_rank=rank)
    company = resolve_facts(log.company, log.company_facts, until_us=until_us, source_rank=rank)
    events = [event for event in log.events if event.at_us <= until_us and not event.is_bot]
    outcomes = [one for one in log.outcomes if one.at_us <= until_us]
    wiped = [
        max(
            [event.at_us for event in events if event.name in wipe.events]
            + [one.at_us for one in outcomes if wipe.fits_outcome(one.outcome, one.reason)],
            default=None,
        )
        for wipe in plan.wipes
    ]
    after_wipe = [
        []
        if at_us is None
        else [one for one in events if one.at_us > at_us and zone.day_of(one.at_us) == zone.day_of(at_us)]
        for at_us in wiped
    ]
    ended = ended_spells(expected.bound, log, expected.as_of) if plan.spells else {}
    decision, deal = latest(outcomes, DECISIONS), latest(outcomes, DEALS)
    return LeadState(
        fields=[lead.get(field.name) for field in plan.lead_fields]
        + [company.get(field.name) for field in plan.company_fields],
        rows=rollup_rows(plan, events),
        wiped_days=[None if at_us is None else zone.day_of(at_us) for at_us in wiped],
        after_wipe=[rollup_rows(plan, some) for some in after_wipe],
        decision=decision and decision.outcome,
        reason=decision and decision.reason,
        deal=deal and deal.outcome,
        outcome_days=[
            max((zone.day_of(one.at_us) for one in outcomes if one.outcome == name), default=None)
            for name in plan.outcomes
        ],
        ended_spells=[ended.get(name, 0) for name in plan.spells],
    )


def latest(outcomes: Iterable[ReportedOutcome], names: tuple[str, ...]) -> ReportedOutcome | None:
    found = [one for one in outcomes if one.outcome in names]
    return max(found, key=lambda one: (one.at_us, one.outcome, one.reason or ""), default=None)


def rollup_rows(plan: Plan, events: Iterable[Event]) -> list[tuple[int, int, int]]:
    """Return how often each signal occurred on each day, in day order."""
    zone = get_zone(plan.playbook.timezone)
    counts = Counter(
        (zone.day_of(event.at_us), signal.key(zone.name))
        for event in events
        for signal in plan.signals
        if (event.name in signal.events or "*" in signal.events)
        and (signal.only is None or matches(signal.only, event))
    )
    return [(key, day, count) for (day, key), count in sorted(counts.items())]
