"""Files in every dialect and encoding, whole and broken."""

import csv
import io
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from tests.web.capture.imports.conftest import check, import_all

from leadline.web.capture.imports import actions, queries
from leadline.web.capture.imports.choices import choices_of
from leadline.web.capture.imports.detection import Chosen, detect, read_rows
from leadline.web.capture.imports.file_kinds import CannotImportError
from leadline.web.capture.imports.guesses import Column
from leadline.web.capture.imports.refused_file import write_refused
from leadline.web.leads.models import Company, Event, Fact, Outcome

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"]
WORDS = st.text("abcxyzÄÖßéñ ,;\t|\"'\n=+-@#%&/.0123456789", min_size=1, max_size=20).map(str.strip).filter(bool)


def written(rows, *, delimiter=",", encoding="utf-8", line_end="\r\n", quoting=csv.QUOTE_MINIMAL):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting).writerows(rows)
    return text.getvalue().encode(encoding)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(st.tuples(WORDS, WORDS), min_size=3, max_size=8),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(ENCODINGS),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
@pytest.mark.django_db
def test_what_is_written_in_any_dialect_is_read_back_equal(bring, words, delimiter, encoding, line_end, quoting):
    header = ["email", "motto", "größe"]
    rows = [[f"p{n}@acme.com", one, other] for n, (one, other) in enumerate(words)]
    content = written([header, *rows], delimiter=delimiter, encoding=encoding, line_end=line_end, quoting=quoting)
    columns = {"email": Column("email"), "motto": Column("fact:motto"), "größe": Column("fact:size")}
    run = bring(content)
    chosen = Chosen(encoding="cp1252" if encoding == "cp1252" else "", delimiter=delimiter, header_row=1)
    actions.read_otherwise(run, chosen=chosen)

    done = import_all(run, columns=columns)

    assert done.counts["run"]["new"] == len(rows), done.counts
    for email, motto, size in rows:
        facts = Fact.objects.filter(origin=f"import:{run.pk}", lead__email=email)
        found = dict(facts.values_list("field", "value"))
        assert (found["motto"], found["size"]) == (motto, size)
    actions.start_undo(done)
    check_undone(done)


def check_undone(done):
    from tests.web.capture.imports.conftest import work

    assert work(done).state == "undone"
    assert not Fact.objects.exists()


def names_and_rows(tmp_path, content, chosen=None):
    path = tmp_path / "file"
    path.write_bytes(content)
    found = detect(path, chosen)
    return found, list(read_rows(path, found))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_encoding_is_detected(tmp_path, encoding):
    rows = [["Name", "Straße"], ["Jörg Müller", "Größenweg 5"], ["Zoë Ångström", "Königsallee 7"]] * 5

    found, read = names_and_rows(tmp_path, written(rows, encoding=encoding, delimiter=";"))

    assert found.names == ("Name", "Straße")
    assert list(read[0].cells) == ["Jörg Müller", "Größenweg 5"]
    assert found.delimiter == ";"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a,b", "short-row"),
        ("a,b,c,d", "long-row"),
        ('"a,b,c', "open-quote"),
        ('"a"x,b,c', "stray-quote"),
        ("a,\0,c", "bad-sign"),
    ],
)
def test_a_broken_row_is_refused_and_the_rows_behind_it_are_read(tmp_path, row, reason):
    content = f'one,two,three\n1,2,3\n{row}\n4,"5\n5",6\n7,8,9\n'.encode()

    _, rows = names_and_rows(tmp_path, content, Chosen(header_row=1, delimiter=","))

    assert [one.fault[0] if one.fault else None for one in rows] == [None, reason, None, None]
    assert list(rows[2].cells) == ["4", "5\n5", "6"]
    assert [one.number for one in rows] == [2, 3, 4, 5]


def test_columns_without_a_name_or_with_anothers_get_their_own(tmp_path):
    found, _ = names_and_rows(tmp_path, b"email,,email,name\na@b.co,x,y,z\n")

    assert found.names == ("email", "column 2", "email (2)", "name")
    assert len(found.notes) == 2


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04broken", b"\x1f\x8b\x08", b"<html><table>", b"\n\n\n", b'[{"a": 1}]']
)
def test_what_is_no_table_is_refused_with_advice(tmp_path, content):
    with pytest.raises(CannotImportError, match=r"\."):
        names_and_rows(tmp_path, content)


