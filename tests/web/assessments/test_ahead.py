"""A lead that is assessed only on the days that were foretold shows every day what a lead shows that is assessed daily."""

from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from tests.strategies.busy import busy_pasts
from tests.strategies.histories import Past, pasts
from tests.web.assessments.test_compute import compiled_of, with_a_beginning

from leadline.engine.calendar import DAY_US
from leadline.web.assessments.ahead import LOOK_AHEAD
from leadline.web.assessments.compute import Found, assess_logs
from leadline.web.assessments.shown import whole_points

DAYS = LOOK_AHEAD + 15
"""Farther than is looked at once."""


def what_shows(found: Found) -> dict[str, Any]:
    points = {name: whole_points(units) for name, units in found.contributions.items()}
    return {
        "scores": {name: whole_points(units) for name, units in found.scores.items()},
        "contributions": {name: whole for name, whole in points.items() if whole},
        "reasons": [one.partition(":")[0] for one in found.reasons.split()],
        "said": (found.grade, found.coverage, found.persona, found.excluded_by, found.answers),
        "stays": (found.qualifications, found.stage, found.cools_day, found.spells, found.moves),
    }


def check(past: Past) -> int:
    """Compare day by day; return how often the lazy one was assessed."""
    compiled, logs = compiled_of(past), with_a_beginning(past)
    begin = compiled.zone.moment(past.until.until_us - 9 * DAY_US - 12_345_678_901)
    lazy = assess_logs(compiled, logs, begin)
    times = 0
    for day in range(begin.day + 1, begin.day + DAYS):
        morning = compiled.zone.moment(compiled.zone.first_instant(day))
        daily = assess_logs(compiled, logs, morning)
        for place, one in enumerate(lazy):
            if one.next_change_day is not None and one.next_change_day <= day:
                lazy[place] = assess_logs(compiled, [logs[place]], morning)[0]
                times += 1
            assert what_shows(lazy[place]) == what_shows(daily[place]), f"{one.lead_id} on {morning.text}"
    return times


@pytest.mark.parity
@pytest.mark.parametrize("few_cells", [0, 1 << 40], ids=["days in stretches", "all days together"])
@settings(max_examples=max(5, settings().max_examples // 8))
@given(past=busy_pasts())
def test_assessing_on_foretold_days_shows_what_assessing_daily_shows(past: Past, few_cells: int) -> None:
    with patch("leadline.web.assessments.ahead._FEW_CELLS", few_cells):
        check(past)


@pytest.mark.parity
@settings(max_examples=max(5, settings().max_examples // 8))
@given(past=pasts())
def test_assessing_whatever_is_drawn_on_foretold_days_shows_what_assessing_daily_shows(past: Past) -> None:
    check(past)
