"""Response clocks: by whose hours they run, what stops them, and that each mark is set once, whoever else looks."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext
from tests.web.handoff.teams.world import TOML, handoff, lead, seat
from tests.web.pages.world import make_live

from leadline.engine.playbook.model import HandOff as HandOffSpec
from leadline.web.handoff.actions import assign, claim, release, snooze
from leadline.web.handoff.clocks import (
    Calendars,
    calendar_for,
    clock_columns,
    respond_by,
    run_clocks,
    usual_calendar,
    warn_at,
    work_time_of,
)
from leadline.web.handoff.models import DayOff, HandOff, Seat, Step, WorkCalendar

pytestmark = pytest.mark.django_db
State = HandOff.State
FOUR_HOURS = HandOffSpec(qualifications=("mql",), respond_within_hours=4)
OFFICE = [[["09:00", "12:30"], ["13:30", "17:00"]]] * 5 + [[], []]


def at(text):
    """A moment of March 2026 in Berlin, which is an hour ahead until the 29th: ``at("02T15:00")``."""
    return datetime.fromisoformat(f"2026-03-{text}+01:00").astimezone(UTC)


MONDAY = at("02T09:00")


def calendar(workspace, name="Berlin", *, off=(), worked=(), **columns):
    made = {"timezone": "Europe/Berlin", "hours": OFFICE, **columns}
    kept = WorkCalendar.objects.create(workspace=workspace, name=name, **made)
    for day, is_worked in [*((one, False) for one in off), *((one, True) for one in worked)]:
        DayOff.objects.create(workspace=workspace, calendar=kept, day=day, name="So it is", is_worked=is_worked)
    return kept


@pytest.fixture
def waiting(northwind):
    """A hand-off of Monday, nine o'clock, to be answered until three; at half past one an hour and a half is left."""
    make_live(northwind, TOML.replace('otherwise = "inbound"', 'otherwise = "inbound"\nrespond_within = "4h"'))
    return opened(northwind)


def opened(workspace, name="Ada", moment=MONDAY, owner=None, **columns):
    marks = {"opened_at": moment, "respond_by": moment + timedelta(hours=6), "warn_at": moment + timedelta(hours=4.5)}
    return handoff(lead(workspace, name), owner, **(marks | columns))


def kinds_of(one):
    return [str(kind) for kind in Step.objects.filter(handoff=one).order_by("pk").values_list("kind", flat=True)]


def again(one):
    one.refresh_from_db()
    return one


# -- by whose hours ---------------------------------------------------------------------------------------------------


def test_an_owners_own_hours_count_then_the_workspaces_then_the_usual_ones(northwind, elsewhere):
    omar, ana = seat(northwind, "Omar"), seat(northwind, "Ana")
    assert calendar_for(northwind, omar.user).pk is None
    assert work_time_of(calendar_for(northwind)).working_seconds_between(0, 7 * 86_400_000_000) == 40 * 3600

    night, berlin = calendar(northwind, "Night"), calendar(northwind, is_default=True)
    omar.calendar = night
    omar.save()
    theirs = calendar(elsewhere, "Theirs", is_default=True)
    Seat.objects.create(workspace=elsewhere, user=omar.user, calendar=theirs)

    assert calendar_for(northwind, omar.user) == night
    assert calendar_for(northwind, ana.user) == berlin
    assert calendar_for(northwind) == berlin
    assert calendar_for(elsewhere, omar.user) == theirs, "a seat counts in its workspace only"


def test_the_usual_hours_are_of_the_workspaces_zone(northwind):
    usual = usual_calendar(northwind)

    assert respond_by(FOUR_HOURS, at("02T16:00"), usual) == at("03T12:00")
    assert usual.pk is None


