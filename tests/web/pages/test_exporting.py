"""Leads as files: what stands in them, that no spreadsheet computes them, and that it is known who took them."""

import csv
import io
from datetime import datetime

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from leadline.web.leads.models import Fact, Lead
from leadline.web.pages.exporting import actions, rows
from leadline.web.pages.exporting.actions import write_csv, write_xlsx
from leadline.web.pages.models import Export


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


def take(client, **said):
    answer = client.post(reverse("export-leads"), {"format": "csv", "columns": "shown", **said})
    assert answer.status_code == 200, answer.content
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_file_holds_the_leads_of_the_list_in_its_order(as_maria, people):
    listed = as_maria.get("/leads/?grade=A1&grade=B1&sort=name").context["listing"].rows

    found = take(as_maria, query="grade=A1&grade=B1&sort=name&cols=grade,score.fit")

    assert [int(one["Lead id"]) for one in found] == [row.lead.pk for row in listed]
    assert [one["Grade"] for one in found] == [row.grade.title for row in listed]
    assert {one["Playbook version"] for one in found} == {"1"}
    assert [datetime.fromisoformat(one["Assessed at"]) for one in found] == [
        row.assessment.as_of.replace(microsecond=0) for row in listed
    ]


def test_a_file_of_everything_goes_on_beyond_a_part(as_maria, people, monkeypatch):
    monkeypatch.setattr(rows, "PART", 7)

    found = take(as_maria, query="who=all", columns="all")

    assert len(found) == Lead.objects.count() == len({one["Lead id"] for one in found})
    assert {"Fit", "Stage", "Cools on", "Lead source", "Domain"} <= found[0].keys() | {"Lead source"}


def test_a_selection_is_exported_alone(as_maria, people):
    chosen = [people[3].pk, people[1].pk]

    found = take(as_maria, lead=chosen)

    assert [int(one["Lead id"]) for one in found] == chosen
    assert Export.objects.get().is_selection


def test_known_fields_are_columns(as_maria, northwind, people):
    Fact.objects.create(
        workspace=northwind, lead=people[0], first_lead=people[0], field="shoe_size", value=43,
        known_at=timezone.now(), recorded_at=timezone.now(), source="person",
    )  # fmt: skip

    found = take(as_maria, query="who=all", columns="all")

    assert {one["Lead id"]: one["Shoe size"] for one in found if one["Shoe size"]} == {str(people[0].pk): "43"}


def test_who_took_what_is_recorded_and_shown_to_administrators(as_maria, as_omar, maria, people):
    take(as_maria, query="grade=A1&page=2")

    taken = Export.objects.get()
    assert (taken.by, taken.query, taken.format, taken.version_number) == (maria.email, "grade=A1", "csv", 1)
    assert taken.count == as_maria.get("/leads/?grade=A1").context["listing"].count
    assert maria.email in as_maria.get(reverse("exports")).content.decode()
    assert as_omar.post(reverse("export-leads"), {"format": "csv", "columns": "shown"}).status_code == 403
    assert Export.objects.count() == 1


def test_looking_at_the_form_takes_nothing(as_maria, people):
    page = as_maria.get(reverse("export-leads") + "?grade=A1").content.decode()

    assert "Grade: A1" in page
    assert not Export.objects.exists()


def test_another_workspaces_leads_are_not_exported(as_charlie, people):
    assert take(as_charlie, lead=[people[0].pk], query="who=all") == []


def test_a_spreadsheet_says_what_it_is(as_maria, people):
    answer = as_maria.post(reverse("export-leads"), {"format": "xlsx", "columns": "shown", "query": "sort=name"})
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))

    assert book.sheetnames == ["Leads", "About"]
    assert book["Leads"].max_row == 1 + Export.objects.get().count
    about = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True)}
    assert about["Playbook version"] == 1
    assert about["List"] == "/leads/?sort=name"


def test_a_spreadsheet_that_would_be_too_long_is_refused_with_what_to_do(as_maria, people, monkeypatch):
    monkeypatch.setattr("leadline.web.pages.exporting.views.MOST_XLSX", 3)

    answer = as_maria.post(reverse("export-leads"), {"format": "xlsx", "columns": "shown", "query": "who=all"})

    assert answer.status_code == 422
    assert "Take CSV" in answer.content.decode()
    assert not Export.objects.exists()


SIGNS = st.text(st.sampled_from("=+-@'"), max_size=3)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20)


@given(st.builds("{}{}".format, SIGNS, WORDS))
def test_no_text_begins_as_a_formula(text):
    [_, row] = list(csv.reader(io.StringIO("".join(write_csv(["Name"], iter([[text]])))[1:], newline="")))
    with write_xlsx(["Name"], iter([[text]]), []) as file:
        sheet = load_workbook(file)["Leads"]

    assert not row or not row[0].startswith(("=", "+", "-", "@"))
    assert sheet["A2"].data_type != "f"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\n=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20a"])
def test_what_spreadsheets_compute_is_quoted(text):
    assert rows.as_cell(text) == f"'{text}"
    assert rows.as_text(text) == f"'{text}"


def test_a_spreadsheet_opens_whatever_characters_it_was_given():
    text = "a\x00b\ufffe\uffffc \U0001f600"
    with write_xlsx(["Name"], iter([[rows.as_cell(text)]]), []) as file:
        assert load_workbook(file)["Leads"]["A2"].value == "abc \U0001f600"


def test_many_rows_come_in_parts(monkeypatch):
    monkeypatch.setattr(actions, "_LINES_AT_ONCE", 2)

    pieces = list(write_csv(["N"], iter([[1], [2], [3]])))

    assert len(pieces) == 2
    assert "".join(pieces) == "\ufeffN\r\n1\r\n2\r\n3\r\n"
