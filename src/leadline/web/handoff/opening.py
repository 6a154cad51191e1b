"""Hand-offs open, cool and are withdrawn with the spells that they belong to.

All of it follows from what is stored, not from events that could be missed: `reconcile` compares the open spells of some leads with their
hand-offs and makes the second fit the first, and doing it twice changes nothing. It is called where leads were assessed, and by a sweep
for whom nothing was assessed: a version went live, somebody became known.

A hand-off opens for a known lead whose spell in a qualification of the live playbook's ``[handoff]`` is open, unless that spell was
decided already: by a hand-off, or by an outcome that came from elsewhere (`elsewhere.py`), of this qualification or of none in
particular. What is decided elsewhere is decided: a hand-off that waits takes that decision, and so does one that somebody works on when it
was reported after they took it. tests/web/handoff/test_opening.py guards it, and test_opening_in_any_order.py that what waits follows
from what is stored, in whatever order it came.

Where a spell was neither ended nor taken away by the log, and the hand-off is older than the live version, it is that version which
withdraws it: the step names it, and its people are told. Who works on one keeps it, and is told as well.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from leadline.web.assessments.models import Assessment, Spell
from leadline.web.handoff.changes import HandOffChange, Tell, change_of, tell_nobody
from leadline.web.handoff.clocks import Calendars, clock_columns
from leadline.web.handoff.elsewhere import DECIDES, Told, told_of
from leadline.web.handoff.models import HandOff, Step
from leadline.web.handoff.routing import Routed, route_many
from leadline.web.leads.models import Lead, Outcome
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import get_plan

State = HandOff.State
LEADS_AT_ONCE = 200

Key = tuple[int, str]
"""A lead and a qualification."""


def handed_over(version: Version) -> tuple[str, ...]:
    """Return the qualifications that a version hands to sales; none where it has no ``[handoff]``."""
    handoff = get_plan(version).playbook.handoff
    return handoff.qualifications if handoff else ()


def reconcile(
    version: Version,
    lead_ids: Iterable[int],
    *,
    over: Collection[Key] = (),
    now: datetime | None = None,
    tell: Tell = tell_nobody,
) -> list[HandOffChange]:
    """Make the hand-offs of some leads fit their spells under the live version. Call it in a transaction.

    Args:
        version: the live one.
        lead_ids: of whom.
        over: whose spells the log has just ended or taken away: so it was not the version.
        now: when.
        tell: is handed what became different.

    Returns:
        What became different, which *tell* was handed.
    """
    now = now or timezone.now()
    changes: list[HandOffChange] = []
    wanted = sorted(set(lead_ids))
    for start in range(0, len(wanted), LEADS_AT_ONCE):
        some = wanted[start : start + LEADS_AT_ONCE]
        changes += _Desk(version, now, over).reconcile(some)
    if changes:
        tell(changes)
    return changes


def find_missing(version: Version) -> QuerySet[Spell]:
    """Return the open spells of known leads for which a hand-off should be open and is not."""
    of_it = HandOff.objects.filter(lead=OuterRef("lead"), qualification=OuterRef("qualification"))
    is_open = of_it.filter(state__in=HandOff.OPEN)
    decided = of_it.filter(Q(began_at=OuterRef("began_at")) | Q(decided_at__gte=OuterRef("began_at")))
    decided = decided.filter(decided_by__isnull=False)
    spells = Spell.objects.filter(version=version, qualification__in=handed_over(version), ended_at=None)
    spells = spells.filter(lead__is_known=True, lead__merged_into=None)
    return (
        spells.exclude(Exists(is_open))
        .exclude(Exists(decided.exclude(state__in=_CLOSED)))
        .exclude(Exists(_elsewhere()))
    )


def find_left_over(version: Version) -> QuerySet[HandOff]:
    """Return open hand-offs that do not fit: whose lead was merged, whose spell is not open (of one that somebody works on: as long as
    they were not told) or says something else by now, and those that were decided elsewhere."""
    own = Spell.objects.filter(
        version=version,
        lead=OuterRef("lead"),
        lead__is_known=True,
        lead__merged_into=None,
        qualification=OuterRef("qualification"),
        qualification__in=handed_over(version),
        ended_at=None,
    )
    rows = HandOff.objects.filter(workspace=version.workspace_id, state__in=HandOff.OPEN)
    has_ended = Q(state=State.WAITING) | Q(cooled_at=None)
    same = own.annotate(cools=_day(F("cools_day"))).filter(
        began_at=OuterRef("began_at"), cools=_day(OuterRef("cools_day"))
    )
    is_another = Exists(own) & (~Exists(same) | Q(cooled_at__isnull=False))
    elsewhere = Q(state=State.WAITING) & Q(Exists(_elsewhere()))
    elsewhere |= Q(state=State.CLAIMED) & Q(Exists(_elsewhere().filter(at__gte=OuterRef("claimed_at"))))
    return rows.filter(has_ended & ~Exists(own) | is_another | elsewhere | Q(lead__merged_into__isnull=False))


def _day(day: F | OuterRef) -> Coalesce:
    """Return a day so that two that there are not are equal."""
    return Coalesce(day, Value(-1), output_field=IntegerField())


def _elsewhere() -> QuerySet[Outcome]:
    """Return what decides a spell or hand-off of an outer query: reported since it began, of its qualification or of none in particular."""
    found = Outcome.objects.filter(lead=OuterRef("lead"), outcome__in=DECIDES, at__gte=OuterRef("began_at"))
    return found.filter(Q(qualification="") | Q(qualification=OuterRef("qualification")))


def follow_merges(version: Version, lead_ids: Iterable[int], *, now: datetime, tell: Tell = tell_nobody) -> None:
    """Move open hand-offs of leads that were merged to who has their log now. Call it in the transaction of the merge."""
    changes = _Desk(version, now).follow_merges(sorted(set(lead_ids)))
    if changes:
        tell(changes)


_CLOSED = (State.COOLED, State.WITHDRAWN, State.MERGED)


@dataclass(frozen=True, slots=True)
class _New:
    """A hand-off that is to be opened."""

    spell: Spell
    number: int


class _Desk:
    """What is known of some leads and their hand-offs, read once."""

    def __init__(self, version: Version, now: datetime, over: Collection[Key] = ()) -> None:
        self.version, self.now, self.over = version, now, frozenset(over)
        self.levels = handed_over(version)
        self.changes: list[HandOffChange] = []

    def reconcile(self, lead_ids: Sequence[int]) -> list[HandOffChange]:
        """Make the hand-offs of some leads fit their spells."""
        leads = {one.pk: one for one in Lead.objects.filter(pk__in=lead_ids, workspace=self.version.workspace_id)}
        self._follow_merges(leads)
        spells = self._open_spells(leads)
        handoffs = self._handoffs(leads)
        elsewhere = told_of(leads)
        new: list[_New] = []
        for key, spell in spells.items():
            own = handoffs.get(key, [])
            open_now = next((one for one in own if one.is_open), None)
            if open_now is not None:
                self._keep(open_now, spell)
                self._decide_elsewhere(open_now, elsewhere, since=spell.began_at)
            elif _is_decided(own, spell, elsewhere):
                continue
            elif again := self._that_closed(own, spell):
                self._reopen(again, spell)
            else:
                new.append(_New(spell, len(own) + 1))
        for key, own in handoffs.items():
            for one in own:
                if one.is_open and key not in spells and not self._decide_elsewhere(one, elsewhere, since=one.began_at):
                    self._close(one, leads.get(one.lead_id))
        self._open(new, leads)
        return self.changes

    def follow_merges(self, lead_ids: Sequence[int]) -> list[HandOffChange]:
        """Move the open hand-offs of those leads that were merged."""
        self._follow_merges({one.pk: one for one in Lead.objects.filter(pk__in=lead_ids)})
        return self.changes

    # -- reading ------------------------------------------------------------------------------------------------------

    def _open_spells(self, leads: dict[int, Lead]) -> dict[Key, Spell]:
        known = [pk for pk, lead in leads.items() if lead.is_known and lead.merged_into_id is None]
        rows = Spell.objects.filter(version=self.version, lead__in=known, qualification__in=self.levels, ended_at=None)
        return {(one.lead_id, one.qualification): one for one in rows}

    def _handoffs(self, leads: dict[int, Lead]) -> dict[Key, list[HandOff]]:
        """Return the hand-offs of some leads by lead and qualification, the latest first."""
        found: dict[Key, list[HandOff]] = {}
        for one in HandOff.objects.filter(lead__in=leads).order_by("-opened_at", "-pk"):
            found.setdefault((one.lead_id, one.qualification), []).append(one)
        return found

    def _that_closed(self, own: Sequence[HandOff], spell: Spell) -> HandOff | None:
        """Return the hand-off of this very spell that is over without a decision that stands, if there is one."""
        return next(
            (
                one
                for one in own[:1]
                if one.began_at == spell.began_at and not one.is_open and one.decided_by_id is None
            ),
            None,
        )

    # -- writing ------------------------------------------------------------------------------------------------------

    def _keep(self, handoff: HandOff, spell: Spell) -> None:
        """Follow what a spell says by now: a late event moved its beginning, its cooling day is another, it is open again."""
        columns: dict[str, Any] = {"began_at": spell.began_at, "cools_day": spell.cools_day, "cooled_at": None}
        if any(getattr(handoff, name) != value for name, value in columns.items()):
            HandOff.objects.filter(pk=handoff.pk, state__in=HandOff.OPEN).update(**columns)

    def _close(self, handoff: HandOff, lead: Lead | None) -> None:
        """Close what waits for nothing; who works on one is only told that its spell is over."""
        ended = Spell.objects.filter(
            version=self.version, lead=handoff.lead_id, qualification=handoff.qualification, began_at=handoff.began_at
        ).first()
        number = self._find_withdrawing(handoff, lead)
        has_cooled = ended is not None and number is None
        kind, state = (Step.Kind.COOLED, State.COOLED) if has_cooled else (Step.Kind.WITHDRAWN, State.WITHDRAWN)
        said = {} if number is None else {"version": number}
        if handoff.state == State.CLAIMED:
            if handoff.cooled_at is None:
                at = ended.ended_at if has_cooled and ended is not None and ended.ended_at else self.now
                if HandOff.objects.filter(pk=handoff.pk, state=State.CLAIMED, cooled_at=None).update(cooled_at=at):
                    self._step(handoff, kind, {"while": "claimed"} | said)
            return
        columns = {"state": state, "cooled_at": self.now}
        self._turn(handoff, kind, columns, only=Q(state=State.WAITING), said=said)

    def _find_withdrawing(self, handoff: HandOff, lead: Lead | None) -> int | None:
        """Return the number of the version that withdraws a hand-off; None where the log did it, or a merge."""
        if handoff.cooled_at is not None:  # it was noticed while somebody worked on it
            noticed = handoff.steps.filter(kind__in=(Step.Kind.COOLED, Step.Kind.WITHDRAWN)).order_by("pk").last()
            number: int | None = noticed.said.get("version") if noticed else None
            return number
        live_at = self.version.live_at
        if (handoff.lead_id, handoff.qualification) in self.over or lead is None or not lead.is_known:
            return None
        if live_at is None or handoff.opened_at >= live_at:
            return None
        since = handoff.steps.filter(kind__in=(Step.Kind.MERGED, Step.Kind.REOPENED), at__gte=live_at)
        return None if since.exists() else self.version.number

    def _decide_elsewhere(self, handoff: HandOff, elsewhere: dict[Key, list[Told]], *, since: datetime) -> bool:
        """Let a hand-off take the decision that was reported elsewhere since its spell began; return whether there was one.

        Who works on it has it until something is reported after they took it.
        """
        if handoff.state == State.CLAIMED and handoff.claimed_at is not None:
            since = max(since, handoff.claimed_at)
        told = _last_of(elsewhere, (handoff.lead_id, handoff.qualification), since)
        if told is None:
            return False
        at = min(max(told.at, handoff.opened_at), self.now)
        columns = {"state": told.decision, "decided_at": at, "reason": told.reason}
        self._turn(handoff, Step.Kind.DECIDED, columns, only=Q(state=handoff.state), said=told.said())
        return True

    def _reopen(self, handoff: HandOff, spell: Spell) -> None:
        columns = {
            "state": State.WAITING,
            "cooled_at": None,
            "decided_at": None,
            "reason": "",
            "cools_day": spell.cools_day,
            "owner_id": handoff.owner_id,
            "snoozed_until": None,
        }
        self._turn(handoff, Step.Kind.REOPENED, columns, only=Q(state=handoff.state))

    def _follow_merges(self, leads: dict[int, Lead]) -> None:
        """Move open hand-offs of leads that were merged to the lead that has their log now; close them where it has one of its own."""
        moved = HandOff.objects.filter(
            Q(lead__merged_into__in=leads) | Q(lead__in=leads, lead__merged_into__isnull=False), state__in=HandOff.OPEN
        )
        for one in moved.select_related("lead"):
            survivor = _survivor(one.lead)
            taken = HandOff.objects.filter(lead=survivor, qualification=one.qualification, state__in=HandOff.OPEN)
            if taken.exists():
                self._turn(one, Step.Kind.MERGED, {"state": State.MERGED}, only=Q(state__in=HandOff.OPEN))
            else:
                self._turn(one, Step.Kind.MERGED, {"lead_id": survivor}, only=Q(state__in=HandOff.OPEN))

    def _open(self, new: Sequence[_New], leads: dict[int, Lead]) -> None:
        if not new:
            return
        best = {
            one.lead_id: one
            for one in Assessment.objects.filter(version=self.version, lead__in={each.spell.lead_id for each in new})
        }
        new = sorted(new, key=lambda each: (each.spell.began_at, each.spell.lead_id, each.spell.qualification))
        routed = route_many(self.version, [leads[each.spell.lead_id] for each in new], now=self.now)
        calendars = Calendars(self.version.workspace)
        for each, where in zip(new, routed, strict=True):
            self._open_one(each, where, best.get(each.spell.lead_id), calendars)

    def _open_one(self, new: _New, where: Routed, assessment: Assessment | None, calendars: Calendars) -> None:
        spell = new.spell
        handoff = HandOff(
            workspace_id=self.version.workspace_id,
            lead_id=spell.lead_id,
            qualification=spell.qualification,
            began_at=spell.began_at,
            number=new.number,
            version_number=self.version.number,
            team=where.team,
            owner_id=where.owner_id,
            route=where.stored,
            is_hand_raise=bool(spell.hand_raise),
            grade=assessment.grade if assessment else "",
            rank=assessment.rank if assessment else 0,
            cools_day=spell.cools_day,
            because=spell.hand_raise or (assessment.reasons if assessment else ""),
            brought_by=criteria_of(spell),
            opened_at=self.now,
        )
        spec = get_plan(self.version).playbook.handoff
        clock = clock_columns(handoff, owner_id=where.owner_id, calendars=calendars, spec=spec)
        for name, value in clock.items():
            setattr(handoff, name, value)
        HandOff.objects.bulk_create([handoff], ignore_conflicts=True)  # two workers at once: one opens it
        found = HandOff.objects.filter(
            lead=spell.lead_id, qualification=spell.qualification, state__in=HandOff.OPEN, opened_at=self.now
        ).first()
        if found is None or found.steps.exists():
            return
        self._step(found, Step.Kind.OPENED, {"number": new.number, "hand_raise": spell.hand_raise})

    def _turn(
        self, handoff: HandOff, kind: str, columns: dict[str, Any], *, only: Q, said: dict[str, Any] | None = None
    ) -> None:
        before = {name: getattr(handoff, name) for name in ("state",) if name in columns}
        if HandOff.objects.filter(only, pk=handoff.pk).update(**columns, revision=F("revision") + 1):
            handoff.refresh_from_db()
            self._step(handoff, kind, said or {}, before=before)

    def _step(self, handoff: HandOff, kind: str, said: dict[str, Any], before: dict[str, Any] | None = None) -> None:
        step = Step.objects.create(
            workspace_id=handoff.workspace_id,
            handoff=handoff,
            kind=kind,
            at=self.now,
            said=said,
            before=before or {},
            revision=handoff.revision,
        )
        self.changes.append(change_of(handoff, step))


def _is_decided(own: Sequence[HandOff], spell: Spell, elsewhere: dict[Key, list[Told]]) -> bool:
    """Return whether a spell was decided: by somebody in one of its lead's hand-offs, or by an outcome since it began."""
    if any(
        one.decided_at is not None
        and one.decided_by_id is not None
        and (one.began_at == spell.began_at or one.decided_at >= spell.began_at)
        for one in own
    ):
        return True
    return _last_of(elsewhere, (spell.lead_id, spell.qualification), spell.began_at) is not None


