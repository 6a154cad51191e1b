"""The page of what sales sends back, and its table as a file."""

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.roles import EVERYBODY, needs_role
from leadline.web.handoff.figures.tally import FEW, tally
from leadline.web.handoff.models import HandOff
from leadline.web.pages.exporting.actions import write_csv
from leadline.web.pages.playbook_words import words_of
from leadline.web.pages.returns.asked import LONGEST, NAMES, WEEKS, Asked, read_asked
from leadline.web.pages.returns.queries import (
    BARS,
    ROWS,
    broken_row,
    fate_rows,
    file_rows,
    find_bars,
    find_broken,
    find_worst,
    list_behind,
)
from leadline.web.pages.returns.said import BREAKDOWN_TITLES, say_share
from leadline.web.playbooks.queries import find_live
from leadline.web.shell.numbers import whole_number

_MOST_PAGES = 100_000


@require_safe
@needs_role(*EVERYBODY)
def returns(request: HttpRequest) -> HttpResponse:
    """Show what became of the hand-offs of a period, taken apart by one thing, and the hand-offs behind a number."""
    workspace, version, asked = workspace_of(request), find_live(workspace_of(request)), _asked(request)
    context: dict[str, Any] = {
        "version": version,
        "asked": asked,
        "weeks": [(one, f"?weeks={one}&" + urlencode({"by": asked.by, **asked.sorted})) for one in WEEKS],
        "breakdowns": [(title, asked.link(by=one), one == asked.by) for one, title in BREAKDOWN_TITLES.items()],
    }
    if version is not None:
        words = words_of(version)
        found = tally(asked.period.of(HandOff.objects.filter(workspace=workspace)))
        broken = find_broken(version, asked, words)
        page = whole_number(request.GET.get("page"), most=_MOST_PAGES) or 1
        context |= {
            "words": words,
            "found": found,
            "accepted": say_share(found.accepted),
            "few": FEW,
            "fates": fate_rows(found, asked, words),
            "bars": find_bars(workspace.pk, asked),
            "kinds": BARS,
            "rows": [broken_row(*one, asked, words) for one in broken[:ROWS]],
            "row_count": len(broken),
            "worst": find_worst(broken, asked),
            "by_title": BREAKDOWN_TITLES[asked.by],
            "behind": list_behind(version, asked, page, words, now=timezone.now()),
        }
    return render(request, "pages/returns/returns.html", context)


@require_safe
@needs_role(*EVERYBODY)
def returns_file(request: HttpRequest) -> HttpResponseBase:
    """Hand out the breakdown as CSV: all lines of it. A file cannot say that it is not what was asked for; the page can."""
    version, asked = find_live(workspace_of(request)), _asked(request)
    if version is None:
        return redirect("returns")
    if asked.problems:
        asked_for = {name: request.GET[name][:LONGEST] for name in NAMES if name in request.GET}
        return redirect(f"{reverse('returns')}?{urlencode(asked_for)}")
    words = words_of(version)
    headings, *rows = file_rows(find_broken(version, asked, words), asked, words)
    name = f"sent-back-by-{asked.by}-{asked.period.first}-{asked.period.last}.csv"
    lines = write_csv([str(one) for one in headings], iter(rows))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _asked(request: HttpRequest) -> Asked:
    zone = ZoneInfo(workspace_of(request).timezone)
    return read_asked(request.GET.dict(), timezone.now().astimezone(zone).date(), zone)