def test_holidays_and_days_of_the_company_are_off_and_a_holiday_can_be_worked(northwind):
    """1 May 2026 is a Friday. In Bavaria, Epiphany (6 January) is off too; in Berlin it is not."""
    friday, thursday_noon = date(2026, 5, 1), datetime(2026, 4, 30, 10, 30, tzinfo=UTC)

    def due(name, **columns):
        return respond_by(FOUR_HOURS, thursday_noon, calendar(northwind, name, **columns)).isoformat()

    assert due("no holidays") == "2026-05-01T07:30:00+00:00"
    assert due("holidays", country="DE") == "2026-05-04T07:30:00+00:00"
    assert due("Germany", country="DE", off=[date(2026, 4, 30)]) == "2026-05-04T12:00:00+00:00"
    assert due("works", country="DE", off=[date(2026, 4, 30)], worked=[friday]) == "2026-05-01T12:00:00+00:00"
    assert due("own day", off=[date(2026, 4, 30), friday, date(2026, 5, 4)]) == "2026-05-05T12:00:00+00:00"

    epiphany = datetime(2026, 1, 6, 8, tzinfo=UTC)
    munich = calendar(northwind, "Munich", country="DE", region="BY")
    berlin = calendar(northwind, "Berlin", country="DE", region="BE")
    assert respond_by(FOUR_HOURS, epiphany, munich) == respond_by(FOUR_HOURS, epiphany, berlin) + timedelta(days=1)


def test_calendars_that_say_the_same_share_what_they_have_worked_out(northwind):
    one, other = calendar(northwind, "One", country="DE"), calendar(northwind, "Other", country="DE")
    assert work_time_of(one) is work_time_of(other)

    DayOff.objects.create(workspace=northwind, calendar=other, day=date(2026, 3, 3), name="Party")
    assert work_time_of(one) is not work_time_of(other)


def test_a_quarter_of_the_working_time_is_left_at_the_warning(northwind):
    """Four hours from nine, with an hour of lunch after half past twelve."""
    berlin = calendar(northwind)

    assert respond_by(FOUR_HOURS, MONDAY, berlin) == at("02T14:00")
    assert warn_at(FOUR_HOURS, MONDAY, berlin) == at("02T12:00")
    assert warn_at(HandOffSpec(qualifications=("mql",), respond_within_hours=1), MONDAY, berlin) == at("02T09:45")


def test_nothing_is_due_without_a_promise_or_when_nobody_ever_works(northwind):
    never = calendar(northwind, hours=[[]] * 7)

    assert respond_by(None, MONDAY, never) is None
    assert respond_by(HandOffSpec(qualifications=("mql",)), MONDAY, usual_calendar(northwind)) is None
    assert respond_by(FOUR_HOURS, MONDAY, never) is None
    assert warn_at(FOUR_HOURS, MONDAY, never) is None


def test_the_calendars_of_many_owners_take_four_queries(northwind, django_assert_num_queries):
    seats = [
        seat(northwind, name, calendar=calendar(northwind, name, off=[date(2026, 3, 2)])) for name in ("A", "B", "C")
    ]

    with django_assert_num_queries(4):
        known = Calendars(northwind)
        assert {respond_by(FOUR_HOURS, MONDAY, known.of(one.user_id)) for one in seats} == {at("03T14:00")}


# -- another owner ------------------------------------------------------------------------------------------------------


def test_another_owner_has_the_time_of_their_own_calendar(waiting, northwind, maria):
    """Ana works in Kolkata, where it is 13:30 when it is nine in Berlin, until half past six: an hour of Tuesday is left."""
    kolkata = calendar(northwind, "Kolkata", timezone="Asia/Kolkata", hours=[[["10:00", "16:30"]]] * 5 + [[], []])
    ana = seat(northwind, "Ana", calendar=kolkata)

    assign(waiting.pk, to=ana.user, by=maria, is_manager=False, now=at("02T10:00"))

    found = again(waiting)
    assert found.respond_by == datetime.fromisoformat("2026-03-03T11:00+05:30")
    assert found.warn_at == datetime.fromisoformat("2026-03-02T16:30+05:30")


def test_a_promise_that_is_broken_stays_so_under_another_owner(waiting, northwind):
    run_clocks(now=at("02T15:00"))
    late = again(waiting)

    assert clock_columns(late, owner=seat(northwind, "Ana").user) == {}


