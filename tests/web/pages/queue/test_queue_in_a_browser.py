"""The queue as a rep uses it: with keys, in every look, on a phone, and without JavaScript."""

import pytest
from tests.web.browser import PHONE, expect
from tests.web.handoff.conftest import TOML
from tests.web.pages.queue.conftest import hand_over
from tests.web.pages.world import make_live

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
    seen.page.get_by_text("Undone: Noor Vermeer, claimed.").wait_for()
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


def focused(seen):
    return seen.page.evaluate(
        "document.activeElement.textContent.trim() || document.activeElement.value || document.activeElement.tagName"
    )


def test_keys_alone_send_somebody_back(visit, omar, three):
    seen = visit(omar)
    seen.go("/queue/")
    keys = seen.page.keyboard
    keys.press("r")
    seen.page.locator(".refuse input:focus").wait_for()
    keys.press("Escape")
    assert "Maya Mensah" in focused(seen)
    keys.press("Enter")
    assert focused(seen) == "Claim"
    keys.press("r")
    seen.page.locator(".refuse input:focus").wait_for()
    keys.press("n")  # the reason that begins with it: "No interest", and then "Not now"; it writes no note
    keys.press("n")
    keys.press("Enter")
    seen.page.get_by_text("Maya Mensah: recycled for “Not now”").wait_for()
    assert HandOff.objects.get(pk=three[0].pk).reason == "timing"
    assert "Noor Vermeer" in focused(seen)

    keys.press("c")
    seen.page.get_by_text("Noor Vermeer is yours.").wait_for()
    assert "Noor Vermeer" in focused(seen)
    keys.press("n")
    seen.page.locator("textarea:focus").wait_for()
    keys.type("under par")  # no key of the queue while one types
    keys.press("Tab")
    keys.press("Enter")
    seen.page.get_by_text("Noor Vermeer: note written").wait_for()
    keys.press("u")
    seen.page.get_by_text("Undone: Noor Vermeer, note written.").wait_for()
    keys.press("u")
    seen.page.get_by_text("Undone: Noor Vermeer, claimed.").wait_for()
    keys.press("u")
    seen.page.locator("#toasts", has_text="nothing of yours to undo at Noor Vermeer").wait_for()
    seen.page.locator(".list .skip").focus()
    keys.press("Enter")
    keys.press("Tab")
    assert "Noor Vermeer" in focused(seen) and seen.page.evaluate("document.activeElement.closest('#pane') !== null")


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
    expect(seen.page.get_by_text("Noor Vermeer is yours.")).to_be_visible()
    seen.page.locator("summary", has_text="Send back").click()
    seen.page.get_by_label("Not now").check()
    seen.page.get_by_role("button", name="Send back", exact=True).click()

    assert HandOff.objects.get(pk=three[1].pk).state == "recycled"


def test_on_a_phone_a_tap_leads_to_what_one_does_and_a_link_back(visit, omar, live):
    for number in range(12):
        hand_over(live, f"Lead {number}", rank=number)
    seen = visit(omar)
    seen.dress("light", PHONE)
    seen.go("/queue/")
    seen.page.locator("[data-row]", has_text="Lead 7").get_by_role("link").click()
    seen.page.locator("#pane").get_by_role("heading", name="Lead 7").wait_for()
    accept = seen.page.locator("#pane").get_by_role("button", name="Accept")
    expect(accept).to_be_in_viewport()
    seen.page.get_by_role("link", name="Back to the list").click()
    expect(seen.page.locator("[data-row]", has_text="Lead 11")).to_be_in_viewport()


def test_the_button_that_sends_back_is_seen(visit, omar, three, northwind):
    many = "".join(f"[[outcomes.rejected.reasons]]\nid = 'reason-{number}'\n" for number in range(20))
    make_live(northwind, TOML.replace("[outcomes.recycled]", many + "[outcomes.recycled]"), number=2)
    seen = visit(omar)
    for size in ({"width": 1300, "height": 850}, PHONE):
        seen.dress("light", size)
        seen.go("/queue/")
        seen.page.locator("summary", has_text="Send back").click()
        expect(seen.page.get_by_role("button", name="Send back", exact=True)).to_be_in_viewport(ratio=1)
        seen.shoot(f"queue_refuse_{size['width']}")


def test_a_key_pressed_far_down_opens_below_the_bar_at_the_top(visit, omar, three):
    seen = visit(omar)
    seen.page.set_viewport_size({"width": 1440, "height": 380})
    seen.go("/queue/")
    seen.page.evaluate("window.scrollTo(0, 9999)")
    seen.page.keyboard.press("r")
    seen.page.locator(".refuse input:focus").wait_for()
    bar = seen.page.locator(".top").bounding_box()
    assert seen.page.locator(".refuse").bounding_box()["y"] >= bar["y"] + bar["height"]


def test_whoever_logs_a_call_from_far_down_has_the_name_in_sight(visit, omar, three):
    seen = visit(omar)
    for size in ({"width": 1440, "height": 900}, PHONE):
        seen.dress("light", size)
        seen.go("/queue/")
        seen.page.evaluate("window.scrollTo(0, 9999)")
        seen.page.keyboard.press("l")
        seen.page.locator(".say select:focus").wait_for()
        expect(seen.page.locator("#h-pane")).to_be_in_viewport(ratio=1)
        expect(seen.page.locator(".say[open]").get_by_role("button", name="Write it down")).to_be_in_viewport(ratio=1)
        seen.shoot(f"queue_call_{size['width']}")
        seen.check_accessibility()


def test_a_manager_ticks_and_gives_with_keys(visit, ines, omar, three):
    seen = visit(ines)
    seen.go("/queue/?box=all")
    for key in ("j", "x"):
        seen.page.keyboard.press(key)
    seen.page.locator("#give select").select_option(label="Omar, 0 open")
    seen.page.locator("#give").get_by_role("button", name="Give").click()
    seen.page.get_by_text("Given: 1 to Omar.").wait_for()
    assert HandOff.objects.get(owner=omar).pk == three[1].pk
    seen.check_accessibility()
    seen.shoot_every_look("queue_manager")
