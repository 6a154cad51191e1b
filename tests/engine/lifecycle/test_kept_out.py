"""What keeps a lead out of a qualification: as stories, and held to what the naive history lets begin."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from tests.engine.lifecycle.stories import BERLIN, FIRST_MONDAY, HEAD, MQL, RAISES
from tests.strategies.busy import busy_pasts
from tests.strategies.histories import Past, pasts

from leadline.engine.calendar import day_number, get_zone
from leadline.engine.lifecycle.history import assess_in_time, history
from leadline.engine.lifecycle.kept_out import kept_out
from leadline.engine.lifecycle.model import KeptOut
from leadline.engine.playbook.load import read_playbook
from leadline.engine.reference.log import Event, LeadLog, ReportedOutcome

DAY_US = 86_400_000_000
MONDAY = day_number(FIRST_MONDAY)
REASONS = """
cooldown = "10d"
[[outcomes.rejected.reasons]]
id = "no-interest"
returns = "hand_raise"
[[outcomes.rejected.reasons]]
id = "student"
returns = "never"
[[outcomes.recycled.reasons]]
id = "timing"
quiet = "30d"
"""


def noon(day: int) -> int:
    return BERLIN.first_instant(MONDAY + day) + DAY_US // 2


def kept(toml: str, *things: Event | ReportedOutcome, on: int) -> KeptOut | None:
    """Return what keeps a lead out of `mql` so many days after that Monday."""
    playbook, _ = read_playbook(HEAD + toml)
    log = LeadLog(
        lead_id="ann",
        events=tuple(one for one in things if isinstance(one, Event)),
        outcomes=tuple(one for one in things if isinstance(one, ReportedOutcome)),
    )
    return kept_out(playbook, log, BERLIN.moment(noon(on))).get("mql")


def said(outcome: str, day: int, reason: str | None = None) -> ReportedOutcome:
    return ReportedOutcome(outcome=outcome, at_us=noon(day), reason=reason)


def raised(day: int) -> Event:
    return Event(name="asked_for_demo", at_us=noon(day))


def test_a_quiet_time_ends_with_its_day_and_a_later_hand_raise_lifts_it() -> None:
    recycled = said("recycled", 0, "timing")
    expected = KeptOut(
        qualification="mql", until_day=MONDAY + 30, back_by="hand_raise", outcome="recycled", reason="timing", since_day=MONDAY
    )  # fmt: skip

    assert kept(RAISES + REASONS, recycled, on=29) == expected
    assert kept(RAISES + REASONS, recycled, on=30) is None
    assert kept(RAISES + REASONS, recycled, raised(0), on=1) == expected, "a hand raise of the same moment is no answer"
    assert kept(RAISES + REASONS, recycled, raised(1), on=1) is None
    assert kept(MQL + REASONS, recycled, on=29) == replace(expected, back_by="")


def test_the_report_that_keeps_it_out_the_longest_is_named() -> None:
    found = kept(RAISES + REASONS, said("recycled", 0, "timing"), said("rejected", 2), on=3)

    assert found is not None and (found.outcome, found.until_day) == ("recycled", MONDAY + 30)


@pytest.mark.parametrize(
    ("outcome", "reason", "back_by"),
    [("rejected", "no-interest", "hand_raise"), ("rejected", "student", "reinstated"), ("disqualified", None, "reinstated")],
)  # fmt: skip
def test_some_come_back_only_in_one_way_however_long_it_was(outcome: str, reason: str | None, back_by: str) -> None:
    found = kept(RAISES + REASONS, said(outcome, 0, reason), said("recycled", 5), on=400)

    assert found == KeptOut(qualification="mql", back_by=back_by, outcome=outcome, reason=reason, since_day=MONDAY)  # type: ignore[arg-type]
    assert (kept(RAISES + REASONS, said(outcome, 0, reason), raised(1), on=400) is None) == (back_by == "hand_raise")
    assert kept(RAISES + REASONS, said(outcome, 0, reason), said("reinstated", 1), on=400) is None


def test_who_can_only_raise_a_hand_where_none_can_be_raised_waits_to_be_reinstated() -> None:
    found = kept(MQL + REASONS, said("rejected", 0, "no-interest"), on=400)

    assert found is not None and found.back_by == "reinstated"


# -- held to the naive history -----------------------------------------------------------------------------------------


def known_by(log: LeadLog, us: int) -> LeadLog:
    return replace(
        log,
        events=tuple(one for one in log.events if one.at_us <= us),
        facts=tuple(one for one in log.facts if one.known_at_us <= us),
        company_facts=tuple(one for one in log.company_facts if one.known_at_us <= us),
        outcomes=tuple(one for one in log.outcomes if one.at_us <= us),
    )


def check(past: Past) -> None:
    zone = get_zone(past.bound.playbook.timezone)
    for log in past.logs:
        before = history(past.bound, log, past.until).spells
        for spell in before:
            assert spell.qualification not in kept_out(past.bound.playbook, log, zone.moment(spell.began_us))
        found = kept_out(past.bound.playbook, log, past.until)
        at_us = past.until.until_us + 1
        for level in past.bound.playbook.qualifications:
            if not level.hand_raise:
                continue
            now = known_by(log, past.until.until_us)
            asks = replace(now, events=(*now.events, Event(name=level.hand_raise[0], at_us=at_us)))
            after = [
                one for one in history(past.bound, asks, zone.moment(at_us)).spells if one.qualification == level.id
            ]
            was_open = any(one.began_us < at_us and (one.ended_us is None or one.ended_us >= at_us) for one in after)
            is_excluded = assess_in_time(past.bound, asks, zone.moment(at_us)).excluded_by is not None
            may_raise = level.id not in found or found[level.id].back_by == "hand_raise"
            began = any(one.began_us == at_us for one in after)
            assert began == (may_raise and not was_open and not is_excluded), (level.id, found)


@pytest.mark.parity
@settings(max_examples=max(5, settings().max_examples // 4))
@given(past=pasts())
def test_a_hand_raise_begins_what_nothing_keeps_out_of_whatever_is_drawn(past: Past) -> None:
    check(past)


@pytest.mark.parity
@given(past=busy_pasts())
def test_a_hand_raise_begins_what_nothing_keeps_out_after_eventful_weeks(past: Past) -> None:
    check(past)
