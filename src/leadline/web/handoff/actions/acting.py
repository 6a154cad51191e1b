"""How every action is done: columns change where the hand-off is still as it has to be, and a step says who did what.

Who is too late changes nothing and learns who was faster. tests/web/handoff/test_races.py lets many try at once.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q
from django.utils.dateparse import parse_datetime

from leadline.web.accounts.models import User
from leadline.web.handoff.changes import Tell, change_of
from leadline.web.handoff.models import HandOff, Step

State = HandOff.State


class NotPossibleError(Exception):
    """The action makes no sense for this hand-off, or not for this person. The message says why, for people."""


class ChangedError(NotPossibleError):
    """The hand-off is not as it was: somebody was faster, or its spell is over. *handoff*: as it is now."""

    def __init__(self, message: str, handoff: HandOff) -> None:
        super().__init__(message)
        self.handoff = handoff


class AlreadyTakenError(ChangedError):
    """Somebody else has it, or has decided it."""


def get_handoff(handoff_id: int) -> HandOff:
    """Return a hand-off as it is now, with its lead and who has it.

    Raises:
        NotPossibleError: it is gone.
    """
    found = (
        HandOff.objects.select_related("lead", "owner", "decided_by", "team", "workspace").filter(pk=handoff_id).first()
    )
    if found is None:
        raise NotPossibleError("This hand-off is not there any more.")
    return found


def change(
    handoff: HandOff,
    kind: str,
    *,
    by: User | None,
    now: datetime,
    tell: Tell,
    columns: Mapping[str, Any],
    only: Q | None = None,
    said: Mapping[str, Any] | None = None,
) -> Step:
    """Change columns of a hand-off where it is still as *only* says, and write the step. Call it in a transaction.

    Raises:
        AlreadyTakenError, ChangedError: it is not; nothing was changed.
    """
    before = {name: _as_json(getattr(handoff, name)) for name in columns}
    still = HandOff.objects.filter(only or Q(), pk=handoff.pk, revision=handoff.revision)
    if not still.update(**columns, revision=F("revision") + 1):
        raise_changed(handoff.pk, by)
    step = Step.objects.create(
        workspace_id=handoff.workspace_id,
        handoff=handoff,
        kind=kind,
        at=now,
        by=by,
        said=dict(said or {}),
        before=before,
        revision=handoff.revision + 1,
    )
    handoff.refresh_from_db()
    tell([change_of(handoff, step)])
    return step


def raise_changed(handoff_id: int, by: User | None) -> None:
    """Say who was faster.

    Raises:
        AlreadyTakenError, ChangedError: always.
    """
    found = get_handoff(handoff_id)
    if found.state == State.CLAIMED and found.owner is not None and found.owner != by:
        raise AlreadyTakenError(f"{found.lead} was already taken by {found.owner}.", found)
    if found.decided_at is not None:
        who = f" by {found.decided_by}" if found.decided_by else ""
        raise AlreadyTakenError(f"{found.lead} was already {say_state(found.state)}{who}.", found)
    if not found.is_open:
        raise ChangedError(
            f"{found.lead} is no longer in the queue: it {_CLOSED.get(State(found.state), 'is closed')}.", found
        )
    raise ChangedError(f"{found.lead} was changed meanwhile. Look again.", found)


_CLOSED = {
    State.COOLED: "cooled before anybody claimed it",
    State.WITHDRAWN: "turned out not to have qualified",
    State.MERGED: "was merged into another lead",
}


def say_state(state: str) -> str:
    """Return a state as the end of a sentence: ``was …``."""
    return {State.BAD_DATA: "marked as bad data"}.get(State(state), state)


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def from_json(name: str, value: Any) -> Any:
    """Return a column's value of what a step kept of it."""
    return parse_datetime(value) if name.endswith(("_at", "_by", "_until")) and isinstance(value, str) else value
