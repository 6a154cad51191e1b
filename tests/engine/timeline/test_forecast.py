"""When a qualification cools is when it ends in the naive history of a log in which nothing more happens."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies.busy import busy_pasts
from tests.strategies.histories import Past, pasts

from leadline.engine.calendar import AsOf, get_zone
from leadline.engine.lifecycle.history import begins_us, history, when
from leadline.engine.reference.log import LeadLog
from leadline.engine.timeline.forecast import find_open_spells
from leadline.engine.timeline.from_logs import known_from_logs

HOUR_US = 3_600_000_000
DRAWN_AHEAD_DAYS = 70
BUSY_AHEAD_DAYS = 40
"""How far ahead the naive reference looks: further than anything of a drawn or an eventful playbook reaches, mostly."""


def without_future(log: LeadLog, until_us: int, *, as_known: bool) -> LeadLog:
    """Return a log in which nothing more happens."""
    return replace(
        log,
        events=tuple(one for one in log.events if when(one, as_known=as_known) <= until_us),
        facts=tuple(one for one in log.facts if when(one, as_known=as_known) <= until_us),
        company_facts=tuple(one for one in log.company_facts if when(one, as_known=as_known) <= until_us),
        outcomes=tuple(one for one in log.outcomes if when(one, as_known=as_known) <= until_us),
    )


def check(past: Past, moment: AsOf, *, ahead_days: int, as_known: bool) -> None:
    """Fail where a spell cools on another day than that on which it ends in the naive history."""
    zone = get_zone(past.bound.playbook.timezone)
    known = known_from_logs(past.plan, past.logs, as_known=as_known)
    found = find_open_spells(past.plan, known, moment, zone)

    expected = []
    for lead, log in enumerate(past.logs):
        begins = begins_us(log, as_known=as_known)
        if begins is not None and begins > moment.until_us:
            continue  # nobody had heard of it
        quiet = without_future(log, moment.until_us, as_known=as_known)
        now = [one for one in history(past.bound, quiet, moment, as_known=as_known).spells if one.is_open]
        if not now:
            continue
        later = history(past.bound, quiet, zone.end_of_day(moment.day + ahead_days), as_known=as_known).spells
        for spell in now:
            (same,) = [one for one in later if (one.qualification, one.number) == (spell.qualification, spell.number)]
            expected.append((lead, spell.qualification, spell.began_us, same.ended_day))
    last_day = moment.day + ahead_days
    near = [(one.lead, one.spell.qualification, one.spell.began_us, _if_by(one.cools_day, last_day)) for one in found]
    assert near == expected, f"at {moment.text}\n{past.scenario.playbook}\n" + "\n".join(map(repr, past.logs))


def _if_by(day: int | None, last_day: int) -> int | None:
    return day if day is not None and day <= last_day else None


def moment_of(past: Past, hours_before: int) -> AsOf:
    """Return a moment some hours before the last one: the end of its day, or in the middle of one."""
    if not hours_before:
        return past.until
    zone = get_zone(past.bound.playbook.timezone)
    return zone.moment(past.until.until_us - hours_before * HOUR_US)


hours = st.sampled_from((0, 0, 7, 31, 100, 400))
"""Before the last moment: many a thing then lies ahead, and must play no part."""


@pytest.mark.parity
@pytest.mark.parametrize("as_known", [False, True], ids=["as it was", "as known then"])
@settings(max_examples=max(5, settings().max_examples // 5))
@given(past=pasts(), hours_before=hours)
def test_a_qualification_cools_on_the_day_at_whose_start_it_has_ended(
    past: Past, hours_before: int, as_known: bool
) -> None:
    check(past, moment_of(past, hours_before), ahead_days=DRAWN_AHEAD_DAYS, as_known=as_known)


@pytest.mark.parity
@pytest.mark.parametrize("as_known", [False, True], ids=["as it was", "as known then"])
@given(past=busy_pasts(), hours_before=hours)
def test_after_eventful_weeks_it_cools_on_the_day_at_whose_start_it_has_ended(
    past: Past, hours_before: int, as_known: bool
) -> None:
    check(past, moment_of(past, hours_before), ahead_days=BUSY_AHEAD_DAYS, as_known=as_known)
