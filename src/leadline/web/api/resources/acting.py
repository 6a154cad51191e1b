"""Acting on a hand-off in the name of a member: whose, as what, and what it is afterwards. Hand-offs and their meetings stand on it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from leadline.web.accounts.models import Membership
from leadline.web.api.handoff_given import ByIn
from leadline.web.api.handoff_shapes import LOADED, HandOffDetail, detail_of
from leadline.web.api.problems import ProblemError, missing
from leadline.web.api.resources.asking import workspace_of
from leadline.web.api.resources.members import get_worker
from leadline.web.handoff import actions
from leadline.web.handoff.models import HandOff
from leadline.web.pages.playbook_words import PlaybookWords, words_of
from leadline.web.playbooks.queries import find_live


def act_on(request: HttpRequest, handoff_id: int, given: ByIn, act: Callable[[Membership], object]) -> dict[str, Any]:
    """Act in the name of a member, and return the hand-off as it is then.

    Raises:
        ProblemError: there is no such hand-off or member; somebody was faster (409); it cannot be done (422).
    """
    get_handoff(request, handoff_id)
    member = get_worker(request, given.by, "/by")
    try:
        act(member)
    except actions.ChangedError as error:
        code = "already-taken" if isinstance(error, actions.AlreadyTakenError) else "changed"
        now = HandOffDetail.model_validate(show_detail(request, get_handoff(request, handoff_id)))
        also = {"handoff": now.model_dump(mode="json")}
        raise ProblemError(status=409, code=code, detail=str(error), also=also) from None
    except actions.NotPossibleError as error:
        raise ProblemError(status=422, code="not-possible", detail=str(error)) from None
    return show_detail(request, get_handoff(request, handoff_id))


def get_handoff(request: HttpRequest, handoff_id: int) -> HandOff:
    """Return a hand-off of the key's workspace.

    Raises:
        ProblemError: there is none (404).
    """
    found = HandOff.objects.filter(workspace=workspace_of(request), pk=handoff_id).select_related(*LOADED).first()
    if found is None:
        raise missing("hand-off")
    return found


def words_of_live(request: HttpRequest) -> PlaybookWords | None:
    """Return the words of the live playbook; None where none is live."""
    version = find_live(workspace_of(request))
    return None if version is None else words_of(version)


def show_detail(request: HttpRequest, handoff: HandOff) -> dict[str, Any]:
    """Return a hand-off with all that happened to it, as it is shown."""
    return detail_of(handoff, words_of_live(request), timezone.now())
