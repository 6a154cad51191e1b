"""Which workspaces a command of the app is about."""

from typing import TYPE_CHECKING

from leadline.cli.command import option
from leadline.engine.problems import Problem, ProblemsError, suggest

if TYPE_CHECKING:
    from leadline.web.accounts.models import Workspace

workspace_option = option(
    "--workspace",
    metavar="NAME",
    section="Installation",
    help="The workspace, by the short name in its addresses; needed only where there are several.",
)
"""The option that names a workspace; its value goes to `get_workspace` or `find_workspaces`."""


def find_workspaces(slug: str | None) -> "list[Workspace]":
    """Return the workspace of a name, or all.

    Raises:
        ProblemsError: there is none of this name, or none at all.
    """
    from leadline.web.accounts.models import Workspace

    every = list(Workspace.objects.order_by("pk"))
    found = [one for one in every if slug in (None, one.slug)]
    if not every:
        message = "There is no workspace yet: `leadline up` shows a page that makes the first."
        raise ProblemsError([Problem(code="missing-input", message=message, where="--workspace")])
    if not found:
        message = f"There is no workspace '{slug}'.{suggest(str(slug), [one.slug for one in every])}"
        raise ProblemsError([Problem(code="bad-value", message=message, where="--workspace")])
    return found


def get_workspace(slug: str | None) -> "Workspace":
    """Return the workspace of a name, or the only one.

    Raises:
        ProblemsError: there is none, or there are several and none was named.
    """
    found = find_workspaces(slug)
    if len(found) > 1:
        message = f"There are several workspaces: name one of {', '.join(one.slug for one in found)}."
        raise ProblemsError([Problem(code="missing-input", message=message, where="--workspace")])
    return found[0]
