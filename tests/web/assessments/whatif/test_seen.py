"""What is seen of leads is what is assessed of them, and one log serves two texts only where both read the same of it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from tests.strategies.busy import busy_pasts
from tests.strategies.histories import Past, pasts
from tests.web.assessments.test_compute import compiled_of, moments, with_a_beginning
from tests.web.assessments.whatif.conftest import LIVE

from leadline.web.assessments.compute import assess_logs
from leadline.web.assessments.logs import read_logs_of
from leadline.web.assessments.whatif.seen import see_leads
from leadline.web.assessments.whatif.sides import Sides
from leadline.web.playbooks.queries import compile_toml


def check(past: Past) -> None:
    compiled = compiled_of(past)
    logs = [replace(log, lead_id=str(at)) for at, log in enumerate(with_a_beginning(past), start=1)]
    for as_of in moments(past):
        seen = see_leads(compiled, logs, as_of)
        expected = assess_logs(compiled, logs, as_of)

        assert list(seen) == [int(one.lead_id) for one in expected]
        for one in expected:
            ours = seen[int(one.lead_id)]
            assert (ours.scores, ours.contributions) == (one.scores, one.contributions)
            assert (ours.grade, ours.excluded_by, ours.stage) == (one.grade, one.excluded_by, one.stage)
            assert list(ours.qualifications) == one.qualifications
            assert ours.rank(compiled.playbook) == one.rank(compiled.playbook)[0]


@pytest.mark.parity
@settings(max_examples=max(5, settings().max_examples // 3))
@given(past=pasts())
def test_what_is_seen_is_what_is_assessed(past: Past) -> None:
    check(past)


@pytest.mark.parity
@settings(max_examples=max(5, settings().max_examples // 3))
@given(past=busy_pasts())
def test_eventful_weeks_are_seen_as_they_are_assessed(past: Past) -> None:
    check(past)


def with_criterion(when="true", points=5, event="", fields=""):
    what = f'event = "{event}"\nwhen = "{when}"' if event else f'when = "{when}"'
    return f'{LIVE}\n[[criteria]]\nid = "more"\nscore = "fit"\nwhy = "More"\n{what}\npoints = {points}\n{fields}'


READ_OTHERWISE = {
    "a field that is used as a number": (with_criterion("age = '5'"), with_criterion("age >= 5")),
    "a field that is declared": (
        with_criterion("age = 5"),
        with_criterion("age = 5", fields="[fields.age]\ntype = 'number'\nmissing = ['-']\n"),
    ),
    "a property that was not read": (LIVE, with_criterion("path = '/pricing'", event="page_viewed")),
    "a property of another event": (
        with_criterion("path = '/pricing'", event="page_viewed"),
        with_criterion("path = '/pricing'", event="demo_requested"),
    ),
    "another zone": (LIVE, LIVE.replace("Europe/Berlin", "America/New_York")),
}


@pytest.mark.parametrize("which", READ_OTHERWISE)
def test_texts_that_read_logs_otherwise_get_logs_of_their_own(which, now):
    before, after = (compile_toml(one) for one in READ_OTHERWISE[which])

    assert not Sides(before, after, now).is_read_alike
    assert not Sides(after, before, now).is_read_alike


@pytest.mark.parametrize(
    "after",
    [
        LIVE.replace("points = 30", "points = 31"),
        LIVE.replace("heat >= 60", "heat >= 10"),
        LIVE.replace("min = 0", "min = -5"),
        with_criterion("country = 'AT'"),
    ],
)
@pytest.mark.usefixtures("people")
def test_texts_that_read_alike_are_given_one_log_and_it_is_the_log_of_both(northwind, people, after, now):
    sides = Sides(compile_toml(LIVE), compile_toml(after), now)

    assert sides.is_read_alike
    ids = [one.pk for one in people]
    assert read_logs_of(sides.before, ids) == read_logs_of(sides.after, ids)
