"""What columns probably are: by their names in several languages, then by what stands in them. Shown, and never acted on unseen."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leadline.engine.expressions.vocabulary import RESERVED
from leadline.engine.values import infer_type
from leadline.web.capture.imports.cells import DAY, ERROR, INSTANT, LOCAL, Cell, cell_text, is_empty
from leadline.web.capture.imports.fields import field_by_id, fields_by_name, fields_of, header_key
from leadline.web.capture.imports.refused_columns import REASON, ROW, are_of_refused_rows
from leadline.web.capture.imports.values import TYPES, Reading, Type, UnreadableError, read_amount, read_date
from leadline.web.leads.names import event_name
from leadline.web.leads.traits import trait_field

FACT = "fact:"
"""Before the name of a fact or property that is none of a table's fields."""
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_DOMAIN = re.compile(r"(https?://)?(www\.)?[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(/\S*)?", re.IGNORECASE)
_CODE = re.compile(r"\+?0\d+|\+\d+")
_WORDS_OF_CODES = ("phone", "zip", "postal", "plz", "id", "code", "tel", "number", "nummer", "fax")
_RESERVED = frozenset({"and", "or", "not", "in", "is", "null", "like", "between", "true", "false", *RESERVED})
_SAY_WHICH_COMPANY = {"company.domain", "company.id", "company", "email"}
_ENOUGH = 0.8
MOST_NAME = 100


@dataclass(frozen=True, slots=True)
class Column:
    """How a column is understood.

    field:   a field's id, ``fact:`` and a name, or empty for one that is left out.
    type:    how its cells are read.
    reading: how its dates or numbers are read, where that has to be said.
    """

    field: str = ""
    type: Type = "text"
    reading: Reading = ""

    def to_json(self) -> dict[str, str]:
        """Return it as it is kept."""
        return {"field": self.field, "type": self.type, "reading": self.reading}

    @classmethod
    def from_json(cls, kept: Any) -> "Column":
        """Return what `to_json` kept; a plain text is a field."""
        if isinstance(kept, str):
            return cls(kept)
        kind = kept.get("type") or "text"
        return cls(kept.get("field") or "", kind if kind in TYPES else "text", kept.get("reading") or "")


def clean_name(text: str) -> str:
    """Return the name of a fact that a column becomes: what a playbook can call it.

    >>> clean_name("Company Size (EMEA)"), clean_name("2nd phone"), clean_name("!"), clean_name("in")
    ('company_size_emea', '_2nd_phone', 'unnamed', 'in_')
    """
    name = (trait_field(text) or event_name(text))[:MOST_NAME].strip("_")
    if not name:
        return "unnamed"
    if name in _RESERVED:
        return f"{name}_"
    return f"_{name}".replace("__", "_") if name[0].isdigit() else name


def guess_columns(table: str, names: Sequence[str], samples: Sequence[Sequence[Cell]]) -> dict[str, Column]:
    """Return how each column is probably understood.

    Args:
        table: what the rows are.
        names: of the columns.
        samples: some rows, with a cell for every name.
    """
    guessed: dict[str, Column] = {}
    taken: set[str] = set()
    columns = {name: [row[at] for row in samples if _says_something(row[at])] for at, name in enumerate(names)}
    if are_of_refused_rows(names):
        guessed |= {ROW: Column(), REASON: Column()}
    for name in names:
        if name in guessed:
            continue
        field = fields_by_name(table).get(header_key(name))
        if field is not None and field.id not in taken and _could_be(field.id, columns[name]):
            guessed[name] = Column(field.id, field.type)
            taken.add(field.id)
    for name in names:
        if name not in guessed:
            guessed[name] = _guess_by_values(table, name, columns[name], taken)
            taken.add(guessed[name].field)
    if not taken & _SAY_WHICH_COMPANY:
        guessed = {name: _of_the_lead(table, name, column, taken) for name, column in guessed.items()}
    return {name: guessed[name] for name in names}


def _of_the_lead(table: str, name: str, column: Column, taken: set[str]) -> Column:
    """Return a column of the company's facts as one of the lead's, in a file of which no column says which company it is."""
    is_of_company = column.field in field_by_id(table) and field_by_id(table)[column.field].use == "company"
    return Column(_fact(table, name, taken), column.type, column.reading) if is_of_company else column


