"""The page on which a condition for the list of leads is built, from rows or as text."""

from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from leadline.engine.expressions.words import say_condition
from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.roles import EVERYBODY, needs_role
from leadline.web.pages.conditions.choices import Choice, Group, find_groups, kinds_of
from leadline.web.pages.conditions.leads import leads_where
from leadline.web.pages.conditions.reading import Filter, Problems, read_filter
from leadline.web.pages.conditions.rows import NO_VALUE, Joint, Row, Rows, hows_of, read_rows, write
from leadline.web.pages.leads_list.filters import Filters, read_filters
from leadline.web.pages.playbook_words import words_of
from leadline.web.playbooks.queries import find_live, get_plan

_MOST_ROWS = 20


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row as the page draws it."""

    number: int
    row: Row
    hows: dict[str, str]
    values: tuple[str, ...]
    needs_value: bool
    is_known: bool


@require_safe
@needs_role(*EVERYBODY)
def build(request: HttpRequest) -> HttpResponse:
    """Show a condition as rows and as text; go back to the list with it once it can be asked."""
    workspace, version = workspace_of(request), find_live(workspace_of(request))
    if version is None:
        return redirect("leads")
    query = request.GET
    filters = read_filters(QueryDict(query["back"])) if "back" in query else read_filters(query)
    words = words_of(version)
    groups = find_groups(workspace, get_plan(version), words)
    rows, text = _asked(query, filters, groups)
    found = read_filter(workspace, version, text) if text else ()
    if query.get("do") == "show" and not text:
        return redirect(_list_of(replace(filters, where="", page=1)))
    problems: Problems = found if not isinstance(found, Filter) else ()
    if isinstance(found, Filter):
        if query.get("do") == "show":
            asked = leads_where(workspace, version, text, at=timezone.now())
            if not isinstance(asked, tuple):
                return redirect(_list_of(replace(filters, where=text, page=1)))
            problems = asked
        if rows is None:
            levels = {one.id for one in words.playbook.scores} | {one.id for one in words.playbook.questions}
            rows = read_rows(found.condition, frozenset(levels))
    is_simple = rows is not None or not text
    shown = rows or Rows((Row(),))
    context = {
        "back": replace(filters, where="", page=1).query,
        "list_address": _list_of(filters),
        "groups": groups,
        "rows": [_shown(number, row, groups) for number, row in enumerate(shown.rows)],
        "joint": shown.joint,
        "text": text,
        "is_simple": is_simple,
        "said": say_condition(found.condition) if isinstance(found, Filter) else "",
        "problems": problems,
        "may_add": len(shown.rows) < _MOST_ROWS,
    }
    return render(request, "pages/conditions/build.html", context, status=422 if problems else 200)


def _list_of(filters: Filters) -> str:
    return f"{reverse('leads')}?{filters.query}" if filters.query else reverse("leads")


def _asked(query: QueryDict, filters: Filters, groups: list[Group]) -> tuple[Rows | None, str]:
    """Return the rows that were sent, if any, and the text: of the rows, or as it was written."""
    if "what" not in query:
        return None, query.get("where", filters.where).replace("\0", "").strip()
    sent = list(zip(query.getlist("what"), query.getlist("how"), query.getlist("value"), strict=False))[:_MOST_ROWS]
    rows = [Row(what, how if how in hows_of(what) else next(iter(hows_of(what))), value) for what, how, value in sent]
    do = query.get("do", "")
    if do.startswith("remove-") and do.removeprefix("remove-").isdecimal():
        rows = [row for number, row in enumerate(rows) if str(number) != do.removeprefix("remove-")]
    if do == "add" and len(rows) < _MOST_ROWS:
        rows.append(Row())
    joint: Joint = "or" if query.get("joint") == "or" else "and"
    found = Rows(tuple(rows) or (Row(),), joint)
    return found, write(found, kinds_of(groups)).replace("\0", "")


def _shown(number: int, row: Row, groups: list[Group]) -> ShownRow:
    known = {one.what: one for group in groups for one in group.choices}
    choice = known.get(row.what, Choice(row.what, row.what))
    needs_value = row.how not in NO_VALUE
    return ShownRow(number, row, hows_of(row.what), choice.values, needs_value, not row.what or row.what in known)
