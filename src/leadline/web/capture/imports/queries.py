"""Every read of imports. All of them within one workspace."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from leadline.web.accounts.models import Source, Workspace
from leadline.web.capture.imports.choices import Choices, choices_of, way_of
from leadline.web.capture.imports.fields import fields_of
from leadline.web.capture.imports.guesses import FACT, Column, clean_name
from leadline.web.capture.imports.reading import votes_of
from leadline.web.capture.imports.reasons import REASONS
from leadline.web.capture.imports.run import AT_WORK, settle_columns
from leadline.web.capture.imports.samples import ShownRow, examples_of, sample_of, show_rows
from leadline.web.capture.imports.values import READINGS, TYPES
from leadline.web.capture.models import ImportMapping, ImportRun, RefusedRow
from leadline.web.leads.models import Company, Event, Fact, Lead, Outcome
from leadline.web.leads.undo import ROWS, of_origin

State = ImportRun.State
_AT_ONCE = 500


def list_runs(workspace: Workspace) -> QuerySet[ImportRun]:
    """Return the imports of a workspace, the last one first."""
    return ImportRun.objects.filter(workspace=workspace).select_related("created_by").order_by("-pk")


def get_run(workspace: Workspace, pk: int) -> ImportRun:
    """Return an import.

    Raises:
        Http404: there is none of this number here.
    """
    return get_object_or_404(ImportRun.objects.select_related("workspace", "created_by"), workspace=workspace, pk=pk)


def fitting_mappings(run: ImportRun) -> list[ImportMapping]:
    """Return the ways that were kept and fit the file: all columns that they use are there. Those that know most come first."""
    names = set(run.detected.get("names", ()))
    kept = ImportMapping.objects.filter(workspace=run.workspace, table=run.table)
    fitting = [mapping for mapping in kept if _used(mapping) and _used(mapping) <= names]
    return sorted(fitting, key=lambda mapping: (-len(_used(mapping)), mapping.name))


def _used(mapping: ImportMapping) -> set[str]:
    return {name for name, column in mapping.columns.items() if Column.from_json(column).field}


def source_names(workspace: Workspace) -> list[str]:
    """Return the names of the sources that there are."""
    return list(Source.objects.filter(workspace=workspace).order_by("name").values_list("name", flat=True))


# -- columns ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownColumn:
    """A column on the page where columns are chosen.

    at:       its place; part of the names of its fields.
    examples: what stands in it.
    fact:     under which name it becomes a fact, chosen or proposed.
    question: what only a person can say of its dates or numbers; empty when nothing has to be said.
    """

    at: int
    name: str
    examples: str
    column: Column
    fact: str
    question: str = ""
    readings: tuple[tuple[str, str], ...] = ()

    @property
    def is_fact(self) -> bool:
        """Whether it becomes a fact, or a property, under a name of its own."""
        return self.column.field.startswith(FACT)


def show_columns(run: ImportRun, columns: dict[str, Column] | None = None) -> list[ShownColumn]:
    """Return the columns as they are chosen, or as somebody is about to choose them."""
    chosen = columns or choices_of(run).columns
    rows = sample_of(run.options.get("sample", []))
    _, asked = settle_columns(run)
    shown = []
    for at, (name, column) in enumerate(chosen.items()):
        question, readings = _ask(run, name, column) if name in asked else ("", ())
        fact = column.field.removeprefix(FACT) if column.field.startswith(FACT) else clean_name(name)
        examples = examples_of(rows, at)
        shown.append(
            ShownColumn(
                at=at, name=name, examples=examples, column=column, fact=fact, question=question, readings=readings
            )
        )
    return shown


def open_questions(run: ImportRun) -> list[str]:
    """Return the names of the columns of which somebody has to say how they are read."""
    return settle_columns(run)[1]


def _ask(run: ImportRun, name: str, column: Column) -> tuple[str, tuple[tuple[str, str], ...]]:
    fields = {field.id: field for field in fields_of(run.table)}
    is_time = column.field in fields and fields[column.field].use == "time"
    if column.field == "value":
        column = Column(column.field, "number", column.reading)
    votes = votes_of(run.options.get("votes", {}), name, column, is_time=is_time)
    if votes is None:
        return "", ()
    readings = tuple((reading, READINGS[reading]) for reading in votes.readings)
    if votes.first and votes.second:
        text = (
            f"{votes.first:,} values can only be read the one way, and {votes.second:,} only the other way. "
            "Which one is meant? The others will be refused."
        )
    else:
        text = f"'{votes.example}' can be read in two ways, and no value of the column decides. Which one is meant?"
    return text, readings


def field_groups(table: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what a column can be, in groups with a heading."""
    titles = {
        "identity": "Who it is about",
        "time": "When",
        "word": "What",
        "fact": "Facts",
        "company": "Facts of the company",
        "touch": "Where it came from",
    }
    if table == "companies":
        titles["identity"] = "Which company"
    return [
        (title, [(field.id, field.label) for field in fields_of(table) if field.use == use])
        for use, title in titles.items()
        if any(field.use == use for field in fields_of(table))
    ]


