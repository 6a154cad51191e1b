"""What the built-in rules take for a bot's, and what they leave alone because it may well be a person's."""

from datetime import timedelta

import pytest
from tests.web.capture.bots.conftest import BROWSER

from leadline.web.accounts.models import Source
from leadline.web.capture.bots.built_in import BUILT_IN, RESERVED_IDS

GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
CUBOT = "Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36"
"""A telephone whose name ends in bot."""
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize("agent", [GOOGLEBOT, "python-requests/2.32.3", "Mozilla/5.0 (X11) HeadlessChrome/140.0.0.0"])
def test_crawlers_on_the_website_are_marked_and_kept(tell, website, agent):
    event = tell(website, agent=agent)

    assert (event.is_bot, event.bot_rule) == (True, "crawler")


@pytest.mark.parametrize(
    "agent",
    [BROWSER, "", CUBOT],
)
def test_browsers_are_people(tell, website, agent):
    assert not tell(website, agent=agent).is_bot


def test_a_server_that_sends_with_a_library_is_no_bot(tell, backend):
    assert not tell(backend, agent="python-requests/2.32.3").is_bot


def test_a_person_who_opens_a_mail_in_gmail_is_no_bot(tell, newsletter):
    assert not tell(newsletter, "mail_opened", kind="mail", agent=GMAIL).is_bot


def test_apple_opens_every_mail_and_that_says_nothing(tell, newsletter):
    assert tell(newsletter, "mail_opened", kind="mail", agent="Mozilla/5.0").bot_rule == "mail-privacy"
    assert not tell(newsletter, "mail_clicked", kind="mail", agent="Mozilla/5.0").is_bot


def test_what_the_provider_takes_for_a_machine_is_marked(tell, newsletter):
    assert tell(newsletter, "mail_opened", kind="mail", is_machine=True).bot_rule == "mail-machine"
    assert not tell(newsletter, "mail_opened", kind="mail", is_machine=False).is_bot


def test_an_open_and_a_click_in_one_moment_prove_nothing(tell, newsletter):
    opened = tell(newsletter, "mail_opened", kind="mail", mail="m", ago=timedelta(0))
    clicked = tell(newsletter, "mail_clicked", kind="mail", mail="m", link="/a", ago=timedelta(0))

    assert not opened.is_bot
    assert not clicked.is_bot


def test_a_bot_s_visit_is_no_sign_of_life(tell, website, now):
    tell(website, ago=timedelta(days=5))
    event = tell(website, ago=timedelta(days=1), agent=GOOGLEBOT)

    assert event.lead.last_seen_at == now - timedelta(days=5)


def test_every_rule_has_an_id_of_its_own_and_says_why():
    assert len(RESERVED_IDS) == len(BUILT_IN) + 1
    assert all(rule.title and rule.why.endswith(".") for rule in BUILT_IN)


def test_an_import_s_own_word_on_bots_is_left_alone(tell, northwind):
    imported = Source.objects.create(workspace=northwind, name="import", kind=Source.Kind.IMPORT)

    assert not tell(imported, agent=GOOGLEBOT).is_bot
