"""Doing one thing with many leads: with whom it is done, that it is done once, that it can be taken back, and who may."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.conftest import member

from leadline.web.leads.models import Fact, Lead, Outcome
from leadline.web.pages.models import Batch
from leadline.web.pages.selected import actions, kinds, run
from leadline.web.pages.selected.actions import begin_batch, stop_batch
from leadline.web.pages.selected.kinds import KINDS

ASK = "/leads/selected/"


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


@pytest.fixture
def three(northwind, playbook):
    return [
        Lead.objects.create(workspace=northwind, name=name, is_known=True, first_seen_at=timezone.now())
        for name in ("Ada", "Ben", "Cleo")
    ]


@pytest.fixture
def by_the_worker(monkeypatch):
    """Every batch is the worker's, in parts of two leads."""
    monkeypatch.setattr(actions, "AT_ONCE", 0)
    for kind in list(KINDS.values()):
        monkeypatch.setitem(kinds.KINDS, kind.id, kinds.Kind(**{**_fields(kind), "part": 2}))


def _fields(kind):
    return {name: getattr(kind, name) for name in kind.__dataclass_fields__}


def ask(client, leads, action, **more):
    said = {"lead": [one.pk for one in leads], "action": action, "asked": len(leads), **more}
    return client.post(ASK, said)


def test_a_fact_is_noted_of_each_and_taken_back_as_one(as_omar, omar, three):
    answer = ask(as_omar, three[:2], "fact", field="budget_amount", value="9000", evidence="a call")

    batch = Batch.objects.get()
    assert answer["Location"] == reverse("batch", args=[batch.pk])
    assert (batch.state, batch.changed) == ("done", 2)
    said = Fact.objects.filter(field="budget_amount")
    assert {one.lead_id for one in said} == {one.pk for one in three[:2]}
    assert {(one.value, one.source, one.by, one.evidence) for one in said} == {("9000", "person", omar.email, "a call")}
    assert Lead.objects.filter(due_at__isnull=False).count() == 2
    assert batch.said == {"field": "budget_amount"}  # what was said stands in the log, and nowhere else

    as_omar.post(reverse("undo-batch", args=[batch.pk]))

    assert not Fact.objects.filter(field="budget_amount").exists()
    batch.refresh_from_db()
    assert batch.state == "undone"
    assert Lead.objects.count() == 3


def test_an_outcome_is_recorded_with_its_reason(as_omar, three):
    page = as_omar.post(ASK, {"lead": [one.pk for one in three], "action": "outcome"})
    assert ask(as_omar, three, "outcome", what="").status_code == 422  # none is chosen beforehand
    groups = [group for _, group in page.context["form"].fields["what"].choices if not isinstance(group, str)]
    first = groups[0][0][0]

    page = ask(as_omar, three, "outcome", what=first)

    assert "Recorded as" in as_omar.get(page["Location"]).content.decode()
    name, _, reason = first.partition("|")
    assert [(one.outcome, one.reason, one.source) for one in Outcome.objects.all()] == [(name, reason, "person")] * 3


def test_consent_is_taken_back_of_each(as_omar, three):
    ask(as_omar, three[:2], "consent", purpose="contact", how="a list from the fair")

    words = Fact.objects.filter(field="consent.contact")
    assert {(one.lead_id, one.value) for one in words} == {(one.pk, "no") for one in three[:2]}


@pytest.fixture
def _no_scrub(monkeypatch):
    monkeypatch.setattr(run, "scrub_free_space", lambda: True)


@pytest.mark.usefixtures("_no_scrub")
def test_erasing_needs_an_administrator_and_typed_words(as_maria, as_omar, three):
    assert ask(as_omar, three[:2], "erase", typed="erase 2").status_code == 403
    wrong = ask(as_maria, three[:2], "erase", typed="yes")
    assert wrong.status_code == 422
    assert "Type “erase 2”" in wrong.content.decode()
    assert Lead.objects.count() == 3

    ask(as_maria, three[:2], "erase", typed="Erase  2")

    assert [one.name for one in Lead.objects.all()] == ["Cleo"]


def test_nothing_is_done_before_the_question_is_answered(as_omar, three):
    page = as_omar.post(ASK, {"lead": [three[0].pk], "action": "fact", "query": "q=ada"})

    assert page.status_code == 200
    assert "1 lead" in page.content.decode()
    assert not Batch.objects.exists()
    wrong = ask(as_omar, three[:1], "fact", field="Budget!", value="1")
    assert wrong.status_code == 422
    assert "is no name of a field" in wrong.content.decode()
    assert not Batch.objects.exists()


def test_all_that_match_are_asked_again_where_their_number_has_changed(as_omar, northwind, three):
    said = {"every": "on", "query": "sort=name", "action": "fact", "field": "tier", "value": "one", "is_new": "on"}
    assert as_omar.post(ASK, said).context["count"] == 3
    Lead.objects.create(workspace=northwind, name="Dan", is_known=True, first_seen_at=timezone.now())

    changed = as_omar.post(ASK, {**said, "asked": "3"})
    assert changed.status_code == 422
    assert "4 match now" in changed.content.decode()
    assert not Batch.objects.exists()

    as_omar.post(ASK, {**said, "asked": "4"})
    assert Fact.objects.filter(field="tier").count() == 4


