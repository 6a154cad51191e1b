"""Pages of drafts. Everybody reads them; editors write, check and publish them."""

from importlib.resources import files
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadline.engine.problems import ProblemsError
from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.roles import ADMINS, EDITORS, EVERYBODY, needs_role
from leadline.web.flow import proposals_changed
from leadline.web.pages.drafts.asking import (
    CONFLICT,
    checked_context,
    edits_of,
    get_draft,
    may_edit,
    needs_editor,
    show_conflict,
    starts_of,
    user_of,
)
from leadline.web.pages.drafts.forms import BeginForm, DraftForm, PublishDraftForm
from leadline.web.pages.proposals.queries import gate_of
from leadline.web.pages.whatif.queries import show
from leadline.web.pages.whatif.withdrawing import show_withdrawing
from leadline.web.playbooks import queries
from leadline.web.playbooks.actions import CasesFailedError, SamePlaybookError
from leadline.web.playbooks.checking import Checked, beside, check_texts
from leadline.web.playbooks.drafts import (
    StaleDraftError,
    begin_draft,
    drafts_of,
    find_draft,
    publish_draft,
    put_away,
    put_back,
    save_draft,
)
from leadline.web.playbooks.editing.edits import apply_edits
from leadline.web.playbooks.models import Draft
from leadline.web.playbooks.proposals.publishing import ApprovalNeededError
from leadline.web.playbooks.proposals.queries import find_open
from leadline.web.playbooks.unseen import find_unseen
from leadline.web.shell.numbers import whole_number


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*EVERYBODY)
def drafts(request: HttpRequest) -> HttpResponse:
    """Show the drafts that are being written; begin one."""
    workspace = workspace_of(request)
    starts = starts_of(workspace)
    form = BeginForm(request.POST if request.method == "POST" else None, starts=starts, initial=_first(request, starts))
    if request.method == "POST":
        needs_editor(request)
        if form.is_valid():
            return redirect("draft", _begin(request, form).pk)
    context = {
        "form": form,
        "drafts": drafts_of(workspace),
        "may_edit": may_edit(request),
        "deleted": _deleted_draft(request),
    }
    return render(request, "pages/drafts/drafts.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*EVERYBODY)
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a draft with what is wrong with it and what it would change; save its texts."""
    found = get_draft(request, pk)
    if request.method != "POST":
        return _show(request, found, DraftForm(initial=_texts_of(found)), check_texts(found.toml, found.cases))
    needs_editor(request)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form, check_texts(found.toml, found.cases), status=422)
    given = {name: form.cleaned_data[name] for name in ("name", "toml", "cases")}
    try:
        revision = form.cleaned_data["revision"]
        save_draft(found, revision=revision, by=user_of(request), tell=proposals_changed, **given)
    except StaleDraftError as stale:
        return show_conflict(request, stale, given)
    checked = check_texts(given["toml"], given["cases"])
    if checked.is_usable:
        messages.success(request, "The draft was saved.")
    else:
        messages.warning(request, "The draft was saved as it is. It cannot be published yet: look at what is wrong.")
    return redirect("draft", found.pk)


@require_POST
@needs_role(*EDITORS)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what is wrong with texts as they are typed. Nothing is saved."""
    found = get_draft(request, pk)
    form = DraftForm(request.POST)
    form.is_valid()
    if "is_form" in request.POST:
        return _check_form(request, found)
    toml, cases = (str(form.cleaned_data.get(name, "")) for name in ("toml", "cases"))
    checked = check_texts(toml, cases)
    if getattr(request, "htmx", False):
        return render(request, "pages/drafts/checked.html", checked_context(found, checked, toml))
    return _show(request, found, form, checked, toml=toml, is_unsaved=True, status=422 if form.errors else 200)


def _check_form(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Say what is wrong with a draft when its values were those that are typed in the form."""
    toml, checked = draft.toml, None
    try:
        toml = apply_edits(draft.toml, edits_of(request, draft.toml))
    except ProblemsError as error:
        checked = Checked(compiled=None, problems=tuple(beside(error.problems, draft.toml, draft.cases)))
    checked = checked or check_texts(toml, draft.cases)
    context = checked_context(draft, checked, toml) | {"elsewhere": True}
    return render(request, "pages/drafts/checked.html", context)


@require_safe
@needs_role(*EVERYBODY)
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the text of a draft as it was saved."""
    found = get_draft(request, pk)
    answer = HttpResponse(found.toml, content_type="application/toml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="playbook-draft-{found.pk}.toml"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*EDITORS)
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show all that there is to know before a draft is published, and publish it."""
    found = get_draft(request, pk)
    if found.published_as is not None:
        return redirect("playbook-version", found.published_as.number)
    proposal = find_open(found)
    first = {"revision": found.revision, "note": found.note or (proposal.why if proposal else "")}
    is_override = "override" in request.POST and _is_admin(request)
    form = PublishDraftForm(request.POST if request.method == "POST" else None, initial=first, is_override=is_override)
    if request.method != "POST" or not form.is_valid():
        return _show_publish(request, found, form)
    given = form.cleaned_data
    try:
        version = publish_draft(found, **given, by=user_of(request), tell=proposals_changed)
    except StaleDraftError as stale:
        if stale.draft is None:
            raise Http404("The draft is not there any more.") from None
        form = PublishDraftForm(initial={**given, "revision": stale.draft.revision}, is_override=is_override)
        return _show_publish(request, stale.draft, form, status=CONFLICT, is_stale=True)
    except ApprovalNeededError as error:
        return _show_publish(request, found, form, status=CONFLICT, refusal=str(error))
    except (ProblemsError, CasesFailedError):
        return _show_publish(request, found, form)
    except SamePlaybookError as error:
        messages.info(request, str(error))
        return redirect("draft", found.pk)
    messages.success(
        request, f"Version {version.number} is published. It goes live when every lead has been assessed by it."
    )
    return redirect("playbook")


@require_POST
@needs_role(*EDITORS)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft away, and offer to put it back."""
    found = get_draft(request, pk)
    put_away(found, by=user_of(request), tell=proposals_changed)
    return redirect(f"{reverse('drafts')}?deleted={found.pk}")


@require_POST
@needs_role(*EDITORS)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft back."""
    found = find_draft(workspace_of(request), pk, is_deleted=True)
    if found is None:
        raise Http404("There is no such draft.")
    put_back(found)
    messages.success(request, f"“{found}” is back.")
    return redirect("draft", found.pk)


# -- what is shown ------------------------------------------------------------------------------------------------


def _show(
    request: HttpRequest,
    draft: Draft,
    form: DraftForm,
    checked: Checked,
    *,
    toml: str | None = None,
    is_unsaved: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        **checked_context(draft, checked, draft.toml if toml is None else toml),
        "whatif": show(draft),
        "form": form,
        "proposal": find_open(draft),
        "may_edit": may_edit(request) and draft.published_as is None,
        "is_unsaved": is_unsaved,
    }
    return render(request, "pages/drafts/draft.html", context, status=status)


def _show_publish(
    request: HttpRequest,
    draft: Draft,
    form: PublishDraftForm,
    *,
    is_stale: bool = False,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    gate = gate_of(draft)
    if not gate.is_open and _is_admin(request) and "override" not in form.fields:
        form = PublishDraftForm(initial=request.POST.dict() or form.initial, is_override=True)
    checked = check_texts(draft.toml, draft.cases)
    live = queries.find_live(draft.workspace_id)
    based_on = draft.based_on
    context = {
        **checked_context(draft, checked, draft.toml),
        "whatif": show(draft),
        "form": form,
        "unseen": find_unseen(draft.workspace, checked.compiled) if checked.compiled else [],
        "slips": [],  # they are asked about above, of all that came in up to now
        "is_stale": is_stale,
        "refusal": refusal,
        "gate": gate,
        "may_override": _is_admin(request),
        "overtaken": live if live and based_on and live.number > based_on.number else None,
        "withdrawing": show_withdrawing(draft.workspace_id, checked.compiled),
    }
    refused = form.errors or (request.method == "POST" and not checked.is_usable)
    return render(request, "pages/drafts/publish.html", context, status=422 if refused else status)


def _is_admin(request: HttpRequest) -> bool:
    return request.membership.role in ADMINS  # type: ignore[attr-defined]


def _texts_of(draft: Draft) -> dict[str, Any]:
    return {"revision": draft.revision, "name": draft.name, "toml": draft.toml, "cases": draft.cases}


def _begin(request: HttpRequest, form: BeginForm) -> Draft:
    workspace, name, start = workspace_of(request), form.cleaned_data["name"], form.cleaned_data["start"]
    toml, cases, version = "", "", None
    if start == "live":
        version = queries.find_live(workspace)
    elif (number := whole_number(start, most=2**31 - 1)) is not None:
        version = queries.find_version(workspace, number)
    elif start == "example":
        toml, cases = (
            (files("leadline.starter") / one).read_text(encoding="utf-8") for one in ("playbook.toml", "cases.toml")
        )
    return begin_draft(workspace, name=name, version=version, toml=toml, cases=cases, by=user_of(request))


def _first(request: HttpRequest, starts: list[tuple[str, str]]) -> dict[str, str]:
    """Return what the form begins with: a name that tells one draft from another, and what the address asks for."""
    asked = request.GET.get("from", "")
    start = asked if asked in dict(starts) else starts[0][0]
    today = timezone.localdate()
    return {"name": f"Draft of {today.day} {today:%B}", "start": start}


def _deleted_draft(request: HttpRequest) -> Draft | None:
    pk = whole_number(request.GET.get("deleted"))
    return find_draft(workspace_of(request), pk, is_deleted=True) if pk is not None else None
