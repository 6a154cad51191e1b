"""Comparing at once, for who waits: the same numbers as a count by hand, and of very many leads those seen last."""

from datetime import timedelta

import pytest
from tests.web.assessments.whatif.conftest import LIVE
from tests.web.assessments.whatif.test_counts import LEVELS, by_hand

from leadline.web.assessments.whatif import compare as comparing
from leadline.web.assessments.whatif.compare import compare
from leadline.web.assessments.whatif.tally import Change
from leadline.web.leads.models import Lead
from leadline.web.playbooks.queries import compile_toml

EDITED = LIVE.replace("heat >= 40", "heat >= 15").replace("points = 25", "points = 5")


@pytest.mark.parametrize("toml", [LIVE, EDITED, LEVELS["renamed"]], ids=["same", "edited", "renamed"])
@pytest.mark.usefixtures("people")
def test_it_says_what_a_count_by_hand_says(northwind, now, toml):
    found = compare(northwind, compile_toml(LIVE), compile_toml(toml), now)

    expected = by_hand(toml, now)
    assert (found.leads, found.moved, found.is_everybody) == (expected["leads"], expected["moved"], True)
    assert found.qualifications == {name: Change(*numbers) for name, numbers in expected["levels"].items()}
    grades = {name for pair in expected["grades"] for name in pair}
    assert found.grades == {
        name: Change(
            sum(was == name for was, _ in expected["grades"]),
            sum(is_now == name for _, is_now in expected["grades"]),
            sum(is_now == name != was for was, is_now in expected["grades"]),
            sum(was == name != is_now for was, is_now in expected["grades"]),
        )
        for name in grades
    }


def test_of_very_many_those_seen_last_are_compared(northwind, people, now, monkeypatch):
    monkeypatch.setattr(comparing, "MOST_LEADS", 5)
    monkeypatch.setattr(comparing, "_AT_ONCE", 2)
    for at, lead in enumerate(people):
        Lead.objects.filter(pk=lead.pk).update(last_seen_at=now - timedelta(days=at))
    Lead.objects.filter(pk__in=[one.pk for one in people[5:]]).update(name="Seen long ago")
    sides = (compile_toml(LIVE), compile_toml(EDITED))

    found = compare(northwind, *sides, now)
    Lead.objects.filter(name="Seen long ago").delete()
    alone = compare(northwind, *sides, now)

    assert (found.leads, found.is_everybody) == (5, False)
    assert (alone.leads, alone.is_everybody) == (5, True)
    assert (found.moved, found.qualifications, found.grades) == (alone.moved, alone.qualifications, alone.grades)
    assert found.moved
