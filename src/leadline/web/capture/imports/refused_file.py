"""The rows that were refused as a CSV file: the columns as they were, then why. Mended, it can be imported again.

A cell that a spreadsheet would take for a formula gets an apostrophe before it, so that opening the file runs nothing. The apostrophe is
taken off again when the file comes back.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from leadline.engine.inputs.formula_cells import quote_formula
from leadline.web.capture.imports.cells import Cell, cell_text
from leadline.web.capture.imports.refused_columns import REASON, ROW
from leadline.web.capture.models import RefusedRow

_BOM = "\ufeff"


def write_refused(names: Sequence[str], rows: Iterable[RefusedRow]) -> Iterator[bytes]:
    """Yield the file piece by piece, in UTF-8 with a mark, as spreadsheets expect it."""
    yield _BOM.encode() + _line([*map(quote_formula, names), ROW, REASON])
    for row in rows:
        cells: list[Cell] = list(row.cells)[: len(names)]
        texts = [quote_formula(cell_text(cell)) for cell in cells] + [""] * (len(names) - len(cells))
        extra = (
            ""
            if len(row.cells) <= len(names)
            else " Cells too many: " + " | ".join(map(cell_text, row.cells[len(names) :]))
        )
        yield _line([*texts, str(row.row_number), quote_formula((row.detail or row.reason) + extra)])


def _line(cells: Sequence[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(cells)
    return written.getvalue().encode()
