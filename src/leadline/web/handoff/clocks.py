"""Response clocks: until when a hand-off has to be answered, and what follows when nobody does.

A clock runs from the moment at which a hand-off opened, in the working time of its owner's calendar; where they have none of their own, or
nobody owns it, in its team's; else in the workspace's. How long it runs, the playbook says (``[handoff] respond_within``). Whoever claims
the hand-off stops it.

- Nothing moves a promise but another owner, and not even they do once it is broken. To put a hand-off off (to snooze it) leaves the clock
  running; only the warning waits until the hand-off is back, if that is before the promise ends.
- One that is given back is due when it always was. Was that in the meantime, it is late from the moment at which it waits again.
- Later changes of a calendar or a playbook count for hand-offs that open or change hands afterwards.

`run_clocks` is a job of the worker. What is due is a state of rows; each mark is set by a conditional update, with its step and what it
tells in one transaction: so it is set once, whoever else looks, and a worker that is killed leaves nothing half done. The clock does not
count a revision up: it takes nothing from who is about to act on what they see. tests/web/handoff/test_clocks.py holds this.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from leadline.engine.business_time import NoWorkingTimeError, WorkTime, read_stretch
from leadline.engine.calendar import instant_of
from leadline.engine.playbook.model import HandOff as HandOffSpec
from leadline.web.accounts.models import User, Workspace
from leadline.web.handoff.calendars.hours import USUAL_HOURS
from leadline.web.handoff.calendars.public_holidays import holidays_of
from leadline.web.handoff.changes import HandOffChange, Tell, change_of, tell_nobody
from leadline.web.handoff.models import HandOff, Seat, Step, Team, WorkCalendar
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import get_plan

log = logging.getLogger("leadline.handoff")

HOUR = 3_600
ROWS_AT_ONCE = 100
USUAL_NAME = "Monday to Friday, 9 to 17"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Kind = Step.Kind

# -- whose working time ----------------------------------------------------------------------------------------------


class Calendars:
    """The calendars of a workspace, read once: for who asks for many owners."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        found = WorkCalendar.objects.filter(workspace=workspace).prefetch_related("days_off")
        self._by_id = {one.pk: one for one in found}
        seats = Seat.objects.filter(workspace=workspace, calendar__isnull=False)
        teams = Team.objects.filter(workspace=workspace, calendar__isnull=False)
        self._of_team = dict(teams.values_list("pk", "calendar_id"))
        self._of_user = dict(seats.values_list("user_id", "calendar_id"))
        self._default = next((one for one in self._by_id.values() if one.is_default), None)

    def of(self, owner_id: int | None, team_id: int | None = None) -> WorkCalendar:
        """Return by whose hours a clock runs: the owner's own, else the team's, else the workspace's, else the usual ones (not stored)."""
        own = self._by_id.get(self._of_user.get(owner_id) or 0) if owner_id is not None else None
        of_team = self._by_id.get(self._of_team.get(team_id) or 0) if team_id is not None else None
        return own or of_team or self._default or usual_calendar(self.workspace)


def usual_calendar(workspace: Workspace) -> WorkCalendar:
    """Return the calendar of a workspace that has made none: Monday to Friday from nine to five in its time zone. It is not stored."""
    hours = [[list(stretch) for stretch in day] for day in USUAL_HOURS]
    return WorkCalendar(workspace=workspace, name=USUAL_NAME, timezone=workspace.timezone, hours=hours)


def calendar_for(workspace: Workspace, owner: User | None = None, team: Team | None = None) -> WorkCalendar:
    """Return by which calendar the clock of an owner's hand-off runs; without an owner, of one that waits for a team."""
    return Calendars(workspace).of(owner.pk if owner else None, team.pk if team else None)


