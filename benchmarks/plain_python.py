"""Leadline's plain-Python evaluator, alone: from roll-up rows in a text file, without any package.

python -m benchmarks.plain_python export SIZE FOLDER ROLLUP.parquet    (not measured: text files of leads and rows, by lead)
python -m benchmarks.plain_python batch SIZE FOLDER OUT.csv            every lead
python -m benchmarks.plain_python one SIZE FOLDER                      one lead at a time: p50, p99 and the heaviest, in µs
"""

import csv
import json
import sys
import time
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.moment import AS_OF
from leadline.engine.calendar import day_number, get_zone
from leadline.engine.catalog import Catalog, FieldSpec
from leadline.engine.compiler.plan import make_plan
from leadline.engine.online.assessor import LeadState, OnlineAssessor
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import load_playbook
from leadline.engine.reference.cells import CellReader

TYPES = {
    "employees": "number",
    "revenue": "number",
    "budget_amount": "number",
    "growth": "number",
    "free_mail": "boolean",
    "has_phone": "boolean",
    "created_on": "date",
    "contract_end": "date",
}
SAMPLE = 20_000


def export(folder: Path, leads: Path, rollup: Path) -> None:
    """Write leads.csv and rows.csv in the order of the leads, for a program that reads no Parquet."""
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    database = duckdb.connect()
    database.execute(f"COPY (FROM '{leads}' ORDER BY lead_id) TO '{folder / 'leads.csv'}'")
    rows = f"SELECT lead_id, signal, day, n FROM '{rollup}' ORDER BY lead_id, day"
    database.execute(f"COPY ({rows}) TO '{folder / 'rows.csv'}' (HEADER false)")


def open_assessor(header: list[str]) -> tuple[OnlineAssessor, CellReader]:
    """Return what assesses a lead, for leads with these columns."""
    playbook, _ = load_playbook(Path(__file__).parent / "playbook.toml")
    fields = {name: FieldSpec(TYPES.get(name, "text")) for name in header if name != "lead_id"}  # type: ignore[arg-type]
    bound, _ = bind_playbook(playbook, Catalog(lead=fields))
    zone = get_zone(playbook.timezone)
    assessor = OnlineAssessor(make_plan(bound), zone.end_of_day(day_number(date.fromisoformat(AS_OF))))
    return assessor, CellReader(zone=zone, naive_zone=get_zone("UTC"))


def states(folder: Path) -> Iterator[tuple[OnlineAssessor, str, LeadState]]:
    """Yield each lead with its rows: two files read side by side, of which never more than one lead is in memory."""
    with (folder / "leads.csv").open(newline="") as leads_file, (folder / "rows.csv").open(newline="") as rows_file:
        leads = csv.reader(leads_file)
        header = next(leads)
        assessor, cells = open_assessor(header)
        specs = assessor.plan.bound.catalog.lead
        places = [
            (header.index(field.name), specs[field.name]) if field.name in header else None for field in assessor.fields
        ]
        read: dict[tuple[int, str], Any] = {}
        rows = groupby(csv.reader(rows_file), key=lambda row: row[0])
        of, found = next(rows, (None, iter(())))
        for lead in leads:
            fields = []
            for place in places:
                if place is None:
                    fields.append(None)
                    continue
                at, spec = place
                key = (at, lead[at])
                if key not in read:
                    if len(read) > 50_000:
                        read.clear()
                    read[key] = cells.value(lead[at], spec)
                fields.append(read[key])
            while of is not None and int(of) < int(lead[0]):
                of, found = next(rows, (None, iter(())))
            own = [(int(signal), int(day), int(n)) for _, signal, day, n in found] if of == lead[0] else []
            own = [row for row in own if row[1] <= assessor.as_of.day]
            yield assessor, lead[0], LeadState(fields=fields, rows=own)


def batch(folder: Path, out: Path) -> None:
    """Assess every lead."""
    with out.open("w", newline="") as file:
        writer = csv.writer(file)
        for number, (assessor, lead_id, lead) in enumerate(states(folder)):
            if number == 0:
                writer.writerow(["lead_id", *assessor.columns, "reasons"])
            writer.writerow([lead_id, *assessor.assess_row(lead)])


def one(folder: Path) -> None:
    """Print how long one assessment takes, over every fiftieth lead and the one with the most rows."""
    kept: list[LeadState] = []
    heaviest: LeadState | None = None
    for number, (opened, _, lead) in enumerate(states(folder)):
        assessor = opened
        if number % 50 == 0 and len(kept) < SAMPLE:
            kept.append(lead)
        if heaviest is None or len(list(lead.rows)) > len(list(heaviest.rows)):
            heaviest = lead
    assert heaviest is not None

    def microseconds(lead: LeadState) -> float:
        start = time.perf_counter_ns()
        assessor.assess_row(lead)
        return (time.perf_counter_ns() - start) / 1000

    times = sorted(microseconds(lead) for lead in kept)
    worst = sorted(microseconds(heaviest) for _ in range(9))[4]
    shown = {"p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100], "heaviest": worst}
    print(json.dumps({name: round(value, 1) for name, value in shown.items()} | {"rows": len(list(heaviest.rows))}))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["export", size, folder, rollup]:
            from benchmarks.generate import generate

            export(Path(folder), generate(float(size)).leads, Path(rollup))
        case ["batch", _, folder, out]:
            batch(Path(folder), Path(out))
        case ["one", _, folder]:
            one(Path(folder))
