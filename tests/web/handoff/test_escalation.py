"""Who is told when an answer is late, and what follows: by the owner, the managers, the next in the turns, the administrators, in time."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.web.conftest import member
from tests.web.handoff.teams.world import TOML, handoff, lead, seat, team
from tests.web.pages.world import make_live

from leadline.engine.playbook.model import HandOff as HandOffSpec
from leadline.web.accounts.models import User
from leadline.web.handoff import escalation
from leadline.web.handoff.actions import claim, release
from leadline.web.handoff.clocks import calendar_for, clock_columns, run_clocks
from leadline.web.handoff.escalation import follow_up
from leadline.web.handoff.models import HandOff, Step, Team, WorkCalendar
from leadline.web.handoff.routing import WAS_LATE, explain_route, replay_route, route_on
from leadline.web.notices.models import Notice
from leadline.web.notices.tell import handoffs_changed

pytestmark = pytest.mark.django_db
OFFICE = [[["09:00", "17:00"]]] * 5 + [[], []]


def at(text):
    """A moment of March 2026 in Berlin: ``at("02T15:00")`` is a Monday."""
    return datetime.fromisoformat(f"2026-03-{text}+01:00").astimezone(UTC)


@pytest.fixture
def reps(northwind):
    make_live(northwind, TOML)
    return {name: seat(northwind, name) for name in ("Ana", "Bo", "Cem")}


@pytest.fixture
def sales(northwind, reps):
    member(northwind, "Ines", "manager")
    member(northwind, "Ada", "admin")
    found = team(northwind, "inbound", *reps.values())
    Team.objects.filter(pk=found.pk).update(gives_on=True, raises_after=3)
    found.refresh_from_db()
    return found


def waiting(team_of, owner, **more):
    moments = {"opened_at": at("02T09:00"), "warn_at": at("02T13:00"), "respond_by": at("02T15:00")}
    return handoff(lead(team_of.workspace), owner, team=team_of, **(moments | more))


def tick(moment):
    """Let the worker look at its clocks as it does every second."""
    return run_clocks(now=moment, tell=handoffs_changed) + follow_up(now=moment, tell=handoffs_changed)


def kinds(one):
    return [str(kind) for kind in Step.objects.filter(handoff=one).order_by("pk").values_list("kind", flat=True)]


def told(since=0):
    rows = Notice.objects.filter(pk__gt=since).values_list("user__name", "kind")
    return sorted(f"{name}: {kind}" for name, kind in rows)


def test_first_the_owner_then_the_managers_then_the_next_and_at_last_the_administrators(sales, reps):
    late = waiting(sales, reps["Ana"].user)

    tick(at("02T13:00"))
    assert told() == ["Ana: warned"]
    tick(at("02T15:00"))
    assert told() == ["Ana: late", "Ana: moved", "Ana: warned", "Bo: yours", "Ines: escalated"]
    late.refresh_from_db()
    assert (late.owner, late.state, late.breached_at) == (reps["Bo"].user, "waiting", at("02T15:00"))
    assert late.respond_by == at("02T15:00"), "what is late stays late, whoever has it"

    last = Notice.objects.latest("pk").pk
    assert tick(at("03T09:59")) == 0, "three working hours later is ten o'clock of the next day"
    assert tick(at("03T10:00")) == 1
    assert told(last) == ["Ada: escalated"]
    assert kinds(late) == ["warned", "breached", "escalated", "routed", "escalated"]
    assert tick(at("09T10:00")) == 0, "and nothing twice"


def test_it_says_why_it_went_on_and_can_be_replayed(sales, reps):
    late = waiting(sales, reps["Ana"].user)
    tick(at("02T15:00"))
    late.refresh_from_db()

    assert late.route["inputs"]["new_owner"] == WAS_LATE
    assert replay_route(late).is_same
    assert "Ana" in dict(explain_route(late).others)
    assert explain_route(late).team == f"It stays with {sales.slug}: it was given on within the team."
    assert Team.objects.get(pk=sales.pk).last_seat == reps["Bo"], "it took Bo's turn"


def test_where_nobody_else_is_free_it_stays_and_is_asked_once(sales, reps):
    for name in ("Bo", "Cem"):
        reps[name].is_open = False
        reps[name].save()
    late = waiting(sales, reps["Ana"].user)
    assert tick(at("02T15:00")) == 2
    late.refresh_from_db()

    assert (late.owner, late.gives_on) == (reps["Ana"].user, False)
    assert kinds(late) == ["breached", "escalated"]
    assert tick(at("02T15:01")) == 0


def test_one_that_nobody_has_goes_to_the_next_too(sales, reps):
    late = waiting(sales, None)
    tick(at("02T15:00"))
    late.refresh_from_db()
    assert late.owner == reps["Ana"].user


def test_the_time_until_the_administrators_counts_from_when_it_was_due(sales, reps):
    """Not from when the worker noticed it; and one that was put off waits for the next no longer."""
    late = waiting(sales, reps["Ana"].user, snoozed_until=at("05T09:00"))
    tick(at("02T16:30"))
    late.refresh_from_db()
    assert late.raise_at == at("03T10:00")
    assert (late.owner, late.snoozed_until) == (reps["Bo"].user, None)


def test_a_turn_is_not_used_up_when_somebody_was_faster(sales, reps, monkeypatch):
    late = waiting(sales, reps["Ana"].user)
    run_clocks(now=at("02T15:00"))

    def slowly(*given, **more):
        HandOff.objects.update(revision=9)
        return route_on(*given, **more)

    monkeypatch.setattr(escalation, "route_on", slowly)
    follow_up(now=at("02T15:00"))
    late.refresh_from_db()
    assert (late.owner, late.gives_on) == (reps["Ana"].user, True)
    assert Team.objects.get(pk=sales.pk).last_seat is None


def test_whoever_claims_in_time_keeps_it_and_nothing_is_raised(sales, reps):
    late = waiting(sales, reps["Ana"].user)
    run_clocks(now=at("02T15:00"), tell=handoffs_changed)
    claim(late.pk, by=reps["Ana"].user, now=at("02T15:00"))

    assert follow_up(now=at("04T15:00")) == 0
    assert HandOff.objects.get().owner == reps["Ana"].user
    release(late.pk, by=reps["Ana"].user, now=at("04T15:00"))
    assert follow_up(now=at("04T15:01")) == 2, "it waits again, late for too long"


def test_a_team_that_says_nothing_leaves_it_with_the_managers(northwind, sales, reps):
    Team.objects.update(gives_on=False, raises_after=None)
    late = waiting(sales, reps["Ana"].user)
    tick(at("02T15:00"))
    assert tick(at("30T15:00")) == 0
    assert kinds(late) == ["breached", "escalated"]


def test_what_is_late_when_the_setting_changes_stays_where_it_is(sales, reps):
    """The setting counts as it is when something becomes late: nobody's queue moves because a box was ticked."""
    Team.objects.update(gives_on=False, raises_after=None)
    late = waiting(sales, reps["Ana"].user)
    tick(at("02T15:00"))
    Team.objects.update(gives_on=True, raises_after=1)

    assert tick(at("09T15:00")) == 0
    late.refresh_from_db()
    assert late.owner == reps["Ana"].user


