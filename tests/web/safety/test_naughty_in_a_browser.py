"""In Chromium, hostile names and notes open no dialog, run nothing, fetch nothing from elsewhere, and push nothing off a phone."""

import pytest
from tests.web.browser import PHONE
from tests.web.pages.rows import make_lead
from tests.web.safety.naughty import KINDS, LONG

from leadline.web.leads.models import Fact
from leadline.web.leads.notes import add_note

pytestmark = pytest.mark.browser
_MOST_NAME = 255
BATCH = [
    text.replace("\0", "")
    for kind in ("elements", "attributes", "urls", "htmx", "templates", "unseen", "stacks", "scripts", "emoji")
    for text in KINDS[kind][:12]
]


@pytest.fixture
def watched(visit, maria):
    """Maria's browser, with what it asked for and each dialog that opened."""
    seen = visit(maria)
    seen.asked, seen.dialogs = [], []
    seen.page.on("request", lambda request: seen.asked.append(request.url))
    seen.page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
    seen.page.add_init_script("window.zqx = () => { document.title = 'zqx ran'; window.hasRun = true; }")
    return seen


def hold(seen):
    """Fail where a page did what a text said, or is wider than a phone."""
    assert not seen.dialogs
    assert not [url for url in seen.asked if not url.startswith((seen.address, "data:image/"))]
    assert seen.page.evaluate("window.hasRun") is None
    too_wide = seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert too_wide <= 0, f"{seen.path} is {too_wide} px too wide"


def test_a_list_of_hostile_names_is_a_list(watched, northwind):
    for text in [*BATCH, *LONG[:12]]:
        make_lead(northwind, text[:_MOST_NAME], title=text[:_MOST_NAME], email="a@northwind.example")
    watched.dress("light", PHONE)
    for page in range(1, 6):
        watched.go(f"/leads/?page={page}")
        watched.page.locator("#listing").wait_for()
        hold(watched)
    watched.go("/leads/?q=" + "%3Cimg%20src=x%20onerror=zqx()%3E")
    hold(watched)


def test_a_lead_of_hostile_texts_is_a_page(watched, northwind, now):
    lead = make_lead(
        northwind,
        '<img src=x onerror="zqx()">' + "W" * 200,
        title="\u202e" * 20 + "<b>zqx",
        email="a@northwind.example",
    )
    for number, text in enumerate([*BATCH[::2], *LONG[:10]]):
        add_note(lead, text[:4_000] or "-", by="maria@northwind.example")
        Fact.objects.create(
            workspace=northwind, lead=lead, first_lead=lead, field=f"tea_{number}", value=text[:2_000], known_at=now, recorded_at=now,
            source="form", evidence=text[:1_000],
        )  # fmt: skip
    watched.dress("light", PHONE)
    for path in ("", "consent/", "export/", "merges/"):
        watched.go(f"/leads/{lead.pk}/{path}")
        hold(watched)
