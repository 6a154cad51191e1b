"""What the reference says of a scenario: the cells that every engine must give, to the digit."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tests.strategies import Scenario, as_datetime

from leadline.engine.arithmetic import POINT, points_text
from leadline.engine.calendar import AsOf, day_number, get_zone, instant_of
from leadline.engine.lifecycle.history import assess_in_time, history
from leadline.engine.playbook.check import BoundPlaybook, bind_playbook, output_columns
from leadline.engine.playbook.load import read_playbook
from leadline.engine.reference.assess import largest_contributions
from leadline.engine.reference.infer import infer_catalog
from leadline.engine.reference.log import LeadLog
from leadline.engine.reference.read import LeftOut, read_logs
from leadline.engine.reference.result import Assessment

Cells = dict[str, Any]


@dataclass(frozen=True)
class Expected:
    """The answer of the reference: one row of cells a lead, in order, and what was left out while reading."""

    bound: BoundPlaybook
    as_of: AsOf
    logs: list[LeadLog]
    rows: list[Cells]
    left_out: LeftOut


def ask_reference(scenario: Scenario) -> Expected:
    """Return what the reference says.

    Raises:
        ProblemsError: the playbook cannot be used with this data.
    """
    playbook, _ = read_playbook(scenario.playbook)
    bound, _ = bind_playbook(playbook, infer_catalog(playbook, scenario.tables))
    as_of = read_as_of(scenario.as_of, playbook.timezone)
    found = read_logs(bound, scenario.tables, naive_zone=scenario.naive_zone)
    rows = [to_cells(bound, assess_in_time(bound, log, as_of, as_known=scenario.as_known)) for log in found.logs]
    left_out = {**found.left_out, **(found.without_arrival if scenario.as_known else {})}
    return Expected(bound, as_of, found.logs, rows, left_out)


def ended_spells(bound: BoundPlaybook, log: LeadLog, as_of: AsOf) -> dict[str, int]:
    """Return how many spells of each qualification had ended before a moment, by the naive history."""
    closed = [one for one in history(bound, log, as_of).spells if one.ended_us is not None]
    return dict(Counter(one.qualification for one in closed if one.ended_us != as_of.until_us))


def read_as_of(text: str, zone: str) -> AsOf:
    """Return a moment from a date (all of that local day) or an instant."""
    if len(text) == 10:
        return get_zone(zone).end_of_day(day_number(date.fromisoformat(text)))
    return get_zone(zone).moment(instant_of(as_datetime(text)))


def to_cells(bound: BoundPlaybook, found: Assessment) -> Cells:
    """Return an assessment as one row of the result."""
    playbook = bound.playbook
    cells: Cells = dict.fromkeys(output_columns(playbook, contributions=True))
    cells |= {"lead_id": found.lead_id, "as_of": found.as_of.text, "excluded_by": found.excluded_by}
    if not found.has_consent:
        return cells
    for score, result in found.scores.items():
        cells |= {
            score: points(result.units),
            f"{score}_low": points(result.low),
            f"{score}_high": points(result.high),
            f"{score}_coverage": points(result.coverage),
        }
    cells |= {"grade": found.grade, "persona": found.persona, **found.qualifications, **found.answers}
    cells |= {f"{name}_stay": holds for name, holds in found.stays.items()}
    cells |= {f"c_{name}": points(one.units) for name, one in found.contributions.items()}
    reasons = largest_contributions(found)
    cells["reasons"] = " ".join(f"{one.criterion_id}:{points_text(one.units)}" for one in reasons)
    return cells


def points(units: int | None) -> Decimal | None:
    """Return ten-thousandths as points."""
    return None if units is None else (Decimal(units) / POINT).quantize(Decimal("0.0001"))


def compare(expected: Iterable[Mapping[str, Any]], found: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a line for each cell in which two results differ, or whose type does."""
    ours = {str(row["lead_id"]): row for row in expected}
    theirs = list(found)
    lines = []
    if [row["lead_id"] for row in theirs] != list(ours):
        lines.append(f"leads: expected {list(ours)}, found {[row['lead_id'] for row in theirs]}")
    for row in theirs:
        wanted = ours.get(str(row["lead_id"]), row)
        if list(wanted) != list(row):
            lines.append(f"columns: expected {list(wanted)}, found {list(row)}")
        for name, cell in wanted.items():
            other = row.get(name)
            if other != cell or type(other) is not type(cell):
                lines.append(f"lead {row['lead_id']!r}, {name}: expected {cell!r}, found {other!r}")
    return lines


def describe(scenario: Scenario) -> str:
    """Return a scenario for a person who has to find out why it fails."""
    tables = "\n".join(
        f"{name}:\n" + "\n".join(f"    {dict(row)}" for row in rows) for name, rows in scenario.tables.items()
    )
    known = " as known then" if scenario.as_known else ""
    return f"as of {scenario.as_of}{known}, naive zone {scenario.naive_zone}, {scenario.storage}\n{scenario.playbook}\n{tables}"