def work_time_of(calendar: WorkCalendar) -> WorkTime:
    """Return a calendar's working time. Calendars that say the same share it, with what it has worked out already.

    Raises:
        UnknownZoneError, BadStretchError: what is stored cannot be used; the page of calendars lets none such in.
    """
    days = list(calendar.days_off.all()) if calendar.pk else []
    return work_time(
        calendar.timezone,
        tuple(tuple((begins, ends) for begins, ends in day) for day in calendar.hours),
        calendar.country,
        calendar.region,
        frozenset(one.day for one in days if not one.is_worked),
        frozenset(one.day for one in days if one.is_worked),
    )


@lru_cache(maxsize=256)
def work_time(
    zone: str,
    hours: tuple[tuple[tuple[str, str], ...], ...],
    country: str,
    region: str,
    off: frozenset[date],
    worked: frozenset[date],
) -> WorkTime:
    """Return the working time of what a calendar says, without a calendar."""

    def is_day_off(day: date) -> bool:
        return day in off or (day not in worked and day in holidays_of(country, region, day.year))

    week = [[read_stretch(begins, ends) for begins, ends in day] for day in hours]
    return WorkTime(zone, [*week, *[[]] * (7 - len(week))], is_day_off)


# -- when an answer is due ------------------------------------------------------------------------------------------


def respond_by(spec: HandOffSpec | None, opened_at: datetime, calendar: WorkCalendar) -> datetime | None:
    """Return until when a hand-off has to be answered.

    None: the playbook promises nothing, or by this calendar nobody works for a year.
    """
    return _after(spec, opened_at, calendar, quarters=4)


def warn_at(spec: HandOffSpec | None, opened_at: datetime, calendar: WorkCalendar) -> datetime | None:
    """Return when a quarter of the time for an answer is left; None as with `respond_by`."""
    return _after(spec, opened_at, calendar, quarters=3)


def _after(spec: HandOffSpec | None, opened_at: datetime, calendar: WorkCalendar, *, quarters: int) -> datetime | None:
    if spec is None or spec.respond_within_hours is None:
        return None
    seconds = spec.respond_within_hours * HOUR * quarters // 4
    try:
        return due_after(work_time_of(calendar), opened_at, seconds)
    except NoWorkingTimeError as error:
        log.warning("By the calendar “%s” no answer is ever due: %s", calendar, error)
        return None


def due_after(work: WorkTime, opened_at: datetime, seconds: int) -> datetime:
    """Return when so many seconds of working time are over.

    Raises:
        NoWorkingTimeError: nobody works for a year.
    """
    return _EPOCH + timedelta(microseconds=work.add_working_time(instant_of(opened_at), seconds))


def clock_columns(
    handoff: HandOff,
    *,
    owner: User | None = None,
    owner_id: int | None = None,
    calendars: Calendars | None = None,
    spec: HandOffSpec | None = None,
) -> dict[str, Any]:
    """Return the columns of a hand-off's clock under an owner; none when its promise is broken already: that stays so.

    Who was warned by an earlier owner's calendar is warned again when the new one has more time.

    Args:
        handoff: with its workspace; one that opens now need not be stored.
        owner: whose calendar counts, given so or as *owner_id*; neither: the workspace's.
        owner_id: the same by id.
        calendars: of the workspace, where the caller has read them.
        spec: of the playbook by which the lead qualified, where the caller has it.
    """
    if handoff.breached_at is not None:
        return {}
    spec = spec or _spec_of(handoff)
    calendar = (calendars or Calendars(handoff.workspace)).of(owner.pk if owner else owner_id, handoff.team_id)
    warned_at, warning = handoff.warned_at, warn_at(spec, handoff.opened_at, calendar)
    if warned_at is not None and warning is not None and warning > warned_at:
        warned_at = None
    return {"respond_by": respond_by(spec, handoff.opened_at, calendar), "warn_at": warning, "warned_at": warned_at}


def _spec_of(handoff: HandOff) -> HandOffSpec | None:
    version = Version.objects.filter(workspace=handoff.workspace_id, number=handoff.version_number).first()
    return get_plan(version).playbook.handoff if version else None


# -- the job ---------------------------------------------------------------------------------------------------------


