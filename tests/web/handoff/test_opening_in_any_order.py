"""What waits follows from what is stored, in whatever order it came: as if all had been there from the beginning."""

from datetime import timedelta
from random import Random

import pytest
from django.db import transaction
from django.utils import timezone
from tests.web.pages.rows import make_lead, qualify

from leadline.web.assessments.models import Assessment, Spell
from leadline.web.handoff.actions import claim, release
from leadline.web.handoff.elsewhere import DECIDES
from leadline.web.handoff.models import HandOff
from leadline.web.handoff.opening import find_left_over, find_missing, reconcile, sweep
from leadline.web.leads.models import Lead, Outcome

NOW = timezone.now()
LEADS = 3
STEPS = 25


def days_ago(days):
    return NOW - timedelta(days=days)


def report(lead, outcome, at, *, qualification="", reason=""):
    """Write an outcome that a CRM reported."""
    number = Outcome.objects.count() + Random().randrange(10**12)
    return Outcome.objects.create(
        workspace=lead.workspace, lead=lead, first_lead=lead, outcome=outcome, at=at, recorded_at=NOW,
        outcome_id=f"crm-{number}", source="crm", qualification=qualification, reason=reason,
    )  # fmt: skip


def fit(version, *leads):
    with transaction.atomic():
        return reconcile(version, [one.pk for one in leads])


class World:
    """Some leads to whom things happen at random."""

    def __init__(self, version, rng):
        self.version, self.rng = version, rng
        self.leads = [make_lead(version.workspace, f"Lead {at}") for at in range(LEADS)]

    def some_lead(self):
        return Lead.objects.get(pk=self.rng.choice(self.leads).pk)

    def happen(self):
        """Let one thing happen."""
        acts = (self.begin, self.begin, self.move, self.end, self.open_again, self.forget, self.tell, self.untell)
        self.rng.choice((*acts, self.merge, self.hide, self.look, self.look, self.look))()

    def begin(self):
        lead = self.some_lead()
        if lead.merged_into_id is None and not Spell.objects.filter(lead=lead).exists():
            Assessment.objects.filter(lead=lead).delete()
            qualify(lead, self.version)
            self.move()

    def move(self):
        Spell.objects.filter(lead=self.some_lead()).update(began_at=days_ago(self.rng.randrange(1, 60)))

    def end(self):
        Spell.objects.filter(lead=self.some_lead()).update(ended_at=NOW, ended_by="stay")

    def open_again(self):
        Spell.objects.filter(lead=self.some_lead()).update(ended_at=None, ended_by="")

    def forget(self):
        Spell.objects.filter(lead=self.some_lead()).delete()

    def tell(self):
        outcome = self.rng.choice(("accepted", "won", "opportunity", "disqualified", "reinstated", "churned"))
        lead = self.some_lead()
        while lead.merged_into is not None:
            lead = lead.merged_into
        qualification = self.rng.choice(("", "", "mql", "sql"))
        report(lead, outcome, days_ago(self.rng.randrange(60)), qualification=qualification)

    def untell(self):
        Outcome.objects.filter(lead=self.some_lead()).delete()

    def merge(self):
        lead, into = self.some_lead(), self.some_lead()
        if lead.pk == into.pk or lead.merged_into_id or into.merged_into_id or self.rng.random() < 0.5:
            return
        Lead.objects.filter(pk=lead.pk).update(merged_into=into)
        if Spell.objects.filter(lead=into).exists():
            Spell.objects.filter(lead=lead).delete()
        Spell.objects.filter(lead=lead).update(lead=into)
        Outcome.objects.filter(lead=lead).update(lead=into)

    def hide(self):
        Lead.objects.filter(pk=self.some_lead().pk).update(is_known=self.rng.random() < 0.7)

    def look(self):
        if self.rng.random() < 0.5:
            sweep(self.version)
        else:
            fit(self.version, self.some_lead())


def waiting():
    rows = HandOff.objects.filter(state__in=HandOff.OPEN)
    return set(rows.values_list("lead", "qualification", "began_at"))


def wanted():
    """Return what has to wait, by the rule in a sentence: an open spell of somebody known that nothing decided since it began."""
    found = set()
    for spell in Spell.objects.filter(ended_at=None, lead__is_known=True, lead__merged_into=None):
        told = Outcome.objects.filter(lead=spell.lead_id, outcome__in=DECIDES)
        if not any(one.at >= spell.began_at and one.qualification in ("", spell.qualification) for one in told):
            found.add((spell.lead_id, spell.qualification, spell.began_at))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_what_waits_is_what_would_be_opened_from_nothing(live, seed):
    world = World(live, Random(seed))
    for _ in range(STEPS):
        world.happen()
    everybody = Lead.objects.all()
    fit(live, *everybody)

    assert waiting() == wanted()
    assert fit(live, *everybody) == [], "the second time there is nothing to do"
    assert not find_missing(live).exists() and not find_left_over(live).exists()
    with transaction.atomic():
        HandOff.objects.all().delete()
        fit(live, *everybody)
        assert waiting() == wanted(), "and so it is from nothing"


