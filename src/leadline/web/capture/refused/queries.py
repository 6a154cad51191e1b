"""What was refused, as the page shows it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, QuerySet, Sum
from django.http import Http404
from django.utils import timezone

from leadline.web.accounts.models import Source, Workspace
from leadline.web.capture.models import RefusedEvent, RefusedMeter
from leadline.web.capture.refused.reasons import Reason, reason_of
from leadline.web.capture.tracking.meter import REMEMBERED
from leadline.web.capture.tracking.reading import GZIP

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


@dataclass(frozen=True, slots=True, kw_only=True)
class NotKept:
    """How much of what a source sent was refused and not kept: counted by the hour, from the first of them to the end of the last."""

    source: str
    count: int
    since: datetime
    until: datetime


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


def why_not_mendable(refused: RefusedEvent) -> str:
    """Return why nobody can mend what was sent; empty for what can be mended, which is all that is text."""
    if not bytes(refused.body).startswith(GZIP):
        return ""
    if refused.reason == "request-too-large":
        return "It is compressed and larger than may be unpacked, so there is no text here that could be mended."
    return "It is compressed, and the compression is broken: it cannot be unpacked, so there is no text here that could be mended."


def advice_beside(refused: RefusedEvent, words: Reason) -> str:
    """Return how a reason is mended in general, unless the words about this one say so already."""
    return "" if words.mend.rstrip(".").casefold() in refused.detail.casefold() else words.mend


def sources_not_kept(workspace: Workspace, *, now: datetime | None = None) -> list[NotKept]:
    """Return of which sources more was refused lately than is kept, with how much, since when and until when; the most first."""
    rows = (
        RefusedMeter.objects.filter(workspace=workspace, not_kept__gt=0, hour__gt=(now or timezone.now()) - REMEMBERED)
        .values("source__name")
        .annotate(count=Sum("not_kept"), since=Min("hour"), last=Max("hour"))
        .order_by("-count", "source__name")
    )
    return [
        NotKept(
            source=row["source__name"], count=row["count"], since=row["since"], until=row["last"] + timedelta(hours=1)
        )
        for row in rows
    ]


def body_as_text(refused: RefusedEvent) -> str:
    """Return what was sent as text that can be edited: bytes that are no text, and NUL, as they are written with a backslash."""
    return bytes(refused.body).decode("utf-8", "backslashreplace").replace("\0", "\\u0000")