def run_clocks(*, now: datetime | None = None, tell: Tell = tell_nobody, most: int = ROWS_AT_ONCE) -> int:
    """Mark hand-offs that wait for too long; return how many were marked, 0 when the clocks may rest.

    Those whose promise is broken are late (a step *breached*) and go to the managers' queue (a step *escalated*), first those that are late
    the longest. Those that have a quarter of their time left are warned of, unless they are late already: that would help nobody. What
    follows when one stays late, its team says (`escalation.py`), as its settings are when it becomes late.

    Args:
        now: the moment.
        tell: is handed what became different, in the same transaction.
        most: how many are marked at once of each.
    """
    now = now or timezone.now()
    late = Q(state=HandOff.State.WAITING, breached_at=None, respond_by__lte=now)
    kinds = (_Kind.BREACHED, _Kind.ESCALATED)
    done = mark(late, late_columns(now), kinds, order="respond_by", now=now, tell=tell, most=most)
    is_back = Q(snoozed_until=None) | Q(snoozed_until__lte=now) | Q(snoozed_until__gte=F("respond_by"))
    soon = Q(
        is_back,
        state=HandOff.State.WAITING,
        breached_at=None,
        warned_at=None,
        warn_at__lte=now,
        respond_by__gt=now,
    )
    return done + mark(
        soon, lambda _: {"warned_at": now}, (_Kind.WARNED,), order="warn_at", now=now, tell=tell, most=most
    )


def late_columns(now: datetime) -> Callable[[HandOff], dict[str, Any]]:
    """Return what is marked on a hand-off that becomes late: also what its team wants to follow."""
    calendars: dict[int, Calendars] = {}

    def columns(handoff: HandOff) -> dict[str, Any]:
        found: dict[str, Any] = {"breached_at": now, "escalated_at": now}
        team = handoff.team
        if team is None:
            return found
        if team.raises_after is not None and handoff.respond_by is not None:
            if handoff.workspace_id not in calendars:
                calendars[handoff.workspace_id] = Calendars(handoff.workspace)
            work = work_time_of(calendars[handoff.workspace_id].of(handoff.owner_id, team.pk))
            try:
                found["raise_at"] = due_after(work, handoff.respond_by, team.raises_after * HOUR)
            except NoWorkingTimeError as error:
                log.warning("By the calendar of the team “%s” nothing late is ever raised: %s", team, error)
        return found | {"gives_on": team.gives_on}

    return columns


def mark(
    which: Q,
    columns: Callable[[HandOff], Mapping[str, Any]],
    kinds: Sequence[Step.Kind],
    *,
    order: str,
    now: datetime,
    tell: Tell,
    most: int,
    said: Mapping[str, Any] | None = None,
) -> int:
    """Set marks on some of the hand-offs that are due for them, with a step for each kind. Return on how many."""
    due = HandOff.objects.filter(which)
    if not due.exists():  # the usual case: nobody is kept from writing
        return 0
    with transaction.atomic():
        if connection.vendor == "postgresql":
            due = due.select_for_update(skip_locked=True, of=("self",))
        rows = [
            row
            for row in due.select_related("team", "workspace").order_by(order, "pk")[:most]
            if HandOff.objects.filter(which, pk=row.pk).update(
                **columns(row)
            )  # and still so, whatever locks a database has
        ]
        steps = Step.objects.bulk_create(_step(row, kind, now, said or {}) for row in rows for kind in kinds)
        by_id = {row.pk: row for row in rows}
        changes: list[HandOffChange] = [change_of(by_id[step.handoff_id], step) for step in steps]
        if changes:
            tell(changes)
    return len(rows)


def _step(handoff: HandOff, kind: Step.Kind, now: datetime, said: Mapping[str, Any]) -> Step:
    promised = handoff.respond_by.isoformat() if handoff.respond_by else ""
    return Step(
        workspace_id=handoff.workspace_id,
        handoff=handoff,
        kind=kind,
        at=now,
        said={"respond_by": promised, **said},
        revision=handoff.revision,
    )
