"""The page of the agreement, and the promise that is made there."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import User
from leadline.web.accounts.roles import EVERYBODY, LEADERS, needs_role
from leadline.web.handoff.figures.cohorts import HORIZON
from leadline.web.handoff.promises import find_promises, promised_on, set_promise
from leadline.web.pages.agreement.definitions import find_definitions
from leadline.web.pages.agreement.forms import PromiseForm
from leadline.web.pages.agreement.queries import cohort_table, count_months, find_months, find_weeks, say_months
from leadline.web.pages.agreement.short import in_short
from leadline.web.pages.playbook_words import words_of
from leadline.web.pages.proposals.queries import list_decided, list_open
from leadline.web.playbooks.proposals.rules import find_approvers
from leadline.web.playbooks.proposals.said import named_by, say_not_needed
from leadline.web.playbooks.queries import find_live

_LATEST = 12
_DECIDED = 5


@require_safe
@needs_role(*EVERYBODY)
def agreement(request: HttpRequest) -> HttpResponse:
    """Show what is agreed and how it was kept."""
    today = timezone.now().astimezone(ZoneInfo(workspace_of(request).timezone)).date()
    monday = today - timedelta(days=today.weekday())
    return _page(request, PromiseForm(initial={"from_day": monday}))


@require_POST
@needs_role(*LEADERS)
def promise(request: HttpRequest) -> HttpResponse:
    """Promise a number of hand-offs a week."""
    form = PromiseForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    made = set_promise(workspace_of(request), **form.cleaned_data, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    what = f"{made.per_week:,} hand-offs a week are promised" if made.per_week else "No number is promised any more"
    messages.success(request, f"{what}, from {made.from_day.day} {made.from_day:%B %Y} on.")
    return redirect("agreement")


def _page(request: HttpRequest, form: PromiseForm, *, status: int = 200) -> HttpResponse:
    workspace, version, now = workspace_of(request), find_live(workspace_of(request)), timezone.now()
    zone = ZoneInfo(workspace.timezone)
    promises = find_promises(workspace)
    context: dict[str, Any] = {
        "version": version,
        "form": form,
        "may_promise": request.membership.role in LEADERS,  # type: ignore[attr-defined]
        "promises": promises[:_LATEST],
        "promised": promised_on(promises, now.astimezone(zone).date()),
    }
    if version is not None:
        words = words_of(version)
        approvers = find_approvers(workspace)
        reader: User = request.user  # type: ignore[assignment]
        counted = count_months(version, zone, now)
        months = find_months(version, counted, now)
        steps, cohorts = cohort_table(version, words, counted, now)
        weeks = find_weeks(version, promises, zone, now)
        context |= {
            "words": words,
            "definitions": find_definitions(workspace, version, words),
            "months": months,
            "groups": say_months(months, words),
            "weeks": weeks,
            "short": in_short(version, months, weeks, now),
            "steps": steps,
            "cohorts": cohorts,
            "horizon": HORIZON.days,
            "open": list_open(workspace, reader, approvers),
            "decided": list_decided(workspace, reader, approvers, _DECIDED),
            "not_needed": say_not_needed(approvers, is_first=False),
            "named": named_by(version),
        }
    return render(request, "pages/agreement/agreement.html", context, status=status)
