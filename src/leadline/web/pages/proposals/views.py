"""The pages of proposals, and everything that one does there. Everybody reads; who changes leads comments; approvers approve."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import Membership
from leadline.web.accounts.roles import EDITORS, EVERYBODY, WORKERS, needs_role
from leadline.web.flow import proposals_changed
from leadline.web.pages.drafts.asking import CONFLICT, get_draft, user_of
from leadline.web.pages.proposals.forms import ApproveForm, AskForm, CommentForm, PutForwardForm, WithdrawForm
from leadline.web.pages.proposals.queries import all_about, gate_of, list_decided, list_open
from leadline.web.pages.whatif.queries import show as show_whatif
from leadline.web.playbooks.changed import say_changes
from leadline.web.playbooks.checking import check_texts
from leadline.web.playbooks.models import Draft, Proposal
from leadline.web.playbooks.proposals import actions
from leadline.web.playbooks.proposals.queries import find_open, find_proposal
from leadline.web.playbooks.proposals.rules import base_of, find_approvers
from leadline.web.playbooks.proposals.said import say_not_needed


@require_safe
@needs_role(*EVERYBODY)
def proposals(request: HttpRequest) -> HttpResponse:
    """Show what is open, and what was decided last."""
    workspace, reader = workspace_of(request), user_of(request)
    approvers = find_approvers(workspace)
    context = {
        "open": list_open(workspace, reader, approvers),
        "decided": list_decided(workspace, reader, approvers),
        "not_needed": say_not_needed(approvers, is_first=base_of(workspace) is None),
        "may_edit": _role(request) in EDITORS,
    }
    return render(request, "pages/proposals/proposals.html", context)


@require_safe
@needs_role(*EVERYBODY)
def proposal(request: HttpRequest, number: int) -> HttpResponse:
    """Show a proposal: why, what would change, who approved, and what was said."""
    return _show(request, _get(request, number))


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*EDITORS)
def put_forward(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what is proposed and why; put a draft forward."""
    draft = get_draft(request, pk)
    there = find_open(draft)
    if there is not None:
        return redirect("proposal", there.number)
    if draft.published_as is not None:
        return redirect("draft", draft.pk)
    asked = {"revision": draft.revision, "title": draft.name, "why": draft.note}
    form = PutForwardForm(request.POST if request.method == "POST" else None, initial=asked)
    if request.method != "POST" or not form.is_valid():
        return _show_put_forward(request, draft, form, status=422 if form.errors else 200)
    try:
        made = actions.put_forward(draft, **form.cleaned_data, by=user_of(request), tell=proposals_changed)
    except actions.AlreadyPutForwardError as error:
        messages.info(request, str(error))
        return redirect("proposal", error.proposal.number)
    except actions.NotPossibleError as error:
        draft = get_draft(request, pk)
        form = PutForwardForm(initial={**form.cleaned_data, "revision": draft.revision})
        return _show_put_forward(request, draft, form, status=CONFLICT, refusal=str(error))
    messages.success(request, "It is put forward. Both sides can look at it now.")
    return redirect("proposal", made.number)


# -- what one does ----------------------------------------------------------------------------------------------------


@require_POST
@needs_role(*WORKERS)
def comment(request: HttpRequest, number: int) -> HttpResponse:
    """Say something on a proposal."""
    form = CommentForm(request.POST)
    return _do(request, number, form, "comment_form", actions.comment, "Your comment is there.")


@require_POST
@needs_role(*WORKERS)
def approve(request: HttpRequest, number: int) -> HttpResponse:
    """Approve exactly the text that was shown, for a side."""
    form = ApproveForm(request.POST)
    return _do(request, number, form, "approve_form", actions.approve, "You approved it.")


