"""`leadline demo`: the main job on an invented company, in the browser (demo_app.py) or here, with a picture.

What is shown is computed here and now by the same functions as `leadline score` and `leadline explain`. picture.py draws it.
"""

import csv
import importlib.util
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from leadline.cli import show
from leadline.cli.app import PACKAGES
from leadline.cli.command import Command, option, wants_json
from leadline.cli.init import refuse_unless_free, write_starter
from leadline.cli.options import WholeNumber
from leadline.engine.problems import how_to_install

if TYPE_CHECKING:
    from leadline.engine.explanation.model import Explanation
    from leadline.engine.playbook.model import Playbook
    from leadline.engine.run import Inputs

BACK_DAYS = 120
TO_CALL = 10
APP_SIZE, TERMINAL_SIZE = 1000, 2000
CLOSED = ("opportunity", "won", "lost", "disqualified", "bad_data", "rejected")
"""Who has one of these outcomes is not called as a new lead."""

Row = dict[str, Any]


@dataclass(kw_only=True)
class Group:
    """Leads that were alike on the earlier day, and how many of them later became an opportunity."""

    title: str
    leads: int = 0
    opportunities: int = 0

    @property
    def share(self) -> float:
        """The share that became an opportunity, from 0 to 1."""
        return self.opportunities / self.leads if self.leads else 0.0


@dataclass(kw_only=True)
class Demo:
    """Everything that is shown."""

    playbook: "Playbook"
    today: str
    counts: dict[str, int]
    rows: list[Row]
    people: dict[str, dict[str, str]]
    companies: dict[str, str]
    seconds: float
    case_count: int
    failed_cases: int
    then: str = ""
    groups: list[Group] = field(default_factory=list)
    to_call: list[Row] = field(default_factory=list)
    explained: "Explanation | None" = None


@click.command(cls=Command, short_help="See it work: a year of an invented company, in the browser.")
@option("--terminal", is_flag=True, section="In the terminal",
        help="Score and explain the same data here, without a browser; also what --json gives.")  # fmt: skip
@option("--dir", "folder", metavar="DIR", type=click.Path(), section="In the terminal",
        help="Keep the playbook and the data here; a new folder. Means --terminal.")  # fmt: skip
@option(
    "--size",
    metavar="N",
    type=WholeNumber(10, 100_000),
    help="How many leads.  [default: 1000; with --terminal 2000]",
)
@option("--port", metavar="N", type=WholeNumber(0, 65535), default=8000, section="In the browser",
        help="The port; 0 takes a free one.  [default: 8000]")  # fmt: skip
@option("--fresh", is_flag=True, section="In the browser", help="Make the demo anew.")
@option("--data", metavar="DIR", type=click.Path(), section="In the browser",
        help="The folder of the demo, an installation of its own.  [default: ./leadline-demo]")  # fmt: skip
def demo(terminal: bool, folder: str | None, size: int | None, port: int, fresh: bool, data: str | None) -> None:
    """See the main job done, on a year of an invented company that ends today.

    \b
    Examples:
      leadline demo
      leadline demo --port 8080 --size 5000
      leadline demo --terminal

    Fills an installation of its own with leads, what they did and a playbook, assesses everybody, and serves the app until Ctrl-C.
    How to sign in is printed. With --terminal, or where the app is not installed, the same data is scored and explained here: where
    the leads stand, whether the grades of four months ago told who became an opportunity, whom to call first and why.
    """
    if not (terminal or folder or wants_json()):
        if has_app():
            from leadline.cli.demo_app import FOLDER, run_demo_app

            place = Path(data or FOLDER).absolute()
            run_demo_app(place, host="127.0.0.1", port=port, size=size or APP_SIZE, fresh=fresh)
            return
        show.note(f"The app is not installed; this is the demo in the terminal. With it: {how_to_install('web')}")
    size = size or TERMINAL_SIZE
    with _place(folder) as there:
        with show.progress() as tell:
            found = run_demo(there, size, tell)
        if wants_json():
            show.record(to_record(found, folder))
            return
        from leadline.cli.picture import draw

        draw(found, folder)


def has_app() -> bool:
    """Return whether the packages of the app are here."""
    return all(importlib.util.find_spec(name) is not None for name in PACKAGES)


@contextmanager
def _place(folder: str | None) -> Iterator[Path]:
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="leadline-demo-") as made:
            yield Path(made) / "demo"
        return
    target = Path(folder)
    refuse_unless_free(target)
    if target.exists():
        target.rmdir()
    yield target


