"""Does what is stored follow from the log? Everything is computed again and compared, lead by lead and column by column.

Each assessment is computed at its own moment (`as_of`), twice: in arrays as the worker does it, and by the reference
(`recompute.py`), whose word counts. Then what else is only a copy is looked at: whose rows are whose by the merges that stand, and the
columns by which leads are listed. A lead that waits to be assessed is not compared, only counted. Nothing is changed but by `repair`.
tests/web/operations/test_verify.py tampers with each kind of row and sees it named.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from leadline.engine.calendar import instant_of
from leadline.engine.reference.log import LeadLog
from leadline.web.accounts.models import Workspace
from leadline.web.assessments.compute import assess_logs
from leadline.web.assessments.logs import read_logs_of
from leadline.web.assessments.models import Assessment, Spell, StageMove
from leadline.web.assessments.rows import Row, Rows, read_touches, rows_of
from leadline.web.leads.due import make_due
from leadline.web.leads.models import Lead
from leadline.web.operations.copies import check_cards, check_merges
from leadline.web.operations.mismatch import Mismatch
from leadline.web.operations.recompute import cooling_of, pasts_of, second_opinion
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import Compiled, get_plan, versions_to_assess

LEADS_AT_ONCE = 200
Tell = Callable[[str, float | None], None]


@dataclass(slots=True, kw_only=True)
class Verified:
    """What was found.

    checked: assessments that were computed again. waiting: leads whose log has grown since, which were left out.
    """

    checked: int = 0
    waiting: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether all that was compared agrees."""
        return not self.mismatches


def verify(workspace: Workspace, *, naive: bool = False, tell: Tell = lambda _what, _share: None) -> Verified:
    """Compare everything that is stored of a workspace's leads with what follows from the log.

    Args:
        workspace: whose leads.
        naive: find spells and moves by assessing at every moment there is: slow, and knows no shortcut.
        tell: told what is being done, and which share of it is.
    """
    found = Verified()
    found.mismatches += check_merges(workspace)
    found.mismatches += check_cards(workspace)
    for version in versions_to_assess(workspace):
        _Verifying(workspace, version, found, naive, tell).run()
    return found


def repair(workspace: Workspace, found: Verified, *, now: datetime) -> int:
    """Put right what `verify` found: copies are taken anew, and the leads wait to be assessed anew. Return how many leads wait."""
    leads = {one.lead_id for one in found.mismatches if one.lead_id is not None}
    with transaction.atomic():
        check_merges(workspace, repair=True)
        check_cards(workspace, repair=True)
        for model in (Spell, StageMove):
            missing = Assessment.objects.filter(version=OuterRef("version"), lead=OuterRef("lead"))
            model.objects.filter(workspace=workspace).exclude(Exists(missing)).delete()
        Assessment.objects.filter(workspace=workspace, lead__merged_into__isnull=False).delete()
        standing = list(
            Lead.objects.filter(workspace=workspace, pk__in=leads, merged_into=None).values_list("pk", flat=True)
        )
        make_due(standing, now=now)
    return len(standing)


