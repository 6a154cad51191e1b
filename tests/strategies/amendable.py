"""Draws logs that are amended: rows of some weeks, of few leads and few ids, so that everything meets; and what they come to.

`Truth` is the other way to the same end: it keeps what is true *now* in plain words, changes it at once when something is said, and
writes tables in that final form. It shares no code with `leadline.engine.amendments`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from tests.strategies.conditions import COMPANY_FIELDS, EVENTS, LEAD_FIELDS, OUTCOMES, PROPERTIES
from tests.strategies.tables import IN_DAY, Clock, Rows, cells

from leadline.engine.calendar import day_number, get_zone
from leadline.engine.values import read_number, text_key

LEADS = ("ann", "bob", "B", "7")
UNKNOWN = "visitor"
"""Somebody of whom there is no row in leads."""

PEOPLE = (*LEADS, UNKNOWN)
COMPANIES = ("acme", "7")
EVENT_IDS = ("1", "2", "3", "4", "5", "6")
MOST_DAYS = 30

RULES: Mapping[str, tuple[tuple[str, ...], str | None, Callable[[Mapping[str, Any]], bool]]] = {
    "all-left": (("left",), None, lambda row: row["event"] == "left"),
    "paths": (("viewed",), "path = 'vp'", lambda row: row["event"] == "viewed" and is_text(row, "path", "vp")),
    "amounts": (
        (),
        "amount > 3 or not is_paid",
        lambda row: (
            (number_of(row, "amount") or 0) > 3 or is_text(row, "is_paid", "false") or is_text(row, "is_paid", "no")
        ),
    ),
}
"""Rules by id: their events, their condition, and what that means of a row."""


def is_text(row: Mapping[str, Any], name: str, key: str) -> bool:
    return text_key(row[name] or "") == key


def number_of(row: Mapping[str, Any], name: str) -> float | None:
    return read_number(row[name] or "")


def canary(lead: str) -> str:
    """Return what stands in every row of a lead and nowhere else."""
    return f"canary-of-{lead}-"


@dataclass(frozen=True)
class AmendableRows:
    """Draws rows of each table; all rows of a table have the same columns."""

    zone: str
    day: date
    is_clean: bool = True

    def times(self) -> st.SearchStrategy[str]:
        first = get_zone(self.zone).first_instant

        def written(age: int, at_us: int) -> str:
            us = first(day_number(self.day) - age) + at_us
            return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).replace(
                tzinfo=None
            ).isoformat() + "Z"

        return st.builds(
            written, st.sampled_from((0, 0, 1, 2, 3, 7, 8, 14, 29, MOST_DAYS, -1)), st.sampled_from(IN_DAY)
        )

    def columns(self, kinds: Mapping[str, str]) -> dict[str, st.SearchStrategy[Any]]:
        clock = Clock(self.zone, self.day)
        return {name: cells(kind, clock, is_clean=self.is_clean or kinds is PROPERTIES) for name, kind in kinds.items()}

    def maybe(self) -> st.SearchStrategy[str | None]:
        return st.one_of(self.times(), st.none())

    def lead(self, lead: str) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries(
            {
                "lead_id": st.just(lead),
                "company_id": st.sampled_from((*COMPANIES, None, None)),
                "created_at": self.maybe(),
                **self.columns(LEAD_FIELDS),
                "note": st.just(f"{canary(lead)}lead"),
            }
        )

    def company(self, company: str) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries({"company_id": st.just(company), **self.columns(COMPANY_FIELDS)})

    def event(self, lead: str) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries(
            {
                "lead_id": st.just(lead),
                "event_id": st.sampled_from((None, *EVENT_IDS)),
                "event": st.sampled_from((*EVENTS, "viewed")),
                "occurred_at": self.times(),
                "received_at": self.maybe(),
                "is_bot": st.sampled_from((None, None, None, "true", "false")),
                **self.columns(PROPERTIES),
                "note": st.just(f"{canary(lead)}event"),
            }
        )

    def fact(self, lead: str, *, is_company: bool = False) -> st.SearchStrategy[dict[str, Any]]:
        def about(name: str) -> st.SearchStrategy[dict[str, Any]]:
            kind = COMPANY_FIELDS[name] if is_company else LEAD_FIELDS.get(name, "text")
            value = (
                st.just(f"{canary(lead)}fact")
                if name == "nickname"
                else cells(kind, Clock(self.zone, self.day), is_clean=self.is_clean)
            )
            return st.fixed_dictionaries(
                {
                    "lead_id": st.just(None if is_company else lead),
                    "company_id": st.just(lead if is_company else None),
                    "field": st.just(name),
                    "value": value,
                    "known_at": self.times(),
                    "source": st.sampled_from((None, "person", "crm")),
                    "recorded_at": self.maybe(),
                }
            )

        names = sorted(COMPANY_FIELDS) if is_company else [*sorted(LEAD_FIELDS), "nickname"]
        return st.sampled_from(names).flatmap(about)

    def outcome(self, lead: str, levels: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries(
            {
                "lead_id": st.just(lead),
                "outcome": st.sampled_from(OUTCOMES),
                "at": self.times(),
                "reason": st.sampled_from((None, "vp", "software", f"{canary(lead)}reason")),
                "qualification": st.sampled_from((None, None, *levels)),
                "outcome_id": st.sampled_from((None, None, "1", "2")),
                "recorded_at": self.maybe(),
            }
        )


@dataclass
class Truth:
    """What is true now, and the rows as they came.

    into: who was merged into whom. home: whose an event is. bots: what was said of single events. rules: those that hold.
    gone, gone_events: whom and what nothing may remain of.
    """

    raw: dict[str, Rows]
    into: dict[str, str] = field(default_factory=dict)
    home: dict[str, str] = field(default_factory=dict)
    bots: dict[str, bool] = field(default_factory=dict)
    rules: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    gone_events: set[str] = field(default_factory=set)

    def person(self, lead: str) -> str:
        """Return who somebody is now."""
        return self.person(self.into[lead]) if lead in self.into else lead

    def row_of(self, lead: str) -> dict[str, Any] | None:
        """Return the one row of a lead; None when there is none, or when two differ."""
        rows = [row for row in self.raw["leads"] if row["lead_id"] == lead]
        return rows[0] if rows and all(row == rows[0] for row in rows) else None

    def can_take(self, lead: str) -> bool:
        """Return whether something can be given to somebody."""
        person = self.person(lead)
        return person not in self.gone and self.row_of(person) is not None

    def erase(self, lead: str) -> None:
        """Forget a person."""
        one = self.person(lead)
        person = {other for other in (*PEOPLE, one) if self.person(other) == one}
        self.gone |= person
        self.gone_events |= {event for event, whose in self.home.items() if whose in person}

    def lead_row(self, lead: str) -> dict[str, Any]:
        """Return the row of a lead with what those who were merged into it add, one merge after another."""
        found = dict(self.row_of(lead) or {})
        for other in [one for one, into in self.into.items() if into == lead]:
            added = self.lead_row(other)
            found |= {
                name: cell
                for name, cell in added.items()
                if cell and cell.strip() and not (found.get(name) or "").strip()
            }
        return found

    def tables(self) -> dict[str, Rows]:
        """Return tables that had always looked as is true now: in another order, and nothing but what is needed."""
        leads: Rows = []
        for row in self.raw["leads"]:
            lead = row["lead_id"]
            if lead in self.gone or (lead in self.into and self.row_of(lead) is not None):
                continue
            whole = self.lead_row(lead) if self.row_of(lead) is not None else row
            leads.append({**dict.fromkeys(row), **whole})
        found = {**self.raw, "leads": leads}
        for name in ("events", "facts", "outcomes"):
            found[name] = [self._now(name, row) for row in self.raw[name] if self._stays(name, row)]
        return {name: rows[::-1] for name, rows in found.items()}

    def _whose(self, name: str, row: Mapping[str, Any]) -> Any:
        return self.home.get(row["event_id"], row["lead_id"]) if name == "events" else row["lead_id"]

    def _stays(self, name: str, row: Mapping[str, Any]) -> bool:
        return self._whose(name, row) not in self.gone and not (
            name == "events" and row["event_id"] in self.gone_events
        )

    def _now(self, name: str, row: Mapping[str, Any]) -> dict[str, Any]:
        whose = self._whose(name, row)
        found = {**row, "lead_id": None if whose is None else self.person(whose)}
        if name == "events":
            if any(RULES[rule][2](row) for rule in self.rules):
                found["is_bot"] = "true"
            if row["event_id"] in self.bots:
                found["is_bot"] = str(self.bots[row["event_id"]]).lower()
        return found
