"""Asking, working in slices, being killed, several workers, stopping, and leads that go meanwhile."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from tests.web.assessments.whatif.conftest import LIVE, make_draft, run_to_the_end
from tests.web.assessments.whatif.test_counts import by_hand, check, counted

from leadline.engine.problems import ProblemsError
from leadline.web.assessments.models import WhatIf
from leadline.web.assessments.whatif import run
from leadline.web.assessments.whatif.actions import NoDraftError, NothingLiveError, ask, stop
from leadline.web.assessments.whatif.queries import find_whatif, why_stale
from leadline.web.assessments.whatif.sides import Sides
from leadline.web.leads.erasure import erase_person
from leadline.web.leads.merging import merge_leads
from leadline.web.leads.models import Lead
from leadline.web.operations.worker import JOBS
from leadline.web.playbooks.models import Draft, Version

EDITED = LIVE.replace("heat >= 40", "heat >= 15").replace("points = 25", "points = 5")

pytestmark = pytest.mark.usefixtures("version", "people", "in_parts")


@pytest.fixture
def draft(northwind, now):
    return make_draft(northwind, EDITED, now)


@pytest.fixture
def whatif(draft, now):
    return ask(draft, by=None, now=now)


def at_once(now):
    """Work on a single part."""
    return run.run_whatifs(now=now, seconds=0)


def test_the_worker_does_it():
    assert "leadline.web.assessments.whatif.run.run_whatifs" in JOBS


# -- being killed, and company -----------------------------------------------------------------------------------


def test_another_goes_on_where_a_worker_was_killed(whatif, now):
    at_once(now)
    WhatIf.objects.update(lease="of the dead", leased_until=now + timedelta(seconds=50))
    assert at_once(now) == 0  # the lease of the dead still stands
    whatif.refresh_from_db()
    assert whatif.done == 7

    run_to_the_end(now + timedelta(minutes=2))

    check(whatif, EDITED, now)


def test_who_is_killed_while_computing_has_written_nothing(whatif, now, monkeypatch):
    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run.Telling, "add", die)
    with pytest.raises(KeyboardInterrupt):
        at_once(now)
    monkeypatch.undo()
    whatif.refresh_from_db()
    assert (whatif.done, whatif.last_lead, whatif.counts["leads"]) == (0, 0, 0)

    run_to_the_end(now)
    check(whatif, EDITED, now)


def test_two_workers_count_each_lead_once(whatif, now):
    """One reads its part, and is overtaken by another while it computes: what it found is dropped."""
    slow = run.claim_whatif(now=now)
    sides = Sides(run.get_plan(slow.live), run.compile_toml(slow.toml), slow.as_of)
    at_once(now)  # has the same lease, being of the same process, and is past it

    assert not run._do_part(slow, sides, now)

    run_to_the_end(now)
    check(whatif, EDITED, now)


def test_a_worker_that_lost_its_lease_writes_nothing(whatif, now):
    claimed = run.claim_whatif(now=now)
    WhatIf.objects.update(lease="of another")

    assert run.work_on(claimed, now=now) == 0

    whatif.refresh_from_db()
    assert whatif.done == 0


def test_several_are_worked_on_in_turns(northwind, whatif, draft, now):
    other = ask(make_draft(northwind, LIVE, now), by=None, now=now)
    for second in range(4):
        at_once(now + timedelta(seconds=second))

    assert set(WhatIf.objects.values_list("draft", "done")) == {(draft.pk, 14), (other.draft_id, 14)}


def test_trouble_of_the_database_is_tried_again(whatif, now, monkeypatch):
    def broken(*_):
        raise OperationalError("gone away")

    monkeypatch.setattr(Sides, "pairs", broken)
    with pytest.raises(OperationalError):
        at_once(now)
    monkeypatch.undo()

    run_to_the_end(now)
    check(whatif, EDITED, now)


def test_a_mistake_of_the_program_is_told(whatif, now, monkeypatch):
    monkeypatch.setattr(run.Tally, "from_json", lambda _: 1 // 0)
    at_once(now)

    whatif.refresh_from_db()
    assert whatif.state == "failed"
    assert "ZeroDivisionError" in whatif.problem
    assert at_once(now) == 0


def test_a_lead_that_cannot_be_assessed_is_left_out_and_counted(whatif, people, now, monkeypatch):
    good, bad = Sides.pairs, people[4].pk

    def picky(self, ids):
        if bad in ids:
            raise ValueError("this one")
        return good(self, ids)

    monkeypatch.setattr(Sides, "pairs", picky)
    run_to_the_end(now)

    whatif.refresh_from_db()
    assert whatif.state == "done"
    assert (whatif.counts["left_out"], whatif.counts["leads"]) == (1, len(people) - 1)


# -- leads that go ---------------------------------------------------------------------------------------------------


def test_who_is_erased_or_merged_before_their_turn_is_not_counted(whatif, people, now):
    at_once(now)
    erase_person(people[20], by=None, now=now)
    merge_leads(people[21], people[22], because="by hand", now=now)
    run_to_the_end(now)

    whatif.refresh_from_db()
    assert whatif.state == "done"
    assert whatif.counts["leads"] == whatif.total == len(people) - 2
    assert counted(whatif)["levels"] == by_hand(EDITED, now)["levels"]


def test_who_goes_while_they_are_being_read_is_left_out(whatif, people, now, monkeypatch):
    read = run.Sides.pairs

    def too_late(self, ids):
        Lead.objects.filter(pk=people[3].pk).delete()
        return read(self, ids)

    monkeypatch.setattr(Sides, "pairs", too_late)
    run_to_the_end(now)

    whatif.refresh_from_db()
    assert (whatif.state, whatif.counts["leads"], whatif.counts["left_out"]) == ("done", len(people) - 1, 0)


# -- asking and stopping ---------------------------------------------------------------------------------------------


def test_the_same_question_on_the_same_day_is_answered_once(whatif, draft, now):
    at_once(now)
    again = ask(draft, by=None, now=now + timedelta(hours=1))
    whatif.refresh_from_db()
    assert (again.pk, whatif.done, whatif.as_of) == (whatif.pk, 7, now)

    run_to_the_end(now)
    ask(draft, by=None, now=now + timedelta(hours=2))
    whatif.refresh_from_db()
    assert (whatif.state, whatif.as_of) == ("done", now)


def change(draft, toml):
    Draft.objects.filter(pk=draft.pk).update(toml=toml, revision=draft.revision + 1)
    draft.refresh_from_db()


@pytest.mark.parametrize("state", ["running", "done"])
def test_another_text_is_asked_anew(whatif, draft, now, state):
    at_once(now)
    if state == "done":
        run_to_the_end(now)
    change(draft, LIVE.replace("heat >= 40", "heat >= 44"))
    assert why_stale(find_whatif(draft), draft, now) == ["text"]

    ask(draft, by=None, now=now)
    whatif.refresh_from_db()
    assert (whatif.state, whatif.done, whatif.counts["leads"], why_stale(whatif, draft, now)) == ("running", 0, 0, [])
    run_to_the_end(now)
    check(whatif, draft.toml, now)


def test_a_worker_that_reads_for_an_earlier_question_writes_nothing(whatif, draft, now):
    claimed = run.claim_whatif(now=now)
    change(draft, LIVE)
    ask(draft, by=None, now=now + timedelta(seconds=1))
    WhatIf.objects.update(lease=claimed.lease)

    assert run.work_on(claimed, now=now) == 0
    whatif.refresh_from_db()
    assert whatif.done == 0


def test_other_words_of_which_nothing_is_computed_leave_the_figures_as_they_are(whatif, draft, now):
    run_to_the_end(now)
    change(draft, EDITED.replace("Visits us", "Looks at our pages") + "\n# a remark\n")

    assert why_stale(find_whatif(draft), draft, now) == []
    assert ask(draft, by=None, now=now).state == "done"


def test_another_live_version_and_another_day_are_told(whatif, draft, now, northwind):
    run_to_the_end(now)
    assert why_stale(whatif, draft, now + timedelta(hours=13)) == []
    assert why_stale(whatif, draft, now + timedelta(hours=15)) == ["day"]  # midnight in Berlin is at 23:00
    Version.objects.update(state="retired")
    assert why_stale(whatif, draft, now) == ["live"]
    change(draft, "not a playbook")
    assert why_stale(whatif, draft, now + timedelta(days=2)) == ["text", "live", "day"]

    Version.objects.create(
        workspace=northwind, number=2, name="n", toml=LIVE, plan_hash="x", state="live", published_at=now
    )
    change(draft, EDITED)
    ask(draft, by=None, now=now)
    whatif.refresh_from_db()
    assert (whatif.live.number, whatif.state) == (2, "running")


def test_what_was_stopped_goes_no_further_and_keeps_what_it_counted(whatif, draft, now):
    at_once(now)
    claimed = run.claim_whatif(now=now)
    assert stop(whatif, now=now)
    assert not stop(whatif, now=now)
    assert run.work_on(claimed, now=now) == 0
    assert at_once(now) == 0

    whatif.refresh_from_db()
    assert (whatif.state, whatif.done, whatif.counts["leads"]) == ("stopped", 7, 7)
    ask(draft, by=None, now=now)
    run_to_the_end(now)
    check(whatif, EDITED, now)


def test_a_text_that_cannot_be_used_is_refused_with_all_that_is_wrong(northwind, now):
    wrong = make_draft(northwind, LIVE.replace("points = 30", "points = 'x'").replace("heat >= 40", "heet >= 40"), now)
    with pytest.raises(ProblemsError) as refused:
        ask(wrong, by=None, now=now)

    assert refused.value.problems
    assert find_whatif(wrong) is None


def test_where_nothing_is_live_nothing_is_compared(draft, now):
    Version.objects.update(state="retired")
    with pytest.raises(NothingLiveError):
        ask(draft, by=None, now=now)


@pytest.mark.parametrize("gone", ["deleted", "published"])
def test_what_is_no_draft_any_more_is_not_asked_of(draft, now, gone):
    draft.deleted_at = now if gone == "deleted" else None
    draft.published_as = Version.objects.get() if gone == "published" else None
    with pytest.raises(NoDraftError):
        ask(draft, by=None, now=now)


def test_of_a_deleted_draft_nothing_is_looked_at_until_it_is_back(whatif, draft, now):
    Draft.objects.update(deleted_at=now)
    assert at_once(now) == 0

    Draft.objects.update(deleted_at=None)
    run_to_the_end(now)
    check(whatif, EDITED, now)


def test_it_goes_with_its_draft(whatif, draft):
    draft.delete()

    assert not WhatIf.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_workers_that_overtake_one_another_all_the_time_count_each_lead_once(northwind, now, monkeypatch):
    """Each has a lease of its own that ends at once, so that all of them claim the same what-if and read the same parts."""
    monkeypatch.setattr(run, "os", SimpleNamespace(getpid=threading.get_ident))
    monkeypatch.setattr(run, "LEASE", timedelta(0))
    monkeypatch.setattr(run, "PART", 3)
    dropped: list[int] = []
    last, part = Lead.objects.order_by("pk").last().pk, run._do_part

    def watched(whatif, sides, moment):
        before = whatif.last_lead
        went_on = part(whatif, sides, moment)
        if whatif.last_lead == before != last:
            dropped.append(before)
        return went_on

    monkeypatch.setattr(run, "_do_part", watched)
    whatif = ask(make_draft(northwind, EDITED, now), by=None, now=now)

    def work():
        try:
            while WhatIf.objects.filter(state="running").exists():
                run.run_whatifs(seconds=0)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()

    check(whatif, EDITED, now)
    assert dropped, "they never met"
