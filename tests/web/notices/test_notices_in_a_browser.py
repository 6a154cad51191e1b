"""Notices in Chromium: the bell, reading and opening, with and without JavaScript, and accessibility in every look."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.web.notices.world import tell, waiting

from leadline.web.leads.models import Company
from leadline.web.notices.models import Channel, Notice, Preference

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def told(northwind, people):
    """Omar has three notices, one of them read; a mail of another is in doubt."""
    now = timezone.now()
    for name, kind, columns in (
        ("Ada Lovelace", "opened", {"is_hand_raise": True, "because": "demo_requested"}),
        ("Grace Hopper", "breached", {"because": "demo:10"}),
        ("Mary Somerville", "warned", {}),
    ):
        one = waiting(northwind, people["Omar"], name, respond_by=now + timedelta(hours=3), **columns)
        one.lead.company = Company.objects.create(workspace=northwind, key=f"group:{name}", name="Analytical Engines")
        one.lead.save()
        tell(one, kind, at=now - timedelta(hours=1))
    Notice.objects.filter(kind="warned").update(seen_at=now)
    Notice.objects.filter(kind="late").update(mail_state="uncertain", mail_error="The worker ended.", mail_at=now)
    Channel.objects.create(
        workspace=northwind, program="slack", name="#inbound", url="https://a.example/", topics=["late"]
    )
    return people


@pytest.mark.parametrize("javascript", [True, False])
def test_reading_and_opening(visit, told, javascript):
    seen = visit(told["Omar"], javascript=javascript)
    seen.go("/leads/")
    seen.page.get_by_role("link", name="Notices, 2 not read").click()
    seen.page.get_by_role("button", name="Mark as read Grace Hopper").click()
    seen.page.get_by_role("link", name="Notices, 1 not read").wait_for()
    seen.page.get_by_role("button", name="Open Ada Lovelace").click()
    seen.page.get_by_role("heading", name="Ada Lovelace").first.wait_for()
    assert seen.path.startswith("/queue/")
    seen.page.get_by_role("link", name="Notices", exact=True).wait_for()
    assert not Notice.objects.filter(seen_at=None).exists()


def test_a_keyboard_chooses_how_one_is_told(visit, told):
    seen = visit(told["Omar"], javascript=False)
    seen.go("/notices/")
    seen.page.get_by_role("link", name="How I am told").focus()
    seen.page.keyboard.press("Enter")
    seen.page.get_by_label("An answer is late: by mail").focus()
    seen.page.keyboard.press("o")
    seen.page.get_by_label("An answer is late: in the app").focus()
    seen.page.keyboard.press("Space")
    seen.page.get_by_label("No mails from").fill("20:00")
    seen.page.get_by_label("Until").fill("07:00")
    seen.page.get_by_role("button", name="Save").focus()
    seen.page.keyboard.press("Enter")
    seen.page.get_by_text("Saved. What comes from now on is told so.").wait_for()
    kept = Preference.objects.get()
    assert kept.ways == {"late": {"in_app": False, "mail": "digest"}} and kept.quiet_hours is not None


def test_every_look(visit, told):
    seen = visit(told["Omar"])
    for name, path in (("notices", "/notices/"), ("preferences", "/notices/preferences/")):
        seen.check_accessibility(path)
        seen.shoot_every_look(name, full=True)
    seen = visit(told["Maria"])
    seen.check_accessibility("/settings/notices/")
    seen.shoot_every_look("settings", full=True)
    seen.go("/notices/")
    seen.page.get_by_text("Nothing was told to you yet").wait_for()
    seen.check_accessibility()
