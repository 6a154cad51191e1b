"""What operations have in common: whose workspace it is, and the lead, company or version that is asked for."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from leadline.web.accounts.models import Workspace
from leadline.web.api.gate import key_of
from leadline.web.api.problems import ProblemError, missing
from leadline.web.leads.models import Company, Lead
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import find_live, find_version

CLOCKS_DIFFER_S = 60


def workspace_of(request: HttpRequest) -> Workspace:
    """Return the workspace of the key."""
    return key_of(request).workspace


def get_lead(request: HttpRequest, lead_id: int) -> Lead:
    """Return a lead, as it is: it may have been merged into another.

    Raises:
        ProblemError: the workspace has none of this id.
    """
    lead = leads_of(request).select_related("company", "workspace").filter(pk=lead_id).first()
    if lead is None:
        raise missing("lead")
    return lead


def get_standing(request: HttpRequest, lead_id: int) -> Lead:
    """Return a lead that stands for itself.

    Raises:
        ProblemError: there is none, or it was merged; the problem names the one that has its log now.
    """
    lead = get_lead(request, lead_id)
    if lead.merged_into_id is not None:
        detail = f"Lead {lead_id} was merged into lead {lead.merged_into_id}. Ask for that one."
        raise ProblemError(status=409, code="merged", detail=detail)
    return lead


def leads_of(request: HttpRequest) -> QuerySet[Lead]:
    """Return the leads of the workspace."""
    return Lead.objects.filter(workspace=workspace_of(request))


def get_company(request: HttpRequest, company_id: int) -> Company:
    """Return a company.

    Raises:
        ProblemError: the workspace has none of this id.
    """
    company = Company.objects.filter(workspace=workspace_of(request), pk=company_id).first()
    if company is None:
        raise missing("company")
    return company


def get_version(request: HttpRequest, number: int | None = None) -> Version:
    """Return a version of the playbook by its number; without one the live version.

    Raises:
        ProblemError: there is none.
    """
    workspace = workspace_of(request)
    version = find_live(workspace) if number is None else find_version(workspace, number)
    if version is None:
        raise missing("live version of a playbook" if number is None else "version of a playbook")
    return version


def now_or(moment: datetime | None) -> datetime:
    """Return a moment that was given, else now."""
    return moment or timezone.now()
