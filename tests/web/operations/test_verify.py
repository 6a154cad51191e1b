"""Verify computes everything again: what follows from the log is clean, and each kind of row that was tampered with is named."""

from datetime import timedelta

import pytest
from django.db.models import F
from tests.web.assessments.conftest import *  # noqa: F403 - the people of these stories
from tests.web.assessments.conftest import settle

from leadline.web.assessments.models import Assessment, Spell, StageMove
from leadline.web.leads.card import refresh_cards
from leadline.web.leads.merging import merge_leads, unmerge
from leadline.web.leads.models import Company, Event, Fact, Lead, Outcome
from leadline.web.operations.verify import repair, verify

DAY = timedelta(days=1)


@pytest.fixture
def busy(live, ada, bela, now):
    """Ada qualified, was rejected and came back; Bela looks around."""
    ada.has("title", "VP Sales")
    ada.has("country", "DE")
    ada.has("country", "US", source="website", ago=DAY)
    ada.does("demo_requested", ago=20 * DAY, touch={"campaign": "winter"})
    ada.is_reported("rejected", ago=19 * DAY, reason="timing")
    ada.does("page_viewed", ago=3 * DAY, touch={"campaign": "spring"})
    ada.does("demo_requested", ago=2 * DAY)
    bela.does("page_viewed", ago=DAY)
    bela.has("name", "Bela")
    refresh_cards([ada.lead.pk, bela.lead.pk], ["person", "crm"])
    settle(now)
    return live


@pytest.mark.parametrize("naive", [False, True], ids=["in bulk", "naive"])
def test_what_the_worker_stored_follows_from_the_log(busy, northwind, naive):
    found = verify(northwind, naive=naive)

    assert found.mismatches == []
    assert (found.checked, found.waiting) == (2, 0)
    assert Spell.objects.count() == 2


def test_everything_is_still_right_days_later(busy, northwind, now):
    for days in (1, 5, 40):
        settle(now + days * DAY)
        assert verify(northwind).mismatches == []


def test_a_lead_that_waits_is_counted_not_compared(busy, northwind, ada):
    ada.does("page_viewed")
    Assessment.objects.filter(lead=ada.lead).update(scores={"fit": 1})

    found = verify(northwind)

    assert (found.checked, found.waiting, found.mismatches) == (1, 1, [])


TAMPERED = {
    "scores": {"fit": 1, "heat": 2},
    "contributions": {},
    "grade": "C9",
    "coverage": {},
    "persona": "nobody",
    "excluded_by": "consent",
    "answers": {"budget": "yes"},
    "held": {},
    "reasons": "none:1.0000",
    "qualifications": [],
    "next_step": "buy",
    "stage": "customer",
    "cools_day": 1,
    "turns_day": 1,
    "next_change_day": 1,
    "rank": 5,
    "first_score": 5,
    "second_score": 5,
    "is_qualified": False,
    "plan_hash": "another",
    "log_version": 4711,
}


@pytest.mark.parametrize("column", sorted(TAMPERED))
def test_a_column_of_an_assessment_that_was_tampered_with_is_named(busy, northwind, ada, column):
    Assessment.objects.filter(lead=ada.lead).update(**{column: TAMPERED[column]})

    found = verify(northwind)

    assert {(one.lead_id, one.what, one.column) for one in found.mismatches} == {(ada.lead.pk, "assessment", column)}


def test_every_column_of_an_assessment_can_be_tampered_with():
    columns = {one.name for one in Assessment._meta.get_fields() if one.concrete}

    assert columns - set(TAMPERED) == {"id", "workspace", "version", "lead", "as_of"}


SPELLS = {
    "number": 7,
    "began_by": "hand_raise",
    "hand_raise": "called",
    "ended_by": "excluded",
    "ended_because": "somebody",
    "reason": "bored",
    "outcome": "won",
    "evidence": {},
    "first_touch": {},
    "last_touch": {"campaign": "mine"},
    "cools_day": 3,
}


@pytest.mark.parametrize("column", [*sorted(SPELLS), "ended_at"])
def test_a_column_of_a_spell_that_was_tampered_with_is_named(busy, northwind, ada, now, column):
    value = now if column == "ended_at" else SPELLS[column]
    Spell.objects.filter(pk=Spell.objects.latest("began_at").pk).update(**{column: value})

    found = verify(northwind)

    assert len(found.mismatches) == 1
    assert (found.mismatches[0].lead_id, found.mismatches[0].what) == (ada.lead.pk, "spell")
    assert found.mismatches[0].column.endswith(column)