@pytest.mark.parametrize("seed", range(4))
def test_the_sweep_alone_comes_to_the_same(live, seed):
    world = World(live, Random(100 + seed))
    for _ in range(STEPS):
        world.happen()
    for _ in range(5):
        sweep(live)

    assert sweep(live) == 0
    assert {one[:2] for one in waiting()} == {one[:2] for one in wanted()}


# -- single rules ------------------------------------------------------------------------------------------------------


@pytest.fixture
def maya(northwind, live):
    lead = make_lead(northwind, "Maya Mensah")
    qualify(lead, live)
    fit(live, lead)
    return lead


def test_one_that_cooled_stays_closed_when_it_was_decided_elsewhere_since(live, maya):
    Spell.objects.update(ended_at=NOW, ended_by="stay")
    fit(live, maya)
    report(maya, "accepted", NOW)
    Spell.objects.update(ended_at=None, ended_by="")

    assert fit(live, maya) == []
    assert HandOff.objects.get().state == "cooled"


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("accepted", "accepted"), ("won", "accepted"), ("lost", "accepted"), ("disqualified", "disqualified")],
)
def test_what_is_decided_elsewhere_is_decided_and_comes_back_when_that_is_taken_back(live, maya, outcome, state):
    told = report(maya, outcome, NOW, reason="timing")
    assert find_left_over(live).get().lead == maya
    assert [(one.kind, one.decision, one.by_id) for one in fit(live, maya)] == [("decided", state, None)]
    found = HandOff.objects.get()
    assert (found.state, found.reason, found.decided_by, found.owner) == (state, "timing", None, None)
    assert found.opened_at <= found.decided_at
    assert found.steps.last().said == {
        "decision": state, "reason": "timing", "outcome": outcome, "source": "crm", "told_by": "",
    }  # fmt: skip
    assert fit(live, maya) == []

    told.delete()
    assert [one.kind for one in fit(live, maya)] == ["reopened"]
    found.refresh_from_db()
    assert (found.state, found.reason, found.decided_at) == ("waiting", "", None)


def test_a_spell_that_a_rejection_from_elsewhere_ended_is_rejected_and_has_not_cooled(live, maya):
    report(maya, "rejected", NOW, reason="timing")
    Spell.objects.update(ended_at=NOW, ended_by="outcome")

    assert [(one.kind, one.decision) for one in fit(live, maya)] == [("decided", "rejected")]
    assert HandOff.objects.get().cooled_at is None


def test_who_works_on_it_is_decided_for_by_what_was_reported_since_they_took_it(live, maya, omar):
    pk = HandOff.objects.get().pk
    report(maya, "won", NOW)
    claim(pk, by=omar, now=NOW + timedelta(hours=1))
    assert fit(live, maya) == []
    assert HandOff.objects.get().state == "claimed"

    report(maya, "opportunity", NOW + timedelta(hours=2))
    assert [one.lead for one in find_left_over(live)] == [maya]
    with transaction.atomic():
        reconcile(live, [maya.pk], now=NOW + timedelta(hours=3))
    found = HandOff.objects.get()
    assert (found.state, found.owner, found.decided_by) == ("accepted", omar, None)
    assert found.decided_at == NOW + timedelta(hours=2)


def test_what_was_given_back_is_decided_by_what_was_reported_meanwhile(live, maya, omar):
    pk = HandOff.objects.get().pk
    report(maya, "won", NOW)
    claim(pk, by=omar, now=NOW + timedelta(hours=1))

    release(pk, by=omar, now=NOW + timedelta(hours=2))
    assert sweep(live) == 1
    assert HandOff.objects.get().state == "accepted"


def test_an_outcome_decides_what_it_names_and_nothing_that_was_before_the_spell(live, maya):
    report(maya, "accepted", NOW, qualification="sql")
    report(maya, "won", days_ago(300))
    assert fit(live, maya) == []

    report(maya, "accepted", Spell.objects.get().began_at, qualification="mql")
    assert [one.kind for one in fit(live, maya)] == ["decided"], "from the very moment of its beginning"


def test_many_cost_as_many_queries_as_few(live, northwind, django_assert_num_queries):
    """Of spells that were decided long ago nothing is asked one by one."""
    leads = [make_lead(northwind, f"Lead {at}") for at in range(30)]
    for lead in leads:
        qualify(lead, live)
        report(lead, "accepted", NOW)
    with django_assert_num_queries(7):
        fit(live, *leads)
