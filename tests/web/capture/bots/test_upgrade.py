"""Other built-in rules come with an upgrade: the past is gone through once, and what others have said stays."""

import pytest
from tests.web.capture.bots.conftest import BROWSER, marks, work

from leadline.web.capture.bots import built_in, upgrade
from leadline.web.capture.bots.actions import say_who
from leadline.web.capture.models import BuiltInList

NEW_BOT = f"{BROWSER} Acme/1.0"

pytestmark = pytest.mark.django_db


@pytest.fixture
def upgraded(monkeypatch):
    """Bring a list that knows another crawler, or no longer knows one."""

    def upgraded(edition, *crawlers):
        built_in._is_crawler.cache_clear()
        monkeypatch.setattr(built_in, "is_crawler", lambda agent: agent in crawlers)
        monkeypatch.setattr(upgrade, "fingerprint", lambda: edition)

    yield upgraded
    built_in._is_crawler.cache_clear()


def test_a_crawler_that_an_upgrade_knows_is_found_in_the_past_and_freed_by_the_next(live, tell, website, now, upgraded):
    person, bot = tell(website), tell(website, agent=NEW_BOT)
    work(now)
    assert not bot.is_bot

    upgraded("second", NEW_BOT)
    work(now)
    assert marks() == {person.pk: (False, ""), bot.pk: (True, "crawler")}
    assert (BuiltInList.objects.get(workspace=live.workspace).fingerprint) == "second"

    upgraded("third")
    work(now)
    assert set(marks().values()) == {(False, "")}


def test_what_a_person_said_stays(live, tell, website, now, upgraded):
    bot = tell(website, agent=NEW_BOT)
    say_who(bot, is_bot=False, now=now)

    upgraded("second", NEW_BOT)
    work(now)

    assert marks() == {bot.pk: (False, "person")}


def test_the_past_is_gone_through_once_in_parts(live, tell, website, now, upgraded, monkeypatch):
    for _ in range(5):
        tell(website, agent=NEW_BOT)
    work(now)
    monkeypatch.setattr(upgrade, "PART", 2)
    upgraded("second", NEW_BOT)

    assert [upgrade.look_again(now) for _ in range(4)] == [2, 2, 1, 0]
    assert set(marks().values()) == {(True, "crawler")}
    assert BuiltInList.objects.get(workspace=live.workspace).marked == 5


def test_a_fingerprint_changes_with_the_list(monkeypatch):
    before = built_in.fingerprint.__wrapped__()
    monkeypatch.setattr(built_in, "CRAWLER_USER_AGENTS_DATA", [{"pattern": "x"}])

    assert built_in.fingerprint.__wrapped__() != before