def guess_table(names: Sequence[str]) -> str:
    """Return which table the rows probably are, by the names of the columns."""
    keys = {header_key(name) for name in names}
    has = {
        table: {field.id for key in keys if (field := fields_by_name(table).get(key))}
        for table in ("events", "outcomes")
    }
    if "event" in has["events"] and "occurred_at" in has["events"]:
        return "events"
    if "outcome" in has["outcomes"] and "at" in has["outcomes"] and not keys & {"first name", "last name"}:
        return "outcomes"
    found = {field.id for key in keys if (field := fields_by_name("leads").get(key))}
    return (
        "leads"
        if found & {"email", "user_id", "first_name", "last_name", "title"} or "company.domain" not in found
        else "companies"
    )


def _says_something(cell: Cell) -> bool:
    return not is_empty(cell) and not (isinstance(cell, dict) and ERROR in cell)


def _could_be(field: str, cells: Sequence[Cell]) -> bool:
    """Whether the values do not speak against a field that has the right name."""
    if not cells:
        return True
    if field in ("domain", "company.domain"):
        return _share(_DOMAIN, cells) > 0.3
    if field in ("occurred_at", "at", "known_at", "received_at"):
        return sum(map(_is_date, cells)) * 2 > len(cells)
    if field in ("value", "company.employees"):
        return sum(map(_is_amount, cells)) * 2 > len(cells)
    return True


def _guess_by_values(table: str, name: str, cells: Sequence[Cell], taken: set[str]) -> Column:
    fields = field_by_id(table)
    if cells and "email" in fields and "email" not in taken and _share(_ADDRESS, cells) >= _ENOUGH:
        return Column("email")
    if not cells and not name.startswith("column "):
        return Column(_fact(table, name, taken))
    if not cells:
        return Column()
    for time in ("occurred_at", "at"):
        if time in fields and time not in taken and all(map(_is_date, cells)):
            return Column(time, "date")
    if "domain" in fields and "domain" not in taken and _share(_DOMAIN, cells) >= _ENOUGH:
        return Column("domain")
    if table == "outcomes":
        return Column()
    return Column(_fact(table, name, taken), guess_type(name, cells))


def _fact(table: str, name: str, taken: set[str]) -> str:
    cleaned = clean_name(name)
    if any(field.id == cleaned for field in fields_of(table)):
        cleaned += "_2"
    unique, count = cleaned, 1
    while FACT + unique in taken:
        count += 1
        unique = f"{cleaned}_{count}"
    return FACT + unique


def guess_type(name: str, cells: Sequence[Cell]) -> Type:
    """Return how the cells of a column are read: what all of them are, else text. What looks like a code stays a text."""
    if all(isinstance(cell, bool) for cell in cells):
        return "boolean"
    if all(isinstance(cell, list) for cell in cells):
        return "list;"
    if all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells):
        return "text" if _is_called_a_code(name) else "number"
    if all(_is_date(cell) for cell in cells):
        return "date"
    texts = [cell_text(cell).strip() for cell in cells]
    if infer_type(texts) == "boolean":
        return "boolean"
    if all(map(_is_amount, cells)) and not any(map(_CODE.fullmatch, texts)) and not _is_called_a_code(name):
        return "number"
    return "text"


def _is_called_a_code(name: str) -> bool:
    return any(word in _WORDS_OF_CODES for word in header_key(name).split())


def _share(pattern: re.Pattern[str], cells: Sequence[Cell]) -> float:
    return sum(bool(pattern.fullmatch(cell_text(cell).strip())) for cell in cells) / len(cells)


def _is_date(cell: Cell) -> bool:
    if isinstance(cell, dict):
        return bool(cell.keys() & {DAY, LOCAL, INSTANT})
    if not isinstance(cell, str) or cell.strip().isdigit():
        return False
    for reading in ("dmy", "mdy"):
        try:
            read_date(cell, reading)
        except UnreadableError:
            continue
        return True
    return False


def _is_amount(cell: Cell) -> bool:
    for reading in ("point", "comma"):
        try:
            read_amount(cell, reading)
        except UnreadableError:
            continue
        return True
    return False
