"""When a qualification cools is when it ends in the naive history of a log in which nothing more happens."""

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.timeline.forecasts import coolings_of
from tests.strategies.busy import busy_pasts
from tests.strategies.histories import Past, pasts

from leadline.engine.calendar import AsOf, get_zone
from leadline.engine.timeline.forecast import find_open_spells
from leadline.engine.timeline.from_logs import known_from_logs

HOUR_US = 3_600_000_000
DRAWN_AHEAD_DAYS = 70
BUSY_AHEAD_DAYS = 40
"""How far ahead the naive reference looks: further than anything of a drawn or an eventful playbook reaches, mostly."""


def check(past: Past, moment: AsOf, *, ahead_days: int, as_known: bool, first_days: int = 60) -> None:
    """Fail where a spell cools on another day than that on which it ends in the naive history.

    *first_days*: how many days the forecast looks at first; only what has not ended by then makes it look further.
    """
    known = known_from_logs(past.plan, past.logs, as_known=as_known)
    with patch("leadline.engine.timeline.forecast._FIRST_DAYS", first_days):
        found = find_open_spells(past.plan, known, moment, get_zone(past.bound.playbook.timezone))

    expected = [
        (lead, *cooling)
        for lead, log in enumerate(past.logs)
        for cooling in coolings_of(past.bound, log, moment, ahead_days=ahead_days, as_known=as_known)
    ]
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

first_days = st.sampled_from((60, 1, 2, 7))


@pytest.mark.parity
@pytest.mark.parametrize("as_known", [False, True], ids=["as it was", "as known then"])
@settings(max_examples=max(5, settings().max_examples // 5))
@given(past=pasts(), hours_before=hours, first_days=first_days)
def test_a_qualification_cools_on_the_day_at_whose_start_it_has_ended(
    past: Past, hours_before: int, first_days: int, as_known: bool
) -> None:
    check(past, moment_of(past, hours_before), ahead_days=DRAWN_AHEAD_DAYS, as_known=as_known, first_days=first_days)


@pytest.mark.parity
@pytest.mark.parametrize("as_known", [False, True], ids=["as it was", "as known then"])
@given(past=busy_pasts(), hours_before=hours, first_days=first_days)
def test_after_eventful_weeks_it_cools_on_the_day_at_whose_start_it_has_ended(
    past: Past, hours_before: int, first_days: int, as_known: bool
) -> None:
    check(past, moment_of(past, hours_before), ahead_days=BUSY_AHEAD_DAYS, as_known=as_known, first_days=first_days)
