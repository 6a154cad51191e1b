"""The whole story of a lead, from the first visit to evangelist, as everybody in it sees it in a browser.

A visitor comes, identifies, asks for prices, qualifies, is routed, claimed, called, sent back for timing, comes again, is accepted, becomes
an opportunity, a customer, an evangelist. At the end the log says the same when it is replayed, and `verify` finds nothing.
"""

import base64
import json
from datetime import timedelta

import pytest
from django.db import close_old_connections
from django.utils import timezone
from tests.web.pages.world import make_live

import leadline
from leadline.engine.run import Inputs
from leadline.web.assessments.log_files import TABLES, log_rows
from leadline.web.assessments.models import Spell, StageMove
from leadline.web.capture.forms.actions import save_form
from leadline.web.capture.forms.fields import AskedField
from leadline.web.capture.models import Form
from leadline.web.handoff.models import HandOff, Seat, Team, TeamSeat
from leadline.web.leads.models import Lead
from leadline.web.operations.demo_corners import BROWSER
from leadline.web.operations.verify import verify
from leadline.web.operations.worker import Worker, find_jobs

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("story")]

TOML = """
[playbook]
name = "northwind"
timezone = "Europe/Berlin"

[scores.interest]
title = "Interest"
[[criteria]]
id = "prices"
score = "interest"
why = "Looked at prices"
event = "page_viewed"
when = "starts_with(path, '/pricing')"
points = 10
decay = { half_life = "30d" }
[[criteria]]
id = "asked"
score = "interest"
why = "Asked for prices"
event = "quote_requested"
points = 40
decay = { half_life = "30d" }

[questions.budget]
ask = "Is there money for this?"

[[exclusions]]
id = "customer"
title = "Is a customer already"
when = "deal = 'won'"

[[qualifications]]
id = "mql"
title = "Marketing qualified"
enter = "interest >= 30"

[outcomes.recycled]
ends = true
reset = ["interest"]
[[outcomes.recycled.reasons]]
id = "timing"
title = "Not now"

[[stages]]
id = "lead"
[[stages]]
id = "mql"
title = "Marketing qualified"
while = "mql"
[[stages]]
id = "accepted"
since = "accepted"
until = ["recycled", "rejected", "lost", "won", "opportunity"]
[[stages]]
id = "opportunity"
since = "opportunity"
until = ["won", "lost"]
[[stages]]
id = "customer"
since = "won"
until = ["churned"]
[[stages]]
id = "evangelist"
since = "evangelist"

[handoff]
qualifications = ["mql"]
respond_within = "4h"
otherwise = "inbound"
"""


@pytest.fixture
def sales(northwind, omar):
    """Northwind sells: one team with Omar in it, and a form on its website."""
    version = make_live(northwind, TOML)
    team = Team.objects.create(workspace=northwind, slug="inbound", name="Inbound")
    seat = Seat.objects.create(workspace=northwind, user=omar)
    TeamSeat.objects.create(workspace=northwind, team=team, seat=seat, position=0)
    form = Form(workspace=northwind, slug="prices", title="What does it cost?", event="quote_requested")
    save_form(form, [AskedField(name="email", label="Work e-mail", type="email", required=True, fact="email")])
    return version


def work():
    """Let the worker work until nothing waits."""
    worker = Worker(find_jobs())
    while worker.go_round():
        pass
    close_old_connections()


def looks_at(visitor, path, key, who):
    """Tell of a page view as the website's script does."""
    call = {"anonymousId": who, "properties": {"path": path}, "messageId": f"{who}{path}{timezone.now()}"}
    answer = visitor.page.request.post(
        f"{visitor.address}/v1/page", data=json.dumps(call | {"writeKey": key}), headers={"content-type": "text/plain"}
    )
    assert answer.ok, answer.text()


def signs_up(visitor, key, who, email):
    """Tell of a sign-up as the product does, which knows who it is."""
    call = {"anonymousId": who, "userId": "user-1", "traits": {"email": email}, "messageId": f"{who}-signs-up"}
    pair = base64.b64encode(f"{key}:".encode()).decode()
    headers = {"content-type": "application/json", "authorization": f"Basic {pair}"}
    answer = visitor.page.request.post(f"{visitor.address}/v1/identify", data=json.dumps(call), headers=headers)
    assert answer.ok, answer.text()


def asks_for_prices(visitor, email):
    visitor.go("/f/northwind/prices/")
    visitor.page.get_by_label("Work e-mail").fill(email)
    visitor.page.wait_for_timeout(2_500)  # a form that is answered at once is a machine's
    visitor.page.get_by_role("button").click()
    visitor.page.wait_for_url("**/thanks/")


