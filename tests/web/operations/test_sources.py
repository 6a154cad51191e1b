"""Administrators add sources, make and end keys, and see whether anything comes."""

import pytest

from leadline.web.accounts.keys import find_key
from leadline.web.accounts.models import Source, SourceKey
from leadline.web.capture.models import Delivery

SOURCES = "/settings/sources/"


def key_in(page):
    words = page.replace("<", " ").replace(">", " ").split()
    return next((word for word in words if word.startswith("ll_server_") and not word.endswith("…")), "")


def test_maria_adds_a_server_and_sees_its_key_once(as_maria, northwind):
    page = as_maria.post(SOURCES, {"name": "Backend", "kind": "server"}).content.decode()

    source = Source.objects.get(workspace=northwind)
    key = key_in(page)
    assert source.name == "backend" and find_key(key).source == source
    assert key not in as_maria.get(f"{SOURCES}{source.pk}/").content.decode()


def test_a_name_that_is_taken_and_one_that_is_no_name_are_refused(as_maria, backend):
    taken = as_maria.post(SOURCES, {"name": "backend", "kind": "server"})
    wrong = as_maria.post(SOURCES, {"name": "our backend!", "kind": "person"})

    assert taken.status_code == wrong.status_code == 422
    assert "Choose another name" in taken.content.decode()
    assert Source.objects.count() == 1


def test_a_key_ends_after_a_question_and_another_takes_its_place(as_maria, backend, server_key):
    key = SourceKey.objects.get(source=backend)
    assert find_key(server_key)

    assert "cannot be undone" in as_maria.get(f"/settings/keys/{key.pk}/end/").content.decode()
    assert find_key(server_key)
    as_maria.post(f"/settings/keys/{key.pk}/end/")
    new = key_in(as_maria.post(f"{SOURCES}{backend.pk}/keys/").content.decode())

    assert find_key(server_key) is None and find_key(new).source == backend


def test_the_tag_of_a_website_stands_on_its_page_and_says_whether_it_waits(as_maria, website, browser_key):
    page = f"{SOURCES}{website.pk}/"

    assert browser_key in (shown := as_maria.get(page).content.decode())
    assert "&lt;script async" in shown and "<script async" not in shown  # to be copied, not run
    assert "data-consent" not in as_maria.get(page).content.decode()
    as_maria.post(f"{page}consent/", {"waits_for_consent": "on"})
    assert "data-consent" in as_maria.get(page).content.decode()


def test_the_secret_for_user_ids_is_shown_once(as_maria, website):
    answer = as_maria.post(f"{SOURCES}{website.pk}/identity-secret/").content.decode()

    website.refresh_from_db()
    assert len(website.identity_secret) == 64 and website.identity_secret in answer
    assert website.identity_secret not in as_maria.get(f"{SOURCES}{website.pk}/").content.decode()


def test_the_page_says_when_something_last_came(as_maria, website, northwind, now):
    page = f"{SOURCES}{website.pk}/"
    assert "Nothing has come yet" in as_maria.get(page).content.decode()

    Delivery.objects.create(
        workspace=northwind, source=website, protocol="tracking", body=b"", event_count=1, received_at=now
    )

    assert "Nothing has come yet" not in as_maria.get(page).content.decode()
    assert "nothing yet" not in as_maria.get(SOURCES).content.decode()


def test_a_source_that_sends_nothing_from_outside_gets_no_key(as_maria, northwind):
    source = Source.objects.create(workspace=northwind, name="people", kind=Source.Kind.PERSON)

    answer = as_maria.post(f"{SOURCES}{source.pk}/keys/", follow=True)

    assert "needs no key" in answer.content.decode() and not SourceKey.objects.exists()


@pytest.mark.parametrize("path", ["", "keys/", "consent/", "identity-secret/"])
def test_sources_of_another_workspace_are_as_missing_as_those_that_never_were(as_charlie, website, path):
    ask = as_charlie.post if path else as_charlie.get

    assert ask(f"{SOURCES}{website.pk}/{path}").status_code == ask(f"{SOURCES}98765/{path}").status_code == 404


def test_keys_of_another_workspace_cannot_be_ended(as_charlie, backend, server_key):
    key = SourceKey.objects.get(source=backend)

    assert as_charlie.post(f"/settings/keys/{key.pk}/end/").status_code == 404
    assert find_key(server_key)
