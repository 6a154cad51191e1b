"""Dana is in two workspaces: what she sees and does follows the one she chose, and no form of the other lands in it."""

import re
import tomllib
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.web.conftest import member

from leadline.web.accounts.middleware import DRAWN_IN, DRAWN_IN_HEADER
from leadline.web.accounts.models import Membership, Workspace
from leadline.web.api.models import ApiKey
from leadline.web.leads.models import Company, Lead
from leadline.web.leads.notes import add_note
from leadline.web.pages.models import Export, SavedView

WEB = Path(__file__).parents[3] / "src/leadline/web"
ROWS = tomllib.loads((Path(__file__).parents[1] / "access.toml").read_text(encoding="utf-8"))["addresses"]
ABOUT_THE_PERSON = {"sign-out", "sign-out-everywhere", "password", "choose-workspace"}
POSTED = sorted(
    name for name, row in ROWS.items() if row.get("post", "public") != "public" and name not in ABOUT_THE_PERSON
)


@pytest.fixture
def southwind(db):
    return Workspace.objects.create(name="Southwind", slug="southwind")


@pytest.fixture
def dana(northwind, southwind):
    """Administrator of Northwind, viewer of Southwind."""
    user = member(northwind, "Dana", Membership.Role.ADMIN)
    Membership.objects.create(workspace=southwind, user=user, role=Membership.Role.VIEWER)
    return user


@pytest.fixture
def as_dana(dana):
    client = Client()
    client.force_login(dana)
    return client


@pytest.fixture
def things(dana, northwind, southwind):
    """In each workspace a lead, a company and a shared view, called by its name."""
    made = {}
    for workspace in (northwind, southwind):
        about = {"workspace": workspace}
        name = f"of {workspace.name}"
        company = Company.objects.create(key=f"domain:{workspace.slug}.example", name=f"Acme {name}", **about)
        of_acme = about | {"company": company, "first_seen_at": timezone.now()}
        lead = Lead.objects.create(name=f"Ada {name}", is_known=True, **of_acme)
        view = SavedView.objects.create(owner=dana, name=f"Hot {name}", is_shared=True, **about)
        made[workspace] = (lead, company, view)
    return made


def choose(client, workspace):
    assert client.post(reverse("choose-workspace", args=[workspace.pk])).status_code == 302


def grow(user, workspace):
    """Let somebody do everything in a workspace."""
    Membership.objects.filter(user=user, workspace=workspace).update(role=Membership.Role.ADMIN)


# -- what is seen -----------------------------------------------------------------------------------------------


def test_lists_and_the_search_show_the_chosen_workspace_alone(as_dana, things):
    for chosen, other in (tuple(things), tuple(reversed(things))):
        choose(as_dana, chosen)
        for path, word in (
            ("/leads/", "Ada"),
            ("/companies/", "Acme"),
            ("/leads/views/", "Hot"),
            ("/search/?q=of", "Ada"),
        ):
            text = as_dana.get(path).content.decode()
            assert f"{word} of {chosen.name}" in text, path
            assert f"of {other.name}" not in text, path


def test_what_is_of_the_other_workspace_is_not_there(as_dana, dana, things, southwind):
    grow(dana, southwind)
    for chosen, other in (tuple(things), tuple(reversed(things))):
        choose(as_dana, chosen)
        for names, is_there in ((things[chosen], True), (things[other], False)):
            for address, one in zip(("lead", "company", "saved-view"), names, strict=True):
                answer = as_dana.get(reverse(address, args=[one.pk]))
                assert answer.status_code == (200 if is_there else 404), address


