"""Which value holds, and what is said of why: the engine's rule, on the app's rows."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.engine.reference.facts import resolve_facts
from leadline.engine.reference.log import Fact as EngineFact
from leadline.web.leads.facts import COMPANY_LINK, field_values, resolve, value_history
from leadline.web.leads.models import Fact, Lead

MARCH = datetime(2026, 3, 3, 10, tzinfo=UTC)
RANK = ("person", "form", "enrichment")


def fact(source, value, day=0, field="title"):
    return Fact(field=field, value=value, source=source, known_at=MARCH + timedelta(days=day))


def why(*facts, rank=RANK):
    (found,) = value_history(facts, rank)
    return found.value, found.because, [(one.fact.source, one.because) for one in found.others]


def test_a_stronger_source_wins_over_a_later_word():
    assert why(fact("enrichment", "CEO", day=9), fact("form", "CFO")) == (
        "CFO",
        "form of 3 March 2026 wins over enrichment: stronger source",
        [("enrichment", "form is a stronger source")],
    )


def test_of_sources_as_strong_the_later_word_wins():
    assert why(fact("crm", "CFO"), fact("website", "CEO", day=2)) == (
        "CEO",
        "website of 5 March 2026 wins over crm: as strong, and later",
        [("crm", "website is as strong and said it later, on 5 March 2026")],
    )


def test_at_one_moment_the_greater_text_wins():
    value, because, others = why(fact("crm", "CFO"), fact("website", "CEO"))

    assert value == "CFO"
    assert because.endswith("and the greater text")
    assert others == [("website", "both were said at one moment by sources as strong: the greater text wins")]


def test_a_source_is_believed_in_its_last_word_only():
    assert why(fact("form", "CFO"), fact("form", "CEO", day=1)) == (
        "CEO",
        "form of 4 March 2026 is the latest that form said",
        [("form", "form itself said 'CEO' on 4 March 2026")],
    )


def test_a_source_may_take_back_what_it_said():
    assert why(fact("person", "CEO"), fact("person", None, day=1), fact("form", "CFO")) == (
        "CFO",
        "form of 3 March 2026 is the only one who says so",
        [
            ("person", "person withdrew what it had said"),
            ("person", "person itself withdrew it on 4 March 2026"),
        ],
    )
    assert why(fact("person", "CEO"), fact("person", "", day=1))[:2] == (
        None,
        "everybody who said something has withdrawn it",
    )


def test_the_bookkeeping_of_the_app_is_shown_to_nobody():
    assert value_history([fact("group", "17", field=COMPANY_LINK)]) == []


@pytest.mark.django_db
def test_a_lead_says_what_holds_by_field(northwind):
    lead = Lead.objects.create(workspace=northwind, first_seen_at=MARCH)
    for one in (fact("form", "CFO"), fact("form", "DE", field="country"), fact("crm", "FR", day=3, field="country")):
        one.workspace, one.lead, one.first_lead, one.recorded_at = northwind, lead, lead, MARCH
        one.save()

    assert [(one.field, one.value) for one in field_values(lead, RANK)] == [("country", "DE"), ("title", "CFO")]


values = st.sampled_from(("CFO", "CEO", "Intern", "", None, 7, 7.5, True, ["a", "b"]))
rows = st.lists(
    st.builds(
        fact,
        st.sampled_from((*RANK, "crm", "website")),
        values,
        st.integers(0, 3),
        st.sampled_from(("title", "country")),
    ),
    max_size=8,
)


@given(rows, st.permutations(RANK), st.integers(0, 3))
def test_what_holds_is_what_the_engine_says(facts, ranks, length):
    from leadline.engine.reference.cells import as_written

    rank = ranks[:length]
    said = [
        EngineFact(
            field=one.field,
            value=as_written(one.value).strip() or None,
            text=as_written(one.value),
            known_at_us=int(one.known_at.timestamp()) * 1_000_000,
            source=one.source,
        )
        for one in facts
    ]

    engines = resolve_facts({}, said, until_us=2**62, source_rank=rank)

    assert {name: as_written(one.value) for name, one in resolve(facts, rank).items()} == engines
    assert {one.field: as_written(one.value) for one in value_history(facts, rank) if one.winner} == engines


@given(rows)
def test_every_fact_is_either_the_winner_or_told_why_not(facts):
    shown = [
        one
        for value in value_history(facts, RANK)
        for one in (value.winner, *(other.fact for other in value.others))
        if one
    ]

    assert sorted(map(id, shown)) == sorted(map(id, facts))
    assert all(other.because for value in value_history(facts, RANK) for other in value.others)
