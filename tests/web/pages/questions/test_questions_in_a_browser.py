"""Answering as people do: in place, by keyboard, without JavaScript, in every look, and with hostile words."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from tests.web.pages.world import assess_everybody

from leadline.web.leads.models import Fact, Lead
from leadline.web.leads.records import NewOutcome, record_outcomes
from leadline.web.pages.lead_page.actions import add_answer
from leadline.web.pages.questions.actions import withdraw_answer

pytestmark = pytest.mark.browser
NOW = timezone.now()


@pytest.fixture
def ada(northwind, playbook):
    cache.clear()
    lead = Lead.objects.create(workspace=northwind, name="Ada", is_known=True, first_seen_at=NOW - timedelta(days=9))
    accepted = NewOutcome(lead_id=lead.pk, outcome="accepted", at=NOW - timedelta(days=2), source="crm")
    with transaction.atomic():
        record_outcomes(northwind, [accepted], now=NOW)
    for number, question in enumerate(("authority", "need"), start=1):
        says(lead, question, "yes", evidence="call, 12 March", at=NOW - timedelta(hours=number))
    assess_everybody()
    return lead


def says(lead, question, answer, *, evidence="", at=None):
    add_answer(lead, question=question, answer=answer, evidence=evidence, by="omar@northwind.example", now=at)


def test_an_answer_is_noted_in_place_and_the_rest_of_the_page_follows(visit, omar, ada):
    seen = visit(omar)
    seen.go(f"/leads/{ada.pk}/")
    card = seen.page.locator("#questions")
    assert "Ask next: Is there money for this? A yes would make them Sales qualified." in card.inner_text()
    seen.page.evaluate("window.isTheSamePage = true")

    budget = seen.page.locator("#question-budget")
    budget.locator("summary").last.click()
    budget.get_by_label("yes").check()
    budget.get_by_label("How you know").fill("call, today")
    budget.get_by_role("button", name="Note it").click()
    card.get_by_text("The answer was noted.").wait_for()

    assert "Said by Omar" in budget.inner_text() and "“call, today”" in budget.inner_text()
    assert seen.page.evaluate("document.activeElement.getAttribute('role')") == "status"
    assert "Ask next" not in card.inner_text()
    seen.page.get_by_text("Being reassessed.").wait_for()  # the rest of the page heard of it
    assess_everybody()
    seen.page.locator("#assessed").get_by_text("Sales qualified").first.wait_for()
    assert seen.page.evaluate("window.isTheSamePage") is True


def test_withdrawing_and_undoing_by_keyboard(visit, omar, ada):
    seen = visit(omar)
    seen.go(f"/leads/{ada.pk}/")
    need = seen.page.locator("#question-need")
    need.get_by_role("button", name="Withdraw the answer to").focus()
    seen.page.keyboard.press("Enter")
    undo = need.get_by_role("button", name="Undo: put “yes” back")
    undo.wait_for()
    assert "unknown" in need.inner_text()
    undo.focus()
    seen.page.keyboard.press("Space")
    seen.page.get_by_text("The answer is yes again.").wait_for()

    assert [one.value for one in Fact.objects.filter(field="questions.need").order_by("known_at")] == [
        "yes",
        None,
        "yes",
    ]
    need.locator("summary", has_text="All that was said (3)").focus()
    seen.page.keyboard.press("Enter")
    assert "withdrawn" in need.locator(".words").inner_text()


def test_everything_works_without_javascript(visit, omar, ada):
    seen = visit(omar, javascript=False)
    seen.go(f"/leads/{ada.pk}/")
    budget = seen.page.locator("#question-budget")
    budget.locator("summary").last.click()
    budget.get_by_label("partly").check()
    budget.get_by_label("How you know").fill("mail")
    budget.get_by_role("button", name="Note it").click()
    assert "The answer was noted." in seen.page.locator("main").inner_text()
    budget.get_by_role("button", name="Withdraw").click()
    assert "The answer was withdrawn." in seen.page.locator("main").inner_text()
    budget.get_by_role("button", name="Undo").click()
    assert "The answer is partly again." in seen.page.locator("main").inner_text()
    assert seen.path == f"/leads/{ada.pk}/#questions"


def test_the_card_in_every_look_with_long_and_hostile_words(visit, omar, ada):
    says(ada, "timeline", "partly", evidence="<script>alert(1)</script>" + "w" * 300, at=NOW - timedelta(minutes=9))
    withdraw_answer(ada, question="authority", by="maria@northwind.example")
    assess_everybody()
    seen = visit(omar)
    seen.go(f"/leads/{ada.pk}/")
    for summary in seen.page.locator("#questions summary").all():
        summary.click()
    seen.check_accessibility()
    seen.shoot_every_look("questions", full=True)


def test_the_card_after_an_answer_in_place_is_accessible(visit, omar, ada):
    seen = visit(omar)
    seen.go(f"/leads/{ada.pk}/")
    seen.page.locator("#question-need").get_by_role("button", name="Withdraw").click()
    seen.page.get_by_text("It can be put back below.").wait_for()
    seen.check_accessibility()
