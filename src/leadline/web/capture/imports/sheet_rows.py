"""Rows of the sheets of an .xlsx file: values as the spreadsheet last computed them."""

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from leadline.web.capture.imports.cells import ERROR, Cell, Row, cell_of, find_bad_sign
from leadline.web.capture.imports.file_kinds import CannotImportError

if TYPE_CHECKING:
    from openpyxl import Workbook

_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})


def read_sheet_names(path: Path) -> list[str]:
    """Return the names of the sheets that hold cells, in the order of the file."""
    with _open_workbook(path) as workbook:
        return [sheet.title for sheet in workbook.worksheets]


def read_sheet_rows(path: Path, sheet: str) -> Iterator[Row]:
    """Yield every row of a sheet, blank ones too, numbered as the spreadsheet shows them.

    Raises:
        CannotImportError: there is no such sheet, or the file is damaged.
    """
    with _open_workbook(path) as workbook:
        if sheet not in workbook.sheetnames:
            raise CannotImportError(f"There is no sheet '{sheet}'. There are: {', '.join(workbook.sheetnames)}.")
        cells_of = workbook[sheet]
        cells_of.reset_dimensions()  # what a file says of its size is often wrong
        for number, values in enumerate(cells_of.iter_rows(values_only=True), start=1):
            cells = [_cell_of(value) for value in values]
            yield Row(number, cells, find_bad_sign(cells))


def _cell_of(value: Any) -> Cell:
    if isinstance(value, str) and value in _ERRORS:
        return {ERROR: value}
    return cell_of(value)


@contextmanager
def _open_workbook(path: Path) -> Iterator["Workbook"]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    with warnings.catch_warnings(), path.open("rb") as file:
        warnings.simplefilter("ignore")  # styles and validations that openpyxl does not know are nothing to us
        try:
            workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            try:
                yield workbook
            finally:
                workbook.close()
        except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, ParseError) as error:
            raise CannotImportError(
                f"The .xlsx file is damaged: {error}. Save it again, or save the sheet as CSV."
            ) from error
