"""Who puts right what a lead was sent back for: a server, a form, an import, a program; never what a browser only says."""

from datetime import timedelta

import pytest
from django.db import transaction
from tests.web.leads.says import BEGIN, says, take
from tests.web.pages.world import make_live

from leadline.web.accounts.models import Source
from leadline.web.capture.imports.rows import LeadRow, Understood
from leadline.web.capture.imports.writing import Writer
from leadline.web.leads.mending import find_put_right
from leadline.web.leads.models import Fact, Identity, Lead, Outcome
from leadline.web.leads.records import NewFact, NewOutcome, record_facts, record_outcomes, undo_origin

pytestmark = pytest.mark.django_db
SENT_BACK = BEGIN + timedelta(hours=1)
PLAYBOOK = """
[playbook]
name = "mending"
[sources]
rank = ["crm", "backend", "api"]
[scores.fit]
[outcomes.bad_data]
[[outcomes.bad_data.reasons]]
id = "Unreachable"
fix = ["phone", "email"]
[[outcomes.bad_data.reasons]]
id = "spam"
"""


@pytest.fixture(autouse=True)
def live(northwind):
    return make_live(northwind, PLAYBOOK)


@pytest.fixture
def ann(northwind, backend):
    """Known by a server, and sent back since nobody answers at her number."""
    take(backend, says("identify", verified=True, user_id="u1", email="ann@acme.example", traits={"phone": "+49 30 0"}))
    lead = Lead.objects.get()
    send_back(lead)
    return lead


def send_back(lead, outcome="bad_data", reason="unreachable", at=SENT_BACK):
    said = NewOutcome(lead_id=lead.pk, outcome=outcome, reason=reason, at=at, source="crm")
    with transaction.atomic():
        record_outcomes(lead.workspace, [said], now=at)


def hears(source, kind="identify", *, minute=120, **more):
    take(source, says(kind, minute=minute, **more))


def writes(
    lead, value, *, field="phone", at=BEGIN + timedelta(hours=2), source="api", now=BEGIN + timedelta(days=1), **more
):
    fact = NewFact(field=field, value=value, known_at=at, source=source, lead_id=lead.pk, **more)
    with transaction.atomic():
        return record_facts(lead.workspace, [fact], now=now)


def reinstated():
    return [
        (one.lead_id, one.source, one.by, find_put_right(one)) for one in Outcome.objects.filter(outcome="reinstated")
    ]


def source(workspace, kind):
    return Source.objects.create(workspace=workspace, name=kind, kind=kind)


# -- who is believed ------------------------------------------------------------------------------------------------------


def test_an_identify_of_a_server_puts_it_right_and_the_log_says_what_and_who(ann, backend):
    hears(backend, verified=True, user_id="u1", traits={"phone": "+49 30 77"})

    assert reinstated() == [(ann.pk, "leadline", "source backend", "phone")]
    said = Outcome.objects.get(outcome="reinstated")
    assert (said.at, said.recorded_at) == (BEGIN + timedelta(days=1), BEGIN + timedelta(days=1))
    assert Lead.objects.get().due_at is not None


def test_so_does_a_form_of_ours(ann, northwind):
    form = source(northwind, "form")
    take(
        form,
        says("form", minute=120, verified=True, email="ann@acme.example", traits={"phone": "+49 30 77"}),
    )
    # the server is believed more and still says the wrong number, so the form's does not hold
    assert reinstated() == []
    make_live(northwind, PLAYBOOK.replace('"crm", ', '"form", '), number=2)

    take(form, says("form", minute=130, verified=True, email="ann@acme.example", traits={"phone": "+49 30 78"}))

    assert reinstated() == [(ann.pk, "leadline", "source form", "phone")]


def test_a_program_puts_it_right_in_its_name(ann, northwind):
    make_live(northwind, PLAYBOOK.replace('"backend", "api"', '"api", "backend"'), number=2)

    assert writes(ann, "+49 30 77", by="API key CRM").reinstated == {ann.pk}
    assert reinstated() == [(ann.pk, "leadline", "API key CRM", "phone")]


def test_an_import_puts_it_right_and_taken_back_it_did_not(ann, northwind):
    writer = Writer(
        workspace=northwind, source="crm", origin="import:1", by="maria@northwind.example", at=BEGIN, now=BEGIN + timedelta(days=1)
    )  # fmt: skip
    identities = ((Identity.Kind.EMAIL, "ann@acme.example"),)
    row = LeadRow(identities=identities, facts={"phone": "+49 30 77"}, known_at=BEGIN + timedelta(hours=3))
    with transaction.atomic():
        writer.write([Understood(number=1, said=row, digest="", twin=0)])
    assert reinstated() == [(ann.pk, "leadline", "maria@northwind.example", "phone")]

    with transaction.atomic():
        undo_origin(northwind, "import:1")

    assert reinstated() == []


def test_what_a_browser_only_says_reinstates_nobody(ann, website):
    hears(website, user_id="u1", email="ann@acme.example", traits={"phone": "+49 30 77"})
    hears(website, anonymous_id="a1", user_id="u1", traits={"phone": "+49 30 77"})

    assert reinstated() == []


