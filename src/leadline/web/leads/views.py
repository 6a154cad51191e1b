"""A person's rights: consent, export, erasure; and what job titles say."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import User
from leadline.web.accounts.roles import EDITORS, EVERYBODY, WORKERS, needs_role
from leadline.web.leads.consent import Purpose, consent_history, give_consent, withdraw_consent
from leadline.web.leads.erasure import erase_person
from leadline.web.leads.export import export_person, parts_of
from leadline.web.leads.forms import ConsentForm, EraseForm, TitleRuleForm
from leadline.web.leads.models import TitleRule
from leadline.web.leads.queries import get_lead, get_title_rule, other_candidates
from leadline.web.leads.scrub import scrub_free_space
from leadline.web.leads.title_rules import add_title_rule, preview_title_rule, remove_title_rule
from leadline.web.leads.titles import find_title_rules


def person_of(request: HttpRequest) -> User:
    """Return who is signed in; every page here is for those who are."""
    assert isinstance(request.user, User)
    return request.user


# -- consent --------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*EVERYBODY)
def consent(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show what a person agreed to and on which basis; those who work with leads enter a new word."""
    if request.method == "POST":
        return _say_consent(request, pk)
    lead = get_lead(workspace_of(request), pk)
    return _consent_page(request, lead, ConsentForm(initial={"purpose": request.GET.get("purpose", Purpose.CONTACT)}))


@needs_role(*WORKERS)
def _say_consent(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a word on consent."""
    lead = get_lead(workspace_of(request), pk)
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return _consent_page(request, lead, form, status=422)
    said, by = form.cleaned_data, person_of(request)
    purpose = Purpose(said["purpose"])
    if said["word"] == "yes":
        give_consent(lead, purpose, basis=said["basis"], how=said["how"], text=said["text"], by=by)
        messages.success(request, f"Noted: we may {purpose.label.lower()}.")
    else:
        withdraw_consent(lead, purpose, how=said["how"], by=by)
        messages.success(request, f"Noted: we may not {purpose.label.lower()}.")
    return redirect("lead-consent", lead.pk)


def _consent_page(request: HttpRequest, lead: Any, form: ConsentForm, status: int = 200) -> HttpResponse:
    context = {
        "lead": lead,
        "form": form,
        "standings": consent_history(lead),
        "may_say": request.membership.role in WORKERS,  # type: ignore[attr-defined]
    }
    return render(request, "leads/consent.html", context, status=status)


# -- export and erasure ---------------------------------------------------------------------------------------


@require_safe
@needs_role(*EDITORS)
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """Show everything that is held of a person, to be read."""
    lead = get_lead(workspace_of(request), pk)
    held = export_person(lead)
    context = {"lead": lead, "export": held, "parts": parts_of(held), "candidates": other_candidates(lead)}
    return render(request, "leads/export.html", context)


@require_safe
@needs_role(*EDITORS)
def export_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Give everything that is held of a person as a file of JSON."""
    lead = get_lead(workspace_of(request), pk)
    response = JsonResponse(export_person(lead), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="person-{lead.pk}.json"'
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*EDITORS)
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether somebody is to be erased, and erase them."""
    lead = get_lead(workspace_of(request), pk)
    form = EraseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        erased = erase_person(lead, by=person_of(request))
        is_scrubbed = scrub_free_space()
        # Their name is not said again: a message lies in a session until it is shown.
        messages.success(request, "They were erased. What is sent about them from now on is dropped.")
        for note in erased.notes:
            messages.warning(request, note)
        if not is_scrubbed:
            messages.warning(request, "Traces are left in the database's write-ahead log until it is written anew.")
        return redirect("leads")
    held = export_person(lead)
    context = {
        "lead": lead,
        "form": form,
        "counts": [(name, len(rows)) for name, rows in parts_of(held)],
        "candidates": other_candidates(lead),
    }
    return render(request, "leads/erase.html", context, status=422 if form.errors else 200)


# -- titles ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*EDITORS)
def titles(request: HttpRequest) -> HttpResponse:
    """Show the workspace's rules on titles; add one. Asked with words, show what such a rule would change."""
    workspace = workspace_of(request)
    form = TitleRuleForm(request.POST if request.method == "POST" else request.GET or None)
    if request.method == "POST" and form.is_valid():
        rule = add_title_rule(workspace, **form.cleaned_data)
        messages.success(request, f"Titles with “{rule.pattern}” are read by your rule from now on.")
        return redirect("titles")
    context = {"form": form, "rules": find_title_rules(workspace)}
    if request.method != "POST" and form.is_bound and form.is_valid():
        rule = TitleRule(workspace=workspace, **form.cleaned_data)
        context["preview"] = preview_title_rule(workspace, rule)
    if request.htmx and request.htmx.target == "preview":  # type: ignore[attr-defined]
        return render(request, "leads/title_preview.html", context)
    return render(request, "leads/titles.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@needs_role(*EDITORS)
def remove_title(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a rule on titles."""
    rule = get_title_rule(workspace_of(request), pk)
    remove_title_rule(rule)
    messages.success(request, f"The rule on “{rule.pattern}” was removed.")
    return redirect("titles")
