"""Suggested duplicates: what likeness finds among invented people, and what becomes of suggestions when one looks again."""

from datetime import timedelta

import pytest
from tests.web.leads.synthetic_people import make_people

from leadline.web.leads.duplicates import (
    dismiss_suggestion,
    make_record,
    open_suggestions,
    plain_phone,
    reopen_suggestion,
    split_name,
    suggest_duplicates,
)
from leadline.web.leads.likeness import Record, find_pairs, say_likeness
from leadline.web.leads.merging import merge_leads, unmerge
from leadline.web.leads.models import Fact, Lead, Suggestion


def lead(workspace, now, name, email="", title="", company="", phone=""):
    made = Lead.objects.create(
        workspace=workspace, name=name, email=email, title=title, is_known=True, first_seen_at=now
    )
    for field, value in (("company", company), ("phone", phone)):
        if value:
            Fact.objects.create(
                workspace=workspace,
                lead=made,
                first_lead=made,
                field=field,
                value=value,
                known_at=now,
                recorded_at=now,
                source="crm",
            )
    return made


@pytest.fixture
def twins(northwind, now):
    """Ada twice, and a colleague of hers."""
    ada = lead(northwind, now, "Ada Lovelace", "ada@acme.example", "CTO", "Acme GmbH", "030 1234567")
    again = lead(northwind, now, "Lovelace, Ada", "lovelace.ada@gmail.com", "CTO", "ACME", "+49 30 1234567")
    lead(northwind, now, "Bela Bartok", "bela@acme.example", "CFO", "Acme GmbH")
    return ada, again


def pairs(workspace):
    return [(one.lead_id, one.other_id) for one in open_suggestions(workspace)]


# -- what is found --------------------------------------------------------------------------------------------


def test_two_records_of_one_person_are_suggested_with_the_reason(northwind, twins, now):
    assert suggest_duplicates(northwind, now=now) == 1

    found = Suggestion.objects.get()
    assert (found.lead_id, found.other_id) == (twins[0].pk, twins[1].pk)
    assert found.because == "same surname, first name, company, phone and title, other address"
    assert found.probability > 0.99


@pytest.mark.parametrize("seed", [11, 2026])
def test_of_what_is_suggested_nearly_all_are_duplicates_and_most_duplicates_are_suggested(seed):
    made = make_people(1500, seed=seed)
    records = [
        make_record(
            Lead(pk=number, name=one.name, email=one.email, title=one.title),
            {"phone": one.phone, "company": one.company},
        )
        for number, one in enumerate(made)
    ]

    found = find_pairs(records)

    right = sum(made[pair.one].person == made[pair.other].person for pair in found)
    duplicates = len(made) - len({one.person for one in made})
    assert right / len(found) >= 0.95
    assert right / duplicates >= 0.65


def test_the_same_records_in_any_order_give_the_same_pairs():
    made = make_people(300, seed=3)
    records = [make_record(Lead(pk=number, name=one.name, email=one.email), {}) for number, one in enumerate(made)]

    assert find_pairs(records) == find_pairs(records[::-1])


def test_namesakes_about_whom_nothing_else_is_known_are_two_people_where_the_name_is_common():
    records = [Record(number, first="maria", last="schmidt") for number in range(40)]

    assert find_pairs(records) == []


@pytest.mark.parametrize("records", [[], [Record(1, first="ada", last="lovelace")]])
def test_nobody_and_one_alone_have_no_duplicates(records):
    assert find_pairs(records) == []


def test_a_likeness_is_said_in_words():
    assert say_likeness(["surname", "company"], ["first name"], []) == "same surname and company, first name alike"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Dr. Ada King Lovelace", ("ada", "lovelace")),
        ("Lovelace, Ada", ("ada", "lovelace")),
        ("Müller Jörg", ("muller", "jorg")),
        ("", ("", "")),
    ],
)
def test_names_are_made_comparable(name, said):
    assert split_name(name) == said


def test_phones_are_compared_by_their_last_digits():
    assert plain_phone("+49 (0)30 / 123456-78") == plain_phone("030 12345678") == "12345678"


# -- looking again --------------------------------------------------------------------------------------------


def test_looking_again_suggests_nothing_twice(northwind, twins, now):
    suggest_duplicates(northwind, now=now)

    assert suggest_duplicates(northwind, now=now) == 0
    assert Suggestion.objects.count() == 1


def test_what_was_dismissed_stays_dismissed(northwind, twins, now):
    suggest_duplicates(northwind, now=now)
    dismiss_suggestion(Suggestion.objects.get())

    assert suggest_duplicates(northwind, now=now) == 0
    assert pairs(northwind) == []
    assert reopen_suggestion(Suggestion.objects.get())
    assert pairs(northwind) == [(twins[0].pk, twins[1].pk)]


def test_who_was_taken_apart_is_not_suggested_again(northwind, twins, now):
    unmerge(merge_leads(twins[1], twins[0], because="by hand", now=now), now=now)

    suggest_duplicates(northwind, now=now)

    assert pairs(northwind) == []


def test_who_was_merged_is_not_compared(northwind, twins, now):
    merge_leads(twins[1], twins[0], because="by hand", now=now)

    assert suggest_duplicates(northwind, now=now) == 0


def test_a_suggestion_that_no_longer_holds_is_taken_back(northwind, twins, now):
    suggest_duplicates(northwind, now=now)
    twins[1].facts.all().delete()
    Lead.objects.filter(pk=twins[1].pk).update(name="Carl Gauss", email="gauss@uni.example", title="Professor")

    suggest_duplicates(northwind, now=now + timedelta(days=1))

    assert not Suggestion.objects.exists()


def test_what_a_rule_suggested_stays_whatever_likeness_says(northwind, twins, now):
    bela = Lead.objects.get(name="Bela Bartok")
    Suggestion.objects.create(workspace=northwind, lead=twins[0], other=bela, because="both were said to be u17")

    suggest_duplicates(northwind, now=now)

    assert Suggestion.objects.filter(other=bela).exists()


def test_other_workspaces_and_visitors_are_not_compared(northwind, elsewhere, twins, now):
    lead(elsewhere, now, "Ada Lovelace", "ada@acme.example", "CTO", "Acme GmbH", "030 1234567")
    Lead.objects.create(workspace=northwind, name="Ada Lovelace", title="CTO", first_seen_at=now)

    assert suggest_duplicates(northwind, now=now) == 1
    assert suggest_duplicates(elsewhere, now=now) == 0
