"""The page of an absence: what is open with its person and falls due in it, to be given on at once or kept."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import Membership
from leadline.web.accounts.roles import LEADERS, WORKERS, needs_role
from leadline.web.flow import handoffs_changed
from leadline.web.handoff import actions
from leadline.web.handoff.away import open_while_away
from leadline.web.handoff.models import Absence
from leadline.web.pages.queue.receivers import receivers
from leadline.web.pages.queue.sharing import LONGEST_NAME, chosen_person, find_shared, warn
from leadline.web.playbooks.queries import find_live
from leadline.web.shell.numbers import whole_number


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*WORKERS)
def away(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is open in an absence; give on what was ticked, or take that back."""
    member: Membership = request.membership  # type: ignore[attr-defined]
    absence, now = _get_absence(member, pk), timezone.now()
    if request.method == "POST":
        return _give(request, member, absence)
    person, is_own = absence.seat.user, absence.seat.user_id == member.user_id
    of_person = Membership.objects.filter(workspace=member.workspace_id, user=person).first()
    workspace, found = workspace_of(request), open_while_away(absence, now=now)
    given = [*found.due, *found.others]
    context = {
        "absence": absence,
        "who": None if is_own else person,
        "open": found,
        "receivers": receivers(workspace, now, without=person.pk, handoffs=given, version=find_live(workspace)),
        "shared": find_shared(request.GET.get("given"), member, now=now),
        "back": reverse("my-seat") if is_own or of_person is None else reverse("team-person", args=[of_person.pk]),
        "is_over": absence.ends_at <= now,
        "has_begun": absence.begins_at <= now,
    }
    return render(request, "pages/away/away.html", context)


def _give(request: HttpRequest, member: Membership, absence: Absence) -> HttpResponse:
    workspace, given = workspace_of(request), ""
    try:
        if "undo" in request.POST:
            name = request.POST["undo"].replace("\0", "")[:LONGEST_NAME]
            count = actions.undo_sharing(workspace.pk, name, by=member.user, tell=handoffs_changed)
            messages.success(request, f"Undone: {count} hand-offs are with whom they were before.")
        else:
            picked = [pk for one in request.POST.getlist("pick") if (pk := whole_number(one)) is not None]
            to = chosen_person(request)
            given = actions.share_out(
                workspace.pk,
                picked,
                to=to,
                by=member.user,
                tell=handoffs_changed,
                who_is_away=absence.seat.user,
            )
            warn(request, picked, to)
    except actions.NotPossibleError as error:
        messages.warning(request, str(error))
    return redirect(reverse("away", args=[absence.pk]) + (f"?{urlencode({'given': given})}" if given else ""))


def _get_absence(member: Membership, pk: int) -> Absence:
    """Return an absence of a member's own, or for who leads of anybody in the workspace (404 for one of another)."""
    rows = Absence.objects.filter(workspace=member.workspace_id).select_related("seat__user")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such absence.")
    if found.seat.user_id != member.user_id and member.role not in LEADERS:
        raise PermissionDenied("What is open with a colleague who is away is given on by managers and administrators.")
    return found
