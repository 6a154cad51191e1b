"""When a qualification cools is when it ends in the naive history of a log in which nothing more happens."""

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.timeline.forecasts import coolings_of
from tests.strategies.busy import busy_pasts
from tests.strategies.histories import Past, pasts

from leadline.engine.calendar import DAY_US, AsOf, get_zone
from leadline.engine.compiler.plan import make_plan
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.reference.log import Event, LeadLog, ReportedOutcome
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


# -- one thing at a time, far ahead ---------------------------------------------------------------------------------

POINTS = '[scores.heat]\n[[criteria]]\nid = "c"\nscore = "heat"\nwhy = "w"\n'
LEVEL = '[[qualifications]]\nid = "mql"\nenter = "{}"\n'
RENEWAL = '[fields]\nrenewal = { type = "date" }\n[scores.heat]\n'
FAR = {
    "points fade": POINTS + 'event = "v"\npoints = 10\ndecay = { linear = "100d" }\n' + LEVEL.format("heat > 0"),
    "points are forgotten": POINTS + 'event = "v"\npoints = 10\nwithin = "100d"\n' + LEVEL.format("heat > 0"),
    "events of a window": "[scores.heat]\n" + LEVEL.format("count('v', '100d') >= 1"),
    "days of a window": "[scores.heat]\n" + LEVEL.format("active_days('v', '100d') >= 1"),
    "days since an event": "[scores.heat]\n" + LEVEL.format("days_since('v') < 100"),
    "days since an outcome": "[scores.heat]\n" + LEVEL.format("days_since_outcome('opportunity') < 100"),
    "days before a date": RENEWAL + LEVEL.format("days_since(renewal) < 0"),
    "a raised hand": "[scores.heat]\n"
    + LEVEL.format("heat > 0").replace("\nenter", '\nhand_raise = "v"\nhand_raise_stay = "100d"\nenter'),
    "an exclusion, also of a raised hand": RENEWAL
    + '[[exclusions]]\nid = "renewed"\nwhen = "days_since(renewal) between 0 and 5"\n'
    + LEVEL.format("heat >= 0").replace("\nenter", '\nhand_raise = "v"\nhand_raise_stay = "300d"\nenter'),
    "silence": POINTS
    + 'inactive_for = "20d"\npoints = -10\nmin = -50\nactivity = ["v"]\n'
    + LEVEL.format("heat > -50"),
    "an answer": RENEWAL
    + '[questions.soon]\nask = "?"\nyes = "days_since(renewal) < 0"\n'
    + LEVEL.format("soon = 'yes'"),
}


@pytest.mark.parametrize("text", FAR.values(), ids=FAR)
@pytest.mark.parametrize("first_days", [1, 60])
def test_what_changes_in_a_hundred_days_is_waited_for(text: str, first_days: int) -> None:
    bound, _ = bind_playbook(read_playbook('[playbook]\nname = "far"\n' + text)[0])
    plan, zone, today = make_plan(bound), get_zone("UTC"), 20_000
    noon = today * DAY_US + DAY_US // 2
    log = LeadLog(
        lead_id="ann",
        lead={"renewal": today + 100},
        events=(Event(name="v", at_us=noon),),
        outcomes=(ReportedOutcome(outcome="opportunity", at_us=noon),),
    )

    with patch("leadline.engine.timeline.forecast._FIRST_DAYS", first_days):
        (found,) = find_open_spells(plan, known_from_logs(plan, [log]), zone.end_of_day(today), zone)

    assert found.cools_day == today + 100
    assert coolings_of(bound, log, zone.end_of_day(today), ahead_days=110) == [("mql", noon, today + 100)]


def test_what_never_changes_never_cools() -> None:
    bound, _ = bind_playbook(
        read_playbook('[playbook]\nname = "ever"\n' + POINTS + 'event = "v"\npoints = 10\n' + LEVEL.format("heat > 0"))[
            0
        ]
    )
    plan, zone = make_plan(bound), get_zone("UTC")
    log = LeadLog(lead_id="ann", events=(Event(name="v", at_us=20_000 * DAY_US),))

    (found,) = find_open_spells(plan, known_from_logs(plan, [log]), zone.end_of_day(20_000), zone)

    assert found.cools_day is None
