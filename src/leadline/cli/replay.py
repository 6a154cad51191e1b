"""`leadline replay`: what a playbook would have done over a stretch of time."""

from datetime import date
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from leadline.cli import show
from leadline.cli.command import Command, option, wants_json
from leadline.cli.options import (
    as_known_option,
    backend_option,
    input_options,
    inputs_of,
    memory_option,
    playbook_argument,
)
from leadline.cli.period import period_of, period_options

if TYPE_CHECKING:
    from leadline.engine.amendments.standing import Fallen
    from leadline.engine.replay.model import Replay
    from leadline.engine.replay.summary import ReplaySummary

BARS = "▁▂▃▄▅▆▇█"
MOST_BARS = 60
MOST_FALLEN = 50


@click.command(cls=Command, short_help="Say what a playbook would have done over a stretch of time.")
@playbook_argument
@input_options(need_leads=True)
@period_options
@option("--every", type=click.Choice(["day", "week", "month"]), help="Also assess all leads at the end of each.")
@as_known_option
@option(
    "--before",
    metavar="FILE",
    section="Results",
    help="The spells of an earlier replay of the same stretch: say which qualifications no longer stand.",
)
@option("--out", metavar="FOLDER", section="Results", help="Write spells, stage moves, leads and assessments here.")
@option(
    "--format",
    "ending",
    type=click.Choice(["csv", "jsonl", "parquet"]),
    default="csv",
    show_default=True,
    section="Results",
    help="The kind of these files.",
)
@option(
    "--contributions", is_flag=True, section="Results", help="With --every: what each criterion gave, as c_ID columns."
)
@backend_option
@option("--events-are-unique", is_flag=True, section="Engine", help="No event_id occurs twice; saves looking for that.")
@memory_option
def replay(
    playbook: str, out: str | None, ending: str, contributions: bool, before: str | None, **options: Any
) -> None:
    """Replay a playbook: every qualification that began and ended, every move from stage to stage, and why.

    \b
    Examples:
      leadline replay playbook.toml --leads leads.csv --events events.csv --outcomes outcomes.csv
      leadline replay playbook.toml --leads leads.csv --events events.csv \\
          --from 2025-01-01 --to 2025-12-31 --every week --as-known --out replay --format parquet

    A lead is assessed whenever something of it happens and at the start of each day, from its first day on. Each stay in a
    qualification is a spell: when it began and why (scores, grade, criteria), when it ended and how, and what was reported of it.

    --out writes spells, moves (from stage to stage), leads (how often and how long), and with --every assessments (as score
    would have given them on those days). With --as-known nothing counts before it had arrived. --before compares with the
    spells of an earlier replay, as after a merge, or when events were found to be bots.
    """
    from leadline.engine.playbook.load import load_playbook
    from leadline.engine.replay.run import replay as replay_leads
    from leadline.engine.replay.summary import summarize
    from leadline.engine.replay.write import write_replay

    inputs = inputs_of(options)
    check_folder(out)
    check_contributions(contributions, options["every"])
    loaded, warnings = load_playbook(playbook)
    started = perf_counter()
    with show.progress() as tell:
        tell("Looking at the data", None)
        options |= period_of(options, loaded, inputs)
        found = replay_leads(loaded, inputs, details=contributions, progress=tell, **options)
        files = []
        if out is not None:
            tell("Writing files", None)
            files = write_replay(found, out, f".{ending}")
    summary = summarize(found)
    fallen = None if before is None else compare_with(before, found)
    if wants_json():
        record = {**summary.to_dict(), "files": [str(path) for path in files]}
        show.record(record if fallen is None else record | {"no_longer_stand": [fallen_record(one) for one in fallen]})
        return
    show.problems([*warnings, *found.warnings])
    tell_left_out(found)
    show_summary(summary)
    if fallen is not None:
        show_fallen(fallen)
    if files:
        names = ", ".join(path.name for path in files)
        show.note(f"Replayed in {perf_counter() - started:.1f} s: {names} in {out}", fg="green")
    else:
        show.note("--out FOLDER writes every spell with its reasons.", dim=True)


def compare_with(before: str, found: "Replay") -> "list[Fallen]":
    """Return which qualifications of an earlier replay no longer stand."""
    from leadline.engine.amendments.files import read_spells
    from leadline.engine.amendments.standing import no_longer_stand
    from leadline.engine.calendar import get_zone

    zone = get_zone(found.playbook.timezone)
    return no_longer_stand(
        read_spells(before, timezone=zone.name),
        [*found.earlier_spells, *found.spells],
        playbook=found.playbook,
        since_us=zone.first_instant(found.start.day),
    )


