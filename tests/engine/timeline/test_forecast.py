"""When a qualification cools is when it ends in the naive history of a log in which nothing more happens."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies.histories import Past, pasts

from leadline.engine.calendar import get_zone
from leadline.engine.lifecycle.history import history, when
from leadline.engine.reference.log import LeadLog
from leadline.engine.timeline.forecast import find_open_spells
from leadline.engine.timeline.from_logs import known_from_logs

AHEAD_DAYS = 70


def without_future(log: LeadLog, until_us: int) -> LeadLog:
    """Return a log in which nothing more happens."""
    return replace(
        log,
        events=tuple(one for one in log.events if when(one, as_known=False) <= until_us),
        facts=tuple(one for one in log.facts if when(one, as_known=False) <= until_us),
        company_facts=tuple(one for one in log.company_facts if when(one, as_known=False) <= until_us),
        outcomes=tuple(one for one in log.outcomes if when(one, as_known=False) <= until_us),
    )


@pytest.mark.parity
@given(past=pasts(), is_whole_day=st.booleans())
def test_a_qualification_cools_on_the_day_at_whose_start_it_has_ended(past: Past, is_whole_day: bool) -> None:
    zone = get_zone(past.bound.playbook.timezone)
    moment = past.until if is_whole_day else zone.moment(past.until.until_us - 3_600_000_000 * 7)
    found = find_open_spells(past.plan, known_from_logs(past.plan, past.logs), moment, zone)

    expected = []
    for lead, log in enumerate(past.logs):
        quiet = without_future(log, moment.until_us)
        now = [spell for spell in history(past.bound, quiet, moment).spells if spell.is_open]
        if not now:
            continue
        later = history(past.bound, quiet, zone.end_of_day(moment.day + AHEAD_DAYS)).spells
        for spell in now:
            (same,) = [one for one in later if (one.qualification, one.number) == (spell.qualification, spell.number)]
            expected.append((lead, spell.qualification, spell.began_us, same.ended_day))
    near = [
        (one.lead, one.spell.qualification, one.spell.began_us, _if_near(one.cools_day, moment.day)) for one in found
    ]
    assert near == expected, past.scenario.playbook + "\n" + "\n".join(map(repr, past.logs))


def _if_near(day: int | None, today: int) -> int | None:
    return day if day is not None and day <= today + AHEAD_DAYS else None
