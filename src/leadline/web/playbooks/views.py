"""Pages about playbooks: what holds, the versions, publishing one, and what differs between two."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from leadline.engine.problems import ProblemsError
from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import User
from leadline.web.accounts.roles import ADMINS, EDITORS, EVERYBODY, needs_role
from leadline.web.playbooks import actions, queries
from leadline.web.playbooks.asking import find_questions
from leadline.web.playbooks.changed import say_changes
from leadline.web.playbooks.checking import beside
from leadline.web.playbooks.drafts import begin_draft, drafts_of
from leadline.web.playbooks.forms import PublishForm
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.proposals.publishing import ApprovalNeededError, needs_approval
from leadline.web.playbooks.proposals.said import named_by
from leadline.web.playbooks.queries import compile_toml
from leadline.web.playbooks.said import say_version
from leadline.web.shell.numbers import whole_number

_SHOWN_DRAFTS = 5
_MOST_NUMBER = 2**31 - 1
"""Above every version's number, and what its column takes."""


@needs_role(*EVERYBODY)
@require_safe
def show_playbook(request: HttpRequest) -> HttpResponse:
    """Show the live version in plain words, and all versions."""
    workspace = workspace_of(request)
    live, preparing = queries.find_live(workspace), queries.find_preparing(workspace)
    shown = live or preparing
    context = {
        "live": live,
        "preparing": preparing,
        "progress": queries.progress_of(preparing) if preparing else None,
        "parts": say_version(shown) if shown else [],
        "versions": queries.versions_of(workspace),
        "named": named_by(live),
        "drafts": drafts_of(workspace)[:_SHOWN_DRAFTS],
    }
    return render(request, "playbooks/playbook.html", context)


@needs_role(*EVERYBODY)
@require_safe
def show_progress(request: HttpRequest) -> HttpResponse:
    """Show how far the version in preparation is; when there is none any more, the page is loaded anew."""
    preparing = queries.find_preparing(workspace_of(request))
    if preparing is None:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    context = {"preparing": preparing, "progress": queries.progress_of(preparing)}
    return render(request, "playbooks/progress.html", context)


@needs_role(*EVERYBODY)
@require_safe
def show_version(request: HttpRequest, number: int) -> HttpResponse:
    """Show a version in plain words, and what differs from another one, by default the one before."""
    version = _get_version(request, number)
    against = _find_other(request, version)
    try:
        parts = say_version(version)
    except ProblemsError:  # a text of long ago that the language does not allow any more
        parts = []
    context = {
        "version": version,
        "against": against,
        "changed": say_changes(against.toml, version.toml) if against else None,
        "others": [one for one in queries.versions_of(version.workspace) if one.pk != version.pk],
        "parts": parts,
        "named": named_by(version),
        "may_publish": request.membership.role in EDITORS,  # type: ignore[attr-defined]
    }
    return render(request, "playbooks/version.html", context)


@needs_role(*EVERYBODY)
@require_safe
def download_version(request: HttpRequest, number: int) -> HttpResponse:
    """Hand out a version as it was published."""
    version = _get_version(request, number)
    answer = HttpResponse(version.toml, content_type="application/toml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="playbook-v{version.number}.toml"'
    return answer


@needs_role(*EDITORS)
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest) -> HttpResponse:
    """Publish a playbook from a file or from its text."""
    workspace = workspace_of(request)
    may_override = needs_approval(workspace) and request.membership.role in ADMINS  # type: ignore[attr-defined]
    if request.method != "POST":
        form = PublishForm(initial=_start_of(request), may_override=may_override)
        return render(request, "playbooks/publish.html", {"form": form, "needs_approval": needs_approval(workspace)})
    form = PublishForm(request.POST, request.FILES, may_override=may_override)
    if not form.is_valid():
        return _refuse(request, form, form_again=form)
    given = form.cleaned_data
    assert isinstance(request.user, User)
    if request.POST.get("put_forward"):
        name = given["note"] or "From a file"
        draft = begin_draft(workspace, name=name, toml=given["toml"], cases=given["cases"], by=request.user)
        return redirect("draft-put-forward", draft.pk)
    try:
        if not request.POST.get("is_meant") and (asked := find_questions(workspace, compile_toml(given["toml"]))):
            return _refuse(request, form, asked=asked)
        version = actions.publish(
            workspace,
            toml=given["toml"],
            cases=given["cases"],
            note=given["note"],
            by=request.user,
            override=given.get("override", ""),
        )
    except ApprovalNeededError as error:
        return _refuse(request, form, status=409, needed=error)
    except ProblemsError as error:
        return _refuse(request, form, problems=list(beside(error.problems, given["toml"], given["cases"])))
    except actions.CasesFailedError as error:
        return _refuse(request, form, failed=[(one, "\n".join(one.lines()[1:])) for one in error.failed])
    except actions.SamePlaybookError as error:
        messages.info(request, str(error))
        return redirect("playbook")
    messages.success(
        request, f"Version {version.number} is published. It goes live when every lead has been assessed by it."
    )
    return redirect("playbook")


def _start_of(request: HttpRequest) -> dict[str, str]:
    """Return what the form begins with: nothing, or a version: the live one (``from=live``) or an older one (``from=3``)."""
    asked = request.GET.get("from", "")
    if asked == "live":
        live = queries.find_live(workspace_of(request))
        return {"toml": live.toml, "cases": live.cases} if live else {}
    if (number := whole_number(asked, most=_MOST_NUMBER)) is not None:
        older = _get_version(request, number)
        return {"toml": older.toml, "cases": older.cases, "note": f"Back to version {older.number}"}
    return {}


def _refuse(
    request: HttpRequest, form: PublishForm, *, form_again: PublishForm | None = None, status: int = 422, **why: object
) -> HttpResponse:
    needed = needs_approval(workspace_of(request))
    context = {"form": form_again or form.filled_in(), "needs_approval": needed, **why}
    return render(request, "playbooks/publish.html", context, status=status)


def _get_version(request: HttpRequest, number: int) -> Version:
    version = queries.find_version(workspace_of(request), number)
    if version is None:
        raise Http404(f"There is no version {number}.")
    return version


def _find_other(request: HttpRequest, version: Version) -> Version | None:
    """Return the version to compare with: the one that was asked for, else the one before."""
    number = whole_number(request.GET.get("against"), most=_MOST_NUMBER)
    return _get_version(request, number) if number is not None else queries.find_before(version)
