"""From a row of a file to what it says, by the columns as they were chosen. Pure: no database, and the moment is given.

Everything that is wrong with a row is told at once, each with its column. An empty cell says nothing: it changes and withdraws nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from tomllib import loads
from typing import Any
from zoneinfo import ZoneInfo

from leadline.web.capture.imports.cells import Cell, Row, is_empty
from leadline.web.capture.imports.fields import NEEDED, field_by_id, header_key
from leadline.web.capture.imports.guesses import FACT, Column
from leadline.web.capture.imports.rows import CompanyRow, EventRow, Identities, LeadRow, OutcomeRow, Refused, Said
from leadline.web.capture.imports.values import (
    UnreadableError,
    read_amount,
    read_date_text,
    read_instant,
    read_text,
    read_texts,
    read_truth,
    shorten,
)
from leadline.web.leads.claims import Kind, clean_address
from leadline.web.leads.companies import company_domain, registrable_domain
from leadline.web.leads.messages import Json
from leadline.web.leads.names import event_name
from leadline.web.playbooks.outcome_words import OutcomeWords

MOST_CHARACTERS = 10_000
MOST_OF_AN_ID = 255
_LARGEST_VALUE = Decimal("99999999999999.99")
_LARGEST_NUMBER = 2**63
_MOST_DETAIL = 500
_IDENTITY_KINDS = {"lead_id": Kind.CRM, "email": Kind.EMAIL, "user_id": Kind.USER, "anonymous_id": Kind.ANONYMOUS}
_AT_MOST = {"reason": 120, "qualification": 60, "opportunity_id": 120, "outcome_id": 255, "event_id": 255}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a file is understood.

    columns: by their names, in the order of the file.
    source:  who is taken to say it; ids of leads are ids of that system.
    at:      since when facts are known where no column says it.
    event:   the name of all events, where no column says it.
    words:   the outcomes and reasons that can be reported.
    """

    table: str
    columns: Mapping[str, Column]
    zone: ZoneInfo
    source: str
    at: datetime
    event: str = ""
    words: OutcomeWords = field(default_factory=OutcomeWords)


