"""Views that a workspace shares: what there is, whom they show, saving, changing and deleting them. A key sees nobody's own."""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from ninja import Path, Query, Router, Schema, Status

from leadline.engine.problems import suggest
from leadline.web.api.given import MOST_OF_A_QUERY, Id, PageQuery, ViewChangeIn, ViewIn
from leadline.web.api.paging import page_of
from leadline.web.api.problems import Fault, ProblemError, faults_of_condition, missing
from leadline.web.api.resources.asking import workspace_of
from leadline.web.api.resources.leads import LeadPage, say_leads, wanted_leads
from leadline.web.api.resources.writing import refuse
from leadline.web.api.service import Needs
from leadline.web.pages.leads_list.filters import Filters, read_filters
from leadline.web.pages.leads_list.wanted import Wanted
from leadline.web.pages.models import SavedView
from leadline.web.pages.saved_views import actions
from leadline.web.pages.saved_views.queries import filters_of
from leadline.web.playbooks.queries import find_live

router = Router(tags=["Views"])
NAMES = (
    "q", "who", "stage", "qualification", "grade", "source", "company", "first", "second", "where", "sort", "cols",
)  # fmt: skip
"""What the address of the page Leads may say, and a view keeps."""
_PASSING = ("page", "view")
"""What such an address may say too, and a view does not keep: an address can be copied as it stands."""


class ViewOut(Schema):
    """A list of leads under a name: its filters, order and columns as the query of an address."""

    id: int
    name: str
    query: str


@router.get("/views", response=list[ViewOut], url_name="api-views", auth=Needs("leads:read"))
def list_views(request: HttpRequest) -> Any:
    """List the views that the workspace shares, in the order in which pages show them."""
    return [_view_of(one) for one in _shared(request).order_by("position", "pk")]


@router.post("/views", response={201: ViewOut}, url_name="api-views", auth=Needs("views:write"))
def save_view(request: HttpRequest, given: ViewIn) -> Any:
    """Save a view for everybody in the workspace, after those that there are. What it asks for is checked."""
    name, query = _read(request, given.name, given.query)
    assert name is not None and query is not None
    return Status(201, _view_of(actions.save_view_of_program(workspace_of(request).pk, name=name, query=query)))


@router.get("/views/{view_id}", response={200: ViewOut, 304: None}, url_name="api-view", auth=Needs("leads:read"))
def show_view(request: HttpRequest, view_id: Path[Id], response: HttpResponse) -> Any:
    """Show a view."""
    view = _get_view(request, view_id)
    tag = _tag(view)
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    return Status(304, None) if request.headers.get("If-None-Match") == tag else _view_of(view)


@router.patch("/views/{view_id}", response=ViewOut, url_name="api-view", auth=Needs("views:write"))
def change_view(request: HttpRequest, view_id: Path[Id], given: ViewChangeIn) -> Any:
    """Give a view another name, or let it ask for something else. With `If-Match` only while nobody else has changed it."""
    view = _get_view(request, view_id, is_to_change=True)
    name, query = _read(request, given.name, given.query)
    actions.change_view(view, name=name, query=query)
    return _view_of(view)


@router.delete("/views/{view_id}", response={204: None}, url_name="api-view", auth=Needs("views:write"))
def delete_view(request: HttpRequest, view_id: Path[Id]) -> Any:
    """Delete a view. Whose list began with it begins with all leads."""
    actions.delete_view(_get_view(request, view_id, is_to_change=True))
    return Status(204, None)


@router.get("/views/{view_id}/leads", response=LeadPage, url_name="api-view-leads", auth=Needs("leads:read"))
def list_leads_of_view(request: HttpRequest, view_id: Path[Id], query: Query[PageQuery]) -> Any:
    """List the leads that a view shows, in the order of their ids."""
    filters = filters_of(_get_view(request, view_id))
    version = find_live(workspace_of(request))
    if wrong := Wanted(workspace_of(request), version, filters).problems:
        detail = "By the live playbook, the condition of this view cannot be read. Change the view."
        raise ProblemError(status=409, code="view-unusable", detail=detail, errors=faults_of_condition(wrong))
    rows = wanted_leads(request, version, filters)
    return page_of(request, rows, lambda some: say_leads(some, version), limit=query.limit, cursor=query.cursor)


