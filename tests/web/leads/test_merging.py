"""Merging by hand and taking it back: held to what the engine's amendments say of the same words."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.leads.says import BEGIN, says, take

from leadline.engine.amendments.fold import fold
from leadline.engine.amendments.model import Merge as SaidMerge
from leadline.engine.amendments.model import Unmerge as SaidUnmerge
from leadline.web.accounts.models import Source, Workspace
from leadline.web.leads import merging
from leadline.web.leads.merging import MergeError, merge_leads, preview_merge, unmerge
from leadline.web.leads.models import Event, Fact, Identity, Lead, Merge, Outcome, Suggestion
from leadline.web.leads.records import NewFact, NewOutcome, record_facts, record_outcomes

pytestmark = pytest.mark.django_db
_numbers = count(1)


@pytest.fixture
def ann(backend):
    return known(backend, "u1", email="ann@acme.com", title="CFO")


@pytest.fixture
def anna(backend):
    return known(backend, "u2", email="anna@acme.com", title="Finance")


def known(source, user, minute=0, **traits):
    take(source, says("identify", user_id=user, verified=True, traits=traits, minute=minute, email=traits["email"]))
    return Identity.objects.get(kind="user", value=user, workspace=source.workspace).lead


def test_a_merge_gives_everything_to_the_survivor_and_makes_it_due(ann, anna, backend, maria):
    Lead.objects.update(due_at=None)

    merge = merge_leads(ann, anna, because="by hand", by=maria.email, now=BEGIN)

    ann.refresh_from_db()
    anna.refresh_from_db()
    assert (ann.merged_into, ann.due_at) == (anna, None)
    assert anna.due_at == BEGIN
    assert (anna.events.count(), anna.identities.count()) == (2, 4)
    assert (merge.because, merge.by) == ("by hand", maria.email)


def test_what_comes_for_the_one_that_was_merged_is_the_survivors(ann, anna, backend):
    merge_leads(ann, anna, because="by hand")

    take(backend, says("track", user_id="u1", verified=True))

    assert anna.events.count() == 3


def test_an_unmerge_puts_everything_back_also_what_has_come_since(ann, anna, backend, northwind):
    merge = merge_leads(ann, anna, because="by hand")
    take(backend, says("track", user_id="u1", verified=True, minute=30))
    record_facts(
        northwind,
        [NewFact(lead_id=ann.pk, field="title", value="CEO", known_at=BEGIN + timedelta(days=1), source="person")],
    )
    record_outcomes(northwind, [NewOutcome(lead_id=anna.pk, outcome="won", at=BEGIN, source="crm")])
    Lead.objects.update(due_at=None)

    back = unmerge(merge, by="maria@northwind.example", now=BEGIN)

    anna.refresh_from_db()
    assert back == ann
    assert back.merged_into is None
    assert (back.events.count(), anna.events.count()) == (2, 1)
    assert (back.title, anna.title) == ("CEO", "Finance")
    assert (back.outcomes.count(), anna.outcomes.count()) == (0, 1)
    assert {back.due_at, anna.due_at} == {BEGIN}


def test_a_fact_that_the_other_had_said_already_is_not_lost_by_an_unmerge(ann, anna, northwind):
    merge = merge_leads(ann, anna, because="by hand")
    record_facts(
        northwind,
        [NewFact(lead_id=anna.pk, field="title", value="CFO", known_at=BEGIN + timedelta(days=1), source="backend")],
    )

    unmerge(merge)

    anna.refresh_from_db()
    assert anna.title == "CFO"


def test_of_two_people_who_merge_at_once_the_slower_is_told(ann, anna, backend):
    bob = known(backend, "u3", email="bob@acme.com")
    merge_leads(ann, anna, because="by hand", by="maria")

    with pytest.raises(MergeError, match=r"was merged into anna@acme.com already. Nothing was changed."):
        merge_leads(ann, bob, because="by hand", by="omar")

    assert Lead.objects.get(pk=ann.pk).merged_into == anna
    assert Merge.objects.count() == 1


def test_the_row_decides_even_when_both_looked_before_either_wrote(ann, anna, backend, monkeypatch):
    bob = known(backend, "u3", email="bob@acme.com")
    monkeypatch.setattr(merging, "_get_standing", lambda lead: lead)
    merge_leads(Lead.objects.get(pk=ann.pk), anna, because="by hand")

    with pytest.raises(MergeError, match="merged into somebody else already"):
        merge_leads(ann, bob, because="by hand")

    assert Event.objects.filter(lead=anna).count() == 2


def test_a_merge_is_undone_once(ann, anna):
    merge = merge_leads(ann, anna, because="by hand")
    unmerge(merge)

    with pytest.raises(MergeError, match="undone already"):
        unmerge(merge)


def test_nobody_is_merged_into_themselves_or_into_another_workspace(ann, elsewhere):
    theirs = Source.objects.create(workspace=elsewhere, name="backend", kind=Source.Kind.SERVER)
    charlies = known(theirs, "u1", email="ann@acme.com")

    with pytest.raises(MergeError, match="into itself"):
        merge_leads(ann, ann, because="by hand")
    with pytest.raises(MergeError, match="different workspaces"):
        merge_leads(ann, charlies, because="by hand")


def test_a_preview_says_what_comes_together_and_who_wins_and_changes_nothing(ann, anna, northwind):
    record_facts(
        northwind, [NewFact(lead_id=anna.pk, field="title", value="Head of Finance", known_at=BEGIN, source="person")]
    )

    preview = preview_merge(ann, anna, source_rank=("person", "backend"))

    assert [one.value for one in preview.identities] == ["ann@acme.com", "u1"]
    assert (preview.events, preview.outcomes, preview.facts) == (1, 0, 2)
    title = next(one for one in preview.conflicts if one.field == "title")
    assert (title.of_lead, title.of_into, title.after.value) == ("CFO", "Head of Finance", "Head of Finance")
    assert title.after.because == "person of 2 March 2026 wins over backend: stronger source"
    assert preview.warnings == ("They have different ids in one system, u1 and u2: there they are two people.",)
    assert not Merge.objects.exists()


def test_a_suggestion_comes_true_and_waits_again_when_the_merge_is_undone(ann, anna, backend, northwind):
    bob = known(backend, "u3", email="bob@acme.com")
    Suggestion.objects.create(workspace=northwind, lead=ann, other=bob, because="one name")
    chain = [merge_leads(ann, anna, because="by hand"), merge_leads(anna, bob, because="by hand")]
    assert Suggestion.objects.get().state == "merged"

    unmerge(chain[1])

    assert {(one.lead_id, one.other_id): one.state for one in Suggestion.objects.all()} == {
        (ann.pk, bob.pk): "open",
        (anna.pk, bob.pk): "dismissed",
    }


def test_who_was_merged_into_the_lead_that_is_freed_goes_with_it(ann, anna, backend):
    bob = known(backend, "u3", email="bob@acme.com")
    merge_leads(ann, anna, because="by hand")
    second = merge_leads(anna, bob, because="by hand")
    assert bob.events.count() == 3

    unmerge(second)

    assert Lead.objects.get(pk=ann.pk).merged_into == anna
    assert (anna.events.count(), anna.identities.count(), bob.events.count()) == (2, 4, 1)


# -- any sequence of words -------------------------------------------------------------------------------------------

PEOPLE = 3
number = st.integers(0, PEOPLE - 1)
words = st.lists(
    st.one_of(
        st.tuples(st.just("merge"), number, number),
        st.tuples(st.just("unmerge"), number, number),
        st.tuples(st.just("seen"), number, number),
        st.tuples(st.just("vouched"), number, number),
        st.tuples(st.just("fact"), number, number),
        st.tuples(st.just("outcome"), number, number),
    ),
    max_size=14,
)


def speak(source, leads, word, one, other):
    match word:
        case "merge":
            try:
                merge_leads(leads[one], leads[other], because="by hand")
            except MergeError:
                return
        case "unmerge":
            merge = Merge.objects.filter(lead=leads[one], undone_at=None).first()
            if merge is not None:
                unmerge(merge)
        case "seen":
            take(source, says("page", anonymous_id=f"a{one}"))
        case "vouched":
            take(source, says("identify", anonymous_id=f"a{one}", user_id=f"u{other}", verified=True))
        case "fact":
            fact = NewFact(lead_id=leads[one].pk, field="title", value=f"t{other}", known_at=BEGIN, source="person")
            record_facts(source.workspace, [fact])
        case "outcome":
            outcome = NewOutcome(lead_id=leads[one].pk, outcome=f"o{other}", at=BEGIN, source="crm")
            record_outcomes(source.workspace, [outcome])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(words=words)
def test_after_any_words_each_row_is_whose_the_engine_says(db, words):
    workspace = Workspace.objects.create(name="W", slug=f"m{next(_numbers)}")
    source = Source.objects.create(workspace=workspace, name="anywhere", kind=Source.Kind.SERVER)
    take(source, *(says("page", anonymous_id=f"a{one}") for one in range(PEOPLE)))
    leads = list(Lead.objects.filter(workspace=workspace).order_by("pk"))
    said, known_merges, undone = [], set(), set()

    for word in words:
        speak(source, leads, *word)
        for merge in Merge.objects.filter(workspace=workspace).order_by("pk"):
            if merge.pk not in known_merges:
                said.append(SaidMerge(lead=str(merge.lead_id), into=str(merge.into_id)))
            elif merge.undone_at is not None and merge.pk not in undone:
                said.append(SaidUnmerge(lead=str(merge.lead_id)))
            known_merges.add(merge.pk)
            undone |= {merge.pk} if merge.undone_at else set()

    folded, problems = fold(said)
    assert problems == []
    survivor = {
        pk: int(folded.survivor(str(pk)))
        for pk in Lead.objects.filter(workspace=workspace).values_list("pk", flat=True)
    }
    for model in (Event, Fact, Outcome, Identity):
        for lead, first in model.objects.filter(workspace=workspace).values_list("lead", "first_lead"):
            assert lead == survivor[first]
    for pk, into in Lead.objects.filter(workspace=workspace).values_list("pk", "merged_into"):
        assert (into or pk) == survivor[pk]
    for one in range(PEOPLE):
        first = Identity.objects.get(workspace=workspace, kind="anonymous", value=f"a{one}").first_lead
        assert first == leads[one]
