"""Leads: listing by the filters of the page, one with its identities, writing, merging, erasing, and all that is held of a person."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from leadline.web.api.gate import key_of
from leadline.web.api.given import NO_NUL, FactIn, FactsIn, Id, LeadIn, MergeIn, MomentIn, PageQuery, Text
from leadline.web.api.paging import page_of
from leadline.web.api.problems import Fault, ProblemError, faults_of_condition
from leadline.web.api.resources.asking import get_lead, get_standing, leads_of, workspace_of
from leadline.web.api.resources.writing import Written, check_facts, name_of, refuse, write, written
from leadline.web.api.service import Needs
from leadline.web.api.shapes import FieldOut, LeadDetail, LeadOut, field_of, iso, lead_of
from leadline.web.assessments.models import Assessment
from leadline.web.flow import rank_of_sources
from leadline.web.leads.claims import clean_value
from leadline.web.leads.erasure import erase_person
from leadline.web.leads.export import export_person
from leadline.web.leads.facts import field_values
from leadline.web.leads.forgotten import find_erased
from leadline.web.leads.merging import MergeError, merge_leads
from leadline.web.leads.models import Identity, Lead
from leadline.web.leads.records import find_or_make_lead
from leadline.web.leads.scrub import scrub_free_space
from leadline.web.pages.leads_list.filters import NEWEST, Filters, read_filters
from leadline.web.pages.leads_list.wanted import Wanted
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import find_live

router = Router(tags=["Leads"])
Whole = Annotated[int, Field(ge=0, le=10**9)] | None
Texts = Annotated[list[Text], Field(max_length=40)]


class LeadQuery(PageQuery):
    """The filters of the page Leads, and `updated_since`."""

    q: Annotated[str, Field(max_length=120, description="Words in name, address or company, or an id.")] = ""
    who: Literal["known", "visitors", "all"] = "known"
    stage: Texts = Field(default_factory=list)
    qualification: Texts = Field(default_factory=list)
    grade: Texts = Field(default_factory=list)
    source: Texts = Field(default_factory=list)
    company: Id | None = None
    first: Annotated[Whole, Field(description="Least points of the first score of the grade.")] = None
    second: Annotated[Whole, Field(description="Least points of its second score.")] = None
    where: Annotated[
        str,
        Field(
            max_length=2000, pattern=NO_NUL, description="A condition in the playbook's language: `engagement >= 40`."
        ),
    ] = ""
    updated_since: Annotated[
        MomentIn | None, Field(description="Only who was assessed anew since then, or waits to be.")
    ] = None


class LeadPage(Schema):
    """A page of leads."""

    items: list[LeadOut]
    next: str | None


class LeadWritten(Written):
    """Which lead it is, whether it was made, and what became of the facts."""

    id: int
    was_made: bool


class ErasedOut(Schema):
    """What was removed, by kind, and what a person should know."""

    removed: dict[str, int]
    notes: list[str]


class MergedOut(Schema):
    """Which lead has the log of both now."""

    id: int
    merge: int


@router.get("/leads", response=LeadPage, url_name="api-leads", auth=Needs("leads:read"))
def list_leads(request: HttpRequest, query: Query[LeadQuery]) -> Any:
    """List leads, in the order of their ids. Those that were merged into another are left out."""
    version = find_live(workspace_of(request))
    rows = wanted_leads(request, version, read_filters(request.GET))
    if query.updated_since is not None:
        rows = rows.filter(_updated(version, query.updated_since))
    return page_of(request, rows, lambda some: say_leads(some, version), limit=query.limit, cursor=query.cursor)


def wanted_leads(request: HttpRequest, version: Version | None, filters: Filters) -> QuerySet[Lead]:
    """Return the leads that filters let through, as the page has them.

    Raises:
        ProblemError: the condition cannot be read: all that is wrong with it; or no playbook says what it means.
    """
    if filters.where and version is None:
        detail = "No playbook is live, and a condition is read by the words of one. Publish a playbook first."
        raise ProblemError(status=409, code="no-playbook", detail=detail)
    wanted = Wanted(workspace_of(request), version, replace(filters, sort=NEWEST))
    refuse(faults_of_condition(wanted.problems, parameter="where"))
    rows = wanted.rows()
    leads = rows if wanted.key == "id" else leads_of(request).filter(pk__in=rows.values(wanted.key))
    return leads.select_related("company")


def _updated(version: Version | None, since: Any) -> Q:
    again = Assessment.objects.filter(version=version, lead=OuterRef("pk"), as_of__gte=since)
    return Q(Exists(again)) | Q(due_at__isnull=False) | Q(first_seen_at__gte=since)


def say_leads(leads: Sequence[Lead], version: Version | None) -> list[dict[str, Any]]:
    """Return leads as they are shown, with what a version says of them."""
    found = Assessment.objects.filter(version=version, lead__in=[one.pk for one in leads]) if version else ()
    of_lead = {one.lead_id: one for one in found}
    return [lead_of(one, of_lead.get(one.pk), version) for one in leads]


@router.post("/leads", response={200: LeadWritten, 201: LeadWritten}, url_name="api-leads", auth=Needs("leads:write"))
def write_lead(request: HttpRequest, given: LeadIn) -> Any:
    """Find somebody by what they are called, or make them, and write what is known of them. 201 says that they are new."""
    now = timezone.now()
    named = {Identity.Kind.EMAIL: given.email, Identity.Kind.USER: given.user_id, Identity.Kind.CRM: given.crm_id}
    identities = [(kind, clean_value(kind, value)) for kind, value in named.items() if value.strip()]
    faults = [
        Fault(
            pointer=f"/{name}",
            code="identity",
            detail="This is no e-mail address." if name == "email" else "It is empty.",
        )
        for (kind, value), name in zip(named.items(), ("email", "user_id", "crm_id"), strict=True)
        if value and not clean_value(kind, value)
    ]
    if not faults and not identities:
        faults = [Fault(pointer="", code="nobody", detail="Say who it is: email, user_id or crm_id.")]
    refuse(faults)
    check_facts(given.facts, now)
    key = key_of(request)
    with transaction.atomic():
        if find_erased(key.workspace_id, identities):
            detail = "This person asked to be forgotten. Nothing of them is kept, and nothing was written."
            raise ProblemError(status=409, code="erased", detail=detail)
        lead, was_made = find_or_make_lead(
            key.workspace, identities=identities, source=key.source.name, is_verified=True, at=now, now=now
        )
        facts = list(given.facts)
        if given.email and not any(one.field == "email" for one in facts):
            facts.append(FactIn(field="email", value=clean_value(Identity.Kind.EMAIL, given.email)))
        recorded = write(request, facts, now, lead_id=lead.pk)
    return Status(201 if was_made else 200, written(recorded, id=lead.pk, was_made=was_made))


@router.get("/leads/{lead_id}", response={200: LeadDetail, 304: None}, url_name="api-lead", auth=Needs("leads:read"))
def show_lead(request: HttpRequest, lead_id: Path[Id], response: HttpResponse) -> Any:
    """Show a lead with its identities. Of one that was merged, `merged_into` says which lead has its log now."""
    lead = get_lead(request, lead_id)
    version = find_live(lead.workspace_id)
    stored = Assessment.objects.filter(version=version, lead=lead).first() if version else None
    of = "" if stored is None or version is None else f"{version.number}-{iso(stored.as_of)}"
    tag = f'"{lead.log_version}-{of}-{int(lead.due_at is None)}-{lead.merged_into_id or ""}"'
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    if request.headers.get("If-None-Match") == tag:
        return Status(304, None)
    identities = Identity.objects.filter(lead=lead).order_by("-is_verified", "kind", "value")
    return lead_of(lead, stored, version) | {
        "identities": [
            {"kind": one.kind, "value": one.value, "is_verified": one.is_verified, "source": one.source}
            for one in identities
        ]
    }


@router.delete("/leads/{lead_id}", response=ErasedOut, url_name="api-lead", auth=Needs("leads:erase"))
def erase_lead(request: HttpRequest, lead_id: Path[Id]) -> Any:
    """Erase a person, with all leads that were merged into this one. There is no undo; what comes of them later is dropped."""
    erased = erase_person(get_standing(request, lead_id), by=None)
    transaction.on_commit(lambda: scrub_free_space() and None)
    return {"removed": erased.counts, "notes": erased.notes}


@router.post("/leads/{lead_id}/merge", response=MergedOut, url_name="api-lead-merge", auth=Needs("leads:write"))
def merge_lead(request: HttpRequest, lead_id: Path[Id], given: MergeIn) -> Any:
    """Say that this lead is the same person as another: all that is of this one becomes the other's."""
    key = key_of(request)
    lead, into = get_lead(request, lead_id), get_lead(request, given.into)
    try:
        merge = merge_leads(
            lead, into, because="by a program", by=name_of(key), source_rank=rank_of_sources(key.workspace_id)
        )
    except MergeError:
        # its message names people, and programs need no names
        detail = "The two are one lead already, or one of them was merged into another. Nothing was changed."
        raise ProblemError(status=409, code="merged", detail=detail) from None
    return {"id": into.pk, "merge": merge.pk}


@router.get("/leads/{lead_id}/facts", response=list[FieldOut], url_name="api-lead-facts", auth=Needs("leads:read"))
def show_lead_facts(request: HttpRequest, lead_id: Path[Id]) -> Any:
    """Show what holds of each field, why that value, and what else was said."""
    lead = get_standing(request, lead_id)
    return [field_of(one) for one in field_values(lead, rank_of_sources(lead.workspace_id))]


@router.post("/leads/{lead_id}/facts", response=Written, url_name="api-lead-facts", auth=Needs("leads:write"))
def write_lead_facts(request: HttpRequest, lead_id: Path[Id], given: FactsIn) -> Any:
    """Write facts. What this key's source said already is not written again."""
    now = timezone.now()
    lead = get_standing(request, lead_id)
    check_facts(given.facts, now)
    return written(write(request, given.facts, now, lead_id=lead.pk))


@router.get("/leads/{lead_id}/export", response=dict[str, Any], url_name="api-lead-export", auth=Needs("export"))
def export_lead(request: HttpRequest, lead_id: Path[Id]) -> Any:
    """Hand out all that is held of a person."""
    return JsonResponse(export_person(get_standing(request, lead_id)), json_dumps_params={"ensure_ascii": False})
