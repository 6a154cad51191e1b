"""Answering a question about a lead, withdrawing the answer and putting it back: in place, or by a form that comes back to its page."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.roles import WORKERS, needs_role
from leadline.web.leads.models import Lead
from leadline.web.pages.lead_page.actions import add_answer
from leadline.web.pages.lead_page.queries import find_survivor, get_lead
from leadline.web.pages.playbook_words import words_of
from leadline.web.pages.questions.actions import NothingToDoError, restore_answer, withdraw_answer
from leadline.web.pages.questions.forms import AnswerForm, QuestionForm
from leadline.web.pages.questions.queries import questions_of
from leadline.web.playbooks.queries import find_live

ANSWERED = "lead-answered"
"""The event of the page by which other parts of it learn that something was said."""
Do = Callable[[Lead, dict[str, Any], str, tuple[str, ...]], str]
"""Does what a form asks for: given the lead, what the form says, who asks and the rank of sources; returns what to tell people."""


@require_POST
@needs_role(*WORKERS)
def answer(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Note what a person answered to a question."""

    def note(lead: Lead, said: dict[str, Any], by: str, rank: tuple[str, ...]) -> str:
        recorded = add_answer(lead, **said, by=by, source_rank=rank)
        return "The answer was noted." if recorded.stored else "That was the answer already."

    return _act(request, lead_id, AnswerForm, note)


@require_POST
@needs_role(*WORKERS)
def withdraw(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Withdraw what people answered to a question."""

    def take_back(lead: Lead, said: dict[str, Any], by: str, rank: tuple[str, ...]) -> str:
        withdraw_answer(lead, **said, by=by, source_rank=rank)
        return "The answer was withdrawn. It can be put back below."

    return _act(request, lead_id, QuestionForm, take_back)


@require_POST
@needs_role(*WORKERS)
def restore(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Put back the answer that was withdrawn last."""

    def put_back(lead: Lead, said: dict[str, Any], by: str, rank: tuple[str, ...]) -> str:
        return f"The answer is {restore_answer(lead, **said, by=by, source_rank=rank)} again."

    return _act(request, lead_id, QuestionForm, put_back)


def _act(request: HttpRequest, lead_id: int, form_class: type[QuestionForm], do: Do) -> HttpResponse:
    """Do what a form asks for, and answer with the card in place, else with the page that the form stood on."""
    lead = find_survivor(get_lead(workspace_of(request), lead_id))
    version = find_live(lead.workspace_id)
    words = words_of(version) if version else None
    form = form_class(request.POST, words=words)
    told = refusal = ""
    if form.is_valid() and words is not None:
        try:
            told = do(lead, form.cleaned_data, request.user.email, words.playbook.source_rank)  # type: ignore[union-attr]
        except NothingToDoError as nothing:
            refusal = str(nothing)
    else:
        refusal = " ".join(str(one) for errors in form.errors.values() for one in errors)
    back = _back(request, lead)
    if not request.htmx:  # type: ignore[attr-defined]
        (messages.error if refusal else messages.success)(request, refusal or told)
        return redirect(f"{back}#questions")
    context = {
        "lead": lead,
        "questions": questions_of(lead, version, timezone.now()) if version else None,
        "may_write": True,
        "questions_back": back,
        "told": told,
        "refusal": refusal,
    }
    response = render(request, "pages/questions/card.html", context, status=422 if refusal else 200)
    if told:
        response["HX-Trigger"] = ANSWERED
    return response


def _back(request: HttpRequest, lead: Lead) -> str:
    """Return the path of the page that the form stood on, such as the queue; the lead's page where none of ours is named."""
    said = request.POST.get("back", "")
    is_ours = said.startswith("/") and url_has_allowed_host_and_scheme(said, allowed_hosts=None)
    return said.partition("#")[0] if is_ours else reverse("lead", args=[lead.pk])
