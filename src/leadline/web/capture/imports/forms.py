"""What is typed on the pages of imports, read from requests. What it means is checked by `choices`."""

from collections.abc import Mapping

from django import forms

from leadline.web.capture.imports.choices import Choices
from leadline.web.capture.imports.csv_rows import DELIMITERS
from leadline.web.capture.imports.detection import Chosen
from leadline.web.capture.imports.encodings import ENCODINGS
from leadline.web.capture.imports.fields import TABLES
from leadline.web.capture.imports.guesses import FACT, Column
from leadline.web.capture.imports.values import READINGS, TYPES
from leadline.web.capture.models import ImportRun

AS_FACT = "fact"


class UploadForm(forms.Form):
    """A file, and what its rows are."""

    file = forms.FileField(
        label="File",
        help_text="CSV, .xlsx or Parquet. Nothing is imported before you have seen what would happen.",
        error_messages={"required": "Choose a file first.", "empty": "The file is empty: 0 bytes."},
    )
    table = forms.ChoiceField(
        label="What its rows are",
        choices=[("", "Guess from the columns"), *TABLES.items()],
        required=False,
    )


class ReadingForm(forms.Form):
    """How a file is read, where what was found is wrong."""

    table = forms.ChoiceField(label="Rows are", choices=list(TABLES.items()))
    encoding = forms.ChoiceField(label="Encoding", choices=list(ENCODINGS.items()), required=False)
    delimiter = forms.ChoiceField(
        label="Between cells",
        choices=[(sign if sign != "\t" else "tab", name) for sign, name in DELIMITERS.items()],
        required=False,
    )
    sheet = forms.ChoiceField(label="Sheet", required=False)
    header_row = forms.IntegerField(
        label="Row with the names",
        min_value=0,
        max_value=10_000,
        help_text="0 when the file has no names.",
        required=False,
    )

    def __init__(self, run: ImportRun, data: Mapping[str, object] | None = None) -> None:
        found = run.detected
        delimiter = "tab" if found.get("delimiter") == "\t" else found.get("delimiter")
        super().__init__(data, initial={**found, "delimiter": delimiter, "table": run.table}, prefix="r")
        self.fields["sheet"].choices = [(name, name) for name in found.get("sheets", ())]  # type: ignore[attr-defined]
        for name in _NOT_OF.get(found.get("format", ""), ()):
            del self.fields[name]

    def chosen(self) -> Chosen:
        """Return what was typed."""
        said = self.cleaned_data
        delimiter = said.get("delimiter", "")
        return Chosen(
            encoding=said.get("encoding", ""),
            delimiter="\t" if delimiter == "tab" else delimiter,
            sheet=said.get("sheet", ""),
            header_row=said.get("header_row"),
        )


_NOT_OF = {
    "csv": ("sheet",),
    "xlsx": ("encoding", "delimiter"),
    "parquet": ("encoding", "delimiter", "sheet", "header_row"),
}


def read_choices(run: ImportRun, typed: Mapping[str, str]) -> Choices:
    """Return what was chosen on the page of columns. A column that the page did not send stays as it is."""
    columns: dict[str, Column] = {}
    for at, name in enumerate(run.detected.get("names", ())):
        kept = Column.from_json(run.columns.get(name, ""))
        field = typed.get(f"field-{at}", kept.field)
        if field == AS_FACT:
            field = FACT + (typed.get(f"fact-{at}", "").strip() or name)
        kind, reading = typed.get(f"type-{at}", kept.type), typed.get(f"reading-{at}", kept.reading)
        columns[name] = Column(field, kind if kind in TYPES else "text", reading if reading in READINGS else "")
    return Choices(
        columns=columns,
        zone=typed.get("zone", run.options.get("zone", "UTC")).strip(),
        source=typed.get("source", run.source),
        event=typed.get("event", run.options.get("event", "")),
        save_as=typed.get("save_as", ""),
    )
