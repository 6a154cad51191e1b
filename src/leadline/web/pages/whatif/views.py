"""What a draft says of everybody: asking it, seeing how far it is and what was found, and stopping it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from leadline.engine.problems import ProblemsError
from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import User
from leadline.web.accounts.roles import EDITORS, EVERYBODY, needs_role
from leadline.web.assessments.whatif.actions import NoDraftError, NothingLiveError, ask, stop
from leadline.web.assessments.whatif.queries import find_whatif
from leadline.web.pages.whatif.queries import show
from leadline.web.pages.whatif.withdrawing import show_withdrawing
from leadline.web.playbooks.drafts import find_draft
from leadline.web.playbooks.models import Draft
from leadline.web.playbooks.queries import Compiled, compile_toml


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*EVERYBODY)
def whatif(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was asked of a draft; ask it."""
    draft = get_draft(request, pk)
    if request.method != "POST":
        return _show(request, draft)
    if request.membership.role not in EDITORS:  # type: ignore[attr-defined]
        raise PermissionDenied("This is for those who edit the playbook.")
    assert isinstance(request.user, User)
    try:
        ask(draft, by=request.user, now=timezone.now())
    except ProblemsError as error:
        return _show(request, draft, status=422, problems=error.problems)
    except (NothingLiveError, NoDraftError) as error:
        return _show(request, draft, status=422, refusal=str(error))
    return _show(request, draft) if _is_in_place(request) else redirect("draft-whatif", draft.pk)


@require_POST
@needs_role(*EDITORS)
def stop_whatif(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop it; what was counted so far is kept."""
    draft = get_draft(request, pk)
    found = find_whatif(draft)
    was_running = found is not None and stop(found, now=timezone.now())
    if _is_in_place(request):
        return _show(request, draft)
    if not was_running:
        messages.warning(request, "It was over already.")
    return redirect("draft-whatif", draft.pk)


def get_draft(request: HttpRequest, pk: int) -> Draft:
    """Return a draft of the workspace; 404 where there is none."""
    found = find_draft(workspace_of(request), pk)
    if found is None:
        raise Http404("There is no such draft.")
    return found


def _is_in_place(request: HttpRequest) -> bool:
    """Return whether the card is asked for by a page that shows it."""
    return bool(request.htmx) and request.htmx.target == "whatif"  # type: ignore[attr-defined]


def _show(request: HttpRequest, draft: Draft, *, status: int = 200, **why: Any) -> HttpResponse:
    template = "pages/whatif/card.html" if _is_in_place(request) else "pages/whatif/whatif.html"
    context = {"draft": draft, "whatif": show(draft), **why}
    if not _is_in_place(request) and context["whatif"].is_open:
        context |= {"withdrawing": show_withdrawing(draft.workspace_id, _find_compiled(draft))}
    return render(request, template, context, status=status)


def _find_compiled(draft: Draft) -> Compiled | None:
    try:
        return compile_toml(draft.toml)
    except ProblemsError:
        return None
