"""The settings of mail sources: for administrators, the key shown once, each workspace's own."""

import pytest

from leadline.web.accounts.models import Source
from leadline.web.capture.mail.actions import add_hook
from leadline.web.capture.models import MailHook

NEW = {"name": "newsletter", "provider": "postmark", "signing_key": ""}


def test_a_source_is_added_and_its_address_is_shown_once(as_maria, northwind):
    text = as_maria.post("/settings/mail/", NEW).content.decode()

    hook = MailHook.objects.get()
    assert (hook.source.name, hook.source.kind, hook.workspace) == ("newsletter", Source.Kind.MAIL, northwind)
    assert "http://leadline:ll_mail_" in text
    assert f"@testserver/mail/{hook.source_id}/postmark/inbound/" in text
    assert "ll_mail_" not in as_maria.get("/settings/mail/").content.decode()


def test_a_provider_that_signs_needs_its_key_and_one_that_does_not_has_none(as_maria):
    missing = as_maria.post("/settings/mail/", {**NEW, "provider": "mailgun"})
    needless = as_maria.post("/settings/mail/", {**NEW, "signing_key": "x"})

    assert (missing.status_code, needless.status_code) == (422, 422)
    assert b"Mailgun signs every report" in missing.content
    assert b"A signature of Postmark cannot be checked here" in needless.content
    assert not MailHook.objects.exists()


def test_a_name_that_a_source_has_is_not_given_twice(as_maria, website):
    response = as_maria.post("/settings/mail/", {**NEW, "name": "website"})

    assert response.status_code == 422
    assert b"There is a source" in response.content


def test_without_the_extra_nothing_is_added_and_the_page_says_what_to_install(as_maria, monkeypatch):
    for module in ("views", "forms"):
        monkeypatch.setattr(f"leadline.web.capture.mail.{module}.is_installed", lambda: False)

    response = as_maria.post("/settings/mail/", NEW)

    assert response.status_code == 422
    assert b"[mail]&#x27;" in response.content
    assert not MailHook.objects.exists()


def test_mail_sources_are_for_administrators(as_omar):
    assert as_omar.get("/settings/mail/").status_code == 403


def test_another_workspace_s_mail_source_is_not_there(as_charlie, northwind):
    hook, _ = add_hook(northwind, name="newsletter", provider="postmark")

    assert as_charlie.post(f"/settings/mail/{hook.pk}/key/").status_code == 404
    assert as_charlie.get("/settings/mail/").context["hooks"] == []


@pytest.mark.browser
@pytest.mark.one_database
def test_the_settings_of_mail_are_readable_by_everybody(visit, maria, northwind):
    add_hook(northwind, name="newsletter", provider="postmark")
    seen = visit(maria)
    seen.go("/settings/mail/")
    seen.shoot_every_look("mail")
    seen.check_accessibility()
    seen.page.fill("[name=name]", "second")
    seen.page.click("text=Add it")
    seen.page.wait_for_selector("#address-title")
    seen.check_accessibility()
