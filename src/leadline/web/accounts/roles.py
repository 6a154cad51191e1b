"""Who may do what: a view says which roles it is for, and everybody else is refused."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from leadline.web.accounts.models import Membership

P = ParamSpec("P")
Role = Membership.Role
EVERYBODY = tuple(Role)
EDITORS = (Role.ADMIN, Role.MARKETER)
"""Who may change data that many leads depend on: imports, forms, bot rules, playbooks, merges."""
WORKERS = (Role.ADMIN, Role.MARKETER, Role.REP, Role.MANAGER)
"""Who may change a single lead."""
LEADERS = (Role.ADMIN, Role.MANAGER)
"""Who decides for others: whose hand-off it is, when people work, what is promised."""
ADMINS = (Role.ADMIN,)


def name_roles(roles: Iterable[Role]) -> str:
    """Return who has one of some roles, for a sentence.

    >>> name_roles(EDITORS), name_roles(ADMINS)
    ('administrators and marketers', 'administrators')
    """
    *most, last = (f"{role.label}s" for role in roles)
    return f"{', '.join(most)} and {last}" if most else last


View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def needs_role(*roles: Role) -> Callable[[View[P]], View[P]]:
    """Let only members of these roles in. Who is in no workspace is refused as well; who is not signed in was sent to sign in before."""

    def wrap(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            membership: Membership | None = getattr(request, "membership", None)
            if membership is None:
                raise PermissionDenied("You are in no workspace yet. Ask an administrator to add you.")
            if membership.role not in roles:
                yours = Role(membership.role).label
                raise PermissionDenied(
                    f"This is for {name_roles(roles)} only. Your role in {membership.workspace} is {yours}."
                )
            return view(request, *args, **kwargs)

        return guarded

    return wrap
