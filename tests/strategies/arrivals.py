"""Gives the rows of a scenario times of arrival, in which all that can be wrong with them meets the moment closely.

Drawn scenarios seldom have much that arrives late; the checked-in ones are rich, and become as many as there are seeds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from random import Random

from hypothesis import strategies as st
from tests.strategies import Scenario, as_datetime
from tests.strategies.tables import Rows
from tests.strategies.typed import with_types

from leadline.engine.calendar import day_number, get_zone, instant_of
from leadline.engine.playbook.load import read_playbook
from leadline.engine.reference.cells import canonical_json

COLUMNS = {"leads": "created_at", "events": "received_at", "facts": "recorded_at", "outcomes": "recorded_at"}
HOUR_US = 3_600_000_000
BESIDE_US = (0, 0, 1, 1, -1, HOUR_US, -HOUR_US, 30 * HOUR_US, -30 * HOUR_US, 700 * HOUR_US, -700 * HOUR_US)
"""Microseconds after the last one that counts."""

UNREADABLE = (None, None, "", "  ", "soon", "2201-01-01", "2026-02-30")


def arriving(rich: Sequence[Scenario]) -> st.SearchStrategy[Scenario]:
    """Return these scenarios with drawn times of arrival, asking for what was known then."""
    return st.builds(with_arrivals, st.sampled_from(rich), st.integers(min_value=0, max_value=2**32))


def with_arrivals(scenario: Scenario, seed: int) -> Scenario:
    """Return a scenario that asks for what was known then, with times of arrival; equal rows arrive at one time."""
    random = Random(seed)
    until_us = _until_us(scenario)
    has_oddities = random.random() < 0.7
    found: dict[str, Rows] = {}
    for name, rows in scenario.tables.items():
        found[name] = [dict(row) for row in rows]
        if name in COLUMNS and random.random() < 0.85:
            arrived: dict[str, str | None] = {}
            for row in found[name]:
                row[COLUMNS[name]] = arrived.setdefault(canonical_json(row), _time(random, until_us, has_oddities))
    storage = "parquet" if scenario.storage == "csv" and random.random() < 0.3 else scenario.storage
    naive_zone = scenario.naive_zone if random.random() < 0.5 else random.choice(("UTC", "America/New_York"))
    tables: Mapping[str, Rows] = with_types(found) if storage == "parquet" else found
    return replace(scenario, tables=tables, storage=storage, naive_zone=naive_zone, as_known=True)


def _time(random: Random, until_us: int, has_oddities: bool) -> str | None:
    if random.random() < 0.15:
        return random.choice(UNREADABLE) if has_oddities else None
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=until_us + random.choice(BESIDE_US))
    match random.randrange(8) if has_oddities else 0:
        case 5:
            return moment.astimezone(timezone(timedelta(hours=-9, minutes=-30))).isoformat()
        case 6:
            return moment.replace(tzinfo=None).isoformat(" ", "microseconds")
        case 7:
            return moment.date().isoformat()
        case _:
            return moment.replace(tzinfo=None).isoformat() + "Z"


def _until_us(scenario: Scenario) -> int:
    playbook, _ = read_playbook(scenario.playbook)
    zone = get_zone(playbook.timezone)
    if len(scenario.as_of) == 10:
        return zone.end_of_day(day_number(date.fromisoformat(scenario.as_of))).until_us
    return instant_of(as_datetime(scenario.as_of))
