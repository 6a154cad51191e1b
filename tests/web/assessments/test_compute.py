"""What is computed in arrays is what the reference says, whatever the playbook and the log are."""

from collections.abc import Mapping
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from tests.strategies.busy import busy_pasts
from tests.strategies.histories import Past, pasts

from leadline.engine.calendar import DAY_US, AsOf, get_zone
from leadline.engine.explain import ended_spells
from leadline.engine.lifecycle.kept_out import kept_out
from leadline.engine.lifecycle.model import KeptOut
from leadline.engine.next_step.find import find_next_step
from leadline.engine.reference.log import LeadLog
from leadline.web.assessments.compute import Found, assess_logs
from leadline.web.operations.recompute import cooling_of, pasts_of, second_opinion
from leadline.web.playbooks.queries import Compiled


def compiled_of(past: Past) -> Compiled:
    playbook = past.bound.playbook
    return Compiled(playbook, past.bound, past.plan, get_zone(playbook.timezone), past.plan.hash)


def with_a_beginning(past: Past) -> list[LeadLog]:
    """In the app every lead was seen for the first time at some moment."""
    seen_us = past.until.until_us - 60 * DAY_US
    return [replace(log, created_us=log.created_us or seen_us) for log in past.logs]


def moments(past: Past) -> list[AsOf]:
    zone = get_zone(past.bound.playbook.timezone)
    return [past.until, zone.moment(past.until.until_us - 9 * DAY_US - 12_345_678_901)]


def differences(found: list[Found], expected: list[Found]) -> list[str]:
    said = []
    for ours, theirs in zip(found, expected, strict=True):
        for one in fields(Found):
            left, right = getattr(ours, one.name), getattr(theirs, one.name)
            if left != right:
                said.append(f"{ours.lead_id} {one.name}: expected {right}, found {left}")
        if [spell.evidence for spell in ours.spells] != [spell.evidence for spell in theirs.spells]:
            said.append(f"{ours.lead_id}: evidence")
    return said


def check(past: Past) -> None:
    compiled, logs = compiled_of(past), with_a_beginning(past)
    for as_of in moments(past):
        found = assess_logs(compiled, logs, as_of)

        happened, cools = pasts_of(compiled, logs, as_of, naive=True), cooling_of(compiled, logs, as_of)
        expected = [
            second_opinion(compiled, log, as_of, one, happened[log.lead_id], cools[log.lead_id])
            for log, one in zip(logs, found, strict=True)
        ]
        assert not differences(found, expected), "\n".join(differences(found, expected)) + past.scenario.playbook
        for log, one in zip(logs, found, strict=True):
            kept = kept_out(past.bound.playbook, log, as_of)
            assert one.next_step == next_step_of(past, log, one, as_of, kept)
            for until in (level.until_day for level in kept.values() if level.until_day is not None):
                assert one.next_change_day is not None, "the next step tells of it until then"
                assert one.next_change_day <= until


def next_step_of(past: Past, log: LeadLog, found: Found, as_of: AsOf, kept: Mapping[str, KeptOut]) -> str:
    step = find_next_step(
        past.bound,
        log,
        as_of,
        open_spells=[spell.qualification for spell in found.spells if spell.is_open],
        ended_spells=ended_spells(past.bound, log, as_of, as_known=False),
        kept_out=kept,
    )
    return "" if step is None else step.text


@pytest.mark.parity
@settings(max_examples=max(5, settings().max_examples // 4))
@given(past=pasts())
def test_whatever_is_drawn_is_assessed_as_the_reference_does(past: Past) -> None:
    check(past)


@pytest.mark.parity
@settings(max_examples=max(5, settings().max_examples // 2))
@given(past=busy_pasts())
def test_eventful_weeks_are_assessed_as_the_reference_does(past: Past) -> None:
    check(past)
