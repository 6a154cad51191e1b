"""`leadline score`: every lead, at one moment."""

import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from leadline.cli import show
from leadline.cli.command import Command, option, wants_json
from leadline.cli.files import check_target, replacing
from leadline.cli.options import (
    as_known_option,
    as_of_option,
    backend_option,
    input_options,
    inputs_of,
    memory_option,
    playbook_argument,
    today_in,
)

if TYPE_CHECKING:
    from leadline.engine.assess import Inputs, Scoring
    from leadline.engine.playbook.model import Playbook
    from leadline.engine.problems import Problem

MOST_ROWS = 20


@click.command(cls=Command, short_help="Score every lead: into a file, or a table on the terminal.")
@playbook_argument
@input_options(need_leads=True)
@as_of_option
@as_known_option
@option("--out", metavar="FILE", section="Results", help="Write all rows here: .csv, .jsonl or .parquet.")
@option("--contributions", is_flag=True, section="Results", help="Also what each criterion gives, as c_ID columns.")
@option(
    "--cools-on",
    is_flag=True,
    section="Results",
    help="Also since when each qualification is open, and when it cools if nothing more happens.",
)
@option(
    "--next-step", is_flag=True, section="Results", help="Also what is missing for the next qualification, in words."
)
@option(
    "--rejects", metavar="FILE", section="Results", help="Write here, as CSV, what was left out of the data and why."
)
@backend_option
@option(
    "--rollup",
    metavar="FILE",
    section="Engine",
    help="The daily roll-up, in place of --events (which is needed too where a part of a day counts).",
)
@option("--events-are-unique", is_flag=True, section="Engine", help="No event_id occurs twice; saves looking for that.")
@memory_option
def score(playbook: str, **options: Any) -> None:
    """Score, grade and qualify every lead at one moment.

    \b
    Examples:
      leadline score playbook.toml --leads leads.csv --events events.csv
      leadline score playbook.toml --leads leads.csv --events events.csv \\
          --as-of 2026-03-01 --out scores.parquet --contributions --rejects rejects.csv
      leadline score playbook.toml --leads leads.csv --rollup rollup.parquet --out scores.csv
      leadline score playbook.toml --backend postgresql://me@host/crm \\
          --leads table:crm.leads --events table:crm.events --out scores.csv

    Inputs are CSV, JSON Lines, Parquet, a table of a DuckDB file (file.duckdb#schema.table), or on a database
    table:schema.name. Without --out, a terminal gets a table of the first leads, and a pipe gets all rows as CSV.

    The columns are lead_id, as_of, the scores, for each score its _low, _high and _coverage, grade, persona, the
    qualifications, their _stay, the answers, excluded_by and reasons; with --cools-on for each qualification its _since and
    _cools_on, with --next-step the column next_step. Rows come in the order of lead_id. The same call
    twice gives the same bytes.

    What had to be left out of the data is counted on stderr; --rejects lists it. With --as-known so is what does not say
    when it arrived, which counts from when it happened.
    """
    inputs = inputs_of(options)
    out, rejects = options.pop("out"), options.pop("rejects")
    given = [playbook, *inputs.paths().values(), options["rollup"]]
    check_target(out, option="--out", inputs=[*given, rejects])
    check_target(rejects, option="--rejects", inputs=given)
    if out is not None:
        check_ending_of(out)
    started = perf_counter()
    with TemporaryDirectory() as folder:
        with scored(playbook, inputs, **options) as (scoring, found):
            if rejects is None:
                preview = compute(scoring, found, out, Path(folder))
            else:
                with replacing(rejects) as partial:
                    scoring.rejects.write(partial)
                    preview = compute(scoring, found, out, Path(folder))
        found.seconds = perf_counter() - started
        tell(found, rejects)
        deliver(found, out, Path(folder), preview)


@dataclass
class Found:
    """What is told of a run beside its rows."""

    playbook: "Playbook"
    as_of: str
    as_known: bool
    is_today: bool
    progress: show.Tell
    warnings: "list[Problem]" = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    has_rejects: bool = False
    lead_count: int = 0
    seconds: float = 0.0


@contextmanager
def scored(
    playbook: str, inputs: "Inputs", *, as_of: str | None, as_known: bool, **settings: Any
) -> "Iterator[tuple[Scoring, Found]]":
    """Score, with progress on the terminal; without a moment, at the end of today."""
    from leadline.engine.assess import score as score_leads
    from leadline.engine.inputs.rejects import REASONS
    from leadline.engine.playbook.load import load_playbook

    loaded, warnings = load_playbook(playbook)
    moment = as_of or today_in(loaded)
    with (
        show.progress() as progress,
        score_leads(loaded, inputs, as_of=moment, as_known=as_known, progress=progress, **settings) as scoring,
    ):
        found = Found(loaded, moment, as_known, as_of is None, progress, [*warnings, *scoring.warnings])
        yield scoring, found
        found.left_out, found.counts = scoring.rejects.summary(), scoring.rejects.counts()
        found.has_rejects = any(REASONS[reason].is_missing for _, reason in found.counts)
        found.lead_count = scoring.lead_count