def run_demo(folder: Path, size: int, tell: show.Tell) -> Demo:
    """Write the data, run the cases, score today and four months ago, and explain the lead to call first."""
    from leadline.engine.cases.run import run_cases
    from leadline.engine.data_check import check
    from leadline.engine.explain import explain
    from leadline.engine.playbook.load import load_playbook
    from leadline.engine.problems import ProblemsError
    from leadline.engine.run import Inputs

    tell("Inventing a year of a company", None)
    today = write_starter(folder, leads=size, name=folder.name)
    data = folder / "data"
    tables = {name: _read(data / f"{name}.csv") for name in ("leads", "companies", "outcomes")}
    inputs = Inputs(
        leads=data / "leads.csv",
        companies=data / "companies.csv",
        events=data / "events.csv",
        facts=data / "facts.csv",
        outcomes=data / "outcomes.csv",
    )
    playbook, _ = load_playbook(folder / "playbook.toml")

    tell("Checking the playbook", None)
    if errors := [one for one in check(playbook) if one.severity == "error"]:
        raise ProblemsError(errors)
    cases = run_cases(playbook)

    tell("Scoring", None)
    started = perf_counter()
    rows = _score(playbook, inputs, today)
    seconds = perf_counter() - started

    tell(f"Scoring as of {BACK_DAYS} days ago", None)
    then = (date.fromisoformat(today) - timedelta(days=BACK_DAYS)).isoformat()
    groups = later_opportunities(_score(playbook, inputs, then), tables["leads"], tables["outcomes"], then)
    to_call = whom_to_call(playbook, rows, tables["outcomes"])

    tell("Explaining", None)
    explained = explain(playbook, inputs, [to_call[0]["lead_id"]], as_of=today) if to_call else []
    return Demo(
        playbook=playbook,
        today=today,
        counts={name: _count_rows(data / f"{name}.csv") for name in inputs.paths()},
        rows=rows,
        people={row["lead_id"]: row for row in tables["leads"]},
        companies={row["company_id"]: row["name"] for row in tables["companies"]},
        seconds=seconds,
        case_count=len(cases),
        failed_cases=sum(not one.passed for one in cases),
        then=then,
        groups=groups,
        to_call=to_call,
        explained=explained[0] if explained else None,
    )


def _score(playbook: "Playbook", inputs: "Inputs", as_of: str) -> list[Row]:
    from leadline.engine.assess import score

    with score(playbook, inputs, as_of=as_of) as scoring:
        return list(scoring.rows())


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _count_rows(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file) - 1


def later_opportunities(rows: Sequence[Row], leads: Sequence[Row], outcomes: Sequence[Row], then: str) -> list[Group]:
    """Group the leads of an earlier day by their grade of that day, with what became of them afterwards.

    Only what was known on that day went into the grades. Who was excluded or had had an opportunity by then is left out.
    """
    groups = {
        "12": Group(title="A or B, and interested (1, 2)"),
        "3": Group(title="A or B, getting warm (3)"),
        "4": Group(title="A or B, quiet (4)"),
        "CD": Group(title="C or D"),
    }
    there = {row["lead_id"] for row in leads if row["created_at"][:10] <= then}
    opportunities = [row for row in outcomes if row["outcome"] == "opportunity"]
    before = {row["lead_id"] for row in opportunities if row["at"][:10] <= then}
    after = {row["lead_id"] for row in opportunities if row["at"][:10] > then}
    for row in rows:
        if row["lead_id"] not in there - before or row["excluded_by"] or not row["grade"]:
            continue
        fit, engagement = row["grade"]
        key = "CD" if fit in "CD" else "12" if engagement in "12" else engagement
        groups[key].leads += 1
        groups[key].opportunities += row["lead_id"] in after
    return list(groups.values())


def whom_to_call(playbook: "Playbook", rows: Sequence[Row], outcomes: Sequence[Row]) -> list[Row]:
    """Return the leads to call first: qualified and still open, those with the highest scores in front."""
    done = {row["lead_id"] for row in outcomes if row["outcome"] in CLOSED}
    levels = [level.id for level in playbook.qualifications]
    is_open = [row for row in rows if row["lead_id"] not in done and any(row[level] for level in levels)]
    return sorted(is_open, key=lambda row: (-sum(row[score] for score in playbook.grade), row["lead_id"]))[:TO_CALL]


def to_record(found: Demo, folder: str | None) -> Row:
    """Return the demo as values that JSON knows."""
    return {
        "folder": folder,
        "today": found.today,
        "rows": found.counts,
        "seconds": round(found.seconds, 3),
        "cases": {"passed": found.case_count - found.failed_cases, "failed": found.failed_cases},
        "grades": dict(sorted(Counter(row["grade"] for row in found.rows if row["grade"]).items())),
        "qualified": {one.id: sum(bool(row[one.id]) for row in found.rows) for one in found.playbook.qualifications},
        "then": found.then,
        "later_opportunities": [
            {"group": one.title, "leads": one.leads, "opportunities": one.opportunities} for one in found.groups
        ],
        "to_call": found.to_call,
        "explanation": found.explained.to_dict() if found.explained else None,
    }
