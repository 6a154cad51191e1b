"""The pages to make and change forms: for editors, without JavaScript, and each workspace's own."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.web.capture.forms.conftest import AGREEMENT, errors_of

from leadline.web.accounts.models import Source
from leadline.web.capture.forms.editor import MOST_ROWS
from leadline.web.capture.forms.queries import last_answers
from leadline.web.capture.models import Form
from leadline.web.leads.models import Event, Lead

ABOUT = {"title": "Contact us", "slug": "", "event": "Contact Requested", "thanks": "Thanks."} | dict.fromkeys(
    ("intro", "contact_text", "scoring_text", "origins"), ""
)
EMAIL = {"label": "E-mail", "type": "email", "required": "on", "fact": "email"}


def typed(about=None, rows=(EMAIL,), **more):
    data = {**ABOUT, **(about or {}), "f-TOTAL_FORMS": str(len(rows)), "f-INITIAL_FORMS": "0", **more}
    for number, row in enumerate(rows):
        data |= {
            f"f-{number}-{name}": value for name, value in {"type": "text", "ORDER": str(number + 1), **row}.items()
        }
    return data


def test_a_form_is_made_and_has_an_address_of_its_title(as_maria, northwind):
    response = as_maria.post("/forms/new/", typed())

    form = Form.objects.get()
    assert response["Location"] == f"/forms/{form.pk}/"
    assert (form.slug, form.event, form.workspace) == ("contact-us", "contact_requested", northwind)
    assert form.fields == [
        {"name": "e_mail", "label": "E-mail", "type": "email", "required": True, "options": [], "fact": "email"}
    ]
    assert (form.source.name, form.source.kind) == ("form", Source.Kind.FORM)


def test_a_new_form_begins_with_the_address_and_the_name_and_shows_them_beside(as_maria):
    answer = as_maria.get("/forms/new/")

    assert [row.initial.get("fact") for row in answer.context["rows"]] == ["email", "name"]
    assert 'name="email" autocomplete="email"' in answer.content.decode().split('id="preview"')[1]


def test_all_that_is_wrong_with_a_form_is_said_at_once(as_maria, demo):
    rows = [
        {"label": "Topics", "type": "several", "options": "One"},
        {"label": "Agree", "fact": "consent.scoring"},
        {"label": "A", "fact": "title"},
        {"label": "B", "fact": "Title"},
    ]
    response = as_maria.post(
        "/forms/new/", typed({"slug": "demo", "event": "!!!", "origins": "acme.com\nhttps://b.example"}, rows)
    )

    assert response.status_code == 422
    said = " ".join(errors_of(response))
    for words in (
        "There is a form at",
        "has letters or digits",
        "acme.com: a site looks like",
        "needs at least two options",
        "cannot come from a form",
        "is asked for by field 3 already",
        "has to be a required e-mail address",
    ):
        assert words in said
    assert Form.objects.count() == 1


def test_fields_are_moved_left_out_and_keep_their_names(as_maria, demo):
    rows = [
        {"name": "email", "label": "Your e-mail", "type": "email", "required": "on", "fact": "email", "ORDER": "2"},
        {"name": "job", "label": "Position", "fact": "title", "ORDER": "1"},
        {"name": "size", "label": "Team size", "type": "choice", "options": "1-9\n10-99", "ORDER": "3", "DELETE": "on"},
        {"label": "Job", "ORDER": ""},
    ]
    as_maria.post(f"/forms/{demo.pk}/edit/", typed({"slug": "demo"}, rows))

    demo.refresh_from_db()
    assert [(one["name"], one["label"]) for one in demo.fields] == [
        ("job", "Position"),
        ("email", "Your e-mail"),
        ("job_2", "Job"),
    ]


def test_there_is_room_for_more_and_what_was_typed_stays(as_maria, demo):
    response = as_maria.post(f"/forms/{demo.pk}/edit/", typed({"title": "Half done"}, more="1"))

    assert response.status_code == 200
    assert len(response.context["rows"].forms) == 2
    assert b'value="Half done"' in response.content
    assert b"Nothing was saved" not in response.content and errors_of(response) == []
    demo.refresh_from_db()
    assert demo.title == "Ask for a demo"


def test_what_was_typed_is_shown_as_it_would_look_and_not_saved(as_maria, demo):
    rows = [EMAIL, {"label": "<i>Team</i> size", "type": "choice", "options": "1-9\n10-99"}]
    about = {"title": "Half done", "contact_text": "Write to me.", "event": ""}
    response = as_maria.post(f"/forms/{demo.pk}/edit/", typed(about, rows, preview="1"))

    preview = response.content.decode().split('id="preview"')[1]
    assert response.status_code == 200
    for words in ("<h3>Half done</h3>", "&lt;i&gt;Team&lt;/i&gt; size", "10-99", "Write to me."):
        assert words in preview
    demo.refresh_from_db()
    assert demo.title == "Ask for a demo"


def test_nobody_adds_fields_without_end(as_maria):
    rows = [EMAIL, *({"label": f"F{number}"} for number in range(60))]

    answer = as_maria.post("/forms/new/", typed(rows=rows, more="1"))

    assert (answer.status_code, len(answer.context["rows"].forms)) == (200, MOST_ROWS)


@pytest.mark.parametrize("button", ["more", "preview", "save"])
@pytest.mark.parametrize("sent", [{}, {"f-TOTAL_FORMS": "x", "f-INITIAL_FORMS": "-1"}, {"f-TOTAL_FORMS": "9999"}])
def test_rows_that_no_page_of_ours_sends_are_no_error_of_the_server(as_maria, button, sent):
    assert as_maria.post("/forms/new/", {button: "1", **sent}).status_code in (200, 422)
    assert not Form.objects.exists()


def test_a_form_is_shown_with_the_code_to_embed_it(as_maria, demo):
    text = as_maria.get(f"/forms/{demo.pk}/").content.decode()

    assert "&lt;iframe src=&quot;http://testserver/f/northwind/demo/&quot;" in text
    assert "&lt;form method=&quot;post&quot; action=&quot;http://testserver/f/northwind/demo/&quot;&gt;" in text
    assert "name=&quot;consent_contact&quot;" in text
    assert "name=&quot;consent_scoring&quot;" in text
    assert AGREEMENT in text


def test_words_of_a_form_are_text_and_nothing_else(as_maria, demo, visitor):
    Form.objects.update(title="<script>alert(1)</script>", intro="<b>bold</b>", thanks="<img src=x>")

    for client, address in (
        (visitor, "/f/northwind/demo/"),
        (visitor, "/f/northwind/demo/thanks/"),
        (as_maria, f"/forms/{demo.pk}/"),
    ):
        text = client.get(address).content.decode()
        assert "<script>alert" not in text
        assert "<b>bold" not in text
        assert "<img src=x" not in text


def test_a_form_is_closed_and_opened_again(as_maria, demo):
    as_maria.post(f"/forms/{demo.pk}/open/", {"open": "0"})
    demo.refresh_from_db()
    assert not demo.is_open

    as_maria.post(f"/forms/{demo.pk}/open/", {"open": "1"})
    demo.refresh_from_db()
    assert demo.is_open


@pytest.mark.parametrize("page", ["/forms/", "/forms/new/", "/forms/{}/", "/forms/{}/edit/"])
def test_forms_are_for_editors(as_omar, demo, page):
    assert as_omar.get(page.format(demo.pk)).status_code == 403


@pytest.mark.parametrize("page", ["/forms/{}/", "/forms/{}/edit/"])
def test_another_workspace_s_form_is_not_there(as_charlie, demo, page):
    assert as_charlie.get(page.format(demo.pk)).status_code == 404
    assert as_charlie.post(page.format(demo.pk), typed()).status_code in (404, 405)
    assert as_charlie.post(f"/forms/{demo.pk}/open/", {"open": "0"}).status_code == 404
    assert b"Ask for a demo" not in as_charlie.get("/forms/").content
    demo.refresh_from_db()
    assert (demo.title, demo.is_open) == ("Ask for a demo", True)


def test_two_workspaces_may_have_a_form_at_the_same_address(as_charlie, demo):
    assert as_charlie.post("/forms/new/", typed({"slug": "demo"})).status_code == 302


@pytest.mark.browser
@pytest.mark.one_database
def test_the_pages_of_forms_are_readable_by_everybody(visit, maria, demo):
    seen = visit(maria)
    for name, page in (("forms", "/forms/"), ("form", f"/forms/{demo.pk}/"), ("form-edit", f"/forms/{demo.pk}/edit/")):
        seen.go(page)
        seen.shoot_every_look(name, full=True)
        seen.check_accessibility()


@pytest.mark.browser
@pytest.mark.one_database
def test_a_hosted_form_is_readable_by_everybody_also_with_errors(visit, maria, demo):
    seen = visit(maria)
    seen.go("/f/northwind/demo/")
    seen.shoot_every_look("form-public")
    seen.check_accessibility()
    seen.forgives.append("status of 422")
    seen.page.click("button")
    seen.page.wait_for_selector(".err")
    seen.shoot_every_look("form-public-errors")
    seen.check_accessibility()


def test_the_last_answers_are_the_latest_whenever_they_came_in(demo, forms_source):
    now = timezone.now()
    for number, hours in enumerate((1, 11, 6)):
        lead = Lead.objects.create(workspace=demo.workspace, name=f"{hours} hours ago", first_seen_at=now)
        Event.objects.create(
            workspace=demo.workspace, source=forms_source, message_id=str(number), lead=lead, first_lead=lead, kind="form",
            name=demo.event, occurred_at=now - timedelta(hours=hours), received_at=now, properties={"form": demo.slug},
        )  # fmt: skip

    assert [one.lead.name for one in last_answers(demo)] == ["1 hours ago", "6 hours ago", "11 hours ago"]
