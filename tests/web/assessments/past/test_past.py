"""What is told of the past is what the naive history of each lead says; and nothing is stored of a question that was taken away."""

from datetime import timedelta

import pytest
from tests.web.assessments.past.conftest import EDITED
from tests.web.assessments.whatif.conftest import LIVE, make_draft

from leadline.engine.calendar import day_number, instant_of
from leadline.engine.lifecycle.history import history
from leadline.engine.problems import ProblemsError
from leadline.web.assessments.logs import read_logs_of
from leadline.web.assessments.models import PastWhatIf
from leadline.web.assessments.past import run
from leadline.web.assessments.past.actions import ask_past, stop_past
from leadline.web.assessments.past.queries import find_past
from leadline.web.assessments.past.run import TakenError
from leadline.web.assessments.whatif.actions import NoDraftError, NothingLiveError
from leadline.web.assessments.whatif.queries import why_of_others
from leadline.web.leads.erasure import erase_person
from leadline.web.leads.models import Lead, Outcome
from leadline.web.playbooks.models import Draft, Version
from leadline.web.playbooks.queries import compile_toml


def ask(draft, now, *, weeks=13, capacity=None):
    return ask_past(draft, weeks=weeks, capacity=capacity, by=None, now=now)


def who_was_in(toml, past, now):
    """Return, by qualification, the leads with a spell that touches the period, by the naive history of each, with their first entries."""
    compiled = compile_toml(toml)
    first, last = (day_number(day) for day in (past.first_day, past.last_day))
    found = {level.id: {} for level in compiled.playbook.qualifications}
    for log in read_logs_of(compiled, Lead.objects.filter(merged_into=None).values_list("pk", flat=True)):
        for spell in history(compiled.bound, log, compiled.zone.end_of_day(last)).spells:
            ends = None if spell.ended_us is None else compiled.zone.day_of(spell.ended_us - 1)
            if compiled.zone.day_of(spell.began_us) <= last and (ends is None or ends >= first):
                entries = found[spell.qualification]
                entries[log.lead_id] = min(spell.began_us, entries.get(log.lead_id, spell.began_us))
    return found


def test_it_counts_what_the_naive_history_of_each_lead_says(draft, people, now, find):
    Outcome.objects.create(
        workspace=draft.workspace,
        lead=people[0],
        first_lead=people[0],
        outcome="won",
        outcome_id="1",
        source="crm",
        at=now - timedelta(days=1),
        recorded_at=now,
    )
    past = find(ask(draft, now, capacity=2))

    assert past.state == "done", past.problem
    assert (past.last_day, past.first_day) == (past.last_day, past.last_day - timedelta(days=7 * 13 - 1))
    old, new = who_was_in(LIVE, past, now), who_was_in(EDITED, past, now)
    assert any(new[name].keys() - old[name].keys() for name in new), "the draft adds nobody, so nothing is tested"
    for one in past.told["qualifications"]:
        before, after = old[one["id"]], new[one["id"]]
        assert (one["old"], one["new"]) == (len(before), len(after))
        assert (one["added"], one["removed"]) == (len(after.keys() - before.keys()), len(before.keys() - after.keys()))
    assert past.told["leads"] == len(people)
    assert len(past.told["weeks"]) in (13, 14)
    assert sum(one["new"] for one in past.told["weeks"]) == past.told["work"]["new"]["total"] > 0
    assert "wait at the end of one" in " ".join(past.told["in_short"])
    named = {one["lead_id"] for some in past.named.values() for one in some}
    assert named and named <= {lead.pk for lead in people}


def test_it_ends_yesterday_in_the_zone_of_the_draft(draft, now):
    late = now.replace(hour=23, minute=30)  # tomorrow already in Berlin

    past = ask(draft, late)

    assert past.last_day == late.date()
    assert compile_toml(draft.toml).zone.day_of(instant_of(late)) - 1 == day_number(past.last_day)


def test_a_workspace_in_which_nothing_happened_yet_is_told_so(northwind, version, now, find):
    past = find(ask(make_draft(northwind, EDITED, now), now))

    assert (past.state, past.told) == ("failed", {})
    assert past.problem == "There are no leads yet, so there is no past to look at."


EVERYTHING = """
[playbook]
name = "whole"
timezone = "Europe/Berlin"
[scores.fit]
[scores.heat]
[[criteria]]
id = "a"
score = "fit"
why = "Fits"
when = "country = 'DE' and company.employees > 50 and budget is not null"
points = 9
[[criteria]]
id = "b"
score = "heat"
why = "Asked"
event = "asked"
when = "path = '/x' and size > 3"
points = 9
[[qualifications]]
id = "mql"
title = "MQL"
enter = "heat >= 5 and count('seen', '30d', other = 'y') >= 1"
hand_raise = ["called"]
"""


