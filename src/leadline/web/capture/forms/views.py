"""The pages to manage forms. What visitors see is in `public.py`."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.roles import EDITORS, needs_role
from leadline.web.capture.forms import actions, queries
from leadline.web.capture.forms.answer_form import AnswerForm
from leadline.web.capture.forms.consents import A_SCORING_TEXT, texts_of
from leadline.web.capture.forms.editor import MOST_ROWS, FieldRows, FormEditor, initial_rows
from leadline.web.capture.forms.embed import frame_code, post_code
from leadline.web.capture.forms.fields import DEFAULT_FIELDS, KNOWN_FACTS, AskedField, read_fields
from leadline.web.capture.models import Form


@needs_role(*EDITORS)
@require_safe
def list_forms(request: HttpRequest) -> HttpResponse:
    """Show all forms."""
    return render(request, "capture/forms/list.html", {"forms": queries.list_forms(workspace_of(request))})


@needs_role(*EDITORS)
@require_safe
def show_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a form: where it is, how to embed it, and how it looks."""
    form = queries.get_form(workspace_of(request), pk)
    address = request.build_absolute_uri(reverse("answer-form", args=[form.workspace.slug, form.slug]))
    context = {
        "form": form,
        "address": address,
        "frame_code": frame_code(form, address),
        "post_code": post_code(form, address),
        "answers": queries.last_answers(form),
        "consents": [(purpose.label, text) for purpose, text in texts_of(form).items()],
        "lacks_scoring_consent": not form.scoring_text and queries.needs_scoring_consent(form.workspace),
    }
    return render(request, "capture/forms/show.html", context)


@needs_role(*EDITORS)
def make_form(request: HttpRequest) -> HttpResponse:
    """Make a form. Where the playbook scores nobody without a basis, a new one asks for it."""
    workspace = workspace_of(request)
    text = A_SCORING_TEXT if queries.needs_scoring_consent(workspace) else ""
    fields = [one.as_json() for one in DEFAULT_FIELDS]
    return _edit(request, Form(workspace=workspace, fields=fields, scoring_text=text))


@needs_role(*EDITORS)
def edit_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a form."""
    return _edit(request, queries.get_form(workspace_of(request), pk))


@needs_role(*EDITORS)
@require_POST
def open_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a form, or close it."""
    form = queries.get_form(workspace_of(request), pk)
    is_open = request.POST.get("open") == "1"
    actions.set_open(form, is_open=is_open)
    messages.success(request, f"“{form.title}” is {'open' if is_open else 'closed'}.")
    return redirect("form", form.pk)


def _edit(request: HttpRequest, form: Form) -> HttpResponse:
    if request.method != "POST":
        asked = read_fields(form.fields)
        return _render_editor(
            request, form, FormEditor(instance=form), FieldRows(initial=initial_rows(asked), prefix="f"), asked
        )
    if "more" in request.POST or "preview" in request.POST:
        return _go_on(request, form)
    editor, rows = FormEditor(request.POST, instance=form), FieldRows(request.POST, prefix="f")
    if all([editor.is_valid(), rows.is_valid()]):
        saved = actions.save_form(editor.save(commit=False), rows.asked)
        messages.success(request, f"“{saved.title}” is saved.")
        return redirect("form", saved.pk)
    return _render_editor(request, form, editor, rows, getattr(rows, "asked", []), status=422)


def _go_on(request: HttpRequest, form: Form) -> HttpResponse:
    """Show what was typed as it would look, with one field more where that is asked for. Nothing is saved, and nothing complained about."""
    data = request.POST.copy()
    rows = FieldRows(data, prefix="f")
    rows.is_valid()
    asked = getattr(rows, "asked", [])
    if "more" in data:
        count = min(_count(data.get("f-TOTAL_FORMS", "")), MOST_ROWS - 1)
        data["f-TOTAL_FORMS"], data[f"f-{count}-type"] = str(count + 1), "text"
        rows = FieldRows(data, prefix="f")
        for new in rows.forms[-1:]:
            new.fields["label"].widget.attrs["autofocus"] = True
    return _render_editor(request, form, FormEditor(instance=form, initial=_typed(data)), rows, asked)


def _render_editor(
    request: HttpRequest, form: Form, editor: FormEditor, rows: Any, asked: list[AskedField], status: int = 200
) -> HttpResponse:
    words = {name: editor[name].value() or "" for name in ("title", "intro", "contact_text", "scoring_text")}
    shown = Form(slug="preview", fields=[one.as_json() for one in asked], **words)
    context = {
        "form": form,
        "editor": editor,
        "rows": rows,
        "known_facts": KNOWN_FACTS,
        "shown": shown,
        "typed": AnswerForm(shown),
        "is_refused": status != 200,
        "needs_scoring_consent": queries.needs_scoring_consent(workspace_of(request)),
    }
    return render(request, "capture/forms/edit.html", context, status=status)


def _typed(data: Any) -> dict[str, str]:
    return {name: data[name] for name in FormEditor.base_fields if name in data}


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
