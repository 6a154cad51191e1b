"""What waits is done in parts, by as many workers as there are, and comes to the same."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from tests.web.assessments.conftest import PLAYBOOK, Person, settle

from leadline.web.assessments import jobs
from leadline.web.assessments.models import Assessment, Spell, StageMove
from leadline.web.leads.due import make_due
from leadline.web.leads.models import Lead
from leadline.web.playbooks.actions import publish
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import Progress, find_live, progress_of, versions_to_assess

DAY = timedelta(days=1)
HOTTER = PLAYBOOK.replace('enter = "heat >= 40"', 'enter = "heat >= 70"').replace(
    'stay = "heat >= 30"', 'stay = "heat >= 60"'
)


# -- publishing -----------------------------------------------------------------------------------------------------


def test_the_first_version_goes_live_when_everybody_was_assessed(northwind, ada, bela, now):
    ada.does("demo_requested")
    version = publish(northwind, toml=PLAYBOOK, by=None, now=now)

    assert find_live(northwind) is None
    settle(now)

    assert find_live(northwind) == version
    assert find_live(northwind).live_at == now
    assert {one.lead_id for one in Assessment.objects.filter(version=version)} == {ada.lead.pk, bela.lead.pk}


def test_pages_show_the_live_version_until_everybody_was_assessed_by_the_new_one(live, northwind, ada, bela, now):
    ada.does("demo_requested")
    settle(now)
    version = publish(northwind, toml=HOTTER, by=None, now=now)
    assert jobs.prepare_versions(now=now) == 2
    jobs.assess_due(now=now, most=1)

    assert find_live(northwind) == live
    assert progress_of(refreshed(version)) == Progress(1, 2)
    assert {one.qualification for one in Spell.objects.filter(version=live)} == {"mql"}

    settle(now)

    assert find_live(northwind) == version
    assert not Spell.objects.filter(version=version).exists()


def refreshed(version):
    version.refresh_from_db()
    return version


def test_who_is_touched_while_a_version_is_prepared_is_assessed_by_both(live, northwind, ada, bela, now):
    version = publish(northwind, toml=HOTTER, by=None, now=now)
    settle_only_due(now)
    ada.does("page_viewed")
    settle_only_due(now)

    assert versions_to_assess(northwind) == [live, version]
    assert {one.version_id for one in Assessment.objects.filter(lead=ada.lead)} == {live.pk, version.pk}
    assert {one.scores["heat"] for one in Assessment.objects.filter(lead=ada.lead)} == {200_000}


def settle_only_due(now):
    while jobs.assess_due(now=now):
        pass


def test_preparing_goes_on_where_it_was_stopped(live, northwind, website, now, monkeypatch):
    people = [Person(northwind, website, f"Person {number}", now) for number in range(5)]
    settle(now)
    monkeypatch.setattr(jobs, "MOST_WAITING", 2)
    version = publish(northwind, toml=HOTTER, by=None, now=now)

    jobs.prepare_versions(now=now)
    version.refresh_from_db()
    assert version.prepared_up_to == people[1].lead.pk
    assert jobs.prepare_versions(now=now) == 0, "no more than two wait at a time"
    jobs.assess_due(now=now)
    jobs.prepare_versions(now=now)
    version.refresh_from_db()
    assert version.prepared_up_to == people[3].lead.pk

    settle(now)
    assert find_live(northwind) == version


def test_a_newer_version_takes_the_place_of_one_in_preparation(live, northwind, ada, now):
    first = publish(northwind, toml=HOTTER, by=None, now=now)
    jobs.prepare_versions(now=now)
    jobs.assess_due(now=now)
    second = publish(northwind, toml=HOTTER.replace("70", "80"), by=None, now=now)
    settle(now)

    first.refresh_from_db()
    assert first.state == Version.State.CANCELLED
    assert find_live(northwind) == second
    assert {one.version_id for one in Assessment.objects.all()} == {second.pk}


def test_rows_of_a_version_that_retired_are_removed_in_parts(live, northwind, ada, bela, now, monkeypatch):
    ada.does("demo_requested")
    settle(now)
    monkeypatch.setattr(jobs, "ROWS_AT_ONCE", 1)
    publish(northwind, toml=HOTTER, by=None, now=now)
    settle(now)

    assert not any(model.objects.filter(version=live).exists() for model in (Assessment, Spell, StageMove))
    live.refresh_from_db()
    assert live.state == Version.State.RETIRED


def test_a_spell_that_the_new_version_finds_too_was_noticed_when_the_old_one_did(live, northwind, ada, now):
    ada.does("demo_requested")
    settle(now)
    version = publish(northwind, toml=PLAYBOOK.replace("points = 30", "points = 31"), by=None, now=now + DAY)
    settle(now + DAY)

    assert find_live(northwind) == version
    assert Spell.objects.get().noticed_at == now


def test_who_was_assessed_by_a_version_that_counts_no_more_stays_due(live, northwind, ada, now, monkeypatch):
    from leadline.web.assessments import assess

    real = assess._compute

    def compute(version, leads, moment):
        found = real(version, leads, moment)
        if not Version.objects.filter(workspace=northwind, number=2).exists():
            publish(northwind, toml=HOTTER, by=None, now=now)
        return found

    monkeypatch.setattr(assess, "_compute", compute)
    jobs.assess_due(now=now)

    assert Lead.objects.get(pk=ada.lead.pk).due_at == now


# -- midnight --------------------------------------------------------------------------------------------------------


def test_at_local_midnight_those_wait_whose_day_has_come(live, ada, bela, now):
    ada.does("page_viewed")
    settle(now)
    midnight = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)  # in Berlin the 3rd begins
    assert jobs.begin_days(now=midnight - timedelta(seconds=1)) == 0

    assert jobs.begin_days(now=midnight) == 1

    assert list(Lead.objects.exclude(due_at=None)) == [ada.lead]
    settle(midnight)
    assert Assessment.objects.get(lead=ada.lead).as_of == midnight
    assert Assessment.objects.get(lead=ada.lead).scores["heat"] < 200_000
    assert jobs.begin_days(now=midnight) == 0


def test_a_worker_that_starts_late_catches_up(live, ada, now):
    ada.does("demo_requested")
    settle(now)

    settle(now + 100 * DAY)

    assert Spell.objects.get().ended_by == "cooled"
    assert Spell.objects.get().ended_at < now + 20 * DAY
    assert Assessment.objects.get(lead=ada.lead).next_change_day is None


def test_a_spell_that_a_quiet_time_holds_back_begins_on_the_day_on_which_that_ends(northwind, ada, now):
    steady = PLAYBOOK.replace('decay = { half_life = "14d" }\nwithin = "90d"', "")
    publish(northwind, toml=steady, by=None, now=now)
    ada.does("demo_requested", ago=2 * DAY)
    ada.is_reported("rejected", ago=DAY)
    ada.does("demo_requested")
    settle(now)
    assert Spell.objects.filter(ended_at=None).count() == 0
    foretold = Assessment.objects.get(lead=ada.lead)
    assert foretold.next_change_day == foretold.turns_day is not None

    settle(now + 20 * DAY)

    assert Spell.objects.filter(ended_at=None).count() == 1


def test_midnight_comes_right_when_clocks_go_forward(northwind, website):
    before = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)  # on the 29th clocks go forward: the 30th begins at 22:00 UTC
    publish(northwind, toml=PLAYBOOK, by=None, now=before)
    ada = Person(northwind, website, "Ada", before)
    ada.does("page_viewed")
    settle(before)

    settle(datetime(2026, 3, 28, 23, 0, tzinfo=UTC))
    assert jobs.begin_days(now=datetime(2026, 3, 29, 21, 59, tzinfo=UTC)) == 0
    assert jobs.begin_days(now=datetime(2026, 3, 29, 22, 0, tzinfo=UTC)) == 1


def test_those_come_first_whose_qualification_changes(live, ada, bela, now, monkeypatch):
    ada.does("page_viewed")
    bela.does("demo_requested")
    settle(now)
    day = Assessment.objects.get(lead=bela.lead).turns_day
    Assessment.objects.filter(lead=ada.lead).update(next_change_day=day - 3)
    Assessment.objects.filter(lead=bela.lead).update(next_change_day=day)
    monkeypatch.setattr(jobs, "MOST_WAITING", 1)

    jobs.begin_days(now=datetime(1970, 1, 1, tzinfo=UTC) + day * DAY)

    assert list(Lead.objects.exclude(due_at=None)) == [bela.lead]


# -- several workers ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_a_writer_on_the_same_leads_end_with_what_one_would_have_found(northwind, website, now):
    publish(northwind, toml=PLAYBOOK, by=None, now=now)
    settle(now)
    people = [Person(northwind, website, f"Person {number}", now) for number in range(12)]
    failures = []

    def run(what):
        try:
            what()
        except Exception as error:  # noqa: BLE001 - told after the threads have ended
            failures.append(error)
        finally:
            connection.close()

    def work():
        for _ in range(25):
            jobs.assess_due(now=now, most=5)

    def write():
        for number in range(8):
            for person in people[number % 3 :: 2]:
                person.does("page_viewed", ago=timedelta(hours=number))

    threads = [threading.Thread(target=run, args=(what,)) for what in (work, work, write)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settle(now)

    assert failures == []
    stored = all_rows()
    for _, model, _, _ in TABLES:
        model.objects.all().delete()
    with transaction.atomic():
        make_due([person.lead.pk for person in people], now=now)
    settle(now)
    assert stored == all_rows()
    assert stored["spells"]


def all_rows():
    return {name: list(model.objects.order_by("lead", *by).values(*columns)) for name, model, by, columns in TABLES}


TABLES = (
    ("assessments", Assessment, (), ("lead", "scores", "grade", "qualifications", "stage", "next_change_day")),
    ("spells", Spell, ("began_at",), ("lead", "qualification", "began_at", "ended_at", "evidence")),
    ("moves", StageMove, ("at",), ("lead", "at", "before", "after", "because")),
)
