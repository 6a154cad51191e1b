"""The page of refused events as people see it, with JavaScript and without."""

import pytest
from django.utils import timezone
from tests.web.capture.refused.test_refused import MENDED, refused_nan

from leadline.web.capture.models import RefusedEvent, RefusedMeter
from leadline.web.capture.tracking.inbox import refuse

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def nan(backend, website, now):
    refused_nan(website, now, body='{"type":"page"}', reason="nobody")
    return refused_nan(backend, now)


def test_the_pages_are_for_everybody(visit, maria, nan):
    seen = visit(maria)
    seen.go("/refused/")
    seen.check_accessibility()
    seen.shoot_every_look("refused", full=True)

    seen.go(f"/refused/{nan.pk}/")
    seen.check_accessibility()
    seen.shoot_every_look("refused_one", full=True)


def test_what_cannot_be_mended_and_what_was_not_kept_are_for_everybody(visit, maria, nan, backend, now):
    RefusedMeter.objects.create(
        workspace=backend.workspace, source=backend, hour=timezone.now(), kept=1_000, not_kept=48_210
    )
    broken = refuse(
        backend.workspace, backend, "tracking", "unreadable-gzip", "The gzip ends early.", b"\x1f\x8bxx",
        is_verified=True, now=now,
    )  # fmt: skip
    seen = visit(maria)
    seen.go("/refused/")
    seen.check_accessibility()
    seen.shoot_every_look("refused_not_kept", full=True)

    seen.go(f"/refused/{broken.pk}/")
    seen.check_accessibility()
    seen.shoot_every_look("refused_packed", full=True)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_maria_mends_an_event_and_sends_it_again(visit, maria, nan, javascript):
    seen = visit(maria, javascript=javascript)
    seen.go("/refused/")
    seen.page.get_by_role("link", name="NaN or Infinity").last.click()
    seen.page.get_by_role("textbox", name="What was sent").fill(MENDED)
    seen.page.get_by_role("button", name="Send again").click()

    seen.page.get_by_text("Sent again: 1 event.").wait_for()
    assert RefusedEvent.objects.get(pk=nan.pk).state == "replayed"
