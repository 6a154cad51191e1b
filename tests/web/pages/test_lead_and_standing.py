"""Where conditions alone do not tell why a lead is in a qualification or out of it, its page says what does."""

import re
from datetime import UTC, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.web.pages.rows import happened
from tests.web.pages.world import assess_everybody, make_live, touch

from leadline.engine.calendar import day_number
from leadline.engine.explanation.model import Part, QualificationExplanation
from leadline.engine.playbook.load import read_playbook
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.leads.models import Fact, Lead, Outcome
from leadline.web.pages.lead_page.standing import standings_of
from leadline.web.shell.templatetags.shell import day

pytestmark = pytest.mark.django_db
PLAYBOOK = """
[playbook]
name = "small"
timezone = "UTC"

[scores.fit]
title = "Fit"
min = 0

[[criteria]]
id = "size"
score = "fit"
why = "Of a size we serve"
when = "employees >= 50"
points = 30

[[qualifications]]
id = "mql"
title = "Marketing qualified"
enter = "fit >= 30"
hand_raise = ["demo_requested"]
hand_raise_stay = "14d"

[outcomes.disqualified]
ends = true
[[outcomes.disqualified.reasons]]
id = "no-budget"

[outcomes.rejected]
ends = true
quiet = "30d"
[[outcomes.rejected.reasons]]
id = "no-interest"
returns = "hand_raise"
[[outcomes.rejected.reasons]]
id = "left"
returns = "never"
"""


@pytest.fixture
def small(northwind):
    return make_live(northwind, PLAYBOOK)


def make_known(northwind, name, employees):
    moment = timezone.now() - timedelta(days=20)
    lead = Lead.objects.create(workspace=northwind, name=name, is_known=True, first_seen_at=moment)
    Fact.objects.create(
        workspace=northwind, lead=lead, first_lead=lead, field="employees", value=employees, known_at=moment,
        recorded_at=moment, source="form",
    )  # fmt: skip
    return lead


def report(lead, outcome, *, ago, reason=""):
    at = timezone.now() - ago
    Outcome.objects.create(
        workspace=lead.workspace, lead=lead, first_lead=lead, outcome=outcome, at=at, recorded_at=at, reason=reason,
        outcome_id=f"{lead.pk} {outcome}", source="crm",
    )  # fmt: skip


def page_of(client, lead):
    touch(lead)
    assess_everybody()
    page = client.get(reverse("lead", args=[lead.pk])).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_who_is_in_only_because_they_asked_by_hand_is_said_to_be(as_maria, northwind, small):
    lead = make_known(northwind, "Ada", 3)
    happened(lead, "demo_requested", ago=timedelta(days=1))

    page = page_of(as_maria, lead)

    assert Assessment.objects.get(lead=lead).qualifications == ["mql"]
    assert page.count("They asked by hand (demo requested,") == 2
    assert "Marketing qualified holds by hand" in page
    assert "does not hold" not in page


def test_who_was_given_back_and_has_all_that_it_takes_is_said_to_be_kept_out(as_maria, northwind, small):
    lead = make_known(northwind, "Ben", 300)
    report(lead, "disqualified", ago=timedelta(days=4), reason="no-budget")

    page = page_of(as_maria, lead)

    spell = Spell.objects.get(lead=lead)
    assert (spell.ended_by, Assessment.objects.get(lead=lead).qualifications) == ("outcome", [])
    assert "Mql" not in page  # a stage without a title is called like its qualification
    assert f"is kept out Disqualified: no budget, on {day(day_number(spell.ended_at.date()))}." in page
    assert "It begins again only when the lead is reported as reinstated. Report what happened" in page
    assert "Marketing qualified kept out" in page
    assert "holds now" not in page


@pytest.mark.parametrize("employees", [300, 3], ids=["with all it takes", "without"])
@pytest.mark.parametrize(
    ("reason", "says", "missing"),
    [
        ("", "It may begin again on {day}, or before that when they ask by hand.", "From {day} on:"),
        ("no-interest", "It begins again only when they ask by hand.", "only asking by hand lets them in (demo requested)."),
        ("left", "It begins again only when the lead is reported as reinstated.", "they have to be reported as reinstated first."),
    ],
)  # fmt: skip
def test_what_lets_it_begin_again_is_said_by_the_reason(as_maria, northwind, small, employees, reason, says, missing):
    lead = make_known(northwind, "Eva", employees)
    report(lead, "rejected", ago=timedelta(days=4), reason=reason)

    page = page_of(as_maria, lead)

    back = day(day_number(timezone.now().astimezone(UTC).date()) + 26)
    assert says.format(day=back) in page
    assert (missing.format(day=back) in page) == (employees == 3)
    assert ("Who asks by hand is in at once" in page) == (employees == 3 and not reason)


def test_a_quiet_time_that_is_over_is_not_spoken_of(as_maria, northwind, small):
    lead = make_known(northwind, "Fay", 3)
    report(lead, "rejected", ago=timedelta(days=31))

    assert "kept out" not in page_of(as_maria, lead)


def test_what_was_reported_before_any_spell_is_said_to_keep_it_out(as_maria, northwind, small):
    lead = make_known(northwind, "Cleo", 300)
    report(lead, "disqualified", ago=timedelta(days=21))

    page = page_of(as_maria, lead)

    assert not Spell.objects.filter(lead=lead).exists()
    assert "is kept out Disqualified, on" in page


def test_what_ended_and_was_not_given_back_begins_with_the_next_thing_that_happens(as_maria, northwind, small):
    lead = make_known(northwind, "Gus", 300)
    report(lead, "won", ago=timedelta(days=2))

    page = page_of(as_maria, lead)

    assert "is kept from beginning Its conditions hold, but it ended on" in page
    assert "It begins again with the next thing that happens." in page


@pytest.mark.parametrize(("employees", "says"), [(300, "holds now"), (3, "does not hold")])
def test_where_the_conditions_tell_all_nothing_is_added(as_maria, northwind, small, employees, says):
    page = page_of(as_maria, make_known(northwind, "Dora", employees))

    assert f"Marketing qualified {says}" in page
    for more in ("They asked by hand", "kept out", "kept from beginning"):
        assert more not in page


@pytest.mark.parametrize(
    ("since", "holds", "stays", "why"),
    [
        (1, True, True, ""),
        (1, False, True, "stays"),
        (1, False, False, "asked"),
        (None, False, True, ""),
        (None, True, True, "waits"),
    ],
)
def test_each_way_to_stand_has_its_why(since, holds, stays, why):
    playbook, _ = read_playbook(PLAYBOOK)
    enter = Part(text="the score fit is at least 30", truth="true" if holds else "false")
    level = QualificationExplanation(id="mql", title="MQL", holds=holds, stays=stays, enter=enter, since=since)

    (found,) = standings_of(playbook, [level], [], {})

    assert (found.why, found.is_open) == (why, since is not None)


def test_an_excluded_lead_has_no_why_of_its_own_for_each_qualification():
    playbook, _ = read_playbook(PLAYBOOK)

    (found,) = standings_of(playbook, [QualificationExplanation(id="mql", title="MQL", holds=True, stays=True)], [], {})

    assert found.why == ""