def type_choices() -> list[tuple[str, str]]:
    """Return how cells can be read."""
    return list(TYPES.items())


def preview(run: ImportRun, choices: Choices | None = None, *, now: datetime) -> tuple[list[str], list[ShownRow]]:
    """Return the first rows as they are understood, by what is chosen or about to be."""
    columns = choices.columns if choices else settle_columns(run)[0]
    return show_rows(sample_of(run.options.get("sample", [])), way_of(run, columns, choices), now=now)


# -- how far it is ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the worker is at. *of* is None while nobody knows how much there is."""

    label: str
    done: int
    of: int | None


def progress_of(run: ImportRun) -> Progress | None:
    """Return how far the worker is; None when nothing is at work."""
    if run.state not in AT_WORK:
        return None
    step = run.position.get("step", "")
    if run.state == State.UNDOING:
        taken = run.counts.get("undo", {})
        done = sum(taken.get(name, 0) for name in ROWS)
        return Progress(label="Taking everything back", done=done, of=run.position.get("of"))
    if run.state == State.RUNNING:
        return Progress(label="Importing", done=run.rows_done, of=run.rows_in_all)
    if step in ("", "reading"):
        return Progress(label="Reading the file", done=int(run.position.get("rows", 0)), of=None)
    return Progress(label="Checking every row", done=run.rows_done, of=run.rows_in_all)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows were refused, and how many."""

    id: str
    words: str
    count: int
    example: str


def counts_of(run: ImportRun) -> dict[str, Any]:
    """Return the counts that matter now: of the run once it has begun, else of the dry run."""
    return run.counts.get("run") or run.counts.get("check") or {}


def reasons_of(run: ImportRun) -> list[Reason]:
    """Return why rows were refused, the commonest reason first, each with the detail of its first row."""
    counted = counts_of(run).get("reasons", {})
    found = []
    for reason, count in sorted(counted.items(), key=lambda one: -one[1]):
        first = RefusedRow.objects.filter(run=run, reason=reason).order_by("row_number").first()
        example = f"Row {first.row_number:,}: {first.detail}" if first else ""
        found.append(Reason(reason, REASONS.get(reason, reason), count, example))
    return found


def has_refused_rows(run: ImportRun) -> bool:
    """Whether there are rows to download."""
    return RefusedRow.objects.filter(run=run).exists()


def refused_rows(run: ImportRun) -> Iterator[RefusedRow]:
    """Yield the rows that were refused, in the order of the file."""
    return RefusedRow.objects.filter(run=run).order_by("row_number").iterator(chunk_size=_AT_ONCE)


def count_written(run: ImportRun) -> dict[str, int]:
    """Return how many rows of the log came with an import, and how many leads and companies it made: what an undo takes back."""
    tables = {"leads": Lead, "companies": Company, "facts": Fact, "events": Event, "outcomes": Outcome}
    return {name: of_origin(run.workspace, run.origin, model).count() for name, model in tables.items()}
