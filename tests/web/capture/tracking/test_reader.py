"""What a call says, in the words of the log."""

import hashlib
import hmac
import json

import pytest

from leadline.web.capture.tracking.inbox import put_delivery
from leadline.web.capture.tracking.reader import read_delivery


@pytest.fixture
def say(website, now):
    """Return what a call becomes."""

    def read(call, *, is_verified=False, **context):
        delivery = put_delivery(
            website,
            "tracking",
            json.dumps([call]).encode(),
            event_count=1,
            is_verified=is_verified,
            context=context,
            now=now,
        )
        (message,) = read_delivery(delivery)
        return message

    return read


def test_a_tracked_event_is_called_by_a_playbooks_word(say):
    message = say({"type": "track", "event": "Demo Requested", "userId": 17, "anonymousId": "a", "messageId": "m"})

    assert (message.kind, message.name, message.message_id) == ("track", "demo_requested", "m")
    assert (message.user_id, message.anonymous_id, message.is_verified) == ("17", "a", False)


def test_what_was_sent_is_kept_as_it_came(say):
    call = {"type": "track", "event": "Größe", "userId": "ü"}

    assert json.loads(say(call).raw) == call


def test_a_page_says_where_it_was(say):
    message = say(
        {
            "type": "page",
            "anonymousId": "a",
            "name": "Pricing",
            "category": "Docs",
            "properties": {"path": "/pricing", "title": "Prices"},
            "context": {"page": {"path": "/other", "url": "https://n.example/pricing"}, "userAgent": "Firefox"},
        }
    )

    assert message.name == "page_viewed"
    assert message.properties == {
        "path": "/pricing",
        "title": "Prices",
        "url": "https://n.example/pricing",
        "name": "Pricing",
        "category": "Docs",
        "user_agent": "Firefox",
    }


def test_a_tracked_event_knows_the_page_it_was_on_and_its_own_words_come_first(say):
    message = say(
        {
            "type": "track",
            "event": "Clicked",
            "userId": "u",
            "properties": {"path": "its own"},
            "context": {"page": {"path": "/pricing", "title": "Prices"}},
        },
        user_agent="curl",
    )

    assert message.properties == {"path": "its own", "title": "Prices", "user_agent": "curl"}


def test_properties_are_flat_texts_numbers_and_lists_of_those(say):
    message = say(
        {
            "type": "track",
            "event": "Saved",
            "userId": "u",
            "properties": {
                "plan": {"name": "pro", "deep": {"er": 1}},
                "seats": 3,
                "tags": ["a", "b"],
                "parts": [{"no": 1}],
                "nothing": None,
                "is_new": True,
            },
        }
    )

    assert message.properties == {"plan_name": "pro", "seats": 3, "tags": ["a", "b"], "is_new": True}


def test_traits_may_stand_in_the_call_or_in_its_context(say):
    message = say(
        {
            "type": "identify",
            "userId": "u",
            "traits": {"email": "Ada@Acme.example", "title": "CTO"},
            "context": {"traits": {"title": "old", "phone": "1"}},
        }
    )

    assert (message.kind, message.name, message.email) == ("identify", "identify", "ada@acme.example")
    assert message.traits == {"email": "Ada@Acme.example", "title": "CTO", "phone": "1"}


def test_a_group_speaks_of_the_company_and_its_context_of_the_person(say):
    message = say(
        {
            "type": "group",
            "userId": "u",
            "groupId": "acme",
            "traits": {"name": "Acme", "employees": 300},
            "context": {"traits": {"title": "CTO"}},
        }
    )

    assert message.group_id == "acme"
    assert message.company_traits == {"name": "Acme", "employees": 300}
    assert message.traits == {"title": "CTO"}


def test_a_name_that_a_company_and_a_person_have_is_not_mixed_up(say):
    message = say(
        {
            "type": "group",
            "userId": "u",
            "groupId": "acme",
            "traits": {"name": "Acme", "email": "office@acme.example"},
            "context": {"traits": {"name": "Ada"}},
        }
    )

    assert message.company_traits["name"] == "Acme"
    assert message.traits == {"name": "Ada"}
    assert message.email == ""


COMPANY = {"id": 42, "name": "Acme", "industry": "Trade", "employee_count": 300}


