"""Views that somebody saved and shares with the workspace: what there is, and whom they show. A key sees nobody's own."""

from typing import Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema

from leadline.web.api.given import Id, PageQuery
from leadline.web.api.paging import page_of
from leadline.web.api.problems import missing
from leadline.web.api.resources.asking import workspace_of
from leadline.web.api.resources.leads import LeadPage, say_leads, wanted_leads
from leadline.web.api.service import Needs
from leadline.web.pages.models import SavedView
from leadline.web.pages.saved_views.queries import filters_of
from leadline.web.playbooks.queries import find_live

router = Router(tags=["Views"])


class ViewOut(Schema):
    """A list of leads under a name: its filters as the query of an address."""

    id: int
    name: str
    query: str


def _shared(request: HttpRequest) -> Any:
    return SavedView.objects.filter(workspace=workspace_of(request), is_shared=True, deleted_at=None)


@router.get("/views", response=list[ViewOut], url_name="api-views", auth=Needs("leads:read"))
def list_views(request: HttpRequest) -> Any:
    """List the views that the workspace shares, in the order in which pages show them."""
    return [{"id": one.pk, "name": one.name, "query": one.query} for one in _shared(request).order_by("position", "pk")]


@router.get("/views/{view_id}/leads", response=LeadPage, url_name="api-view-leads", auth=Needs("leads:read"))
def list_leads_of_view(request: HttpRequest, view_id: Path[Id], query: Query[PageQuery]) -> Any:
    """List the leads that a view shows, in the order of their ids."""
    view = _shared(request).filter(pk=view_id).first()
    if view is None:
        raise missing("shared view")
    version = find_live(workspace_of(request))
    rows = wanted_leads(request, version, filters_of(view))
    return page_of(request, rows, lambda some: say_leads(some, version), limit=query.limit, cursor=query.cursor)
