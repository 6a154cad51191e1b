import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.web.capture.imports.conftest import CONTACTS, check, import_all, work

from leadline.web.accounts.models import Membership
from leadline.web.capture.models import ImportMapping, ImportRun
from leadline.web.leads.models import Lead

pytestmark = pytest.mark.django_db


def upload(client, content=CONTACTS, name="contacts.csv", **fields):
    content = content.encode() if isinstance(content, str) else content
    return client.post("/import/", {"file": SimpleUploadedFile(name, content), **fields})


def test_maria_imports_a_file_in_the_browser(as_maria):
    answer = upload(as_maria)
    run = ImportRun.objects.get()
    assert answer.url == f"/import/{run.pk}/"
    page = as_maria.get(answer.url).content.decode()
    assert "First Name" in page and "ann@acme.com" in page

    as_maria.post(f"/import/{run.pk}/columns/", {"zone": "Europe/Berlin", "source": "hubspot"})
    assert "Reading the file" in as_maria.get(answer.url).content.decode()
    work(run)
    assert "this is what would happen" in as_maria.get(answer.url).content.decode()
    as_maria.post(f"/import/{run.pk}/run/")
    work(run)

    assert "The leads are being assessed" in as_maria.get(answer.url).content.decode()
    assert Lead.objects.filter(email="ann@acme.com", first_source="hubspot").exists()


def test_a_file_that_is_no_table_is_refused_with_what_to_do(as_maria, uploads):
    answer = upload(as_maria, b"%PDF-1.7 and so on", name="contacts.csv")

    assert answer.status_code == 422
    assert "Export the table as CSV or .xlsx" in answer.content.decode()
    assert not ImportRun.objects.exists()
    assert list(uploads.iterdir()) == []


def test_a_file_that_is_gone_is_said_to_be_gone_with_what_to_do(as_maria, uploads):
    upload(as_maria)
    run = ImportRun.objects.get()
    for file in uploads.iterdir():
        file.unlink()

    answer = as_maria.post(f"/import/{run.pk}/file/", {"r-table": "companies", "r-delimiter": ","})

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "contacts.csv is not on the server any more. Discard this import, and upload the file again." in page
    assert f'action="/import/{run.pk}/discard/"' in page
    assert ImportRun.objects.get().table == "leads"
    assert as_maria.get(f"/import/{run.pk}/").status_code == 200
    assert as_maria.post(f"/import/{run.pk}/discard/").status_code == 302 and not ImportRun.objects.exists()


def test_an_upload_that_is_too_large_is_refused_before_it_is_read(as_maria, settings):
    settings.IMPORT_MOST_BYTES = 1_000_000

    answer = upload(as_maria, b"a,b\n" + b"1,2\n" * 400_000)

    assert answer.status_code == 413
    assert "larger than 1 MB" in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_an_upload_needs_the_token_against_forged_requests(maria):
    client = Client(enforce_csrf_checks=True)
    client.force_login(maria)

    assert upload(client).status_code == 403


