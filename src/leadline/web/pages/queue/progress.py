"""How the work on a hand-off gets on: since when somebody has it, when they last spoke with the lead, and since when it lies.

It **lies** when whoever has it did nothing with it for `IDLE_DAYS` full working days, by the calendar by which its clock ran, and neither a
meeting nor a moment until which it was put off is to come. tests/web/pages/queue/test_progress.py guards it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from leadline.engine.calendar import instant_of
from leadline.web.handoff.actions.meetings import meetings_of
from leadline.web.handoff.actions.working import CALL_RESULTS
from leadline.web.handoff.clocks import Calendars, work_time_of
from leadline.web.handoff.models import HandOff, Step, WorkCalendar

IDLE_DAYS = 5
_K, _State = Step.Kind, HandOff.State
_WORK = (_K.CLAIMED, _K.ASSIGNED, _K.CALLED, _K.MET, _K.CANCELLED, _K.WROTE, _K.NOTED, _K.SNOOZED, _K.DECIDED)
_GOES_ON = tuple(kind for kind in _WORK if kind not in (_K.NOTED, _K.DECIDED))
"""After these, a call that was to come is made, or is to come at another time. Accepting is not one of them."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOOKED_BACK = timedelta(days=60)
"""Working days are looked for so far back; where there are fewer than `IDLE_DAYS` in it, nothing lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How the work on one gets on.

    since: when it was claimed, or accepted. contact, contact_at: the last call or meeting that took place; empty: there was none.
    meets_at: the next meeting. calls_at: when one calls again, as the last call said, until something else is done; is_call_due: whether
    that is over. lies_since: the last day on which something was done, where it lies.
    """

    since: datetime | None
    contact: str
    contact_at: datetime | None
    meets_at: datetime | None
    calls_at: datetime | None
    is_call_due: bool
    lies_since: date | None


def progress_of(handoffs: Iterable[HandOff], calendars: Calendars, *, now: datetime) -> dict[int, Progress]:
    """Return for those that somebody works, or has accepted, how that gets on. One query, or none.

    Args:
        handoffs: any; those that wait or were sent back are left out.
        calendars: of their workspace.
        now: as of when.
    """
    worked = {one.pk: one for one in handoffs if one.state in (_State.CLAIMED, _State.ACCEPTED)}
    if not worked:
        return {}
    steps: dict[int, list[Step]] = {}
    rows = Step.objects.filter(handoff__in=worked, kind__in=_WORK, by__isnull=False).order_by("pk")
    for step in rows.defer("before"):
        steps.setdefault(step.handoff_id, []).append(step)
    days = _WorkingDays(now)
    return {
        pk: _progress(one, steps.get(pk, ()), calendars.of(one.owner_id, one.team_id), days)
        for pk, one in worked.items()
    }


class _WorkingDays:
    """The working days of calendars up to a moment, each worked out once."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._first: dict[tuple[int | None, str], date | None] = {}

    def first_idle(self, calendar: WorkCalendar) -> date | None:
        """Return the first of the last full working days: whoever did nothing since the day before it lets it lie."""
        key = (calendar.pk, calendar.timezone)
        if key not in self._first:
            zone = ZoneInfo(calendar.timezone)
            midnight = self.now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
            stretches = work_time_of(calendar).stretches_between(
                instant_of(midnight - _LOOKED_BACK), instant_of(midnight)
            )
            found = sorted({(_EPOCH + timedelta(microseconds=begin)).astimezone(zone).date() for begin, _ in stretches})
            self._first[key] = found[-IDLE_DAYS] if len(found) >= IDLE_DAYS else None
        return self._first[key]


def _progress(handoff: HandOff, steps: Sequence[Step], calendar: WorkCalendar, days: _WorkingDays) -> Progress:
    now = days.now
    since = handoff.decided_at if handoff.state == _State.ACCEPTED else handoff.claimed_at
    meetings = [datetime.fromisoformat(one.step.said["at"]) for one in meetings_of(steps) if not one.is_cancelled]
    contacts = [(at, "meeting") for at in meetings if at <= now]
    contacts += [
        (one.at, _say_contact(one)) for one in steps if one.kind in (_K.CALLED, _K.WROTE) and not one.undone_at
    ]
    contact_at, contact = max(contacts, default=(None, ""), key=lambda one: one[0])
    last_step = next((one for one in reversed(steps) if one.kind in _GOES_ON and not one.undone_at), None)
    again = last_step.said.get("again") if last_step is not None else None
    calls_at = datetime.fromisoformat(again) if again else None
    ahead = [at for at in meetings if at > now]
    off = handoff.snoozed_until
    did = [one.at for one in steps if not one.undone_at] + [at for at, _ in contacts]
    did += [at for at in (since, handoff.claimed_at, off) if at is not None]
    last, first_idle = max(did, default=None), days.first_idle(calendar)
    lies_since = None
    if last is not None and first_idle is not None and not ahead:
        day = last.astimezone(ZoneInfo(calendar.timezone)).date()
        lies_since = day if day < first_idle else None
    return Progress(
        since=since,
        contact=contact,
        contact_at=contact_at,
        meets_at=min(ahead, default=None),
        calls_at=calls_at,
        is_call_due=calls_at is not None and calls_at <= now,
        lies_since=lies_since,
    )


def _say_contact(step: Step) -> str:
    said = CALL_RESULTS.get(step.said.get("result", ""), "call") if step.kind == _K.CALLED else "mail"
    return said[:1].lower() + said[1:]
