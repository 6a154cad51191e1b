"""An import is taken back as if it had never been."""

import random
from datetime import timedelta

import pytest
from django.db import connection, transaction
from tests.web.leads.says import BEGIN, says, take

from leadline.web.accounts.models import Source
from leadline.web.leads.facts import COMPANY_LINK
from leadline.web.leads.merging import merge_leads
from leadline.web.leads.models import Company, Event, Fact, Identity, Lead, Merge, Outcome
from leadline.web.leads.notes import add_note
from leadline.web.leads.records import (
    NewFact,
    NewOutcome,
    find_lead,
    find_or_make_company,
    find_or_make_lead,
    record_facts,
    record_outcomes,
    undo_origin,
)
from leadline.web.leads.undo import of_origin, undo_part
from leadline.web.pages.reporting.actions import report_outcome, take_back

pytestmark = pytest.mark.django_db
ORIGIN = "import:12"


@pytest.fixture
def sheet(northwind):
    return Source.objects.create(workspace=northwind, name="sheet", kind=Source.Kind.IMPORT)


def bring(workspace, number, *, origin=ORIGIN, **fields):
    """Import a row: a lead with its address and fields."""
    address = fields.pop("email", f"p{number}@acme.com")
    lead, _ = find_or_make_lead(
        workspace,
        identities=[("crm", f"sheet:{number}"), ("email", address)],
        source="sheet",
        is_verified=True,
        at=BEGIN,
        origin=origin,
    )
    said = [
        NewFact(lead_id=lead.pk, field=name, value=value, known_at=BEGIN, source="sheet", origin=origin)
        for name, value in {"email": address, **fields}.items()
    ]
    record_facts(workspace, said)
    return lead


def everything(workspace):
    """Return all that is known, without ids of rows and without what is due."""
    place = {pk: number for number, pk in enumerate(Lead.objects.order_by("pk").values_list("pk", flat=True))}

    def rows(model, *fields):
        return sorted(map(str, model.objects.filter(workspace=workspace).values_list("lead", *fields)))

    cards = (
        "name",
        "email",
        "title",
        "company__key",
        "merged_into",
        "first_seen_at",
        "last_seen_at",
        "is_known",
        "origin",
    )
    return (
        len(place),
        list(Lead.objects.filter(workspace=workspace).order_by("pk").values_list(*cards)),
        rows(Event, "message_id"),
        rows(Fact, "field", "value", "company"),
        rows(Identity, "kind", "value", "is_verified", "origin"),
        rows(Outcome, "outcome"),
        list(Merge.objects.filter(workspace=workspace, undone_at=None).values_list("lead", "into")),
        list(
            Company.objects.filter(workspace=workspace).order_by("key").values_list("key", "name", "domain", "origin")
        ),
    )


def test_what_an_import_made_is_gone_and_what_was_there_is_as_it_was(northwind, sheet, backend):
    take(backend, says("identify", user_id="u1", email="p1@acme.com", verified=True, traits={"title": "CFO"}))
    before = everything(northwind)

    for number in (1, 2):
        lead = bring(northwind, number, title="CEO", name=f"P{number}")
        record_outcomes(
            northwind, [NewOutcome(lead_id=lead.pk, outcome="won", at=BEGIN, source="sheet", origin=ORIGIN)]
        )
    company, _ = find_or_make_company(northwind, name="Acme Ltd", origin=ORIGIN)
    link = NewFact(
        lead_id=lead.pk, field=COMPANY_LINK, value=str(company.pk), known_at=BEGIN, source="import", origin=ORIGIN
    )
    about = NewFact(
        company_id=company.pk, field="industry", value="Trade", known_at=BEGIN, source="sheet", origin=ORIGIN
    )
    record_facts(northwind, [link, about])
    take(sheet, says("track", email="p1@acme.com", verified=True, origin=ORIGIN))
    assert everything(northwind) != before
    counts = undo_origin(northwind, ORIGIN, now=BEGIN)

    assert everything(northwind) == before
    assert counts == {"merge": 0, "event": 1, "fact": 8, "outcome": 2, "identity": 3, "lead": 1, "company": 1}
    assert not Lead.objects.exclude(due_at=BEGIN).exclude(due_at__lt=BEGIN + timedelta(days=365)).exists()


def test_a_lead_of_whom_something_else_speaks_stays(northwind, sheet, website):
    form = Source.objects.create(workspace=northwind, name="form", kind=Source.Kind.FORM)
    lead = bring(northwind, 1, title="CEO")
    take(form, says("form", email="p1@acme.com", verified=True))

    undo_origin(northwind, ORIGIN)

    assert find_lead(northwind, "email", "p1@acme.com") == lead
    assert find_lead(northwind, "crm", "sheet:1") is None
    assert list(Fact.objects.values_list("field", "source")) == [("email", "form")]
    lead.refresh_from_db()
    assert (lead.title, lead.origin) == ("", "")


@pytest.mark.parametrize("wrote", ["a note", "what was taken back"])
def test_a_lead_of_whom_people_wrote_something_stays(northwind, sheet, wrote):
    lead = bring(northwind, 1)
    if wrote == "a note":
        add_note(lead, "Likes tea", by="omar@northwind.example")
    else:
        origin = report_outcome(lead, "won", by="omar@northwind.example")
        assert take_back(lead, origin, by="omar@northwind.example", is_manager=False)

    with transaction.atomic():
        undo_origin(northwind, ORIGIN)

    assert Lead.objects.get().pk == lead.pk
    assert (lead.notes.count(), lead.taken_back.count()) == ((1, 0) if wrote == "a note" else (0, 1))


