"""`leadline import`: the rows of a file become leads, companies, events or outcomes of the app."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leadline.cli import show
from leadline.cli.app import data_option, setup_app
from leadline.cli.command import FOUND, Command, option, wants_json
from leadline.cli.workspaces import get_workspace, workspace_option
from leadline.engine.problems import Problem, ProblemsError, suggest

if TYPE_CHECKING:
    from leadline.web.capture.imports.choices import Choices
    from leadline.web.capture.models import ImportRun

_CHUNK = 1 << 20
_PATIENCE_SECONDS = 0.5


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
      leadline import contacts.csv --table leads --source hubspot --map "Record ID=lead_id" --map Notes=
      leadline import visits.parquet --table events --map page=fact:path

    Columns are understood by their names and values; --map says it otherwise: a field, or fact:NAME. Every row is checked before any
    is written. The import then stands on the page Import, where rows that were refused can be downloaded and all of it undone. Exit 1:
    some rows were refused.
    """
    setup_app(data)
    from leadline.web.capture.imports import actions
    from leadline.web.capture.imports.choices import ChoiceError
    from leadline.web.capture.imports.file_kinds import CannotImportError

    try:
        run = actions.start_import(
            get_workspace(workspace), _pieces(Path(file)), file_name=Path(file).name, table=table
        )
    except CannotImportError as error:
        raise _unusable(str(error), file) from error
    try:
        actions.start_check(run, _choose(run, settings))
    except ChoiceError as error:
        actions.discard(run)
        raise ProblemsError([Problem(code="bad-value", message=text, file=file) for text in error.problems]) from error
    run = _work(run, "Checking")
    _refuse_questions(run, file)
    if settings["dry_run"]:
        counts = run.counts.get("check", {})
        actions.discard(run)
    else:
        actions.start_run(run)
        run = _work(run, "Importing")
        counts = run.counts.get("run", {})
    _tell(run, counts, is_dry=settings["dry_run"])


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece


def _choose(run: "ImportRun", settings: dict[str, Any]) -> "Choices":
    """Return how the columns are understood: as guessed, but for what the options say.

    Raises:
        ProblemsError: an option names a column that there is not.
    """
    from leadline.web.capture.imports.choices import choices_of
    from leadline.web.capture.imports.values import READINGS

    choices = choices_of(run)
    columns = dict(choices.columns)
    for name, field in _pairs(settings["maps"], "--map", columns):
        columns[name] = replace(columns[name], field=field)
    for name, reading in _pairs(settings["readings"], "--read", columns):
        if reading not in READINGS:
            message = f"'{reading}' is no way to read a column.{suggest(reading, list(READINGS))}"
            raise ProblemsError([Problem(code="bad-value", message=message, where="--read")])
        columns[name] = replace(columns[name], reading=reading)
    return replace(
        choices,
        columns=columns,
        zone=settings["zone"] or choices.zone,
        source=settings["source"],
        event=settings["event"],
    )


def _pairs(texts: tuple[str, ...], where: str, columns: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for text in texts:
        name, sign, said = text.rpartition("=")
        if not sign:
            message = f"'{text}' has no '='. It should look like \"Job Title=title\"."
            raise ProblemsError([Problem(code="bad-value", message=message, where=where)])
        if name not in columns:
            message = f"There is no column '{name}'.{suggest(name, list(columns))}"
            raise ProblemsError([Problem(code="missing-column", message=message, where=where)])
        yield name, said.strip()


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
        raise _unusable(run.problem, run.file_name)
    return run


def _refuse_questions(run: "ImportRun", file: str) -> None:
    """Say which columns can be read in two ways, and how to say which way is meant.

    Raises:
        ProblemsError: there is such a column.
    """
    from leadline.web.capture.imports import actions, queries

    asked = [one for one in queries.show_columns(run) if one.question]
    if not asked:
        return
    actions.discard(run)
    problems = []
    for one in asked:
        hows = " or ".join(f'--read "{one.name}={reading}" ({words})' for reading, words in one.readings)
        problems.append(
            Problem(code="bad-value", message=f"Column '{one.name}': {one.question} Give {hows}.", file=file)
        )
    raise ProblemsError(problems)


def _tell(run: "ImportRun", counts: dict[str, Any], *, is_dry: bool) -> None:
    refused = counts.get("refused", 0)
    if wants_json():
        show.record({"import": None if is_dry else run.pk, "rows": run.rows_in_all, "dry_run": is_dry, **counts})
    else:
        told = ", ".join(f"{counts.get(name, 0):,} {name}" for name in ("new", "updated", "unchanged", "refused"))
        show.line(f"{show.counted(run.rows_in_all or 0, 'row')}: {told}")
        for reason, count in counts.get("reasons", {}).items():
            show.line(f"  {count:,} {reason}")
        show.note("Nothing was written." if is_dry else f"Import {run.pk} is done.", fg="green")
    if refused:
        click.get_current_context().exit(FOUND)


def _unusable(message: str, file: str) -> ProblemsError:
    return ProblemsError([Problem(code="unreadable-table", message=message, file=file)])
