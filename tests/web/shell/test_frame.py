"""The frame of every page: what it shows to whom, in which zone and theme, and what it says when something is wrong."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.template import engines
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.web.conftest import member

from leadline.web.accounts.models import Membership
from leadline.web.shell import nav
from leadline.web.shell.nav import Entry, Group, menu_for


def entries(role, path="/leads/"):
    return {entry.title: entry for group in menu_for(role, path) for entry in group.entries}


def test_the_menu_leaves_out_what_a_role_may_not_use_and_what_does_not_exist(monkeypatch):
    menu = (
        Group("", (Entry("Leads", "users", ("/leads/",)), Entry("Moon", "users", ("/moon/",)))),
        Group("Set up", (Entry("Sign-in", "settings", ("/nowhere/", "/sign-in/"), (Membership.Role.ADMIN,)),)),
    )
    monkeypatch.setattr(nav, "MENU", menu)

    assert list(entries("admin")) == ["Leads", "Sign-in"]
    assert list(entries("rep")) == ["Leads"]
    assert [group.title for group in menu_for("rep", "/leads/")] == [""]


def test_everything_that_the_menu_names_exists():
    """An entry whose address does not exist would vanish from the menu and nobody would notice."""
    missing = [entry.title for group in nav.MENU for entry in group.entries if not all(map(nav.exists, entry.paths))]

    assert not missing


@pytest.mark.parametrize("role", list(Membership.Role))
def test_whoever_sees_an_entry_may_open_it(client, northwind, role):
    client.force_login(member(northwind, "Vera", role))

    answers = {entry.path: client.get(entry.path).status_code for entry in entries(role).values()}

    assert len(answers) >= 2 and set(answers.values()) == {200}, answers


def test_the_longest_address_says_where_one_is(monkeypatch):
    menu = (Group("", (Entry("Leads", "users", ("/leads/",)), Entry("Add", "plus", ("/leads/add/",)))),)
    monkeypatch.setattr(nav, "MENU", menu)

    assert [entry.is_here for entry in entries("admin", "/leads/12/").values()] == [True, False]
    assert [entry.is_here for entry in entries("admin", "/leads/add/").values()] == [False, True]


def test_the_frame_names_the_workspace_and_the_role(as_omar):
    page = as_omar.get("/leads/").content.decode()

    assert "Northwind · sales rep" in page
    assert "Omar" in page


def test_demo_data_is_said_to_be_demo_data(as_maria, northwind):
    assert "Demo data" not in as_maria.get("/leads/").content.decode()

    northwind.is_demo = True
    northwind.save()

    assert "Demo data" in as_maria.get("/leads/").content.decode()


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("light", "light"), ('"><b>', "auto"), ("", "auto")])
def test_the_theme_is_what_the_cookie_says_if_it_is_one(as_maria, cookie, theme):
    as_maria.cookies["theme"] = cookie

    assert f'data-theme="{theme}"' in as_maria.get("/leads/").content.decode()


def test_times_are_those_of_the_workspace(as_maria, northwind, monkeypatch):
    from leadline.web.pages.leads_list import views

    seen = []
    monkeypatch.setattr(views, "find_preparing", lambda workspace: seen.append(timezone.get_current_timezone_name()))

    as_maria.get("/leads/")

    assert seen == ["Europe/Berlin"]
    assert timezone.get_current_timezone_name() == "UTC"


# -- when something is wrong ----------------------------------------------------------------------------------------


def test_a_page_that_is_not_there_is_said_in_plain_words(as_maria):
    answer = as_maria.get("/no/such/page/")

    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()
    assert 'aria-label="Main"' in answer.content.decode()


def test_who_is_not_signed_in_learns_as_much_and_sees_no_menu(db):
    answer = Client().get("/no/such/page/")

    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()
    assert 'aria-label="Main"' not in answer.content.decode()


def test_who_may_not_learns_why_and_that_nothing_was_changed(northwind):
    client = Client()
    client.force_login(member(northwind, "Vera", Membership.Role.VIEWER))

    answer = client.get(reverse("add-lead"))

    assert answer.status_code == 403
    assert "Your role in Northwind is viewer" in answer.content.decode()
    assert "Nothing was changed" in answer.content.decode()


def test_who_is_in_no_workspace_is_told_whom_to_ask(northwind, omar):
    Membership.objects.all().delete()
    client = Client()
    client.force_login(omar)

    answer = client.get("/leads/")

    assert answer.status_code == 403
    assert "Ask an administrator" in answer.content.decode()


def test_a_form_without_its_mark_is_refused_in_plain_words(maria):
    client = Client(enforce_csrf_checks=True)
    client.force_login(maria)

    answer = client.post(reverse("add-lead"), {"email": "maya@acme.example"})

    assert answer.status_code == 403
    assert "The form was too old to be taken" in answer.content.decode()


def test_a_mistake_of_ours_is_admitted_and_points_to_health(as_maria, monkeypatch):
    from leadline.web.pages.leads_list import views

    def fall_over(workspace):
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr(views, "find_live", fall_over)
    as_maria.raise_request_exception = False
    answer = as_maria.get("/leads/")

    assert answer.status_code == 500
    assert "on our side" in answer.content.decode() and "/health" in answer.content.decode()
    assert "secret of the house" not in answer.content.decode()


def test_a_request_for_another_host_says_which_setting_is_meant(as_maria):
    answer = as_maria.get("/leads/", headers={"host": "elsewhere.example"})

    assert answer.status_code == 400
    assert "LEADLINE_HOSTS" in answer.content.decode()


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "500.html"])
def test_pages_for_mistakes_need_no_request(name):
    assert "Nothing was changed" in render_to_string(name) or "not saved" in render_to_string(name)


def test_a_refusal_says_what_the_code_said(rf, maria, northwind):
    page = render_to_string("403.html", {"exception": PermissionDenied("Only on <Mondays>.")})

    assert "Only on &lt;Mondays&gt;." in page


# -- parts ----------------------------------------------------------------------------------------------------------


def test_a_field_is_shown_with_its_label_its_help_and_what_is_wrong_with_it():
    from leadline.web.pages.lead_page.forms import AddFactForm

    form = AddFactForm({"field": "<b>", "value": "1"})
    page = engines["django"].from_string("{% fields form %}").render({"form": form})

    help_id, error_id = "id_field_helptext", "id_field_error"
    assert '<label for="id_field">Field' in page
    assert f'id="{help_id}"' in page and f'id="{error_id}"' in page
    assert re.search(f'aria-describedby="[^"]*{help_id}', page) and 'aria-invalid="true"' in page
    assert "&lt;b&gt;" in page and "<b>" not in page


def test_files_are_addressed_with_a_mark_of_their_content():
    page = engines["django"].from_string("{% asset 'shell/base.css' %}").render()

    assert re.fullmatch(r"/static/shell/base\.css\?[0-9a-f]{8}", page)


def test_a_query_can_be_changed_in_one_value(rf):
    template = engines["django"].from_string("{% qs page=2 kind='' %}")

    assert template.render({}, rf.get("/leads/", {"q": "a&b", "kind": "mail"})) == "?q=a%26b&amp;page=2"


def test_who_works_in_two_workspaces_can_turn_to_the_other(as_maria, maria, elsewhere):
    assert "Elsewhere" not in as_maria.get("/leads/").content.decode()
    Membership.objects.create(workspace=elsewhere, user=maria, role="viewer")

    page = as_maria.get("/leads/").content.decode()
    as_maria.post(reverse("choose-workspace", args=[elsewhere.pk]))

    assert f'action="{reverse("choose-workspace", args=[elsewhere.pk])}"' in page
    assert "Elsewhere · viewer" in as_maria.get("/leads/").content.decode()
