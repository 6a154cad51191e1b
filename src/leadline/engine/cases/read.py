"""Reads cases.toml: each case becomes a lead's log, a moment, and what is expected.

Values mean what they mean in files: each is read in the form of its field, as values.py has it. All that is wrong is
told at once, with its line. What is expected of an assessment is read by expect.py.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from leadline.engine.calendar import AsOf, day_number, get_zone, instant_of
from leadline.engine.cases.expect import Expected, read_expectations
from leadline.engine.catalog import FieldSpec
from leadline.engine.expressions.bind import ANSWERS
from leadline.engine.expressions.nodes import ActiveDays, Count, DaysSinceEvent, Field, Kind, Scope, Value, terms_of
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import EventCriterion, InactivityCriterion
from leadline.engine.playbook.table import Table
from leadline.engine.playbook.toml_file import parse_toml, read_text
from leadline.engine.problems import Problem, suggest
from leadline.engine.reference.cells import canonical_json, fixed_type
from leadline.engine.reference.log import Event, Fact, LeadLog, ReportedOutcome
from leadline.engine.values import find_date_fault, read_instant, read_value, says_nothing, text_key

MAX_BYTES = 4 * 1024 * 1024
_CASE_KEYS = ("name", "as_of", "as_known", "lead", "company", "events", "facts", "outcomes", "expect")
_OFFSET = re.compile(r".*(Z|[+-][0-9]{2}(:?[0-9]{2})?)")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_NOON = time(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A lead, a moment, and what must come out.

    line: of the case in its file. as_known: whether only what had arrived by then is there. expect: in the order of writing.
    """

    name: str
    line: int | None
    as_of: AsOf
    as_known: bool
    log: LeadLog
    expect: tuple[Expected, ...]


def read_cases(path: str | Path, bound: BoundPlaybook) -> tuple[list[Case], list[Problem]]:
    """Return the cases in a file, and warnings about them: names that nothing in the playbook reads.

    Raises:
        ProblemsError: the file cannot be used; everything that is wrong with it, each with its line.
    """
    file = str(path)
    text = read_text(path, most_bytes=MAX_BYTES, advice="a file of cases; put some into another file")
    root = parse_toml(text, file=file)
    tables = root.tables("case")
    if not tables and "case" not in root.values:
        root.note("missing-key", "there is no case: write one as [[case]].", "case")
    reader = _Reader(bound)
    found = [reader.case(table) for table in tables]
    root.finish()
    warnings = root.notes.warnings_or_raise(file)
    return [case for case in found if case is not None], warnings


