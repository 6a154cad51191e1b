"""The page for the first user: there once, for whoever runs the installation, and for nobody else."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.test import Client

from leadline.web.accounts.keys import find_key
from leadline.web.accounts.models import Membership, Source, User, Workspace
from leadline.web.playbooks.actions import check_playbook
from leadline.web.playbooks.models import Version

WELCOME = "/welcome/"
HERE = {"headers": {"host": "localhost"}}
STRANGER = {"REMOTE_ADDR": "203.0.113.9", "headers": {"host": "localhost"}}
MARIA = {
    "workspace": "Northwind", "timezone": "Europe/Berlin", "name": "Maria", "email": "maria@northwind.example",
    "password": "coffee-is-better",
}  # fmt: skip


@pytest.fixture
def code(settings):
    settings.SETUP_CODE = "tea-at-five"
    return settings.SETUP_CODE


def keys_in(page):
    words = page.replace("&quot;", " ").replace('"', " ").replace("<", " ").replace(">", " ").split()
    return [word for word in words if word.startswith("ll_")]


def test_maria_makes_the_first_account_and_can_go_on_at_once(client, db):
    assert client.get("/", **HERE)["Location"] == client.get("/sign-in/", **HERE)["Location"] == WELCOME
    assert client.get(WELCOME, **HERE).status_code == 200

    answer = client.post(WELCOME, MARIA, **HERE)

    member = Membership.objects.get()
    assert (member.user.email, member.role, member.workspace.timezone) == (MARIA["email"], "admin", "Europe/Berlin")
    assert answer.status_code == 200 and client.get("/settings/", **HERE).status_code == 200
    kinds = {find_key(key).source.kind for key in keys_in(answer.content.decode())}
    assert kinds == {Source.Kind.WEBSITE, Source.Kind.SERVER}
    assert "no-store" in answer["Cache-Control"]
    assert "&lt;script async src=&quot;http://localhost/snippet.js" in answer.content.decode()  # to be read, not run


def test_the_starter_playbook_is_published_when_wanted(client, db):
    client.post(WELCOME, MARIA | {"with_starter": "on"}, **HERE)

    version = Version.objects.get()
    assert (version.published_by.email, version.state) == (MARIA["email"], Version.State.PREPARING)


@pytest.mark.parametrize(
    "zone", ["UTC", "Pacific/Kiritimati", "America/Argentina/ComodRivadavia", "America/Los_Angeles"]
)
def test_the_starter_counts_days_where_the_workspace_is(client, db, zone):
    client.post(WELCOME, MARIA | {"with_starter": "on", "timezone": zone}, **HERE)

    toml = Version.objects.get().toml
    assert check_playbook(toml).playbook.timezone == zone == Workspace.objects.get().timezone
    assert "# decides where one day ends" in toml


def test_without_the_tick_there_is_no_playbook(client, db):
    client.post(WELCOME, MARIA, **HERE)

    assert not Version.objects.exists()


def test_when_there_is_a_user_the_page_only_leads_to_signing_in(client, maria):
    for answer in (
        client.get(WELCOME, **HERE),
        client.post(WELCOME, MARIA | {"email": "eve@elsewhere.example"}, **HERE),
    ):
        assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")

    assert User.objects.count() == 1


def test_strangers_cannot_take_an_installation_that_has_no_code(client, db):
    answers = [client.get(WELCOME, **STRANGER), client.post(WELCOME, MARIA, **STRANGER)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert "leadline up" in answers[0].content.decode()
    assert not User.objects.exists()


def test_with_a_code_only_who_has_it_gets_in(client, db, code):
    refused = client.post(WELCOME, MARIA | {"code": "guess"}, **STRANGER)
    none = client.post(WELCOME, MARIA, **HERE)

    assert refused.status_code == none.status_code == 422 and not User.objects.exists()
    assert client.post(WELCOME, MARIA | {"code": f" {code} "}, **STRANGER).status_code == 200
    assert User.objects.count() == 1


def test_who_guesses_the_code_is_stopped(client, db, code):
    for number in range(10):
        client.post(WELCOME, MARIA | {"code": f"guess {number}"}, **STRANGER)

    answer = client.post(WELCOME, MARIA | {"code": code}, **STRANGER)

    assert "too many wrong codes" in answer.content.decode() and not User.objects.exists()


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_lost(client, db):
    answer = client.post(WELCOME, {"name": "Maria", "password": "short", "timezone": "Mars/Base"}, **HERE)

    page = answer.content.decode()
    assert answer.status_code == 422 and page.count('class="field wrong"') == 4
    assert 'value="Maria"' in page and 'value="short"' not in page


@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_it_at_once_one_is_the_first():
    ContentType.objects.clear_cache()

    def send(number):
        try:
            return Client().post(WELCOME, MARIA | {"email": f"person{number}@northwind.example"}, **HERE).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        codes = sorted(pool.map(send, range(4)))

    assert codes == [200, 302, 302, 302]
    assert User.objects.count() == Membership.objects.count() == 1