def test_a_playbook_may_name_what_nobody_has_or_did_yet(northwind, version, people, now, find):
    past = find(ask(make_draft(northwind, EVERYTHING, now), now))

    assert past.state == "done", past.problem
    assert [one["new"] for one in past.told["qualifications"] if one["id"] == "mql"] == [0]


def test_a_draft_with_days_of_another_zone_is_told_why_it_cannot_be_compared(northwind, version, people, now, find):
    past = find(ask(make_draft(northwind, EDITED.replace("Europe/Berlin", "America/New_York"), now), now))

    assert past.state == "failed"
    assert "in Europe/Berlin, the new one in America/New_York" in past.problem
    assert "report it" not in past.problem


def test_people_of_whom_only_the_name_is_known_are_counted(northwind, website, version, now, find):
    Lead.objects.create(workspace=northwind, first_seen_at=now - timedelta(days=9), name="Ada", is_known=True)

    past = find(ask(make_draft(northwind, EDITED, now), now))

    assert past.state == "done", past.problem
    assert past.told["leads"] == 1


# -- what is asked ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [{"weeks": 14}, {"weeks": 0}, {"capacity": 0}, {"capacity": -1}, {"capacity": 10**9}])
def test_what_cannot_be_asked_is_refused(draft, now, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ask(draft, now, **wrong)

    assert find_past(draft) is None


def test_a_text_that_cannot_be_used_is_not_asked_of(draft, now):
    draft.toml = "[playbook]"
    with pytest.raises(ProblemsError):
        ask(draft, now)


def test_a_draft_that_is_none_any_more_and_nothing_live(draft, now):
    Draft.objects.filter(pk=draft.pk).update(deleted_at=now)
    draft.refresh_from_db()
    with pytest.raises(NoDraftError):
        ask(draft, now)
    draft.deleted_at = None
    Version.objects.update(state="retired")
    with pytest.raises(NothingLiveError):
        ask(draft, now)


def test_figures_of_another_text_or_live_version_are_marked(draft, now, find):
    past = find(ask(draft, now))
    assert list(why_of_others(past, draft)) == []

    draft.toml, draft.revision = draft.toml.replace("heat >= 15", "heat >= 20"), 2
    assert list(why_of_others(past, draft)) == ["text"]
    Version.objects.update(state="retired")
    assert list(why_of_others(past, draft)) == ["text", "live"]


# -- nothing is stored of what was taken away ------------------------------------------------------------------------


def when_comparing(monkeypatch, do):
    """Do something after the log was read, before anything is stored."""
    original = run.whatif

    def late(*arguments, **more):
        found = original(*arguments, **more)
        do()
        return found

    monkeypatch.setattr(run, "whatif", late)


def test_what_was_stopped_meanwhile_stores_nothing(draft, now, find, monkeypatch):
    past = ask(draft, now)
    when_comparing(monkeypatch, lambda: stop_past(past, now=now))

    with pytest.raises(TakenError):
        find(past)

    past.refresh_from_db()
    assert (past.state, past.told, past.named) == ("stopped", {}, {})
    assert not stop_past(past, now=now)


def test_what_was_asked_anew_meanwhile_is_found_out_of_the_new_question_only(draft, now, find, monkeypatch):
    past = ask(draft, now)
    when_comparing(monkeypatch, lambda: ask(draft, now + timedelta(seconds=1), weeks=52))

    with pytest.raises(TakenError):
        find(past)

    past.refresh_from_db()
    assert (past.state, past.told) == ("running", {})


def test_an_erasure_takes_it_away_and_it_is_found_out_without_the_person(draft, people, now, find, monkeypatch):
    past = ask(draft, now)
    when_comparing(monkeypatch, lambda: erase_person(people[0], by=None, now=now))
    with pytest.raises(TakenError):
        find(past)
    monkeypatch.undo()

    past = find(past, "again")

    assert past.told["leads"] == len(people) - 1


def test_who_is_erased_afterwards_is_named_no_more(draft, now, find):
    past = find(ask(draft, now))
    gone = next(one["lead_id"] for some in past.named.values() for one in some)
    others = sum(one["lead_id"] != gone for some in past.named.values() for one in some)

    erased = erase_person(Lead.objects.get(pk=gone), by=None, now=now)

    past.refresh_from_db()
    assert sum(map(len, past.named.values())) == others
    assert gone not in {one["lead_id"] for some in past.named.values() for one in some}
    assert erased.counts["names in what-ifs"] >= 1


def test_a_mistake_of_the_program_is_told_without_a_trace(draft, now, find, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("no")

    monkeypatch.setattr(run, "whatif", fail)

    past = find(ask(draft, now))

    assert (past.state, past.told) == ("failed", {})
    assert "RuntimeError" in past.problem and "report it" in past.problem
    assert PastWhatIf.objects.count() == 1
