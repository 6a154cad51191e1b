"""What was computed of a person: a part of their export. An erasure removes it with their lead."""

from leadline.web.assessments.models import Assessment, FailingLead, Spell, StageMove
from leadline.web.leads.rows import Row, rows_as_json
from leadline.web.leads.subject import Subject


def find_assessments(subject: Subject) -> list[Row]:
    """Return what every version of the playbook said of a person."""
    found = Assessment.objects.filter(lead__in=subject.lead_ids).order_by("pk")
    return rows_as_json(found, without=("workspace_id",))


def find_spells(subject: Subject) -> list[Row]:
    """Return a person's stays in qualifications."""
    return rows_as_json(Spell.objects.filter(lead__in=subject.lead_ids).order_by("pk"), without=("workspace_id",))


def find_stage_moves(subject: Subject) -> list[Row]:
    """Return a person's moves from stage to stage."""
    return rows_as_json(StageMove.objects.filter(lead__in=subject.lead_ids).order_by("pk"), without=("workspace_id",))


def find_failing(subject: Subject) -> list[Row]:
    """Return what went wrong when a person could not be assessed."""
    return rows_as_json(FailingLead.objects.filter(lead__in=subject.lead_ids).order_by("pk"), without=("workspace_id",))
