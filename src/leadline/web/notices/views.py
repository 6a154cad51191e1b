"""What a member was told, and how they want to be told."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadline.web.accounts.forms import can_send_mail
from leadline.web.accounts.models import Membership
from leadline.web.accounts.roles import EVERYBODY, needs_role
from leadline.web.notices.actions import choose_ways, mark_read
from leadline.web.notices.forms import PreferenceForm
from leadline.web.notices.queries import count_unread, notices_of, preference_of, show_notices
from leadline.web.shell.numbers import whole_number

_MOST_PAGES = 10_000


@require_safe
@needs_role(*EVERYBODY)
def notices(request: HttpRequest) -> HttpResponse:
    """Show what a member was told, what they have not read first."""
    member = _member_of(request)
    number = max(1, whole_number(request.GET.get("page"), most=_MOST_PAGES) or 1)
    return render(
        request, "notices/notices.html", {"page": show_notices(member, number), "unread_count": count_unread(member)}
    )


@require_POST
@needs_role(*EVERYBODY)
def read(request: HttpRequest) -> HttpResponse:
    """Mark a notice as read, and go on to what it is about where that was asked for; without one, mark all."""
    member = _member_of(request)
    asked = request.POST.get("notice")
    if asked is None:
        count = mark_read(member, None, now=timezone.now())
        messages.success(request, f"{count} marked as read." if count else "There was nothing left to read.")
        return redirect("notices")
    found = notices_of(member).filter(pk=whole_number(asked) or 0).first()
    if found is None:
        raise Http404("There is no such notice.")
    mark_read(member, found.pk, now=timezone.now())
    if not request.POST.get("opens"):
        return redirect("notices")
    step = found.proposal_step
    return redirect("proposal", step.proposal.number) if step is not None else redirect("queue-item", found.handoff_id)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*EVERYBODY)
def preferences(request: HttpRequest) -> HttpResponse:
    """Show and change how a member wants to be told."""
    member = _member_of(request)
    form = PreferenceForm(
        request.POST if request.method == "POST" else None,
        preference=preference_of(member),
        workspace=member.workspace,
        role=member.role,
    )
    if request.method == "POST" and form.is_valid():
        choose_ways(member, **form.chosen)
        messages.success(request, "Saved. What comes from now on is told so.")
        return redirect("notice-preferences")
    context = {"form": form, "sends_mail": can_send_mail()}
    return render(request, "notices/preferences.html", context, status=422 if form.errors else 200)


def _member_of(request: HttpRequest) -> Membership:
    member: Membership = request.membership  # type: ignore[attr-defined]
    return member
