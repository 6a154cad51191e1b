"""Sending again what was refused, mended or as it is, and putting aside what nobody needs.

Two people may press a button at once. Each UPDATE names the state that it expects, so one of them gets through, and nothing is sent
twice by it. What is sent again takes the way of everything else: it waits for the worker, and comes to the log once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from leadline.web.accounts.models import Workspace
from leadline.web.capture.models import RefusedEvent
from leadline.web.capture.refused.queries import why_not_mendable
from leadline.web.capture.tracking.inbox import Refusal, put_delivery
from leadline.web.capture.tracking.reading import UnusableError, read_envelope
from leadline.web.capture.tracking.senders import Sender
from leadline.web.capture.tracking.storing import PROTOCOL, Rows, rows_of, sort_calls, write_rows_sent_again

MOST_AT_ONCE = 2_000
_MOST_A_TRANSACTION = 100
State = RefusedEvent.State


class AlreadyEndedError(Exception):
    """Somebody else has sent it again or put it aside meanwhile."""


@dataclass(slots=True, kw_only=True)
class Replayed:
    """What became of several: sent again, still refused (and waiting as before), and how many of them are left for another time."""

    sent: int = 0
    still_refused: int = 0
    left: int = 0


def replay(refused: RefusedEvent, text: str | None = None, *, now: datetime | None = None) -> int:
    """Send something again, as if it had just come then; return how many events that is.

    Args:
        refused: what was refused, of the caller's workspace.
        text: the body as it was mended; left out for the body as it came.
        now: the moment.

    Raises:
        UnusableError: it cannot be used still; nothing was changed.
        AlreadyEndedError: somebody else was first; nothing was changed.
    """
    body = bytes(refused.body) if text is None else text.encode("utf-8", "surrogatepass")
    if refused.source is None:
        raise UnusableError("no-source", "The source that sent it is gone. It can only be dismissed.")
    if why := why_not_mendable(refused):
        raise UnusableError(refused.reason, why)
    rows = _tracking_rows(refused, body) if refused.protocol == PROTOCOL else None
    with transaction.atomic():
        _end([refused.pk], State.REPLAYED, now or timezone.now())
        if rows is not None:
            write_rows_sent_again(rows)
            return sum(delivery.event_count for delivery in rows[0])
        put_delivery(
            refused.source,
            refused.protocol,
            body,
            event_count=1,
            is_verified=refused.is_verified,
            context=refused.context,
            now=refused.received_at,
        )
    return 1


def replay_all(workspace: Workspace, reason: str, *, now: datetime | None = None) -> Replayed:
    """Send all that was refused for a reason again, the oldest first; what still cannot be used stays as it is.

    At most `MOST_AT_ONCE` a time, in short transactions.
    """
    now = now or timezone.now()
    waiting = RefusedEvent.objects.filter(workspace=workspace, reason=reason, state=State.OPEN).order_by("pk")
    result = Replayed(left=max(0, waiting.count() - MOST_AT_ONCE))
    ids = list(waiting.values_list("pk", flat=True)[:MOST_AT_ONCE])
    for start in range(0, len(ids), _MOST_A_TRANSACTION):
        some = RefusedEvent.objects.filter(pk__in=ids[start : start + _MOST_A_TRANSACTION]).select_related("source")
        with transaction.atomic():
            for refused in some.order_by("pk"):
                try:
                    replay(refused, now=now)
                except UnusableError:
                    result.still_refused += 1
                except AlreadyEndedError:
                    pass
                else:
                    result.sent += 1
    return result


def dismiss(refused: RefusedEvent, *, now: datetime | None = None) -> None:
    """Put something aside. It stays, and can be taken up again.

    Raises:
        AlreadyEndedError: somebody else was first.
    """
    _end([refused.pk], State.DISMISSED, now or timezone.now())


def dismiss_all(workspace: Workspace, reason: str, *, now: datetime | None = None) -> int:
    """Put aside all that was refused for a reason; return how many."""
    waiting = RefusedEvent.objects.filter(workspace=workspace, reason=reason, state=State.OPEN)
    return waiting.update(state=State.DISMISSED, ended_at=now or timezone.now())


def reopen(refused: RefusedEvent) -> None:
    """Take up again what was put aside."""
    RefusedEvent.objects.filter(pk=refused.pk, state=State.DISMISSED).update(state=State.OPEN, ended_at=None)


def _end(ids: Iterable[int], state: State, now: datetime) -> None:
    if not RefusedEvent.objects.filter(pk__in=ids, state=State.OPEN).update(state=state, ended_at=now):
        raise AlreadyEndedError("Somebody else was quicker: it does not wait any more.")


def _tracking_rows(refused: RefusedEvent, body: bytes) -> Rows:
    """Return the rows of a call, or of a whole request, that is sent again: as of when it came, from who sent it."""
    assert refused.source_id is not None
    sender = Sender(workspace_id=refused.workspace_id, source_id=refused.source_id, is_server=refused.is_verified)
    context = {name: value for name, value in refused.context.items() if name != "is_request"}
    calls: list[bytes] = [body]
    still_refused: list[Refusal] = []
    if refused.context.get("is_request"):
        envelope = read_envelope(body, is_batch=not context.get("type"))
        context |= {"sent_at": envelope.sent_at, "context": dict(envelope.context)}
        calls, still_refused = sort_calls(envelope.events, context, refused.received_at)
    else:
        _, faults = sort_calls(calls, context, refused.received_at)
        for fault in faults:
            raise UnusableError(fault.reason, fault.detail)
    return rows_of(sender, calls, still_refused, context, refused.received_at)
