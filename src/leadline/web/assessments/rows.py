"""From what was found of a lead to the rows that are stored. `operations/verify.py` makes the same rows of what it finds, and compares."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from leadline.engine.lifecycle.model import Evidence
from leadline.web.assessments.compute import Found
from leadline.web.assessments.held import assessed
from leadline.web.leads.models import Event
from leadline.web.playbooks.queries import Compiled

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Row = dict[str, Any]
"""Values by the name of their column."""
Touches = Sequence[tuple[datetime, dict[str, str]]]
"""When a lead came from where, in the order of time."""

SPELL_KEY = ("qualification", "began_at")


def moment_of(instant_us: int) -> datetime:
    """Return microseconds since 1970 as a moment."""
    return _EPOCH + timedelta(microseconds=instant_us)


@dataclass(slots=True)
class Rows:
    """The rows of one lead and version: its assessment, and its spells and moves by what makes them the same one."""

    assessment: Row
    spells: dict[tuple[str, datetime], Row] = field(default_factory=dict)
    moves: dict[datetime, Row] = field(default_factory=dict)


def rows_of(compiled: Compiled, found: Found, touches: Touches) -> Rows:
    """Return the rows of what was found of a lead."""
    rank, first_score, second_score = found.rank(compiled.playbook)
    rows = Rows(
        {
            "plan_hash": compiled.plan_hash,
            "scores": found.scores,
            "contributions": found.contributions,
            "grade": found.grade,
            "coverage": found.coverage,
            "persona": found.persona,
            "excluded_by": found.excluded_by,
            "answers": found.answers,
            "reasons": found.reasons[:500],
            "qualifications": found.qualifications,
            "next_step": found.next_step[:1000],
            "stage": found.stage,
            "cools_day": found.cools_day,
            "turns_day": found.turns_day,
            "next_change_day": found.next_change_day,
            "rank": rank,
            "first_score": first_score,
            "second_score": second_score,
            "is_qualified": bool(found.qualifications),
        }
    )
    rows.assessment["held"] = found.held | assessed(compiled, rows.assessment)
    for spell in found.spells:
        began_at = moment_of(spell.began_us)
        before = [touch for at, touch in touches if at <= began_at]
        rows.spells[spell.qualification, began_at] = {
            "qualification": spell.qualification,
            "began_at": began_at,
            "number": spell.number,
            "began_by": spell.began_by,
            "hand_raise": spell.hand_raise or "",
            "ended_at": None if spell.ended_us is None else moment_of(spell.ended_us),
            "ended_by": spell.ended_by or "",
            "ended_because": spell.ended_because or "",
            "reason": spell.reason or "",
            "outcome": spell.outcome or "",
            "evidence": _evidence(spell.evidence),
            "first_touch": before[0] if before else {},
            "last_touch": before[-1] if before else {},
            "cools_day": found.cools.get((spell.qualification, spell.began_us)),
        }
    for move in found.moves:
        at = moment_of(move.at_us)
        rows.moves[at] = {
            "at": at,
            "before": move.before or "",
            "after": move.after or "",
            "because": move.because,
            "is_forward": move.is_forward,
        }
    return rows


def _evidence(evidence: Evidence | None) -> Row:
    if evidence is None:
        return {}
    return {
        "scores": dict(evidence.scores),
        "grade": evidence.grade or "",
        "contributions": dict(evidence.contributions),
    }


def read_touches(lead_ids: Iterable[int]) -> Mapping[int, Touches]:
    """Return of some leads where they came from, in the order of time; what a bot did does not count."""
    found: dict[int, list[tuple[datetime, dict[str, str]]]] = {}
    ids = sorted(lead_ids)
    for start in range(0, len(ids), 500):
        events = Event.objects.filter(lead__in=ids[start : start + 500], kind__in=Event.BEHAVIOUR, is_bot=False)
        rows = events.order_by("lead", "occurred_at", "pk").values_list("lead_id", "occurred_at", "touch")
        for lead, at, touch in rows.iterator(2000):
            if touch:
                found.setdefault(lead, []).append((at, touch))
    return found
