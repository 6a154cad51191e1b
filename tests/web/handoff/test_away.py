"""What is open with somebody whose absence begins: it stays, unless their team says that it is given on; then by turns, explained, once."""

from datetime import date

import pytest
from tests.web.handoff.teams.world import TOML, handoff, lead, seat, team
from tests.web.handoff.test_escalation import at, kinds, told
from tests.web.pages.world import make_live

from leadline.web.accounts.models import Membership
from leadline.web.flow import handoffs_changed
from leadline.web.handoff import away
from leadline.web.handoff.actions import NotPossibleError, share_out
from leadline.web.handoff.away import falls_due, follow_absences, open_while_away, with_who_is_away
from leadline.web.handoff.escalation import give_on
from leadline.web.handoff.models import Absence, HandOff, Step, Team
from leadline.web.handoff.routing import IS_AWAY, explain_route, replay_route
from leadline.web.handoff.teams.actions import add_absence

pytestmark = pytest.mark.django_db
BEGINS = at("04T00:00")
BEFORE = at("03T12:00")


@pytest.fixture
def reps(northwind):
    make_live(northwind, TOML)
    return {name: seat(northwind, name) for name in ("Ana", "Bo", "Cem")}


@pytest.fixture
def inbound(northwind, reps):
    """A team that gives on what is open with who is away."""
    found = team(northwind, "inbound", *reps.values())
    Team.objects.update(gives_on_away=True)
    found.refresh_from_db()
    return found


@pytest.fixture
def absence(northwind, reps):
    """Ana is away on Wednesday and Thursday."""
    ana = Membership.objects.get(user=reps["Ana"].user)
    return add_absence(ana, first=date(2026, 3, 4), last=date(2026, 3, 5), why="A holiday")


def waiting(inbound, owner, name="Ada", due="04T15:00", **more):
    moments = {"opened_at": at("02T09:00"), "warn_at": at(due), "respond_by": at(due)}
    return handoff(lead(inbound.workspace, name), owner.user, team=inbound, **(moments | more))


def follow(moment=BEGINS):
    return follow_absences(now=moment, tell=handoffs_changed)


def owners():
    return dict(HandOff.objects.values_list("lead__name", "owner__name"))


def test_nothing_moves_before_the_absence_begins_nor_where_the_team_does_not_say_so(inbound, reps, absence):
    waiting(inbound, reps["Ana"])
    assert follow(BEFORE) == 0 and owners() == {"Ada": "Ana"}

    Team.objects.update(gives_on_away=False)
    assert follow() == 1
    assert owners() == {"Ada": "Ana"} and not Step.objects.exists()


def test_when_it_begins_what_falls_due_goes_to_the_next_and_everybody_can_see_why(inbound, reps, absence):
    one = waiting(inbound, reps["Ana"])

    assert follow() == 1

    one.refresh_from_db()
    assert (one.owner, one.state) == (reps["Bo"].user, "waiting")
    assert kinds(one) == ["routed"]
    assert Step.objects.get().said == {"why": "away", "to": "Bo"}
    assert one.route["inputs"]["new_owner"] == IS_AWAY and replay_route(one).is_same
    assert IS_AWAY in dict(explain_route(one).others)["Ana"]
    assert told() == ["Ana: moved", "Bo: yours"]


def test_what_is_due_when_they_are_back_what_they_claimed_and_what_is_of_others_stays(
    inbound, reps, absence, northwind
):
    waiting(inbound, reps["Ana"], "Due on Friday", due="06T10:00")
    waiting(inbound, reps["Ana"], "Claimed", state="claimed", claimed_at=BEFORE)
    waiting(inbound, reps["Ana"], "No promise", respond_by=None, warn_at=None)
    waiting(inbound, reps["Cem"], "Of Cem")
    other = team(northwind, "enterprise", reps["Ana"], reps["Bo"])
    waiting(other, reps["Ana"], "Of a team that says nothing")

    follow()

    assert set(owners().values()) == {"Ana", "Cem"} and not Step.objects.exists()


def test_one_that_is_late_already_goes_and_stays_late(inbound, reps, absence):
    late = waiting(inbound, reps["Ana"], due="03T10:00", breached_at=at("03T10:00"))

    follow()

    late.refresh_from_db()
    assert (late.owner.name, late.respond_by, late.breached_at) == ("Bo", at("03T10:00"), at("03T10:00"))


def test_an_absence_is_followed_once(inbound, reps, absence):
    follow()
    waiting(inbound, reps["Ana"])  # a manager gave it to her all the same

    assert follow(at("04T09:00")) == 0 and owners() == {"Ada": "Ana"}


def test_where_nobody_is_free_it_stays_and_managers_find_it(inbound, reps, absence, northwind):
    one = waiting(inbound, reps["Ana"])
    for name in ("Bo", "Cem"):
        Absence.objects.create(workspace=northwind, seat=reps[name], begins_at=BEFORE, ends_at=at("06T00:00"))

    follow()

    assert owners() == {"Ada": "Ana"}
    assert HandOff.objects.filter(with_who_is_away(northwind.pk, now=BEGINS)).get() == one
    assert not HandOff.objects.filter(with_who_is_away(northwind.pk, now=at("06T00:00"))).exists()


def test_a_worker_that_ended_halfway_begins_again_with_the_rest(inbound, reps, absence, monkeypatch):
    for name in ("Ada", "Bea"):
        waiting(inbound, reps["Ana"], name)

    def ends(pk, *others, **more):
        if owners()["Ada"] != "Ana":
            raise KeyboardInterrupt
        return give_on(pk, *others, **more)

    monkeypatch.setattr(away, "give_on", ends)
    with pytest.raises(KeyboardInterrupt):
        follow()
    monkeypatch.undo()
    assert sorted(owners().values()) == ["Ana", "Bo"]

    assert follow() == 1
    assert sorted(owners().values()) == ["Bo", "Cem"] and Step.objects.count() == 2


def test_an_absence_of_another_workspace_moves_nothing_here(inbound, reps, northwind):
    from leadline.web.accounts.actions import make_workspace

    waiting(inbound, reps["Ana"])
    elsewhere = make_workspace("Elsewhere", "UTC")
    theirs = seat(elsewhere, "Olga")
    theirs.user = reps["Ana"].user
    theirs.save()
    Absence.objects.create(workspace=elsewhere, seat=theirs, begins_at=BEFORE, ends_at=at("06T00:00"))

    assert follow() == 1 and owners() == {"Ada": "Ana"}


def test_before_it_begins_only_what_falls_due_in_it_is_shown(inbound, reps, absence):
    waiting(inbound, reps["Ana"], "In it")
    waiting(inbound, reps["Ana"], "Before", due="03T16:00")

    shown = open_while_away(absence, now=BEFORE)
    assert ([str(one.lead) for one in shown.due], [str(one.lead) for one in shown.others]) == (["In it"], ["Before"])
    assert HandOff.objects.filter(falls_due(absence, now=BEGINS)).count() == 2


def test_giving_on_by_hand_says_that_somebody_is_away_and_is_refused_where_they_have_it_no_more(inbound, reps, absence):
    one, ana = waiting(inbound, reps["Ana"]), reps["Ana"].user

    share_out(inbound.workspace_id, [one.pk], to=None, by=ana, now=BEFORE, who_is_away=ana)
    one.refresh_from_db()
    assert one.owner.name == "Bo" and one.route["inputs"]["new_owner"] == IS_AWAY

    with pytest.raises(NotPossibleError, match="is not with Ana any more"):
        share_out(inbound.workspace_id, [one.pk], to=None, by=ana, now=BEFORE, who_is_away=ana)
