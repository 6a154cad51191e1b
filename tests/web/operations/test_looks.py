"""The pages for setting up, signing in and settings, as people see them: axe finds nothing, in light, dark and on a phone."""

import pytest
from tests.web.browser import PHONE, expect

from leadline.web.accounts.models import Membership, SourceKey

IS_WHOLE = "one => one.scrollWidth <= one.clientWidth && one.scrollHeight <= one.clientHeight"
"""Whether all of an element's text is seen without scrolling."""

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_settings_pages_are_accessible(visit, maria, omar, website, browser_key, backend, server_key):
    seen = visit(maria)

    omar_pk = Membership.objects.get(user=omar).pk
    key_pk = SourceKey.objects.get(source=backend).pk
    sources = [f"/settings/sources/{one.pk}/" for one in (website, backend)]
    pages = ["/settings/", "/settings/members/", f"/settings/members/{omar_pk}/remove/", "/settings/sources/", *sources]
    for path in [*pages, f"/settings/keys/{key_pk}/end/", "/password/"]:
        seen.check_accessibility(path)


def test_a_key_is_shown_once_after_it_was_made(visit, maria, backend):
    seen = visit(maria)
    seen.go(f"/settings/sources/{backend.pk}/")

    seen.page.get_by_role("button", name="Make another").click()

    seen.page.get_by_role("heading", name="The new key").wait_for()
    assert seen.page.locator("#new-key").inner_text().startswith("ll_server_")
    seen.dress("light", PHONE)
    assert seen.page.locator("#new-key").evaluate(IS_WHOLE)
    seen.check_accessibility()


def test_a_role_is_changed_by_a_button_that_is_there_once_another_is_chosen(visit, maria, omar):
    seen = visit(maria)
    seen.go("/settings/members/")
    change = seen.page.locator("tr", has_text="Omar").get_by_role("button", name="Change")
    role = seen.page.get_by_label("Role of Omar")

    expect(change).to_be_hidden()
    role.select_option("manager")
    change.click()

    seen.page.get_by_role("status").first.wait_for(state="attached")
    assert seen.page.get_by_label("Role of Omar").input_value() == "manager" and not change.is_visible()
    assert Membership.objects.get(user=omar).role == "manager"


def test_names_at_the_side_are_not_cut(visit, northwind, maria):
    maria.name, northwind.name = "Maria Magdalena Lindqvist-Andersson", "Northwind Coffee Trading"
    maria.save(), northwind.save()
    seen = visit(maria)
    seen.go("/settings/")

    for part in ("b", "small"):
        assert seen.page.locator(f".me {part}").evaluate(IS_WHOLE), part


def test_pages_before_signing_in_are_accessible(visit, maria):
    seen = visit(None)

    for path in ("/sign-in/", "/password/new/", "/password/sent/", "/password/choose/x/y/"):
        seen.check_accessibility(path)


def test_the_time_zone_of_the_browser_is_chosen_until_somebody_chooses_another(visit, db):
    seen = visit(None)
    told = seen.context.new_cdp_session(seen.page)
    told.send("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Tokyo"})
    seen.go("/welcome/")
    zone = seen.page.get_by_label("Time zone")

    assert zone.input_value() == "Asia/Tokyo"
    seen.page.get_by_label("Your company").fill("Northwind")
    seen.page.get_by_label("Your name").fill("Maria")
    seen.page.get_by_label("Your e-mail").fill("maria@northwind.example")
    seen.page.get_by_label("Password").fill("12345678901")
    zone.select_option("Europe/Berlin")
    seen.page.get_by_role("button", name="Set it up").click()

    seen.page.locator("[aria-invalid]").wait_for()
    assert zone.input_value() == "Europe/Berlin"


def test_the_first_user_comes_in_by_the_welcome_page(visit, db):
    seen = visit(None)
    seen.go("/")
    seen.check_accessibility()

    for label, text in (
        ("Your company", "Northwind"),
        ("Your name", "Maria"),
        ("Your e-mail", "maria@northwind.example"),
    ):
        seen.page.get_by_label(label).fill(text)
    seen.page.get_by_label("Password").fill("coffee-is-better")
    seen.page.get_by_label("Begin with the starter playbook").uncheck()
    seen.page.get_by_role("button", name="Set it up").click()

    seen.page.get_by_role("heading", name="Northwind is set up").wait_for()
    assert seen.page.locator("#server-key").inner_text().startswith("ll_server_")
    seen.check_accessibility()
    seen.page.get_by_role("link", name="Go to the leads").click()
    assert seen.path.startswith("/leads/")


@pytest.mark.parametrize("height", [900, 560])
def test_who_is_signed_in_stands_at_the_side_of_a_low_screen(visit, northwind, maria, height):
    """However long the menu is; and what one reaches with the keyboard is not behind it."""
    seen = visit(maria)
    seen.dress("light", {"width": 1440, "height": height})
    seen.go("/settings/")

    me = seen.page.locator(".me").bounding_box()
    assert me["y"] + me["height"] <= height
    seen.page.get_by_role("navigation", name="Main").get_by_role("link").last.focus()
    last = seen.page.get_by_role("navigation", name="Main").get_by_role("link").last.bounding_box()
    assert last["y"] + last["height"] <= me["y"]
