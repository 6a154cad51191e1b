"""Anybody can type anybody's address. What an answer may do to a known person, and what it may not; and the snippet from page to log."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from tests.web.capture.forms.site import Site, serve

from leadline.web.accounts.keys import make_key
from leadline.web.accounts.models import Source, SourceKey
from leadline.web.capture.forms.snippet import embed_code
from leadline.web.capture.models import Delivery
from leadline.web.capture.tracking.take_apart import take_deliveries
from leadline.web.leads.facts import resolve, text_of
from leadline.web.leads.intake import take_messages
from leadline.web.leads.messages import Message
from leadline.web.leads.models import Event, Fact, Lead, Merge

ADA = "ada@acme.example"


@pytest.fixture
def ada(northwind):
    """Ada, whom the CRM knows as CFO."""
    crm = Source.objects.create(workspace=northwind, name="crm", kind=Source.Kind.SERVER)
    at = timezone.now() - timedelta(days=30)
    known = Message(
        message_id="1", kind="identify", name="identify", occurred_at=at, received_at=at, email=ADA, crm_id="crm:1", is_verified=True,
        traits={"title": "CFO", "first_name": "Ada"},
    )  # fmt: skip
    with transaction.atomic():
        take_messages(crm, [known])
    return Lead.objects.get()


def test_an_answer_with_the_address_of_somebody_known_is_an_event_of_theirs(ada, send):
    send({"job": "Janitor"})
    take_deliveries()

    event = Event.objects.get(name="demo_requested")
    assert (event.lead, event.kind) == (ada, "form")
    assert Lead.objects.count() == 1


def test_what_a_stronger_source_says_of_them_holds_and_what_was_typed_is_kept_beside_it(ada, send):
    send({"job": "Janitor"})
    take_deliveries()

    titles = list(Fact.objects.filter(lead=ada, field="title"))
    assert {text_of(fact) for fact in titles} == {"CFO", "Janitor"}
    assert text_of(resolve(titles, ("crm", "form"))["title"]) == "CFO"
    assert "Ask for a demo" in next(fact.evidence for fact in titles if text_of(fact) == "Janitor")


def test_the_visits_of_whoever_types_an_address_do_not_become_that_person_s(ada, send, website):
    visit = Message(
        message_id="v",
        kind="page",
        name="page_viewed",
        occurred_at=timezone.now(),
        received_at=timezone.now(),
        anonymous_id="stranger",
    )
    with transaction.atomic():
        take_messages(website, [visit])
    send()
    take_deliveries()

    assert Event.objects.get(name="page_viewed").lead != ada
    assert not Merge.objects.exists()


def test_consent_that_was_ticked_is_a_fact_with_the_text_as_evidence(ada, send, demo):
    send({"consent_contact": "on"})
    take_deliveries()

    fact = Fact.objects.get(lead=ada, field="consent.contact")
    assert (fact.value, fact.source) == ("yes", "form")
    assert demo.contact_text in fact.evidence


@pytest.mark.browser
@pytest.mark.one_database
def test_what_the_snippet_tells_becomes_events_in_the_log(visit, website, request):
    seen = visit(None)
    key = make_key(website, SourceKey.Kind.BROWSER)
    tag = embed_code(seen.address, key, waits_for_consent=False)
    body = (
        f"<!doctype html><title>Prices</title>{tag}<a id=guide href='/guide.pdf'>Guide</a><a id=away href='https://else.example/'>Away</a>"
        f"<form id=demo data-leadline-form='Demo Requested' action='/x'><input name=email value={ADA}><button>Send</button></form>"
        "<script>for (const name of ['click', 'submit']) addEventListener(name, (event) => event.preventDefault())</script>"
    )
    site = Site(page=body)
    server = serve(site)
    request.addfinalizer(server.server_close)
    request.addfinalizer(server.shutdown)
    seen.page.goto(f"{site.address}/pricing?utm_source=news")
    for number, action in enumerate(
        (
            lambda: None,
            lambda: seen.page.click("#guide"),
            lambda: seen.page.click("#away"),
            lambda: seen.page.evaluate("document.querySelector('#demo').requestSubmit()"),
            lambda: seen.page.evaluate("history.pushState({}, '', '/about')"),
        )
    ):
        action()
        for _ in range(100):
            if Delivery.objects.count() > number:
                break
            seen.page.wait_for_timeout(50)
        assert Delivery.objects.count() == number + 1
    take_deliveries()

    events = Event.objects.order_by("pk")
    assert [event.name for event in events] == [
        "page_viewed", "file_downloaded", "link_clicked", "identify", "demo_requested", "page_viewed",
    ]  # fmt: skip
    assert events[0].touch["source"] == "news"
    assert events[0].properties["path"] == "/pricing"
    assert events[1].properties["asset"] == "guide"
    assert {event.bot_rule for event in events if event.kind != "identify"} == {
        "crawler"
    }  # a headless browser says so of itself
    assert Lead.objects.count() == 1
