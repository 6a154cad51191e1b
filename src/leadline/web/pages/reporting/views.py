"""The page on which somebody reports what became of a lead."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import User
from leadline.web.accounts.roles import LEADERS, WORKERS, needs_role
from leadline.web.leads.models import Event
from leadline.web.pages.lead_page.queries import get_lead
from leadline.web.pages.playbook_words import words_of
from leadline.web.pages.reporting.actions import (
    REFERRALS,
    report_event,
    report_outcome,
    reported_of,
    take_back,
    taken_back_of,
)
from leadline.web.pages.reporting.forms import ReportForm
from leadline.web.playbooks.queries import find_live


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*WORKERS)
def report(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Show what was reported of a lead; report something."""
    lead = get_lead(workspace_of(request), lead_id)
    version = find_live(lead.workspace_id)
    words = words_of(version) if version else None
    form = ReportForm(request.POST if request.method == "POST" else None, words=words)
    assert isinstance(request.user, User)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        what, _, reason = given["what"].partition("|")
        if what.startswith("event:"):
            report_event(lead, what.removeprefix("event:"), by=request.user.email, at=given["at"])
        else:
            report_outcome(lead, what, by=request.user.email, reason=reason, value=given["value"], at=given["at"])
        messages.success(request, f"Reported of {lead}. It is reassessed in a moment.")
        return redirect("lead-report", lead.pk)
    context = {
        "lead": lead,
        "form": form,
        "words": words or "",
        "reported": [
            (one, origin, REFERRALS.get(one.name, "") if isinstance(one, Event) else "")
            for one, origin in reported_of(lead)
        ],
        "taken_back": [
            (one, REFERRALS.get(one.name, "") if one.kind == "event" else "") for one in taken_back_of(lead)
        ],
    }
    return render(request, "pages/reporting/report.html", context, status=422 if form.errors else 200)


@require_POST
@needs_role(*WORKERS)
def undo(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Take back what was reported."""
    lead = get_lead(workspace_of(request), lead_id)
    assert isinstance(request.user, User)
    is_manager = request.membership.role in LEADERS  # type: ignore[attr-defined]
    if take_back(lead, request.POST.get("origin", ""), by=request.user.email, is_manager=is_manager):
        messages.success(request, "It was taken back: the lead is reassessed as if it had never been said.")
    else:
        messages.warning(request, "There is nothing of yours like that to take back.")
    return redirect("lead-report", lead.pk)
