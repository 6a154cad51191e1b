"""The demo: an invented company in an empty installation, and nowhere else."""

from collections import Counter
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localtime

from leadline.web import flow
from leadline.web.accounts.models import Membership, Source, User, Workspace
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.assessments.whatif.queries import find_whatif
from leadline.web.capture.forms.queries import last_answers
from leadline.web.capture.models import BotChange, BotRule, Form, ImportRun, RefusedEvent, RefusedRow
from leadline.web.handoff.models import HandOff, Step
from leadline.web.handoff.opening import reconcile
from leadline.web.leads.due import make_due
from leadline.web.leads.lead_source import lead_source
from leadline.web.leads.models import Company, Event, Lead, Merge, Outcome, Suggestion
from leadline.web.notices.models import Notice
from leadline.web.operations.demo import NotEmptyError, assess_demo, count_due, fill_demo
from leadline.web.operations.demo_handoffs import invent_handoffs
from leadline.web.operations.demo_proposals import TITLE, propose
from leadline.web.operations.setup.queries import read_received
from leadline.web.pages.playbook_words import words_of
from leadline.web.pages.queue.said import say_past
from leadline.web.playbooks.models import ProposalStep, Side, Version
from leadline.web.playbooks.proposals.queries import show_open

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


def test_leads_can_be_taken_apart_by_where_they_came_from(filled):
    found = Counter(Lead.objects.filter(is_known=True).values_list(lead_source(), flat=True))

    assert len(found) > 3
    assert found["import"] < found.total() / 3
    assert Event.objects.filter(touch__campaign="lead-scoring", touch__medium="cpc").exists()


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


@pytest.mark.parametrize(("reason", "is_new"), [("no-response", True), ("no-interest", False)])
def test_what_waits_in_the_demo_follows_from_the_past_that_is_told_of_it(filled, reason, is_new):
    version = Version.objects.get(state=Version.State.LIVE)
    lead = Lead.objects.filter(is_known=True, merged_into=None).exclude(handoffs__isnull=False).first()
    ended = timezone.now() - timedelta(days=35)
    Outcome.objects.filter(lead=lead).delete()
    Spell.objects.filter(lead=lead).delete()
    for number, began, end in ((1, ended - timedelta(days=5), ended), (2, ended + timedelta(days=34), None)):
        Spell.objects.create(
            workspace=version.workspace, version=version, lead=lead, qualification="mql", number=number, began_at=began,
            began_by="enter", ended_at=end, noticed_at=began,
        )  # fmt: skip
    with transaction.atomic():
        reconcile(version, [lead.pk])
    Outcome.objects.create(
        workspace=version.workspace, lead=lead, first_lead=lead, outcome="rejected", reason=reason, at=ended, recorded_at=ended,
        outcome_id="before", source="crm",
    )  # fmt: skip

    invent_handoffs(version.workspace)

    before, after = HandOff.objects.filter(lead=lead).order_by("opened_at")
    assert (before.state, before.reason, after.number) == ("rejected", reason, 2)
    assert (after.owner_id != before.owner_id) is is_new


def test_leads_have_names_companies_and_a_past_that_ends_now(filled, now):
    named = Lead.objects.exclude(name="").exclude(company=None)

    assert named.count() > 30
    assert Company.objects.exclude(name="").count() == Company.objects.count() == 12
    assert Lead.objects.filter(first_seen_at__gt=now).count() == 0
    assert len({lead.first_seen_at for lead in Lead.objects.all()}) > 30
    assert Event.objects.filter(occurred_at__gt=now).count() == 0
    assert Event.objects.count() == filled.counts["events"] > 500
    assert Event.objects.filter(is_bot=True, bot_rule="link-scanner").exists()


def test_some_wait_for_the_second_time_and_one_for_the_third_as_their_log_says(monkeypatch):
    # What a worker does now and then rests in this process; the demo is complete all the same.
    monkeypatch.setattr(flow._sweeps, "rests_until", float("inf"))
    fill_demo(leads=60)
    assess_demo()
    waiting = HandOff.objects.filter(state__in=HandOff.OPEN, is_hand_raise=True, because="contact_requested")
    words = words_of(Version.objects.get(state=Version.State.LIVE))
    said = [say_past(one, words) for one in waiting.order_by("-number", "pk") if one.number > 1]

    assert all(text.split(",")[0] in ("Second time", "Third time") for text in said) and len(said) >= 3
    third = waiting.filter(number=3).order_by("pk")[0].lead
    assert "Third time, last re" in said[0] and "Second time, last re" in said[-1]
    assert third.outcomes.count() == 2 and third.events.filter(name="contact_requested").count() == 3
    assert Spell.objects.filter(lead=third, qualification="mql").count() >= 3


def test_every_page_has_something_to_show(filled):
    run = ImportRun.objects.get()
    noor = Lead.objects.get(name="Noor Vermeer")

    assert Form.objects.get().answer_count == 3
    assert last_answers(Form.objects.get())[0].received_at == read_received(Source.objects.get(name="form")).last_at
    mail = Source.objects.get(kind="mail")
    assert mail.mail_hook.last_seen_at == Event.objects.filter(source=mail).latest("received_at").received_at
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


def test_a_proposal_waits_for_sales_and_the_live_version_names_its_own(filled):
    shown = show_open(filled.workspace)

    assert [one.proposal.title for one in shown] == [TITLE]
    standing = shown[0].standing
    assert (standing.missing, [one.by.name for one in standing.approvals.values()]) == ((Side.SALES,), ["Tom Okafor"])
    assert ProposalStep.objects.filter(kind="commented").count() == 1
    assert find_whatif(shown[0].proposal.draft).state == "done"
    assert Version.objects.get().proposal.without == "first"
    assert Notice.objects.filter(kind="proposed").get().user.name == "Ines Duarte"
    propose(filled.workspace)
    assert len(show_open(filled.workspace)) == 1


def test_this_week_of_the_demo_looks_like_the_others():
    """What qualified weeks ago opened then, was worked or is late since then; nothing happened at the moment of filling."""
    fill_demo(leads=600)
    assess_demo()
    moment, week = timezone.now(), timedelta(days=7)
    handoffs = HandOff.objects.all()
    by_week = Counter((moment - one.opened_at) // week for one in handoffs)

    assert count_due() == 0
    assert by_week[0] <= 2 * max(by_week[at] for at in range(1, 9))
    assert not [one for one in handoffs if one.opened_at - one.began_at > timedelta(hours=1)]
    assert {one.state for one in handoffs if one.opened_at < moment - week} >= {"claimed", "accepted", "rejected"}
    said = {(one.lead_id, one.outcome, one.at): one.by for one in Outcome.objects.all()}
    told = [
        (one.decided_by.email, said.get((one.lead_id, one.state, one.decided_at))) for one in handoffs if one.decided_by
    ]
    assert len(told) > 50 and not [pair for pair in told if pair[1] and pair[0] != pair[1]]
    nine, five = time(9), time(17, 30)
    called = [localtime(one.at, ZoneInfo("Europe/Berlin")).time() for one in Step.objects.filter(kind="called")]
    assert sum(nine <= at <= five for at in called) > 0.8 * len(called) > 20
    late = [one for one in handoffs if one.breached_at and one.state in HandOff.OPEN]
    assert late and {one.breached_at for one in late} == {one.respond_by for one in late}
    for step in Step.objects.filter(kind__in=("breached", "escalated", "warned", "claimed", "decided")):
        assert step.at >= step.handoff.opened_at, step
    told = Notice.objects.exclude(step=None).select_related("step")
    assert told and all(one.at == one.step.at for one in told)
