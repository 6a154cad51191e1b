"""A member's own page: whether new hand-offs come to them, and when they are away."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from leadline.web.accounts.models import Membership
from leadline.web.accounts.roles import WORKERS, needs_role
from leadline.web.handoff.away import has_due
from leadline.web.handoff.teams.actions import add_absence, end_absence, open_seat
from leadline.web.handoff.teams.forms import AbsenceForm, OpenForm
from leadline.web.handoff.teams.queries import get_absence, list_absences, seat_of
from leadline.web.shell.numbers import whole_number


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*WORKERS)
def me(request: HttpRequest) -> HttpResponse:
    """Show how one works; say whether new hand-offs come."""
    if request.method != "POST":
        return _me(request)
    form = OpenForm(request.POST)
    if form.is_valid():
        open_seat(_member_of(request), is_open=form.cleaned_data["is_open"])
        said = "New hand-offs come to you." if form.cleaned_data["is_open"] else "No new hand-offs come to you."
        messages.success(request, said)
    return redirect("my-seat")


@require_POST
@needs_role(*WORKERS)
def away(request: HttpRequest) -> HttpResponse:
    """Note that one is away."""
    others = list_absences(seat_of(_member_of(request)), now=timezone.now())
    form = AbsenceForm(request.POST, today=timezone.localdate(), others=others)
    if not form.is_valid():
        return _me(request, absence=form, status=422)
    made = add_absence(_member_of(request), **form.cleaned_data)
    messages.success(request, "Nothing new comes to you in these days.")
    return redirect("away", made.pk) if has_due(made, now=timezone.now()) else redirect("my-seat")


@require_POST
@needs_role(*WORKERS)
def back(request: HttpRequest) -> HttpResponse:
    """Note that one is back, or does not go."""
    pk = whole_number(request.POST.get("absence"))
    if pk is None:
        raise BadRequest("The form does not say which absence.")
    end_absence(get_absence(_member_of(request), pk), now=timezone.now())
    messages.success(request, "That absence is over.")
    return redirect("my-seat")


def _me(request: HttpRequest, *, absence: AbsenceForm | None = None, status: int = 200) -> HttpResponse:
    now, seat = timezone.now(), seat_of(_member_of(request))
    teams = [] if seat is None else [one.team for one in seat.places.select_related("team").order_by("team__name")]
    context = {
        "form": OpenForm(initial={"is_open": seat is None or seat.is_open}),
        "absence": absence or AbsenceForm(today=timezone.localdate()),
        "absences": list_absences(seat, now=now),
        "seat": seat,
        "teams": teams,
        "now": now,
    }
    return render(request, "handoff/teams/me.html", context, status=status)


def _member_of(request: HttpRequest) -> Membership:
    member: Membership = request.membership  # type: ignore[attr-defined]
    return member
