"""The page of a lead, its parts that are asked for in place, and what people add there: facts and notes."""

from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.roles import ADMINS, EDITORS, EVERYBODY, WORKERS, needs_role
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.leads.mending import find_broken
from leadline.web.leads.models import Event, Lead
from leadline.web.leads.notes import add_note, notes_of, remove_note
from leadline.web.pages.lead_page.actions import add_fact
from leadline.web.pages.lead_page.explaining import explain_lead, worth_of_events
from leadline.web.pages.lead_page.field_names import field_names
from leadline.web.pages.lead_page.forms import AddFactForm, NoteForm
from leadline.web.pages.lead_page.handoffs import handed_over_of, story_of
from leadline.web.pages.lead_page.queries import (
    came_late,
    find_assessment,
    find_survivor,
    get_lead,
    history_of,
    identities_of,
    known_of,
    mates_of,
    spells_of,
)
from leadline.web.pages.lead_page.timeline import read_timeline
from leadline.web.pages.leads_list.filters import read_filters
from leadline.web.pages.leads_list.queries import find_neighbours
from leadline.web.pages.leads_list.wanted import Wanted
from leadline.web.pages.phones import find_phone
from leadline.web.pages.playbook_words import words_of
from leadline.web.pages.questions.queries import Questions, questions_of
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import find_live, get_plan

MOST_TRIES = 45
"""How often a page asks again for an assessment that is waited for; after that there is a link."""