def check_ending_of(out: str) -> None:
    """Refuse a name that says no format, before the work begins."""
    from leadline.engine.backends.columns_file import check_ending

    check_ending(Path(out))


def compute(scoring: "Scoring", found: Found, out: str | None, folder: Path) -> list[dict[str, Any]]:
    """Write all rows to *out*, or as JSON Lines or CSV into *folder*; for a terminal return the first rows instead."""
    found.progress(f"Writing {Path(out).name}" if out else "Scoring leads", None)
    if out is not None:
        scoring.write(out)
    elif wants_json():
        scoring.write(folder / "leads.jsonl")
    elif sys.stdout.isatty():
        return list(islice(scoring.rows(), MOST_ROWS))
    else:
        scoring.write(folder / "leads.csv")
    return []


def tell(found: Found, rejects: str | None) -> None:
    """Say on stderr what the playbook is warned of, what was left out, and which day was taken."""
    if wants_json():
        return
    show.problems(found.warnings)
    for text in found.left_out:
        show.note(f"{text} (see {rejects})" if rejects else text)
    if found.has_rejects and rejects is None:
        show.note("--rejects FILE lists them.", dim=True)
    if found.is_today:
        show.note(f"As of today, {found.as_of}. --as-of names another moment.", dim=True)


def deliver(found: Found, out: str | None, folder: Path, preview: list[dict[str, Any]]) -> None:
    """Bring the results to stdout, or say where they are."""
    if wants_json():
        write_json(found, out, folder / "leads.jsonl")
    elif out is not None:
        leads = show.counted(found.lead_count, "lead")
        show.note(f"Scored {leads} in {found.seconds:.1f} s: {out}", fg="green")
    elif (folder / "leads.csv").exists():
        sys.stdout.flush()
        with (folder / "leads.csv").open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
    else:
        show_preview(found, preview)


def write_json(found: Found, out: str | None, rows: Path) -> None:
    """Write one JSON document: about the run, and the leads unless they are in a file; however many there are."""
    about = {
        "as_of": found.as_of,
        "as_known": found.as_known,
        "lead_count": found.lead_count,
        "out": out,
        "left_out": [
            {"table": table, "reason": reason, "count": count} for (table, reason), count in found.counts.items()
        ],
        "warnings": [show.problem_record(one) for one in found.warnings],
    }
    if out is not None:
        show.record(about)
        return
    click.echo(f'{show.to_json(about)[:-1]}, "leads": [', nl=False)
    with rows.open(encoding="utf-8") as file:
        for number, row in enumerate(file):
            click.echo(("," if number else "") + "\n" + row.rstrip("\n"), nl=False)
    click.echo("\n]}")


def show_preview(found: Found, rows: list[dict[str, Any]]) -> None:
    """Draw the first rows, with the columns that say most."""
    playbook = found.playbook
    titles: list[tuple[str, str]] = [("lead", "left"), *((score.id, "right") for score in playbook.scores)]
    titles += [("grade", "left")] if playbook.grade else []
    titles += [("qualified", "left"), ("reasons", "wide")]
    cells = []
    for row in rows:
        line = [row["lead_id"], *(show.shown_cell(row[score.id]) for score in playbook.scores)]
        line += [show.shown_cell(row["grade"])] if playbook.grade else []
        levels = ", ".join(level.id for level in playbook.qualifications if row[level.id])
        line.append(f"no: {row['excluded_by']}" if row["excluded_by"] else levels)
        line.append(", ".join(f"{name} {points}" for name, points in reasons_of(row["reasons"])))
        cells.append(line)
    show.table(cells, titles)
    more = found.lead_count - len(rows)
    if more > 0:
        show.note(f"… and {more:,} more. --out scores.csv writes all, with every column.", dim=True)


def reasons_of(reasons: str | None) -> list[tuple[str, str]]:
    """Return the criteria that a row names as reasons, each with its points as people read them.

    >>> reasons_of("company-size:20.0000 pricing-page:-7.5310")
    [('company-size', '+20'), ('pricing-page', '-7.5')]
    """
    said = []
    for one in (reasons or "").split():
        name, _, points = one.rpartition(":")
        said.append((name, f"{float(points):+.1f}".removesuffix(".0")))
    return said