class Reader:
    """Reads rows of one file. Made once for many rows."""

    def __init__(self, way: Way, *, now: datetime) -> None:
        self._way = way
        self._now = now
        self._columns = [
            (at, name, column, self._choose(column))
            for at, (name, column) in enumerate(way.columns.items())
            if column.field
        ]
        self._make: Callable[[dict[str, Any], list[Fault]], Said | None] = {
            "leads": self._lead,
            "companies": self._company,
            "events": self._event,
            "outcomes": self._outcome,
        }[way.table]

    def read(self, row: Row) -> Said | Refused:
        """Return what a row says, or why it cannot be used."""
        if row.fault is not None:
            return Refused(row.number, *row.fault)
        values, faults = self.read_cells(row.cells)
        said = self._make(values, faults)
        if faults or said is None:
            detail = " ".join(f"{fault.column}: {fault.detail}" if fault.column else fault.detail for fault in faults)
            return Refused(row.number, faults[0].reason, shorten(detail, _MOST_DETAIL))
        return said

    def read_cells(self, cells: Sequence[Cell]) -> tuple[dict[str, Any], list["Fault"]]:
        """Return the values of a row by field, those of empty cells left out, and what cannot be read."""
        values: dict[str, Any] = {}
        faults: list[Fault] = []
        for at, name, column, read in self._columns:
            cell = cells[at]
            if is_empty(cell):
                continue
            try:
                values[column.field] = read(cell)
            except UnreadableError as error:
                faults.append(Fault(error.reason, str(error), name, column.field))
        return values, faults

    # -- single cells ------------------------------------------------------------------------------------------

    def _choose(self, column: Column) -> Callable[[Cell], Any]:
        """Return how the cells of a column are read."""
        zone, reading, now = self._way.zone, column.reading, self._now
        field = field_by_id(self._way.table).get(column.field)
        if field is not None and field.use == "time":
            return lambda cell: _past(read_instant(cell, reading, zone), now)
        match column.field:
            case "email":
                return _read_email
            case "domain" | "company.domain":
                return _read_domain
            case "value":
                return lambda cell: _read_value(cell, column)
            case "event":
                return lambda cell: _read_word(event_name(read_text(cell)), cell, 120)
            case "outcome":
                return lambda cell: _read_word(_outcome_of(read_text(cell)), cell, 60)
            case "lead_id" | "user_id" | "anonymous_id" | "company_id" | "company.id":
                return lambda cell: _bounded(read_text(cell), MOST_OF_AN_ID - 65)
            case name if name in _AT_MOST:
                return lambda cell: _bounded(read_text(cell), _AT_MOST[name])
        match column.type:
            case "number":
                return lambda cell: _finite(read_amount(cell, reading))
            case "boolean":
                return read_truth
            case "date":
                return lambda cell: read_date_text(cell, reading, zone)
            case "list;" | "list,":
                return lambda cell: [_bounded(text, MOST_CHARACTERS) for text in read_texts(cell, column.type[-1])]
            case _:
                return lambda cell: _bounded(read_text(cell), MOST_CHARACTERS)

    # -- whole rows --------------------------------------------------------------------------------------------

    def _lead(self, values: dict[str, Any], faults: list["Fault"]) -> LeadRow | None:
        identities = self._identities(values, faults)
        known_at = values.pop("known_at", self._way.at)
        of_company = {
            name.removeprefix("company."): value for name, value in values.items() if name.startswith("company.")
        }
        facts = {
            _fact_name(name): _fact_value(name, value)
            for name, value in values.items()
            if not name.startswith("company.")
        }
        for id_name in ("lead_id", "user_id", "anonymous_id"):
            facts.pop(id_name, None)
        company = self._company_of_lead(of_company, facts, known_at, faults)
        return None if faults else LeadRow(identities=identities, facts=facts, known_at=known_at, company=company)

    def _company_of_lead(
        self, values: dict[str, Any], facts: Mapping[str, Json], known_at: datetime, faults: list["Fault"]
    ) -> CompanyRow | None:
        """Return the company that a lead's row speaks of: the one that it names, else the one of the lead's address."""
        group_id, domain = values.pop("id", ""), values.pop("domain", "")
        name = str(facts.get("company", ""))
        is_named = bool(group_id or domain)
        if not is_named:
            domain = company_domain(str(facts.get("email", "")))
        if not group_id and not domain:
            if not values:
                return None
            if not name:
                self._miss_company(faults)
            is_named = True
        said = values | ({"name": name} if name else {}) | ({"domain": domain} if group_id and domain else {})
        if not said and not is_named:
            return None
        return CompanyRow(domain=domain, group_id=group_id, name=name, facts=said, known_at=known_at, is_named=is_named)

    def _miss_company(self, faults: list["Fault"]) -> None:
        detail = "Nothing says which company it is: no domain, id or name, and no address of a company."
        faults.append(Fault("no-company", detail))

    def _company(self, values: dict[str, Any], faults: list["Fault"]) -> CompanyRow | None:
        known_at = values.pop("known_at", self._way.at)
        domain, group_id = values.pop("domain", ""), values.pop("company_id", "")
        if not domain and not group_id:
            self._miss("companies", 0, "no-identity", faults)
        facts = {_fact_name(name): value for name, value in values.items()}
        if group_id and domain:
            facts["domain"] = domain
        return None if faults else CompanyRow(domain=domain, group_id=group_id, facts=facts, known_at=known_at)

    def _event(self, values: dict[str, Any], faults: list["Fault"]) -> EventRow | None:
        identities = self._identities(values, faults)
        name = values.pop("event", "") or self._way.event
        if not name:
            self._miss("events", 1, "no-word", faults)
        occurred_at = values.pop("occurred_at", None)
        if occurred_at is None:
            self._miss("events", 2, "no-time", faults)
        if faults or occurred_at is None:
            return None
        return EventRow(
            identities=identities,
            name=name,
            occurred_at=occurred_at,
            received_at=values.pop("received_at", None),
            event_id=values.pop("event_id", ""),
            properties={one.removeprefix(FACT): value for one, value in values.items() if one.startswith(FACT)},
            touch={
                one.removeprefix("touch."): shorten(value, 255)
                for one, value in values.items()
                if one.startswith("touch.")
            },
        )

    def _outcome(self, values: dict[str, Any], faults: list["Fault"]) -> OutcomeRow | None:
        identities = self._identities(values, faults)
        if "outcome" not in values:
            self._miss("outcomes", 1, "no-word", faults)
        if "at" not in values:
            self._miss("outcomes", 2, "no-time", faults)
        if "outcome" in values:
            self._check_words(values["outcome"], values.get("reason", ""), faults)
        if faults:
            return None
        for id_name in _IDENTITY_KINDS:
            values.pop(id_name, None)
        return OutcomeRow(identities=identities, **values)

    def _check_words(self, outcome: str, reason: str, faults: list["Fault"]) -> None:
        found = self._way.words.find_fault(outcome, reason)
        if found is not None:
            column = next((name for _, name, column, _ in self._columns if column.field == found.where), "")
            faults.append(Fault(f"unknown-{found.where}", found.text, column, found.where))

    def _identities(self, values: dict[str, Any], faults: list["Fault"]) -> Identities:
        """Return by what the person is recognised. The id in a CRM is that of the source: two CRMs may both have a lead 17."""
        found: list[tuple[str, str]] = []
        for name, kind in _IDENTITY_KINDS.items():
            if value := values.get(name):
                is_bare = kind == Kind.CRM and not value.startswith(f"{self._way.source}:")
                found.append((str(kind), f"{self._way.source}:{value}" if is_bare else value))
        if not found:
            self._miss(self._way.table, 0, "no-identity", faults)
        return tuple(found)

    def _miss(self, table: str, group: int, reason: str, faults: list["Fault"]) -> None:
        """Note that something is missing, unless it is there and was found unreadable."""
        names = NEEDED[table][group]
        if not any(fault.field in names for fault in faults):
            labels = " or ".join(field_by_id(table)[name].label for name in names)
            faults.append(Fault(reason, f"There is nothing in the row under {labels}."))


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with a row; *column* and *field* are empty when it is the row as a whole."""

    reason: str
    detail: str
    column: str = ""
    field: str = ""


def _fact_name(field: str) -> str:
    return field.removeprefix(FACT)


def _fact_value(field: str, value: Any) -> Json:
    """Return a fact as the log has it: consent is kept as ``yes`` and ``no``."""
    if field.startswith("consent.") and isinstance(value, bool):
        return "yes" if value else "no"
    return value  # type: ignore[no-any-return]


def _past(moment: datetime, now: datetime) -> datetime:
    if moment > now:
        raise UnreadableError("in-the-future", f"{moment:%Y-%m-%d %H:%M} UTC has not come yet.")
    return moment


def _bounded(text: str, most: int) -> str:
    if len(text) > most:
        raise UnreadableError("too-long", f"'{shorten(text, 30)}' has {len(text):,} signs; {most:,} can be kept.")
    return text


def _finite(number: int | float) -> int | float:
    if abs(number) >= _LARGEST_NUMBER:
        raise UnreadableError("too-large", f"{number:.3g} is larger than can be kept.")
    return number


def _read_email(cell: Cell) -> str:
    text = read_text(cell)
    address = clean_address(text.removeprefix("mailto:"))
    if not address:
        raise UnreadableError("bad-email", f"'{shorten(text)}' is no e-mail address.")
    return address


def _read_domain(cell: Cell) -> str:
    text = read_text(cell)
    domain = registrable_domain(text) if text.isprintable() and " " not in text else ""
    if not domain:
        raise UnreadableError("bad-domain", f"'{shorten(text)}' is no domain that somebody can own.")
    return domain


def _read_value(cell: Cell, column: Column) -> Decimal:
    value = Decimal(str(read_amount(cell, column.reading))).quantize(Decimal("0.01"), ROUND_HALF_UP)
    if abs(value) > _LARGEST_VALUE:
        raise UnreadableError("too-large", f"{value} is larger than can be kept.")
    return value


def _read_word(word: str, cell: Cell, most: int) -> str:
    if not word:
        raise UnreadableError("no-word", f"'{shorten(read_text(cell))}' is no name.")
    return _bounded(word, most)


@cache
def _outcome_words() -> dict[str, str]:
    words = loads((files(__package__) / "spellings.toml").read_text(encoding="utf-8"))["outcome_words"]
    return {header_key(name): outcome for outcome, names in words.items() for name in (outcome, *names)}


def _outcome_of(text: str) -> str:
    """Return the outcome that a status of a CRM means; one that is unknown keeps its own name in a playbook's words."""
    return _outcome_words().get(header_key(text)) or event_name(text)
