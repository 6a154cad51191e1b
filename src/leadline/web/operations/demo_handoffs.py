"""The demo's sales: who works hand-offs and when, what they did with those of the last months, and what waits now.

The past is invented with the rest of the demo: for each spell that was handed over, what the log says was decided, with plausible times of
claims and calls. What waits now was opened by the app itself; its beginning is set back, so that clocks show something.
Guarded by tests/web/operations/test_demo.py.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from leadline.web.accounts.models import User, Workspace
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.assessments.reasons import write_reasons
from leadline.web.handoff.actions import claim, decide, log_call
from leadline.web.handoff.clocks import Calendars, clock_columns, due_after, run_clocks, work_time_of
from leadline.web.handoff.elsewhere import DECIDES
from leadline.web.handoff.models import HandOff, Seat, Step, Team, TeamSeat, WorkCalendar
from leadline.web.handoff.opening import criteria_of, handed_over
from leadline.web.handoff.routing import route_many
from leadline.web.leads.models import Outcome
from leadline.web.notices.models import Notice
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import find_live, get_plan

PAST = timedelta(days=120)
RECENT = timedelta(days=1)
"""What qualified since then waits, as far as nobody has begun with it."""
_LATE_AT_MOST = timedelta(days=9)
_ACCEPTED_AFTER = timedelta(days=35)
_WEEK = [[["09:00", "17:30"]]] * 5 + [[], []]
_STATES = {"opportunity": "accepted", "won": "accepted", "lost": "rejected"}
"""What an outcome that is no decision of sales says of its hand-off."""


def set_up_sales(workspace: Workspace) -> None:
    """Make the teams that the starter playbook names, with everybody who sells in them, and the hours in which they work."""
    WorkCalendar.objects.create(
        workspace=workspace,
        name="Berlin",
        timezone="Europe/Berlin",
        hours=_WEEK,
        country="DE",
        region="BE",
        is_default=True,
    )
    reps = User.objects.filter(memberships__workspace=workspace, memberships__role="rep").order_by("pk")
    seats = [Seat.objects.create(workspace=workspace, user=one, capacity=25) for one in reps]
    for slug, name in (("inbound", "Inbound"), ("enterprise", "Enterprise"), ("regional", "Regional")):
        team = Team.objects.create(workspace=workspace, slug=slug, name=name)
        TeamSeat.objects.bulk_create(
            TeamSeat(workspace=workspace, team=team, seat=seat, position=place) for place, seat in enumerate(seats)
        )


def invent_handoffs(workspace: Workspace, *, now: datetime | None = None) -> None:
    """Invent what sales did with the hand-offs of the last months, and set back those that wait now."""
    version, now = find_live(workspace), now or timezone.now()
    if version is None:
        return
    with transaction.atomic():
        _invent_past(version, now)
        _route_again(version, now)
        _age(version, now)
    _work_what_is_old(workspace, now)
    run_clocks(now=now)
    _tell_times(workspace)
    _begin_work(workspace, now)


def _age(version: Version, now: datetime) -> None:
    """Let what waits have opened when it qualified, so that who asked first is due first."""
    calendars, spec = Calendars(version.workspace), get_plan(version).playbook.handoff
    waiting = HandOff.objects.filter(workspace=version.workspace_id, state="waiting").select_related("workspace")
    for one in waiting.order_by("pk"):
        opened_at = one.opened_at = min(one.began_at + timedelta(minutes=1), now)
        columns = clock_columns(one, owner_id=one.owner_id, calendars=calendars, spec=spec)
        HandOff.objects.filter(pk=one.pk).update(opened_at=opened_at, **columns)
        Step.objects.filter(handoff=one).update(at=opened_at)


def _invent_past(version: Version, now: datetime) -> None:
    known = set(HandOff.objects.filter(workspace=version.workspace_id).values_list("lead", "qualification", "began_at"))
    owners = list(Seat.objects.filter(workspace=version.workspace_id).order_by("pk").values_list("user_id", flat=True))
    ranks = dict(Assessment.objects.filter(version=version).values_list("lead", "rank"))
    spells = Spell.objects.filter(version=version, qualification__in=handed_over(version), lead__merged_into=None)
    numbers: dict[tuple[int, str], int] = {}
    for spell in spells.filter(lead__is_known=True, began_at__gte=now - PAST).order_by("began_at", "pk"):
        key = (spell.lead_id, spell.qualification)
        numbers[key] = numbers.get(key, 0) + 1
        if (*key, spell.began_at) in known or not owners:
            continue
        decided = (
            Outcome.objects.filter(lead=spell.lead_id, outcome__in=DECIDES, at__gte=spell.began_at)
            .order_by("at")
            .first()
        )
        if decided is None and spell.ended_at is None:
            continue
        _invent_one(version, spell, decided, owners, numbers[key], ranks.get(spell.lead_id, 0))


def reasons_of(spell: Spell) -> str:
    """Return the criteria that gave most when a spell began, with their points, as `HandOff.because` has them."""
    given: dict[str, int] = (spell.evidence or {}).get("contributions", {})
    most = sorted(given.items(), key=lambda one: (-one[1], one[0]))[:3]
    return write_reasons((name, units) for name, units in most if units > 0)


def _route_again(version: Version, now: datetime) -> None:
    """Number and route what waits as it would have been, had its past been there when it opened: who knows the lead, who shall not."""
    waiting = (
        HandOff.objects.filter(workspace=version.workspace_id, state="waiting").select_related("lead").order_by("pk")
    )
    before = HandOff.objects.filter(lead=OuterRef("lead"), pk__gt=OuterRef("pk"))  # what was invented is written later
    again = list(waiting.filter(Exists(before)))
    HandOff.objects.filter(pk__in=[one.pk for one in again]).update(owner=None, team=None)
    for one, where in zip(again, route_many(version, [each.lead for each in again], now=now), strict=True):
        earlier = HandOff.objects.filter(lead=one.lead_id, qualification=one.qualification, began_at__lt=one.began_at)
        HandOff.objects.filter(pk=one.pk).update(
            owner_id=where.owner_id, team=where.team, route=where.stored, number=earlier.count() + 1
        )


def _invent_one(
    version: Version, spell: Spell, decided: Outcome | None, owners: list[int], number: int, rank: int
) -> None:
    calendars, spec = Calendars(version.workspace), get_plan(version).playbook.handoff
    owner_id = _decider(decided, owners) or owners[spell.pk % len(owners)]
    work = work_time_of(calendars.of(owner_id))
    opened_at = spell.began_at + timedelta(minutes=1)
    ended_at = decided.at if decided else spell.ended_at
    assert ended_at is not None
    claimed_at = min(due_after(work, opened_at, 60 * (10 + spell.pk * 37 % 300)), ended_at)
    touched_at = min(due_after(work, claimed_at, 60 * (5 + spell.pk * 13 % 200)), ended_at)
    handoff = HandOff(
        workspace_id=version.workspace_id,
        lead_id=spell.lead_id,
        qualification=spell.qualification,
        began_at=spell.began_at,
        number=number,
        version_number=version.number,
        team=Team.objects.filter(workspace=version.workspace_id, slug="inbound").first(),
        is_hand_raise=bool(spell.hand_raise),
        because=spell.hand_raise or reasons_of(spell),
        brought_by=criteria_of(spell),
        rank=rank,
        opened_at=opened_at,
    )
    for name, value in clock_columns(handoff, owner_id=owner_id, calendars=calendars, spec=spec).items():
        setattr(handoff, name, value)
    steps: list[tuple[str, datetime, int | None, dict[str, str]]] = [(Step.Kind.OPENED, opened_at, None, {})]
    if decided is None:
        handoff.state, handoff.cooled_at = HandOff.State.COOLED, ended_at
        steps.append((Step.Kind.COOLED, ended_at, None, {}))
    else:
        state = _STATES.get(decided.outcome, decided.outcome)
        handoff.state, handoff.owner_id, handoff.decided_by_id = HandOff.State(state), owner_id, owner_id
        handoff.claimed_at, handoff.touched_at, handoff.decided_at = claimed_at, touched_at, ended_at
        handoff.reason = decided.reason
        said = {"decision": state, "reason": decided.reason, "text": ""}
        was_reached = decided.reason != "no-response" and (state == "accepted" or spell.pk % 3)
        result = "reached" if was_reached else "no-answer"
        steps += [
            (Step.Kind.CLAIMED, claimed_at, owner_id, {}),
            (Step.Kind.CALLED, touched_at, owner_id, {"result": result, "text": ""}),
            (Step.Kind.DECIDED, ended_at, owner_id, said),
        ]
    if handoff.respond_by and handoff.respond_by < (handoff.claimed_at or ended_at):
        handoff.breached_at = handoff.escalated_at = handoff.respond_by
    handoff.revision = len(steps)
    handoff.save()
    Step.objects.bulk_create(
        Step(workspace_id=version.workspace_id, handoff=handoff, kind=kind, at=at, by_id=by, said=said, revision=place)
        for place, (kind, at, by, said) in enumerate(steps, start=1)
    )


def _decider(decided: Outcome | None, owners: list[int]) -> int | None:
    """Return who of the reps reported an outcome."""
    by = decided.by if decided else ""
    return User.objects.filter(pk__in=owners, email=by).values_list("pk", flat=True).first() if by else None


def _work_what_is_old(workspace: Workspace, now: datetime) -> None:
    """Let the reps have taken up what opened before the last days, called, and accepted the oldest. Some is still not answered."""
    calendars = Calendars(workspace)
    old = HandOff.objects.filter(workspace=workspace, state="waiting", owner__isnull=False, opened_at__lt=now - RECENT)
    for place, one in enumerate(old.select_related("owner").order_by("opened_at", "pk")):
        assert one.owner is not None
        if one.opened_at > now - _LATE_AT_MOST and (one.number > 1 or place % 3 == 0):
            continue
        work = work_time_of(calendars.of(one.owner_id))
        claimed_at = due_after(work, one.opened_at, 60 * (20 + one.pk * 7 % 400))
        called_at = due_after(work, claimed_at, 60 * (5 + one.pk * 11 % 200))
        if called_at >= now:
            continue
        claim(one.pk, by=one.owner, now=claimed_at)
        log_call(one.pk, by=one.owner, result="voicemail" if place % 3 else "reached", now=called_at)
        if one.opened_at < now - _ACCEPTED_AFTER:
            said_at = claimed_at + timedelta(days=2 + one.pk % 9)
            decide(one.pk, "accepted", by=one.owner, now=said_at)


def _tell_times(workspace: Workspace) -> None:
    """Let what the clocks found have been found when it was due, and people have been told of each step when it happened."""
    late = HandOff.objects.filter(workspace=workspace, breached_at__isnull=False, respond_by__isnull=False)
    late.update(breached_at=F("respond_by"), escalated_at=F("respond_by"))
    warned = HandOff.objects.filter(workspace=workspace, warned_at__isnull=False, warn_at__isnull=False)
    warned.update(warned_at=F("warn_at"))
    due = {Step.Kind.BREACHED: "respond_by", Step.Kind.ESCALATED: "respond_by", Step.Kind.WARNED: "warn_at"}
    for kind, column in due.items():
        when = Subquery(HandOff.objects.filter(pk=OuterRef("handoff")).values(column)[:1])
        Step.objects.filter(workspace=workspace, kind=kind).update(at=Coalesce(when, F("at")))
    told_at = Subquery(Step.objects.filter(pk=OuterRef("step")).values("at")[:1])
    Notice.objects.filter(workspace=workspace, step__isnull=False).update(at=told_at)


def _begin_work(workspace: Workspace, now: datetime) -> None:
    """Let the reps have claimed some of what waits."""
    waiting = HandOff.objects.filter(
        workspace=workspace, state="waiting", owner__isnull=False, is_hand_raise=False, opened_at__gte=now - RECENT
    )
    for place, one in enumerate(waiting.select_related("owner").order_by("-rank", "pk")[:3]):
        assert one.owner is not None
        if place % 2:
            log_call(one.pk, by=one.owner, result="no-answer", now=now - timedelta(hours=1))
        else:
            claim(one.pk, by=one.owner, now=now - timedelta(hours=2))