@require_safe
@needs_role(*EVERYBODY)
def lead(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Show a lead; of one that was merged, the lead that has its log now. Asked for the timeline in place, answer with that alone."""
    found = get_lead(workspace_of(request), lead_id)
    if found.merged_into_id is not None:
        messages.info(request, f"{found} was merged into this lead.")
        return redirect("lead", find_survivor(found).pk)
    if request.htmx and request.htmx.target == "timeline":  # type: ignore[attr-defined]
        return timeline(request, found)
    return _page(request, found, AddFactForm(), status=200)


@require_safe
@needs_role(*EVERYBODY)
def assessed(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Answer with what is said of a lead, for a page that waits for it."""
    found = get_lead(workspace_of(request), lead_id)
    tries = request.GET.get("try", "1")
    context = _said(found, find_live(found.workspace_id)) | {"in_place": True}
    context["tries"] = (
        min(int(tries), MOST_TRIES) + 1 if tries.isascii() and tries.isdigit() and len(tries) < 4 else MOST_TRIES
    )
    context["most_tries"] = MOST_TRIES
    return render(request, "pages/lead/assessed.html", context)


@require_safe
@needs_role(*EVERYBODY)
def handoffs(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Show what happened to a lead's hand-offs, step by step: in place of the link to it, else as a page."""
    found = get_lead(workspace_of(request), lead_id)
    version = find_live(found.workspace_id)
    words = words_of(version) if version else None
    story = story_of(found, words, request.membership) if words else []  # type: ignore[attr-defined]
    context = {"lead": found, "words": words, "story": story}
    in_place = request.htmx and request.htmx.target == "handoff-story"  # type: ignore[attr-defined]
    response = render(request, f"pages/lead/{'handoff_story' if in_place else 'handoffs'}.html", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


@require_POST
@needs_role(*WORKERS)
def new_fact(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Note what somebody knows of a lead."""
    found = get_lead(workspace_of(request), lead_id)
    form = AddFactForm(request.POST, workspace=found.workspace)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    version = find_live(found.workspace_id)
    playbook = get_plan(version).playbook if version else None
    recorded = add_fact(found, **form.cleaned_data, by=request.user.email, playbook=playbook)  # type: ignore[union-attr]
    field = form.cleaned_data["field"]
    said = f"{field} was noted." if recorded.stored else f"{field} was known so already."
    messages.success(request, f"{said} That puts it right: the lead is reinstated." if recorded.reinstated else said)
    return redirect(reverse("lead", args=[found.pk]) + "#facts")


@require_POST
@needs_role(*WORKERS)
def new_note(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Write something down about a lead."""
    found = get_lead(workspace_of(request), lead_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, found, AddFactForm(), note_form=form, status=422)
    add_note(found, form.cleaned_data["text"], by=request.user.email)  # type: ignore[union-attr]
    return redirect(reverse("lead", args=[found.pk]) + "#notes")


@require_POST
@needs_role(*WORKERS)
def take_note_away(request: HttpRequest, lead_id: int, note_id: int) -> HttpResponse:
    """Take a note away: its writer's, or anybody's for an administrator."""
    found = get_lead(workspace_of(request), lead_id)
    is_admin = request.membership.role in ADMINS  # type: ignore[attr-defined]
    if remove_note(found, note_id, by=request.user.email, is_admin=is_admin):  # type: ignore[union-attr]
        messages.success(request, "The note was taken away.")
    else:
        messages.error(request, "Only who wrote a note, or an administrator, takes it away. Nothing was changed.")
    return redirect(reverse("lead", args=[found.pk]) + "#notes")


def timeline(request: HttpRequest, found: Lead) -> HttpResponse:
    """Answer with the timeline alone."""
    version = find_live(found.workspace_id)
    stored = find_assessment(version, found) if version else None
    worths = worth_of_events(get_plan(version), stored, spells_of(version, found)) if version and stored else {}
    context = {"lead": found, "timeline": _timeline(request, found, worths)}
    response = render(request, "pages/lead/timeline.html", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _timeline(request: HttpRequest, found: Lead, worths: Any) -> Any:
    events = Event.objects.filter(lead=found)
    return read_timeline(events, request.GET.get("kind", ""), request.GET.get("before", ""), worths)


def _said(found: Lead, version: Version | None) -> dict[str, Any]:
    """Return what the live version says of a lead, and why."""
    stored: Assessment | None = find_assessment(version, found) if version else None
    context: dict[str, Any] = {
        "lead": found,
        "version": version,
        "stored": stored,
        "tries": 1,
        "most_tries": MOST_TRIES,
    }
    if version is None:
        return context
    context["words"] = words = words_of(version)
    context["is_waiting"] = found.due_at is not None or stored is None
    spells: list[Spell] = spells_of(version, found)
    context["spells"] = spells
    if stored is not None:
        context |= {
            "explained": explain_lead(get_plan(version), words, stored, spells),
            "stage": words.stage(stored.stage) if stored.stage else None,
            "grade": words.grade(stored.grade) if stored.grade else None,
            "grade_text": words.say_grade(stored.grade),
            "excluded": words.excluded_by(stored.excluded_by) if stored.excluded_by else "",
            "persona": words.persona(stored.persona) if stored.persona else "",
        }
    return context


def _questions(found: Lead, version: Version, context: dict[str, Any]) -> Questions | None:
    explained = context.get("explained")
    log = explained.log if explained else None
    return questions_of(found, version, timezone.now(), log=log, spells=context["spells"])


def _page(
    request: HttpRequest, found: Lead, form: AddFactForm, *, status: int, note_form: NoteForm | None = None
) -> HttpResponse:
    version = find_live(found.workspace_id)
    prefetch_related_objects([found], "facts")  # what is known and the questions both read them
    context = _said(found, version)
    words, explained = context.get("words"), context.get("explained")
    filters = read_filters(request.GET)
    rank = words.playbook.source_rank if words else ()
    context |= {
        "timeline": _timeline(request, found, explained.worths if explained else {}),
        "history": (history := history_of(version, found)),
        "broken": find_broken(words.playbook, history.outcomes) if words else (),
        "came_late": came_late(version, found, context["spells"]) if version else set(),
        "identities": identities_of(found),
        "mates": mates_of(found, version, words),
        "known": known_of(found, rank),
        "phone": find_phone(found.facts.all(), rank),
        "neighbours": find_neighbours(Wanted(found.workspace, version, filters), found),
        "filters": filters,
        "handed": handed_over_of(found, words, request.membership) if words else None,  # type: ignore[attr-defined]
        "form": form,
        "field_names": field_names(found.workspace, version) if request.membership.role in WORKERS else (),  # type: ignore[attr-defined]
        "questions": _questions(found, version, context) if version else None,
        "notes": notes_of(found),
        "note_form": note_form or NoteForm(),
        "is_admin": request.membership.role in ADMINS,  # type: ignore[attr-defined]
        "may_write": request.membership.role in WORKERS,  # type: ignore[attr-defined]
        "may_edit": request.membership.role in EDITORS,  # type: ignore[attr-defined]
    }
    response = render(request, "pages/lead/lead.html", context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
