"""The keys of a page: ``?`` says what they do here, and one can close that by a key and go on where one was."""

import pytest
from django.core.cache import cache
from tests.web.browser import expect
from tests.web.pages.conftest import people, playbook
from tests.web.pages.queue.conftest import hand_over

__all__ = ["people", "playbook"]  # fixtures
pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


def shown(seen):
    """Return what the dialog says: keys → what they do."""
    seen.page.locator("#keys").wait_for()
    return dict(line.split("\n", 1) for line in seen.page.locator("#keys dl > div").all_inner_texts())


def test_the_keys_of_the_list_are_shown_and_escape_goes_back_to_the_row(visit, maria, people):
    seen = visit(maria)
    seen.go("/leads/")
    seen.page.keyboard.press("j")
    before = seen.page.evaluate("document.activeElement.href")
    seen.page.keyboard.press("?")

    said = shown(seen)
    assert {name.strip(): text.strip() for name, text in said.items()} == {
        "j k": "Next, previous",
        "Enter": "Open",
        "x": "Select",
        "f": "Search in this list",
        "/": "Search everything",
        "?": "These keys",
        "Esc": "Close what is open",
    }
    seen.check_accessibility()
    seen.shoot_every_look("keys")
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate(
        "document.activeElement.closest('#keys') !== null || document.activeElement === document.body"
    )
    seen.page.keyboard.press("Escape")
    expect(seen.page.locator("#keys")).to_be_hidden()
    assert seen.page.evaluate("document.activeElement.href") == before


def test_the_queue_says_what_can_be_done_there(visit, omar, playbook):
    hand_over(playbook, "Maya Mensah", owner=omar)
    seen = visit(omar)
    seen.go("/queue/")
    seen.page.keyboard.press("?")

    said = {name.strip(): text.strip() for name, text in shown(seen).items()}
    assert (said["c"], said["r"], said["s"]) == ("Claim", "Send back…", "Put off")
    assert "x" not in said
    seen.page.get_by_role("button", name="Close").click()
    expect(seen.page.locator("#keys")).to_be_hidden()