def test_settings_and_keys_are_those_of_the_chosen_workspace(as_dana, dana, southwind, northwind):
    grow(dana, southwind)
    choose(as_dana, southwind)

    as_dana.post("/settings/", {"name": "Southwind Trading", "timezone": "UTC"})
    as_dana.post(
        "/settings/api-keys/", {"name": "Warehouse", "source": "api", "scopes": ["leads:read"], "expires": "365"}
    )

    northwind.refresh_from_db()
    assert northwind.name == "Northwind" and Workspace.objects.filter(name="Southwind Trading").exists()
    assert ApiKey.objects.get().workspace == southwind
    choose(as_dana, northwind)
    assert "Warehouse" not in as_dana.get("/settings/api-keys/").content.decode()
    assert as_dana.get(reverse("api-key-end", args=[ApiKey.objects.get().pk])).status_code == 404


def test_an_export_has_the_leads_of_the_chosen_workspace_and_is_listed_there(
    as_dana, dana, things, southwind, northwind
):
    grow(dana, southwind)
    choose(as_dana, southwind)

    answer = as_dana.post("/leads/export/", {"format": "csv", "columns": "all", "query": ""})

    text = b"".join(answer).decode()
    assert "Ada of Southwind" in text and "Northwind" not in text
    assert Export.objects.get().workspace == southwind


def test_her_role_is_that_of_the_chosen_workspace(as_dana, things, northwind, southwind):
    choose(as_dana, southwind)
    lead = things[southwind][0]
    for path in ("/settings/", "/import/", "/leads/export/"):
        assert as_dana.get(path).status_code == 403
    for path in ("/leads/add/", f"/leads/{lead.pk}/notes/"):
        assert as_dana.post(path, {"email": "bo@acme.example", "text": "Likes tea"}).status_code == 403
    assert Lead.objects.filter(workspace=southwind).count() == 1

    choose(as_dana, northwind)
    assert as_dana.get("/settings/").status_code == 200
    assert as_dana.post("/leads/add/", {"email": "bo@acme.example"}).status_code == 302
    assert Lead.objects.filter(workspace=northwind).count() == 2


# -- a form of the other workspace ------------------------------------------------------------------------------


def marks_in(answer):
    return set(re.findall(rf'name="{DRAWN_IN}" value="(\d+)"', answer.content.decode()))


def test_every_form_says_in_which_workspace_it_was_drawn(as_dana, dana, southwind, northwind):
    grow(dana, southwind)
    for workspace in (northwind, southwind):
        choose(as_dana, workspace)
        for path in (
            "/leads/add/",
            "/settings/",
            "/settings/api-keys/",
            "/settings/members/",
            "/forms/new/",
            "/import/",
        ):
            assert marks_in(as_dana.get(path)) == {str(workspace.pk)}, path
        assert f'"{DRAWN_IN_HEADER}": "{workspace.pk}"' in as_dana.get("/leads/").content.decode()


def test_no_template_writes_the_marks_of_a_form_itself():
    """With Django's own field, a form would pass without saying its workspace."""
    for template in WEB.rglob("*.html"):
        assert "csrfmiddlewaretoken" not in template.read_text(encoding="utf-8"), template


def test_who_is_not_signed_in_gets_a_form_without_a_workspace(client, dana):
    assert "csrfmiddlewaretoken" in client.get("/sign-in/").content.decode()
    assert not marks_in(client.get("/sign-in/"))


def test_a_lead_is_not_added_to_another_workspace_than_the_form_was_for(as_dana, dana, southwind, northwind):
    grow(dana, southwind)
    form = {"email": "bo@acme.example", DRAWN_IN: northwind.pk}
    choose(as_dana, southwind)  # in another tab

    answer = as_dana.post("/leads/add/", form)

    text = answer.content.decode()
    assert answer.status_code == 409
    assert "You opened the form in Northwind." in text and "nothing was changed" in text
    assert not Lead.objects.exists()
    choose(as_dana, northwind)  # as the page offers
    assert f'action="/workspace/{northwind.pk}/"' in text
    as_dana.post("/leads/add/", form)
    assert Lead.objects.get().workspace == northwind


