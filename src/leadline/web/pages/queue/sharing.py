"""Giving several hand-offs of a box at once: what a manager chooses, and the line that offers to take it back."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import Membership, User
from leadline.web.accounts.roles import LEADERS, needs_role
from leadline.web.flow import handoffs_changed
from leadline.web.handoff import actions
from leadline.web.pages.queue.receivers import warn_of_given
from leadline.web.playbooks.queries import find_live
from leadline.web.shell.numbers import whole_number

ROUTE = "route"
LONGEST_NAME = 32


@dataclass(frozen=True, slots=True)
class Shared:
    """What was given away at once. text: how many to whom."""

    name: str
    text: str


def find_shared(name: str | None, member: Membership, *, now: datetime) -> Shared | None:
    """Return what somebody gave away at once, by its name in an address; None where nothing of it can be undone."""
    if not name or "\0" in name or len(name) > LONGEST_NAME:
        return None
    steps = actions.find_sharing(member.workspace_id, name, by=member.user, now=now)
    counts = Counter(str(one.said.get("to", "")) for one in steps)
    return Shared(name, ", ".join(f"{count} to {to}" for to, count in sorted(counts.items()))) if counts else None


@require_POST
@needs_role(*LEADERS)
def give(request: HttpRequest) -> HttpResponse:
    """Give the hand-offs that were ticked to somebody, or let routing decide; or take that back."""
    workspace, user = workspace_of(request), request.user
    assert isinstance(user, User)
    query = {"box": request.POST.get("box", "")}
    try:
        if "undo" in request.POST:
            name = request.POST["undo"].replace("\0", "")[:LONGEST_NAME]
            count = actions.undo_sharing(workspace.pk, name, by=user, tell=handoffs_changed)
            messages.success(request, f"Undone: {count} hand-offs are with whom they were before.")
        else:
            picked = [pk for one in request.POST.getlist("pick") if (pk := whole_number(one)) is not None]
            to = chosen_person(request)
            query["given"] = actions.share_out(workspace.pk, picked, to=to, by=user, tell=handoffs_changed)
            warn(request, picked, to)
    except actions.NotPossibleError as error:
        messages.warning(request, str(error))
    return redirect(f"{reverse('queue')}?{urlencode({key: value for key, value in query.items() if value})}")


def warn(request: HttpRequest, picked: list[int], to: User | None) -> None:
    """Say which of those that were just given to somebody they are not to get."""
    if to is not None:
        said = warn_of_given(picked, to, find_live(workspace_of(request)), now=timezone.now())
        if said:
            messages.warning(request, said)


def chosen_person(request: HttpRequest) -> User | None:
    """Return who gets them; None: routing decides.

    Raises:
        NotPossibleError: nobody was chosen, or somebody of elsewhere.
    """
    to = request.POST.get("to", "")
    if to == ROUTE:
        return None
    pk = whole_number(to)
    found = User.objects.filter(pk=pk, memberships__workspace=workspace_of(request)).first() if pk else None
    if found is None:
        raise actions.NotPossibleError("Choose to whom they go: there is no such person in this workspace.")
    return found
