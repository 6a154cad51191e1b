"""`leadline import`: the rows of a file become leads, companies, events or outcomes of the app."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leadline.cli import show
from leadline.cli.app import data_option, setup_app
from leadline.cli.command import FOUND, STOPPED, Command, option, wants_json
from leadline.cli.workspaces import get_workspace, workspace_option
from leadline.engine.problems import Problem, ProblemsError, suggest

if TYPE_CHECKING:
    from leadline.web.accounts.models import Workspace
    from leadline.web.capture.imports.choices import Choices
    from leadline.web.capture.models import ImportRun

_CHUNK = 1 << 20
_PATIENCE_SECONDS = 0.5
_MOST_NAMED = 20


@click.command("import", cls=Command, short_help="Import a file: leads, companies, events or outcomes.")
@click.argument("file", metavar="FILE", type=click.Path())
@option(
    "--table", required=True, type=click.Choice(["leads", "companies", "events", "outcomes"]), help="What its rows are."
)
@option("--map", "maps", metavar="COLUMN=FIELD", multiple=True, section="Columns",
        help="What a column becomes; nothing behind '=' leaves it out. May be given several times.")  # fmt: skip
@option("--read", "readings", metavar="COLUMN=HOW", multiple=True, section="Columns",
        help="How its dates or numbers are read: dmy, mdy, point or comma.")  # fmt: skip
@option(
    "--event", metavar="NAME", default="", section="Columns", help="The name of all events, where no column says it."
)
@option("--zone", metavar="ZONE", default="", help="Of times without an offset.  [default: the workspace's]")
@option("--source", metavar="NAME", default="import", help="Who says it, such as hubspot.  [default: import]")
@option("--dry-run", is_flag=True, help="Count what would happen, and write nothing.")
@workspace_option
@data_option
def import_file(file: str, table: str, workspace: str | None, data: str | None, **settings: Any) -> None:
    """Import a CSV, .xlsx or Parquet file into the app, as the page Import does.

    \b
    Examples:
      leadline import contacts.csv --table leads --dry-run
      leadline import people.csv --table leads --source hubspot --map "Record ID=lead_id" --map Notes=
      leadline import visits.parquet --table events --map page=fact:path

    Columns are understood by their names and values; --map says it otherwise: a field, or fact:NAME. Every row is checked before any
    is written. The import then stands on the page Import, where rows that were refused can be downloaded and all of it undone. Exit 1:
    some rows were refused.
    """
    setup_app(data)
    from leadline.web.capture.imports import actions

    run = _take_in(get_workspace(workspace), Path(file), table)
    with _forgotten_unless_checked(run):
        run = _check(run, settings)
        _refuse_questions(run, file)
    if settings["dry_run"]:
        _tell(run, is_dry=True)
        actions.discard(run)
    else:
        actions.start_run(run)
        run = _write(run)
        _tell(run, is_dry=False)
    if _counts(run).get("refused"):
        click.get_current_context().exit(FOUND)


def _take_in(workspace: "Workspace", path: Path, table: str) -> "ImportRun":
    """Take the file in; nothing of it is imported yet.

    Raises:
        ProblemsError: it cannot be opened, or is no table.
    """
    from leadline.web.capture.imports.actions import start_import
    from leadline.web.capture.imports.file_kinds import CannotImportError

    try:
        path.open("rb").close()
    except OSError as error:
        message = f"The file cannot be opened: {error.strerror}."
        raise ProblemsError([Problem(code="unreadable-file", message=message, file=str(path))]) from error
    try:
        return start_import(workspace, _pieces(path), file_name=path.name, table=table)
    except CannotImportError as error:
        raise _unusable(str(error), str(path)) from error


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece


@contextmanager
def _forgotten_unless_checked(run: "ImportRun") -> Iterator[None]:
    """Leave nothing of the import behind when it cannot be checked, whatever the reason."""
    from leadline.web.capture.imports import actions
    from leadline.web.capture.models import ImportRun

    try:
        yield
    except BaseException:
        with suppress(actions.NotNowError, ImportRun.DoesNotExist):
            run.refresh_from_db()
            if run.state == ImportRun.State.CHECKING:
                actions.stop(run)
            actions.discard(run)
        raise


def _check(run: "ImportRun", settings: dict[str, Any]) -> "ImportRun":
    """Check every row, and return the import with what was found.

    Raises:
        ProblemsError: an option cannot be used, or something that is needed is missing.
    """
    from leadline.web.capture.imports.actions import start_check
    from leadline.web.capture.imports.choices import ChoiceError

    choices = _choose(run, settings)
    try:
        start_check(run, choices)
    except ChoiceError as error:
        if not wants_json():
            _tell_what_can_be_mapped(run)
        raise ProblemsError(
            [Problem(code="bad-value", message=text, file=run.file_name) for text in error.problems]
        ) from error
    return _work(run, "Checking")


def _tell_what_can_be_mapped(run: "ImportRun") -> None:
    from leadline.web.capture.imports.fields import fields_of

    names: list[str] = run.detected["names"]
    shown = ", ".join(f"'{name}'" for name in names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
    show.note(f'The columns are {shown}. --map "COLUMN=FIELD" says what one of them is.')
    show.note(f"Fields of {run.table}: {', '.join(one.id for one in fields_of(run.table))}.")


def _choose(run: "ImportRun", settings: dict[str, Any]) -> "Choices":
    """Return how the columns are understood: as guessed, but for what the options say.

    Raises:
        ProblemsError: an option names a column, a field or a way to read that there is not; all of them are told.
    """
    from leadline.web.capture.imports.choices import choices_of
    from leadline.web.capture.imports.fields import field_by_id
    from leadline.web.capture.imports.guesses import FACT
    from leadline.web.capture.imports.values import READINGS

    choices = choices_of(run)
    columns, fields, problems = dict(choices.columns), field_by_id(run.table), list[Problem]()
    for name, field in _pairs(settings["maps"], "--map", columns, problems):
        if field in ("", *fields) or _is_own(field):
            columns[name] = replace(columns[name], field=field)
        else:
            message = f"'{field}' is no field of {run.table}.{suggest(field, fields)}"
            own = f' For a fact of your own write "{name}={FACT}{field}".' if field != FACT else ""
            problems.append(Problem(code="bad-value", message=message + own, where="--map"))
    for name, reading in _pairs(settings["readings"], "--read", columns, problems):
        if reading in READINGS:
            columns[name] = replace(columns[name], reading=reading)
        else:
            message = f"'{reading}' is no way to read a column.{suggest(reading, list(READINGS))}"
            problems.append(Problem(code="bad-value", message=message, where="--read"))
    if problems:
        raise ProblemsError(problems)
    return replace(
        choices,
        columns=columns,
        zone=settings["zone"] or choices.zone,
        source=settings["source"],
        event=settings["event"],
    )


def _is_own(field: str) -> bool:
    """Return whether a field is one that somebody names, such as fact:budget."""
    from leadline.web.capture.imports.guesses import FACT

    return field.startswith(FACT) and field != FACT


def _pairs(
    texts: tuple[str, ...], where: str, columns: dict[str, Any], problems: list[Problem]
) -> Iterator[tuple[str, str]]:
    """Yield column and what is said of it, of each option that can be read; note the problems of the others."""
    for text in texts:
        name, sign, said = text.rpartition("=")
        if not sign:
            message = f"'{text}' has no '='. It should look like \"Job Title=title\"."
            problems.append(Problem(code="bad-value", message=message, where=where))
        elif name not in columns:
            message = f"There is no column '{name}'.{suggest(name, list(columns))}"
            problems.append(Problem(code="missing-column", message=message, where=where))
        else:
            yield name, said.strip()


def _write(run: "ImportRun") -> "ImportRun":
    """Import the rows that were checked. Ctrl-C stops it, and says what stays and where to go on."""
    from leadline.web.capture.imports import actions

    try:
        return _work(run, "Importing")
    except KeyboardInterrupt:
        run.refresh_from_db()
        with suppress(actions.NotNowError):
            actions.stop(run)
        show.error(f"Stopped after {run.rows_done:,} of {run.rows_in_all or 0:,} rows. {_where_it_stands(run)}")
        click.get_current_context().exit(STOPPED)


def _where_it_stands(run: "ImportRun") -> str:
    return f"Import {run.pk} stands on the page Import: let it go on there, or undo it."


def _work(run: "ImportRun", what: str) -> "ImportRun":
    """Work on the import here, or wait for the worker that has it; return it when it is done."""
    import time

    from leadline.web.capture.imports.run import AT_WORK, claim_run, work_on
    from leadline.web.capture.models import ImportRun

    with show.progress() as tell:
        while run.state in AT_WORK:
            claimed = claim_run(pk=run.pk)
            if claimed is None:
                time.sleep(_PATIENCE_SECONDS)
            else:
                work_on(claimed)
            run = ImportRun.objects.select_related("workspace").get(pk=run.pk)
            of = f" of {run.rows_in_all:,}" if run.rows_in_all else ""
            tell(f"{what}: {run.rows_done:,}{of} rows", None)
    if run.state == ImportRun.State.FAILED:
        written = run.position.get("step") == "writing"
        rest = f" {show.counted(run.rows_done, 'row')} are written. {_where_it_stands(run)}" if written else ""
        raise _unusable(run.problem + rest, run.file_name)
    return run


def _refuse_questions(run: "ImportRun", file: str) -> None:
    """Say which columns can be read in two ways, and how to say which way is meant.

    Raises:
        ProblemsError: there is such a column.
    """
    from leadline.web.capture.imports import queries

    asked = [one for one in queries.show_columns(run) if one.question]
    if not asked:
        return
    problems = []
    for one in asked:
        hows = " or ".join(f'--read "{one.name}={reading}" ({words})' for reading, words in one.readings)
        problems.append(
            Problem(code="bad-value", message=f"Column '{one.name}': {one.question} Give {hows}.", file=file)
        )
    raise ProblemsError(problems)


def _counts(run: "ImportRun") -> dict[str, Any]:
    from leadline.web.capture.imports import queries

    return queries.counts_of(run)


def _tell(run: "ImportRun", *, is_dry: bool) -> None:
    """Say what became of the rows, and of those that were refused why, with the first of each kind."""
    from leadline.web.capture.imports import queries
    from leadline.web.capture.imports.odd import say_odd

    counts = _counts(run)
    if wants_json():
        show.record({"import": None if is_dry else run.pk, "rows": run.rows_in_all, "dry_run": is_dry, **counts})
        return
    told = ", ".join(f"{counts.get(name, 0):,} {name}" for name in ("new", "updated", "unchanged", "refused"))
    show.line(f"{show.counted(run.rows_in_all or 0, 'row')}: {told}")
    if people := counts.get("people"):
        show.line(f"  {show.counted(people, 'row')} of somebody nobody knows yet: each becomes a lead")
    for one in queries.reasons_of(run):
        show.line(f"  {one.count:,} {one.id}: {one.words} {one.example}".rstrip())
    for said in say_odd(run.counts.get("odd", {})):
        show.note(f"  Look at this first: {said}")
    if is_dry:
        show.note("Nothing was written.", fg="green")
    elif counts.get("refused"):
        show.note(
            f"Import {run.pk} is done. Its refused rows can be downloaded on the page Import, mended and imported."
        )
    else:
        show.note(f"Import {run.pk} is done.", fg="green")


def _unusable(message: str, file: str) -> ProblemsError:
    return ProblemsError([Problem(code="unreadable-table", message=message, file=file)])
