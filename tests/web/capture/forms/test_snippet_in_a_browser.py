"""The snippet in Chromium: what it tells, what it never tells, and that it leaves no trace before a visitor agrees.

The site has a strict policy (`default-src 'self'`), so a script that evaluates text or writes inline handlers would fail here.
"""

import time

import pytest
from tests.web.capture.forms.site import Site, serve

from leadline.web.capture.tracking.touches import CLICK_IDS

pytestmark = [pytest.mark.browser, pytest.mark.one_database]


@pytest.fixture
def site():
    site = Site()
    server = serve(site)
    yield site
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(chromium):
    context = chromium.new_context()
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on(
        "console",
        lambda said: page.faults.append(said.text) if said.type == "error" and "favicon" not in said.text else None,
    )
    yield page
    assert page.faults == []
    context.close()


def wait_for(site, count):
    """Wait until that many messages have come in; fail with what there is."""
    end = time.monotonic() + 10
    while len(site.messages) < count and time.monotonic() < end:
        time.sleep(0.02)
    assert len(site.messages) == count, site.messages
    return site.messages


def open_page(page, address):
    page.goto(address)
    page.wait_for_function("window.leadline !== undefined")


def stored(page):
    return page.evaluate("localStorage.getItem('leadline.id')")


def test_a_page_view_says_where_the_visitor_is_and_where_they_came_from(site, page):
    open_page(page, f"{site.address}/pricing?utm_source=news&utm_campaign=spring&gclid=abc&token=secret#plans")

    (view,) = wait_for(site, 1)

    assert (view["type"], view["properties"]) == ("page", {"path": "/pricing"})
    assert view["anonymousId"] == stored(page)
    assert view["context"]["page"]["url"] == f"{site.address}/pricing?utm_source=news&utm_campaign=spring&gclid=abc"
    assert view["context"]["page"]["title"] == "Prices"
    assert "HeadlessChrome" in view["context"]["userAgent"]
    assert site.bodies[0]["writeKey"] == "ll_browser_k"


def test_one_visitor_keeps_one_id_and_every_message_has_its_own(site, page):
    open_page(page, f"{site.address}/a")
    open_page(page, f"{site.address}/b")

    first, second = wait_for(site, 2)

    assert first["anonymousId"] == second["anonymousId"] == stored(page)
    assert first["messageId"] != second["messageId"]
    assert site.cookies == ["", ""]


def test_a_single_page_site_that_changes_its_address_is_seen(site, page):
    open_page(page, f"{site.address}/a")
    page.evaluate("history.pushState({}, '', '/b')")
    wait_for(site, 2)
    page.evaluate("history.replaceState({}, '', '/b?sort=name')")
    page.evaluate("history.back()")

    paths = [message["properties"]["path"] for message in wait_for(site, 3)]

    assert paths == ["/a", "/b", "/a"]


def test_downloads_and_ways_out_are_told_and_links_inside_are_not(site, page):
    open_page(page, f"{site.address}/a")
    page.click("#here")
    page.evaluate("document.addEventListener('click', (event) => event.preventDefault())")
    page.click("#away")
    page.click("#guide")

    _, away, guide = wait_for(site, 3)

    assert (away["event"], away["properties"]) == ("link_clicked", {"url": f"http://localhost:{site.port}/elsewhere"})
    assert (guide["event"], guide["properties"]) == (
        "file_downloaded",
        {"url": f"{site.address}/files/guide-to-hand-off.pdf", "asset": "guide-to-hand-off"},
    )


def test_a_marked_form_sends_what_was_typed_and_nothing_secret_hidden_or_ignored(site, page):
    open_page(page, f"{site.address}/a")
    page.click("#demo button")

    identify, track = [one for one in wait_for(site, 4) if one["type"] in ("identify", "track")]

    assert identify["traits"] == {"email": "ada@acme.example", "first_name": "Ada", "topics": ["a", "b"]}
    assert (track["event"], track["properties"]) == ("demo_requested", {"form": "demo"})
    assert "hunter2" not in str(site.bodies)
    assert "private" not in str(site.bodies)


def test_a_form_that_is_not_marked_is_left_alone(site, page):
    open_page(page, f"{site.address}/a")
    page.click("#plain button")

    assert [one["type"] for one in wait_for(site, 2)] == ["page", "page"]


def test_nothing_is_stored_or_sent_before_consent_and_then_all_of_this_page_is(site, page):
    site.attributes = 'data-consent="wait"'
    open_page(page, f"{site.address}/a")
    page.evaluate("leadline.track('video_watched', { seconds: 12 })")
    page.wait_for_timeout(300)
    assert (stored(page), page.evaluate("document.cookie"), page.evaluate("localStorage.length"), site.bodies) == (
        None,
        "",
        0,
        [],
    )

    page.evaluate("leadline.consent(true)")

    view, video = wait_for(site, 2)
    assert (view["type"], video["event"], video["properties"]) == ("page", "video_watched", {"seconds": 12})
    assert view["anonymousId"] == video["anonymousId"] == stored(page)


def test_who_has_agreed_is_known_on_the_next_page_and_who_takes_it_back_is_forgotten(site, page):
    site.attributes = 'data-consent="wait"'
    open_page(page, f"{site.address}/a")
    page.evaluate("leadline.consent(true)")
    open_page(page, f"{site.address}/b")
    wait_for(site, 2)

    page.evaluate("leadline.consent(false)")
    page.evaluate("leadline.track('later')")
    open_page(page, f"{site.address}/c")
    page.wait_for_timeout(300)

    assert stored(page) is None
    assert len(site.messages) == 2


def test_who_says_no_leaves_nothing_of_what_was_held(site, page):
    site.attributes = 'data-consent="wait"'
    open_page(page, f"{site.address}/a")
    page.evaluate("leadline.consent(false)")
    page.evaluate("leadline.consent(true)")
    page.evaluate("leadline.track('after')")

    (only,) = wait_for(site, 1)

    assert only["event"] == "after"


def test_consent_may_be_given_before_the_script_is_there(site, page):
    site.attributes = 'data-consent="wait"'
    page.add_init_script("(window.leadlineQueue ||= []).push(['consent', true])")
    open_page(page, f"{site.address}/a")

    assert [one["type"] for one in wait_for(site, 1)] == ["page"]


@pytest.mark.parametrize(
    "wish",
    [
        "navigator.__proto__, 'globalPrivacyControl', { get: () => true }",
        "navigator.__proto__, 'doNotTrack', { get: () => '1' }",
    ],
)
def test_who_asks_not_to_be_tracked_is_not_whatever_the_page_says(site, page, wish):
    page.add_init_script(f"Object.defineProperty({wish})")
    open_page(page, f"{site.address}/a")
    page.evaluate("leadline.consent(true)")
    page.click("#demo button")
    page.wait_for_timeout(300)

    assert site.bodies == []
    assert stored(page) is None


def test_every_click_id_that_the_tracking_api_knows_is_told(site, page):
    query = "&".join(f"{name}=1" for name in CLICK_IDS)
    open_page(page, f"{site.address}/a?{query}&id=7&session=8")

    (view,) = wait_for(site, 1)

    assert view["context"]["page"]["url"] == f"{site.address}/a?{query}"
