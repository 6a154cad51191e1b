"""The list as people work with it in a browser: columns, views, many at once, and the search from anywhere."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.urls import reverse
from tests.web.browser import PHONE, expect

from leadline.web.assessments.models import Assessment
from leadline.web.leads.models import Fact
from leadline.web.pages.models import SavedView

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


def headings(page):
    return page.locator("table.leads thead th[scope=col]").all_inner_texts()


def test_columns_are_chosen_in_place_and_stand_in_the_address(visit, maria, people):
    seen = visit(maria)
    seen.go("/leads/")
    before = headings(seen.page)
    seen.page.locator("summary", has_text="Columns").click()
    seen.page.get_by_role("link", name="Country").click()
    seen.page.locator("th", has_text="Country").wait_for()
    seen.page.get_by_role("link", name="Country further left").click()
    seen.page.locator("thead th:nth-last-child(2)", has_text="Country").wait_for()

    assert headings(seen.page) == [*before[:-1], "Country", before[-1]]
    assert "country" in seen.path
    expect(seen.page.get_by_role("link", name="Hide Country")).to_be_visible()  # the menu stays open

    seen.page.locator("summary", has_text="Stage").click()  # and filters leave them
    seen.page.locator("input[name=stage][value=mql]").check()
    seen.page.get_by_role("link", name="Without Stage: Marketing qualified").wait_for()
    assert "stage=mql" in seen.path
    assert headings(seen.page) == [*before[:-1], "Country", before[-1]]


def test_without_javascript_columns_are_chosen_views_saved_and_many_noted(visit, maria, people):
    seen = visit(maria, javascript=False)
    seen.go("/leads/?sort=name")
    seen.page.locator("summary", has_text="Columns").click()
    seen.page.get_by_role("link", name="Country").click()
    assert "Country" in headings(seen.page)

    seen.page.locator("summary", has_text="Save view").click()
    seen.page.get_by_label("Name of the view").fill("By name")
    seen.page.get_by_role("button", name="Save", exact=True).click()
    assert seen.page.locator(".tabs [aria-current]").inner_text() == "By name"
    assert SavedView.objects.get().query.startswith("sort=name&cols=")

    for at in (0, 1):
        seen.page.locator("input[name=lead]").nth(at).check()
    seen.page.get_by_label("What to do").select_option("fact")
    seen.page.get_by_role("button", name="Go on").click()
    seen.page.get_by_label("Field").fill("tier")
    seen.page.get_by_label("Value").fill("one")
    seen.page.get_by_role("button", name="Note something you know").click()
    seen.page.get_by_label("It is a new field").check()
    seen.page.get_by_role("button", name="Note something you know").click()
    assert Fact.objects.filter(field="tier").count() == 2
    seen.page.get_by_role("button", name="Undo").click()
    assert not Fact.objects.filter(field="tier").exists()


def test_keys_select_and_one_box_selects_the_page(visit, maria, people):
    seen = visit(maria)
    seen.go("/leads/")
    expect(seen.page.locator(".selected-bar")).to_be_hidden()
    for key in "jxjx":
        seen.page.keyboard.press(key)

    expect(seen.page.locator("input[name=lead]:checked")).to_have_count(2)
    expect(seen.page.locator(".selected-bar")).to_be_visible()
    assert seen.page.locator(".selected-bar b").inner_text() == "With the 2 ticked"
    seen.page.get_by_label("Select all on this page").check()
    expect(seen.page.locator("input[name=lead]:checked")).to_have_count(25)
    assert seen.page.locator(".selected-bar b").inner_text() == "With the 25 ticked"
    seen.page.keyboard.press("x")
    assert seen.page.locator(".selected-bar b").inner_text() == "With the 24 ticked"


def test_a_slash_finds_from_anywhere_with_the_keyboard_alone(visit, maria, people):
    best = Assessment.objects.select_related("lead").order_by("-rank", "lead_id").first().lead
    seen = visit(maria)
    seen.go("/playbook/")
    seen.page.keyboard.press("/")
    seen.page.locator("#palette-results", has_text="Pipeline").wait_for()
    seen.page.keyboard.type(best.name)
    expect(seen.page.locator("#palette [data-hit]").first).to_contain_text(best.name)
    seen.page.keyboard.press("ArrowDown")
    seen.page.keyboard.press("ArrowDown")
    seen.page.keyboard.press("ArrowUp")
    assert best.name in seen.page.evaluate("document.activeElement.innerText")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url(f"**{reverse('lead', args=[best.pk])}")


def _seeks(url, text):
    """Whether an address asks the palette for a text."""
    parts = urlsplit(url)
    return parts.path == reverse("search") and parse_qs(parts.query).get("q") == [text]


def _answer_later(seen, text):
    """Hold the palette's answer to a text back until the function that this returns is called."""
    held = []
    seen.page.route(lambda url: _seeks(url, text), lambda route: held.append(route))

    def let_go():
        while not held:
            seen.page.wait_for_timeout(20)
        with seen.page.expect_response(lambda answer: _seeks(answer.url, text)):
            held.pop().continue_()

    return let_go


