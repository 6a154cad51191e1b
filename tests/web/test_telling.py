"""What happens to leads is told to programs: each thing once, with what they need, and nothing where nobody listens.

All that any of these tests tells is as the schema of its type says.
"""

import json

import pytest
from django.db import transaction
from django.utils import timezone
from tests.web.handoff.conftest import TOML
from tests.web.outgoing.test_shapes import check
from tests.web.pages.rows import make_lead
from tests.web.pages.world import make_live, touch

from leadline.web import flow
from leadline.web.handoff.actions import claim, decide, undo
from leadline.web.handoff.models import HandOff
from leadline.web.leads.erasure import erase_person
from leadline.web.leads.merging import merge_leads
from leadline.web.leads.models import Fact
from leadline.web.outgoing.models import Endpoint, Message
from leadline.web.outgoing.signing import make_salt
from leadline.web.outgoing.webhooks import body_of


@pytest.fixture(autouse=True)
def schemas(db):
    """Hold every message to its schema, but those of which an erasure left the ids."""
    yield
    for message in Message.objects.exclude(data__has_key="is_erased"):
        check(json.loads(body_of(message)))


@pytest.fixture
def endpoint(northwind):
    return Endpoint.objects.create(
        workspace=northwind, url="https://crm.example/hooks", salt=make_salt(), made_at=timezone.now()
    )


@pytest.fixture
def maya(northwind):
    make_live(northwind, TOML)
    lead = make_lead(northwind, "Maya Mensah")
    say_country(lead, "DE")
    return lead


def say_country(lead, value):
    now = timezone.now()
    Fact.objects.create(
        workspace=lead.workspace, lead=lead, first_lead=lead, field="country", value=value, known_at=now, recorded_at=now,
        source="crm",
    )  # fmt: skip
    touch(lead)


def assess():
    while flow.assess_due():
        pass


def told():
    return list(Message.objects.order_by("pk").values_list("type", flat=True))


def test_the_life_of_a_lead_is_told_thing_by_thing(endpoint, maya, omar):
    assess()
    assert sorted(told()) == ["lead.qualified", "lead.stage_moved"]
    qualified = Message.objects.get(type="lead.qualified").data
    assert qualified["lead_id"] == maya.pk
    assert (qualified["qualification"], qualified["stage"]) == ("mql", "mql")
    assert qualified["scores"] == {"fit": 30.0}
    assert qualified["why"] == ["In a country where we have people"]

    handoff = HandOff.objects.get()
    claim(handoff.pk, by=omar, tell=flow.handoffs_changed)
    decide(handoff.pk, "recycled", by=omar, reason="timing", tell=flow.handoffs_changed)
    assert told()[2:] == ["lead.claimed", "lead.rejected"]
    rejected = Message.objects.get(type="lead.rejected").data
    assert (rejected["decision"], rejected["reason"], rejected["by"]) == ("recycled", "timing", omar.email)

    undo(handoff.pk, by=omar, tell=flow.handoffs_changed)
    assert Message.objects.filter(type="lead.rejected").last().data["is_undone"] is True
    decide(handoff.pk, "accepted", by=omar, tell=flow.handoffs_changed)
    assert told()[-1] == "lead.accepted"


def test_a_claim_that_is_taken_back_is_told(endpoint, maya, omar):
    assess()
    handoff = HandOff.objects.get()
    claim(handoff.pk, by=omar, tell=flow.handoffs_changed)
    undo(handoff.pk, by=omar, tell=flow.handoffs_changed)

    taken, back = Message.objects.filter(type="lead.claimed").order_by("pk")
    assert (taken.data["owner"], taken.data.get("is_undone")) == (omar.email, None)
    assert back.data["is_undone"] is True


def test_who_cools_is_told(endpoint, maya):
    assess()
    say_country(maya, "FR")
    assess()

    cooled = Message.objects.get(type="lead.cooled").data
    assert (cooled["lead_id"], cooled["qualification"]) == (maya.pk, "mql")


def test_nothing_is_told_twice(endpoint, maya):
    assess()
    before = told()
    touch(maya)
    assess()

    assert told() == before


def test_nothing_is_kept_where_nobody_listens(maya, omar):
    assess()
    claim(HandOff.objects.get().pk, by=omar, tell=flow.handoffs_changed)

    assert not Message.objects.exists()


def test_what_is_taken_back_with_its_transaction_is_not_told(endpoint, maya, omar):
    assess()
    before = told()
    with transaction.atomic():
        claim(HandOff.objects.get().pk, by=omar, tell=flow.handoffs_changed)
        assert told() != before
        transaction.set_rollback(True)
    assert told() == before


def test_two_that_become_one_are_told_with_who_stays(endpoint, maya, northwind):
    other = make_lead(northwind, "M. Mensah")
    merge_leads(other, maya, because="by hand")

    assert Message.objects.get().data == {"lead_id": maya.pk, "merged_lead_id": other.pk}


def test_an_erasure_is_told_by_the_id_alone_and_takes_the_rest_away(endpoint, maya, omar):
    assess()
    claim(HandOff.objects.get().pk, by=omar, tell=flow.handoffs_changed)
    pk = maya.pk
    erase_person(maya, by=omar)

    assert Message.objects.get(type="lead.erased").data == {"lead_id": pk}
    assert all(set(one.data) <= {"lead_id", "is_erased"} for one in Message.objects.all())


def test_other_workspaces_hear_nothing(maya, elsewhere):
    Endpoint.objects.create(
        workspace=elsewhere, url="https://crm.example/hooks", salt=make_salt(), made_at=timezone.now()
    )
    assess()

    assert not Message.objects.exists()
