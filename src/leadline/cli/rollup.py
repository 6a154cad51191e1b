"""`leadline rollup`: years of events as daily counts."""

from dataclasses import asdict
from typing import Any

import click

from leadline.cli import show
from leadline.cli.command import Command, option, wants_json
from leadline.cli.files import check_target
from leadline.cli.options import memory_option, playbook_argument


@click.command(cls=Command, short_help="Build or extend the daily roll-up of the events.")
@playbook_argument
@option(
    "--events",
    metavar="FILE",
    required=True,
    section="Inputs",
    help="The events; with --extend also a stretch of whole days.",
)
@option("--naive-zone", metavar="ZONE", default="UTC", section="Inputs",
        help="The zone of times that are written without an offset.  [default: UTC]")  # fmt: skip
@option("--out", metavar="FILE", required=True, section="Results", help="The roll-up, a .parquet file.")
@option("--extend", is_flag=True, section="Results", help="Keep the days of --out that have not changed.")
@option(
    "--whole",
    is_flag=True,
    section="Results",
    help="With --extend: --events are all there are, so that nothing stays of events that are gone.",
)
@option("--events-are-unique", is_flag=True, section="Engine", help="No event_id occurs twice; saves looking for that.")
@memory_option
def rollup(playbook: str, events: str, out: str, **settings: Any) -> None:
    """Count a playbook's signals by lead and local day, so that scoring need not read all events again.

    \b
    Examples:
      leadline rollup playbook.toml --events events.parquet --out rollup.parquet
      leadline rollup playbook.toml --events today.csv --out rollup.parquet --extend
      leadline score playbook.toml --leads leads.csv --rollup rollup.parquet

    Scores from the roll-up are the same as from the events. Points, decay, limits and windows may change without building it
    anew; a criterion about other events, or with another condition on them, needs them again, and is then asked for. A roll-up
    holds whole days: to score an instant, or a playbook in which an event wipes a score, give `score` the events too.
    """
    from leadline.engine.rollup import build_rollup

    check_target(out, option="--out", inputs=[playbook, events])
    with show.progress() as tell:
        summary = build_rollup(playbook, events=events, out=out, progress=tell, **settings)
    if wants_json():
        show.record({"out": out, **asdict(summary)})
        return
    days = show.counted(summary.counted_days, "day")
    kept = f", {summary.kept_days:,} kept" if summary.kept_days else ""
    show.note(f"{out}: {days} counted{kept}, {show.counted(summary.rows, 'row')}", fg="green")