def test_who_gets_more_time_is_warned_again_and_who_does_not_is_not(waiting, northwind):
    run_clocks(now=at("02T13:40"))
    warned = again(waiting)
    tuesday = calendar(northwind, "Off on Monday", off=[MONDAY.date()])
    early = calendar(northwind, "Early", hours=[[["09:00", "17:00"]]] * 7)

    assert warned.warned_at is not None
    assert clock_columns(warned, owner=seat(northwind, "Ana", calendar=tuesday).user)["warned_at"] is None
    later = clock_columns(warned, owner=seat(northwind, "Bo", calendar=early).user)
    assert (later["warned_at"], later["warn_at"]) == (warned.warned_at, at("02T12:00"))
    warned.warned_at = at("02T12:00")
    same = clock_columns(warned, owner=seat(northwind, "Cem", calendar=early).user)
    assert same["warned_at"] == at("02T12:00"), "as much time as before is not more"


# -- the job --------------------------------------------------------------------------------------------------------------


def test_a_hand_off_is_warned_of_then_late_then_with_the_managers_each_once(waiting):
    told = []

    for moment in ("02T13:29", "02T13:30", "02T13:31", "02T14:59", "02T15:00", "02T15:01", "03T09:00"):
        run_clocks(now=at(moment), tell=told.extend)

    assert kinds_of(waiting) == ["warned", "breached", "escalated"]
    assert [(one.kind, one.at, one.by_id, one.lead_id) for one in told] == [
        ("warned", at("02T13:30"), None, waiting.lead_id),
        ("breached", at("02T15:00"), None, waiting.lead_id),
        ("escalated", at("02T15:00"), None, waiting.lead_id),
    ]
    found = again(waiting)
    assert (found.warned_at, found.breached_at, found.escalated_at) == (at("02T13:30"), at("02T15:00"), at("02T15:00"))
    assert found.state == State.WAITING and found.revision == 1, "the clock takes nothing from who is about to act"


def test_after_a_night_without_a_worker_nobody_is_warned_of_what_is_late(waiting):
    assert run_clocks(now=at("03T09:00")) == 1
    assert kinds_of(waiting) == ["breached", "escalated"]


def test_a_claim_stops_the_clock_and_who_gives_it_back_late_finds_it_late(waiting, omar):
    claim(waiting.pk, by=omar, now=at("02T13:00"))
    assert run_clocks(now=at("02T16:00")) == 0

    release(waiting.pk, by=omar, now=at("02T16:30"))
    assert again(waiting).respond_by == at("02T15:00")
    assert run_clocks(now=at("02T16:31")) == 1
    assert kinds_of(waiting) == ["claimed", "released", "breached", "escalated"]


def test_what_is_given_back_in_time_is_due_when_it_was(waiting, omar):
    claim(waiting.pk, by=omar, now=at("02T10:00"))
    release(waiting.pk, by=omar, now=at("02T11:00"))

    assert run_clocks(now=at("02T13:29")) == 0
    assert run_clocks(now=at("02T13:30")) == 1
    assert kinds_of(waiting)[-1] == "warned"


def test_a_snooze_that_ends_in_time_puts_the_warning_off_and_nothing_else(waiting, omar):
    snooze(waiting.pk, by=omar, until=at("02T14:30"), now=at("02T10:00"))

    assert run_clocks(now=at("02T14:29")) == 0
    assert run_clocks(now=at("02T14:30")) == 1
    assert run_clocks(now=at("02T15:00")) == 1
    assert kinds_of(waiting) == ["snoozed", "warned", "breached", "escalated"]


@pytest.mark.parametrize("until", ["02T15:00", "03T09:00"])
def test_a_snooze_to_the_promise_or_beyond_changes_nothing_about_it(waiting, omar, until):
    snooze(waiting.pk, by=omar, until=at(until), now=at("02T10:00"))

    assert run_clocks(now=at("02T13:30")) == 1
    assert run_clocks(now=at("02T15:00")) == 1
    assert kinds_of(waiting) == ["snoozed", "warned", "breached", "escalated"]


@pytest.mark.parametrize("state", [one for one in State if one != State.WAITING])
def test_only_what_waits_has_a_clock(northwind, state):
    over = opened(northwind, state=state)
    assert run_clocks(now=at("09T09:00")) == 0
    assert kinds_of(over) == []


def test_without_a_promise_there_is_no_clock(northwind):
    opened(northwind, respond_by=None, warn_at=None)
    assert run_clocks(now=at("31T09:00")) == 0