@pytest.mark.parametrize("column", ["before", "after", "because", "is_forward"])
def test_a_column_of_a_stage_move_that_was_tampered_with_is_named(busy, northwind, ada, column):
    value = False if column == "is_forward" else "moon"
    move = StageMove.objects.filter(lead=ada.lead, is_forward=True).first()
    StageMove.objects.filter(pk=move.pk).update(**{column: value})

    assert [one.column.rpartition(" ")[2] for one in verify(northwind).mismatches] == [column]


@pytest.mark.parametrize(
    ("model", "what"), [(Assessment, "assessment"), (Spell, "spell"), (StageMove, "stage move")], ids=str
)
def test_a_row_that_is_gone_and_one_too_many_are_named(busy, northwind, ada, now, model, what):
    row = model.objects.filter(lead=ada.lead).first()
    model.objects.filter(pk=row.pk).delete()
    assert {(one.lead_id, one.what, one.expected) for one in verify(northwind).mismatches} >= {
        (ada.lead.pk, what, "present")
    }

    row.pk = None
    row.save()
    assert verify(northwind).mismatches == []
    if model is not Assessment:
        row.pk = None
        setattr(row, "at" if model is StageMove else "began_at", now - 9 * DAY)
        row.save()
        assert {(one.what, one.stored) for one in verify(northwind).mismatches} == {(what, "present")}


def test_a_log_that_grew_without_anybody_being_told_is_named(busy, northwind, ada, now):
    Event.objects.filter(lead=ada.lead, name="page_viewed").update(occurred_at=now - 4 * DAY)
    Fact.objects.filter(lead=ada.lead, field="title").update(value="Intern")
    Outcome.objects.filter(lead=ada.lead).delete()

    assert {one.what for one in verify(northwind).mismatches} == {"lead", "assessment", "spell", "stage move"}


def test_columns_of_lists_that_are_not_what_the_facts_say_are_named(busy, northwind, ada):
    Lead.objects.filter(pk=ada.lead.pk).update(title="Queen", country="GB")
    company = Company.objects.create(workspace=northwind, key="domain:acme.example", domain="acme.example", name="Acme")

    found = verify(northwind).mismatches

    assert {(one.what, one.column) for one in found} == {
        ("lead", "title"),
        ("lead", "country"),
        ("company", f"{company.pk} name"),
    }
    assert {one.expected for one in found} == {"VP Sales", "DE", ""}


def test_merges_and_what_they_move_agree(busy, northwind, ada, bela, now):
    merge = merge_leads(bela.lead, ada.lead, because="by hand", now=now, source_rank=["person", "crm"])
    settle(now)
    assert verify(northwind).mismatches == []
    unmerge(merge, now=now, source_rank=["person", "crm"])
    settle(now)
    assert verify(northwind).mismatches == []


def test_rows_that_are_not_whose_the_merges_say_are_named(busy, northwind, ada, bela, now):
    merge_leads(bela.lead, ada.lead, because="by hand", now=now, source_rank=["person", "crm"])
    settle(now)
    Event.objects.filter(first_lead=bela.lead).update(lead=F("first_lead"))
    Fact.objects.filter(lead=ada.lead, field="country", source="website").update(lead=bela.lead)

    found = verify(northwind).mismatches

    assert {(one.lead_id, one.what) for one in found} >= {
        (bela.lead.pk, "event"),
        (ada.lead.pk, "event"),
        (bela.lead.pk, "fact"),
        (ada.lead.pk, "fact"),
    }
    Lead.objects.filter(pk=bela.lead.pk).update(merged_into=None)
    assert (bela.lead.pk, "lead", "merged_into") in {
        (one.lead_id, one.what, one.column) for one in verify(northwind).mismatches
    }


def test_repair_puts_everything_right(busy, northwind, ada, bela, now):
    merge_leads(bela.lead, ada.lead, because="by hand", now=now, source_rank=["person", "crm"])
    settle(now)
    Event.objects.filter(first_lead=bela.lead).update(lead=F("first_lead"))
    Lead.objects.filter(pk=ada.lead.pk).update(title="Queen")
    Assessment.objects.filter(lead=ada.lead).update(scores={}, rank=4)
    Spell.objects.filter(lead=ada.lead).update(evidence={}, began_at=F("began_at") + DAY)
    StageMove.objects.filter(lead=ada.lead).update(because="magic")
    StageMove.objects.create(
        workspace=northwind, version=busy, lead=bela.lead, at=now, because="magic", is_forward=True
    )

    assert repair(northwind, verify(northwind), now=now) == 1
    settle(now)

    assert verify(northwind).mismatches == []


def test_another_workspace_is_not_looked_at(busy, northwind, elsewhere):
    Assessment.objects.update(rank=1)

    assert verify(elsewhere).is_clean
    assert not verify(northwind).is_clean
