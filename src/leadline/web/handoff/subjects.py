"""What hand-offs hold of a person: a part of their export. An erasure removes it with their lead."""

from leadline.web.handoff.models import HandOff, Step
from leadline.web.leads.rows import Row, rows_as_json
from leadline.web.leads.subject import Subject


def find_handoffs(subject: Subject) -> list[Row]:
    """Return when a person was handed to sales, and what was decided."""
    return rows_as_json(
        HandOff.objects.filter(lead__in=subject.lead_ids).order_by("pk"), without=("workspace_id", "route")
    )


def find_steps(subject: Subject) -> list[Row]:
    """Return what sales did: calls, meetings, decisions, with what was written down."""
    steps = Step.objects.filter(handoff__lead__in=subject.lead_ids).order_by("pk")
    return rows_as_json(steps, without=("workspace_id",))
