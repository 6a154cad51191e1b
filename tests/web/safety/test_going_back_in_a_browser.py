"""At a shared machine, whoever comes after somebody who signed out sees no lead by going back, however the browser keeps pages."""

import pytest
from django.conf import settings
from django.test import Client
from tests.web.browser import CHROMIUM
from tests.web.pages.rows import make_lead

pytestmark = pytest.mark.browser
NAME = "Ada Okonkwo-Lindqvist"
KEEPS_PAGES = "--disable-back-forward-cache"
"""Tests in a browser switch its keeping of whole pages off; people do not."""


@pytest.fixture(params=["keeping answers", "keeping whole pages"])
def page(request, chromium, live_server, maria, northwind):
    """A page of a browser where Maria is signed in, and Northwind has a lead."""
    make_lead(northwind, NAME, email="ada@northwind.example")
    spared = [KEEPS_PAGES] if request.param == "keeping whole pages" else []
    browser = chromium.browser_type.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"], ignore_default_args=spared
    )
    context = browser.new_context(base_url=live_server.url)
    client = Client()
    client.force_login(maria)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    yield context.new_page()
    browser.close()


def open_list_and_lead(page):
    page.goto("/leads/")
    page.get_by_role("link", name=NAME).click()
    page.get_by_role("heading", name=NAME).wait_for()


def test_going_back_from_a_lead_shows_the_list_and_forward_the_lead(page):
    open_list_and_lead(page)

    page.go_back()
    page.get_by_role("link", name=NAME).wait_for()
    assert page.url.endswith("/leads/")

    page.go_forward()
    page.get_by_role("heading", name=NAME).wait_for()


def test_going_back_after_signing_out_shows_no_lead(page):
    open_list_and_lead(page)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/**")

    for _ in range(2):
        page.go_back()
        page.wait_for_load_state()
        assert NAME not in page.content()
        assert "/sign-in/" in page.url


def test_nothing_of_a_page_is_kept_where_scripts_keep_things(page):
    page.goto("/leads/")
    page.locator("[data-search]").first.press_sequentially("Ada", delay=10)
    page.wait_for_url(
        "**q=*"
    )  # a part of the page was fetched, and the address changed: here htmx would keep the page before
    page.get_by_role("link", name=NAME).first.wait_for()

    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")

    assert NAME not in kept and "htmx-history-cache" not in kept
    assert page.evaluate("htmx.config.historyCacheSize") == 0
