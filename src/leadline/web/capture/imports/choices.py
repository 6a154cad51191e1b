"""What somebody chooses about an import, checked: columns, zone, names. All that is wrong is told at once."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.text import slugify

from leadline.web.accounts.models import Workspace
from leadline.web.capture.imports.fields import NEEDED, TABLES, field_by_id
from leadline.web.capture.imports.guesses import FACT, Column, clean_name
from leadline.web.capture.imports.understanding import Way
from leadline.web.capture.models import ImportRun
from leadline.web.leads.names import event_name
from leadline.web.playbooks.outcome_words import OutcomeWords, find_outcome_words

_MOST_OF_A_SOURCE = 60


class ChoiceError(Exception):
    """Choices that cannot be used: every reason, as a sentence."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """How a file is to be understood, as somebody said.

    zone:   of times without an offset.   source: who is taken to say it.
    event:  the name of all events, where no column says it.
    save_as: under which name the choice is kept for other files; empty to keep it for this one only.
    """

    columns: Mapping[str, Column]
    zone: str
    source: str = "import"
    event: str = ""
    save_as: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)

    def checked(self, table: str) -> "Choices":
        """Return the same in its final form.

        Raises:
            ChoiceError: what an import of this table needs is missing, or two columns are one field.
        """
        problems = [*self._find_clashes(table), *self._find_gaps(table)]
        if not _is_zone(self.zone):
            problems.append(f"There is no time zone '{self.zone}'. It should look like Europe/Berlin.")
        source = slugify(self.source)[:_MOST_OF_A_SOURCE]
        if not source:
            problems.append("The source needs a name of letters, digits and hyphens, such as hubspot.")
        if problems:
            raise ChoiceError(problems)
        columns = {name: _tidy(column) for name, column in self.columns.items()}
        return Choices(
            columns=columns, zone=self.zone, source=source, event=event_name(self.event), save_as=self.save_as.strip()
        )

    def _find_clashes(self, table: str) -> list[str]:
        count = Counter(column.field for column in self.columns.values() if column.field)
        known = field_by_id(table)
        found = []
        for name, times in count.items():
            if times > 1:
                columns = ", ".join(f"'{title}'" for title, column in self.columns.items() if column.field == name)
                label = known[name].label if name in known else f"the fact '{name.removeprefix(FACT)}'"
                found.append(f"{columns} are all {label}. Choose one of them, and leave the others out.")
            if name not in known and not name.startswith(FACT):
                found.append(f"A column of {TABLES[table].lower()} cannot be '{name}'.")
        return found

    def _find_gaps(self, table: str) -> list[str]:
        known = field_by_id(table)
        chosen = {column.field for column in self.columns.values()}
        found = []
        for group in NEEDED[table]:
            if group == ("event",) and event_name(self.event):
                continue
            if not chosen & set(group):
                labels = " or ".join(known[name].label for name in group)
                found.append(f"No column says it: {labels}. Choose one for it.")
        if not any(chosen):
            return ["Every column is left out: nothing would be imported."]
        return found


def _tidy(column: Column) -> Column:
    if not column.field.startswith(FACT):
        return column
    return Column(FACT + clean_name(column.field.removeprefix(FACT)), column.type, column.reading)


def choices_of(run: ImportRun) -> Choices:
    """Return the choices as they are kept with an import."""
    return Choices(
        columns={name: Column.from_json(run.columns.get(name, "")) for name in run.detected.get("names", ())},
        zone=run.options.get("zone") or "UTC",
        source=run.source,
        event=run.options.get("event", ""),
    )


def way_of(run: ImportRun, columns: Mapping[str, Column] | None = None, choices: Choices | None = None) -> Way:
    """Return how the rows of an import are understood: as it is kept, or by columns and choices that are not kept yet."""
    kept = choices_of(run)
    said = choices or kept
    return Way(
        table=run.table,
        columns=columns or said.columns,
        zone=ZoneInfo(said.zone if _is_zone(said.zone) else kept.zone),
        source=said.source,
        at=run.created_at,
        event=event_name(said.event),
        words=find_outcome_words(run.workspace_id) if run.table == "outcomes" else OutcomeWords(),
    )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def default_options(workspace: Workspace) -> dict[str, Any]:
    """Return the options with which an import begins."""
    return {"zone": workspace.timezone}