def test_what_an_import_needs_is_said_all_at_once_and_nothing_is_changed(as_maria, bring):
    run = bring(CONTACTS)

    answer = as_maria.post(
        f"/import/{run.pk}/columns/", {"field-0": "", "field-1": "name", "field-2": "name", "zone": "Mars"}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "E-mail or Lead’s id (CRM) or User id" in page
    assert "are all Name" in page
    assert "no time zone &#x27;Mars&#x27;" in page
    run.refresh_from_db()
    assert run.state == "mapping" and run.columns["E-Mail"]["field"] == "email"


def test_a_preview_shows_rows_as_they_would_be_understood_and_keeps_nothing(as_maria, bring):
    run = bring("email,score\nann@acme.com,12\nnobody,many\n")

    page = as_maria.post(
        f"/import/{run.pk}/columns/", {"field-1": "fact", "type-1": "number", "preview": "1"}
    ).content.decode()

    assert "is no e-mail address" in page and "is no number" in page
    run.refresh_from_db()
    assert run.state == "mapping"


def test_columns_that_were_kept_are_used_for_the_next_file_with_the_same_columns(as_maria, bring):
    first = bring(CONTACTS)
    typed = {
        "field-3": "fact",
        "fact-3": "Job",
        "zone": "Asia/Tokyo",
        "source": "hubspot",
        "save_as": "HubSpot contacts",
    }
    as_maria.post(f"/import/{first.pk}/columns/", typed)

    upload(as_maria, CONTACTS.splitlines()[0] + "\ncid@hooli.com,,,,,\n")

    second = ImportRun.objects.latest("pk")
    assert second.columns["Job Title"]["field"] == "fact:job"
    assert (second.source, second.options["zone"]) == ("hubspot", "Asia/Tokyo")
    assert "HubSpot contacts" in as_maria.get(f"/import/{second.pk}/").content.decode()


def test_a_kept_mapping_can_be_applied_to_a_file_with_more_columns(as_maria, bring, northwind):
    columns = {"Mail": {"field": "email", "type": "text", "reading": ""}}
    kept = ImportMapping.objects.create(workspace=northwind, name="Short", table="leads", columns=columns)
    run = bring("Mail,Notes\nann@acme.com,x\n")

    as_maria.post(f"/import/{run.pk}/mapping/", {"mapping": kept.pk})

    run.refresh_from_db()
    assert (run.columns["Mail"]["field"], run.columns["Notes"]["field"]) == ("email", "fact:notes")


def test_progress_is_asked_for_in_place_and_the_page_reloads_at_the_end(as_maria, bring):
    run = bring(CONTACTS)
    as_maria.post(f"/import/{run.pk}/columns/", {})
    asked = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "at-work"}

    during = as_maria.get(f"/import/{run.pk}/", **asked)
    work(run)
    after = as_maria.get(f"/import/{run.pk}/", **asked)

    assert 'id="at-work"' in during.content.decode()
    assert (after.status_code, after.headers["HX-Refresh"]) == (204, "true")


def test_undo_asks_first_and_says_what_goes(as_maria, bring):
    done = import_all(bring(CONTACTS))

    page = as_maria.get(f"/import/{done.pk}/undo/").content.decode()
    assert "Undo the import of contacts.csv?" in page and 'Leads</dt><dd class="num">2' in page
    as_maria.post(f"/import/{done.pk}/undo/")
    undone = work(done)

    assert undone.state == "undone"
    assert not Lead.objects.exists()


def test_two_who_press_at_once_start_one_run(as_maria, bring):
    run = check(bring(CONTACTS))

    as_maria.post(f"/import/{run.pk}/run/")
    second = as_maria.post(f"/import/{run.pk}/run/", follow=True)

    assert "This import is running by now. Nothing was changed." in second.content.decode()


def test_refused_rows_come_as_a_file(as_maria, bring):
    run = check(bring("email,name\nann@acme.com,Ann\nbob,=1+1\n"))

    answer = as_maria.get(f"/import/{run.pk}/refused.csv")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="refused rows of contacts.csv"'
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.splitlines() == [
        "email,name,Row in the file,Refused because",
        "bob,'=1+1,3,email: 'bob' is no e-mail address.",
    ]


PAGES = ["", "file/", "columns/", "mapping/", "run/", "stop/", "go-on/", "again/", "undo/", "discard/", "refused.csv"]


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_or_changes_an_import_of_another_workspace(as_charlie, bring, page):
    run = bring(CONTACTS)
    path = f"/import/{run.pk}/{page}"

    answers = {as_charlie.get(path).status_code, as_charlie.post(path).status_code}

    assert answers <= {404, 405} and 404 in answers
    run.refresh_from_db()
    assert run.state == "mapping"


@pytest.mark.parametrize("page", ["/import/", *[f"/import/1/{page}" for page in PAGES]])
def test_imports_are_for_editors(as_omar, page, omar):
    assert Membership.objects.get(user=omar).role == "rep"
    assert as_omar.get(page).status_code == 403
    assert as_omar.post(page).status_code == 403
