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
from leadline.web.capture.forms.editor import SPARE_ROWS, FormEditor, field_rows, initial_rows
from leadline.web.capture.forms.embed import frame_code, post_code
from leadline.web.capture.forms.fields import DEFAULT_FIELDS, KNOWN_FACTS, read_fields
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
    }
    return render(request, "capture/forms/show.html", context)


@needs_role(*EDITORS)
def make_form(request: HttpRequest) -> HttpResponse:
    """Make a form."""
    return _edit(request, Form(workspace=workspace_of(request), fields=[one.as_json() for one in DEFAULT_FIELDS]))


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
    wants_more = "more" in request.POST
    if request.method == "POST" and not wants_more:
        editor, rows = FormEditor(request.POST, instance=form), field_rows(0)(request.POST, prefix="f")
        if all([editor.is_valid(), rows.is_valid()]):
            saved = actions.save_form(editor.save(commit=False), rows.asked)
            messages.success(request, f"“{saved.title}” is saved.")
            return redirect("form", saved.pk)
        return _render_editor(request, form, editor, rows, status=422)
    if wants_more:
        data = request.POST.copy()
        data["f-TOTAL_FORMS"] = str(min(_count(data.get("f-TOTAL_FORMS", "")), 60) + SPARE_ROWS)
        editor, rows = FormEditor(instance=form, initial=_typed(data)), field_rows(0)(data, prefix="f")
        return _render_editor(request, form, editor, rows)
    editor = FormEditor(instance=form)
    rows = field_rows(SPARE_ROWS)(initial=initial_rows(read_fields(form.fields)), prefix="f")
    return _render_editor(request, form, editor, rows)


def _render_editor(request: HttpRequest, form: Form, editor: FormEditor, rows: Any, status: int = 200) -> HttpResponse:
    context = {"form": form, "editor": editor, "rows": rows, "known_facts": KNOWN_FACTS}
    return render(request, "capture/forms/edit.html", context, status=status)


def _typed(data: Any) -> dict[str, str]:
    return {name: data[name] for name in FormEditor.base_fields if name in data}


def _count(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 4 else 0
