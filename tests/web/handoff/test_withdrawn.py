"""A version that goes live withdraws hand-offs: once, by name, and only those that it withdrew. Who works on one keeps it."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from tests.web.handoff.conftest import TOML
from tests.web.handoff.test_opening import end, fit, kinds, maya
from tests.web.pages.rows import make_lead, qualify
from tests.web.pages.world import make_live

from leadline.web import flow
from leadline.web.assessments.changes import Change
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.handoff.actions import claim, release
from leadline.web.handoff.models import HandOff, Step
from leadline.web.handoff.opening import find_left_over, reconcile, sweep
from leadline.web.handoff.withdrawn import with_withdrawing, withdrawn_by
from leadline.web.leads.models import Lead
from leadline.web.notices.models import Notice

__all__ = ["maya"]  # a fixture


@pytest.fixture
def waiting(live, maya):
    fit(live, maya)
    return HandOff.objects.get()


def second(workspace, number=2, toml=TOML):
    """Let another version go live, which found nobody qualified."""
    return make_live(workspace, toml + f"\n# {number}\n", number=number)


def told():
    return sorted(Notice.objects.values_list("user__name", "kind"))


def test_what_waits_is_withdrawn_by_the_version_and_its_owner_is_told_once(northwind, waiting, omar):
    HandOff.objects.update(owner=omar)
    newer = second(northwind)
    heard = []
    for _ in range(3):
        sweep(newer, tell=lambda changes: (heard.extend(changes), flow.handoffs_changed(changes)))

    found = with_withdrawing(HandOff.objects).get()
    assert (found.state, withdrawn_by(found), kinds(found)) == ("withdrawn", 2, ["opened", "withdrawn"])
    assert found.steps.last().said == {"version": 2}
    assert [one.kind for one in heard] == ["withdrawn"]
    assert told() == [("Omar", "withdrawn")]
    assert Notice.objects.get().said == {"version": 2}


def test_of_what_had_no_owner_whoever_would_have_seen_it_is_told(northwind, waiting, ines):
    sweep(second(northwind), tell=flow.handoffs_changed)
    assert told() == [("Ines", "withdrawn")]


def test_who_works_on_one_keeps_it_and_is_told_that_the_version_took_its_reason(northwind, waiting, omar):
    claim(waiting.pk, by=omar)
    newer = second(northwind)
    for _ in range(3):
        sweep(newer, tell=flow.handoffs_changed)

    found = HandOff.objects.get()
    assert (found.state, found.owner, kinds(found)) == ("claimed", omar, ["opened", "claimed", "withdrawn"])
    assert found.cooled_at is not None
    assert found.steps.last().said == {"while": "claimed", "version": 2}
    assert told() == [("Omar", "withdrawn")]
    assert not find_left_over(newer).exists()

    release(found.pk, by=omar)
    sweep(newer)
    assert withdrawn_by(with_withdrawing(HandOff.objects).get()) == 2, "also when it is given back and waits no more"


def test_a_spell_that_had_ended_by_the_new_version_is_withdrawn_and_did_not_cool(northwind, waiting, maya):
    newer = second(northwind)
    Spell.objects.update(version=newer)
    end(Spell.objects.get(), timezone.now() - timedelta(days=9))
    sweep(newer)
    assert HandOff.objects.get().state == "withdrawn"


def test_who_works_on_one_that_is_qualified_again_by_the_next_version_is_shown_so(northwind, live, waiting, omar):
    claim(waiting.pk, by=omar)
    sweep(second(northwind))
    third = second(northwind, number=3)
    Spell.objects.update(version=third)
    sweep(third)

    assert HandOff.objects.get().cooled_at is None
    assert sweep(third) == 0
    assert not find_left_over(third).exists()


def test_another_day_of_cooling_by_the_new_version_is_followed(northwind, waiting):
    newer = second(northwind)
    Spell.objects.update(version=newer, cools_day=20_800)
    sweep(newer)
    assert (HandOff.objects.get().cools_day, HandOff.objects.get().state) == (20_800, "waiting")
    assert not find_left_over(newer).exists()


def test_a_version_that_hands_other_qualifications_over_withdraws_what_waits_for_the_old_one(northwind, waiting):
    newer = second(northwind, toml=TOML[: TOML.index("[handoff]")])
    Spell.objects.update(version=newer)
    sweep(newer)
    assert HandOff.objects.get().steps.last().said == {"version": 2}


def left(lead, kind):
    return Change(
        kind=kind, workspace_id=lead.workspace_id, version_id=0, lead_id=lead.pk, at=timezone.now(), qualification="mql"
    )


@pytest.mark.parametrize(("kind", "state"), [("left", "cooled"), ("withdrawn", "withdrawn")])
def test_what_the_log_ends_later_is_not_the_version_s_doing(northwind, waiting, maya, kind, state):
    newer = second(northwind)
    Spell.objects.update(version=newer)
    sweep(newer)
    end(Spell.objects.get()) if kind == "left" else Spell.objects.all().delete()
    with transaction.atomic():
        flow.leads_assessed([left(maya, kind)])

    found = with_withdrawing(HandOff.objects).get()
    assert (found.state, withdrawn_by(found), told()) == (state, None, [])


def test_who_is_assessed_before_the_sweep_comes_is_withdrawn_by_the_version_all_the_same(northwind, waiting, maya):
    second(northwind)
    with transaction.atomic():
        flow.leads_assessed([left(maya, "moved")])
    assert HandOff.objects.get().steps.last().said == {"version": 2}


def test_a_merge_is_not_the_version_s_doing(northwind, live, waiting, maya):
    newer = second(northwind)
    other = make_lead(northwind, "Bo")
    Lead.objects.filter(pk=maya.pk).update(merged_into=other)
    with transaction.atomic():
        reconcile(newer, [maya.pk, other.pk])
        reconcile(newer, [maya.pk, other.pk])
    assert HandOff.objects.get().state == "withdrawn"
    assert [one.said for one in Step.objects.filter(kind="withdrawn")] == [{}]


def test_a_lead_that_is_hidden_is_not_the_version_s_doing(northwind, live, waiting, maya):
    newer = second(northwind)
    Spell.objects.update(version=newer)
    Lead.objects.filter(pk=maya.pk).update(is_known=False)
    sweep(newer)
    assert HandOff.objects.get().steps.last().said == {}


def test_what_opened_under_the_live_version_is_withdrawn_by_none(northwind, live):
    newer = second(northwind)
    lead = make_lead(northwind, "Bo")
    qualify(lead, newer)
    fit(newer, lead)
    Spell.objects.all().delete()
    Assessment.objects.all().delete()
    fit(newer, lead)
    assert HandOff.objects.get().steps.last().said == {}