def test_too_many_are_refused_with_what_to_do(as_omar, three, monkeypatch):
    monkeypatch.setattr("leadline.web.pages.selected.queries.MOST", 2)

    answer = as_omar.post(ASK, {"every": "on", "query": "sort=name", "action": "fact"})

    assert answer.status_code == 422
    assert "Narrow the list" in answer.content.decode()


def test_two_are_compared_and_a_selection_is_exported(as_maria, three):
    two = [three[0].pk, three[2].pk]

    assert as_maria.post(ASK, {"lead": two, "action": "compare"})["Location"] == reverse("compare-leads", args=two)
    assert as_maria.post(ASK, {"lead": two[:1], "action": "compare"}).status_code == 422
    assert "Export 2 leads" in as_maria.post(ASK, {"lead": two, "action": "export"}).content.decode()
    every = as_maria.post(ASK, {"every": "on", "query": "grade=A1", "action": "export"})
    assert every["Location"] == "/leads/export/?grade=A1"


def test_who_does_not_edit_exports_nothing_through_a_selection(as_omar, three):
    assert as_omar.post(ASK, {"lead": [three[0].pk], "action": "export"}).status_code == 403


def test_another_workspaces_leads_are_not_touched(as_charlie, three):
    answer = ask(as_charlie, three, "fact", field="tier", value="one")

    assert answer.status_code == 422
    assert not Fact.objects.filter(field="tier").exists()


# -- the worker ----------------------------------------------------------------------------------------------------


def begin(northwind, three, field="tier"):
    boss = member(northwind, f"Boss{Lead.objects.count()}{Batch.objects.count()}", "admin")
    said = {"field": field, "value": "one", "evidence": ""}
    return begin_batch(northwind, KINDS["fact"], [one.pk for one in three], said, by=boss)


@pytest.mark.usefixtures("by_the_worker")
def test_the_worker_goes_on_where_another_was_killed(northwind, three):
    batch = begin(northwind, three)
    claimed = run.claim_batch()
    assert run._do_part(claimed, KINDS["fact"], timezone.now())
    Batch.objects.filter(pk=batch.pk).update(lease="of the dead", leased_until=timezone.now() + timedelta(seconds=9))

    assert run.run_batches() == 0  # the lease of the dead still stands
    later = timezone.now() + timedelta(minutes=5)
    while run.run_batches(now=later):
        pass

    batch.refresh_from_db()
    assert (batch.state, batch.done, batch.changed) == ("done", 3, 3)
    assert Fact.objects.filter(field="tier").count() == 3


@pytest.mark.usefixtures("by_the_worker")
def test_a_worker_that_lost_its_lease_writes_nothing(northwind, three):
    begin(northwind, three)
    claimed = run.claim_batch()
    Batch.objects.update(lease="of another")

    assert not run._do_part(claimed, KINDS["fact"], timezone.now())
    assert not Fact.objects.filter(field="tier").exists()


@pytest.mark.usefixtures("by_the_worker")
def test_a_batch_that_was_stopped_goes_no_further_and_can_be_taken_back(as_maria, northwind, three):
    batch = begin(northwind, three)
    run._do_part(run.claim_batch(), KINDS["fact"], timezone.now())
    assert stop_batch(batch)
    assert run.run_batches() == 0
    assert Fact.objects.filter(field="tier").count() == 2

    as_maria.post(reverse("undo-batch", args=[batch.pk]))
    assert run.run_batches() > 0
    assert not Fact.objects.filter(field="tier").exists()
    assert run.run_batches() == 0


@pytest.mark.usefixtures("by_the_worker")
def test_who_went_meanwhile_is_left_out(northwind, three):
    batch = begin(northwind, three)
    Lead.objects.filter(pk=three[0].pk).update(merged_into=three[1])
    three[2].delete()

    while run.run_batches():
        pass

    batch.refresh_from_db()
    assert (batch.state, batch.changed) == ("done", 1)


@pytest.mark.usefixtures("by_the_worker")
def test_a_batch_that_breaks_says_so_and_keeps_what_was_done(as_maria, northwind, three, monkeypatch):
    batch = begin(northwind, three)
    broken = kinds.Kind(**{**_fields(KINDS["fact"]), "act": lambda *_: 1 // 0})
    monkeypatch.setitem(kinds.KINDS, "fact", broken)

    run.run_batches()

    page = as_maria.get(reverse("batch", args=[batch.pk])).content.decode()
    assert "Leadline made a mistake (ZeroDivisionError)" in page
    assert run.run_batches() == 0


@pytest.mark.usefixtures("by_the_worker")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seconds=st.lists(st.sampled_from([0.0, 9.0]), min_size=1, max_size=6), at=st.integers(0, 10**9))
def test_in_whatever_slices_it_is_worked_each_lead_is_written_once(northwind, three, seconds, at):
    batch = begin(northwind, three, field=f"tier_{at}_{len(seconds)}")
    for slice_ in seconds:
        run.run_batches(seconds=slice_)
    while run.run_batches():
        pass

    batch.refresh_from_db()
    assert batch.done == batch.total
    said = Fact.objects.filter(origin=batch.origin)
    assert sorted(said.values_list("lead", flat=True)) == [one.pk for one in three]