def _last_of(elsewhere: dict[Key, list[Told]], key: Key, since: datetime) -> Told | None:
    """Return what was reported last of a lead since a moment: of its qualification, or of none in particular."""
    lead_id, qualification = key
    told = [one for which in {"", qualification} for one in elsewhere.get((lead_id, which), ()) if one.at >= since]
    return max(told, key=lambda one: (one.at, one.pk), default=None)


def criteria_of(spell: Spell) -> str:
    """Return the criteria that gave points when a spell began, as `HandOff.brought_by` has them."""
    given: dict[str, int] = (spell.evidence or {}).get("contributions", {})
    return " ".join(sorted(name for name, units in given.items() if units > 0))


def _survivor(lead: Lead) -> int:
    while lead.merged_into_id is not None:
        lead = Lead.objects.get(pk=lead.merged_into_id)
    return lead.pk


def sweep(version: Version, *, now: datetime | None = None, tell: Tell = tell_nobody, most: int = LEADS_AT_ONCE) -> int:
    """Open what is missing and close what is left over under a live version; return for how many leads something was done."""
    now = now or timezone.now()
    with transaction.atomic():
        ids = set(find_missing(version).values_list("lead", flat=True)[:most])
        ids |= set(find_left_over(version).values_list("lead", flat=True)[:most])
        if not ids:
            return 0
        changes = reconcile(version, ids, now=now, tell=tell)
    return Counter(one.lead_id for one in changes).total()