@require_POST
@needs_role(*WORKERS)
def ask(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for changes of exactly the text that was shown."""
    form = AskForm(request.POST)

    def act(found: Proposal, **said: Any) -> None:
        said.pop("base_number")
        actions.ask_for_changes(found, **said)

    return _do(request, number, form, "approve_form", act, "You asked for changes. Who put it forward is told.")


@require_POST
@needs_role(*WORKERS)
def take_back(request: HttpRequest, number: int) -> HttpResponse:
    """Take back what one approved or asked for."""
    return _do(request, number, forms.Form(request.POST), "", actions.take_back, "It is taken back.")


@require_POST
@needs_role(*EDITORS)
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Withdraw a proposal; its draft stays."""
    form = WithdrawForm(request.POST)
    return _do(request, number, form, "withdraw_form", actions.withdraw, "It is withdrawn. Its draft stays.")


def _do(
    request: HttpRequest, number: int, form: forms.Form, name: str, act: Callable[..., Any], done: str
) -> HttpResponse:
    """Do something with a proposal, or show it again with why not and with what was typed."""
    found = _get(request, number)
    if not form.is_valid():
        broken = any(one.is_hidden and one.errors for one in form)
        refusal = "What was sent does not say which text it is about: look again." if broken else ""
        if found.state != Proposal.State.OPEN and name != "comment_form":
            refusal = f"The proposal was {found.get_state_display().lower()} meanwhile."
        return _show(request, found, status=422, refusal=refusal, typed={name: form})
    try:
        act(found, **form.cleaned_data, by=user_of(request), tell=proposals_changed)
    except actions.NotPossibleError as error:
        return _show(request, _get(request, number), status=CONFLICT, refusal=str(error), typed={name: form})
    messages.success(request, done)
    return redirect("proposal", number)


# -- what is shown ----------------------------------------------------------------------------------------------------


def _show(
    request: HttpRequest,
    found: Proposal,
    *,
    status: int = 200,
    refusal: str = "",
    typed: dict[str, forms.Form] | None = None,
) -> HttpResponse:
    context = all_about(found, user_of(request))
    typed = typed or {}
    standing = context["shown"].standing
    sides = tuple(dict.fromkeys((*context["to_approve"], *context["my_sides"])))  # what waits is chosen first
    seen = {"digest": standing.digest, "base_number": standing.base_number}
    was_typed = typed.get("approve_form")
    if was_typed is not None and not was_typed.errors:  # what is sent next is of the text that is shown now
        was_typed = ApproveForm(initial={**was_typed.cleaned_data, **seen}, sides=sides)
    elif was_typed is not None:
        was_typed = type(was_typed)({**request.POST.dict(), **seen}, sides=sides)  # type: ignore[call-arg]
    context |= {
        "approve_form": (was_typed or ApproveForm(initial=seen, sides=sides)) if sides else None,
        "comment_form": typed.get("comment_form") or CommentForm(),
        "withdraw_form": typed.get("withdraw_form") or WithdrawForm(auto_id="withdraw_%s"),
        "refusal": refusal,
        "may_comment": _role(request) in WORKERS,
        "may_edit": _role(request) in EDITORS,
    }
    return render(request, "pages/proposals/proposal.html", context, status=status)


def _show_put_forward(
    request: HttpRequest, draft: Draft, form: PutForwardForm, *, status: int = 200, refusal: str = ""
) -> HttpResponse:
    checked, base = check_texts(draft.toml, draft.cases), base_of(draft.workspace_id)
    context = {
        "draft": draft,
        "form": form,
        "refusal": refusal,
        "checked": checked,
        "live": base,
        "is_as_live": base is not None and (base.toml, base.cases) == (draft.toml, draft.cases),
        "changed": say_changes(base.toml, draft.toml) if base and checked.compiled else None,
        "whatif": show_whatif(draft),
        "gate": gate_of(draft),
    }
    return render(request, "pages/proposals/put_forward.html", context, status=status)


def _get(request: HttpRequest, number: int) -> Proposal:
    found = find_proposal(workspace_of(request), number)
    if found is None:
        raise Http404("There is no such proposal.")
    return found


def _role(request: HttpRequest) -> str:
    member: Membership = request.membership  # type: ignore[attr-defined]
    return member.role
