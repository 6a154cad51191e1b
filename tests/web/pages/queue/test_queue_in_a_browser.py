"""The queue as a rep uses it: with keys, in every look, on a phone, and without JavaScript."""

import pytest
from tests.web.pages.queue.conftest import hand_over

from leadline.web.handoff.models import HandOff

pytestmark = pytest.mark.browser


@pytest.fixture
def three(live):
    return [
        hand_over(live, name, rank=rank) for name, rank in (("Maya Mensah", 9), ("Noor Vermeer", 8), ("Ivo Abel", 7))
    ]


def test_keys_go_through_the_queue_and_act(visit, omar, three):
    seen = visit(omar)
    seen.go("/queue/")
    pane = seen.page.locator("#pane")
    for _ in range(2):
        seen.page.keyboard.press("j")
    pane.get_by_role("heading", name="Ivo Abel").wait_for()
    seen.page.keyboard.press("k")
    pane.get_by_role("heading", name="Noor Vermeer").wait_for()
    seen.page.keyboard.press("c")
    seen.page.get_by_text("Noor Vermeer is yours.").wait_for()
    seen.page.keyboard.press("u")
    seen.page.get_by_text("Noor Vermeer is as before.").wait_for()
    assert HandOff.objects.get(pk=three[1].pk).state == "waiting"

    seen.page.keyboard.press("a")
    seen.page.get_by_text("Noor Vermeer: accepted").wait_for()
    assert HandOff.objects.get(pk=three[1].pk).state == "accepted"
    pane.get_by_role("heading", name="Ivo Abel").wait_for()
    seen.page.keyboard.press("r")
    pane.get_by_label("Not now").check()
    pane.get_by_role("button", name="Send back", exact=True).click()
    seen.page.get_by_text("Ivo Abel: recycled").wait_for()
    assert HandOff.objects.get(pk=three[2].pk).reason == "timing"


def test_the_queue_is_readable_in_every_look(visit, omar, three):
    seen = visit(omar)
    seen.go("/queue/")
    seen.shoot_every_look("queue", full=True)
    seen.check_accessibility()
    seen.page.locator("summary", has_text="Send back").click()
    seen.shoot_every_look("queue_back")
    seen.check_accessibility()
    seen.go("/queue/?box=late")
    seen.check_accessibility()


def test_the_queue_works_without_javascript(visit, omar, three):
    seen = visit(omar, javascript=False)
    seen.go("/queue/")
    seen.page.get_by_role("link", name="Noor Vermeer").first.click()
    seen.page.get_by_role("button", name="Claim").click()
    assert seen.page.get_by_text("Noor Vermeer is yours.").is_visible()
    seen.page.locator("summary", has_text="Send back").click()
    seen.page.get_by_label("Not now").check()
    seen.page.get_by_role("button", name="Send back", exact=True).click()

    assert HandOff.objects.get(pk=three[1].pk).state == "recycled"