@pytest.mark.parametrize("name", POSTED)
def test_nothing_at_all_is_done_with_a_form_of_another_workspace(as_dana, dana, southwind, northwind, name):
    from django.urls import get_resolver

    grow(dana, southwind)
    choose(as_dana, southwind)
    ((path, names),) = get_resolver().reverse_dict.getlist(name)[0][0]
    path = "/" + path % dict.fromkeys(names, 1)

    assert as_dana.post(path, {DRAWN_IN: northwind.pk}).status_code == 409
    assert as_dana.post(path, headers={DRAWN_IN_HEADER: str(northwind.pk)}).status_code == 409
    assert as_dana.post(path, {DRAWN_IN: southwind.pk}).status_code != 409


@pytest.mark.parametrize("said", ["0", "-1", "x", "²", "9" * 400, "1 or 1"])
def test_a_form_of_no_workspace_of_hers_is_refused_and_names_none(as_dana, elsewhere, said):
    for one in (said, str(elsewhere.pk)):
        answer = as_dana.post("/leads/add/", {"email": "bo@acme.example", DRAWN_IN: one})

        assert answer.status_code == 409 and "Elsewhere" not in answer.content.decode()
        assert "no longer a member of" in answer.content.decode()
    assert not Lead.objects.exists()


def test_what_is_about_the_person_is_taken_from_whatever_workspace(as_dana, southwind, northwind):
    choose(as_dana, southwind)

    assert as_dana.post(reverse("choose-workspace", args=[northwind.pk]), {DRAWN_IN: northwind.pk}).status_code == 302
    assert as_dana.post("/password/", {DRAWN_IN: southwind.pk}).status_code == 422
    assert as_dana.post("/sign-out/", {DRAWN_IN: southwind.pk})["Location"] == "/sign-in/"


def test_a_part_of_a_page_of_another_workspace_loads_the_whole_page_anew(as_dana, things, southwind, northwind):
    choose(as_dana, southwind)
    as_of_northwind = {"HX-Request": "true", DRAWN_IN_HEADER: str(northwind.pk)}

    answer = as_dana.get("/leads/?q=Ada", headers=as_of_northwind)

    assert answer["HX-Refresh"] == "true" and not answer.content
    assert "HX-Refresh" not in as_dana.get(
        "/leads/?q=Ada", headers=as_of_northwind | {DRAWN_IN_HEADER: str(southwind.pk)}
    )


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_two_tabs_in_a_browser(visit, dana, things, southwind, northwind):
    grow(dana, southwind)
    seen = visit(dana)
    seen.forgives.append("status of 409")
    seen.go("/leads/add/")
    seen.page.get_by_label("E-mail").fill("bo@acme.example")
    other_tab = seen.context.new_page()
    other_tab.goto(f"{seen.address}/leads/{things[northwind][0].pk}/")
    other_tab.locator("summary", has_text="Northwind").click()
    other_tab.get_by_role("button", name="Southwind").click()
    other_tab.wait_for_url("**/today/")

    seen.page.get_by_role("button", name="Add").click()

    seen.page.get_by_role("heading", name="This form was for another workspace").wait_for()
    seen.check_accessibility()
    seen.shoot_every_look("another_workspace")
    assert not Lead.objects.filter(email="bo@acme.example").exists()
    with seen.context.expect_page() as opened:
        seen.page.get_by_role("button", name="Go to Northwind").click()
    opened.value.wait_for_url("**/today/")
    seen.page.go_back()
    assert seen.page.get_by_label("E-mail").input_value() == "bo@acme.example"
    seen.page.get_by_role("button", name="Add").click()
    seen.page.wait_for_url("**/leads/*/")
    assert Lead.objects.get(email="bo@acme.example").workspace == northwind


def test_a_note_reaches_only_the_lead_it_was_written_on(as_dana, dana, things, southwind, northwind):
    grow(dana, southwind)
    lead = things[northwind][0]
    add_note(lead, "Likes tea", by=dana.email)
    choose(as_dana, southwind)

    answer = as_dana.post(reverse("add-note", args=[lead.pk]), {"text": "Likes coffee"})

    assert answer.status_code == 404 and lead.notes.count() == 1
