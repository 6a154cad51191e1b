"""The pages of imports: read the request, call one action or query, answer."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from leadline.web.accounts.middleware import guarded, workspace_of
from leadline.web.accounts.models import User
from leadline.web.accounts.roles import EDITORS, needs_role
from leadline.web.capture.imports import actions, queries
from leadline.web.capture.imports.choices import ChoiceError, Choices, choices_of
from leadline.web.capture.imports.file_kinds import CannotImportError
from leadline.web.capture.imports.forms import ReadingForm, UploadForm, read_choices
from leadline.web.capture.imports.odd import say_odd
from leadline.web.capture.imports.refused_file import write_refused
from leadline.web.capture.imports.storing import most_bytes
from leadline.web.capture.models import ImportMapping, ImportRun

State = ImportRun.State
RUNS_A_PAGE = 25
_ROOM_BESIDE_THE_FILE = 100_000


# -- the list, and the upload -------------------------------------------------------------------------------------


@csrf_exempt
@needs_role(*EDITORS)
def imports(request: HttpRequest) -> HttpResponse:
    """Show all imports, and begin one.

    The size is looked at before the upload is read at all; the token against forged requests stands inside, so it is looked at then.
    """
    if request.method == "POST":
        return _begin(request)
    return _list(request, UploadForm())


def _begin(request: HttpRequest) -> HttpResponse:
    try:
        size = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        size = 0
    if size > most_bytes() + _ROOM_BESIDE_THE_FILE:
        form = UploadForm()
        problem = (
            f"The file is larger than {_megabytes(most_bytes())} MB, which is the most. Split it. Nothing was kept."
        )
        return _list(request, form, problem=problem, status=413)
    return _take_upload(request)


@csrf_protect
@guarded
def _take_upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, form, status=422)
    upload = form.cleaned_data["file"]
    try:
        run = actions.start_import(
            workspace_of(request),
            upload.chunks(),
            file_name=upload.name or "file",
            table=form.cleaned_data["table"],
            by=request.user if isinstance(request.user, User) else None,
        )
    except CannotImportError as error:
        return _list(request, form, problem=f"{error} Nothing was kept of the file.", status=422)
    return redirect("import", run.pk)


def _list(request: HttpRequest, form: UploadForm, *, problem: str = "", status: int = 200) -> HttpResponse:
    page = Paginator(queries.list_runs(workspace_of(request)), RUNS_A_PAGE).get_page(request.GET.get("page"))
    rows = [{"run": run, "counts": queries.counts_of(run), "progress": queries.progress_of(run)} for run in page]
    is_at_work = any(row["progress"] for row in rows)
    context = {
        "is_at_work": is_at_work,
        "form": form,
        "page": page,
        "rows": rows,
        "problem": problem,
        "most": _megabytes(most_bytes()),
    }
    template = "capture/imports/rows.html" if _wants(request, "runs") else "capture/imports/list.html"
    return render(request, template, context, status=status)


def _megabytes(size: int) -> int:
    return size // 1_000_000


# -- one import ---------------------------------------------------------------------------------------------------


@needs_role(*EDITORS)
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an import at the step where it is; ``?step=columns`` goes back to the columns."""
    run = queries.get_run(workspace_of(request), pk)
    if _wants(request, "at-work"):
        return _show_work(request, run)
    if _is_at_columns(request, run):
        return _show_columns(request, run)
    return render(request, "capture/imports/show.html", _context(run))


