"""Bad data that a person puts right: the lead is reinstated in the log, and qualifies again by it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.web.pages.rows import happened, make_lead
from tests.web.pages.world import assess_everybody, make_live, touch

from leadline.engine.calendar import instant_of
from leadline.engine.lifecycle.history import history
from leadline.web.assessments.logs import read_logs_of
from leadline.web.assessments.models import Spell
from leadline.web.leads.models import Fact, Lead, Outcome
from leadline.web.playbooks.queries import find_live, get_plan

pytestmark = pytest.mark.django_db
PLAYBOOK = """
[playbook]
name = "mending"
timezone = "UTC"

[scores.fit]
title = "Fit"

[[criteria]]
id = "country"
score = "fit"
why = "In a country where we have people"
when = "country = 'DE'"
points = 30

[[qualifications]]
id = "mql"
enter = "fit >= 30"

[outcomes.bad_data]
[[outcomes.bad_data.reasons]]
id = "phone"
title = "The phone number is wrong"
fix = ["phone"]
[[outcomes.bad_data.reasons]]
id = "spam"
"""


@pytest.fixture
def live(northwind):
    return make_live(northwind, PLAYBOOK)


def say(lead, field, value, *, ago):
    at = timezone.now() - ago
    Fact.objects.create(
        workspace=lead.workspace, lead=lead, first_lead=lead, field=field, value=value, known_at=at, recorded_at=at,
        source="crm",
    )  # fmt: skip


def report(lead, outcome, reason="", *, ago):
    at = timezone.now() - ago
    Outcome.objects.create(
        workspace=lead.workspace, lead=lead, first_lead=lead, outcome=outcome, reason=reason, at=at, recorded_at=at,
        outcome_id=f"{lead.pk} {outcome} {at}", source="crm",
    )  # fmt: skip


@pytest.fixture
def ben(northwind, live):
    """Qualified, and sent back since nobody answers at his number."""
    lead = make_lead(northwind, "Ben")
    Lead.objects.filter(pk=lead.pk).update(first_seen_at=timezone.now() - timedelta(days=20))
    say(lead, "country", "DE", ago=timedelta(days=20))
    say(lead, "phone", "+49 30 0", ago=timedelta(days=20))
    report(lead, "bad_data", "phone", ago=timedelta(days=5))
    happened(lead, "page_viewed", ago=timedelta(days=4))
    assess(lead)
    return lead


def assess(lead):
    touch(lead)
    assess_everybody()


def note(client, lead, field, value):
    answer = client.post(reverse("add-fact", args=[lead.pk]), {"field": field, "value": value}, follow=True)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def is_qualified(lead):
    return Spell.objects.filter(lead=lead, ended_at=None).exists()


def test_who_notes_the_right_value_reinstates_the_lead(as_omar, ben):
    assert not is_qualified(ben)
    page = as_omar.get(reverse("lead", args=[ben.pk])).content.decode()
    assert "Something has to be put right:" in page

    page = note(as_omar, ben, "phone", "+49 30 1234567")

    assert "phone was noted. That puts it right: the lead is reinstated." in page
    assert "Something has to be put right:" not in page
    said = Outcome.objects.get(outcome="reinstated")
    assert (said.lead, said.source, said.by) == (ben, "leadline", "omar@northwind.example")
    happened(ben, "page_viewed", ago=-timedelta(seconds=1))
    touch(ben)
    assess_everybody(timezone.now() + timedelta(seconds=5))
    assert is_qualified(ben)


def test_a_replay_of_the_log_shows_the_same(as_omar, ben):
    note(as_omar, ben, "phone", "+49 30 1234567")
    happened(ben, "page_viewed", ago=-timedelta(seconds=1))
    touch(ben)
    later = timezone.now() + timedelta(seconds=5)
    assess_everybody(later)

    compiled = get_plan(find_live(ben.workspace_id))
    (log,) = read_logs_of(compiled, [ben.pk])
    spells = history(compiled.bound, log, compiled.zone.moment(instant_of(later))).spells
    stored = Spell.objects.filter(lead=ben).order_by("began_at")
    assert [(one.began_us, one.ended_us) for one in spells] == [
        (instant_of(one.began_at), None if one.ended_at is None else instant_of(one.ended_at)) for one in stored
    ]
    assert len(spells) == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [("phone", "+49 30 0"), ("phone", " +49 30 0 "), ("phone", ""), ("title", "Chief"), ("country", "FR")],
)
def test_the_wrong_value_again_none_or_another_field_mends_nothing(as_omar, ben, field, value):
    assert "That puts it right" not in note(as_omar, ben, field, value)

    assert not Outcome.objects.filter(outcome="reinstated").exists()


def test_what_has_nothing_to_put_right_is_not_mended_by_a_fact(as_omar, ben):
    report(ben, "bad_data", "spam", ago=timedelta(days=1))

    assert "has to be put right" not in note(as_omar, ben, "phone", "+49 30 1234567")
    assert not Outcome.objects.filter(outcome="reinstated").exists()


def test_it_is_put_right_once(as_omar, ben):
    note(as_omar, ben, "phone", "+49 30 1234567")
    note(as_omar, ben, "phone", "+49 30 7654321")

    assert Outcome.objects.filter(outcome="reinstated").count() == 1
