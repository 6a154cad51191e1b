"""The demo's sales: who works hand-offs and when, what they did with those of the last months, and what waits now.

The past is invented with the rest of the demo: for each spell that was handed over, what the log says was decided, with plausible times of
claims and calls. What waits now was opened by the app itself; its beginning is set back, so that clocks show something.
Guarded by tests/web/operations/test_demo.py.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from leadline.web.accounts.models import User, Workspace
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.handoff.actions import claim, log_call
from leadline.web.handoff.clocks import Calendars, clock_columns, run_clocks
from leadline.web.handoff.models import HandOff, Seat, Step, Team, TeamSeat, WorkCalendar
from leadline.web.handoff.opening import DECIDES, handed_over
from leadline.web.leads.models import Outcome
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import find_live, get_plan

PAST = timedelta(days=120)
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
        _age(version, now)
        _invent_past(version, now)
    run_clocks(now=now)
    _begin_work(workspace, now)


def _age(version: Version, now: datetime) -> None:
    """Let what waits have waited for some hours, and no longer than its spell lasts."""
    calendars, spec = Calendars(version.workspace), get_plan(version).playbook.handoff
    waiting = HandOff.objects.filter(workspace=version.workspace_id, state="waiting").select_related("workspace")
    for place, one in enumerate(waiting.order_by("-is_hand_raise", "-rank", "pk")):
        opened_at = max(one.began_at, now - timedelta(minutes=25 + place * place * 9 % 2600))
        one.opened_at = opened_at
        columns = clock_columns(one, owner_id=one.owner_id, calendars=calendars, spec=spec)
        HandOff.objects.filter(pk=one.pk).update(opened_at=opened_at, **columns)
        Step.objects.filter(handoff=one, kind=Step.Kind.OPENED).update(at=opened_at)


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


def _invent_one(
    version: Version, spell: Spell, decided: Outcome | None, owners: list[int], number: int, rank: int
) -> None:
    calendars, spec = Calendars(version.workspace), get_plan(version).playbook.handoff
    owner_id = owners[spell.pk % len(owners)]
    opened_at = spell.began_at + timedelta(minutes=1)
    ended_at = decided.at if decided else spell.ended_at
    assert ended_at is not None
    claimed_at = min(opened_at + timedelta(minutes=10 + spell.pk * 37 % 700), ended_at)
    touched_at = min(claimed_at + timedelta(minutes=5 + spell.pk * 13 % 300), ended_at)
    handoff = HandOff(
        workspace_id=version.workspace_id,
        lead_id=spell.lead_id,
        qualification=spell.qualification,
        began_at=spell.began_at,
        number=number,
        version_number=version.number,
        team=Team.objects.filter(workspace=version.workspace_id, slug="inbound").first(),
        is_hand_raise=bool(spell.hand_raise),
        because=spell.hand_raise or str((spell.evidence or {}).get("reasons", "")),
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
        result = "reached" if state == "accepted" or spell.pk % 3 else "no-answer"
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


def _begin_work(workspace: Workspace, now: datetime) -> None:
    """Let the reps have claimed some of what waits."""
    waiting = HandOff.objects.filter(workspace=workspace, state="waiting", owner__isnull=False, is_hand_raise=False)
    for place, one in enumerate(waiting.select_related("owner").order_by("-rank", "pk")[:5]):
        assert one.owner is not None
        if place % 2:
            log_call(one.pk, by=one.owner, result="no-answer", now=now - timedelta(hours=1))
        else:
            claim(one.pk, by=one.owner, now=now - timedelta(hours=2))
