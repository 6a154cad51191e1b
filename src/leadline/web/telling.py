"""What other programs are told of what happens, in the words of their webhooks: what follows in `flow.py` is put together here.

Each function is called in the transaction of what happened and writes what is to be told (`outgoing.webhooks.tell`); nothing is sent
here. Where no endpoint listens nothing is read and nothing written. tests/web/test_telling.py guards it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from leadline.engine.arithmetic import POINT
from leadline.web.assessments.changes import Change
from leadline.web.assessments.models import Assessment
from leadline.web.assessments.reasons import read_reasons
from leadline.web.handoff.changes import HandOffChange
from leadline.web.handoff.models import HandOff, Step
from leadline.web.leads.erasure import Erased
from leadline.web.leads.merging import Merged
from leadline.web.leads.subject import Subject
from leadline.web.outgoing.webhooks import is_heard, tell
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import get_plan


def tell_of_changes(version: Version, changes: Sequence[Change]) -> None:
    """Tell of leads of a workspace that qualified, cooled, or came into another stage.

    A spell that began and ended before it was noticed qualifies nobody now and is not told.
    """
    if not is_heard(version.workspace_id):
        return
    over = {(one.lead_id, one.qualification, one.began_at) for one in changes if one.kind == "left"}
    told = [one for one in changes if one.kind in ("entered", "reopened", "left", "withdrawn", "moved")]
    found = Assessment.objects.filter(version=version, lead__in={one.lead_id for one in told})
    of_lead = {one.lead_id: _said(one, version) for one in found}
    for one in told:
        data = {"lead_id": one.lead_id, **of_lead.get(one.lead_id, {})}
        key = (one.lead_id, one.qualification, one.began_at)
        if one.kind in ("entered", "reopened"):
            if key not in over:
                tell(one.workspace_id, "lead.qualified", data | _spell(one), one.at)
        elif one.kind == "moved":
            tell(one.workspace_id, "lead.stage_moved", data | {"before": one.before, "stage": one.after}, one.at)
        elif one.kind == "withdrawn" or not _began_here(changes, key):
            tell(one.workspace_id, "lead.cooled", data | _spell(one) | {"because": one.because or one.kind}, one.at)


def tell_of_handoffs(changes: Sequence[HandOffChange]) -> None:
    """Tell of hand-offs that somebody claimed or decided. What is undone is told once more, marked ``is_undone``."""
    told = [one for one in changes if one.kind in (Step.Kind.CLAIMED, Step.Kind.DECIDED)]
    for workspace_id in {one.workspace_id for one in told}:
        if is_heard(workspace_id):
            own = [one for one in told if one.workspace_id == workspace_id]
            rows = HandOff.objects.filter(pk__in=[one.handoff_id for one in own]).select_related("owner", "decided_by")
            handoffs = {one.pk: one for one in rows}
            for one in own:
                _tell_of_handoff(one, handoffs[one.handoff_id])


def tell_of_merges(workspace_id: int, merged: Sequence[Merged]) -> None:
    """Tell of leads that became one."""
    if is_heard(workspace_id):
        for lead_id, into_id, at in merged:
            tell(workspace_id, "lead.merged", {"lead_id": into_id, "merged_lead_id": lead_id}, at)


def tell_of_erasure(subject: Subject, erased: Erased) -> None:
    """Tell that a person was erased, by the ids of their leads and nothing else."""
    del erased
    if is_heard(subject.workspace_id):
        for lead_id in sorted(subject.lead_ids):
            tell(subject.workspace_id, "lead.erased", {"lead_id": lead_id}, timezone.now())


def _tell_of_handoff(one: HandOffChange, handoff: HandOff) -> None:
    owner = handoff.owner.email if handoff.owner else None
    data: dict[str, Any] = {
        "lead_id": one.lead_id,
        "handoff_id": handoff.pk,
        "qualification": handoff.qualification,
        "owner": owner,
    }
    if one.is_undone:
        data["is_undone"] = True
    if one.kind == Step.Kind.CLAIMED:
        tell(one.workspace_id, "lead.claimed", data, one.at)
        return
    data |= {"decision": one.decision, "by": handoff.decided_by.email if handoff.decided_by else None}
    if one.decision == HandOff.State.ACCEPTED:
        tell(one.workspace_id, "lead.accepted", data, one.at)
    else:
        tell(one.workspace_id, "lead.rejected", data | {"reason": handoff.reason or None}, one.at)


def _began_here(changes: Sequence[Change], key: tuple[int, str, object]) -> bool:
    return any(one.kind == "entered" and (one.lead_id, one.qualification, one.began_at) == key for one in changes)


def _spell(one: Change) -> dict[str, Any]:
    began_at = one.began_at.isoformat() if one.began_at else None
    return {"qualification": one.qualification, "began_at": began_at}


def _said(assessment: Assessment, version: Version) -> Mapping[str, Any]:
    """Return what the live version says of a lead: grade, scores, stage, and the reasons in words."""
    whys = {one.id: one.why for one in get_plan(version).playbook.criteria}
    return {
        "grade": assessment.grade or None,
        "scores": {name: units / POINT for name, units in assessment.scores.items()},
        "stage": assessment.stage or None,
        "why": [whys.get(one, one) for one, _ in read_reasons(assessment.reasons)],
        "playbook_version": version.number,
    }