def test_a_company_among_the_traits_of_a_person_is_as_a_group(say):
    message = say({"type": "identify", "userId": "u", "traits": {"title": "CTO", "company": COMPANY}})

    assert (message.group_id, message.company_traits) == ("42", COMPANY)
    assert message.traits["title"] == "CTO"


def test_a_group_that_is_said_counts_more_than_the_company_of_a_person(say):
    call = {"type": "identify", "userId": "u", "traits": {"company": COMPANY}}

    assert say(call | {"context": {"groupId": "g7"}}).group_id == "g7"
    assert say(call | {"traits": {"company": {"name": "Acme"}}}).group_id == ""
    assert say(call | {"traits": {"company": "Acme"}}).group_id == ""


def test_an_alias_says_who_it_was_before(say):
    message = say({"type": "alias", "userId": "u", "previousId": "a"})

    assert (message.previous_id, message.user_id) == ("a", "u")
    assert say({"type": "track", "event": "x", "userId": "u", "previousId": "a"}).previous_id == ""


def test_the_address_says_the_type_where_the_call_does_not(say):
    assert say({"anonymousId": "a"}, type="screen").name == "screen_viewed"


# -- where it came from ----------------------------------------------------------------------------------------


def page(url, **more):
    return {"type": "page", "anonymousId": "a", "properties": {"url": url, **more}}


def test_a_campaign_in_the_address_of_the_page_is_a_touch(say):
    url = "https://n.example/x?utm_source=news&utm_medium=email&utm_campaign=spring&utm_term=t&utm_content=c&gclid=G1"

    assert say(page(url)).touch == {
        "source": "news",
        "medium": "email",
        "campaign": "spring",
        "term": "t",
        "content": "c",
        "click_id": "gclid:G1",
        "page": url,
    }


def test_a_campaign_that_the_client_names_counts_more(say):
    message = say(
        page("https://n.example/?utm_source=address&utm_medium=cpc")
        | {"context": {"campaign": {"source": "client", "name": "spring", "junk": 1}}}
    )

    assert (message.touch["source"], message.touch["medium"], message.touch["campaign"]) == ("client", "cpc", "spring")


def test_a_campaign_may_stand_in_search_alone(say):
    assert say(page("", search="?fbclid=F&utm_source=fb")).touch == {"source": "fb", "click_id": "fbclid:F"}


def test_another_site_is_a_referrer_and_the_same_is_none(say):
    assert say(page("https://www.n.example/x", referrer="https://search.example/")).touch == {
        "referrer": "https://search.example/",
        "page": "https://www.n.example/x",
    }
    assert say(page("https://www.n.example/x", referrer="https://n.example/y")).touch == {}


@pytest.mark.parametrize("url", ["http://[", "x?utm_source", "?" + "&".join(f"a{n}=1" for n in range(200)), "\u202e"])
def test_an_address_that_is_none_does_no_harm(say, url):
    assert "source" not in say(page(url, referrer="http://[x")).touch


# -- who vouches -----------------------------------------------------------------------------------------------


@pytest.fixture
def signed(website):
    website.identity_secret = "s3cret"
    website.save()
    return hmac.new(b"s3cret", b"ada", hashlib.sha256).hexdigest()


@pytest.mark.parametrize("where", ["call", "context", "traits"])
def test_a_signature_of_the_website_vouches_for_a_user_id(say, signed, where):
    place = {
        "call": {"userHash": signed},
        "context": {"context": {"userHash": signed}},
        "traits": {"traits": {"userHash": signed}},
    }
    message = say({"type": "identify", "userId": "ada", **place[where]})

    assert message.is_verified
    assert "userHash" not in message.traits


@pytest.mark.parametrize("user_id", ["bob", "Ada", ""])
def test_a_signature_of_another_id_vouches_for_nobody(say, signed, user_id):
    assert not say({"type": "identify", "userId": user_id, "anonymousId": "a", "userHash": signed}).is_verified


@pytest.mark.parametrize("said", ["", "x", 1, None, "é" * 64])
def test_a_signature_that_is_none_vouches_for_nobody(say, signed, said):
    assert not say({"type": "identify", "userId": "ada", "userHash": said}).is_verified


def test_without_a_secret_no_signature_holds(say, website):
    empty = hmac.new(b"", b"ada", hashlib.sha256).hexdigest()

    assert not say({"type": "identify", "userId": "ada", "userHash": empty}).is_verified


def test_a_servers_key_vouches(say):
    assert say({"type": "identify", "userId": "ada"}, is_verified=True).is_verified
