"""Every write of rules about bots, but for what follows in the background (`apply.py`)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from leadline.engine.problems import Problem, ProblemsError
from leadline.web.accounts.models import User, Workspace
from leadline.web.capture.bots.built_in import LINK_SCANNER, PERSON, RESERVED_IDS
from leadline.web.capture.bots.classify import bind_rule, read_classifier
from leadline.web.capture.bots.marking import mark_events
from leadline.web.capture.bots.scanned import find_scanned_beside
from leadline.web.capture.bots.seen import seen_in
from leadline.web.capture.models import BotRule
from leadline.web.leads.models import Event
from leadline.web.leads.turn import take_turn

State = BotRule.State


def add_rule(
    workspace: Workspace,
    *,
    rule_id: str,
    why: str,
    events: Sequence[str] = (),
    condition: str = "",
    by: User | None = None,
) -> BotRule:
    """Add a rule. New events are asked about from now on; those of the past are gone through in the background.

    Raises:
        ProblemsError: the condition cannot be used, the id is taken, or the rule would say that everything is a bot's.
    """
    problems: list[Problem] = []
    try:
        bind_rule(rule_id, events, condition, workspace.timezone)
    except ProblemsError as error:
        problems += error.problems
    where = f"rule {rule_id}"
    if not events and not condition.strip():
        message = "It names neither events nor a condition, so every event would be a bot's. Write one of the two."
        problems.append(Problem(code="missing-key", message=message, where=where))
    if rule_id in RESERVED_IDS:
        message = f"'{rule_id}' is a built-in rule. Choose another id."
        problems.append(Problem(code="bad-id", message=message, where=where))
    if BotRule.objects.filter(workspace=workspace, rule_id=rule_id).exists():
        message = f"There is, or was, a rule '{rule_id}', and marks of events speak of it. Choose another id."
        problems.append(Problem(code="duplicate-id", message=message, where=where))
    if problems:
        raise ProblemsError(problems)
    with transaction.atomic():
        take_turn(workspace.pk)
        return BotRule.objects.create(
            workspace=workspace,
            rule_id=rule_id,
            why=why,
            events=list(events),
            condition=condition.strip(),
            created_by=by,
        )


def withdraw_rule(rule: BotRule) -> bool:
    """Begin to take a rule back; return whether it was in force. Other rules, and people, may still say that a bot made an event."""
    with transaction.atomic():
        take_turn(rule.workspace_id)
        updated = BotRule.objects.filter(pk=rule.pk, state__in=(State.APPLYING, State.ACTIVE)).update(
            state=State.WITHDRAWING, applied_up_to=0, marked=0
        )
    return updated == 1


def say_who(event: Event, *, is_bot: bool, now: datetime | None = None) -> None:
    """Say of an event that a person made it, or a bot. No rule says otherwise any more."""
    now = now or timezone.now()
    with transaction.atomic():
        take_turn(event.workspace_id)
        if not Event.objects.filter(pk=event.pk, is_bot=is_bot, bot_rule=PERSON).exists():
            mark_events(event.workspace, {event.pk: (is_bot, PERSON)}, now=now)


def leave_to_rules(event: Event, *, now: datetime | None = None) -> None:
    """Take back what somebody said of an event: rules decide again."""
    now = now or timezone.now()
    with transaction.atomic():
        take_turn(event.workspace_id)
        held = Event.objects.filter(pk=event.pk, bot_rule=PERSON).select_related("source", "workspace").first()
        if held is None:
            return
        found = read_classifier(held.workspace).find_rule(seen_in(held, held.source.kind))
        if not found and held.name == "mail_clicked" and held.pk in find_scanned_beside([held]):
            found = LINK_SCANNER
        mark_events(held.workspace, {held.pk: (bool(found), found)}, now=now)
