"""Leads through time in bulk come to what the naive reference finds, moment by moment."""

from itertools import zip_longest
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from tests.strategies.busy import busy_pasts
from tests.strategies.histories import Past, pasts

from leadline.engine.calendar import get_zone
from leadline.engine.lifecycle.history import history
from leadline.engine.timeline.from_logs import known_from_logs
from leadline.engine.timeline.reach import Reach
from leadline.engine.timeline.spells import histories_until


def check(past: Past, *, as_known: bool, cells_a_group: int = 40) -> None:
    expected = [history(past.bound, log, past.until, as_known=as_known) for log in past.logs]
    known = known_from_logs(past.plan, past.logs, as_known=as_known)
    looks = Reach(past.plan, known).may_begin()
    with patch("leadline.engine.timeline.spells.CELLS_A_GROUP", cells_a_group):
        found = histories_until(past.plan, known, get_zone(past.bound.playbook.timezone), past.until, looks)

    differences = [
        f"{what}: expected {one}, found {other}"
        for what, ours, theirs in (
            ("move", [move for one in expected for move in one.moves], found.moves),
            ("spell", [spell for one in expected for spell in one.spells], found.spells),
            (
                "evidence",
                [spell.evidence for one in expected for spell in one.spells],
                [one.evidence for one in found.spells],
            ),
        )
        for one, other in zip_longest(ours, theirs)
        if one != other
    ]
    logs = "\n".join(map(repr, past.logs))
    assert not differences, "\n".join(differences) + f"\nuntil {past.until.text}\n{past.scenario.playbook}\n{logs}"


@pytest.mark.parity
@pytest.mark.parametrize("as_known", [False, True], ids=["as it was", "as known then"])
@settings(max_examples=max(5, settings().max_examples // 4))
@given(past=pasts())
def test_spells_and_stages_of_whatever_is_drawn_are_those_of_the_reference(past: Past, as_known: bool) -> None:
    check(past, as_known=as_known)


@pytest.mark.parity
@pytest.mark.parametrize("as_known", [False, True], ids=["as it was", "as known then"])
@given(past=busy_pasts())
def test_spells_and_stages_of_eventful_weeks_are_those_of_the_reference(past: Past, as_known: bool) -> None:
    check(past, as_known=as_known)