def test_whoever_is_among_the_hits_stays_there_when_they_are_found_anew(visit, maria, people):
    best = Assessment.objects.select_related("lead").order_by("-rank", "lead_id").first().lead
    seen = visit(maria)
    seen.go("/playbook/")
    seen.page.keyboard.press("/")
    seen.page.keyboard.type(best.name[:-1])
    seen.page.locator("#palette-results b", has_text=best.name).first.wait_for()
    let_go = _answer_later(seen, best.name)
    seen.page.keyboard.type(best.name[-1])
    seen.page.keyboard.press("ArrowDown")
    on_it = seen.page.locator("#palette [data-hit]:focus", has_text=best.name)
    on_it.wait_for()
    on_it.evaluate("hit => hit.classList.add('of-before')")

    let_go()
    seen.page.locator(".of-before").wait_for(state="detached")
    on_it.wait_for()
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url(f"**{reverse('lead', args=[best.pk])}")


def test_whose_hit_is_not_found_anew_is_back_in_the_field(visit, maria, people):
    seen = visit(maria)
    seen.go("/playbook/")
    seen.page.keyboard.press("/")
    seen.page.locator("#palette-results", has_text="Pipeline").wait_for()
    let_go = _answer_later(seen, "no such thing")
    seen.page.keyboard.type("no such thing")
    seen.page.keyboard.press("ArrowDown")
    seen.page.locator("#palette [data-hit]:focus").wait_for()

    let_go()
    seen.page.locator("#palette-results", has_text="Nothing is called").wait_for()
    seen.page.locator("#palette-q:focus").wait_for()


def test_enter_waits_for_what_was_typed_and_opens_the_first_of_it(visit, maria, people):
    best = Assessment.objects.select_related("lead").order_by("-rank", "lead_id").first().lead
    seen = visit(maria)
    seen.go("/playbook/")
    seen.page.keyboard.press("/")
    seen.page.locator("#palette-results", has_text="Pipeline").wait_for()
    let_go = _answer_later(seen, best.name)
    seen.page.keyboard.type(best.name)
    seen.page.keyboard.press("Enter")

    let_go()
    seen.page.wait_for_url(f"**{reverse('lead', args=[best.pk])}")


def test_enter_leads_somewhere_also_where_nothing_is_found_and_where_no_answer_comes(visit, maria, people):
    seen = visit(maria)
    seen.forgives += ["status of 500", "Error Code 500"]

    def break_in_place(route):
        if route.request.resource_type == "document":
            route.continue_()
        else:
            route.fulfill(status=500)

    seen.page.route(lambda url: _seeks(url, "broken"), break_in_place)
    for text, there in (("nobody", "/leads/?q=nobody&who=all"), ("broken", "/search/?q=broken")):
        seen.go("/playbook/")
        seen.page.keyboard.press("/")
        seen.page.locator("#palette-results", has_text="Pipeline").wait_for()
        seen.page.keyboard.type(text)
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url(f"**{there}")


def test_whoever_goes_on_typing_after_enter_is_not_led_away(visit, maria, people):
    best = Assessment.objects.select_related("lead").order_by("-rank", "lead_id").first().lead
    seen = visit(maria)
    seen.go("/playbook/")
    seen.page.keyboard.press("/")
    seen.page.locator("#palette-results", has_text="Pipeline").wait_for()
    let_go = _answer_later(seen, best.name)
    seen.page.keyboard.type(best.name)
    seen.page.keyboard.press("Enter")
    seen.page.keyboard.type("x")
    seen.page.keyboard.press("Backspace")

    let_go()
    expect(seen.page.locator("#palette [data-hit]").first).to_contain_text(best.name)
    assert seen.path == "/playbook/"


def test_without_javascript_the_search_is_a_page(visit, maria, people):
    seen = visit(maria, javascript=False)
    seen.go("/playbook/")
    seen.page.get_by_label("Search", exact=True).fill(people[0].name)
    seen.page.get_by_label("Search", exact=True).press("Enter")

    assert seen.path.startswith("/search/?q=")
    expect(seen.page.locator("main a", has_text=people[0].name).first).to_be_visible()


@pytest.mark.parametrize(
    "path", ["/search/?q=a", "/leads/views/", "/leads/export/?grade=A1", "/leads/exports/", "/leads/batches/"]
)
def test_every_page_is_readable_in_every_look(visit, maria, people, path):
    SavedView.objects.create(workspace=maria.memberships.get().workspace, owner=maria, name="Hot", query="grade=A1")
    seen = visit(maria)
    seen.go(path)
    seen.check_accessibility()


def test_open_menus_and_the_palette_are_readable_in_every_look(visit, maria, people):
    seen = visit(maria)
    seen.go("/leads/")
    seen.page.locator("input[name=lead]").first.check()
    for name in ("Columns", "Save view"):
        seen.page.locator("summary", has_text=name).click()
        seen.check_accessibility()
    seen.page.keyboard.press("Escape")
    seen.page.locator("h1").click()
    seen.page.keyboard.press("/")
    seen.page.locator("#palette-results", has_text="Pipeline").wait_for()
    seen.check_accessibility()
    seen.dress("light", PHONE)
    expect(seen.page.locator("#palette")).to_be_visible()