def fallen_record(one: "Fallen") -> dict[str, Any]:
    """Return a qualification that no longer stands as values that JSON knows."""
    from leadline.engine.calendar import instant_text

    return {
        "lead_id": one.lead_id,
        "qualification": one.qualification,
        "how": one.how,
        "began_at": instant_text(one.was.began_us),
        "was_acted_on": one.was_acted_on,
        "because": one.because,
    }


def show_fallen(fallen: "list[Fallen]") -> None:
    """List the qualifications that no longer stand, those first that somebody has acted upon."""
    show.line()
    show.line(
        f"{show.counted(len(fallen), 'qualification')} no longer as before"
        if fallen
        else "All qualifications stand as before",
        bold=True,
    )
    for one in sorted(fallen, key=lambda one: not one.was_acted_on)[:MOST_FALLEN]:
        acted = f", {one.was.outcome}" if one.was_acted_on else ""
        show.line(f"  {one.lead_id}, {one.qualification}: {one.how}{acted}. {one.because}".rstrip())
    if len(fallen) > MOST_FALLEN:
        show.note(f"… and {len(fallen) - MOST_FALLEN:,} more. --json lists all.", dim=True)


def check_folder(out: str | None) -> None:
    """Refuse a folder that cannot be one."""
    from leadline.engine.problems import Problem, ProblemsError

    if out is not None and Path(out).exists() and not Path(out).is_dir():
        message = "It is a file; name a folder, which is made if it is not there."
        raise ProblemsError([Problem(code="bad-value", message=message, where="--out", file=out)])
    if out is not None and not Path(out).resolve().parent.is_dir():
        message = f"There is no folder '{Path(out).parent}'."
        raise ProblemsError([Problem(code="bad-value", message=message, where="--out", file=out)])


def check_contributions(contributions: bool, every: str | None) -> None:
    """Refuse to write what criteria gave where nobody is assessed regularly."""
    from leadline.engine.problems import Problem, ProblemsError

    if contributions and every is None:
        message = "What each criterion gave is written with regular assessments: say with --every how often."
        raise ProblemsError([Problem(code="bad-value", message=message, where="--contributions")])


def tell_left_out(found: "Replay") -> None:
    """Say on stderr what was left out of the data."""
    for text in found.rejects.summary():
        show.note(text)


def show_summary(summary: "ReplaySummary") -> None:
    """Draw the summary: qualifications with their weeks, and the stages."""
    show.line(f"{summary.playbook}, {say(summary.start)} to {say(summary.end)}", bold=True)
    show.line(f"{show.counted(summary.leads, 'lead')}; version {summary.version}.")
    rows = []
    for one in summary.qualifications:
        ended = ", ".join(f"{count:,} {how}" for how, count in one.ended.items())
        days = "" if one.median_days is None else f"{one.median_days:g}"
        rows.append(
            [one.title, f"{one.began:,}", f"{one.leads:,}", f"{one.hand_raises:,}", f"{one.open:,}", days, ended]
        )
    show.line()
    titles = [("qualification", "left"), ("began", "right"), ("leads", "right"), ("hand raises", "right")]
    show.table(rows, [*titles, ("open", "right"), ("days", "right"), ("ended", "wide")])
    if len(summary.weeks) > 1 and any(one.began for one in summary.qualifications):
        show.line()
        show.line(f"Beginnings a week, from that of {say(summary.weeks[max(0, len(summary.weeks) - MOST_BARS)])}:")
        width = max(len(one.title) for one in summary.qualifications)
        for one in summary.qualifications:
            show.line(f"  {one.title.ljust(width)}  {bars(one.by_week[-MOST_BARS:])}  at most {max(one.by_week):,}")
    show.line()
    stages = [[one.title, f"{one.leads:,}", f"{one.forward:,}", f"{one.backward:,}"] for one in summary.stages]
    show.table(
        stages, [("stage", "left"), ("leads at the end", "right"), ("moved in", "right"), ("moved back", "right")]
    )


def say(day: str) -> str:
    """Return an ISO date as people say it."""
    from leadline.engine.calendar import day_number
    from leadline.engine.expressions.words import say_day

    return say_day(day_number(date.fromisoformat(day)))


def bars(counts: Any) -> str:
    """Return counts as a row of bars.

    >>> bars([0, 1, 4, 8])
    '▁▂▅█'
    """
    most = max(counts, default=0) or 1
    return "".join(BARS[-(-count * (len(BARS) - 1) // most)] for count in counts)
