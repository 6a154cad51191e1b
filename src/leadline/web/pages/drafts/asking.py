"""Which draft is asked for and by whom, and what several of the pages show of one."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import Membership, User, Workspace
from leadline.web.accounts.roles import EDITORS
from leadline.web.pages.drafts.fields import paths_of
from leadline.web.pages.drafts.forms import BeginForm, DraftForm
from leadline.web.playbooks import queries
from leadline.web.playbooks.changed import say_changes
from leadline.web.playbooks.checking import Checked, ShownProblem, beside
from leadline.web.playbooks.drafts import StaleDraftError, find_draft
from leadline.web.playbooks.models import Draft, Version
from leadline.web.playbooks.unseen import find_unseen

CONFLICT = 409


def get_draft(request: HttpRequest, pk: int) -> Draft:
    """Return a draft of the workspace.

    Raises:
        Http404: there is none.
    """
    found = find_draft(workspace_of(request), pk)
    if found is None:
        raise Http404("There is no such draft.")
    return found


def may_edit(request: HttpRequest) -> bool:
    """Return whether a person may write drafts."""
    member: Membership = request.membership  # type: ignore[attr-defined]
    return member.role in EDITORS


def needs_editor(request: HttpRequest) -> None:
    """Refuse who may not write drafts.

    Raises:
        PermissionDenied: they may not.
    """
    if not may_edit(request):
        raise PermissionDenied("Drafts are written by administrators and marketers.")


def user_of(request: HttpRequest) -> User:
    """Return who is signed in."""
    assert isinstance(request.user, User)
    return request.user


def edits_of(request: HttpRequest, toml: str) -> dict[str, str]:
    """Return what was typed in the form for values that a text has.

    Raises:
        ProblemsError: the text is not TOML.
    """
    return {path: request.POST[path] for path in paths_of(toml) if path in request.POST}


def starts_of(workspace: Workspace) -> list[tuple[str, str]]:
    """Return what a draft can begin with."""
    versions = list(queries.versions_of(workspace))
    live = [("live", f"Version {one.number}, which is live") for one in versions if one.state == Version.State.LIVE]
    others = [(str(one.number), f"Version {one.number}") for one in versions if one.state != Version.State.LIVE]
    return [*live, *others, ("example", "Our example for a software company"), ("nothing", "Nothing")]


def checked_context(draft: Draft, checked: Checked, toml: str) -> dict[str, Any]:
    """Return what the card says of texts that were checked."""
    live = queries.find_live(draft.workspace_id)
    return {
        "draft": draft,
        "checked": checked,
        "live": live,
        "is_as_live": live is not None and live.toml == toml,
        "changed": say_changes(live.toml, toml) if live and checked.compiled else None,
        "slips": _slips_of(draft.workspace, checked, toml),
    }


def _slips_of(workspace: Workspace, checked: Checked, toml: str) -> list[ShownProblem]:
    """Return the names that look like slips of the pen, with where they stand in the text."""
    found = find_unseen(workspace, checked.compiled, is_typing=True) if checked.compiled else []
    return list(beside((one.beside(toml) for one in found), toml, ""))


def show_conflict(request: HttpRequest, stale: StaleDraftError, given: dict[str, str]) -> HttpResponse:
    """Show both texts: the one that somebody else saved, and the one that was typed."""
    theirs = stale.draft
    if theirs is None:
        context = {"given": given, "form": BeginForm(starts=starts_of(workspace_of(request)), initial=given)}
        return render(request, "pages/drafts/gone.html", context, status=CONFLICT)
    context = {
        "draft": theirs,
        "form": DraftForm(initial={**given, "revision": theirs.revision}),
        "lines": queries.diff_texts(theirs.toml, given["toml"]),
        "case_lines": queries.diff_texts(theirs.cases, given["cases"]),
    }
    return render(request, "pages/drafts/conflict.html", context, status=CONFLICT)
