"""What a draft would have done over the past: asking it, seeing how far it is and what was found, and stopping it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from leadline.engine.problems import ProblemsError
from leadline.web.accounts.models import User
from leadline.web.accounts.roles import EDITORS, EVERYBODY, needs_role
from leadline.web.assessments.past.actions import MOST_A_WEEK, WEEKS, ask_past, stop_past
from leadline.web.assessments.past.queries import find_past
from leadline.web.assessments.whatif.actions import NoDraftError, NothingLiveError
from leadline.web.pages.whatif.past_shown import show_past
from leadline.web.pages.whatif.views import get_draft
from leadline.web.playbooks.models import Draft


class PastForm(forms.Form):
    """What is asked: over how many weeks, and how many hand-offs sales can work in one."""

    weeks = forms.TypedChoiceField(
        label="Over the last", coerce=int, choices=[(one, f"{one} weeks") for one in WEEKS], initial=26
    )
    capacity = forms.IntegerField(
        label="Sales can work",
        min_value=1,
        max_value=MOST_A_WEEK,
        required=False,
        help_text="Hand-offs a week; shows what would have had to wait. May be left out.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*EVERYBODY)
def past_whatif(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was asked of a draft over the past; ask it."""
    draft = get_draft(request, pk)
    if request.method != "POST":
        return _show(request, draft)
    if request.membership.role not in EDITORS:  # type: ignore[attr-defined]
        raise PermissionDenied("This is for those who edit the playbook.")
    assert isinstance(request.user, User)
    form = PastForm(request.POST)
    if not form.is_valid():
        return _show(request, draft, status=422, form=form)
    given = form.cleaned_data
    try:
        ask_past(draft, weeks=given["weeks"], capacity=given["capacity"], by=request.user, now=timezone.now())
    except ProblemsError as error:
        return _show(request, draft, status=422, problems=error.problems)
    except (NothingLiveError, NoDraftError) as error:
        return _show(request, draft, status=422, refusal=str(error))
    return _show(request, draft) if _is_in_place(request) else redirect("draft-whatif-past", draft.pk)


@require_POST
@needs_role(*EDITORS)
def stop_past_whatif(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop it; nothing was found out."""
    draft = get_draft(request, pk)
    found = find_past(draft)
    was_running = found is not None and stop_past(found, now=timezone.now())
    if _is_in_place(request):
        return _show(request, draft)
    if not was_running:
        messages.warning(request, "It was over already.")
    return redirect("draft-whatif-past", draft.pk)


def _is_in_place(request: HttpRequest) -> bool:
    """Return whether the card is asked for by a page that shows it."""
    return bool(request.htmx) and request.htmx.target == "past"  # type: ignore[attr-defined]


def _show(request: HttpRequest, draft: Draft, *, status: int = 200, **why: Any) -> HttpResponse:
    template = "pages/whatif/past_card.html" if _is_in_place(request) else "pages/whatif/past.html"
    shown = show_past(draft)
    asked = shown.past
    weeks = ((asked.last_day - asked.first_day).days + 1) // 7 if asked else 26
    initial = {"weeks": weeks, "capacity": asked.capacity if asked else None}
    context = {"draft": draft, "past": shown, "form": PastForm(initial=initial), **why}
    return render(request, template, context, status=status)
