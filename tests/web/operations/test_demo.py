"""The demo: an invented company in an empty installation, and nowhere else."""

import pytest
from django.db import transaction

from leadline.web import flow
from leadline.web.accounts.models import Membership, User, Workspace
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.capture.models import BotChange, BotRule, Form, ImportRun, RefusedEvent, RefusedRow
from leadline.web.leads.due import make_due
from leadline.web.leads.models import Company, Event, Lead, Merge, Suggestion
from leadline.web.operations.demo import NotEmptyError, assess_demo, count_due, fill_demo
from leadline.web.playbooks.models import Version

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled(now):
    found = fill_demo(leads=60, now=now)
    assess_demo()
    return found


def test_the_demo_has_people_of_every_role_who_can_sign_in(filled, client):
    assert {role for _, role in filled.people} == set(Membership.Role.values)
    for email, _ in filled.people:
        assert client.login(username=email, password=filled.password)


def test_everybody_is_assessed_by_the_live_playbook(filled):
    live = Version.objects.get(state=Version.State.LIVE)

    assert count_due() == 0
    people = Lead.objects.filter(merged_into=None)
    assert Assessment.objects.filter(version=live).count() == people.count() >= 60
    assert Spell.objects.filter(version=live).exists()
    assert Assessment.objects.filter(is_qualified=True).exists()


def test_what_follows_an_assessment_follows_in_the_demo_too(filled, monkeypatch):
    told = []
    monkeypatch.setattr(flow, "leads_assessed", told.extend)
    Spell.objects.all().delete()
    make_due(Lead.objects.values_list("pk", flat=True))

    assess_demo()

    assert "entered" in {change.kind for change in told}


def test_leads_have_names_companies_and_a_past_that_ends_now(filled, now):
    named = Lead.objects.exclude(name="").exclude(company=None)

    assert named.count() > 30
    assert Company.objects.exclude(name="").count() == Company.objects.count() == 12
    assert Lead.objects.filter(first_seen_at__gt=now).count() == 0
    assert len({lead.first_seen_at for lead in Lead.objects.all()}) > 30
    assert Event.objects.filter(occurred_at__gt=now).count() == 0
    assert Event.objects.count() == filled.counts["events"] > 500
    assert Event.objects.filter(is_bot=True, bot_rule="link-scanner").exists()


def test_every_page_has_something_to_show(filled):
    run = ImportRun.objects.get()
    noor = Lead.objects.get(name="Noor Vermeer")

    assert Form.objects.get().answer_count == 3
    assert [(one.name, one.source.name) for one in noor.events.all()] == [("contact_requested", "form")]
    assert (run.state, run.counts["run"]["refused"]) == ("done", 2)
    assert sorted(RefusedEvent.objects.filter(state="open").values_list("reason", flat=True)) == [
        "no-event-name",
        "nobody",
        "unreadable-date",
    ]
    assert Suggestion.objects.get(state="open").lead.name == "Lena Marchetti"
    assert Merge.objects.filter(undone_at=None).count() == 1
    assert BotRule.objects.get().marked == 6 and BotChange.objects.exists()


def test_two_demos_of_one_day_are_one(now):
    def look():
        return (
            filled.counts,
            list(Assessment.objects.order_by("lead__pk").values_list("lead__name", "grade", "first_score", "stage")),
            list(RefusedRow.objects.order_by("pk").values_list("row_number", "reason")),
        )

    looks = []
    for _ in range(2):
        with transaction.atomic():
            filled = fill_demo(leads=30, now=now)
            assess_demo()
            looks.append(look())
            transaction.set_rollback(True)

    assert looks[0] == looks[1] and len(looks[0][1]) > 30


def test_a_demo_is_never_mixed_with_what_is_real(northwind, now):
    with pytest.raises(NotEmptyError, match="holds something already"):
        fill_demo(leads=10, now=now)

    assert Workspace.objects.count() == 1
    assert not User.objects.exists()
    assert not Lead.objects.exists()
