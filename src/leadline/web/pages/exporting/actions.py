"""Writing exported files, and the record of who took what."""

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import StringIO
from tempfile import SpooledTemporaryFile
from typing import IO

from leadline.web.accounts.models import User, Workspace
from leadline.web.pages.exporting.rows import Value, as_cell, as_text
from leadline.web.pages.leads_list.columns import Column
from leadline.web.pages.models import Export
from leadline.web.playbooks.models import Version

MOST_XLSX = 50_000
"""Rows of a spreadsheet: more take too long to write while somebody waits. CSV has no end."""
_IN_MEMORY = 5_000_000
_LINES_AT_ONCE = 200


def record_export(
    workspace: Workspace,
    user: User,
    *,
    format_: str,
    query: str,
    is_selection: bool,
    columns: Sequence[Column],
    count: int,
    version: Version | None,
    at: datetime,
) -> Export:
    """Record that somebody takes leads out of the app."""
    return Export.objects.create(
        workspace=workspace,
        user=user,
        by=user.email,
        at=at,
        format=format_,
        query=query,
        is_selection=is_selection,
        columns=[one.id for one in columns],
        count=count,
        version_number=version.number if version else None,
    )


def write_csv(headings: Sequence[str], rows: Iterator[list[Value]]) -> Iterator[str]:
    """Yield the text of a file of CSV, some lines at a time. It begins with the mark by which spreadsheets know UTF-8."""
    kept = StringIO()
    writer = csv.writer(kept)
    kept.write("\ufeff")
    writer.writerow(as_text(one) for one in headings)
    for number, row in enumerate(rows, start=1):
        writer.writerow(as_text(one) for one in row)
        if number % _LINES_AT_ONCE == 0:
            yield kept.getvalue()
            kept.seek(0)
            kept.truncate()
    yield kept.getvalue()


def write_xlsx(headings: Sequence[str], rows: Iterator[list[Value]], about: Sequence[tuple[str, Value]]) -> IO[bytes]:
    """Return a file of XLSX, ready to be read: a sheet of leads, and one that says what they are."""
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    leads = workbook.create_sheet("Leads")
    leads.freeze_panes = "A2"
    leads.append([as_cell(one) for one in headings])
    for row in rows:
        leads.append([as_cell(one) for one in row])
    notes = workbook.create_sheet("About")
    for name, value in about:
        notes.append([name, as_cell(value)])
    file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the answer closes it
    workbook.save(file)
    file.seek(0)
    return file
