"""A provider is believed as far as it can be checked: who it vouches for signs in as themselves, and nobody as somebody else."""

import os
import subprocess
import sys
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client
from django.urls import reverse
from joserfc.jwk import OctKey
from tests.web.accounts.oidc_provider import CLIENT, OTHER_KEY, SECRET, Provider

from leadline.web.accounts.models import Membership, User
from leadline.web.config.environment import SettingError
from leadline.web.config.sign_in import ROLES, OpenIdConnect, read_openid_connect

BEGIN, DONE = "/sign-in/provider/", "/sign-in/provider/done/"


@pytest.fixture
def provider(settings):
    running = Provider()
    settings.OIDC = configure(running)
    yield running
    running.close()


def configure(running, **more):
    return OpenIdConnect(issuer=running.issuer, client=CLIENT, secret=SECRET, title="Example ID", **more)


def go_there(client, **query):
    """Begin, and go through the provider; return where it sends the browser back to."""
    there = client.get(BEGIN, query)["Location"]
    return requests.get(there, allow_redirects=False, timeout=10).headers["Location"].removeprefix("http://testserver")


def sign_in(client, **query):
    return client.get(go_there(client, **query))


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_who_is_a_member_signs_in_as_themselves_and_goes_where_they_wanted(client, provider, maria):
    provider.claims = {"email": "Maria@Northwind.example", "name": "Maria"}

    answer = sign_in(client, next="/password/?a=1")

    assert (answer.status_code, answer["Location"]) == (302, "/password/?a=1")
    assert client.session["_auth_user_id"] == str(maria.pk)
    (asked,) = provider.asked
    assert asked["scope"] == "openid email profile" and asked["code_challenge_method"] == "S256"


def test_the_key_of_the_session_is_another_one_after_signing_in(client, provider, maria):
    provider.claims = {"email": maria.email}
    back = go_there(client)
    before = client.session.session_key

    client.get(back)

    assert client.session.session_key != before


LIES = {
    "wrong issuer": {"iss": "https://elsewhere.example"},
    "no issuer": {"iss": None},
    "wrong audience": {"aud": "another application"},
    "another audience, in our name": {"aud": ["another application"], "azp": CLIENT},
    "wrong nonce": {"nonce": "of another question"},
    "no nonce": {"nonce": None},
    "expired": {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200},
    "never expires": {"exp": None},
    "not yet": {"nbf": int(time.time()) + 3600},
    "nobody": {"sub": None},
    "address not checked": {"email_verified": False},
    "address said to be checked, in words": {"email_verified": "true"},
    "not said whether it is checked": {"email_verified": None},
    "no address": {"email": None},
    "address of another kind": {"email": ["maria@northwind.example"]},
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_not_for_us_or_not_checked_signs_nobody_in(client, provider, maria, lie):
    provider.claims = {"email": maria.email, **LIES[lie]}

    answer = sign_in(client)

    assert answer.status_code == 403
    assert not is_signed_in(client)
    assert "You are not signed in" in answer.content.decode()


def test_a_token_signed_by_somebody_else_signs_nobody_in(client, provider, maria):
    provider.claims, provider.key = {"email": maria.email}, OTHER_KEY

    assert sign_in(client).status_code == 403 and not is_signed_in(client)


def test_a_token_signed_with_the_secret_signs_nobody_in_even_where_the_provider_offers_it(client, provider, maria):
    provider.claims, provider.key, provider.header = {"email": maria.email}, OctKey.import_key(SECRET), {"alg": "HS256"}
    provider.metadata = {"id_token_signing_alg_values_supported": ["RS256", "HS256", "none"]}

    assert sign_in(client).status_code == 403 and not is_signed_in(client)


def test_an_answer_without_an_id_token_signs_nobody_in(client, provider, maria):
    provider.claims, provider.sends_id_token = {"email": maria.email}, False

    assert sign_in(client).status_code == 403 and not is_signed_in(client)


def test_the_address_may_be_told_beside_the_token_but_only_of_the_same_person(client, provider, maria):
    provider.userinfo = {"sub": "person-1", "email": maria.email, "email_verified": True}
    assert sign_in(client).status_code == 302

    provider.userinfo["sub"] = "person-2"
    other = Client()
    assert sign_in(other).status_code == 403 and not is_signed_in(other)


def test_an_answer_to_a_question_of_another_browser_signs_nobody_in(client, provider, maria):
    provider.claims = {"email": maria.email}
    back = go_there(Client())

    assert client.get(back).status_code == 403 and not is_signed_in(client)
    assert client.get(DONE).status_code == client.get(DONE, {"code": "x", "state": "\0'"}).status_code == 403


def test_an_answer_counts_once(client, provider, maria):
    provider.claims = {"email": maria.email}
    back = go_there(client)
    assert client.get(back).status_code == 302
    client.post("/sign-out/")

    assert client.get(back).status_code == 403 and not is_signed_in(client)


def test_who_says_no_at_the_provider_can_begin_again(client, provider, maria):
    state = parse_qs(urlsplit(client.get(BEGIN)["Location"]).query)["state"][0]

    page = client.get(DONE, {"error": "access_denied", "error_description": "<b>no</b>", "state": state})

    assert page.status_code == 403
    assert "<b>no</b>" not in page.content.decode() and "Try Example ID again" in page.content.decode()


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "http:///elsewhere.example",
    ],
)
def test_nobody_is_sent_to_another_site(client, provider, maria, elsewhere):
    provider.claims = {"email": maria.email}

    assert sign_in(client, next=elsewhere)["Location"] == reverse("today")


