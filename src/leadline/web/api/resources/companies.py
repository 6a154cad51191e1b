"""Companies, and what is known of them."""

from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from leadline.web.api.gate import key_of
from leadline.web.api.given import CompanyIn, FactIn, FactsIn, Id, PageQuery, Text
from leadline.web.api.paging import page_of
from leadline.web.api.problems import Fault
from leadline.web.api.resources.asking import get_company, workspace_of
from leadline.web.api.resources.writing import Written, check_facts, refuse, write, written
from leadline.web.api.service import Needs
from leadline.web.api.shapes import CompanyOut, FieldOut, company_of, field_of
from leadline.web.flow import rank_of_sources
from leadline.web.leads.companies import registrable_domain
from leadline.web.leads.facts import field_values
from leadline.web.leads.models import Company
from leadline.web.leads.records import find_or_make_company

router = Router(tags=["Companies"])


class CompanyQuery(PageQuery):
    """Which companies."""

    q: Annotated[Text, Field(description="A part of the name or the domain.")] = ""


class CompanyPage(Schema):
    """A page of companies."""

    items: list[CompanyOut]
    next: str | None


class CompanyWritten(Written):
    """Which company it is, whether it was made, and what became of the facts."""

    id: int
    was_made: bool


@router.get("/companies", response=CompanyPage, url_name="api-companies", auth=Needs("leads:read"))
def list_companies(request: HttpRequest, query: Query[CompanyQuery]) -> Any:
    """List companies, in the order of their ids."""
    rows = Company.objects.filter(workspace=workspace_of(request))
    for word in query.q.split()[:4]:
        rows = rows.filter(Q(name__contains_alike=word) | Q(domain__contains_alike=word))
    return page_of(
        request, rows, lambda some: [company_of(one) for one in some], limit=query.limit, cursor=query.cursor
    )


@router.post(
    "/companies",
    response={200: CompanyWritten, 201: CompanyWritten},
    url_name="api-companies",
    auth=Needs("leads:write"),
)
def write_company(request: HttpRequest, given: CompanyIn) -> Any:
    """Find a company by what it is called, or make it, and write what is known of it. 201 says that it is new."""
    now = timezone.now()
    faults = []
    if given.domain and not registrable_domain(given.domain):
        faults = [
            Fault(pointer="/domain", code="domain", detail="This is no domain that somebody could have registered.")
        ]
    elif not (given.domain or given.group_id.strip() or given.name.strip()):
        faults = [Fault(pointer="", code="nobody", detail="Say which company it is: domain, group_id or name.")]
    refuse(faults)
    check_facts(given.facts, now)
    company, was_made = find_or_make_company(
        key_of(request).workspace, domain=given.domain, group_id=given.group_id, name=given.name, now=now
    )
    said = {one.field for one in given.facts}
    named = {"name": " ".join(given.name.split()), "domain": registrable_domain(given.domain) if given.domain else ""}
    also = [FactIn(field=field, value=value) for field, value in named.items() if value and field not in said]
    recorded = write(request, [*given.facts, *also], now, company_id=company.pk)
    return Status(201 if was_made else 200, written(recorded, id=company.pk, was_made=was_made))


@router.get("/companies/{company_id}", response=CompanyOut, url_name="api-company", auth=Needs("leads:read"))
def show_company(request: HttpRequest, company_id: Path[Id]) -> Any:
    """Show a company. `/leads?company=…` lists its people."""
    return company_of(get_company(request, company_id))


@router.get(
    "/companies/{company_id}/facts", response=list[FieldOut], url_name="api-company-facts", auth=Needs("leads:read")
)
def show_company_facts(request: HttpRequest, company_id: Path[Id]) -> Any:
    """Show what holds of each field of a company, why, and what else was said."""
    company = get_company(request, company_id)
    return [field_of(one) for one in field_values(company, rank_of_sources(company.workspace_id))]


@router.post("/companies/{company_id}/facts", response=Written, url_name="api-company-facts", auth=Needs("leads:write"))
def write_company_facts(request: HttpRequest, company_id: Path[Id], given: FactsIn) -> Any:
    """Write facts of a company. All its people are assessed anew."""
    now = timezone.now()
    company = get_company(request, company_id)
    check_facts(given.facts, now)
    return written(write(request, given.facts, now, company_id=company.pk))
