import pytest
from tests.web.browser import expect
from tests.web.capture.imports.conftest import CONTACTS, check, import_all, work

from leadline.web.capture.models import ImportRun
from leadline.web.leads.models import Lead

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MANY = "E-Mail,First Name,Last Name,Job Title,Signed up,Employees\n" + "".join(
    f"p{n}@acme{n}.com,Ann,Lee {n},VP Sales,0{n % 9 + 1}/0{n % 7 + 1}/2025,{n * 10}\n" for n in range(40)
)


def test_maria_brings_a_file_answers_a_question_and_imports(visit, maria, tmp_path):
    file = tmp_path / "signups.csv"
    file.write_text(MANY + "nobody,,,,,\n")
    seen = visit(maria)
    seen.go("/import/")
    seen.check_accessibility()
    seen.shoot_every_look("import_empty")

    seen.page.locator("input[type=file]").set_input_files(file)
    seen.page.get_by_role("button", name="Upload").click()
    seen.page.get_by_role("heading", name="What each column becomes").wait_for()
    seen.check_accessibility()
    seen.shoot_every_look("import_columns", full=True)
    seen.page.get_by_label("Job Title becomes").select_option("Left out")
    seen.page.locator("#preview th", has_text="Job Title").wait_for(state="detached")
    seen.page.get_by_role("button", name="Check all rows").click()
    run = ImportRun.objects.get()
    seen.page.get_by_role("heading", name="Reading the file").wait_for()
    seen.check_accessibility()
    seen.shoot_every_look("import_at_work")
    work(run)

    seen.page.get_by_text("no value of the column decides").wait_for()
    seen.check_accessibility()
    seen.shoot_every_look("import_question", full=True)
    seen.page.get_by_label("day first").check()
    seen.page.get_by_role("button", name="Check all rows").click()
    seen.page.locator("#at-work").wait_for()
    work(run)

    seen.page.get_by_role("heading", name="this is what would happen").wait_for()
    seen.check_accessibility()
    seen.shoot_every_look("import_checked")
    seen.page.get_by_role("button", name="Import", exact=True).click()
    seen.page.locator("#at-work").wait_for()
    work(run)
    seen.page.get_by_text("are being assessed anew").wait_for()
    seen.check_accessibility()
    seen.shoot_every_look("import_done", full=True)
    assert Lead.objects.count() == 40

    seen.page.get_by_role("link", name="Undo this import").click()
    seen.check_accessibility()
    seen.shoot_every_look("import_undo")
    seen.go("/import/")
    seen.check_accessibility()
    seen.shoot_every_look("import_list")


def test_an_import_works_without_javascript_and_by_keyboard(visit, maria, tmp_path):
    file = tmp_path / "contacts.csv"
    file.write_text(CONTACTS)
    seen = visit(maria, javascript=False)
    seen.go("/import/")

    seen.page.locator("input[type=file]").set_input_files(file)
    seen.page.get_by_role("button", name="Upload").press("Enter")
    seen.page.get_by_role("button", name="Show how rows are understood").press("Enter")
    seen.page.get_by_role("button", name="Check all rows").press("Enter")
    work(ImportRun.objects.get())
    seen.page.get_by_role("link", name="Refresh").press("Enter")
    seen.page.get_by_role("button", name="Import", exact=True).press("Enter")
    work(ImportRun.objects.get())
    seen.page.get_by_role("link", name="Refresh").press("Enter")

    expect(seen.page.get_by_text("are being assessed anew")).to_be_visible()
    assert Lead.objects.filter(name="Ann Lee").exists()


def test_an_import_that_failed_says_what_was_not_changed(visit, maria, bring, uploads):
    run = check(bring(CONTACTS))
    for file in uploads.iterdir():
        file.unlink()
    seen = visit(maria)
    seen.go(f"/import/{run.pk}/")

    seen.page.get_by_role("button", name="Import", exact=True).click()
    seen.page.locator("#at-work").wait_for()
    work(run)

    seen.page.get_by_text("The file of this import is gone").wait_for()
    seen.check_accessibility()
    seen.shoot_every_look("import_failed")
    assert import_all(bring(CONTACTS)).state == "done"
