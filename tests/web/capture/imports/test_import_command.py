"""`leadline import`, as somebody types it."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.web.capture.imports.conftest import CONTACTS
from tests.web.operations.running import installation

from leadline.cli.import_file import import_file
from leadline.web.capture.imports import actions
from leadline.web.capture.imports import run as work
from leadline.web.capture.models import ImportRun
from leadline.web.leads.models import Event, Fact, Lead

README = Path(__file__).resolve().parents[4] / "README.md"
BROKEN = CONTACTS + "nobody,,,,,\ncem@firm.com,Cem,Kaya,CTO,Firm,many\n"


@pytest.fixture
def typed(northwind, tmp_path, monkeypatch):
    """Type ``leadline import`` in a folder with contacts.csv and broken.csv."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    Path("contacts.csv").write_text(CONTACTS)
    Path("broken.csv").write_text(BROKEN)
    return lambda *arguments: CliRunner().invoke(import_file, [*arguments])


def what_is_left(uploads):
    """Return what an import that was refused may not leave behind."""
    return [*ImportRun.objects.values_list("state", flat=True), *(uploads.iterdir() if uploads.exists() else ())]


def test_the_help_has_examples_and_says_what_the_exit_codes_mean(typed):
    said = typed("--help")

    assert said.exit_code == 0
    assert "leadline import contacts.csv --table leads --dry-run" in said.stdout
    assert "some rows were refused" in said.stdout and "Exit 1" in said.stdout
    assert max(map(len, said.stdout.splitlines())) <= 100


def test_a_file_is_imported_as_its_columns_say(typed, uploads):
    said = typed("contacts.csv", "--table", "leads", "--source", "HubSpot")

    assert (said.exit_code, said.stdout) == (0, "2 rows: 2 new, 0 updated, 0 unchanged, 0 refused\n")
    assert set(Lead.objects.values_list("name", flat=True)) == {"Ann Lee", "Bob Ray"}
    assert set(Fact.objects.values_list("source", flat=True)) == {"hubspot"}
    run = ImportRun.objects.get()
    assert f"Import {run.pk} is done." in said.stderr and run.state == "done"
    assert not list(uploads.iterdir())


def test_imported_again_it_says_nothing_new(typed):
    typed("contacts.csv", "--table", "leads")

    assert typed("contacts.csv", "--table", "leads").stdout == "2 rows: 0 new, 0 updated, 2 unchanged, 0 refused\n"


def test_a_dry_run_counts_and_leaves_nothing(typed, uploads):
    said = typed("broken.csv", "--table", "leads", "--dry-run")

    assert said.exit_code == 1
    assert said.stdout.startswith("4 rows: 2 new, 0 updated, 0 unchanged, 2 refused\n")
    assert "Nothing was written." in said.stderr
    assert not Lead.objects.exists() and not what_is_left(uploads)


def test_rows_that_are_refused_are_told_with_the_reason_and_the_first_of_each(typed):
    said = typed("broken.csv", "--table", "leads")

    assert said.exit_code == 1
    assert "1 bad-email: What should be an e-mail address is not one. Row 4: E-Mail: 'nobody'" in said.stdout
    assert "1 not-a-number: A number is expected. Row 5: Employees: 'many'" in said.stdout
    assert "can be downloaded on the page Import" in said.stderr
    assert Lead.objects.count() == 2


def test_with_json_the_counts_are_one_record(typed):
    record = json.loads(typed("broken.csv", "--table", "leads", "--json").stdout)

    assert record == {
        "import": ImportRun.objects.get().pk, "rows": 4, "dry_run": False, "new": 2, "updated": 0, "unchanged": 0, "refused": 2,
        "reasons": {"bad-email": 1, "not-a-number": 1},
    }  # fmt: skip


