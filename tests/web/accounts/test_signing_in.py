"""Signing in tells nobody who has an account, lets nobody guess for long, and a link for a password works once."""

import re
import threading
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import get_hasher
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leadline.web.accounts.actions import add_member
from leadline.web.accounts.models import TryCount, User
from leadline.web.accounts.queries import link_to_choose_password

SIGN_IN = reverse("sign-in")


def sign_in(client, email, password, **more):
    return client.post(SIGN_IN, {"username": email, "password": password, "next": "/password/"}, **more)


def test_maria_signs_in_whatever_the_case_of_her_address_and_goes_where_she_wanted_to(client, maria):
    answer = sign_in(client, "Maria@Northwind.example", "maria-likes-tea")

    assert (answer.status_code, answer["Location"]) == (302, "/password/")
    assert client.get("/password/").status_code == 200


def test_nobody_is_sent_to_another_site(client, maria):
    answer = client.post(
        SIGN_IN, {"username": maria.email, "password": "maria-likes-tea", "next": "https://elsewhere.example/"}
    )

    assert "elsewhere" not in answer["Location"]


def test_a_page_that_is_private_sends_to_signing_in(client, maria):
    answer = client.get("/password/")

    assert (answer.status_code, answer["Location"]) == (302, f"{SIGN_IN}?next=/password/")


@pytest.mark.parametrize("email", ["maria@northwind.example", "nobody@northwind.example", "gone@northwind.example"])
def test_a_wrong_password_says_the_same_whoever_is_meant(client, maria, email):
    User.objects.create(email="gone@northwind.example", name="Gone", is_active=False)

    answer = sign_in(client, email, "wrong")

    assert answer.status_code == 422
    text = answer.content.decode().replace(email, "…")
    assert "That address and password do not match." in text
    assert not client.session.get("_auth_user_id")


def test_the_work_is_the_same_for_an_address_that_nobody_has(client, maria, monkeypatch):
    calls = []
    hasher = type(get_hasher())
    encode = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda *arguments: calls.append(1) or encode(*arguments))

    def hashes_for(email):
        calls.clear()
        sign_in(client, email, "wrong")
        return len(calls)

    assert hashes_for("nobody@northwind.example") == hashes_for(maria.email) == 1


def test_who_guesses_is_stopped_and_even_the_right_password_waits(client, maria):
    guesses = [sign_in(client, maria.email, f"guess {number}").status_code for number in range(12)]

    assert guesses == [422] * 10 + [429] * 2
    assert sign_in(client, maria.email, "maria-likes-tea").status_code == 429
    TryCount.objects.update(began_at=timezone.now() - timedelta(minutes=16))
    assert sign_in(client, maria.email, "maria-likes-tea").status_code == 302


def test_an_account_that_nobody_has_is_stopped_the_same(client, maria):
    guesses = [sign_in(client, "nobody@northwind.example", "guess").status_code for _ in range(11)]

    assert guesses == [422] * 10 + [429]


def test_who_guesses_elsewhere_keeps_nobody_out(client, maria):
    for number in range(12):
        sign_in(client, maria.email, f"guess {number}", REMOTE_ADDR="203.0.113.9")

    assert sign_in(client, maria.email, "maria-likes-tea").status_code == 302


def test_who_tries_a_list_of_accounts_is_stopped_too(client, maria, monkeypatch):
    codes = [sign_in(client, f"person{number}@northwind.example", "guess").status_code for number in range(101)]

    assert codes == [422] * 100 + [429]


def test_signing_out_needs_a_post(as_maria):
    assert as_maria.get("/sign-out/").status_code == 405
    assert as_maria.get("/password/").status_code == 200

    assert as_maria.post("/sign-out/").status_code == 302
    assert as_maria.get("/password/").status_code == 302


def test_a_form_of_another_site_signs_nobody_in(maria):
    client = Client(enforce_csrf_checks=True)

    assert sign_in(client, maria.email, "maria-likes-tea").status_code == 403


def test_changing_the_password_ends_sessions_elsewhere(as_maria, maria):
    elsewhere = Client()
    elsewhere.force_login(maria)
    new = {"old_password": "maria-likes-tea", "new_password1": "coffee-is-better", "new_password2": "coffee-is-better"}

    assert as_maria.post("/password/", new | {"old_password": "wrong"}).status_code == 422
    assert as_maria.post("/password/", new).status_code == 302

    assert as_maria.get("/password/").status_code == 200
    assert elsewhere.get("/password/").status_code == 302


