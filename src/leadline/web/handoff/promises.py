"""How many hand-offs a week marketing promises: what held on a day, and how it is set."""

from collections.abc import Sequence
from datetime import date, datetime

from leadline.web.accounts.models import User, Workspace
from leadline.web.handoff.models import Promise


def find_promises(workspace: Workspace) -> list[Promise]:
    """Return all promises of a workspace with who made them, that which begins last first."""
    found = Promise.objects.filter(workspace=workspace).select_related("by")
    return list(found.order_by("-from_day", "-pk"))


def promised_on(promises: Sequence[Promise], day: date) -> int | None:
    """Return how many hand-offs a week were promised on a day; None: none.

    Args:
        promises: as `find_promises` returns them. Of two that begin on one day, the one that was made last holds.
        day: which day.
    """
    found = next((one for one in promises if one.from_day <= day), None)
    return found.per_week or None if found else None


def set_promise(workspace: Workspace, *, per_week: int, from_day: date, by: User, now: datetime) -> Promise:
    """Promise so many hand-offs a week from a day on; 0: none any more. Earlier promises stay as they are."""
    return Promise.objects.create(workspace=workspace, per_week=per_week, from_day=from_day, by=by, made_at=now)
