"""Notes by the API: those of a lead and of everybody, page after page, with who wrote them and when."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.web.api.test_handoffs import open_for
from tests.web.handoff.conftest import live
from tests.web.pages.rows import make_lead

from leadline.web.leads.merging import merge_leads
from leadline.web.leads.notes import add_note, remove_note

__all__ = ["live"]  # a fixture
pytestmark = pytest.mark.django_db
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def written(northwind, elsewhere):
    """Three notes about two leads, of which one was written late; and one elsewhere."""
    maya, bo = make_lead(northwind, "Maya"), make_lead(northwind, "Bo")
    add_note(maya, "Likes tea", by="omar@northwind.example", now=NINE)
    add_note(bo, "Is moving", by="nadia@northwind.example", now=NINE + timedelta(hours=1))
    add_note(maya, "Called back", by="nadia@northwind.example", now=NINE - timedelta(hours=1))
    add_note(make_lead(elsewhere, "Cem"), "Secret", by="charlie@elsewhere.example", now=NINE)
    return maya, bo


def texts(caller, query=""):
    return [one["text"] for one in caller.all(f"/notes{query}")]


def test_a_note_says_who_wrote_it_about_whom_and_when(caller, written):
    first = caller.get("/notes").json()["items"][0]

    assert first["id"] and first | {"id": 0} == {
        "id": 0,
        "lead": written[0].pk,
        "text": "Likes tea",
        "at": "2026-03-02T09:00:00Z",
        "by": "omar@northwind.example",
    }


def test_notes_come_page_after_page_in_the_order_in_which_they_were_written(caller, written, stranger):
    assert len(caller.get("/notes?limit=1").json()["items"]) == 1
    assert texts(caller, "?limit=1") == texts(caller) == ["Likes tea", "Is moving", "Called back"]
    assert texts(stranger) == ["Secret"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("lead={maya}", ["Likes tea", "Called back"]),
        ("by=NADIA@northwind.example", ["Is moving", "Called back"]),
        ("recorded_since=2026-03-02T09:00:00Z", ["Likes tea", "Is moving"]),
        ("recorded_since=2026-03-02T09:00:00.000001Z&by=omar@northwind.example", []),
        ("lead={maya}&by=omar@northwind.example&limit=1", ["Likes tea"]),
    ],
)
def test_notes_of_a_lead_of_somebody_and_since(caller, written, query, found):
    assert texts(caller, f"?{query.format(maya=written[0].pk)}") == found


def test_of_a_lead_of_another_workspace_there_are_none(stranger, written):
    assert texts(stranger, f"?lead={written[0].pk}") == []


def test_notes_follow_who_was_merged_and_what_was_taken_away_is_gone(caller, written, omar):
    maya, bo = written
    merge_leads(bo, maya, because="by hand", by=omar.email)
    assert texts(caller, f"?lead={maya.pk}") == ["Likes tea", "Is moving", "Called back"]
    assert {one["lead"] for one in caller.all("/notes")} == {maya.pk}

    assert remove_note(maya, caller.get("/notes").json()["items"][0]["id"], by=omar.email, is_admin=False)
    assert texts(caller) == ["Is moving", "Called back"]


def test_what_is_written_at_a_hand_off_is_there(caller, northwind, live, omar):
    handoff = open_for(northwind, live, "Maya Mensah")[0]
    caller.post(f"/handoffs/{handoff.pk}/notes", {"by": omar.email, "text": "Wants a quote"})

    assert [(one["text"], one["by"]) for one in caller.all(f"/notes?lead={handoff.lead_id}")] == [
        ("Wants a quote", omar.email)
    ]