class _Reader:
    def __init__(self, bound: BoundPlaybook) -> None:
        self.bound = bound
        self.zone = get_zone(bound.playbook.timezone)
        self.read_names = _names_that_are_read(bound)

    def case(self, table: Table) -> Case | None:
        name = table.text("name", required=True, words="what the case shows, in a sentence")
        as_of = self.as_of(table)
        if as_of is None:  # ages cannot be reckoned, so what has one cannot be read
            for key in _CASE_KEYS:
                table.has(key)
            table.finish()
            return None
        as_known = table.truth("as_known", False)
        lead, company = table.table("lead"), table.table("company")
        created_at = lead.values.get("created_at") if lead else None
        facts = [(one, self.fact(one, as_of)) for one in table.tables("facts")]
        log = LeadLog(
            lead_id=str(lead.values["lead_id"]) if lead and "lead_id" in lead.values else "lead",
            lead=self.fields(lead, "lead"),
            company=self.fields(company, "company"),
            events=_without_twins([self.event(one, as_of) for one in table.tables("events")]),
            facts=tuple(fact for one, fact in facts if fact and not one.values.get("company", False)),
            company_facts=tuple(fact for one, fact in facts if fact and one.values.get("company", False)),
            outcomes=tuple(one for entry in table.tables("outcomes") if (one := self.outcome(entry, as_of))),
            created_us=read_instant(text_of(created_at) or "", zone=self.zone),
        )
        expect = read_expectations(table, self.bound.playbook)
        table.finish()
        return Case(name=name or "?", line=table.line, as_of=as_of, as_known=as_known, log=log, expect=expect)

    # -- moments ----------------------------------------------------------------------------------

    def as_of(self, table: Table) -> AsOf | None:
        if not table.has("as_of"):
            table.note("missing-key", "'as_of' is missing: a date, or a time with its offset from UTC.", "as_of")
            return None
        value = table.values["as_of"]
        if isinstance(value, str) and len(value.strip()) == 10 and find_date_fault(value) is None:
            value = date.fromisoformat(value.strip())
        if isinstance(value, date) and not isinstance(value, datetime):
            return self.zone.end_of_day(day_number(value)) if _is_in_range(value) else self.no_moment(table, "as_of")
        instant = self.instant(table, "as_of")
        return None if instant is None else self.zone.moment(instant)

    def instant(self, table: Table, key: str) -> int | None:
        """Return a moment that is written as a date (its first instant) or as a time with its offset."""
        value = table.values[key]
        match value:
            case datetime() if value.tzinfo is not None and _is_in_range(value):
                return instant_of(value)
            case date() if not isinstance(value, datetime) and _is_in_range(value):
                return self.zone.first_instant(day_number(value))
            case str() if len(value.strip()) == 10 or _OFFSET.fullmatch(value.strip()[10:]):
                found = read_instant(value, zone=self.zone)
                if found is not None:
                    return found
        return self.no_moment(table, key)

    def arrival(self, table: Table, key: str) -> int | None:
        """Return when something was received or recorded, if that is said."""
        return self.instant(table, key) if table.has(key) else None

    @staticmethod
    def no_moment(table: Table, key: str) -> None:
        table.note(
            "bad-case",
            f"'{key}' is a date, or a time with its offset such as 2026-03-02T09:00:00Z, from 1900 to 2200.",
            key,
        )

    def moment(self, table: Table, explicit: str, as_of: AsOf) -> int | None:
        """Return when something happened: under the key *explicit*, else `days_ago` and `time`."""
        days_ago = table.whole("days_ago", -100_000, 100_000)
        clock = self.clock(table)
        if table.has(explicit):
            for key in ("days_ago", "time"):
                if key in table.values:
                    table.note("conflicting-keys", f"'{key}' and '{explicit}' exclude each other.", key)
            return self.instant(table, explicit)
        if days_ago is None:
            if "days_ago" not in table.values:
                table.note("missing-key", f"when did it happen? Write days_ago = 3, or {explicit} = a date or time.")
            return None
        day = as_of.day - days_ago
        try:
            local = datetime.combine(date.fromordinal(date(1970, 1, 1).toordinal() + day), clock or _NOON)
        except (ValueError, OverflowError):
            return self.no_moment(table, "days_ago")
        if not _is_in_range(local):
            return self.no_moment(table, "days_ago")
        at = self.zone.instant_of_local(local)
        return min(at, as_of.until_us) if days_ago == 0 and clock is None else at

    @staticmethod
    def clock(table: Table) -> time | None:
        if not table.has("time"):
            return None
        value = table.values["time"]
        if isinstance(value, time):
            return value
        match = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            table.note("bad-case", "'time' is a local time of day such as \"14:30\".", "time")
            return None
        hour, minute, second = (int(part or 0) for part in match.groups())
        return time(hour, minute, second)

    # -- what is known of the lead ----------------------------------------------------------------

    def fields(self, table: Table | None, scope: Scope) -> dict[str, Value]:
        """Return the values of all fields that say something."""
        found: dict[str, Value] = {}
        for name in table.values if table else ():
            assert table is not None
            table.has(name)
            self.warn_of_typing_mistake(table, scope, name)
            value = self.value(table, name, self.spec(scope, name))
            if value is not None:
                found[name] = value
        return found

    def event(self, table: Table, as_of: AsOf) -> tuple[str, Event] | None:
        name = table.text("event", required=True, words="the name of the event")
        at, there = self.moment(table, "at", as_of), self.arrival(table, "received_at")
        is_bot = table.truth("is_bot", False)
        event_id = str(table.values["event_id"]) if table.has("event_id") else None
        own = {"event", "at", "days_ago", "time", "received_at", "is_bot", "event_id", "properties"}
        more = table.table("properties")
        properties: dict[str, Value] = {}
        texts: dict[str, str | None] = {}
        for holder, names in ((table, table.values.keys() - own), (more, more.values.keys() if more else ())):
            for prop in names:
                assert holder is not None
                holder.has(prop)
                if name is None:
                    continue
                self.warn_of_typing_mistake(holder, "event", prop)
                texts[prop] = text_of(holder.values[prop])
                value = self.value(holder, prop, self.spec("event", prop, (name,)))
                if value is not None:
                    properties[prop] = value
        table.finish()
        if name is None or at is None:
            return None
        self.warn_of_typing_mistake(table, "name", name, "event")
        columns = ("event", "event_id", "is_bot", "received_at")
        row = canonical_json({**texts, **{key: table.values.get(key) for key in columns}})
        event = Event(name=name, at_us=at, properties=properties, event_id=event_id, is_bot=is_bot, there_us=there)
        return row, event

    def fact(self, table: Table, as_of: AsOf) -> Fact | None:
        name = table.text("field", required=True, words="the name of the field")
        scope: Scope = "company" if table.truth("company", False) else "lead"
        known_at, there = self.moment(table, "known_at", as_of), self.arrival(table, "recorded_at")
        source = table.text("source") or ""
        if not table.has("value"):
            table.note("missing-key", "'value' is missing; an empty text withdraws what this source said.", "value")
        if name is None or "value" not in table.values:
            table.finish()
            return None
        self.warn_of_typing_mistake(table, scope, name, "field")
        value = self.value(table, "value", self.spec(scope, name))
        question = name.removeprefix("questions.")
        known = [one.id for one in self.bound.playbook.questions]
        if question != name and question not in known:
            message = f"there is no question '{question}'.{suggest(question, known)}"
            table.note("unknown-question", message, "field")
        elif question != name and value is not None and value not in ANSWERS:
            table.note("bad-case", f"the answer to a question is one of {', '.join(ANSWERS)}.", "value")
        table.finish()
        text = text_of(table.values["value"]) or ""
        if known_at is None:
            return None
        return Fact(field=name, value=value, text=text, known_at_us=known_at, source=source, there_us=there)

    def outcome(self, table: Table, as_of: AsOf) -> ReportedOutcome | None:
        known = {outcome.id: outcome for outcome in self.bound.playbook.outcomes}
        name = table.text("outcome", required=True, words="what was reported, such as 'accepted'")
        at, there = self.moment(table, "at", as_of), self.arrival(table, "recorded_at")
        reason = table.text("reason")
        if name is not None and name not in known:
            table.note("unknown-outcome", f"there is no outcome '{name}'.{suggest(name, known)}", "outcome")
            name = None
        reasons = [one.id for one in known[name].reasons] if name else []
        if reason is not None and reasons and text_key(reason) not in map(text_key, reasons):
            message = f"the outcome '{name}' has no reason '{reason}'.{suggest(reason, reasons)}"
            table.note("bad-case", message, "reason")
        table.finish()
        if name is None or at is None:
            return None
        reason_key = None if reason is None else text_key(reason)
        return ReportedOutcome(outcome=name, at_us=at, reason=reason_key, there_us=there)

    # -- values -----------------------------------------------------------------------------------

    def spec(self, scope: Scope, name: str, events: tuple[str, ...] = ()) -> FieldSpec:
        used_as = cast(Kind, self.bound.kinds.get((scope, name), "text"))
        return fixed_type(name) or self.bound.spec_of(Field(scope, name, used_as), events)

    def value(self, table: Table, key: str, spec: FieldSpec) -> Value | None:
        """Return a value in the form in which conditions compare it; None when it says nothing."""
        written = table.values[key]
        text = text_of(written)
        if text is None or (isinstance(written, list) and spec.type != "list"):
            table.note("bad-case", f"'{key}' takes {_A[spec.type or 'text']}.", key)
            return None
        value = read_value(text, spec, zone=self.zone)
        if value is None and not says_nothing(text, spec):
            shown = text if len(text) <= 40 else f"{text[:39]}…"
            table.note("bad-case", f"'{shown}' is not {_A[spec.type or 'text']}, which '{key}' takes.", key)
        return value

    def warn_of_typing_mistake(self, table: Table, scope: Scope | str, name: str, key: str | None = None) -> None:
        """Warn of a name that nothing in the playbook reads, when one that it reads is very like it."""
        known = self.read_names[scope]
        if name in known or name.startswith(("questions.", "model.", "consent.")):
            return
        hint = suggest(name, known)
        if hint.startswith(" Did you mean"):
            what = "event" if scope == "name" else "property" if scope == "event" else "field"
            message = f"nothing in the playbook reads the {what} '{name}'.{hint}"
            table.note(f"unknown-{what}", message, key or name, severity="warning")


