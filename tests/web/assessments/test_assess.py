"""From a log to what is stored: scores, spells and moves, with what becomes different told in the same transaction."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.web.assessments.conftest import PLAYBOOK, settle

from leadline.web.assessments import jobs
from leadline.web.assessments.assess import assess_leads
from leadline.web.assessments.models import Assessment, Spell, StageMove
from leadline.web.leads.due import LEASE, claim_due, make_due
from leadline.web.leads.models import Company, Fact, Lead
from leadline.web.playbooks.actions import publish

DAY = timedelta(days=1)


def assessment_of(person):
    return Assessment.objects.get(lead=person.lead)


def test_an_event_moves_a_score_and_begins_a_spell(live, ada, now):
    ada.has("country", "DE")
    ada.does("demo_requested", ago=timedelta(hours=1), touch={"campaign": "spring"})

    jobs.assess_due(now=now)

    found = assessment_of(ada)
    assert (found.scores, found.grade) == ({"fit": 300_000, "heat": 500_000}, "B1")
    assert found.contributions == {"country": 300_000, "demo": 500_000}
    assert found.reasons == "demo:50.0000 country:30.0000"
    assert (found.rank, found.first_score, found.second_score) == (800_000, 300_000, 500_000)
    assert (found.qualifications, found.is_qualified, found.stage) == (["mql"], True, "mql")
    assert found.coverage == {"fit": 10_000 * 30 // 55, "heat": 10_000}
    spell = Spell.objects.get(lead=ada.lead)
    assert (spell.qualification, spell.began_by, spell.noticed_at) == ("mql", "enter", now)
    assert spell.began_at == now - timedelta(hours=1)
    assert spell.evidence == {
        "scores": {"fit": 300_000, "heat": 500_000},
        "grade": "B1",
        "contributions": {"country": 300_000, "demo": 500_000},
    }
    assert [(move.before, move.after) for move in StageMove.objects.filter(lead=ada.lead).order_by("at")] == [
        ("", "lead"),
        ("lead", "mql"),
    ]


def test_what_an_open_spell_cools_on_is_foretold_and_comes_true(live, ada, now):
    ada.does("demo_requested")
    jobs.assess_due(now=now)
    spell = Spell.objects.get()
    foretold = datetime(1970, 1, 1, tzinfo=UTC) + spell.cools_day * DAY
    assert spell.cools_day == assessment_of(ada).cools_day

    settle(foretold - timedelta(hours=2))  # in Berlin the day before
    assert Spell.objects.get().ended_at is None
    settle(foretold)

    spell.refresh_from_db()
    assert (spell.ended_by, spell.cools_day) == ("cooled", None)
    assert assessment_of(ada).stage == "lead"


def test_a_seniority_follows_from_the_title_and_an_address_has_a_domain(live, ada, now):
    ada.has("title", "VP Sales")

    jobs.assess_due(now=now)

    assert assessment_of(ada).scores["fit"] == 250_000


def test_the_strongest_source_is_believed_not_the_latest(live, ada, now):
    ada.has("country", "DE", source="person", ago=9 * DAY)
    ada.has("country", "US", source="website", ago=DAY)

    jobs.assess_due(now=now)

    assert assessment_of(ada).scores["fit"] == 300_000


def test_what_a_bot_did_is_no_interest(live, ada, now):
    ada.does("demo_requested", is_bot=True, bot_rule="scanner")

    jobs.assess_due(now=now)

    assert assessment_of(ada).scores["heat"] == 0
    assert not Spell.objects.exists()


def test_facts_of_the_company_are_read_too(northwind, ada, now):
    publish(northwind, toml=PLAYBOOK.replace("country = 'DE'", "company.employees > 100"), by=None, now=now)
    acme = Company.objects.create(workspace=northwind, key="domain:acme.example")
    Lead.objects.filter(pk=ada.lead.pk).update(company=acme)
    Fact.objects.create(
        workspace=northwind, company=acme, field="employees", value=250, known_at=now, recorded_at=now, source="crm"
    )

    settle(now)

    assert assessment_of(ada).scores["fit"] == 300_000


def test_first_and_last_touch_before_a_spell_are_kept_with_it(live, ada, now):
    ada.does("page_viewed", ago=5 * DAY, touch={"campaign": "winter"})
    ada.does("page_viewed", ago=4 * DAY)
    ada.does("page_viewed", ago=3 * DAY, touch={"campaign": "spring"})
    ada.does("demo_requested", ago=2 * DAY)
    ada.does("page_viewed", ago=1 * DAY, touch={"campaign": "summer"})

    jobs.assess_due(now=now)

    spell = Spell.objects.get()
    assert (spell.first_touch, spell.last_touch) == ({"campaign": "winter"}, {"campaign": "spring"})


def test_a_spell_that_is_found_again_keeps_the_moment_when_it_was_noticed(live, ada, now):
    ada.does("demo_requested")
    jobs.assess_due(now=now)
    before = Spell.objects.get()

    make_due([ada.lead.pk], now=now)
    jobs.assess_due(now=now + DAY)

    assert Spell.objects.get().pk == before.pk
    assert Spell.objects.get().noticed_at == now


def test_an_event_that_comes_late_puts_the_beginning_where_it_belongs(live, ada, now):
    ada.does("demo_requested", ago=DAY)
    jobs.assess_due(now=now)

    ada.does("demo_requested", ago=3 * DAY)
    jobs.assess_due(now=now)

    assert [spell.began_at for spell in Spell.objects.all()] == [now - 3 * DAY]
    assert Spell.objects.get().noticed_at == now


def test_what_becomes_different_is_told_once(live, ada, now):
    told = []
    ada.does("demo_requested", ago=timedelta(hours=1))
    jobs.assess_due(now=now, tell=told.extend)
    assert {one.kind for one in told} == {"entered", "moved"}
    assert [(one.before, one.after) for one in told if one.kind == "moved"] == [("", "mql")]

    told.clear()
    make_due([ada.lead.pk], now=now)
    jobs.assess_due(now=now, tell=told.extend)
    assert told == []

    ada.does("page_viewed")
    jobs.assess_due(now=now, tell=told.extend)
    assert {one.kind for one in told} == {"cooling"}

    told.clear()
    ada.is_reported("rejected")
    jobs.assess_due(now=now, tell=told.extend)
    assert [(one.kind, one.because) for one in told] == [("moved", "mql ended"), ("left", "rejected")]


def test_a_spell_that_no_longer_stands_is_withdrawn(live, ada, now):
    event = ada.does("demo_requested")
    jobs.assess_due(now=now)
    type(event).objects.filter(pk=event.pk).update(is_bot=True)
    make_due([ada.lead.pk], now=now)

    told = []
    jobs.assess_due(now=now, tell=told.extend)

    assert ("withdrawn", "mql") in {(one.kind, one.qualification) for one in told}
    assert not Spell.objects.exists()


def test_when_what_follows_fails_nothing_is_stored(live, ada, now):
    ada.does("demo_requested")
    lease, ids = claim_due(10, now=now)

    def fail(_changes):
        raise RuntimeError("the hand-off is broken")

    with pytest.raises(RuntimeError):
        assess_leads(ids, lease=lease, now=now, tell=fail)

    assert not Spell.objects.exists()
    assert claim_due(10, now=now + LEASE + timedelta(seconds=1))[1] == ids


def test_a_worker_that_lost_its_lease_stores_nothing(live, ada, now):
    ada.does("demo_requested")
    lost, ids = claim_due(10, now=now)
    later = now + LEASE + timedelta(seconds=1)
    held, _ = claim_due(10, now=later)

    assert assess_leads(ids, lease=lost, now=now) == []
    assert not Assessment.objects.exists()
    assess_leads(ids, lease=held, now=later)
    assert assessment_of(ada).as_of == later


def test_a_worker_that_lost_its_lease_while_it_computed_stores_nothing(live, ada, now, monkeypatch):
    from leadline.web.assessments import assess

    real = assess._compute

    def compute_slowly(version, leads, moment):
        found = real(version, leads, moment)
        claim_due(10, now=now + LEASE + timedelta(seconds=1))
        return found

    ada.does("demo_requested")
    lease, ids = claim_due(10, now=now)
    monkeypatch.setattr(assess, "_compute", compute_slowly)

    assert assess_leads(ids, lease=lease, now=now) == []

    assert not Assessment.objects.exists()
    assert Lead.objects.get(pk=ada.lead.pk).due_at == now


def test_rows_of_a_lead_that_was_merged_go(live, ada, bela, now):
    bela.does("demo_requested")
    jobs.assess_due(now=now)
    Lead.objects.filter(pk=bela.lead.pk).update(merged_into=ada.lead)
    bela.lead.events.update(lead=ada.lead)
    make_due([ada.lead.pk], now=now)

    told = []
    jobs.assess_due(now=now, tell=told.extend)

    assert {one.lead_id for one in Assessment.objects.all()} == {ada.lead.pk}
    assert {(one.kind, one.lead_id) for one in told} >= {("withdrawn", bela.lead.pk), ("entered", ada.lead.pk)}


def test_a_lead_that_cannot_be_assessed_keeps_nobody_waiting(live, ada, bela, now, monkeypatch, caplog):
    from leadline.web.assessments import assess

    real = assess.read_logs_of

    def read(compiled, ids):
        if ada.lead.pk in list(ids):
            raise ValueError("unreadable")
        return real(compiled, ids)

    monkeypatch.setattr(assess, "read_logs_of", read)
    jobs.assess_due(now=now)

    assert {one.lead_id for one in Assessment.objects.all()} == {bela.lead.pk}
    assert f"Lead {ada.lead.pk} cannot be assessed" in caplog.text
    assert claim_due(10, now=now)[1] == []


def test_a_workspace_without_a_playbook_has_nobody_waiting(ada, now):
    assert jobs.assess_due(now=now) == 1

    assert jobs.assess_due(now=now) == 0
    assert not Assessment.objects.exists()


def test_an_event_from_a_clock_that_is_ahead_counts_at_once(live, ada, now, monkeypatch):
    monkeypatch.setattr("leadline.web.assessments.assess.timezone.now", lambda: now)
    ada.does("demo_requested", ago=timedelta(seconds=-20))

    jobs.assess_due()

    assert assessment_of(ada).qualifications == ["mql"]
    assert assessment_of(ada).as_of == now + timedelta(seconds=20)
