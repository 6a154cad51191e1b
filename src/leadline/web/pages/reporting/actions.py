"""Writes of reports: into the lead's log, with who said it, and taken back where it was wrong."""

import secrets
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from leadline.web.accounts.models import Source
from leadline.web.leads.due import make_due
from leadline.web.leads.mending import BY_HAND
from leadline.web.leads.models import Event, Lead, Outcome, TakenBack
from leadline.web.leads.outcome_log import keep_taken_back
from leadline.web.leads.records import NewOutcome, record_outcomes, undo_origin
from leadline.web.leads.turn import take_turn

REFERRALS = {"referral_asked": "Asked for a referral", "referral_given": "Gave a referral"}
"""Events that people report: what an evangelist is asked for, and gives."""
_ORIGIN = "report:"
_MOST_SHOWN = 50


def report_outcome(
    lead: Lead,
    outcome: str,
    *,
    by: str,
    reason: str = "",
    value: Decimal | None = None,
    at: datetime | None = None,
    now: datetime | None = None,
) -> str:
    """Report what became of a lead; return the origin under which it can be taken back."""
    now = now or timezone.now()
    origin = _new_origin()
    said = NewOutcome(
        lead_id=lead.pk,
        outcome=outcome,
        at=at or now,
        source=BY_HAND,
        reason=reason,
        value=value,
        outcome_id=origin,
        by=by,
        origin=origin,
    )
    with transaction.atomic():
        record_outcomes(lead.workspace, [said], now=now)
    return origin


def report_event(lead: Lead, name: str, *, by: str, at: datetime | None = None, now: datetime | None = None) -> str:
    """Report that a referral was asked for or given; return the origin under which it can be taken back.

    Raises:
        KeyError: it is none of `REFERRALS`.
    """
    said, now, origin = REFERRALS[name], now or timezone.now(), _new_origin()
    with transaction.atomic():
        take_turn(lead.workspace_id)
        source, _ = Source.objects.get_or_create(
            workspace=lead.workspace, name=BY_HAND, defaults={"kind": Source.Kind.PERSON}
        )
        Event.objects.create(
            workspace=lead.workspace,
            source=source,
            message_id=origin,
            lead=lead,
            first_lead=lead,
            kind="track",
            name=name,
            occurred_at=at or now,
            received_at=now,
            properties={"by": by, "said": said},
            origin=origin,
        )
        make_due([lead.pk], now=now)
    return origin


def is_report(outcome: Outcome) -> bool:
    """Return whether somebody reported an outcome here, so that it can be taken back by its origin."""
    return outcome.origin.startswith(_ORIGIN)


def take_back(lead: Lead, origin: str, *, by: str, is_manager: bool, now: datetime | None = None) -> bool:
    """Take back what was reported under an origin, by who reported it or a manager; return whether there was something."""
    if not origin.startswith(_ORIGIN):
        return False
    with transaction.atomic():
        take_turn(lead.workspace_id)
        outcomes = Outcome.objects.filter(workspace=lead.workspace_id, lead=lead, origin=origin)
        events = Event.objects.filter(workspace=lead.workspace_id, lead=lead, origin=origin)
        if not is_manager:
            outcomes, events = outcomes.filter(by=by), events.filter(properties__by=by)
        if not outcomes.exists() and not events.exists():
            return False
        keep_taken_back([*outcomes, *events.select_related("source")], by=by, now=now)
        undo_origin(lead.workspace, origin, now=now)
    return True


def reported_of(lead: Lead) -> list[tuple[Outcome | Event, str]]:
    """Return what people reported of a lead here, the latest first, each with its origin."""
    outcomes = Outcome.objects.filter(lead=lead, origin__startswith=_ORIGIN)
    events = Event.objects.filter(lead=lead, origin__startswith=_ORIGIN, name__in=REFERRALS)
    found: list[tuple[datetime, Outcome | Event]] = [(one.at, one) for one in outcomes]
    found += [(one.occurred_at, one) for one in events]
    return [(one, one.origin) for _, one in sorted(found, key=lambda each: (each[0], each[1].pk), reverse=True)]


def taken_back_of(lead: Lead) -> list[TakenBack]:
    """Return what was taken back of a lead, the latest first; at most fifty."""
    return list(TakenBack.objects.filter(lead=lead).order_by("-taken_back_at", "-pk")[:_MOST_SHOWN])


def _new_origin() -> str:
    return f"{_ORIGIN}{secrets.token_hex(8)}"
