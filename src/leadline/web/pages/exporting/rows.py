"""The rows of an exported file, a part at a time, so that very many leads need not fit into memory.

Each row says at which moment and by which version of the playbook it was assessed: a file outlives what it shows.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from leadline.engine.arithmetic import POINT
from leadline.engine.inputs.formula_cells import quote_formula
from leadline.web.pages.leads_list.columns import Column, all_columns
from leadline.web.pages.leads_list.queries import ListedLead, listed_leads
from leadline.web.pages.leads_list.wanted import Wanted
from leadline.web.pages.playbook_words import PlaybookWords, say_id
from leadline.web.pages.templatetags.pages import fact_value

PART = 500
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FIRST = ("Lead id", "Name", "E-mail")
_LAST = ("Assessed at", "Playbook version")
Value = str | int | float | bool | datetime | date | None


def find_ids(wanted: Wanted) -> list[int]:
    """Return the leads of a list in their order."""
    return list(wanted.ordered().values_list(wanted.key, flat=True))


def columns_for_all(words: PlaybookWords | None, fields: Sequence[str]) -> list[Column]:
    """Return every column that there is, without those that every file has."""
    return [one for one in all_columns(words, fields) if one.id != "email"]


def headings(columns: Sequence[Column]) -> list[str]:
    """Return what stands in the first row."""
    return [*_FIRST, *(title for one in columns for title in _titles(one)), *_LAST]


def _titles(column: Column) -> list[str]:
    match column.kind:
        case "company":
            return ["Company", "Domain", "Industry", "Employees"]
        case "stage":
            return ["Stage", "Cools on"]
        case _:
            return [column.heading]


def rows(
    wanted: Wanted, ids: Sequence[int], columns: Sequence[Column], words: PlaybookWords | None
) -> Iterator[list[Value]]:
    """Yield the row of each lead, in order; who went meanwhile is left out."""
    for start in range(0, len(ids), PART):
        for row in listed_leads(wanted, ids[start : start + PART], columns, words):
            yield _row(row, columns, wanted.version.number if wanted.version else None)


def _row(row: ListedLead, columns: Sequence[Column], version: int | None) -> list[Value]:
    found: list[Value] = [row.lead.pk, row.lead.name, row.lead.email]
    for one in columns:
        found += _values(row, one)
    as_of = row.assessment.as_of if row.assessment else None
    return [*found, as_of, version if row.assessment else None]


def _values(row: ListedLead, column: Column) -> list[Value]:
    lead, assessment = row.lead, row.assessment
    match column.kind:
        case "company":
            company = lead.company
            return [str(company), company.domain, company.industry, company.employees] if company else [None] * 4
        case "grade":
            return [row.grade.title if row.grade else None]
        case "score":
            meter = row.meters.get(column.name)
            return [None if meter is None else meter.units / POINT]
        case "stage":
            cools = assessment.cools_day if assessment else None
            title = row.excluded or (row.stage.title if row.stage else None)
            return [title, None if cools is None else date(1970, 1, 1) + timedelta(days=cools)]
        case "qualified":
            return [row.qualified_as]
        case "next":
            return [assessment.next_step if assessment else None]
        case "source":
            return [say_id(row.source) if row.source else None]
        case "campaign":
            return [row.known.campaigns.get(lead.pk)]
        case "fact":
            value = row.known.fact(lead, column.name)
            return [None if value is None else _plain(value)]
        case _:
            held: Any = getattr(lead, column.name)
            return [held]


def _plain(value: object) -> Value:
    return value if isinstance(value, int | float) else fact_value(value)


def as_text(value: Value) -> str:
    """Return a value as it stands in a file of CSV; no spreadsheet takes it for a formula.

    >>> as_text("=1+1"), as_text(-2.5), as_text(None), as_text(True)
    ("'=1+1", '-2.5', '', 'yes')
    """
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case float():
            return f"{value:g}" if value != int(value) else str(int(value))
        case int():
            return str(value)
        case _:
            return quote_formula(value)


def as_cell(value: Value) -> Value:
    """Return a value as it stands in a cell of XLSX: times without their zone, in UTC, no text as a formula, and no character that
    XML cannot say, with which the whole file could not be opened.

    >>> as_cell("a\\x00b\\uffff"), as_cell("=1+1")
    ('ab', "'=1+1")
    """
    match value:
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None)
        case str():
            return quote_formula(_NOT_IN_XML.sub("", value))
        case _:
            return value