def test_it_goes_in_slices_those_first_that_are_late_the_longest(northwind):
    ids = [opened(northwind, f"Lead {day}", at(f"0{day}T09:00")).pk for day in (6, 5, 4, 3, 2)]

    done = [run_clocks(now=at("09T09:00"), most=2) for _ in range(4)]

    assert done == [2, 2, 1, 0]
    late = Step.objects.filter(kind="breached").order_by("pk").values_list("handoff", flat=True)
    assert list(late) == ids[::-1]


def test_nothing_is_marked_when_what_follows_from_it_fails(waiting):
    """As with a worker that is killed before the commit: the next one does all of it."""

    def fail(_changes):
        raise RuntimeError("the notice cannot be written")

    with pytest.raises(RuntimeError):
        run_clocks(now=at("02T15:00"), tell=fail)
    assert again(waiting).breached_at is None and kinds_of(waiting) == []

    run_clocks(now=at("02T15:00"))
    assert kinds_of(waiting) == ["breached", "escalated"]


def test_clocks_that_rest_write_nothing(waiting):
    with CaptureQueriesContext(connection) as asked:
        assert run_clocks(now=at("02T10:00")) == 0
    assert len(asked) == 2
    assert all(one["sql"].startswith("SELECT") for one in asked)


# -- a worker that is killed, and several at once ------------------------------------------------------------------


def run_and_die(when, tmp_path):
    """Run the clocks in a process of their own that kills itself: *inside* the transaction, or *after* it."""
    database = connection.settings_dict
    address = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        address = f"postgresql://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    tell = "die" if when == "inside" else "tell_nobody"
    said = (
        "import os, signal, django; django.setup(); from datetime import datetime; "
        "from leadline.web.handoff.clocks import run_clocks, tell_nobody; "
        "die = lambda *_: os.kill(os.getpid(), signal.SIGKILL); "
        f"run_clocks(now=datetime.fromisoformat({at('02T15:00').isoformat()!r}), tell={tell}); die()"
    )
    settings = {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "leadline.web.config.settings"}
    environment = os.environ | settings | {"LEADLINE_DATA": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", said], env=environment, capture_output=True, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("when", "left"), [("inside", 1), ("after", 0)])
def test_what_a_killed_worker_began_is_done_once(northwind, tmp_path, when, left):
    late = opened(northwind)

    run_and_die(when, tmp_path)

    assert (again(late).breached_at is None) == (when == "inside")
    assert run_clocks(now=at("02T15:01")) == left
    assert kinds_of(late) == ["breached", "escalated"]


def together(*acts):
    """Do things at the same time, each over a connection of its own; return what each returned or raised."""
    ready, results = threading.Barrier(len(acts)), [None] * len(acts)

    def do(place, act):
        try:
            ready.wait(10)
            results[place] = act()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results[place] = error
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=do, args=one) for one in enumerate(acts)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    return results


@pytest.mark.django_db(transaction=True)
def test_four_workers_mark_each_hand_off_once(northwind):
    for number in range(40):
        opened(northwind, f"Lead {number}")
    told = []

    def work():
        while (
            run_clocks(now=at("02T15:00"), tell=told.extend, most=3)
            or HandOff.objects.filter(breached_at=None).exists()
        ):
            pass

    assert together(*[work] * 4) == [None] * 4
    kinds = Counter(Step.objects.values_list("handoff", "kind"))
    assert len(kinds) == 80 and set(kinds.values()) == {1}
    assert len(told) == 80


@pytest.mark.django_db(transaction=True)
def test_a_hand_off_is_claimed_or_late_and_never_late_after_the_claim(northwind, omar):
    """Twenty races of a claim with the clock. The claim always comes through: the clock takes no revision from it."""
    for number in range(20):
        one = opened(northwind, f"Lead {number}")
        results = together(
            lambda pk=one.pk: claim(pk, by=omar, now=at("02T15:00")).state, lambda: run_clocks(now=at("02T15:00"))
        )
        assert results[0] == State.CLAIMED, results
        kinds = kinds_of(one)
        assert kinds.index("claimed") in (0, 2), kinds
        assert kinds in (["claimed"], ["breached", "escalated", "claimed"]), kinds
        assert results[1] == (len(kinds) == 3)
