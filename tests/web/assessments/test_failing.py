"""A lead that cannot be assessed is noted and told, tried again less and less often, and holds nobody else up."""

from datetime import timedelta

import pytest
from tests.web.assessments.conftest import PLAYBOOK, Person, settle

from leadline.web.assessments import assess, jobs
from leadline.web.assessments.models import Assessment, FailingLead
from leadline.web.leads.models import Lead
from leadline.web.operations.health import State, check_health
from leadline.web.playbooks.actions import publish
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import find_live

HOTTER = PLAYBOOK.replace('enter = "heat >= 40"', 'enter = "heat >= 70"')
HOUR = timedelta(hours=1)


@pytest.fixture
def fails(monkeypatch):
    """Let some leads fail, by every version or by one of a number, until they are let go again."""
    failing = {}
    real = assess._compute

    def compute(version, leads, moment):
        for lead in leads:
            if lead in failing and failing[lead] in (None, version.number):
                raise ZeroDivisionError(f"deliberate, for {lead}")
        return real(version, leads, moment)

    monkeypatch.setattr(assess, "_compute", compute)
    return failing


def settle_for(now, hours):
    """Work on for so many hours, a round each five minutes."""
    for step in range(hours * 12 + 1):
        settle(now + step * timedelta(minutes=5))


def assessing(now):
    return next(one for one in check_health(now=now) if one.check == "assessing")


def test_a_failing_lead_is_noted_and_told_and_the_others_are_assessed(live, ada, bela, fails, now):
    fails[ada.lead.pk] = None
    settle(now)

    row = FailingLead.objects.get()
    assert (row.lead_id, row.version, row.since, row.attempts) == (ada.lead.pk, live, now, 1)
    assert row.error == f"ZeroDivisionError: deliberate, for {ada.lead.pk}"
    assert {one.lead_id for one in Assessment.objects.all()} == {bela.lead.pk}
    found = assessing(now)
    assert found.state is State.WARN
    assert f"lead {ada.lead.pk}, by {live}" in found.example
    assert "deliberate" in found.example
    assert "deliberate" not in found.says
    assert found.mend


def test_it_is_tried_again_less_and_less_often_and_once_an_hour_in_the_end(live, ada, fails, now):
    fails[ada.lead.pk] = None
    settle_for(now, 4)

    row = FailingLead.objects.get()
    assert row.attempts < 15
    assert row.since == now
    assert now + 3 * HOUR <= row.tried_at < Lead.objects.get(pk=ada.lead.pk).leased_until <= row.tried_at + HOUR


def test_when_it_can_be_assessed_again_nothing_is_left_of_it(live, ada, fails, now):
    fails[ada.lead.pk] = None
    settle(now)
    fails.clear()
    settle(now + HOUR)

    assert not FailingLead.objects.exists()
    assert Assessment.objects.filter(lead=ada.lead, version=live).exists()
    assert Lead.objects.get(pk=ada.lead.pk).due_at is None
    assert assessing(now).state is State.OK


def test_who_fails_by_the_new_version_is_still_assessed_by_the_live_one(live, northwind, ada, bela, fails, now):
    version = publish(northwind, toml=HOTTER, by=None, now=now)
    fails[ada.lead.pk] = version.number
    settle(now)
    ada.does("page_viewed")
    settle(now + timedelta(minutes=2))

    assert Assessment.objects.get(lead=ada.lead).scores["heat"] > 0
    assert Assessment.objects.get(lead=ada.lead).version == live
    assert FailingLead.objects.get().version == version


def test_a_version_goes_live_without_a_single_lead_that_fails(live, northwind, ada, bela, fails, now):
    version = publish(northwind, toml=HOTTER, by=None, now=now)
    fails[ada.lead.pk] = version.number
    settle(now)
    assert find_live(northwind) == live, "one failure is not enough: it may pass"

    settle_for(now, 1)

    assert find_live(northwind) == version
    assert assessing(now).state is State.WARN


def test_a_version_by_which_many_fail_is_marked_as_failed_and_the_live_one_stays(live, northwind, website, fails, now):
    people = [Person(northwind, website, f"Person {number}", now) for number in range(12)]
    settle(now)
    version = publish(northwind, toml=HOTTER, by=None, now=now)
    fails.update(dict.fromkeys((one.lead.pk for one in people[:3]), version.number))
    settle_for(now, 1)

    version.refresh_from_db()
    assert version.state == Version.State.FAILED
    assert "3 of 12 leads cannot be assessed" in version.problem
    assert f"Lead {people[0].lead.pk}, for one: ZeroDivisionError" in version.problem
    assert find_live(northwind) == live
    settle(now + 3 * HOUR)
    assert not FailingLead.objects.exists()
    assert not Lead.objects.exclude(due_at=None).exists()


def test_many_that_fail_do_not_keep_a_version_from_being_prepared(live, northwind, website, fails, now, monkeypatch):
    people = [Person(northwind, website, f"Person {number}", now) for number in range(6)]
    monkeypatch.setattr(jobs, "MOST_WAITING", 1)
    fails.update(dict.fromkeys((one.lead.pk for one in people[:2]), 1))
    settle(now)
    version = publish(northwind, toml=HOTTER, by=None, now=now)
    settle_for(now, 1)

    assert find_live(northwind) == version
    assert Assessment.objects.filter(version=version).count() == 6


def test_pages_say_which_lead_fails(live, ada, fails, as_maria, now):
    fails[ada.lead.pk] = None
    settle(now)

    for page in ("/playbook/", f"/playbook/versions/{live.number}/"):
        text = as_maria.get(page).content.decode()
        assert f'href="/leads/{ada.lead.pk}/"' in text
        assert "ZeroDivisionError: deliberate" in text
