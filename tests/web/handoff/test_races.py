"""Eight at once on one lead: one hand-off opens, one owner has it, one decision stands, and each is told once."""

import os

import pytest
from django.db import transaction
from tests.web.conftest import member
from tests.web.handoff.races import WORKERS, all_at_once
from tests.web.pages.rows import make_lead, qualify

from leadline.web.handoff.actions import AlreadyTakenError, claim, decide
from leadline.web.handoff.models import HandOff, Step
from leadline.web.handoff.opening import reconcile, sweep
from leadline.web.leads.models import Outcome

RACES = int(os.environ.get("LEADLINE_RACES", "6"))

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reps(northwind):
    return [member(northwind, f"Rep{number}", "rep") for number in range(WORKERS)]


@pytest.mark.parametrize("race", range(RACES))
def test_eight_workers_open_one_hand_off_and_tell_of_it_once(northwind, live, race):
    lead = make_lead(northwind, f"Maya {race}")
    qualify(lead, live)
    heard = []

    def open_it():
        with transaction.atomic():
            reconcile(live, [lead.pk], tell=heard.extend)

    def sweep_it():
        sweep(live, tell=heard.extend)

    errors = [
        one for one in all_at_once([open_it, sweep_it] * (WORKERS // 2)) if one is not None and not isinstance(one, int)
    ]
    assert not errors
    assert HandOff.objects.filter(lead=lead).count() == 1
    assert Step.objects.filter(handoff__lead=lead, kind="opened").count() == 1
    assert [one.kind for one in heard] == ["opened"]


@pytest.mark.parametrize("race", range(RACES))
def test_eight_people_press_at_once_and_one_wins(northwind, live, reps, race):
    lead = make_lead(northwind, f"Maya {race}")
    qualify(lead, live)
    with transaction.atomic():
        reconcile(live, [lead.pk])
    handoff, heard = HandOff.objects.get(), []
    found = all_at_once([lambda rep=rep: claim(handoff.pk, by=rep, tell=heard.extend) for rep in reps])

    owner = HandOff.objects.get().owner
    losers = [one for one in found if isinstance(one, AlreadyTakenError)]
    assert len(losers) == WORKERS - 1, found
    assert all(str(one) == f"{lead.name} was already taken by {owner.name}." for one in losers)
    assert [(one.kind, one.by_id) for one in heard] == [("claimed", owner.pk)]
    assert Step.objects.filter(kind="claimed").count() == 1


def test_who_presses_twice_at_once_has_it_and_is_told_nothing_else(northwind, live, reps):
    lead = make_lead(northwind, "Maya")
    qualify(lead, live)
    with transaction.atomic():
        reconcile(live, [lead.pk])
    handoff = HandOff.objects.get()
    found = all_at_once([lambda: claim(handoff.pk, by=reps[0])] * WORKERS)

    assert all(one.owner_id == reps[0].pk for one in found), found
    assert Step.objects.filter(kind="claimed").count() == 1


@pytest.mark.parametrize("race", range(RACES))
def test_eight_people_decide_at_once_and_one_decision_stands(northwind, live, reps, race):
    lead = make_lead(northwind, f"Maya {race}")
    qualify(lead, live)
    with transaction.atomic():
        reconcile(live, [lead.pk])
    handoff, heard = HandOff.objects.get(), []
    ways = [("accepted", ""), ("recycled", "timing")] * (WORKERS // 2)
    found = all_at_once(
        [
            lambda rep=rep, way=way: decide(handoff.pk, way[0], by=rep, reason=way[1], tell=heard.extend)
            for rep, way in zip(reps, ways, strict=True)
        ]
    )

    assert sum(isinstance(one, AlreadyTakenError) for one in found) == WORKERS - 1, found
    outcome = Outcome.objects.get()
    assert outcome.outcome == HandOff.objects.get().state
    assert [one.decision for one in heard] == [outcome.outcome]