def test_two_people_whom_an_import_made_one_are_two_again_and_rules_may_join_them(northwind, backend):
    take(backend, says("identify", user_id="u1", verified=True))
    take(backend, says("track", crm_id="sheet:1", verified=True))
    take(backend, says("identify", user_id="u1", email="p1@acme.com", verified=True))
    before = everything(northwind)

    bring(northwind, 1)
    assert Lead.objects.filter(merged_into=None).count() == 1
    undo_origin(northwind, ORIGIN)

    assert everything(northwind) == before
    take(backend, says("track", crm_id="sheet:1", email="p1@acme.com", verified=True))
    assert Lead.objects.filter(merged_into=None).count() == 1


def test_what_a_second_import_said_too_stays_when_the_first_is_undone(northwind):
    bring(northwind, 1, title="CEO")
    bring(northwind, 1, title="CEO", origin="import:13")

    undo_origin(northwind, ORIGIN)

    lead = find_lead(northwind, "crm", "sheet:1")
    assert (lead.title, lead.email) == ("CEO", "p1@acme.com")


def test_another_workspaces_import_of_the_same_number_stays(northwind, elsewhere):
    bring(northwind, 1)
    bring(elsewhere, 1)

    undo_origin(northwind, ORIGIN)

    assert list(Lead.objects.values_list("workspace", flat=True)) == [elsewhere.pk]


def test_what_has_no_origin_cannot_be_undone(northwind):
    with pytest.raises(ValueError, match="Name an origin"):
        undo_origin(northwind, "")


# -- in parts ---------------------------------------------------------------------------------------------------------


class TakenBackError(Exception):
    """Takes the transaction back."""


def undo_by(workspace, at_most):
    """Undo in parts of a size, and return what is known then, how many parts it took and what they counted; all of it is taken back."""
    counts, parts = {}, 0
    try:
        with transaction.atomic():
            while (part := undo_part(workspace, ORIGIN, now=BEGIN, at_most=at_most)) is not None:
                parts += 1
                counts = {name: counts.get(name, 0) + part.get(name, 0) for name in counts | part}
            known = everything(workspace)
            raise TakenBackError
    except TakenBackError:
        return known, parts, {name: number for name, number in counts.items() if number}


def live_a_little(rng, workspace, website, sheet, origin):
    """Do something that may concern what an import said: rows of it, messages, merges by people, companies."""
    number = rng.randrange(6)
    match rng.randrange(6):
        case 0 | 1:
            lead = bring(workspace, number, origin=origin, title=rng.choice(["CEO", "CFO"]))
            won = NewOutcome(lead_id=lead.pk, outcome="won", at=BEGIN, source="sheet", origin=origin)
            record_outcomes(workspace, [won] if rng.random() < 0.5 else [])
        case 2:
            who = {"anonymous_id": f"a{number}"} if rng.random() < 0.5 else {}
            take(website, says("identify", email=f"p{number}@acme.com", verified=True, **who))
        case 3:
            take(sheet, says("track", crm_id=f"sheet:{number}", verified=True, origin=origin))
        case 4:
            two = list(Lead.objects.filter(workspace=workspace, merged_into=None).order_by("pk"))
            if len(two) > 1:
                lead, into = rng.sample(two, 2)
                merge_leads(lead, into, because="by hand", by="maria")
        case _:
            company, _ = find_or_make_company(workspace, name=f"Acme {number}", origin=origin)
            fact = {"company_id": company.pk, "known_at": BEGIN, "source": "sheet", "origin": origin}
            record_facts(workspace, [NewFact(field="industry", value="Trade", **fact)])


@pytest.mark.parametrize("seed", range(12))
def test_the_size_of_the_parts_changes_nothing(northwind, website, sheet, seed):
    rng = random.Random(seed)
    for _ in range(14):
        live_a_little(rng, northwind, website, sheet, rng.choice([ORIGIN, ORIGIN, "import:13"]))

    known, parts, counts = undo_by(northwind, 1)

    assert parts > 3
    assert (known, counts) == undo_by(northwind, 3)[::2] == undo_by(northwind, 1000)[::2]
    assert "import:12" not in str(known)


def test_a_person_is_taken_back_whole(northwind, sheet):
    for number in range(4):
        bring(northwind, number, title="CEO")

    while undo_part(northwind, ORIGIN, at_most=1) is not None:
        left = Lead.objects.filter(origin=ORIGIN)
        assert {(lead.facts.count(), lead.identities.count()) for lead in left} <= {(2, 2)}

    assert not Lead.objects.exists()


def test_nothing_is_left_of_two_whom_an_import_made_and_a_person_merged(northwind):
    first, second = bring(northwind, 1), bring(northwind, 2)
    merge_leads(second, first, because="by hand", by="maria")

    undo_origin(northwind, ORIGIN)

    assert not Lead.objects.exists()


def test_what_carries_an_origin_is_found_without_reading_the_whole_log(northwind):
    """On PostgreSQL a planner knows that an empty origin is none; SQLite has to be told in the query."""
    for model in (Event, Fact, Outcome, Identity, Lead, Company):
        rows = of_origin(northwind, ORIGIN, model)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_seqscan = off")
        assert "of_an_import" in rows.explain(), model
