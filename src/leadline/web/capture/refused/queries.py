"""What was refused, as the page shows it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, QuerySet
from django.http import Http404

from leadline.web.accounts.models import Source, Workspace
from leadline.web.capture.models import RefusedEvent
from leadline.web.capture.refused.reasons import Reason, reason_of

State = RefusedEvent.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of it is to be shown; empty is all. first_day and last_day are days of the workspace, both counted in."""

    state: str = State.OPEN
    reason: str = ""
    source_id: int | None = None
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How much was refused for one reason."""

    code: str
    words: Reason
    count: int
    last_at: datetime


def list_refused(workspace: Workspace, wanted: Wanted) -> QuerySet[RefusedEvent]:
    """Return what was refused, the latest first."""
    rows = RefusedEvent.objects.filter(workspace=workspace, state=wanted.state)
    if wanted.reason:
        rows = rows.filter(reason=wanted.reason)
    if wanted.source_id is not None:
        rows = rows.filter(source=wanted.source_id)
    zone = ZoneInfo(workspace.timezone)
    if wanted.first_day:
        rows = rows.filter(received_at__gte=datetime.combine(wanted.first_day, time.min, zone))
    if wanted.last_day and wanted.last_day < date.max:
        rows = rows.filter(received_at__lt=datetime.combine(wanted.last_day + timedelta(days=1), time.min, zone))
    return rows.select_related("source").order_by("-received_at", "-pk")


def count_reasons(workspace: Workspace) -> list[Tally]:
    """Return how much waits to be looked at, by reason, the most frequent first."""
    rows = (
        RefusedEvent.objects.filter(workspace=workspace, state=State.OPEN)
        .values("reason")
        .annotate(count=Count("pk"), last_at=Max("received_at"))
        .order_by("-count", "reason")
    )
    return [
        Tally(code=row["reason"], words=reason_of(row["reason"]), count=row["count"], last_at=row["last_at"])
        for row in rows
    ]


def count_states(workspace: Workspace) -> dict[str, int]:
    """Return how much is in each state."""
    rows = RefusedEvent.objects.filter(workspace=workspace).values_list("state").annotate(Count("pk"))
    return {state.value: 0 for state in State} | dict(rows)


def list_sources(workspace: Workspace) -> QuerySet[Source]:
    """Return the sources of a workspace by name."""
    return Source.objects.filter(workspace=workspace).order_by("name")


def get_refused(workspace: Workspace, pk: int) -> RefusedEvent:
    """Return what was refused.

    Raises:
        Http404: it is not there, or another workspace's.
    """
    found = RefusedEvent.objects.filter(workspace=workspace, pk=pk).select_related("source").first()
    if found is None:
        raise Http404("There is no such refused event.")
    return found


def body_as_text(refused: RefusedEvent) -> str:
    """Return what was sent as text that can be edited: bytes that are no text, and NUL, as they are written with a backslash."""
    return bytes(refused.body).decode("utf-8", "backslashreplace").replace("\0", "\\u0000")
