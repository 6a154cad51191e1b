"""Taking leads out of the app as a file, and what was taken so far."""

from dataclasses import replace

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import User
from leadline.web.accounts.roles import ADMINS, EDITORS, needs_role
from leadline.web.pages.exporting.actions import MOST_XLSX, record_export, write_csv, write_xlsx
from leadline.web.pages.exporting.forms import ExportForm
from leadline.web.pages.exporting.rows import Value, columns_for_all, find_ids, headings, rows
from leadline.web.pages.leads_list.columns import chosen_columns, known_fields
from leadline.web.pages.leads_list.filters import Filters, read_filters
from leadline.web.pages.leads_list.queries import count_leads, say_count
from leadline.web.pages.leads_list.shown import filter_chips
from leadline.web.pages.leads_list.wanted import Wanted
from leadline.web.pages.models import Export
from leadline.web.pages.playbook_words import words_of
from leadline.web.pages.selected.queries import own_ids
from leadline.web.playbooks.queries import find_live

_KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*EDITORS)
def export(request: HttpRequest) -> HttpResponseBase:
    """Ask as which file, and give it: the leads of a list, or those that were selected (`lead`, more than once)."""
    workspace, version = workspace_of(request), find_live(workspace_of(request))
    words = words_of(version) if version else None
    query = QueryDict(request.POST.get("query", "")) if request.method == "POST" else request.GET
    filters = replace(read_filters(query), page=1, view=None)
    wanted = Wanted(workspace, version, filters)
    selected = own_ids(workspace, request.POST.getlist("lead"))
    form = ExportForm(request.POST if "format" in request.POST else None, initial={"query": filters.query})
    if not form.is_valid():
        return _ask(request, form, wanted, selected)
    ids = selected or find_ids(wanted)
    if form.cleaned_data["format"] == "xlsx" and len(ids) > MOST_XLSX:
        form.add_error("format", f"A spreadsheet takes {MOST_XLSX:,} leads here, and these are {len(ids):,}. Take CSV.")
        return _ask(request, form, wanted, selected)
    is_all = form.cleaned_data["columns"] == "all"
    columns = columns_for_all(words, known_fields(workspace)) if is_all else chosen_columns(filters, words)
    assert isinstance(request.user, User)
    now = timezone.now()
    taken = record_export(
        workspace, request.user, format_=form.cleaned_data["format"], query="" if selected else filters.query,
        is_selection=bool(selected), columns=columns, count=len(ids), version=version, at=now,
    )  # fmt: skip
    found = rows(wanted, ids, columns, words)
    answer: HttpResponseBase
    if taken.format == "xlsx":
        about: list[tuple[str, Value]] = [
            ("Workspace", workspace.name),
            ("Exported by", taken.by),
            ("Exported at (UTC)", now),
            ("Playbook version", taken.version_number),
            ("Leads", taken.count),
            ("List", f"/leads/?{taken.query}" if taken.query else "a selection" if selected else "all known leads"),
        ]
        answer = FileResponse(write_xlsx(headings(columns), found, about), content_type=_KINDS["xlsx"])
    else:
        answer = StreamingHttpResponse(write_csv(headings(columns), found), content_type=_KINDS["csv"])
    answer["Content-Disposition"] = f'attachment; filename="leads-{now:%Y-%m-%d-%H%M}.{taken.format}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _ask(request: HttpRequest, form: ExportForm, wanted: Wanted, selected: list[int]) -> HttpResponse:
    filters: Filters = wanted.filters
    words = words_of(wanted.version) if wanted.version else None
    context = {
        "form": form,
        "selected": selected,
        "count": f"{len(selected):,}" if selected else say_count(count_leads(wanted), wanted.bound),
        "chips": [] if selected else filter_chips(filters, words),
        "filters": filters,
        "version": wanted.version,
        "is_admin": request.membership.role in ADMINS,  # type: ignore[attr-defined]
    }
    return render(request, "pages/exporting/export.html", context, status=422 if form.errors else 200)


@require_safe
@needs_role(*ADMINS)
def exports(request: HttpRequest) -> HttpResponse:
    """Show who exported which leads, the latest first."""
    found = Export.objects.filter(workspace=workspace_of(request)).order_by("-at", "-pk")
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    return render(request, "pages/exporting/exports.html", {"page": page})
