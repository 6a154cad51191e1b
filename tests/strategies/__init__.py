"""Draws what an engine can be asked: a playbook, tables and a moment. `scenarios` is all that tests need.

What a condition needs to be typed and the drawn data does not show (a list; a number column with a word in it; an event
that has not occurred) is declared in the playbook, so that nearly every draw can be assessed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from hypothesis import strategies as st
from tests.strategies.conditions import COMPANY_FIELDS, EVENTS, LEAD_FIELDS, PROPERTIES, WORLD_DAYS
from tests.strategies.levels import counting_drafts
from tests.strategies.playbooks import ZONES, Draft, drafts
from tests.strategies.tables import HOUR_US, Clock, Rows, tables
from tests.strategies.typed import with_types

from leadline.engine.calendar import get_zone, instant_text
from leadline.engine.catalog import Catalog, FieldSpec
from leadline.engine.playbook.model import Playbook
from leadline.engine.reference.infer import infer_catalog
from leadline.engine.values import is_missing

MOST_DAYS_OF_SPELLS = 31
Storage = Literal["csv", "jsonl", "parquet"]


@dataclass(frozen=True)
class Scenario:
    """A question to an engine: what do these tables come to under this playbook at this moment?

    tables: rows as `read_logs` takes them, as text for ``csv`` and ``jsonl`` files and typed for ``parquet``.
    as_known: whether only what had arrived by then is there.
    """

    playbook: str
    tables: Mapping[str, Rows]
    as_of: str
    naive_zone: str = "UTC"
    storage: Storage = "csv"
    as_known: bool = False


@st.composite
def scenarios(draw: st.DrawFn, parts: int = 1, *, as_known: bool = False, spells: bool = False) -> Scenario:
    """Return a scenario. With several *parts* its tables are drawn several times and put together: many leads at once.

    *as_known*: whether it asks for what was known then. *spells*: at times its conditions count spells that have ended; then nothing
    lies far back, since the reference goes through every day.
    """
    counts_spells = spells and draw(st.sampled_from((False,) * 5 + (True,)))
    draft = draw(counting_drafts() if counts_spells else drafts())
    zone = draft.tables["playbook"]["timezone"]
    day = draw(st.sampled_from(WORLD_DAYS)) + timedelta(days=draw(st.sampled_from((0, 0, 1, -1, 2, 7))))
    most_days = MOST_DAYS_OF_SPELLS if counts_spells else None
    found = together([draw(tables(Clock(zone, day, most_days))) for _ in range(parts)])
    storage = draw(st.sampled_from(("csv", "csv", "jsonl", "parquet")))
    if storage == "parquet":
        found = with_types(found)
    return Scenario(
        playbook=declare(draft, found, draw(st.sets(st.sampled_from(sorted(LEAD_FIELDS)), max_size=2))).to_toml(),
        tables=found,
        as_of=draw(moments(zone, day)),
        naive_zone=draw(st.sampled_from(("UTC", "UTC", *ZONES))),
        storage=storage,
        as_known=as_known,
    )


def together(parts: Sequence[Mapping[str, Rows]]) -> dict[str, Rows]:
    """Return several sets of tables as one, with ids that keep them apart."""
    if len(parts) == 1:
        return dict(parts[0])
    found: dict[str, Rows] = {}
    for name in ("leads", "companies", "events", "facts", "outcomes"):
        rows = [_apart(row, number) for number, part in enumerate(parts) for row in part.get(name, ())]
        columns = dict.fromkeys(column for row in rows for column in row)
        if rows:
            found[name] = [{column: row.get(column) for column in columns} for row in rows]
    return found


def _apart(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {
        name: f"{cell}.{number}" if name.endswith("_id") and not is_missing(cell) else cell
        for name, cell in row.items()
    }


def moments(zone: str, day: date) -> st.SearchStrategy[str]:
    """Return dates and instants on *day*: on its borders, and in the middle."""
    first_us = get_zone(zone).first_instant((day - date(1970, 1, 1)).days)
    instants = [first_us + after for after in (0, -1, 1, 2 * HOUR_US + HOUR_US // 2, 12 * HOUR_US, 24 * HOUR_US - 1)]
    return st.sampled_from((day.isoformat(), *map(instant_text, instants)))


def declare(draft: Draft, found: Mapping[str, Rows], wished: set[str]) -> Draft:
    """Return the playbook with what it names and the data does not show, and some wishes, declared."""
    seen = infer_catalog(Playbook(name="?"), found)
    text = draft.to_toml()
    fields: dict[str, Any] = {}
    for prefix, kinds, specs in (("", LEAD_FIELDS, seen.lead), ("company.", COMPANY_FIELDS, seen.company)):
        for name, kind in kinds.items():
            part = "company" if prefix else "lead"
            if name in text and (not _is_shown(seen, part, specs.get(name), kind) or (not prefix and name in wished)):
                fields[prefix + name] = {"type": kind, **({"missing": ["select", " - "]} if name in wished else {})}
    named = {name: kind for name, kind in PROPERTIES.items() if name in text}
    shown = next(iter(seen.events.values()), {})
    odd = {name: kind for name, kind in named.items() if not _is_shown(seen, "events", shown.get(name), kind)}
    events = {}
    lists = {name: kind for name, kind in named.items() if kind == "list"}
    for event in EVENTS:
        if "events" in seen.open_parts:
            events |= {event: {"properties": lists}} if lists else {}
        elif event not in seen.events:
            events |= {event: {"properties": named}} if event in text else {}
        elif odd:
            events[event] = {"properties": odd}
    return replace(draft, fields=fields, events=events)


def _is_shown(seen: Catalog, part: Any, spec: FieldSpec | None, kind: str) -> bool:
    if spec is None:
        return part in seen.open_parts and kind != "list"
    same = {"date": {"date", "time"}, "time": {"date", "time"}, "list": {"list"}}.get(kind, {kind, None})
    return spec.type in same


def as_datetime(text: str) -> datetime:
    """Return an instant written by `moments`."""
    return datetime.fromisoformat(text).astimezone(UTC)
