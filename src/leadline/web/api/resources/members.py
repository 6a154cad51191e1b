"""In whose name a program acts: members, by their e-mail addresses."""

from django.http import HttpRequest

from leadline.web.accounts.models import Membership
from leadline.web.accounts.roles import WORKERS, Role
from leadline.web.api.problems import Fault, ProblemError
from leadline.web.api.resources.asking import workspace_of


def get_member(request: HttpRequest, email: str, pointer: str) -> Membership:
    """Return a member by their e-mail address, which stands at a place of the body.

    Raises:
        ProblemError: nobody of this address is in the workspace, or they were shut out.
    """
    members = Membership.objects.filter(workspace=workspace_of(request), user__is_active=True)
    found = members.select_related("user", "workspace").filter(user__email__iexact=email.strip()).first()
    if found is None:
        raise _unusable(pointer, "unknown-person", "Nobody with this e-mail address is a member of this workspace.")
    return found


def get_worker(request: HttpRequest, email: str, pointer: str) -> Membership:
    """Return a member who works on leads.

    Raises:
        ProblemError: there is none of this address, or they may only look.
    """
    found = get_member(request, email, pointer)
    if found.role not in WORKERS:
        detail = f"The role of this person is {Role(found.role).label}, and does not work on leads."
        raise _unusable(pointer, "wrong-role", detail)
    return found


def _unusable(pointer: str, code: str, detail: str) -> ProblemError:
    fault = Fault(pointer=pointer, code=code, detail=detail)
    return ProblemError(status=422, code="invalid", detail="Something in the request cannot be used.", errors=[fault])
