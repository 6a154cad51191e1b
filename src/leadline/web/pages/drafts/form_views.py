"""A draft as a form: its values changed in place in the text, a criterion added or taken out. All else of the text stays as it is."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from leadline.engine.problems import Problem, ProblemsError
from leadline.web.accounts.roles import EDITORS, EVERYBODY, needs_role
from leadline.web.flow import proposals_changed
from leadline.web.pages.drafts.asking import (
    checked_context,
    edits_of,
    get_draft,
    may_edit,
    needs_editor,
    show_conflict,
    user_of,
)
from leadline.web.pages.drafts.fields import find_criterion, show_form
from leadline.web.pages.drafts.forms import AddForm
from leadline.web.pages.whatif.queries import show
from leadline.web.playbooks.checking import check_texts
from leadline.web.playbooks.drafts import StaleDraftError, save_draft
from leadline.web.playbooks.editing.criteria import add_criterion, remove_criterion
from leadline.web.playbooks.editing.edits import apply_edits
from leadline.web.playbooks.models import Draft
from leadline.web.playbooks.proposals.queries import find_open
from leadline.web.shell.numbers import whole_number

_MOST_REVISION = 2**31 - 1


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*EVERYBODY)
def form(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a draft's values as a form; change them in its text."""
    draft = get_draft(request, pk)
    if request.method != "POST":
        return _show(request, draft) if may_edit(request) and not draft.published_as else redirect("draft", draft.pk)
    needs_editor(request)
    edits: dict[str, str] = {}
    try:
        edits = edits_of(request, draft.toml)
        toml = apply_edits(draft.toml, edits)
    except ProblemsError as error:
        return _show(request, draft, edits=edits, problems=error.problems, status=422)
    return _save(request, draft, toml, "The draft was saved.")


@require_POST
@needs_role(*EDITORS)
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a criterion to the text of a draft."""
    draft = get_draft(request, pk)
    given = AddForm(request.POST, draft=draft)
    if not given.is_valid():
        return _show(request, draft, add=given, status=422)
    said = dict(given.cleaned_data)
    said.pop("revision")
    try:
        toml = add_criterion(draft.toml, **said)
    except ProblemsError as error:
        given.tell(error.problems)
        return _show(request, draft, add=given, status=422)
    return _save(request, draft, toml, f"“{said['why'] or said['id']}” was added.")


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*EDITORS)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a criterion is to go; take it out of the text of a draft."""
    draft = get_draft(request, pk)
    asked = request.POST if request.method == "POST" else request.GET
    try:
        entry = find_criterion(draft.toml, asked.get("id", ""))
    except ProblemsError:
        entry = None
    if entry is None:
        messages.warning(request, "There is no such criterion in this draft any more.")
        return redirect("draft-form", draft.pk)
    if request.method != "POST":
        return render(request, "pages/drafts/remove.html", {"draft": draft, "entry": entry})
    try:
        toml = remove_criterion(draft.toml, id=entry.id)
    except ProblemsError as error:
        messages.error(request, " ".join(one.message for one in error.problems))
        return redirect("draft-form", draft.pk)
    return _save(request, draft, toml, f"“{entry.title}” was removed from the draft.")


def _save(request: HttpRequest, draft: Draft, toml: str, said: str) -> HttpResponse:
    revision = whole_number(request.POST.get("revision"), most=_MOST_REVISION) or 0
    try:
        save_draft(draft, revision=revision, by=user_of(request), tell=proposals_changed, toml=toml)
    except StaleDraftError as stale:
        return show_conflict(request, stale, {"name": draft.name, "toml": toml, "cases": draft.cases})
    if check_texts(toml, draft.cases).is_usable:
        messages.success(request, said)
    else:
        messages.warning(request, f"{said} It cannot be published as it is: look at what is wrong.")
    part = request.POST.get("part", "")
    return redirect(
        f"{reverse('draft-form', args=[draft.pk])}{'?' if part else ''}{urlencode({'part': part}) if part else ''}"
    )


def _show(
    request: HttpRequest,
    draft: Draft,
    *,
    edits: dict[str, str] | None = None,
    problems: Sequence[Problem] = (),
    add: AddForm | None = None,
    status: int = 200,
) -> HttpResponse:
    try:
        parts = show_form(draft.toml, edits or {}, problems)
    except ProblemsError:
        parts = []
    wrong = {one.where for one in problems}
    asked = request.POST.get("part") or request.GET.get("part")
    part = next((one for one in parts if any(each.path in wrong for each in one.all_fields())), None)
    part = part or next((one for one in parts if one.key == asked), parts[0] if parts else None)
    shown = {one.path for one in part.all_fields()} if part else set()
    context = {
        **checked_context(draft, check_texts(draft.toml, draft.cases), draft.toml),
        "whatif": show(draft),
        "parts": parts,
        "part": part,
        "problems": problems,
        "elsewhere": [one.message for one in problems if one.where not in shown],
        "add": add or AddForm(draft=draft, score=part.key.removeprefix("score-") if part and part.is_score else ""),
        "proposal": find_open(draft),
        "may_edit": may_edit(request) and not draft.published_as,
    }
    return render(request, "pages/drafts/form.html", context, status=status)