_A: Mapping[str, str] = {
    "text": "a text",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date",
    "time": "a date or time",
    "list": "a list of texts",
}


def text_of(value: Any) -> str | None:
    """Return a TOML value as it would stand in a file, or None for a table, a time of day, or what is in no file.

    >>> text_of(True), text_of(Decimal("2.50")), text_of(["a", "b"]), text_of({})
    ('true', '2.50', '["a", "b"]', None)
    """
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int() | Decimal():
            return str(value)
        case date():
            return value.isoformat()
        case list():
            entries = [text_of(entry) for entry in value if not isinstance(entry, list)]
            return None if None in entries or len(entries) < len(value) else json.dumps(entries, ensure_ascii=False)
        case _:
            return None


def _is_in_range(moment: date) -> bool:
    return 1900 <= moment.year <= 2200


def _without_twins(rows: Iterable[tuple[str, Event] | None]) -> tuple[Event, ...]:
    """Keep, of the rows with one `event_id`, the one with the earliest moment, then the smallest as sorted JSON."""
    kept: dict[object, tuple[str, Event]] = {}
    for index, row in enumerate(rows):
        if row is None:
            continue
        key: object = index if row[1].event_id is None else row[1].event_id
        if key not in kept or (row[1].at_us, row[0]) < (kept[key][1].at_us, kept[key][0]):
            kept[key] = row
    return tuple(event for _, event in kept.values())


