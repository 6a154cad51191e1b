"""Two texts of a playbook side by side: what is written otherwise, and what they say of the leads of now."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from leadline.engine.calendar import instant_of
from leadline.web.accounts.models import Workspace
from leadline.web.assessments.compute import Found, assess_logs
from leadline.web.assessments.logs import read_logs_of
from leadline.web.leads.models import Lead
from leadline.web.playbooks.queries import Compiled

MOST_LEADS = 1_000
"""So many are assessed by both, those seen last: some seconds of work."""
_AT_ONCE = 250


@dataclass(slots=True)
class Change:
    """How many leads have something before and after, and how many gain or lose it."""

    before: int = 0
    after: int = 0
    added: int = 0
    removed: int = 0

    def count(self, was: bool, is_now: bool) -> None:
        """Count one lead."""
        self.before += was
        self.after += is_now
        self.added += is_now and not was
        self.removed += was and not is_now


@dataclass(slots=True, kw_only=True)
class Compared:
    """What two playbooks say of the same leads at one moment.

    leads: how many were assessed. moved: those of whom a qualification, the grade or the stage differs.
    """

    leads: int = 0
    is_everybody: bool = True
    moved: int = 0
    qualifications: dict[str, Change] = field(default_factory=dict)
    grades: dict[str, Change] = field(default_factory=dict)


def compare(workspace: Workspace, before: Compiled, after: Compiled, now: datetime) -> Compared:
    """Assess known leads by two playbooks, and count what differs."""
    known = Lead.objects.filter(workspace=workspace, merged_into=None, is_known=True)
    ids = list(known.order_by("-last_seen_at", "-pk").values_list("pk", flat=True)[: MOST_LEADS + 1])
    compared = Compared(leads=min(len(ids), MOST_LEADS), is_everybody=len(ids) <= MOST_LEADS)
    for level in dict.fromkeys(level.id for compiled in (before, after) for level in compiled.playbook.qualifications):
        compared.qualifications[level] = Change()
    for start in range(0, compared.leads, _AT_ONCE):
        some = ids[start : min(start + _AT_ONCE, MOST_LEADS)]
        for was, is_now in zip(_assess(before, some, now), _assess(after, some, now), strict=True):
            _count(compared, was, is_now)
    return compared


def _assess(compiled: Compiled, ids: Sequence[int], now: datetime) -> list[Found]:
    return assess_logs(compiled, read_logs_of(compiled, ids), compiled.zone.moment(instant_of(now)))


def _count(compared: Compared, was: Found, is_now: Found) -> None:
    for level, change in compared.qualifications.items():
        change.count(level in was.qualifications, level in is_now.qualifications)
    for grade in Counter([was.grade, is_now.grade]):
        compared.grades.setdefault(grade, Change()).count(was.grade == grade, is_now.grade == grade)
    differs = (was.grade, was.stage, set(was.qualifications)) != (
        is_now.grade,
        is_now.stage,
        set(is_now.qualifications),
    )
    compared.moved += differs
