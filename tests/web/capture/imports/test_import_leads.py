import pytest
from tests.web.capture.imports.conftest import CONTACTS, check, import_all, work

from leadline.web.capture.imports import actions
from leadline.web.leads import ranks as ranks_of_sources
from leadline.web.leads.models import Fact, Identity, Lead

pytestmark = pytest.mark.django_db


def facts_of(email):
    lead = Identity.objects.get(kind="email", value=email).lead
    return {fact.field: fact.value for fact in Fact.objects.filter(lead=lead)}


def test_contacts_of_a_spreadsheet_become_leads_with_facts(bring):
    done = import_all(bring(CONTACTS))

    assert done.state == "done"
    assert done.counts["run"] == {"new": 2, "updated": 0, "unchanged": 0, "refused": 0, "reasons": {}}
    assert facts_of("ann@acme.com") == {
        "email": "ann@acme.com",
        "first_name": "Ann",
        "last_name": "Lee",
        "title": "VP Sales",
        "company": "Acme",
    }
    ann = Lead.objects.get(email="ann@acme.com")
    assert (ann.name, ann.title, ann.is_known) == ("Ann Lee", "VP Sales", True)
    assert ann.due_at is not None


def test_the_card_shows_what_the_source_says_that_is_believed_first(bring, northwind, monkeypatch):
    import_all(bring("email,first name\nann@acme.com,Ann\n"), source="crm")
    for ranks, shown in ((["crm", "list"], "Ann"), (["list", "crm"], "Anna")):
        monkeypatch.setattr(ranks_of_sources, "_ask", [lambda workspace_id, ranks=ranks: ranks])
        import_all(bring(f"email,first name,phone\nann@acme.com,Anna,+49 {len(shown)}\n"), source="list")
        assert Lead.objects.get(email="ann@acme.com").name == shown


def test_the_dry_run_counts_what_the_run_then_does_and_writes_nothing(bring):
    import_all(bring(CONTACTS))
    second = bring(CONTACTS.replace("Engineer", "CTO") + "cid@hooli.com,Cid,Poe,CEO,Hooli,\nnobody,,,,,\n")
    before = Fact.objects.count()

    checked = check(second)

    assert checked.state == "checked"
    assert Fact.objects.count() == before
    assert checked.counts["check"] == {
        "new": 1,
        "updated": 1,
        "unchanged": 1,
        "refused": 1,
        "reasons": {"bad-email": 1},
    }
    actions.start_run(checked)
    done = work(checked)
    assert done.counts["run"] == done.counts["check"]
    assert done.rows_in_all == 4