# -- a new password ---------------------------------------------------------------------------------------------


def wait_for_mail():
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.daemon is False:
            thread.join(5)


def ask(client, email, **more):
    """Ask for a link; return the page that follows, without the token that differs on every page."""
    answer = client.post(reverse("password-reset"), {"email": email}, follow=True, **more)
    wait_for_mail()
    return re.sub(r'"X-CSRFToken": "[^"]*"', "", answer.content.decode())


def test_a_link_for_a_new_password_comes_by_mail_and_works_once(client, maria):
    ask(client, "MARIA@northwind.example")

    (letter,) = mail.outbox
    path = re.search(r"http://testserver(/password/choose/\S+)", letter.body).group(1)
    page = client.get(path, follow=True)
    new = {"new_password1": "coffee-is-better", "new_password2": "coffee-is-better"}
    answer = client.post(page.redirect_chain[-1][0], new)
    assert letter.to == [maria.email] and "Maria" in letter.body
    assert answer.status_code == 302 and client.get("/password/").status_code == 200
    assert "This link no longer works" in Client().get(path, follow=True).content.decode()


def test_asking_for_a_password_says_the_same_whoever_is_meant(client, maria):
    one, other = ask(client, maria.email), ask(client, "nobody@northwind.example")

    assert one == other
    assert len(mail.outbox) == 1


def test_nobody_is_sent_more_than_three_letters_in_a_quarter_of_an_hour(client, maria):
    answers = [ask(client, maria.email, REMOTE_ADDR=f"10.0.0.{number}") for number in range(5)]

    assert len(set(answers)) == 1
    assert len(mail.outbox) == 3


def test_an_installation_without_mail_says_how_else_to_get_a_link(client, maria, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

    page = client.get(reverse("password-reset")).content.decode()

    assert "leadline user reset" in page and "Send me a link" not in page


def test_who_was_added_chooses_a_password_by_a_link_that_ends_after_a_day(client, northwind, maria, monkeypatch):
    added = add_member(northwind, email="ada@northwind.example", name="Ada", role="rep").user
    path = link_to_choose_password(added)

    assert "Choose a password" in client.get(path, follow=True).content.decode()
    later = timezone.now().replace(tzinfo=None) + timedelta(days=1, minutes=1)
    monkeypatch.setattr("django.contrib.auth.tokens.PasswordResetTokenGenerator._now", lambda _self: later)
    assert "This link no longer works" in Client().get(path, follow=True).content.decode()


# -- a password is told what it has to be --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "again", "said", "field"),
    [
        ("", "", "Type the password that you want", "new_password1"),
        ("short", "short", "at least 10 characters", "new_password1"),
        ("1234567890", "1234567890", "Many people use this one", "new_password1"),
        ("maria@northwind.example", "maria@northwind.example", "too much like your name", "new_password1"),
        ("coffee-is-better", "coffee-is-bettre", "Type the same password twice", "new_password2"),
    ],
)
@pytest.mark.parametrize("way", ["a link", "the account page"])
def test_a_password_that_is_refused_says_why_beside_its_field(client, maria, way, password, again, said, field):
    if way == "a link":
        path = client.get(link_to_choose_password(maria), follow=True).redirect_chain[-1][0]
    else:
        client.force_login(maria)
        path = "/password/"
    given = {"old_password": "maria-likes-tea", "new_password1": password, "new_password2": again}

    answer = client.post(path, given)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in " ".join(answer.context["form"].errors[field])
    assert f'id="id_{field}_error"' in page and 'aria-invalid="true"' in page
    maria.refresh_from_db()
    assert maria.check_password("maria-likes-tea")


def test_what_a_password_has_to_be_is_said_before_it_is_typed(client, as_maria, maria):
    for page in (client.get(link_to_choose_password(maria), follow=True), as_maria.get("/password/")):
        text = page.content.decode()
        assert "At least 10 characters" in text and "Not your name or your address" in text
        assert "confirmation" not in text and "Enter the same" not in text
