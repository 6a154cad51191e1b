"""Hand-offs are routed by what stands in the database: routes, turns, hands, absences, who knows the lead; fair for two workers at once."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from tests.web.handoff.teams.world import NOW, TOML, handoff, lead, seat, team
from tests.web.pages.world import make_live

from leadline.web.accounts.models import Membership
from leadline.web.handoff.models import Absence, HandOff, Team
from leadline.web.handoff.routing import explain_route, replay_route, route, route_many, try_route
from leadline.web.leads.models import Company, Fact, Outcome

pytestmark = pytest.mark.django_db
State = HandOff.State


@pytest.fixture
def version(northwind):
    return make_live(northwind, TOML)


@pytest.fixture
def ana(northwind):
    return seat(northwind, "Ana")


@pytest.fixture
def bo(northwind):
    return seat(northwind, "Bo")


@pytest.fixture
def inbound(northwind, ana, bo):
    return team(northwind, "inbound", ana, bo)


def says(about, field, value):
    Fact.objects.create(
        workspace_id=about.workspace_id,
        **({"lead": about, "first_lead": about} if hasattr(about, "first_seen_at") else {"company": about}),
        field=field, value=value, source="crm", known_at=NOW - timedelta(days=1), recorded_at=NOW - timedelta(days=1),
    )  # fmt: skip


def decided(about, outcome, reason, *, days_ago):
    at = NOW - timedelta(days=days_ago)
    Outcome.objects.create(
        workspace_id=about.workspace_id, lead=about, first_lead=about, outcome=outcome, reason=reason, at=at,
        recorded_at=at, outcome_id=f"{about.pk}-{days_ago}", source="people",
    )  # fmt: skip


def opened(version, about, **columns):
    """Route and open, as whoever opens hand-offs does."""
    with transaction.atomic():
        found = route(version, about, now=NOW)
        return handoff(about, team=found.team, owner_id=found.owner_id, route=found.stored, **columns)


# -- routes -----------------------------------------------------------------------------------------------------------


def test_the_first_route_that_holds_leads_to_its_team_and_otherwise_to_the_rest(northwind, version, inbound, ana):
    enterprise, regional = team(northwind, "enterprise", ana), team(northwind, "regional", ana)
    big = Company.objects.create(workspace=northwind, key="domain:big.example")
    says(big, "employees", 1200)
    of_big, german, other = lead(northwind, company=big), lead(northwind), lead(northwind)
    says(of_big, "country", "DE")
    says(german, "country", "de")
    says(other, "country", "FR")

    with transaction.atomic():
        found = route_many(version, [of_big, german, other], now=NOW)
    assert [one.team for one in found] == [enterprise, regional, inbound]
    assert found[0].words.team == "To enterprise, because the company's employees is at least 1000."
    assert found[2].words.team == "To inbound, since no route holds."


def test_what_was_said_after_the_opening_does_not_count(northwind, version, inbound):
    team(northwind, "regional")
    german = lead(northwind)
    says(german, "country", "DE")

    assert try_route(version, german, now=NOW).team.slug == "regional"
    assert try_route(version, german, now=NOW - timedelta(days=2)).team == inbound


def test_a_team_that_is_missing_falls_to_otherwise_and_then_to_nobody(northwind, version, elsewhere):
    team(elsewhere, "regional", seat(elsewhere, "Zoe"))
    german = lead(northwind)
    says(german, "country", "DE")

    found = try_route(version, german, now=NOW)
    assert (found.team, found.owner_id, found.decision.how) == (None, None, "nobody")
    assert (
        "To regional, because the lead's country is DE. There is no such team. Otherwise to inbound."
        in found.words.team
    )

    theirs = team(northwind, "inbound", seat(northwind, "Ana"))
    assert try_route(version, german, now=NOW).team == theirs


# -- who is free -----------------------------------------------------------------------------------------------------


def test_turns_go_around_and_the_team_keeps_in_mind_whose_it_was(northwind, version, inbound, ana, bo):
    found = [opened(version, lead(northwind)).owner for _ in range(5)]

    assert found == [ana.user, bo.user, ana.user, bo.user, ana.user]
    inbound.refresh_from_db()
    assert inbound.last_seat == ana


def test_open_handoffs_fill_hands_and_closed_ones_do_not(northwind, version, inbound, ana, bo):
    ana.capacity = 2
    ana.save()
    bo.is_open = False
    bo.save()
    handoff(lead(northwind), ana.user, state=State.CLAIMED, claimed_at=NOW)
    handoff(lead(northwind), ana.user, state=State.ACCEPTED)

    first, second = opened(version, lead(northwind)), opened(version, lead(northwind))
    assert (first.owner, second.owner, second.team) == (ana.user, None, inbound)
    assert dict(explain_route(second).others) == {
        "Ana": "has 2 open and works 2 at once",
        "Bo": "takes no new hand-offs now",
    }


def test_who_is_out_of_office_now_is_passed_over_and_it_says_until_when_in_the_workspaces_zone(
    northwind, version, inbound, ana, bo
):
    day = timedelta(days=1)
    at = {"workspace": northwind, "seat": ana}
    Absence.objects.create(**at, begins_at=NOW - day, ends_at=NOW + 2 * day)
    Absence.objects.create(**at, begins_at=NOW - day, ends_at=NOW + day)
    Absence.objects.create(**{**at, "seat": bo}, begins_at=NOW + day, ends_at=NOW + 2 * day)
    Absence.objects.create(**{**at, "seat": bo}, begins_at=NOW - day, ends_at=NOW)

    found = opened(version, lead(northwind))
    assert found.owner == bo.user
    assert explain_route(found).others == (("Ana", "is away until 2026-03-04 10:00"),)


@pytest.mark.parametrize("change", [{"role": "viewer"}, None])
def test_who_works_no_leads_any_more_or_is_no_member_is_passed_over(northwind, version, inbound, ana, bo, change):
    membership = Membership.objects.filter(user=ana.user)
    membership.update(**change) if change else membership.delete()
    had = lead(northwind)
    handoff(had, ana.user, days_ago=9, state=State.RECYCLED)

    assert [opened(version, one).owner for one in (lead(northwind), had)] == [bo.user, bo.user]


# -- who knows the lead ----------------------------------------------------------------------------------------------


def test_a_lead_that_returns_goes_to_who_had_it_last_and_takes_no_turn(northwind, version, inbound, ana, bo):
    back = lead(northwind)
    handoff(back, ana.user, days_ago=40, state=State.REJECTED, qualification="pql")
    handoff(back, bo.user, days_ago=20, state=State.RECYCLED)
    handoff(back, None, days_ago=10, state=State.COOLED)

    found = opened(version, back)
    assert found.owner == bo.user
    assert explain_route(found).owner == "To Bo, who had this lead before."
    assert opened(version, lead(northwind)).owner == ana.user, "the turns begin where they were"


def test_what_a_lead_had_before_it_was_merged_counts(northwind, version, inbound, bo):
    survivor = lead(northwind)
    gone = lead(northwind, "Bea", merged_into=survivor)
    handoff(gone, bo.user, days_ago=20, state=State.MERGED)

    assert opened(version, survivor).owner == bo.user


def test_who_had_it_and_has_no_seat_is_named_and_passed_over(northwind, version, inbound, ana, maria):
    back = lead(northwind)
    handoff(back, maria, days_ago=20, state=State.RECYCLED)

    found = opened(version, back)
    assert found.owner == ana.user
    assert ("Maria", "works no hand-offs now") in explain_route(found).others


@pytest.mark.parametrize(
    ("columns", "is_known"),
    [
        ({"state": State.CLAIMED, "claimed_at": NOW - timedelta(days=179)}, True),
        ({"state": State.REJECTED, "claimed_at": NOW - timedelta(days=179)}, True),
        ({"state": State.ACCEPTED, "decided_at": NOW - timedelta(days=179)}, True),
        ({"state": State.REJECTED, "decided_at": NOW - timedelta(days=1)}, False),
        ({"state": State.CLAIMED, "claimed_at": NOW - timedelta(days=181)}, False),
        ({"state": State.WAITING}, False),
    ],
)
def test_somebody_else_of_a_company_goes_to_who_works_it(northwind, version, inbound, ana, bo, columns, is_known):
    company = Company.objects.create(workspace=northwind, key="domain:acme.example")
    handoff(lead(northwind, company=company), bo.user, days_ago=200, **columns)

    found = opened(version, lead(northwind, "Bea", company=company))
    assert found.owner == (bo.user if is_known else ana.user)
    assert ("has others of this company" in explain_route(found).owner) is is_known


def test_of_two_who_work_a_company_the_later_one_gets_it_and_who_had_the_lead_before_both(
    northwind, version, inbound, ana, bo
):
    company = Company.objects.create(workspace=northwind, key="domain:acme.example")
    for days_ago, owner in ((30, ana), (3, bo)):
        at = NOW - timedelta(days=days_ago)
        handoff(lead(northwind, company=company), owner.user, state=State.CLAIMED, claimed_at=at)
    back = lead(northwind, company=company)
    handoff(back, ana.user, days_ago=100, state=State.RECYCLED)

    assert opened(version, lead(northwind, company=company)).owner == bo.user
    assert opened(version, back).owner == ana.user


def test_a_reason_may_ask_for_a_new_owner_who_then_keeps_the_lead(northwind, version, inbound, ana, bo):
    back = lead(northwind)
    handoff(back, ana.user, days_ago=20, state=State.REJECTED)
    decided(back, "rejected", "Chemistry", days_ago=15)

    found = opened(version, back, qualification="pql")
    assert found.owner == bo.user
    assert explain_route(found).others == (("Ana", "had this lead, and the reason “Chemistry” asks for a new owner"),)
    assert opened(version, back).owner == bo.user, "who got it after the decision is the new owner"


def test_the_last_decision_counts_and_one_that_asks_nothing_keeps_the_owner(northwind, version, inbound, ana):
    back = lead(northwind)
    handoff(back, ana.user, days_ago=20, state=State.REJECTED)
    decided(back, "rejected", "chemistry", days_ago=15)
    decided(back, "rejected", "timing", days_ago=5)
    decided(back, "won", "", days_ago=1)

    assert opened(version, back).owner == ana.user


# -- many, and at once -------------------------------------------------------------------------------------------------


def test_many_at_once_are_routed_as_one_by_one_would_be(northwind, version, inbound, ana, bo):
    ana.capacity = 2
    ana.save()
    twice = lead(northwind, "Twice")
    leads = [twice, *(lead(northwind) for _ in range(5)), twice]

    with transaction.atomic():
        found = route_many(version, leads, now=NOW)
    names = [one.owner_id for one in found]
    assert names == [ana.user_id, *[bo.user_id, ana.user_id, bo.user_id, bo.user_id, bo.user_id], ana.user_id]
    assert found[-1].decision.how == "sticky"
    inbound.refresh_from_db()
    assert inbound.last_seat == bo


def test_the_number_of_queries_does_not_grow_with_the_leads(northwind, version, inbound, bo, maria):
    company = Company.objects.create(workspace=northwind, key="domain:acme.example")
    leads = []
    for number in range(40):
        one = lead(northwind, f"L{number}", company=company if number % 3 else None)
        says(one, "country", "FR")
        decided(one, "rejected", "chemistry", days_ago=5)
        handoff(one, bo.user if number % 2 else maria, days_ago=20, state=State.REJECTED)
        leads.append(one)

    def queries(some):
        with transaction.atomic(), CaptureQueriesContext(connection) as seen:
            route_many(version, some, now=NOW)
        return len(seen)

    assert max(queries(leads), queries(leads[:2])) <= 18


def test_trying_moves_nothing_and_routing_needs_a_transaction(northwind, version, inbound, ana, transactional_db):
    about = lead(northwind)

    assert [try_route(version, about, now=NOW).owner_id for _ in range(2)] == [ana.user_id] * 2
    inbound.refresh_from_db()
    assert inbound.last_seat is None
    with pytest.raises(TransactionManagementError):
        route(version, about, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_take_turns_and_fill_nobodys_hands_twice(northwind, version):
    seats = [seat(northwind, name, capacity=12) for name in ("Ana", "Bo", "Cy")]
    team(northwind, "inbound", *seats)
    leads = [lead(northwind, f"L{number}") for number in range(40)]
    barrier, wrong = threading.Barrier(2), []

    def work(mine):
        try:
            barrier.wait()
            for one in mine:
                opened(version, one)
        except Exception as error:  # noqa: BLE001 - a thread's error would be lost
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(leads[start::2],)) for start in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not wrong
    got = Counter(HandOff.objects.order_by("pk").values_list("owner", flat=True))
    assert got == {**{one.user_id: 12 for one in seats}, None: 4}
    firsts = HandOff.objects.exclude(owner=None).order_by("pk").values_list("owner", flat=True)
    assert Counter(list(firsts)[:18]) == {one.user_id: 6 for one in seats}, "in each round everybody once"
    assert all(replay_route(one).is_same for one in HandOff.objects.all())


# -- replayed --------------------------------------------------------------------------------------------------------


def test_a_stored_decision_is_replayed_whatever_has_changed_since_and_a_forged_one_differs(
    northwind, version, inbound, ana, bo
):
    found = opened(version, lead(northwind))
    Team.objects.all().delete()
    bo.delete()
    found.refresh_from_db()

    assert replay_route(found).is_same
    found.route["decision"]["owner"] = 4711
    assert not replay_route(found).is_same
    assert replay_route(handoff(lead(northwind))) is None
    assert explain_route(handoff(lead(northwind))) is None
