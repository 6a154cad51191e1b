"""The worker's part: what a new or withdrawn rule says of the events of the past, in parts; clicks that wait to be looked at together;
and what no longer stands.

Each part is one short transaction that also notes how far it came, so a killed worker goes on where it was. Two workers cannot do one
part twice: each begins by waiting for its turn in the workspace and reads again how far the rule has come.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from leadline.web.capture.bots.built_in import LINK_SCANNER, PERSON
from leadline.web.capture.bots.classify import bind_all, read_classifier, row_of
from leadline.web.capture.bots.marking import Mark, mark_events
from leadline.web.capture.bots.review import note_changes
from leadline.web.capture.bots.scanned import find_scanned_beside
from leadline.web.capture.bots.seen import seen_in
from leadline.web.capture.bots.upgrade import look_again
from leadline.web.capture.models import BotRule, WaitingClick
from leadline.web.leads.models import Event
from leadline.web.leads.turn import take_turn

logger = logging.getLogger(__name__)

PART = 500
_CLICKS = 100
_LATER = timedelta(minutes=1)
State = BotRule.State
IN_WORK = (State.APPLYING, State.WITHDRAWING)


def apply_bot_rules(*, now: datetime | None = None) -> int:
    """Do a part of what waits; return how many rows were looked at, 0 when nothing waits."""
    now = now or timezone.now()
    return look_at_clicks(now) + work_on_rules(now) + look_again(now) + note_changes(now=now)


# -- rules of a workspace ------------------------------------------------------------------------------------------


def work_on_rules(now: datetime) -> int:
    """Go through a part of the past for the oldest rule in work."""
    rule = BotRule.objects.filter(state__in=IN_WORK).order_by("pk").first()
    if rule is None:
        return 0
    with transaction.atomic():
        take_turn(rule.workspace_id)
        rule = BotRule.objects.filter(pk=rule.pk, state__in=IN_WORK).select_related("workspace").first()
        if rule is None:
            return 0
        work = _apply_part if rule.state == State.APPLYING else _withdraw_part
        looked_at, marks = work(rule)
        mark_events(rule.workspace, marks, because=rule, now=now)
        rule.marked += len(marks)
        if looked_at:
            rule.applied_up_to = looked_at[-1]
        if len(looked_at) < PART:
            rule.state = State.ACTIVE if rule.state == State.APPLYING else State.WITHDRAWN
            logger.info("Bot rule %s of workspace %s is %s.", rule.rule_id, rule.workspace_id, rule.state)
        rule.save(update_fields=["marked", "applied_up_to", "state"])
    return max(len(looked_at), 1)


def _apply_part(rule: BotRule) -> tuple[list[int], dict[int, Mark]]:
    """Return the events that a part is about, and those among them that the rule marks. What is marked already keeps its mark."""
    events = Event.objects.filter(
        workspace=rule.workspace_id, pk__gt=rule.applied_up_to, kind__in=Event.BEHAVIOUR, bot_rule="", is_bot=False
    )
    if rule.events:
        events = events.filter(name__in=rule.events)
    part = list(events.order_by("pk").select_related("source")[:PART])
    bound = bind_all([rule], rule.workspace.timezone)
    marks = {
        event.pk: (True, rule.rule_id)
        for event in part
        if any(one.is_about(row_of(seen_in(event, event.source.kind))) for one in bound)
    }
    return [event.pk for event in part], marks


def _withdraw_part(rule: BotRule) -> tuple[list[int], dict[int, Mark]]:
    """Return the events that the rule had marked, and what the other rules say of them."""
    events = Event.objects.filter(workspace=rule.workspace_id, bot_rule=rule.rule_id, pk__gt=rule.applied_up_to)
    part = list(events.order_by("pk").select_related("source")[:PART])
    others = read_classifier(rule.workspace, without=[rule.pk])
    scanned = find_scanned_beside(event for event in part if event.name == "mail_clicked")
    marks: dict[int, Mark] = {}
    for event in part:
        found = others.find_rule(seen_in(event, event.source.kind)) or (LINK_SCANNER if event.pk in scanned else "")
        marks[event.pk] = (bool(found), found)
    return [event.pk for event in part], marks


# -- clicks that wait ----------------------------------------------------------------------------------------------


def look_at_clicks(now: datetime) -> int:
    """Look at some clicks together with those beside them, and mark those that a scanner made."""
    first = WaitingClick.objects.filter(look_at__lte=now).order_by("look_at").first()
    if first is None:
        return 0
    with transaction.atomic():
        take_turn(first.workspace_id)
        waiting = list(
            WaitingClick.objects.filter(workspace=first.workspace_id, look_at__lte=now).order_by("look_at")[:_CLICKS]
        )
        ids = {(one.source_id, one.message_id): one for one in waiting}
        events = [
            event
            for event in Event.objects.filter(
                workspace=first.workspace_id, message_id__in=[one.message_id for one in waiting]
            )
            if (event.source_id, event.message_id) in ids
        ]
        _mark_scanned(first, events, now)
        there = {(event.source_id, event.message_id) for event in events}
        done = [one.pk for key, one in ids.items() if key in there or one.give_up_at <= now]
        WaitingClick.objects.filter(pk__in=done).delete()
        WaitingClick.objects.filter(pk__in=[one.pk for one in waiting if one.pk not in done]).update(
            look_at=now + _LATER
        )
    return len(waiting)


def _mark_scanned(first: WaitingClick, events: list[Event], now: datetime) -> None:
    found = find_scanned_beside(events)
    unmarked = Event.objects.filter(pk__in=found, bot_rule="", is_bot=False).exclude(bot_rule=PERSON)
    marks = dict.fromkeys(unmarked.values_list("pk", flat=True), (True, LINK_SCANNER))
    mark_events(first.workspace, marks, now=now)