def test_calendars_are_read_once_for_many_that_are_late(sales, reps):
    Team.objects.update(gives_on=False)
    for _ in range(6):
        waiting(sales, reps["Ana"].user)
    with CaptureQueriesContext(connection) as asked:
        run_clocks(now=at("02T15:00"))
    assert sum('FROM "handoff_workcalendar"' in one["sql"] for one in asked) == 1
    assert len({one.raise_at for one in HandOff.objects.all()}) == 1


def test_nothing_is_given_on_when_what_follows_from_it_fails(sales, reps):
    late = waiting(sales, reps["Ana"].user)
    run_clocks(now=at("02T15:00"))

    def fail(_changes):
        raise RuntimeError("the notice cannot be written")

    with pytest.raises(RuntimeError):
        follow_up(now=at("02T15:00"), tell=fail)
    late.refresh_from_db()
    assert (late.owner, late.gives_on) == (reps["Ana"].user, True)
    assert Team.objects.get(pk=sales.pk).last_seat is None, "and the turn is not used up"


# -- by whose hours ----------------------------------------------------------------------------------------------------


def test_a_teams_hours_count_for_its_people_without_their_own_and_for_what_nobody_has(northwind, sales, reps):
    night = WorkCalendar.objects.create(workspace=northwind, name="Night", timezone="Europe/Berlin", hours=OFFICE)
    own = WorkCalendar.objects.create(workspace=northwind, name="Own", timezone="Asia/Tokyo", hours=OFFICE)
    usual = WorkCalendar.objects.create(
        workspace=northwind, name="Usual", timezone="America/New_York", hours=OFFICE, is_default=True
    )
    reps["Bo"].calendar = own
    reps["Bo"].save()
    assert calendar_for(northwind, reps["Ana"].user, sales) == usual
    sales.calendar = night
    sales.save()

    assert calendar_for(northwind, reps["Ana"].user, sales) == night
    assert calendar_for(northwind, None, sales) == night
    assert calendar_for(northwind, reps["Bo"].user, sales) == own
    assert calendar_for(northwind, reps["Ana"].user) == usual
    spec = HandOffSpec(qualifications=("mql",), respond_within_hours=4)
    new = waiting(sales, reps["Ana"].user)
    assert clock_columns(new, owner=reps["Ana"].user, spec=spec)["respond_by"] == at("02T13:00")
    assert clock_columns(new, owner=reps["Bo"].user, spec=spec)["respond_by"] == at("03T05:00")
    night.delete()
    assert calendar_for(northwind, None, Team.objects.get(pk=sales.pk)) == usual, "back to the workspace's"


def test_the_page_of_a_team_says_all_of_it(northwind, elsewhere, sales):
    ines = Client()
    ines.force_login(User.objects.get(name="Ines"))
    night = WorkCalendar.objects.create(workspace=northwind, name="Night", timezone="Europe/Berlin", hours=OFFICE)
    theirs = WorkCalendar.objects.create(workspace=elsewhere, name="Theirs", timezone="Europe/Berlin", hours=OFFICE)
    page = reverse("team", args=[sales.pk])
    said = {"slug": "inbound", "name": "Inbound", "calendar": night.pk, "raises_after": "8"}

    assert ines.post(page, said).status_code == 302
    sales.refresh_from_db()
    assert (sales.calendar, sales.gives_on, sales.raises_after) == (night, False, 8)
    for wrong in ({"calendar": theirs.pk}, {"raises_after": "0"}, {"raises_after": "soon"}):
        assert ines.post(page, said | wrong).status_code == 422
    assert ines.post(page, {"slug": "inbound", "name": "Inbound", "gives_on": "on"}).status_code == 302
    sales.refresh_from_db()
    assert (sales.calendar, sales.gives_on, sales.raises_after) == (None, True, None)
    text = ines.get(page).content.decode()
    assert 'name="gives_on"' in text and "checked" in text
