"""`leadline user`, for whoever runs the machine: people are listed and added, and passwords are chosen by a link."""

import json
import re

import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import timezone

from leadline.cli.user import user
from leadline.web.accounts.actions import LastAdminError, change_role, make_workspace
from leadline.web.accounts.models import Membership, User, Workspace
from leadline.web.api.keys import find_api_key, make_api_key


@pytest.fixture
def run(db):
    return lambda *arguments: CliRunner().invoke(user, list(arguments))


def path_in(text):
    return re.search(r"https?://[^/]+(/password/choose/\S+)", text).group(1)


def test_a_link_for_a_new_password_works_once_and_the_old_one_until_then(run, maria):
    done = run("reset", "MARIA@northwind.example", "--address", "https://leads.example.com/")

    client = Client()
    assert done.exit_code == 0 and "https://leads.example.com/password/choose/" in done.stdout
    assert maria.check_password("maria-likes-tea")
    form = client.get(path_in(done.stdout), follow=True).redirect_chain[-1][0]
    client.post(form, {"new_password1": "coffee-is-better", "new_password2": "coffee-is-better"})
    maria.refresh_from_db()
    assert maria.check_password("coffee-is-better")
    assert "This link no longer works" in Client().get(path_in(done.stdout), follow=True).content.decode()


def test_somebody_is_added_to_the_only_workspace(run, northwind):
    done = run("add", "ada@northwind.example", "--name", "Ada", "--role", "rep", "--json")

    member = Membership.objects.get(user__email="ada@northwind.example")
    assert (member.workspace, member.role, member.user.name) == (northwind, "rep", "Ada")
    assert json.loads(done.stdout)["link"].startswith("http://127.0.0.1:8000/password/choose/")


def test_on_an_empty_installation_the_first_who_is_added_is_its_administrator(run):
    run("add", "ada@northwind.example")

    assert Membership.objects.get().role == "admin" and Workspace.objects.count() == 1
    assert User.objects.get().name == "ada"


def test_where_there_are_several_workspaces_it_asks_which(run, northwind):
    make_workspace("Elsewhere", "UTC")

    asked = run("add", "ada@northwind.example")
    mistyped = run("add", "ada@northwind.example", "--workspace", "northwnd")
    done = run("add", "ada@northwind.example", "--workspace", "northwind")

    assert asked.exit_code == 2 and "elsewhere, northwind" in asked.stderr
    assert "Did you mean 'northwind'?" in mistyped.stderr
    assert done.exit_code == 0 and Membership.objects.get().workspace == northwind


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["reset", "mara@northwind.example"], "Did you mean 'maria@northwind.example'?"),
        (["reset"], "Say whom"),
        (["add", "ada"], "no e-mail address"),
        (["add", "maria@northwind.example"], "leadline user reset"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_can(run, maria, arguments, words):
    done = run(*arguments)

    assert done.exit_code == 2 and words in done.stderr
    assert User.objects.count() == 1


def test_people_are_listed_with_their_workspaces(run, maria, omar):
    plain, as_json = run("list"), json.loads(run("list", "--json").stdout)

    assert "omar@northwind.example" in plain.stdout and "northwind (rep)" in plain.stdout
    assert [one["workspaces"] for one in as_json["users"]] == [{"northwind": "admin"}, {"northwind": "rep"}]


# -- an account switched off -------------------------------------------------------------------------------------


def can_sign_in(email, password):
    return Client().post("/sign-in/", {"username": email, "password": password}).status_code == 302


def opens(key):
    return find_api_key(key, timezone.now()) is not None


def test_who_is_disabled_is_out_at_once_with_the_keys_that_they_made(run, maria, omar, as_omar, northwind):
    elsewhere = make_workspace("Elsewhere", "UTC")
    theirs = [make_api_key(one, name="sync", scopes=["export"], by=omar)[1] for one in (northwind, elsewhere)]
    hers = make_api_key(northwind, name="crm", scopes=["export"], source="crm", by=maria)[1]
    omar.set_password("omar-likes-tea")
    omar.save()
    as_omar.force_login(omar)
    assert as_omar.get("/leads/").status_code == 200 and all(map(opens, theirs))

    done = run("disable", "Omar@northwind.example")

    assert done.exit_code == 0 and "sync (elsewhere), sync (northwind)" in done.stdout
    assert as_omar.get("/leads/").status_code == 302
    assert not can_sign_in(omar.email, "omar-likes-tea") and can_sign_in(maria.email, "maria-likes-tea")
    assert [opens(one) for one in (*theirs, hers)] == [False, False, True]


def test_who_is_enabled_again_signs_in_anew_and_ended_keys_stay_ended(run, maria, omar, as_omar, northwind):
    omar.set_password("omar-likes-tea")
    omar.save()
    as_omar.force_login(omar)
    key = make_api_key(northwind, name="sync", scopes=["export"], by=omar)[1]
    run("disable", omar.email)

    done = json.loads(run("enable", omar.email, "--json").stdout)

    assert (done["is_active"], done["was_changed"]) == (True, True)
    assert can_sign_in(omar.email, "omar-likes-tea")
    assert as_omar.get("/leads/").status_code == 302 and not opens(key)
    assert "already" in run("enable", omar.email).stdout


def test_the_only_administrator_who_can_sign_in_stays(run, maria, omar, northwind):
    refused = run("disable", maria.email)
    assert refused.exit_code == 2 and "Northwind: The workspace needs an administrator" in refused.stderr
    assert User.objects.get(pk=maria.pk).is_active

    change_role(Membership.objects.get(user=omar), "admin")
    assert run("disable", maria.email).exit_code == 0
    with pytest.raises(LastAdminError):
        change_role(Membership.objects.get(user=omar), "rep")  # Maria is one in name only


def test_a_disabled_account_is_shown_and_gets_no_link(run, maria, omar, as_maria):
    run("disable", omar.email)

    assert "switched off" in run("list").stdout
    assert [one["is_active"] for one in json.loads(run("list", "--json").stdout)["users"]] == [True, False]
    assert f"leadline user enable {omar.email}" in run("reset", omar.email).stderr
    assert "switched off" in as_maria.get("/settings/members/").content.decode()
