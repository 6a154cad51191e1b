"""Hand-offs follow spells: they open once, cool, are withdrawn, follow merges, and do not come back once they are decided."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from tests.web.pages.rows import make_lead, qualify

from leadline.web.assessments.models import Spell
from leadline.web.handoff.actions import claim, decide
from leadline.web.handoff.models import HandOff, Step
from leadline.web.handoff.opening import find_left_over, find_missing, reconcile, sweep
from leadline.web.leads.merging import merge_leads
from leadline.web.leads.models import Lead, Outcome


@pytest.fixture
def maya(northwind, live):
    lead = make_lead(northwind, "Maya Mensah")
    qualify(lead, live, rank=500_000, reasons="country:30")
    return lead


def fit(version, *leads, **more):
    with transaction.atomic():
        return reconcile(version, [one.pk for one in leads], **more)


def kinds(handoff):
    return list(handoff.steps.order_by("pk").values_list("kind", flat=True))


def end(spell, at=None):
    Spell.objects.filter(pk=spell.pk).update(ended_at=at or timezone.now(), ended_by="stay")


def test_a_spell_opens_one_hand_off_with_all_that_makes_it_urgent(live, maya):
    given = {"country": 300_000, "visits": 20_000, "student": -10_000}
    Spell.objects.update(evidence={"contributions": given})
    heard = []
    changes = fit(live, maya, tell=heard.extend)
    handoff = HandOff.objects.get()

    assert (handoff.lead, handoff.qualification, handoff.state, handoff.number) == (maya, "mql", "waiting", 1)
    assert (handoff.rank, handoff.because, handoff.version_number) == (500_000, "country:30", live.number)
    assert handoff.brought_by == "country visits"
    assert handoff.opened_at < handoff.warn_at < handoff.respond_by
    assert kinds(handoff) == ["opened"]
    assert [(one.kind, one.lead_id, one.by_id) for one in heard] == [("opened", maya.pk, None)]
    assert changes == heard


def test_doing_it_twice_changes_nothing(live, maya):
    fit(live, maya)
    assert fit(live, maya) == []
    assert not find_missing(live).exists()
    assert sweep(live) == 0
    assert HandOff.objects.count() == 1


def test_visitors_and_merged_leads_are_handed_to_nobody(live, maya, northwind):
    Lead.objects.filter(pk=maya.pk).update(is_known=False)
    assert fit(live, maya) == []
    Lead.objects.filter(pk=maya.pk).update(is_known=True, merged_into=make_lead(northwind, "Bo"))
    assert fit(live, maya) == []
    assert not find_missing(live).exists()


def test_a_qualification_that_the_playbook_does_not_hand_over_opens_nothing(live, northwind):
    lead = make_lead(northwind, "Bo")
    qualify(lead, live, level="pql")

    assert fit(live, lead) == []


def test_one_that_cools_before_anybody_claimed_it_leaves_the_queue(live, maya):
    fit(live, maya)
    end(Spell.objects.get())
    changes = fit(live, maya)
    handoff = HandOff.objects.get()

    assert (handoff.state, [one.kind for one in changes]) == ("cooled", ["cooled"])
    assert handoff.cooled_at is not None


def test_who_works_on_one_that_cools_keeps_it_and_is_told(live, maya, omar):
    fit(live, maya)
    claim(HandOff.objects.get().pk, by=omar)
    ended_at = timezone.now() - timedelta(hours=5)
    end(Spell.objects.get(), ended_at)
    fit(live, maya)
    assert fit(live, maya) == []
    handoff = HandOff.objects.get()

    assert (handoff.state, handoff.owner) == ("claimed", omar)
    assert handoff.cooled_at == ended_at, "when the spell ended, not when that was noticed"
    assert kinds(handoff) == ["opened", "claimed", "cooled"]

    Spell.objects.update(ended_at=None, ended_by="")
    fit(live, maya)
    assert HandOff.objects.get().cooled_at is None, "they are warm again"


def test_a_spell_that_no_longer_stands_withdraws_its_hand_off(live, maya):
    fit(live, maya)
    Spell.objects.all().delete()
    fit(live, maya)

    assert HandOff.objects.get().state == "withdrawn"


def test_a_spell_that_is_open_again_reopens_its_hand_off(live, maya):
    fit(live, maya)
    end(Spell.objects.get())
    fit(live, maya)
    Spell.objects.update(ended_at=None, ended_by="")
    fit(live, maya)
    handoff = HandOff.objects.get()

    assert handoff.state == "waiting"
    assert kinds(handoff) == ["opened", "cooled", "reopened"]


def test_a_spell_that_begins_after_one_that_cooled_is_a_hand_off_of_its_own(live, maya):
    fit(live, maya)
    end(Spell.objects.get())
    fit(live, maya)
    Spell.objects.update(began_at=timezone.now(), ended_at=None, ended_by="")
    assert [one.kind for one in fit(live, maya)] == ["opened"]

    assert list(HandOff.objects.order_by("pk").values_list("state", "number")) == [("cooled", 1), ("waiting", 2)]


def test_a_late_event_moves_the_beginning_and_the_hand_off_stays_one(live, maya):
    fit(live, maya)
    earlier = timezone.now() - timedelta(days=40)
    Spell.objects.update(began_at=earlier)
    assert fit(live, maya) == []

    assert HandOff.objects.get().began_at == earlier


@pytest.mark.parametrize("decision", ["accepted", "rejected"])
def test_what_was_decided_does_not_come_back_while_its_spell_lasts(live, maya, omar, decision):
    fit(live, maya)
    decide(HandOff.objects.get().pk, decision, by=omar, reason="no-interest" if decision == "rejected" else "")
    Spell.objects.update(began_at=timezone.now() - timedelta(days=50))  # a late event besides

    assert fit(live, maya) == []
    assert not find_missing(live).exists()


def test_a_new_spell_is_a_new_hand_off_and_says_which_time_it_is(live, maya, omar):
    fit(live, maya)
    decide(HandOff.objects.get().pk, "rejected", by=omar, reason="no-interest")
    Spell.objects.update(began_at=timezone.now() + timedelta(seconds=1))
    fit(live, maya, now=timezone.now() + timedelta(seconds=2))

    assert list(HandOff.objects.order_by("pk").values_list("state", "number")) == [("rejected", 1), ("waiting", 2)]


@pytest.mark.parametrize("outcome", ["accepted", "opportunity", "won", "disqualified"])
def test_what_was_decided_elsewhere_is_not_handed_over(live, maya, northwind, outcome):
    now = timezone.now()
    Outcome.objects.create(
        workspace=northwind,
        lead=maya,
        first_lead=maya,
        outcome=outcome,
        at=now,
        recorded_at=now,
        outcome_id="1",
        source="crm",
    )
    assert fit(live, maya) == []
    assert not find_missing(live).exists()

    Outcome.objects.update(at=now - timedelta(days=60))
    assert find_missing(live).count() == 1
    assert [one.kind for one in fit(live, maya)] == ["opened"]


# -- merges --------------------------------------------------------------------------------------------------------------


def test_a_hand_off_follows_a_merge(live, maya, northwind):
    fit(live, maya)
    bo = make_lead(northwind, "Bo")
    Spell.objects.update(lead=bo)
    Lead.objects.filter(pk=maya.pk).update(merged_into=bo)
    fit(live, bo)
    handoff = HandOff.objects.get()

    assert (handoff.lead, handoff.state) == (bo, "waiting")
    assert kinds(handoff) == ["opened", "merged"]


def test_after_a_merge_the_hand_off_is_the_survivors_at_once(live, maya, northwind, omar):
    """Nobody waits for the next sweep: it can be claimed by the name of who is left."""
    fit(live, maya)
    bo = make_lead(northwind, "Bo")
    merge_leads(maya, bo, because="the same person")
    handoff = HandOff.objects.get(lead=bo)

    assert claim(handoff.pk, by=omar).lead == bo
    assert kinds(handoff) == ["opened", "merged", "claimed"]


def test_of_two_that_become_one_the_survivors_stays(live, maya, northwind):
    bo = make_lead(northwind, "Bo")
    qualify(bo, live)
    fit(live, maya, bo)
    Spell.objects.filter(lead=maya).delete()
    Lead.objects.filter(pk=maya.pk).update(merged_into=bo)
    assert find_left_over(live).get().lead == maya
    assert sweep(live) == 1

    assert dict(HandOff.objects.values_list("lead", "state")) == {maya.pk: "merged", bo.pk: "waiting"}


# -- for whom nothing was assessed -----------------------------------------------------------------------------------------


def test_the_sweep_opens_what_is_missing_and_closes_what_is_left_over(live, maya, northwind):
    assert sweep(live) == 1
    assert HandOff.objects.get().state == "waiting"
    end(Spell.objects.get())
    assert sweep(live) == 1
    assert HandOff.objects.get().state == "cooled"
    assert sweep(live) == 0


def test_many_are_opened_without_a_query_for_each(live, northwind, django_assert_max_num_queries):
    leads = [make_lead(northwind, f"Lead {number}") for number in range(20)]
    for lead in leads:
        qualify(lead, live)
    with django_assert_max_num_queries(200):
        fit(live, *leads)

    assert HandOff.objects.count() == 20
    assert Step.objects.count() == 20


def test_another_workspace_is_left_alone(live, maya, elsewhere):
    other = make_lead(elsewhere, "Eve")
    assert fit(live, other) == []
    assert HandOff.objects.count() == 0