def _shared(request: HttpRequest) -> Any:
    return SavedView.objects.filter(workspace=workspace_of(request), is_shared=True, deleted_at=None)


def _get_view(request: HttpRequest, view_id: int, *, is_to_change: bool = False) -> SavedView:
    """Return a view that the workspace shares; one to change is locked, and must be what `If-Match` says.

    Raises:
        ProblemError: there is none, or it was changed meanwhile.
    """
    rows = _shared(request).select_for_update() if is_to_change else _shared(request)
    view: SavedView | None = rows.filter(pk=view_id).first()
    if view is None:
        raise missing("shared view")
    if is_to_change and request.headers.get("If-Match", "*") not in ("*", _tag(view)):
        detail = "Somebody has changed this view since you read it. Nothing was done: read it again."
        raise ProblemError(status=412, code="changed-meanwhile", detail=detail)
    return view


def _view_of(view: SavedView) -> dict[str, Any]:
    return {"id": view.pk, "name": view.name, "query": view.query}


def _tag(view: SavedView) -> str:
    """Return what is unlike whenever a view shows something else."""
    return '"' + hashlib.sha256(f"{view.name}\n{view.query}".encode()).hexdigest()[:20] + '"'


# -- what is given ----------------------------------------------------------------------------------------------


def _read(request: HttpRequest, name: str | None, query: str | None) -> tuple[str | None, str | None]:
    """Return a name in one line, and a query as a view keeps it; None where none is given.

    Raises:
        ProblemError: all that is wrong with them.
    """
    faults = []
    if name is not None:
        name = " ".join(name.split())
        if not name:
            faults.append(Fault(pointer="/name", code="blank", detail="Give the view a name that can be read."))
    if query is not None:
        asked = QueryDict(query.removeprefix("?"))
        faults += _faults_of(request, asked)
        query = actions.plain_query(asked.urlencode())
        if len(query) > MOST_OF_A_QUERY:
            detail = f"Written as an address it has {len(query):,} characters; a view keeps {MOST_OF_A_QUERY:,}."
            faults.append(Fault(pointer="/query", code="too-large", detail=detail))
    refuse(faults)
    return name, query


def _faults_of(request: HttpRequest, asked: QueryDict) -> list[Fault]:
    """Return what is wrong with a query: what means nothing would be no filter, and show everybody."""
    filters = read_filters(asked)
    faults = [
        Fault(
            pointer="/query",
            code="unknown-parameter",
            detail=f"A view asks for nothing called {name[:100]!r}.{suggest(name[:100], NAMES)}",
        )
        for name in asked
        if name not in (*NAMES, *_PASSING)
    ]
    faults += [
        Fault(pointer="/query", code="bad-value", detail=f"{name}={value[:60]!r} is nothing that the list knows.")
        for name, value, found in _chosen(asked, filters)
        if value and not found
    ]
    wanted = Wanted(workspace_of(request), find_live(workspace_of(request)), filters)
    return faults + faults_of_condition(wanted.problems, pointer="/query")


def _chosen(asked: QueryDict, filters: Filters) -> list[tuple[str, str, bool]]:
    """Return what stands for one of few things or for a number, and whether it was understood."""
    numbers = {"company": filters.company, "first": filters.first_from, "second": filters.second_from}
    columns = {one for one in asked.get("cols", "").split(",") if one}
    return [
        ("who", asked.get("who", ""), asked.get("who") in ("known", "visitors", "all")),
        ("sort", asked.get("sort", ""), asked.get("sort") == filters.sort.id),
        ("cols", asked.get("cols", ""), len(filters.columns) == len(columns)),
        *((name, asked.get(name, ""), number is not None) for name, number in numbers.items()),
    ]
