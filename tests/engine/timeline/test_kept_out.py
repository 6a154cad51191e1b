"""What keeps leads out, found in arrays, is what is found of each alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies.busy import busy_pasts
from tests.strategies.histories import Past, pasts

from leadline.engine.calendar import DAY_US, get_zone
from leadline.engine.lifecycle.kept_out import kept_out
from leadline.engine.timeline.from_logs import known_from_logs
from leadline.engine.timeline.kept_out import find_kept_out


def check(past: Past, days_before: int, *, as_known: bool) -> None:
    zone = get_zone(past.bound.playbook.timezone)
    moment = zone.moment(past.until.until_us - days_before * DAY_US)
    known = known_from_logs(past.plan, past.logs, as_known=as_known)

    found = find_kept_out(past.plan, known, moment, zone)

    alone = [kept_out(past.bound.playbook, log, moment, as_known=as_known) for log in past.logs]
    assert found == {place: kept for place, kept in enumerate(alone) if kept}, past.scenario.playbook


@pytest.mark.parity
@settings(max_examples=max(5, settings().max_examples // 4))
@given(past=pasts(), days_before=st.sampled_from([0, 1, 9]), as_known=st.booleans())
def test_whatever_is_drawn(past: Past, days_before: int, as_known: bool) -> None:
    check(past, days_before, as_known=as_known)


@pytest.mark.parity
@given(past=busy_pasts(), days_before=st.sampled_from([0, 1, 9]), as_known=st.booleans())
def test_after_eventful_weeks(past: Past, days_before: int, as_known: bool) -> None:
    check(past, days_before, as_known=as_known)
