"""Moments of many leads are found again, however long the time is in which they lie."""

from datetime import UTC, datetime

import numpy as np
import pytest

from leadline.engine.calendar import get_zone, instant_of
from leadline.engine.timeline.moments import cells_at

ZONE = get_zone("UTC")


@pytest.mark.parametrize("last_year", [2026, 2200])
def test_the_first_cell_not_before_a_moment_is_found(last_year: int) -> None:
    leads, rng = 2048, np.random.default_rng(7)
    first, last = (
        instant_of(datetime(year, 1, 1, tzinfo=UTC))
        for year in (last_year - 300 if last_year > 2100 else 2024, last_year)
    )
    lead = rng.integers(0, leads, 5000)
    us = rng.integers(first, last, 5000)
    us[:50] = us[50:100]
    cells = cells_at(ZONE, leads, lead, us)

    asked_lead = rng.integers(0, leads, 3000)
    asked = np.concatenate([rng.integers(first - 10**12, last + 10**12, 2000), us[:1000]])
    found = cells.first_at(asked_lead, asked)

    rows = sorted(set(zip(lead.tolist(), us.tolist(), strict=True)))
    assert list(zip(cells.spread.lead_of.tolist(), cells.us.tolist(), strict=True)) == rows
    for of_lead, at, place in zip(asked_lead.tolist(), asked.tolist(), found.tolist(), strict=True):
        own = [
            row
            for row, (one, _) in enumerate(
                rows[cells.start[of_lead] : cells.start[of_lead + 1]], int(cells.start[of_lead])
            )
        ]
        later = [row for row in own if rows[row][1] >= at]
        assert place == (later[0] if later else int(cells.start[of_lead + 1]))