def test_nor_a_visitor_of_whom_the_browser_is_all_that_speaks(website, backend):
    hears(website, minute=0, anonymous_id="a1", traits={"phone": "+49 30 0"})
    visitor = Lead.objects.get()
    send_back(visitor)
    hears(website, anonymous_id="a1", traits={"phone": "+49 30 77"})

    assert Fact.objects.get(value="+49 30 77").lead == visitor
    assert reinstated() == []
    hears(website, "alias", minute=121, anonymous_id="a1", traits={"phone": "+49 30 78"})
    assert reinstated() == []


def test_who_is_signed_speaks_for_themselves_but_not_for_an_address(ann, website, northwind):
    make_live(northwind, PLAYBOOK.replace('"crm", ', '"website", '), number=2)
    hears(website, verified=True, user_id="u1", anonymous_id="a1", email="else@acme.example")
    assert reinstated() == []

    hears(website, minute=121, verified=True, user_id="u1", anonymous_id="a1", traits={"phone": "+49 30 77"})

    assert reinstated() == [(ann.pk, "leadline", "source website", "phone")]


def test_a_word_that_was_hearsay_counts_when_it_is_vouched_for(website):
    hears(website, minute=0, anonymous_id="a1", traits={"phone": "+49 30 0"})
    send_back(Lead.objects.get())
    hears(website, anonymous_id="a1", traits={"phone": "+49 30 77"})
    hears(website, minute=121, verified=True, anonymous_id="a1", user_id="u1", traits={"phone": "+49 30 77"})

    assert len(Fact.objects.filter(value="+49 30 77")) == 1
    assert [what for *_, what in reinstated()] == ["phone"]


# -- which value ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["+49 30 0", " +49 30 0 ", "", None])
def test_the_value_that_stood_or_none_puts_nothing_right(ann, value):
    assert writes(ann, value, source="crm").reinstated == set()


def test_a_value_of_before_it_was_sent_back_puts_nothing_right(ann):
    assert not writes(ann, "+49 30 77", source="crm", at=SENT_BACK - timedelta(minutes=1)).reinstated
    assert not writes(ann, "+49 30 77", source="crm", at=SENT_BACK).reinstated


def test_a_value_that_does_not_hold_puts_nothing_right_unless_a_person_says_it(ann):
    assert not writes(ann, "+49 30 77").reinstated

    assert writes(ann, "+49 30 78", source="person", by="omar@northwind.example").reinstated
    assert [what for *_, what in reinstated()] == ["phone"]


def test_a_value_of_old_that_did_not_stand_then_may_be_the_right_one(ann, backend):
    assert writes(
        ann, "+49 30 5", source="crm", at=BEGIN + timedelta(minutes=5), now=BEGIN + timedelta(minutes=5)
    ).stored
    send_back(ann, at=SENT_BACK + timedelta(minutes=1))

    assert writes(ann, "+49 30 0", source="crm").reinstated == {ann.pk}


@pytest.mark.parametrize(
    ("outcome", "reason"), [("bad_data", "spam"), ("bad_data", ""), ("disqualified", "unreachable"), ("accepted", "")]
)
def test_what_was_decided_last_has_to_ask_for_it(ann, outcome, reason):
    send_back(ann, outcome, reason, at=SENT_BACK + timedelta(minutes=1))

    assert not writes(ann, "+49 30 77", source="crm").reinstated


def test_another_field_puts_nothing_right_and_any_of_those_named_does(ann):
    assert not writes(ann, "CEO", field="title", source="crm").reinstated

    assert writes(ann, "ann@acme.test", field="email", source="crm").reinstated
    assert [what for *_, what in reinstated()] == ["email"]


def test_it_is_put_right_once_until_it_is_sent_back_again(ann):
    writes(ann, "+49 30 77", source="crm")
    writes(ann, "+49 30 78", source="crm", at=BEGIN + timedelta(hours=3))
    assert len(reinstated()) == 1

    again = BEGIN + timedelta(days=2)
    send_back(ann, at=again)
    writes(ann, "+49 30 79", source="crm", at=again + timedelta(hours=1), now=again + timedelta(days=1))
    assert len(reinstated()) == 2


def test_of_many_leads_each_has_its_own(northwind, ann, backend):
    hears(backend, minute=0, verified=True, user_id="u2", traits={"phone": "+49 30 1"})
    ben = Identity.objects.get(value="u2").lead
    facts = [
        NewFact(field="phone", value="+49 30 1", known_at=BEGIN + timedelta(hours=2), source="crm", lead_id=lead.pk)
        for lead in (ann, ben)
    ]
    with transaction.atomic():
        recorded = record_facts(northwind, facts, now=BEGIN + timedelta(days=1))

    assert (recorded.stored, recorded.reinstated) == (2, {ann.pk})


def test_nobody_is_reinstated_without_a_live_playbook(ann, live):
    type(live).objects.update(state="retired")

    assert not writes(ann, "+49 30 77", source="crm").reinstated
