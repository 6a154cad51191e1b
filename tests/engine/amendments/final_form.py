"""What the machine of amendments holds against one another: logs, what is known of leads, spells, and roll-ups."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
from tests.strategies.amendable import AmendableRows

from leadline.engine.backends.rollup_file import read_head
from leadline.engine.calendar import AsOf
from leadline.engine.lifecycle.model import Spell, StageMove
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.reference.log import LeadLog
from leadline.engine.reference.result import Assessment


@dataclass(frozen=True)
class Known:
    """What the reference says of one lead up to the last moment."""

    spells: Sequence[Spell]
    moves: Sequence[StageMove]
    evidence: Sequence[Any]
    assessment: Assessment


@dataclass
class State:
    """Tables in a final form, and what they come to."""

    tables: dict[str, Any]
    bound: BoundPlaybook
    logs: list[LeadLog]
    known: dict[str, Known] = field(default_factory=dict)

    @property
    def spells(self) -> list[Spell]:
        return [spell for log in self.logs for spell in self.known[log.lead_id].spells]


def holder(like: dict[str, Any], rows: AmendableRows, age: int) -> dict[str, Any]:
    """Return an event of somebody else, some days ago."""
    at = (rows.day - timedelta(days=age)).isoformat()
    return {**dict.fromkeys(like), "lead_id": "holder", "event": "viewed", "occurred_at": at}


def rolled(path: Path) -> Any:
    """Return what a roll-up holds, and the days that it says it was counted from."""
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT lead_id, signal, day, n FROM read_parquet('{path}') ORDER BY ALL").fetchall()
        return rows, read_head(connection, path).days


def by_value(log: LeadLog) -> LeadLog:
    """Return a log whose parts are in an order of their own."""
    parts = {
        name: tuple(sorted(getattr(log, name), key=repr)) for name in ("events", "facts", "company_facts", "outcomes")
    }
    return replace(log, lead=dict(sorted(log.lead.items())), company=dict(sorted(log.company.items())), **parts)


def without_order(known: Known) -> tuple[Any, ...]:
    """Return what is known, with the evidence of points in an order of its own.

    Of events of one moment and name without ids it is open which of them a limit leaves out; how many is not.
    """
    points = {
        name: (
            one.units,
            one.is_unknown,
            one.low,
            one.high,
            sorted((it.day, it.fate, it.worth_now) for it in one.evidence),
        )
        for name, one in known.assessment.contributions.items()
    }
    return known.spells, known.moves, known.evidence, replace(known.assessment, contributions={}), points


def is_alike(one: Spell, other: Spell) -> bool:
    return one.qualification == other.qualification


def end_of(spell: Spell) -> Any:
    return spell.ended_us, spell.ended_by, spell.ended_because, spell.reason


def is_open(spell: Spell, us: int) -> bool:
    return spell.began_us <= us and (spell.ended_us is None or us < spell.ended_us)


def moments_in(spell: Spell, until: AsOf) -> Sequence[int]:
    """Return moments at which a spell was open, an hour apart."""
    end = until.until_us if spell.ended_us is None else spell.ended_us - 1
    return range(spell.began_us, end + 1, 3_600_000_000)
