"""What people do with hand-offs: who may, what follows in the log, who is told, and taking it back."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from tests.web.conftest import member
from tests.web.handoff.conftest import TOML
from tests.web.pages.rows import make_lead, qualify
from tests.web.pages.world import make_live

from leadline.web.assessments.models import Spell
from leadline.web.handoff.actions import (
    AlreadyTakenError,
    ChangedError,
    NotPossibleError,
    assign,
    book_meeting,
    claim,
    decide,
    log_call,
    release,
    snooze,
    undo,
)
from leadline.web.handoff.actions.deciding import decisions_of
from leadline.web.handoff.actions.undoing import UNDO_WITHIN
from leadline.web.handoff.clocks import run_clocks
from leadline.web.handoff.models import HandOff, Step
from leadline.web.handoff.opening import reconcile
from leadline.web.leads.models import Lead, Outcome
from leadline.web.playbooks.queries import get_plan


@pytest.fixture
def waiting(northwind, live):
    lead = make_lead(northwind, "Maya Mensah")
    qualify(lead, live)
    with transaction.atomic():
        reconcile(live, [lead.pk])
    return HandOff.objects.get()


def now_of(handoff):
    return HandOff.objects.get(pk=handoff.pk)


# -- taking ---------------------------------------------------------------------------------------------------------------


def test_who_claims_it_has_it_and_everybody_else_learns_who(waiting, omar, nadia):
    heard = []
    claim(waiting.pk, by=omar, tell=heard.extend)
    with pytest.raises(AlreadyTakenError, match="Maya Mensah was already taken by Omar"):
        claim(waiting.pk, by=nadia)

    handoff = now_of(waiting)
    assert (handoff.state, handoff.owner) == ("claimed", omar)
    assert handoff.claimed_at is not None
    assert [(one.kind, one.by_id) for one in heard] == [("claimed", omar.pk)]


def test_claiming_what_is_yours_already_changes_nothing(waiting, omar):
    claim(waiting.pk, by=omar)
    claim(waiting.pk, by=omar)

    assert now_of(waiting).steps.count() == 2


def test_who_gives_it_back_keeps_the_promise(waiting, omar, nadia):
    claim(waiting.pk, by=omar)
    with pytest.raises(NotPossibleError, match="You do not have"):
        release(waiting.pk, by=nadia)
    release(waiting.pk, by=omar, why="on holiday")

    handoff = now_of(waiting)
    assert (handoff.state, handoff.owner, handoff.respond_by) == ("waiting", None, waiting.respond_by)


def test_it_is_given_to_somebody_who_works_here(waiting, omar, nadia, charlie, northwind):
    viewer = member(northwind, "Vera", "viewer")
    for nobody in (charlie, viewer):
        with pytest.raises(NotPossibleError, match="does not work on leads"):
            assign(waiting.pk, to=nobody, by=omar, is_manager=False)
    assign(waiting.pk, to=nadia, by=omar, is_manager=False)
    assert (now_of(waiting).state, now_of(waiting).owner) == ("waiting", nadia)

    claim(waiting.pk, by=nadia)
    with pytest.raises(AlreadyTakenError, match="taken by Nadia"):
        assign(waiting.pk, to=omar, by=omar, is_manager=False)
    assign(waiting.pk, to=omar, by=omar, is_manager=True)
    assert now_of(waiting).owner == omar


# -- working --------------------------------------------------------------------------------------------------------------


def test_who_calls_has_it_and_the_first_call_counts(waiting, omar, nadia):
    log_call(waiting.pk, by=omar, result="no-answer", text="rang twice")
    first = now_of(waiting).touched_at
    log_call(waiting.pk, by=omar, result="reached")

    handoff = now_of(waiting)
    assert (handoff.state, handoff.owner, handoff.touched_at) == ("claimed", omar, first)
    with pytest.raises(AlreadyTakenError):
        log_call(waiting.pk, by=nadia, result="reached")
    with pytest.raises(NotPossibleError, match="not with 'shouted'"):
        log_call(waiting.pk, by=omar, result="shouted")


def test_who_calls_again_puts_it_off_until_then_and_undoes_both_at_once(waiting, omar):
    now = timezone.now()
    later = now + timedelta(days=3)
    log_call(waiting.pk, by=omar, result="call-back", again=later, now=now)

    handoff = now_of(waiting)
    assert (handoff.owner, handoff.snoozed_until) == (omar, later)
    assert handoff.steps.get(kind="called").said["again"] == later.isoformat()
    undo(waiting.pk, by=omar)
    assert (now_of(waiting).state, now_of(waiting).snoozed_until) == ("waiting", None)
    for wrong in (now - timedelta(minutes=1), now + timedelta(days=91)):
        with pytest.raises(NotPossibleError, match="90 days ahead"):
            log_call(waiting.pk, by=omar, result="call-back", again=wrong, now=now)
    assert now_of(waiting).state == "waiting"


def test_a_meeting_is_kept_with_its_time(waiting, omar):
    at = timezone.now() + timedelta(days=2)
    book_meeting(waiting.pk, by=omar, at=at, minutes=45, place="https://meet.example/maya")

    said = Step.objects.get(kind="met").said
    assert said == {"at": at.isoformat(), "minutes": 45, "place": "https://meet.example/maya"}
    with pytest.raises(NotPossibleError):
        book_meeting(waiting.pk, by=omar, at=at, minutes=0)


def test_putting_it_off_moves_no_promise(waiting, omar, nadia):
    until = timezone.now() + timedelta(days=1)
    snooze(waiting.pk, by=omar, until=until)
    assert (now_of(waiting).snoozed_until, now_of(waiting).respond_by) == (until, waiting.respond_by)

    for wrong in (timezone.now() - timedelta(hours=1), timezone.now() + timedelta(days=91)):
        with pytest.raises(NotPossibleError):
            snooze(waiting.pk, by=omar, until=wrong)
    claim(waiting.pk, by=omar)
    assert now_of(waiting).snoozed_until is None
    with pytest.raises(AlreadyTakenError):
        snooze(waiting.pk, by=nadia, until=until)


# -- deciding -------------------------------------------------------------------------------------------------------------


def test_what_is_decided_goes_into_the_log_and_the_lead_is_reassessed(waiting, omar):
    heard = []
    Lead.objects.update(due_at=None)
    decide(waiting.pk, "recycled", by=omar, reason="timing", text="in spring", tell=heard.extend)

    handoff, outcome = now_of(waiting), Outcome.objects.get()
    assert (handoff.state, handoff.reason, handoff.owner, handoff.decided_by) == ("recycled", "timing", omar, omar)
    assert (outcome.outcome, outcome.reason, outcome.qualification, outcome.by) == (
        "recycled",
        "timing",
        "mql",
        omar.email,
    )
    assert outcome.lead == waiting.lead
    assert Lead.objects.get(pk=waiting.lead_id).due_at is not None
    assert [(one.kind, one.decision) for one in heard] == [("decided", "recycled")]


@pytest.mark.parametrize(
    ("decision", "reason", "concerns"),
    [
        ("rejected", "no-interest", "mql"), ("rejected", "gone", ""), ("recycled", "timing", "mql"), ("disqualified", "", ""),
        ("excluded", "", ""), ("bad_data", "", ""), ("accepted", "", "mql"),
    ],
)  # fmt: skip
def test_what_says_who_the_lead_is_concerns_every_qualification(
    northwind, live, waiting, omar, decision, reason, concerns
):
    never = '[[outcomes.rejected.reasons]]\nid = "gone"\nreturns = "never"\n[outcomes.excluded]\nends = true\n[outcomes.recycled]'
    make_live(northwind, TOML.replace("[outcomes.recycled]", never), number=2)

    decide(waiting.pk, decision, by=omar, reason=reason)

    assert Outcome.objects.get().qualification == concerns


@pytest.mark.parametrize(
    ("decision", "reason", "said"),
    [
        ("recycled", "", "Say why: timing"),
        ("recycled", "no-interest", "is no reason for it: one of timing"),
        ("accepted", "timing", "the playbook gives none"),
        ("excluded", "", "cannot be decided; what can be is accepted"),
        ("won", "", "cannot be decided"),
    ],
)
def test_what_the_playbook_does_not_know_cannot_be_decided(waiting, omar, decision, reason, said):
    with pytest.raises(NotPossibleError, match=said):
        decide(waiting.pk, decision, by=omar, reason=reason)

    assert now_of(waiting).state == "waiting"
    assert not Outcome.objects.exists()


def test_a_decision_is_made_once(waiting, omar, nadia, ines):
    claim(waiting.pk, by=omar)
    with pytest.raises(AlreadyTakenError, match="taken by Omar"):
        decide(waiting.pk, "accepted", by=nadia)
    decide(waiting.pk, "accepted", by=ines, is_manager=True)
    assert (now_of(waiting).owner, now_of(waiting).decided_by) == (omar, ines)

    with pytest.raises(AlreadyTakenError, match="already accepted by Ines"):
        decide(waiting.pk, "rejected", by=omar, reason="no-interest")
    with pytest.raises(AlreadyTakenError, match="already accepted by Ines"):
        claim(waiting.pk, by=omar)
    assert Outcome.objects.count() == 1


def test_what_cooled_cannot_be_claimed(waiting, omar):
    HandOff.objects.update(state="cooled")
    with pytest.raises(ChangedError, match="cooled before anybody claimed it"):
        claim(waiting.pk, by=omar)


def test_the_decisions_are_those_that_the_playbook_knows(live):
    found = {one.id: [reason.id for reason in one.reasons] for one in decisions_of(get_plan(live).playbook)}

    assert found == {
        "accepted": [],
        "rejected": ["no-interest"],
        "recycled": ["timing"],
        "disqualified": [],
        "bad_data": [],
    }


# -- taking it back -------------------------------------------------------------------------------------------------------


def test_a_decision_is_taken_back_from_the_log_too(waiting, omar, nadia):
    claim(waiting.pk, by=omar)
    decide(waiting.pk, "recycled", by=omar, reason="timing")
    with pytest.raises(NotPossibleError, match="nothing of yours"):
        undo(waiting.pk, by=nadia)
    heard = []
    undo(waiting.pk, by=omar, tell=heard.extend)

    handoff = now_of(waiting)
    assert (handoff.state, handoff.owner, handoff.reason, handoff.decided_at) == ("claimed", omar, "", None)
    assert not Outcome.objects.exists()
    assert [(one.kind, one.is_undone) for one in heard] == [("decided", True)]

    undo(waiting.pk, by=omar)
    assert (now_of(waiting).state, now_of(waiting).owner, now_of(waiting).claimed_at) == ("waiting", None, None)
    with pytest.raises(NotPossibleError):
        undo(waiting.pk, by=omar)


def test_times_come_back_as_they_were(waiting, omar):
    first = timezone.now() + timedelta(days=1)
    snooze(waiting.pk, by=omar, until=first)
    snooze(waiting.pk, by=omar, until=first + timedelta(days=1))
    undo(waiting.pk, by=omar)

    assert now_of(waiting).snoozed_until == first


def test_what_the_clock_did_since_hinders_nobody(waiting, omar):
    at = waiting.respond_by
    claim(waiting.pk, by=omar, now=at)
    release(waiting.pk, by=omar, now=at)
    run_clocks(now=at + timedelta(minutes=1))
    assert now_of(waiting).breached_at is not None
    undo(waiting.pk, by=omar, now=at + timedelta(minutes=2))

    assert now_of(waiting).state == "claimed"


def test_what_is_long_ago_stays(waiting, omar):
    claim(waiting.pk, by=omar, now=timezone.now() - UNDO_WITHIN - timedelta(minutes=1))
    with pytest.raises(NotPossibleError):
        undo(waiting.pk, by=omar)


def test_what_somebody_did_since_stays(waiting, omar, ines):
    claim(waiting.pk, by=omar)
    assign(waiting.pk, to=ines, by=ines, is_manager=True)
    with pytest.raises(NotPossibleError, match="something happened since"):
        undo(waiting.pk, by=omar)


def test_a_decision_stays_when_the_lead_has_qualified_anew(waiting, live, omar):
    decide(waiting.pk, "recycled", by=omar, reason="timing")
    later = timezone.now() + timedelta(seconds=5)
    Spell.objects.update(began_at=later)
    with transaction.atomic():
        reconcile(live, [waiting.lead_id], now=later)
    assert HandOff.objects.filter(state="waiting").count() == 1

    with pytest.raises(NotPossibleError, match="has qualified again since"):
        undo(waiting.pk, by=omar)
    assert Outcome.objects.count() == 1


# -- at the edges --------------------------------------------------------------------------------------------------------


def test_who_gives_it_back_has_not_answered_it(waiting, omar):
    claim(waiting.pk, by=omar)
    release(waiting.pk, by=omar)
    assert (now_of(waiting).claimed_at, now_of(waiting).owner) == (None, None)


def test_the_time_of_the_claim_stays_when_it_is_decided_later(waiting, omar):
    began = timezone.now()
    claim(waiting.pk, by=omar, now=began)
    decide(waiting.pk, "accepted", by=omar, now=began + timedelta(hours=3))
    assert now_of(waiting).claimed_at == began
    assert now_of(waiting).decided_at == began + timedelta(hours=3)


def test_it_is_put_off_for_some_time_and_for_ninety_days_at_most(waiting, omar):
    now = timezone.now()
    for wrong in (now, now + timedelta(days=90, microseconds=1)):
        with pytest.raises(NotPossibleError, match="90 days"):
            snooze(waiting.pk, by=omar, until=wrong, now=now)
    snooze(waiting.pk, by=omar, until=now + timedelta(days=90), now=now)
    assert now_of(waiting).snoozed_until == now + timedelta(days=90)


def test_to_accept_needs_no_reason_though_the_playbook_has_some(northwind, omar):
    reasons = '[outcomes.accepted]\n[[outcomes.accepted.reasons]]\nid = "budget"\n[outcomes.rejected]'
    version = make_live(northwind, TOML.replace("[outcomes.rejected]", reasons, 1))
    lead = make_lead(northwind, "Bo")
    qualify(lead, version)
    with transaction.atomic():
        reconcile(version, [lead.pk])
    assert decide(HandOff.objects.get().pk, "accepted", by=omar).state == "accepted"


def test_it_is_taken_back_until_an_hour_is_over(waiting, omar):
    now = timezone.now()
    claim(waiting.pk, by=omar, now=now)
    with pytest.raises(NotPossibleError):
        undo(waiting.pk, by=omar, now=now + UNDO_WITHIN + timedelta(microseconds=1))
    undo(waiting.pk, by=omar, now=now + UNDO_WITHIN)
    assert now_of(waiting).state == "waiting"