@dataclass(slots=True)
class _Verifying:
    """Compares what is stored under one version."""

    workspace: Workspace
    version: Version
    found: Verified
    naive: bool
    tell: Tell
    compiled: Compiled = field(init=False)

    def __post_init__(self) -> None:
        self.compiled = get_plan(self.version)

    def run(self) -> None:
        """Compare all leads, some at a time."""
        leads = Lead.objects.filter(workspace=self.workspace)
        count, last, seen = leads.count(), 0, 0
        while part := list(leads.filter(pk__gt=last).order_by("pk")[:LEADS_AT_ONCE]):
            last, seen = part[-1].pk, seen + len(part)
            self._check(part)
            self.tell(f"Comparing what version {self.version.number} says", seen / max(1, count))

    def _check(self, leads: Sequence[Lead]) -> None:
        ids = [lead.pk for lead in leads]
        stored = {one.lead_id: one for one in Assessment.objects.filter(version=self.version, lead__in=ids)}
        spells, moves = _by_lead(Spell, self.version, ids), _by_lead(StageMove, self.version, ids)
        settled: list[Assessment] = []
        for lead in leads:
            assessment = stored.get(lead.pk)
            if lead.due_at is not None:
                self.found.waiting += 1
            elif lead.merged_into_id is not None:
                if assessment is not None or lead.pk in spells or lead.pk in moves:
                    self._say(lead.pk, "assessment", "of a lead that was merged", "present", "none")
            elif assessment is None:
                if self.version.state == Version.State.LIVE:
                    self._say(lead.pk, "assessment", "row", "none", "present")
                elif lead.pk in spells or lead.pk in moves:
                    self._say(lead.pk, "spell", "without an assessment", "present", "none")
            elif assessment.log_version != lead.log_version:
                self._say(lead.pk, "assessment", "log_version", assessment.log_version, lead.log_version)
            else:
                settled.append(assessment)
        settled.sort(key=lambda one: one.as_of)
        for as_of, group in groupby(settled, key=lambda one: one.as_of):
            for pk, expected in self._expect([one.lead_id for one in group], as_of):
                before = len(self.found.mismatches)
                self.found.checked += 1
                self._compare(pk, stored[pk], spells.get(pk, []), moves.get(pk, []), expected)
                if len(self.found.mismatches) > before and self._has_moved(stored[pk]):
                    del self.found.mismatches[before:]  # the worker was here meanwhile
                    self.found.checked, self.found.waiting = self.found.checked - 1, self.found.waiting + 1

    def _has_moved(self, assessment: Assessment) -> bool:
        """Return whether a lead was touched or assessed since we read what is stored."""
        now = Assessment.objects.filter(pk=assessment.pk, as_of=assessment.as_of, lead__due_at=None)
        return not now.filter(log_version=assessment.log_version, lead__log_version=assessment.log_version).exists()

    def _expect(self, ids: Sequence[int], as_of: datetime) -> Iterator[tuple[int, Rows]]:
        """Yield what should be stored of some leads that were assessed at one moment."""
        compiled = self.compiled
        moment = compiled.zone.moment(instant_of(as_of))
        logs: list[LeadLog] = read_logs_of(compiled, ids)
        pasts, cools = pasts_of(compiled, logs, moment, naive=self.naive), cooling_of(compiled, logs, moment)
        touches = read_touches(ids)
        for log, one in zip(logs, assess_logs(compiled, logs, moment), strict=True):
            said = second_opinion(compiled, log, moment, one, pasts[log.lead_id], cools[log.lead_id])
            lead = int(log.lead_id)
            yield lead, rows_of(compiled, said, touches.get(lead, ()))

    def _compare(
        self, lead: int, assessment: Assessment, spells: Sequence[Spell], moves: Sequence[StageMove], expected: Rows
    ) -> None:
        self._columns(lead, "assessment", "", assessment, expected.assessment)
        of_spells = {(one.qualification, one.began_at): one for one in spells}
        of_moves = {one.at: one for one in moves}
        self._rows(lead, "spell", of_spells, expected.spells)
        self._rows(lead, "stage move", of_moves, expected.moves)

    def _rows(self, lead: int, what: str, stored: Mapping[Any, Any], expected: Mapping[Any, Row]) -> None:
        for key in sorted(stored.keys() | expected.keys()):
            name = f"{key[0]} of {key[1].isoformat()}" if isinstance(key, tuple) else key.isoformat()
            if key not in expected:
                self._say(lead, what, name, "present", "none")
            elif key not in stored:
                self._say(lead, what, name, "none", "present")
            else:
                self._columns(lead, what, name, stored[key], expected[key])

    def _columns(self, lead: int, what: str, name: str, stored: Any, expected: Row) -> None:
        for column, value in expected.items():
            found = getattr(stored, column)
            if found != value:
                self._say(lead, what, f"{name} {column}".strip(), found, value)

    def _say(self, lead: int, what: str, column: str, stored: object, expected: object) -> None:
        self.found.mismatches.append(
            Mismatch(
                lead_id=lead, what=what, column=column, stored=stored, expected=expected, version=self.version.number
            )
        )


def _by_lead(model: Any, version: Version, ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for one in model.objects.filter(version=version, lead__in=ids):
        found.setdefault(one.lead_id, []).append(one)
    return found