@pytest.mark.django_db
def test_a_workbook_is_read_with_its_dates_numbers_and_errors(bring):
    book = Workbook()
    book.active.title = "Notes"
    sheet = book.create_sheet("Contacts")
    sheet.append(["Email", "Signed up", "Seats", "Active", "Ratio"])
    sheet.append(["ann@acme.com", datetime(2026, 2, 1, 9, 30), 12, True, 0.5])  # noqa: DTZ001
    sheet.append(["bob@acme.com", datetime(2026, 2, 2), 3.5, False, "#N/A"])  # noqa: DTZ001
    packed = io.BytesIO()
    book.save(packed)

    done = import_all(bring(packed.getvalue()))

    assert done.counts["run"]["reasons"] == {"formula-error": 1}
    found = dict(Fact.objects.filter(lead__email="ann@acme.com").values_list("field", "value"))
    assert found == {
        "email": "ann@acme.com",
        "signed_up": "2026-02-01T08:30:00+00:00",
        "seats": 12,
        "active": True,
        "ratio": 0.5,
    }


@pytest.mark.django_db
def test_parquet_is_imported_with_its_types(bring, tmp_path):
    import duckdb

    path = tmp_path / "x.parquet"
    select = "SELECT 'acme.com' AS domain, 120 AS employees, ['a', 'b'] AS tags, DATE '2025-03-04' AS founded"
    duckdb.sql(select).write_parquet(str(path))

    done = import_all(bring(path.read_bytes(), table="companies"))

    company = Company.objects.get(domain="acme.com")
    found = dict(Fact.objects.filter(company=company).values_list("field", "value"))
    assert done.counts["run"]["new"] == 1
    assert found == {"employees": 120, "tags": ["a", "b"], "founded": "2025-03-04"}
    assert company.employees == 120


@pytest.mark.django_db
@pytest.mark.parametrize(("reading", "day"), [("dmy", "2025-04-03"), ("mdy", "2025-03-04")])
def test_dates_that_can_be_read_in_two_ways_are_asked_for(bring, reading, day):
    asked = check(bring("email,signed\nann@acme.com,03/04/2025\nbob@acme.com,05/06/2025\n"))
    assert (asked.state, queries.open_questions(asked)) == ("mapping", ["signed"])

    columns = dict(choices_of(asked).columns)
    columns["signed"] = Column("fact:signed", "date", reading)
    import_all(asked, columns=columns)

    assert Fact.objects.get(field="signed", lead__email="ann@acme.com").value == day


@pytest.mark.django_db
def test_one_date_decides_for_all_of_its_column(bring):
    done = import_all(bring("email,signed\nann@acme.com,03/04/2025\nbob@acme.com,25/06/2025\n"))

    assert done.state == "done"
    assert Fact.objects.get(field="signed", lead__email="ann@acme.com").value == "2025-04-03"


@pytest.mark.django_db
def test_facts_are_known_since_when_a_column_says(bring):
    import_all(bring("email,title,known_at\nann@acme.com,CTO,2025-05-01\n"))

    assert Fact.objects.get(field="title").known_at.isoformat() == "2025-04-30T22:00:00+00:00"


@pytest.mark.django_db
def test_events_and_outcomes_are_of_the_same_lead_by_any_of_its_ids(bring):
    import_all(bring("lead_id,email\n17,ann@acme.com\n"))
    import_all(bring("email,event,date,path\nann@acme.com,Page Viewed,2026-02-01 10:00,/pricing\n", table="events"))

    import_all(bring('lead_id,status,date,amount\n17,Closed Won,2026-02-20,"1,200.50"\n', table="outcomes"))

    event, outcome = Event.objects.get(), Outcome.objects.get()
    assert (event.name, event.properties, event.lead_id) == ("page_viewed", {"path": "/pricing"}, outcome.lead_id)
    assert (outcome.outcome, str(outcome.value)) == ("won", "1200.50")


@pytest.mark.django_db
def test_refused_rows_come_back_as_they_were(bring):
    run = check(bring("email,note\nnobody,=1+1\nno,'-5\n"))
    mended = b"".join(write_refused(run.detected["names"], queries.refused_rows(run)))
    again = bring(mended.replace(b"nobody", b"ann@acme.com").replace(b"no,", b"bob@acme.com,"))

    import_all(again)

    assert b",'=1+1," in mended
    assert {one.value for one in Fact.objects.filter(field="note")} == {"=1+1", "'-5"}