def test_columns_can_be_said_and_left_out(typed):
    options = ("--map", "Employees=fact:seats", "--map", "Job Title=", "--map", "Company =", "--map", "Company=")

    wrong, right = (
        typed("contacts.csv", "--table", "leads", *options),
        typed("contacts.csv", "--table", "leads", *options[:4]),
    )

    assert wrong.exit_code == 2 and "There is no column 'Company '. Did you mean 'Company'?" in wrong.stderr
    assert right.exit_code == 0
    assert set(Fact.objects.filter(field="seats").values_list("value", flat=True)) == {120, 40}
    assert not Fact.objects.filter(field="title").exists()


def test_all_options_that_cannot_be_used_are_told_at_once_and_nothing_is_left(typed, uploads):
    options = ["Foo=title", "bar", "Company=compny", "Company=fact:"]
    said = typed("contacts.csv", "--table", "leads", *(f"--map={one}" for one in options), "--read", "Employees=dym")

    assert said.exit_code == 2 and said.stdout == ""
    for words in (
        "There is no column 'Foo'", "'bar' has no '='", "Did you mean 'company'?", "'fact:' is no field of leads",
        "Did you mean 'mdy'?",
    ):  # fmt: skip
        assert words in said.stderr
    assert '"Company=fact:compny"' in said.stderr
    assert not what_is_left(uploads)


def test_what_a_table_needs_is_told_with_the_columns_and_fields_that_there_are(typed, uploads):
    Path("log.csv").write_text("who,what\na,b\n")
    said = typed("log.csv", "--table", "events", "--zone", "Mars")

    assert said.exit_code == 2
    assert said.stderr.count("No column says it") == 3 and "There is no time zone 'Mars'" in said.stderr
    assert (
        "The columns are 'who', 'what'." in said.stderr and "Fields of events: event, occurred_at, email" in said.stderr
    )
    assert not what_is_left(uploads)
    assert json.loads(typed("log.csv", "--table", "events", "--json").stderr)["problems"]


def test_a_date_that_can_be_read_in_two_ways_is_asked_about(typed, uploads):
    Path("dates.csv").write_text("email,signed up\nann@acme.com,03/04/2026\n")
    asked = typed("dates.csv", "--table", "leads")
    answered = typed("dates.csv", "--table", "leads", "--read", "signed up=dmy")

    assert asked.exit_code == 2 and '--read "signed up=dmy"' in asked.stderr
    assert answered.exit_code == 0, answered.output
    assert str(Fact.objects.get(field="signed_up").value).startswith("2026-04-03")
    assert ImportRun.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("missing.csv", None, "unreadable-file", "No such file"),
        (".", None, "unreadable-file", "Is a directory"),
        ("empty.csv", "", "unreadable-table", "The file is empty"),
        ("rows.json", '[{"email": "ann@acme.com"}]', "unreadable-table", "This is JSON"),
    ],
)
def test_what_is_no_table_is_told_as_such(typed, uploads, name, content, code, words):
    if content is not None:
        Path(name).write_text(content)
    plain, record = typed(name, "--table", "leads"), typed(name, "--table", "leads", "--json")

    assert plain.exit_code == record.exit_code == 2 and words in plain.stderr
    assert json.loads(record.stderr)["problems"][0]["code"] == code
    assert not what_is_left(uploads)


def test_a_table_has_to_be_named(typed):
    assert "'lead' is not one of" in typed("contacts.csv", "--table", "lead").stderr
    assert typed("contacts.csv").exit_code == 2


def test_a_workspace_has_to_be_named_where_there_are_several_and_gets_the_rows(typed, elsewhere):
    unnamed, wrong = (
        typed("contacts.csv", "--table", "leads"),
        typed("contacts.csv", "--table", "leads", "--workspace", "else"),
    )
    right = typed("contacts.csv", "--table", "leads", "--workspace", "elsewhere")

    assert unnamed.exit_code == wrong.exit_code == 2
    assert "name one of northwind, elsewhere" in unnamed.stderr and "no workspace 'else'" in wrong.stderr
    assert right.exit_code == 0
    assert set(Lead.objects.values_list("workspace", flat=True)) == {elsewhere.pk}