def _show_work(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Answer the page that looks how far it is: the progress, or that the page has to be loaded anew."""
    if queries.progress_of(run) is None:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return render(request, "capture/imports/at_work.html", _context(run))


def _is_at_columns(request: HttpRequest, run: ImportRun) -> bool:
    return run.state == State.MAPPING or (run.state == State.CHECKED and request.GET.get("step") == "columns")


def _context(run: ImportRun) -> dict[str, Any]:
    return {
        "run": run,
        "progress": queries.progress_of(run),
        "counts": queries.counts_of(run),
        "reasons": queries.reasons_of(run),
        "odd": say_odd(run.counts.get("odd", {})),
        "has_refused": queries.has_refused_rows(run),
        "has_written": run.position.get("step") in ("writing", "undoing"),
        "detected": actions.detected_of(run),
    }


@needs_role(*EDITORS)
@require_POST
def read_otherwise(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the file in another encoding, with another delimiter, another sheet, or as rows of something else."""
    run = queries.get_run(workspace_of(request), pk)
    form = ReadingForm(run, request.POST)
    if not form.is_valid():
        return _show_columns(request, run, reading=form, status=422)
    try:
        actions.read_otherwise(run, chosen=form.chosen(), table=form.cleaned_data["table"])
    except actions.FileGoneError as error:
        return _show_columns(request, run, reading=form, problems=[str(error)], status=409)
    except (CannotImportError, actions.NotNowError) as error:
        return _show_columns(request, run, reading=form, problems=[f"{error} The file is read as before."], status=422)
    messages.success(request, "The file is read anew. Please look at the columns again.")
    return redirect("import", run.pk)


@needs_role(*EDITORS)
@require_POST
def choose_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep how the columns are understood and begin the dry run; or only show what the first rows come to."""
    run = queries.get_run(workspace_of(request), pk)
    choices = read_choices(run, request.POST)
    if "preview" in request.POST or _wants(request, "preview"):
        return _show_columns(request, run, choices=choices)
    try:
        actions.start_check(run, choices)
    except ChoiceError as error:
        return _show_columns(request, run, choices=choices, problems=error.problems, status=422)
    except actions.NotNowError as error:
        messages.error(request, str(error))
    return redirect("import", run.pk)


@needs_role(*EDITORS)
@require_POST
def use_mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Understand the columns in a way that was kept."""
    run = queries.get_run(workspace_of(request), pk)
    mapping = get_object_or_404(ImportMapping, workspace=run.workspace, pk=request.POST.get("mapping"), table=run.table)
    return _after(request, run, lambda: actions.apply_mapping(run, mapping), f"Columns are set as in “{mapping.name}”.")


def _show_columns(
    request: HttpRequest,
    run: ImportRun,
    *,
    choices: Choices | None = None,
    reading: ReadingForm | None = None,
    problems: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    columns = dict(choices.columns) if choices else None
    names, rows = queries.preview(run, choices, now=timezone.now())
    context = _context(run) | {
        "choices": choices or choices_of(run),
        "save_as": choices.save_as if choices else run.options.get("mapping", ""),
        "columns": queries.show_columns(run, columns),
        "questions": queries.open_questions(run),
        "groups": queries.field_groups(run.table),
        "types": queries.type_choices(),
        "reading": reading or ReadingForm(run),
        "mappings": queries.fitting_mappings(run),
        "sources": queries.source_names(run.workspace),
        "names": names,
        "rows": rows,
        "problems": problems or [],
    }
    template = "capture/imports/preview.html" if _wants(request, "preview") else "capture/imports/columns.html"
    return render(request, template, context, status=status)


# -- what is done with it -----------------------------------------------------------------------------------------


@needs_role(*EDITORS)
@require_POST
def start_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what the dry run has counted."""
    run = queries.get_run(workspace_of(request), pk)
    return _after(request, run, lambda: actions.start_run(run))


@needs_role(*EDITORS)
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop what is at work."""
    run = queries.get_run(workspace_of(request), pk)
    return _after(request, run, lambda: actions.stop(run), "Stopped.")


@needs_role(*EDITORS)
@require_POST
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on where it stopped."""
    run = queries.get_run(workspace_of(request), pk)
    return _after(request, run, lambda: actions.go_on(run))


@needs_role(*EDITORS)
@require_POST
def change_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Go back to the columns after a failure."""
    run = queries.get_run(workspace_of(request), pk)
    return _after(request, run, lambda: actions.change_columns(run))


@needs_role(*EDITORS)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether everything is to be taken back, saying what goes; and begin it."""
    run = queries.get_run(workspace_of(request), pk)
    if request.method == "POST":
        return _after(request, run, lambda: actions.start_undo(run))
    return render(request, "capture/imports/undo.html", _context(run) | {"written": queries.count_written(run)})


@needs_role(*EDITORS)
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget an import that has written nothing."""
    run = queries.get_run(workspace_of(request), pk)
    try:
        actions.discard(run)
    except actions.NotNowError as error:
        messages.error(request, str(error))
        return redirect("import", pk)
    messages.success(request, f"{run.file_name} is discarded. Nothing of it is kept.")
    return redirect("imports")


@needs_role(*EDITORS)
@require_safe
def refused_rows(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Hand out the rows that were refused, with the reasons, as a CSV file."""
    run = queries.get_run(workspace_of(request), pk)
    pieces = write_refused(run.detected.get("names", ()), queries.refused_rows(run))
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    name = run.file_name.rpartition(".")[0] or run.file_name
    response["Content-Disposition"] = content_disposition_header(True, f"refused rows of {name}.csv")
    return response


def _after(request: HttpRequest, run: ImportRun, act: Any, done: str = "") -> HttpResponse:
    """Do something and go to the import; where it could not be done, say why."""
    try:
        act()
    except actions.NotNowError as error:
        messages.error(request, str(error))
    else:
        if done:
            messages.success(request, done)
    return redirect("import", run.pk)


def _wants(request: HttpRequest, target: str) -> bool:
    """Whether htmx asks for a part of the page only."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Target") == target
