"""The page of a lead says what helps: what comes next, numbers as everywhere, and nothing where nothing happened."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime
from tests.web.pages.rows import happened
from tests.web.pages.world import assess_everybody, make_live, touch

from leadline.web.assessments.models import Assessment, Spell
from leadline.web.leads.models import Fact, Lead, Outcome

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
PLAYBOOK = """
[playbook]
name = "ladder"
timezone = "UTC"

[scores.engagement]
title = "Engagement"

[[criteria]]
id = "prices"
score = "engagement"
why = "Looked at prices"
event = "page_viewed"
points = 33.3333

[questions.budget]
ask = "Is there money for this?"

[[qualifications]]
id = "mql"
title = "Marketing qualified"
enter = "engagement >= 40"

[[qualifications]]
id = "sql"
title = "Sales qualified"
enter = "decision = 'accepted' and answered_yes >= 1"

[[stages]]
id = "lead"
[[stages]]
id = "mql"
while = "mql"
[[stages]]
id = "sql"
while = "sql"
[[stages]]
id = "opportunity"
since = "opportunity"
until = ["won"]
"""


@pytest.fixture
def ladder(northwind):
    version = make_live(northwind, PLAYBOOK)
    version.live_at = timezone.now() - timedelta(days=300)
    version.save()
    return version


@pytest.fixture
def vera(northwind, ladder):
    lead = Lead.objects.create(
        workspace=northwind, name="Vera Voss", is_known=True, first_seen_at=timezone.now() - timedelta(days=90)
    )
    happened(lead, "page_viewed", ago=timedelta(days=30))
    return lead


def report(lead, outcome, *, days):
    at = timezone.now() - timedelta(days=days)
    Outcome.objects.create(
        workspace=lead.workspace, lead=lead, first_lead=lead, outcome=outcome, at=at, recorded_at=at,
        outcome_id=f"{lead.pk} {outcome}", source="crm",
    )  # fmt: skip


def know(lead, field, value, *, days):
    at = timezone.now() - timedelta(days=days)
    Fact.objects.create(
        workspace=lead.workspace, lead=lead, first_lead=lead, field=field, value=value, known_at=at, recorded_at=at,
        source="person",
    )  # fmt: skip


def text_of(client, lead):
    touch(lead)
    assess_everybody()
    html = client.get(reverse("lead", args=[lead.pk])).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_what_is_missing_is_what_comes_next_and_nothing_once_it_is_past(as_maria, vera):
    assert "Missing for “Marketing qualified”" in text_of(as_maria, vera)

    report(vera, "accepted", days=20)
    know(vera, "questions.budget", "yes", days=19)
    page = text_of(as_maria, vera)
    assert Assessment.objects.get(lead=vera).qualifications == ["sql"]
    assert "Missing for" not in page  # it is in the last one, though marketing's does not hold


def test_who_is_in_a_deal_is_not_asked_for_what_leads_there(as_maria, vera):
    report(vera, "opportunity", days=5)

    page = text_of(as_maria, vera)

    assert Assessment.objects.get(lead=vera).stage == "opportunity"
    assert "Missing for" not in page


def test_scores_in_conditions_have_a_tenth_as_everywhere_on_the_page(as_maria, vera):
    page = text_of(as_maria, vera)

    assert "(it is 33.3)" in page and "it is 33.3333" not in page


def test_a_score_that_did_not_move_is_no_change(as_maria, vera):
    assert "What changed in seven days" not in text_of(as_maria, vera)

    happened(vera, "page_viewed", ago=timedelta(days=2))
    assert "What changed in seven days" in text_of(as_maria, vera)


def test_that_a_spell_became_known_late_is_said_where_it_came_late_and_not_of_a_file(as_maria, vera):
    happened(vera, "page_viewed", ago=timedelta(days=10))
    assert Spell.objects.count() == 0
    page = text_of(as_maria, vera)
    assert f"(it became known {localtime(timezone=BERLIN):%-d %B})" in page

    Lead.objects.filter(pk=vera.pk).update(origin="import:1")
    assert "became known" not in text_of(as_maria, vera)


def test_a_week_tells_what_began_and_ended_and_not_what_conditions_came_to(as_maria, vera):
    for hours in (100, 99):
        happened(vera, "page_viewed", ago=timedelta(hours=hours))
    report(vera, "rejected", days=2)

    page = text_of(as_maria, vera)

    spell = Spell.objects.get(lead=vera)
    began, ended = (f"{localtime(at, BERLIN):%-d %B}" for at in (spell.began_at, spell.ended_at))
    assert f"Marketing qualified began on {began} Marketing qualified ended on {ended} : rejected" in page
    assert "Marketing qualified: " not in page and "but would stay" not in page

    Spell.objects.update(began_at=timezone.now() - timedelta(days=9))
    assert "Marketing qualified began on" not in as_maria.get(reverse("lead", args=[vera.pk])).content.decode()
