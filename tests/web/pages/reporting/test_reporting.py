"""Reporting what became of a lead: into the log with who and when, stages follow, and taken back by who said it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.web.conftest import member
from tests.web.pages.rows import make_lead
from tests.web.pages.world import assess_everybody, make_live, starter_toml, touch

from leadline.web.assessments.models import Assessment
from leadline.web.leads.models import Event, Lead, Outcome, TakenBack


@pytest.fixture
def maya(northwind):
    make_live(northwind, starter_toml())
    lead = make_lead(northwind, "Maya Mensah")
    touch(lead)
    assess_everybody()
    return lead


def page_of(lead):
    return reverse("lead-report", args=[lead.pk])


def stage():
    assess_everybody()
    return Assessment.objects.get().stage


def test_stages_follow_what_is_reported_forward_and_back(as_omar, maya, omar):
    assert stage() == "lead"
    as_omar.post(page_of(maya), {"what": "opportunity|", "value": "12000.50"})
    assert stage() == "opportunity"
    as_omar.post(page_of(maya), {"what": "won|"})
    assert stage() == "customer"
    as_omar.post(page_of(maya), {"what": "churned|"})
    assert stage() == "lead"

    first = Outcome.objects.order_by("pk").first()
    assert (first.outcome, str(first.value), first.by, first.source) == (
        "opportunity",
        "12000.50",
        omar.email,
        "person",
    )


def test_the_page_of_the_lead_leads_to_it_for_those_who_work_leads(as_omar, client, maya, northwind):
    client.force_login(member(northwind, "Vera", "viewer"))
    where = reverse("lead", args=[maya.pk])

    assert page_of(maya) in as_omar.get(where).content.decode()
    assert page_of(maya) not in client.get(where).content.decode()


def test_referrals_are_events(as_omar, maya):
    as_omar.post(page_of(maya), {"what": "event:referral_asked"})
    as_omar.post(page_of(maya), {"what": "event:referral_given"})

    assert list(Event.objects.order_by("pk").values_list("name", flat=True)) == ["referral_asked", "referral_given"]
    assert Lead.objects.get().due_at is not None
    page = as_omar.get(page_of(maya)).content.decode()
    assert "Asked for a referral" in page and "Gave a referral" in page


def test_what_was_said_is_taken_back_by_who_said_it_and_by_managers(as_omar, maya, northwind):
    as_omar.post(page_of(maya), {"what": "opportunity|"})
    as_omar.post(page_of(maya), {"what": "event:referral_asked"})
    undo = reverse("undo-report", args=[maya.pk])
    nadia, ines = Client(), Client()
    nadia.force_login(member(northwind, "Nadia", "rep"))
    ines.force_login(member(northwind, "Ines", "manager"))
    outcome, event = Outcome.objects.get(), Event.objects.get()
    for origin in (outcome.origin, event.origin, "", "import:1"):
        nadia.post(undo, {"origin": origin})
    assert Outcome.objects.exists() and Event.objects.exists()

    as_omar.post(undo, {"origin": outcome.origin})
    ines.post(undo, {"origin": event.origin})
    assert not Outcome.objects.exists() and not Event.objects.exists()
    assert stage() == "lead"
    kept = list(TakenBack.objects.order_by("pk").values_list("kind", "name", "said_by", "taken_back_by"))
    omar = outcome.by
    assert kept == [("outcome", "opportunity", omar, omar), ("event", "referral_asked", omar, "ines@northwind.example")]
    page = as_omar.get(page_of(maya)).content.decode().partition("taken-back-title")[2]
    assert "Opportunity" in page and "Asked for a referral" in page and "Ines" in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Choose what became of them"),
        ({"what": "nothing|"}, "Select a valid choice"),
        ({"what": "event:demo_requested"}, "Select a valid choice"),
        ({"what": "won|", "value": "-5"}, "greater than or equal to 0"),
        ({"what": "won|", "at": "soon"}, "Write the moment as"),
        ({"what": "won|", "at": f"{timezone.now() + timedelta(days=2):%Y-%m-%d}"}, "has not happened yet"),
    ],
)
def test_what_makes_no_sense_is_refused(as_omar, maya, given, said):
    answer = as_omar.post(page_of(maya), given)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Outcome.objects.exists()


def test_another_workspace_reports_nothing(as_charlie, maya):
    assert as_charlie.post(page_of(maya), {"what": "won|"}).status_code == 404
    assert as_charlie.post(reverse("undo-report", args=[maya.pk]), {"origin": "x"}).status_code == 404


@pytest.mark.browser
def test_the_page_is_readable_in_every_look(visit, omar, maya):
    seen = visit(omar)
    seen.go(page_of(maya))
    seen.page.get_by_label("What became of them").select_option(label="Won")
    seen.page.get_by_role("button", name="Report it").click()
    seen.page.get_by_text("Reported here").wait_for()
    seen.shoot_every_look("report")
    seen.check_accessibility()
