"""The list and the page of a lead as people use them: with a keyboard, in the dark, on a phone, and without JavaScript."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from tests.web.browser import DESK, PHONE, expect
from tests.web.pages.world import assess_everybody, touch

from leadline.web.assessments.models import Assessment, Spell
from leadline.web.leads.models import Event, Lead

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


@pytest.fixture
def busiest(people):
    """A qualified lead of a company, about whom there is much to say."""
    return Spell.objects.filter(ended_at=None, qualification="mql", lead__company__isnull=False).first().lead


def best_first():
    return [one.lead.name for one in Assessment.objects.select_related("lead").order_by("-rank", "lead_id")]


def current(page):
    return page.locator("[data-current] [data-open] b").inner_text()


# -- the frame --------------------------------------------------------------------------------------------------------


def test_a_chosen_theme_stays(visit, maria, people):
    seen = visit(maria)
    seen.go("/leads/")
    seen.page.get_by_role("button", name="Switch between light and dark").click()
    seen.go("/leads/")

    assert seen.page.locator("html").get_attribute("data-theme") == "dark"
    assert seen.page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_the_menu_of_a_phone_opens_and_closes_without_javascript(visit, maria, people):
    seen = visit(maria, javascript=False)
    seen.dress("light", PHONE)
    seen.go("/leads/")
    menu = seen.page.get_by_role("navigation", name="Main")

    expect(menu).to_be_hidden()
    seen.page.get_by_role("link", name="Menu", exact=True).click()
    expect(menu).to_be_visible()
    seen.page.get_by_role("link", name="Close menu").click()
    expect(menu).to_be_hidden()


def test_a_missing_page_is_readable_in_every_look(visit, maria):
    seen = visit(maria)
    seen.forgives.append("status of 404")
    seen.go("/no/such/page/")

    seen.shoot_every_look("missing")
    seen.check_accessibility()


def test_nothing_comes_from_elsewhere_and_the_policy_stands(visit, maria, busiest):
    seen = visit(maria)
    asked = []
    seen.page.on("request", lambda request: asked.append(request.url))
    answer = seen.go(f"/leads/{busiest.pk}/")

    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert asked and all(one.startswith(seen.address) for one in asked)


# -- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_is_readable_in_every_look(visit, maria, people):
    seen = visit(maria)
    seen.go("/leads/")

    seen.shoot_every_look("leads")
    seen.check_accessibility()


def test_open_filters_are_readable_in_every_look(visit, maria, people):
    seen = visit(maria)
    seen.go("/leads/")
    for name in ("Stage", "Grade", "More"):
        seen.page.locator("summary", has_text=name).click()
        seen.shoot_every_look(f"leads_{name.lower()}")
        seen.check_accessibility()


def test_an_empty_list_says_what_to_do_in_every_look(visit, maria, northwind):
    seen = visit(maria)
    seen.go("/leads/")

    seen.shoot_every_look("leads_empty")
    seen.check_accessibility()
    expect(seen.page.get_by_role("link", name="Add a lead by hand")).to_be_visible()


def test_keys_go_through_the_list(visit, maria, people):
    seen, order = visit(maria), best_first()
    seen.go("/leads/")
    for key in "jjjk":
        seen.page.keyboard.press(key)
    assert current(seen.page) == order[1]
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url("**/leads/*/")

    assert order[1] in seen.page.get_by_role("heading", level=1).inner_text()
    expect(seen.page.get_by_text(f"2 of {len(people)}")).to_be_visible()

    seen.page.keyboard.press("j")
    seen.page.get_by_text(f"3 of {len(people)}").wait_for()
    assert order[2] in seen.page.get_by_role("heading", level=1).inner_text()


def test_f_goes_to_the_filter_and_typing_finds(visit, maria, people):
    seen = visit(maria)
    seen.go("/leads/")
    seen.page.keyboard.press("f")
    seen.page.keyboard.type(people[0].name.split()[0].lower())
    seen.page.wait_for_url("**q=*")
    seen.page.locator("#listing", has_text=people[0].name).wait_for()

    assert seen.page.evaluate("document.activeElement.id") == "q"
    assert seen.path == f"/leads/?q={people[0].name.split()[0].lower()}".replace("é", "%C3%A9")
    assert seen.page.locator("#listing tbody tr").count() < 25


def test_a_ticked_filter_narrows_in_place_stands_in_the_address_and_back_undoes_it(visit, maria, people):
    seen = visit(maria)
    seen.go("/leads/")
    seen.page.locator("summary", has_text="Stage").click()
    seen.page.locator("label", has_text="Marketing qualified").locator("input[name=stage]").check()
    seen.page.wait_for_url("**stage=mql")
    seen.page.get_by_role("link", name="Without Stage: Marketing qualified").wait_for()
    narrowed = seen.page.locator("#listing tbody tr").count()

    assert narrowed == Assessment.objects.filter(stage="mql").count()

    seen.page.go_back()
    seen.page.wait_for_url(re.compile("/leads/$"))
    seen.page.locator("#listing tbody tr").nth(24).wait_for()
    assert not seen.page.locator("input[name=stage]:checked").count()


def test_without_javascript_the_list_is_filtered_and_turned_over(visit, maria, people):
    seen = visit(maria, javascript=False)
    seen.go("/leads/")
    seen.page.get_by_role("link", name="Next").click()
    assert seen.path == "/leads/?page=2"

    seen.page.locator("summary", has_text="Stage").click()
    seen.page.locator("input[name=stage][value=mql]").check()
    seen.page.get_by_role("button", name="Apply").click()
    assert seen.path == "/leads/?stage=mql"
    expect(seen.page.locator("#listing tbody tr")).to_have_count(Assessment.objects.filter(stage="mql").count())

    seen.page.locator("#listing tbody a").first.click()
    assert re.fullmatch(r"/leads/\d+/\?stage=mql", seen.path)
    seen.page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Leads").click()
    assert seen.path == "/leads/?stage=mql"


# -- the page of a lead -------------------------------------------------------------------------------------------------


def test_a_lead_is_readable_in_every_look_with_everything_unfolded(visit, maria, busiest):
    seen = visit(maria)
    seen.go(f"/leads/{busiest.pk}/")
    seen.shoot_every_look("lead")
    seen.check_accessibility()

    seen.page.locator("main details:not(.drop)").evaluate_all("all => all.forEach(one => one.open = true)")
    seen.shoot_every_look("lead_unfolded", full=True)
    seen.check_accessibility()


def test_a_visitor_without_a_name_is_readable_too(visit, maria, northwind, playbook):
    lead = Lead.objects.create(workspace=northwind, first_seen_at=timezone.now())
    touch(lead)
    assess_everybody()
    seen = visit(maria)
    seen.go(f"/leads/{lead.pk}/?who=all")

    seen.shoot("visitor")
    seen.check_accessibility()


def test_a_reason_unfolds_to_its_events_by_keyboard(visit, maria, busiest):
    seen = visit(maria)
    seen.go(f"/leads/{busiest.pk}/")
    summary = seen.page.locator(".waterfall summary").first
    summary.focus()
    seen.page.keyboard.press("Enter")

    expect(seen.page.locator(".waterfall .why").first).to_be_visible()


def test_activity_of_one_kind_comes_in_place(visit, maria, busiest):
    seen = visit(maria)
    seen.go(f"/leads/{busiest.pk}/")
    seen.page.locator("#timeline .chip", has_text="Mail").click()
    seen.page.locator("#timeline .chip[aria-current]", has_text="Mail").wait_for()

    assert seen.page.locator("#timeline .dot.mail").count()
    assert not seen.page.locator("#timeline .dot.page").count()


def test_a_score_moves_on_an_open_page_once_something_happened(visit, maria, northwind, website, playbook):
    now = timezone.now()
    lead = Lead.objects.create(
        workspace=northwind, name="Maya Mensah", is_known=True, first_seen_at=now - timedelta(days=3)
    )
    touch(lead)
    assess_everybody()
    Event.objects.create(
        workspace=northwind,
        source=website,
        message_id="1",
        lead=lead,
        first_lead=lead,
        kind="track",
        name="demo_requested",
        occurred_at=now,
        received_at=now,
    )
    touch(lead)
    seen = visit(maria)
    seen.go(f"/leads/{lead.pk}/")
    seen.page.get_by_text("Being reassessed").wait_for()
    assert not seen.page.locator(".waterfall", has_text="Asked for a demonstration").count()

    assess_everybody()

    seen.page.locator(".waterfall", has_text="Asked for a demonstration").wait_for()
    assert not seen.page.get_by_text("Being reassessed").count()
    assert "Marketing qualified" in seen.page.get_by_role("heading", level=1).inner_text()


def test_a_wrong_fact_is_answered_where_it_was_typed(visit, maria, busiest):
    seen = visit(maria)
    seen.go(f"/leads/{busiest.pk}/")
    seen.page.get_by_text("Note something you know").click()
    seen.page.get_by_label("Field").fill("1st")
    seen.page.get_by_role("button", name="Note it").click()

    expect(seen.page.get_by_text("is no name of a field")).to_be_visible()
    seen.check_accessibility()


def test_a_lead_is_added_and_opened(visit, omar, northwind, playbook):
    seen = visit(omar)
    seen.go("/leads/")
    seen.page.get_by_role("link", name="Add a lead", exact=True).click()
    seen.check_accessibility()
    seen.dress("light", DESK)
    seen.page.get_by_label("E-mail").fill("maya@acme.example")
    seen.page.get_by_label("Name").fill("Maya Mensah")
    seen.page.get_by_role("button", name="Add", exact=True).click()

    lead = Lead.objects.get(email="maya@acme.example")
    assert seen.path == reverse("lead", args=[lead.pk])
    expect(seen.page.get_by_text("Maya Mensah was added.")).to_be_visible()