def test_a_provider_that_calls_itself_something_else_is_not_used(client, provider, maria):
    provider.metadata = {"issuer": "https://elsewhere.example"}

    assert client.get(BEGIN).status_code == 503


def test_a_provider_that_does_not_answer_is_no_error_of_ours(client, provider, maria):
    provider.close()

    page = client.get(BEGIN)

    assert page.status_code == 503 and "does not answer" in page.content.decode()


# -- who is let in ------------------------------------------------------------------------------------------------


def test_an_unknown_person_is_not_let_in_unless_the_settings_say_so(client, provider, maria):
    provider.claims = {"email": "new@northwind.example"}

    page = sign_in(client)

    assert page.status_code == 403 and "Ask an administrator to add you" in page.content.decode()
    assert not User.objects.filter(email="new@northwind.example").exists()


def test_an_unknown_person_becomes_a_member_where_the_settings_say_so(client, provider, settings, maria, northwind):
    settings.OIDC = configure(provider, new_role="viewer", workspace="northwind", domains=("northwind.example",))
    provider.claims = {"email": "new@northwind.example", "name": "Nia"}

    assert sign_in(client).status_code == 302

    made = Membership.objects.get(user__email="new@northwind.example")
    assert (made.workspace, made.role, made.user.name) == (northwind, "viewer", "Nia")
    assert not made.user.has_usable_password()


def test_who_is_a_member_keeps_their_role(client, provider, settings, maria):
    settings.OIDC = configure(provider, new_role="viewer", workspace="northwind")
    provider.claims = {"email": maria.email}
    sign_in(client)

    assert Membership.objects.get(user=maria).role == "admin"


@pytest.mark.parametrize(
    "email", ["maria@elsewhere.example", "maria@evil-northwind.example", "maria@x.northwind.example"]
)
def test_another_domain_is_not_let_in(client, provider, settings, maria, email):
    settings.OIDC = configure(provider, new_role="viewer", workspace="northwind", domains=("northwind.example",))
    provider.claims = {"email": email}

    assert sign_in(client).status_code == 403 and not is_signed_in(client)
    assert not User.objects.filter(email=email).exists()


def test_who_is_switched_off_is_not_let_in(client, provider, settings, maria, omar):
    settings.OIDC = configure(provider, new_role="viewer", workspace="northwind")
    User.objects.filter(pk=omar.pk).update(is_active=False)
    provider.claims = {"email": omar.email}

    page = sign_in(client)

    assert page.status_code == 403 and "switched off" in page.content.decode() and not is_signed_in(client)


# -- settings, and without the extra ------------------------------------------------------------------------------


def test_without_a_provider_there_is_nothing(client, maria):
    assert client.get(BEGIN).status_code == client.get(DONE).status_code == 404
    assert BEGIN not in client.get("/sign-in/").content.decode()


def test_all_that_is_wrong_with_the_settings_is_said_and_no_secret(monkeypatch):
    said = {"ISSUER": "http://login.example.com", "SECRET": "hunter2", "NEW_ROLE": "owner"}
    for name, value in said.items():
        monkeypatch.setenv(f"LEADLINE_OIDC_{name}", value)

    with pytest.raises(SettingError) as error:
        read_openid_connect()

    text = str(error.value)
    assert all(f"LEADLINE_OIDC_{name}" in text for name in ("ISSUER", "CLIENT", "NEW_ROLE", "NEW_WORKSPACE"))
    assert "hunter2" not in text


def test_roles_of_the_settings_are_the_roles():
    assert set(ROLES) == set(Membership.Role.values)


def test_the_app_without_the_extra_never_imports_it(tmp_path):
    code = (
        "import sys; sys.modules.update(authlib=None, joserfc=None, requests=None); import django; django.setup();"
        "from django.test import Client; from django.core.management import call_command; call_command('migrate', verbosity=0);"
        "from leadline.web.accounts.actions import make_user; make_user(email='a@b.example', name='A');"
        "from django.urls import get_resolver; get_resolver().url_patterns;"
        "print(Client().get('/sign-in/', headers={'host': 'localhost'}).status_code)"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "leadline.web.config.settings",
        "LEADLINE_DATA": str(tmp_path),
    }
    environment.pop("LEADLINE_OIDC_ISSUER", None)
    environment["DATABASE_URL"] = ""

    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)

    assert ran.stdout.strip().endswith("200"), ran.stderr


# -- in a browser -------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_maria_signs_in_through_the_provider_in_a_browser(visit, provider, maria, live_server):
    provider.claims = {"email": maria.email}
    seen = visit(None)
    seen.go("/password/")
    seen.check_accessibility()
    seen.shoot_every_look("sign_in_with_provider")

    seen.page.get_by_role("link", name="Sign in with Example ID").click()

    seen.page.get_by_role("heading", name="Change your password").wait_for()
    assert seen.path == "/password/"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_who_is_not_let_in_reads_why(visit, provider, maria, live_server):
    provider.claims = {"email": "nobody@northwind.example"}
    seen = visit(None)
    seen.forgives.append("status of 403")
    seen.go("/sign-in/")
    seen.page.get_by_role("link", name="Sign in with Example ID").click()

    seen.page.get_by_role("heading", name="You are not signed in").wait_for()
    seen.shoot_every_look("not_let_in")
    seen.check_accessibility()
