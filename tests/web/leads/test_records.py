"""Facts and outcomes that are recorded by people, imports and integrations; leads and companies by what they are called."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.leads.says import BEGIN, says, take

from leadline.web.accounts.models import Workspace
from leadline.web.leads.companies import company_domain, registrable_domain
from leadline.web.leads.facts import COMPANY_LINK, resolve
from leadline.web.leads.merging import merge_leads
from leadline.web.leads.models import Company, Fact, Lead, Outcome
from leadline.web.leads.records import (
    NewFact,
    NewOutcome,
    find_lead,
    find_or_make_company,
    find_or_make_lead,
    record_facts,
    record_outcomes,
)

pytestmark = pytest.mark.django_db


def lead_of(workspace, address="ann@acme.com", **more):
    named = [("email", address)]
    return find_or_make_lead(
        workspace, identities=named, source="sheet", is_verified=True, at=BEGIN, **{"now": BEGIN, **more}
    )


def say(lead, value, *, day=0, source="person", field="title", **more):
    return NewFact(
        lead_id=lead.pk, field=field, value=value, known_at=BEGIN + timedelta(days=day), source=source, **more
    )


# -- leads and companies ---------------------------------------------------------------------------------------------


def test_a_lead_is_made_once_and_found_afterwards_however_it_is_written(northwind):
    lead, is_made = lead_of(northwind)
    again, is_made_again = lead_of(northwind, "ANN@acme.com ")

    assert (is_made, is_made_again, again) == (True, False, lead)
    assert (lead.email, lead.company.key, lead.due_at) == ("ann@acme.com", "domain:acme.com", BEGIN)
    assert find_lead(northwind, "email", "Ann@Acme.com") == lead


def test_a_lead_that_was_merged_is_found_as_the_survivor(northwind):
    lead, into = lead_of(northwind)[0], lead_of(northwind, "anna@acme.com")[0]
    merge_leads(lead, into, because="by hand")

    assert find_lead(northwind, "email", "ann@acme.com") == into
    assert lead_of(northwind)[0] == into


def test_nobody_is_found_by_nothing(northwind):
    with pytest.raises(ValueError, match="no identity"):
        lead_of(northwind, "not an address")
    assert find_lead(northwind, "email", "nobody@acme.com") is None


def test_leads_and_companies_of_another_workspace_are_not_found(northwind, elsewhere):
    theirs, _ = lead_of(elsewhere)
    find_or_make_company(elsewhere, domain="acme.com")

    assert find_lead(northwind, "email", "ann@acme.com") is None
    with pytest.raises(Lead.DoesNotExist):
        record_facts(northwind, [say(theirs, "CEO")])
    with pytest.raises(Lead.DoesNotExist):
        record_outcomes(northwind, [NewOutcome(lead_id=theirs.pk, outcome="won", at=BEGIN, source="crm")])


def test_a_fact_about_another_workspaces_company_is_refused(northwind, elsewhere):
    theirs, _ = find_or_make_company(elsewhere, domain="acme.com")

    with pytest.raises(Company.DoesNotExist):
        record_facts(northwind, [NewFact(company_id=theirs.pk, field="name", value="x", known_at=BEGIN, source="crm")])


def test_a_company_is_found_by_its_group_its_domain_or_its_name(northwind):
    by_domain, _ = find_or_make_company(northwind, domain="https://www.acme.com/")
    by_group, _ = find_or_make_company(northwind, group_id="g7", domain="acme.com")
    by_name, _ = find_or_make_company(northwind, name=" Acme  Ltd")

    assert (by_domain.key, by_group.key, by_name.key) == ("domain:acme.com", "group:g7", "name:acme ltd")
    assert find_or_make_company(northwind, name="ACME LTD") == (by_name, False)
    with pytest.raises(ValueError, match="no domain, no group id, no name"):
        find_or_make_company(northwind)


def test_the_company_somebody_chose_wins_over_group_import_and_address(northwind, backend):
    lead, _ = lead_of(northwind)
    chosen = {rule: find_or_make_company(northwind, name=rule)[0] for rule in ("person", "group", "import")}

    seen = []
    for day, rule in enumerate(("import", "group", "person", "group")):
        record_facts(northwind, [say(lead, str(chosen[rule].pk), field=COMPANY_LINK, source=rule, day=day)])
        seen.append(Lead.objects.get(pk=lead.pk).company.key)
    record_facts(northwind, [say(lead, None, field=COMPANY_LINK, source="person", day=9)])
    seen.append(Lead.objects.get(pk=lead.pk).company.key)

    assert seen == ["name:import", "name:group", "name:person", "name:person", "name:group"]


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("ann@acme.com", "acme.com"),
        ("ann@mail.eu.acme.co.uk", "acme.co.uk"),
        ("ann@gmail.com", ""),
        ("ann@googlemail.com", ""),
        ("ann@hotmail.co.uk", ""),
        ("ann@tutanota.com", ""),
        ("ann@mailinator.com", ""),
        ("ann@localhost", ""),
        ("ann@co.uk", ""),
        ("ann@10.0.0.1", ""),
        ("ann@acme.github.io", "acme.github.io"),
    ],
)
def test_which_domain_an_address_names(address, domain):
    assert company_domain(address) == domain


@given(st.text(max_size=60))
def test_any_text_has_a_domain_or_none(text):
    domain = registrable_domain(text)

    assert domain == "" or registrable_domain(domain) == domain


# -- facts -----------------------------------------------------------------------------------------------------------


def test_facts_are_counted_and_the_card_follows_the_strongest_source(northwind):
    lead, _ = lead_of(northwind)
    facts = [say(lead, "CFO", source="form"), say(lead, "CEO", source="enrichment", day=1)]

    recorded = record_facts(northwind, [*facts, facts[0]], source_rank=("form", "enrichment"), now=BEGIN)
    again = record_facts(northwind, facts, source_rank=("form", "enrichment"), now=BEGIN)

    assert (recorded.stored, recorded.unchanged, recorded.lead_ids) == (2, 1, {lead.pk})
    assert (again.stored, again.unchanged, again.lead_ids) == (0, 2, set())
    assert Lead.objects.get().title == "CFO"


def test_a_new_reason_for_the_same_value_is_kept(northwind):
    lead, _ = lead_of(northwind)

    for day, evidence in enumerate(("on the phone", "on the phone", "in a letter", "")):
        record_facts(northwind, [say(lead, "yes", field="consent.contact", evidence=evidence, day=day)])

    assert list(Fact.objects.values_list("evidence", flat=True)) == ["on the phone", "in a letter"]


said = st.lists(
    st.tuples(st.sampled_from(("CFO", "CEO", None)), st.integers(0, 4), st.sampled_from(("crm", "form"))), max_size=7
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said)
def test_leaving_out_what_is_nothing_new_changes_nothing_that_holds_at_any_time(db, said):
    workspace, _ = Workspace.objects.get_or_create(name="W", slug="w")
    lead = Lead.objects.create(workspace=workspace, first_seen_at=BEGIN)
    facts = [say(lead, value, day=day, source=source) for value, day, source in sorted(said, key=lambda one: one[1])]
    moments = {(fact.source, fact.known_at) for fact in facts}
    facts = [
        fact
        for fact in facts
        if (fact.source, fact.known_at) in moments and not moments.discard((fact.source, fact.known_at))
    ]

    for fact in facts:
        record_facts(workspace, [fact])

    stored = list(lead.facts.all())
    for day in range(5):
        until = BEGIN + timedelta(days=day)
        whole = [
            Fact(field=f.field, value=f.value, source=f.source, known_at=f.known_at)
            for f in facts
            if f.known_at <= until
        ]
        kept = [fact for fact in stored if fact.known_at <= until]
        for source in ("crm", "form"):
            mine, theirs = ([one for one in some if one.source == source] for some in (whole, kept))
            assert value_of(resolve(mine)) == value_of(resolve(theirs))


def value_of(resolved):
    return {name: fact.value for name, fact in resolved.items()}


# -- outcomes --------------------------------------------------------------------------------------------------------


def test_an_outcome_is_one_by_its_id_or_else_by_what_it_says(northwind):
    lead, _ = lead_of(northwind)
    won = NewOutcome(lead_id=lead.pk, outcome="won", at=BEGIN, source="crm", value=Decimal("10.50"))
    same = NewOutcome(lead_id=lead.pk, outcome="won", at=BEGIN, source="crm", value=Decimal("10.5"))
    other = NewOutcome(lead_id=lead.pk, outcome="won", at=BEGIN, source="crm", outcome_id="deal-7")

    recorded = record_outcomes(northwind, [won, same, other], now=BEGIN)
    again = record_outcomes(northwind, [won, other])

    assert (recorded.stored, recorded.unchanged, recorded.lead_ids) == (2, 1, {lead.pk})
    assert (again.stored, again.unchanged, again.lead_ids) == (0, 2, set())
    assert sorted(Outcome.objects.values_list("outcome_id", flat=True))[0] == "deal-7"


def test_what_is_recorded_makes_due(northwind):
    lead, _ = lead_of(northwind)
    Lead.objects.update(due_at=None)

    record_outcomes(northwind, [NewOutcome(lead_id=lead.pk, outcome="won", at=BEGIN, source="crm")], now=BEGIN)

    assert Lead.objects.get().due_at == BEGIN


def test_an_event_only_address_is_shown_until_a_fact_says_another(northwind, backend):
    take(backend, says("mail", email="ann@acme.com", verified=True))
    lead = find_lead(northwind, "email", "ann@acme.com")
    record_facts(northwind, [say(lead, "Ann", field="first_name"), say(lead, "Lee", field="last_name")])

    lead.refresh_from_db()
    assert (lead.name, lead.email, lead.label) == ("Ann Lee", "ann@acme.com", "Ann Lee")


def test_a_card_follows_the_live_playbooks_rank_of_sources(northwind, monkeypatch):
    monkeypatch.setattr("leadline.web.leads.ranks._ask", [lambda workspace_id: ("form", "enrichment")])
    lead, _ = lead_of(northwind)

    record_facts(northwind, [say(lead, "CFO", source="form"), say(lead, "CEO", source="enrichment", day=1)])

    lead.refresh_from_db()
    assert lead.title == "CFO"
