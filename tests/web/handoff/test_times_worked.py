"""How long it took until a claim, a first touch and a decision: counted by hand, over changes of the clock and holidays, in three zones."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.web.handoff.teams.world import handoff, lead, seat

from leadline.web.handoff.figures.keeping import find_kept
from leadline.web.handoff.models import HandOff, WorkCalendar

pytestmark = pytest.mark.django_db
OFFICE = [[["09:00", "17:00"]]] * 5 + [[], []]
NIGHTS = [[["00:00", "06:00"]]] * 7
HOUR = 3_600

CASES = {
    # The clock goes forward on Sunday 29 March. An hour of Friday and one of Monday; later Good Friday and Easter Monday are off.
    "Berlin, spring": (
        "Europe/Berlin", OFFICE, ("DE", "BE"), "2026-03-27 16:00",
        ("2026-03-30 10:00", 2), ("2026-04-02 17:00", 33), ("2026-04-07 10:00", 34),
    ),
    # It goes back on Sunday 25 October, when one who works at night works the hour from two to three twice.
    "Berlin, nights of autumn": (
        "Europe/Berlin", NIGHTS, ("", ""), "2026-10-24 23:00",
        ("2026-10-25 01:30", 1.5), ("2026-10-25 04:00", 5), ("2026-10-26 01:00", 8),
    ),
    # In spring it works it not at all.
    "Berlin, nights of spring": (
        "Europe/Berlin", NIGHTS, ("", ""), "2026-03-28 23:00",
        ("2026-03-29 01:30", 1.5), ("2026-03-29 04:00", 3), ("2026-03-30 01:00", 6),
    ),
    # The clock goes forward on Sunday 8 March, three weeks before Berlin's.
    "New York, March": (
        "America/New_York", OFFICE, ("US", ""), "2026-03-06 16:30",
        ("2026-03-09 09:15", 0.75), ("2026-03-09 17:00", 8.5), ("2026-03-11 09:00", 16.5),
    ),
    # Memorial Day is Monday 25 May.
    "New York, May": (
        "America/New_York", OFFICE, ("US", ""), "2026-05-22 16:00",
        ("2026-05-25 12:00", 1), ("2026-05-26 09:30", 1.5), ("2026-05-27 09:30", 9.5),
    ),
    # Good Friday and Easter Monday are off, and the clock goes back on the Sunday between them: autumn begins.
    "Sydney, Easter": (
        "Australia/Sydney", OFFICE, ("AU", "NSW"), "2026-04-02 16:00",
        ("2026-04-06 12:00", 1), ("2026-04-07 09:30", 1.5), ("2026-04-08 10:00", 10),
    ),
    "Sydney, nights": (
        "Australia/Sydney", NIGHTS, ("", ""), "2026-04-05 00:30",
        ("2026-04-05 01:30", 1), ("2026-04-05 05:30", 6), ("2026-04-06 01:00", 7.5),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_was_worked_is_what_one_counts_by_hand(northwind, name):
    zone, hours, (country, region), opened, claimed, touched, decided = CASES[name]
    at = lambda text: datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))  # noqa: E731
    kept = WorkCalendar.objects.create(
        workspace=northwind, name=name, timezone=zone, hours=hours, country=country, region=region
    )
    moments = {"claimed_at": at(claimed[0]), "touched_at": at(touched[0]), "decided_at": at(decided[0])}
    owner = seat(northwind, "Omar", calendar=kept).user
    handoff(lead(northwind), owner, state="accepted", opened_at=at(opened), **moments)

    found = find_kept(northwind, HandOff.objects.all(), now=at(decided[0]))

    worked = [found.to_claim.median, found.to_touch.median, found.to_decision.median]
    assert worked == [hours * HOUR for _, hours in (claimed, touched, decided)]


def test_what_is_claimed_at_the_very_moment_at_which_it_is_due_is_in_time(northwind):
    due = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    for late_us in (0, 1):
        about = lead(northwind, f"Lead {late_us}")
        handoff(about, state="claimed", respond_by=due, claimed_at=due + timedelta(microseconds=late_us))
    answered = find_kept(northwind, HandOff.objects.all(), now=due).answered
    assert (answered.count, answered.n) == (1, 2)