def _names_that_are_read(bound: BoundPlaybook) -> dict[str, set[str]]:
    """Return the names of fields, properties and events that the playbook declares or reads, by scope."""
    playbook = bound.playbook
    names: dict[str, set[str]] = {
        "lead": {*bound.catalog.lead, "lead_id", "company_id"},
        "company": {*bound.catalog.company, "company_id"},
        "event": {prop for properties in bound.catalog.events.values() for prop in properties},
        "name": set(bound.catalog.events),
    }
    for criterion in playbook.criteria:
        if isinstance(criterion, EventCriterion):
            names["name"].update(criterion.events)
        elif isinstance(criterion, InactivityCriterion):
            names["name"].update(criterion.activity or ())
    names["name"].update(reset.event for reset in playbook.resets)
    names["name"].update(event for level in playbook.qualifications for event in level.hand_raise)
    waiting = [bound.test(clause) for clause in playbook.clauses()]
    while waiting:
        for term in terms_of(waiting.pop()):
            match term:
                case Field(scope, name, _):
                    names[scope].add(name)
                case Count(event, _, only):
                    names["name"].add(event)
                    waiting += [only] if only is not None else []
                case ActiveDays(event, _) | DaysSinceEvent(event):
                    names["name"].add(event)
                case _:
                    pass
    return names
