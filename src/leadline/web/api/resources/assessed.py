"""What is said of leads: assessments now or at another moment, with every point explained; spells, and moves from stage to stage."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema
from pydantic import Field

from leadline.engine.calendar import instant_of
from leadline.web.api.given import Id, MomentIn, PageQuery, Text
from leadline.web.api.paging import page_of
from leadline.web.api.problems import Fault, ProblemError
from leadline.web.api.resources.asking import get_standing, get_version, workspace_of
from leadline.web.api.resources.writing import refuse
from leadline.web.api.service import Needs
from leadline.web.api.shapes import AssessmentOut, MoveOut, SpellOut, assessment_of, move_of, spell_of
from leadline.web.assessments.compute import assess_logs
from leadline.web.assessments.logs import read_logs_of
from leadline.web.assessments.models import Assessment, Spell, StageMove
from leadline.web.assessments.rows import Rows, moment_of, rows_of
from leadline.web.leads.models import Lead
from leadline.web.pages.lead_page.explaining import explain_lead
from leadline.web.pages.playbook_words import words_of
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import find_live, get_plan

router = Router(tags=["Assessments"])
FURTHEST = timedelta(days=366)


class AssessmentQuery(Schema):
    """Which assessment of a lead."""

    as_of: Annotated[
        MomentIn | None, Field(description="Computed from the log for this moment; left out, what is stored.")
    ] = None
    version: (
        Annotated[int, Field(ge=1, le=2**31 - 1, description="By which version; left out, the live one.")] | None
    ) = None
    explain: Annotated[bool, Field(description="Also say where every point comes from.")] = False


class ExplainedOut(AssessmentOut):
    """An assessment, and its explanation where it was asked for: the lines of each score add up to it, to the digit."""

    lead: int
    explanation: dict[str, Any] | None


class SpellQuery(PageQuery):
    """Which spells."""

    lead: Id | None = None
    qualification: Text = ""
    began_since: MomentIn | None = None
    ended_since: MomentIn | None = None
    noticed_since: Annotated[
        MomentIn | None,
        Field(description="First seen by us since then: an event that came late begins a spell earlier."),
    ] = None
    is_open: bool | None = None


class SpellPage(Schema):
    """A page of spells."""

    items: list[SpellOut]
    next: str | None


class MoveQuery(PageQuery):
    """Which moves."""

    lead: Id | None = None
    stage: Annotated[Text, Field(description="Into which stage.")] = ""
    since: MomentIn | None = None


class MovePage(Schema):
    """A page of moves."""

    items: list[MoveOut]
    next: str | None


@router.get(
    "/leads/{lead_id}/assessment", response=ExplainedOut, url_name="api-lead-assessment", auth=Needs("leads:read")
)
def show_assessment(request: HttpRequest, lead_id: Path[Id], query: Query[AssessmentQuery]) -> Any:
    """Show what is said of a lead: as stored, or computed anew from the log for another moment or version."""
    lead, version = get_standing(request, lead_id), get_version(request, query.version)
    is_stored = query.as_of is None and query.version is None
    if is_stored:
        stored = Assessment.objects.filter(version=version, lead=lead).first()
        if stored is None:
            detail = "This lead waits for its first assessment. Ask again in a moment."
            raise ProblemError(status=409, code="not-assessed-yet", detail=detail, headers={"Retry-After": "2"})
        spells = list(Spell.objects.filter(version=version, lead=lead).order_by("-began_at", "pk"))
    else:
        stored, spells = _compute(lead, version, _moment(query.as_of))
    said = assessment_of(stored, version.number, is_current=is_stored and lead.due_at is None)
    explanation = None
    if query.explain:
        explained = explain_lead(get_plan(version), words_of(version), stored, spells)
        explanation = None if explained is None else explained.explanation.to_dict()
    return said | {"lead": lead.pk, "explanation": explanation}


def _moment(asked: datetime | None) -> datetime:
    now = timezone.now()
    moment = asked or now
    if moment > now + FURTHEST:
        refuse([Fault(parameter="as_of", code="too-far-ahead", detail="It lies more than a year ahead.")])
    return moment


def _compute(lead: Lead, version: Version, as_of: datetime) -> tuple[Assessment, list[Spell]]:
    """Return what a version says of a lead at a moment, as rows that are not stored.

    Raises:
        ProblemError: nothing was known of the lead by then.
    """
    compiled = get_plan(version)
    moment = compiled.zone.moment(instant_of(as_of))
    logs = [log for log in read_logs_of(compiled, [lead.pk]) if (log.created_us or 0) <= moment.until_us]
    if not logs:
        raise ProblemError(status=404, code="not-known-then", detail="Nothing was known of this lead by then.")
    rows: Rows = rows_of(compiled, assess_logs(compiled, logs, moment)[0], ())
    about = {"workspace_id": lead.workspace_id, "version": version, "lead": lead}
    assessment = Assessment(as_of=moment_of(moment.until_us), log_version=lead.log_version, **about, **rows.assessment)
    spells = [Spell(noticed_at=as_of, **about, **row) for row in rows.spells.values()]
    return assessment, spells[::-1]


@router.get("/spells", response=SpellPage, url_name="api-spells", auth=Needs("leads:read"))
def list_spells(request: HttpRequest, query: Query[SpellQuery]) -> Any:
    """List stays in qualifications under the live version."""
    version = find_live(workspace_of(request))
    rows: QuerySet[Spell] = Spell.objects.filter(version=version) if version else Spell.objects.none()
    moments = {
        "began_at__gte": query.began_since,
        "ended_at__gte": query.ended_since,
        "noticed_at__gte": query.noticed_since,
        "ended_at__isnull": query.is_open,
        "lead": query.lead,
        "qualification": query.qualification or None,
    }
    rows = rows.filter(**{name: value for name, value in moments.items() if value is not None})
    number = version.number if version else 0
    return page_of(
        request, rows, lambda some: [spell_of(one, number) for one in some], limit=query.limit, cursor=query.cursor
    )


@router.get("/stage-moves", response=MovePage, url_name="api-stage-moves", auth=Needs("leads:read"))
def list_stage_moves(request: HttpRequest, query: Query[MoveQuery]) -> Any:
    """List moves from stage to stage under the live version."""
    version = find_live(workspace_of(request))
    rows: QuerySet[StageMove] = StageMove.objects.filter(version=version) if version else StageMove.objects.none()
    asked = {"lead": query.lead, "after": query.stage or None, "at__gte": query.since}
    rows = rows.filter(**{name: value for name, value in asked.items() if value is not None})
    number = version.number if version else 0
    return page_of(
        request, rows, lambda some: [move_of(one, number) for one in some], limit=query.limit, cursor=query.cursor
    )