def test_a_file_of_a_hundred_columns_has_its_problems_on_lines_that_can_be_read(typed):
    Path("wide.csv").write_text(
        "email," + ",".join(f"c{at}" for at in range(100)) + "\nann@acme.com" + ",1/2/2026" * 100 + "\n"
    )
    said = typed("wide.csv", "--table", "leads", *(f"--map=c{at}=" for at in range(98)), "--read", "c98=dmy")

    assert said.exit_code == 2
    assert [line.split("'")[1] for line in said.stderr.splitlines()] == ["c99"]
    lost = typed("wide.csv", "--table", "leads", "--map", "email=")
    assert "'c18', …. --map" in lost.stderr


def test_stopped_in_the_middle_it_says_what_stays_and_where_to_go_on(typed, monkeypatch):
    wrote = work.Writer.write

    def stopped(*arguments, **settings):
        wrote(*arguments, **settings)
        raise KeyboardInterrupt

    monkeypatch.setattr(work.Writer, "write", stopped)
    said = typed("contacts.csv", "--table", "leads")

    run = ImportRun.objects.get()
    assert said.exit_code == 130 and run.state == "stopped"
    assert f"Import {run.pk} stands on the page Import" in said.stderr and "Nothing was written" not in said.stderr


def test_when_it_fails_in_the_middle_it_says_how_much_is_written_and_where_to_go_on(typed, uploads, monkeypatch):
    def start_without_file(run):
        for file in uploads.iterdir():
            file.unlink()
        start(run)

    start = actions.start_run
    monkeypatch.setattr(actions, "start_run", start_without_file)
    said = typed("contacts.csv", "--table", "leads")

    assert said.exit_code == 2 and ImportRun.objects.get().state == "failed"
    assert "The file of this import is gone" in said.stderr
    assert f"0 rows are written. Import {ImportRun.objects.get().pk} stands on the page Import" in said.stderr


def test_stopped_before_anything_is_written_it_leaves_nothing(typed, uploads, monkeypatch):
    def stopped(*_arguments, **_settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(work.Checker, "check", stopped)
    said = typed("contacts.csv", "--table", "leads")

    assert said.exit_code == 130 and "Nothing was written" in said.stderr
    assert not what_is_left(uploads)


def test_the_files_of_the_readme_can_be_imported(typed):
    for name, content in re.findall(
        r"cat > (\w+\.csv) <<'END'\n(.*?)END\n", README.read_text(encoding="utf-8"), re.DOTALL
    ):
        Path(name).write_text(content)
    answers = [typed(f"{name}.csv", "--table", name) for name in ("leads", "events", "outcomes")]

    assert [one.exit_code for one in answers] == [0, 0, 0], [one.output for one in answers]
    assert set(Fact.objects.filter(field="employees", lead__isnull=False).values_list("value", flat=True)) == {
        320,
        12,
        900,
    }
    assert Event.objects.count() == 5 and Lead.objects.count() == 3


@pytest.mark.slow
def test_as_a_program_in_an_installation_of_its_own(tmp_path):
    (tmp_path / "broken.csv").write_text(BROKEN)
    with installation(tmp_path / "data") as place:
        unready = place.run("import", "broken.csv", "--table", "leads", cwd=tmp_path)
        place.start("--workers", "1").stop()
        homeless = place.run("import", "broken.csv", "--table", "leads", cwd=tmp_path)
        place.run("user", "add", "maria@northwind.example")
        done = place.run("import", "broken.csv", "--table", "leads", cwd=tmp_path)

    assert unready.returncode == homeless.returncode == 2
    # where the folder says whether there is one (SQLite), and where the database does
    assert "There is no installation" in unready.stderr or "not-migrated" in unready.stderr
    assert "There is no workspace yet" in homeless.stderr
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, "4 rows: 2 new, 0 updated, 0 unchanged, 2 refused")
    assert "Traceback" not in unready.stderr + homeless.stderr + done.stderr
