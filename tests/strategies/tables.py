"""Draws the five tables as people export them: few leads, many collisions, and everything that can be wrong with a row.

Times lie close to the moment of the assessment: on borders of local days and one microsecond beside them, in the hour
that the clock leaves out or repeats, ahead of the moment, without offset, without time, and unreadable.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st
from tests.strategies.conditions import (
    COMPANY_FIELDS,
    EVENTS,
    LEAD_FIELDS,
    NUMBERS,
    OUTCOMES,
    PROPERTIES,
    QUESTIONS,
    TEXTS,
)

from leadline.engine.calendar import date_of, day_number, get_zone

Rows = list[dict[str, Any]]

LEAD_IDS = ("a", "b", "B", "ä", "1", "01", " a", "zz", "\U0001f600", "ﬀ")
COMPANY_IDS = ("acme", "Acme", "7")
GHOST = "nobody"
AGES = (0, 0, 0, 1, 1, 2, 3, 6, 7, 8, 13, 14, 15, 29, 30, 31, 44, 45, 60, 90, 120, 364, 365, 400, -1, -1, -7)
"""Days before the moment; those below zero lie ahead."""

HOUR_US = 3_600_000_000
IN_DAY = (0, 1, -1, HOUR_US // 2, 2 * HOUR_US + HOUR_US // 2, 12 * HOUR_US, 23 * HOUR_US, 24 * HOUR_US - 1, 5)
"""Microseconds after the first instant of a local day: borders, the hour that the clock skips, noon."""

UNREADABLE = (
    "",
    " ",
    "soon",
    "2026-02-30",
    "2026-3-1",
    "0001-01-01",
    "2201-01-01T00:00:00Z",
    "2026-03-01T25:00Z",
    "1772323200",
)

VALUES: Mapping[str, tuple[str, ...]] = {
    "text": TEXTS,
    "number": (
        *NUMBERS,
        "01",
        " 5 ",
        "+5",
        "5.",
        ".5",
        "-0",
        "1E3",
        "99999999999999999999",
        "0.30000000000000004",
        "1e-7",
    ),
    "boolean": ("true", "False", "yes", "NO", " Yes "),
    "list": (
        "red;blue",
        " Red ;;BLUE ",
        '["red", "Blue"]',
        '["r;ed", 1.50, true, null]',
        "red",
        "RED",
        ";;",
        "[]",
        "straße",
    ),
}
UNFIT: Mapping[str, tuple[str, ...]] = {
    "text": (),
    "number": ("abc", "1,000", "nan", "1e400", "1_000", "-"),
    "boolean": ("1", "0", "t", "maybe", "-"),
    "date": UNREADABLE[2:],
    "time": UNREADABLE[2:],
    "list": ("[red", '[["red"]]'),
}
MISSING = (None, None, "", "  ", "\u00a0")
OFFSETS = (timedelta(0), timedelta(hours=2), timedelta(hours=-9, minutes=-30), timedelta(hours=13), timedelta(hours=-3))


class Clock:
    """Writes times near the moment of an assessment, as people write them."""

    def __init__(self, zone: str, day: date, most_days: int | None = None) -> None:
        """Take the day of the assessment. *most_days*: how long before it the oldest thing lies."""
        self.ages = st.sampled_from([age for age in AGES if most_days is None or age <= most_days])
        self.zone = get_zone(zone)
        self.day = day_number(day)
        self.favourites: list[str] = []

    def dates(self) -> st.SearchStrategy[str]:
        """Return dates."""
        return self.ages.map(lambda age: date_of(self.day - age).isoformat())

    def instants(self) -> st.SearchStrategy[int]:
        """Return instants in microseconds."""
        return st.builds(
            lambda age, at_us: self.zone.first_instant(self.day - age) + at_us,
            self.ages,
            st.sampled_from(IN_DAY),
        )

    def times(self) -> st.SearchStrategy[str]:
        """Return times in UTC, with an offset, without one, and dates; favourites come often, so that times meet."""
        any_time = st.one_of(
            self.instants().map(lambda us: _moment(us).isoformat() + "Z"),
            st.builds(lambda us, offset: _moment(us, offset).isoformat(), self.instants(), st.sampled_from(OFFSETS)),
            self.instants().map(lambda us: _moment(us).isoformat(" ", "auto" if us % 1_000_000 else "minutes")),
            self.dates(),
        )
        return st.one_of(st.sampled_from(self.favourites), any_time) if self.favourites else any_time


def _moment(instant_us: int, offset: timedelta | None = None) -> datetime:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant_us)
    return moment.replace(tzinfo=None) if offset is None else moment.astimezone(timezone(offset))


def cells(kind: str, clock: Clock, *, is_clean: bool) -> st.SearchStrategy[str | None]:
    """Return values of a column; unless it *is_clean*, some do not fit its kind."""
    days = {"date": clock.dates, "time": clock.times}
    good = days[kind]() if kind in days else st.sampled_from(VALUES[kind])
    missing = st.sampled_from(MISSING)
    bad = st.sampled_from(UNFIT[kind] or ("-",))
    return st.one_of(good, good, good, missing) if is_clean else st.one_of(good, good, bad, missing)


@st.composite
def columns(draw: st.DrawFn, kinds: Mapping[str, str], clock: Clock) -> dict[str, st.SearchStrategy[Any]]:
    """Return some of the columns, each with its values."""
    names = draw(st.lists(st.sampled_from(sorted(kinds)), max_size=len(kinds), unique=True))
    return {name: cells(kinds[name], clock, is_clean=draw(st.sampled_from((True, True, False)))) for name in names}


def _rows(found: Mapping[str, st.SearchStrategy[Any]], *, most: int, least: int = 0) -> st.SearchStrategy[Rows]:
    return st.lists(st.fixed_dictionaries(dict(found)), min_size=least, max_size=most)


@st.composite
def tables(draw: st.DrawFn, clock: Clock) -> dict[str, Rows]:
    """Return the tables that were given: leads always, the others perhaps."""
    clock.favourites = draw(st.one_of(st.just([]), st.lists(clock.times(), min_size=1, max_size=4)))
    some_leads = draw(st.lists(st.sampled_from(LEAD_IDS), min_size=1, max_size=4, unique=True))
    company = st.sampled_from((*COMPANY_IDS, None, "ghost"))
    lead_columns = draw(columns({**LEAD_FIELDS, "created_at": "time"}, clock))
    if draw(st.booleans()):
        lead_columns["company_id"] = company
    found: dict[str, Rows] = {}
    found["leads"] = [{"lead_id": lead, **draw(st.fixed_dictionaries(lead_columns))} for lead in some_leads]
    found["leads"] += draw(st.one_of(st.just([]), twins(found["leads"], "lead_id", lead_columns)))
    lead = st.sampled_from(
        (*some_leads, *some_leads, some_leads[0], GHOST, None) if draw(st.booleans()) else some_leads
    )
    if draw(st.booleans()):
        company_columns = draw(columns(COMPANY_FIELDS, clock))
        found["companies"] = [
            {"company_id": name, **draw(st.fixed_dictionaries(company_columns))}
            for name in draw(st.lists(st.sampled_from(COMPANY_IDS), min_size=1, max_size=3, unique=True))
        ]
        found["companies"] += draw(st.one_of(st.just([]), twins(found["companies"], "company_id", company_columns)))
    if draw(st.sampled_from((True, True, True, False))):
        found["events"] = draw(events(lead, clock))
    if draw(st.booleans()):
        found["facts"] = draw(facts(lead, company, clock))
    if draw(st.booleans()):
        found["outcomes"] = draw(outcomes(lead, clock))
    return found


@st.composite
def twins(draw: st.DrawFn, rows: Rows, id_column: str, others: Mapping[str, st.SearchStrategy[Any]]) -> Rows:
    """Return rows that stand there a second time, equal or not, and one without an id."""
    row = draw(st.sampled_from(rows))
    match draw(st.sampled_from(("equal", "drawn", "no id"))):
        case "equal":
            return [dict(row)]
        case "drawn":
            drawn = draw(st.fixed_dictionaries({name: others.get(name, st.none()) for name in row}))
            return [{**drawn, id_column: row[id_column]}]
        case _:
            return [{**row, id_column: draw(st.sampled_from(MISSING))}]


def when_it_was(clock: Clock) -> st.SearchStrategy[str | None]:
    """Return times of rows, hardly ever unreadable."""
    times = clock.times()
    return st.one_of(times, times, times, times, times, st.sampled_from((*UNREADABLE, None)))


def arrivals(clock: Clock) -> st.SearchStrategy[st.SearchStrategy[str | None]]:
    """Return columns of times of arrival: before and after what they are about, some missing, some unreadable."""
    times = clock.times()
    return st.sampled_from((times, st.one_of(times, times, st.none()), when_it_was(clock)))


@st.composite
def events(draw: st.DrawFn, lead: st.SearchStrategy[str | None], clock: Clock) -> Rows:
    """Return up to sixty events, some told twice, some by bots."""
    found: dict[str, st.SearchStrategy[Any]] = {
        "lead_id": lead,
        "event": st.sampled_from((*EVENTS, "viewed", "viewed", "other")),
        "occurred_at": when_it_was(clock) if draw(st.booleans()) else clock.times(),
        **draw(columns(PROPERTIES, clock)),
    }
    if draw(st.booleans()):
        found["event_id"] = st.sampled_from((None, None, "1", "2", "3", "e", "é", " "))
    if draw(st.sampled_from((False, False, True))):
        odd = draw(st.booleans())
        found["is_bot"] = st.sampled_from((None, "false", "true", "0", "1", *(("?", "2") if odd else ())))
    if draw(st.booleans()):
        found["received_at"] = draw(arrivals(clock))
    size = draw(st.sampled_from((0, 1, 3, 8, 8, 20, 20, 60)))
    rows = draw(_rows(found, most=size, least=size))
    return rows + ([dict(rows[0])] if rows and draw(st.booleans()) else [])


@st.composite
def facts(
    draw: st.DrawFn, lead: st.SearchStrategy[str | None], company: st.SearchStrategy[str | None], clock: Clock
) -> Rows:
    """Return facts of known fields, of new ones, answers, consents and models."""
    answers = st.sampled_from(("yes", "Partly", "NO ", "unknown", "perhaps", ""))
    fixed: dict[str, st.SearchStrategy[Any]] = {
        **{f"questions.{name}": answers for name in QUESTIONS},
        "consent.scoring": st.sampled_from(("yes", "no", "TRUE", "1", "")),
        "model.reply": st.sampled_from(("0.5", "1", "5", "high", "")),
        "shoe size": st.sampled_from(("42", "43", "")),
    }
    unclean = draw(st.booleans())
    recorded = {"recorded_at": draw(arrivals(clock))} if draw(st.booleans()) else {}
    mostly_none = st.sampled_from((None, None, " ", "a", "acme")) if draw(st.booleans()) else st.none()

    def fact(is_lead: bool, name: str | None) -> st.SearchStrategy[dict[str, Any]]:
        kinds = LEAD_FIELDS if is_lead else COMPANY_FIELDS
        kind = kinds.get(name or "", "text")
        value = fixed[name] if name in fixed else cells(kind, clock, is_clean=not unclean)
        return st.fixed_dictionaries(
            {
                "lead_id": lead if is_lead else mostly_none,
                "company_id": company if not is_lead else mostly_none,
                "field": st.just(name),
                "value": value,
                "known_at": when_it_was(clock),
                "source": st.sampled_from((None, "person", "crm", "Person", "import")),
                **recorded,
            }
        )

    about_lead = st.sampled_from((*sorted(LEAD_FIELDS), *sorted(fixed), None)).flatmap(lambda name: fact(True, name))
    about_company = st.sampled_from(sorted(COMPANY_FIELDS)).flatmap(lambda name: fact(False, name))
    size = draw(st.sampled_from((1, 3, 8, 12)))
    return draw(st.lists(st.one_of(about_lead, about_lead, about_company), min_size=size, max_size=size))


@st.composite
def outcomes(draw: st.DrawFn, lead: st.SearchStrategy[str | None], clock: Clock) -> Rows:
    """Return outcomes, some without a time."""
    found: dict[str, st.SearchStrategy[Any]] = {
        "lead_id": lead,
        "outcome": st.sampled_from((*OUTCOMES, "Won", None)),
        "at": when_it_was(clock),
    }
    if draw(st.booleans()):
        found["reason"] = st.sampled_from((*TEXTS, None))
    if draw(st.booleans()):
        found["outcome_id"] = st.sampled_from((None, "1", "2"))
    if draw(st.booleans()):
        found["recorded_at"] = draw(arrivals(clock))
    if draw(st.sampled_from((False, False, False, True))):
        del found["at"]
    return draw(_rows(found, most=6))
