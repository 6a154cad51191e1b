"""The worker's part after an upgrade: what the built-in rules, as they are now, say of the events of the past.

Which edition a workspace's past was looked at by is kept as a fingerprint. When another one comes, the past is gone through in parts, as
for a new rule. What people and the workspace's own rules have said stays. tests/web/capture/bots/test_upgrade.py guards it.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from leadline.web.accounts.models import Workspace
from leadline.web.capture.bots.built_in import BUILT_IN, LINK_SCANNER, fingerprint
from leadline.web.capture.bots.classify import read_classifier
from leadline.web.capture.bots.marking import Mark, mark_events
from leadline.web.capture.bots.scanned import find_scanned_beside
from leadline.web.capture.bots.seen import seen_in
from leadline.web.capture.models import BuiltInList
from leadline.web.leads.models import Event
from leadline.web.leads.turn import take_turn

logger = logging.getLogger(__name__)

PART = 500
_BY_ITSELF = tuple(rule.id for rule in BUILT_IN if rule.test is not None)


def look_again(now: datetime) -> int:
    """Go through a part of the past of a workspace whose built-in rules were others; return how many rows that was, 0 when none is."""
    current = BuiltInList.objects.filter(fingerprint=fingerprint(), is_done=True)
    workspace = Workspace.objects.exclude(pk__in=current.values("workspace")).order_by("pk").first()
    if workspace is None:
        return 0
    with transaction.atomic():
        take_turn(workspace.pk)
        work, _ = BuiltInList.objects.get_or_create(workspace=workspace, defaults={"fingerprint": fingerprint()})
        if work.fingerprint != fingerprint():
            work.fingerprint, work.applied_up_to, work.marked, work.is_done = fingerprint(), 0, 0, False
        if work.is_done:
            return 0  # another worker was first
        part = _part(workspace, work.applied_up_to)
        marks = _marks(workspace, part)
        mark_events(workspace, marks, now=now)
        work.marked += len(marks)
        work.applied_up_to = part[-1].pk if part else work.applied_up_to
        work.is_done = len(part) < PART
        work.save()
        if work.is_done and work.marked:
            logger.info("Built-in bot rules changed: %s events of workspace %s", work.marked, workspace.pk)
    return max(len(part), 1)


def _part(workspace: Workspace, after: int) -> list[Event]:
    """Return the next events of which built-in rules may say something: those that nobody else has spoken of."""
    unsaid = Q(bot_rule="", is_bot=False) | Q(bot_rule__in=_BY_ITSELF)
    events = Event.objects.filter(unsaid, workspace=workspace, pk__gt=after, kind__in=Event.BEHAVIOUR)
    return list(events.order_by("pk").select_related("source")[:PART])


def _marks(workspace: Workspace, part: list[Event]) -> dict[int, Mark]:
    """Return what is said of events now, where it is not what was said."""
    rules = read_classifier(workspace)
    found = {event.pk: rules.find_rule(seen_in(event, event.source.kind)) for event in part}
    freed = [event for event in part if event.bot_rule and not found[event.pk] and event.name == "mail_clicked"]
    found |= dict.fromkeys(find_scanned_beside(freed) & {event.pk for event in freed}, LINK_SCANNER)
    return {event.pk: (bool(found[event.pk]), found[event.pk]) for event in part if found[event.pk] != event.bot_rule}