@pytest.mark.django_db(transaction=True)
def test_from_the_first_visit_to_evangelist(visit, sales, northwind, omar, browser_key, server_key, tmp_path):
    # a visitor comes, looks at prices, signs up, and asks for an offer under her name
    ada = visit(None)
    ada.context.set_extra_http_headers({"User-Agent": BROWSER})  # a headless browser is a bot, and rightly so
    for path in ("/", "/pricing", "/pricing/teams"):
        looks_at(ada, path, browser_key, "visitor-1")
    work()
    assert not HandOff.objects.exists(), "visitors are handed to nobody"
    signs_up(ada, server_key, "visitor-1", "ada@analytical.example")
    work()
    assert not HandOff.objects.exists(), "two looks at prices are not enough"
    asks_for_prices(ada, "ada@analytical.example")
    work()
    handoff = HandOff.objects.get()
    assert (handoff.state, handoff.owner, handoff.team.slug) == ("waiting", omar, "inbound")

    # Omar finds her in his queue, claims her, calls, hears that it is too early, and sends her back
    rep = visit(omar)
    rep.go("/queue/")
    pane = rep.page.locator("#pane")
    assert "ada@analytical.example" in pane.inner_text()
    assert "Asked for prices" in pane.inner_text()
    rep.page.keyboard.press("c")
    rep.page.get_by_text("is yours.").wait_for()
    pane.locator("summary", has_text="Log a call").click()
    pane.get_by_label("How it went").select_option(label="Reached them")
    pane.get_by_label("What was said").fill("Budget comes in spring")
    pane.get_by_role("button", name="Write it down").first.click()
    rep.page.get_by_text("The call was written down.").wait_for()
    rep.page.keyboard.press("r")
    pane.get_by_label("Not now").check()
    pane.get_by_role("button", name="Send back", exact=True).click()
    rep.page.get_by_text("recycled", exact=False).first.wait_for()
    work()
    assert HandOff.objects.get().state == "recycled"
    assert not Spell.objects.filter(ended_at=None).exists()

    # she comes again, by herself, and is back with who knows her, who sees what was before
    for number in range(4):
        looks_at(ada, f"/pricing/again/{number}", browser_key, "visitor-1")
    asks_for_prices(ada, "ada@analytical.example")
    work()
    again = HandOff.objects.get(state="waiting")
    assert (again.number, again.owner) == (2, omar)
    rep.go("/queue/")
    assert "Second time, last recycled for “Not now”" in pane.inner_text()
    rep.page.keyboard.press("a")
    rep.page.get_by_text("accepted", exact=False).first.wait_for()
    work()

    # and it goes on: opportunity, customer, a referral, evangelist
    lead = Lead.objects.get(merged_into=None, is_known=True)
    for what in ("Opportunity", "Won", "Gave a referral", "Evangelist"):
        rep.go(f"/leads/{lead.pk}/report/")
        rep.page.get_by_label("What became of them").select_option(label=what)
        rep.page.get_by_role("button", name="Report it").click()
        rep.page.get_by_text("It is reassessed in a moment").wait_for()
        work()
    rep.go(f"/leads/{lead.pk}/")
    assert "Evangelist" in rep.page.locator("#history").inner_text()

    stages = list(StageMove.objects.filter(lead=lead).order_by("at").values_list("after", flat=True))
    assert stages == ["lead", "mql", "lead", "mql", "accepted", "opportunity", "customer", "evangelist"]
    assert HandOff.objects.count() == 2, "a customer is handed to nobody"
    assert verify(northwind).is_clean, verify(northwind)
    assert_the_log_says_the_same(northwind, tmp_path)


def assert_the_log_says_the_same(workspace, folder):
    """Replay the log as files, which knows nothing of what the app stored, and compare."""
    (folder / "playbook.toml").write_text(TOML, encoding="utf-8")
    files = {}
    for name in TABLES:
        rows = list(log_rows(workspace, name))
        if rows:
            files[name] = folder / f"{name}.jsonl"
            files[name].write_text(
                "\n".join(json.dumps({k: v for k, v in row.items() if v is not None}) for row in rows)
            )
    now = timezone.now() + timedelta(days=1)
    found = leadline.replay(folder / "playbook.toml", Inputs(**files), start=now - timedelta(days=10), end=now)

    def us(moment):
        return None if moment is None else round(moment.timestamp() * 1_000_000)

    stored = StageMove.objects.filter(workspace=workspace)
    assert {(one.lead_id, one.at_us, one.after) for one in found.moves} == {
        (str(one.lead_id), us(one.at), one.after or None) for one in stored
    }
    assert {(one.lead_id, one.began_us, one.ended_us) for one in found.spells} == {
        (str(one.lead_id), us(one.began_at), us(one.ended_at)) for one in Spell.objects.filter(workspace=workspace)
    }
    assert len(found.spells) == 2
