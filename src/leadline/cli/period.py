"""Options of commands that look at a stretch of time: from when to when, how much work there is room for, how long one waits.

Only the command line reads a clock: without ``--to`` a stretch ends with the data, and at most today. tests/cli/test_whatif.py tries them.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from leadline.cli.command import option
from leadline.cli.options import today_in
from leadline.engine.arithmetic import read_duration

if TYPE_CHECKING:
    from leadline.engine.playbook.model import Playbook
    from leadline.engine.run import Inputs

F = TypeVar("F", bound=Callable[..., Any])

PERIOD = "Period"
HORIZON = "90d"


def period_options(command: F) -> F:
    """Add ``--from`` and ``--to``, which arrive as *start* and *end*: texts, or None where not given."""
    until = "The last day, all of it.  [default: the day of the last dated row, and at most today]"
    command = option("--to", "end", metavar="DAY", section=PERIOD, help=until)(command)
    since = "The first day.  [default: the day of the first dated row]"
    return option("--from", "start", metavar="DAY", section=PERIOD, help=since)(command)


def outcomes_to_option(command: F) -> F:
    """Add ``--outcomes-to``: to when outcomes are known, a text or None."""
    text = "The last day of which outcomes are known.  [default: the day of the last one, and at most --to]"
    return option("--outcomes-to", metavar="DAY", section=PERIOD, help=text)(command)


def capacity_option(command: F) -> F:
    """Add ``--capacity``: how many hand-offs can be worked, such as ``120/week``."""
    text = "How many hand-offs can be worked in a week, such as 120/week."
    return option("--capacity", metavar="N/week", section=PERIOD, help=text)(command)


def horizon_option(command: F) -> F:
    """Add ``--horizon``, which arrives as *horizon_days*, a number of days."""
    text = "How long after a beginning an outcome still counts, in days or weeks; what is younger is shown apart."
    return option(
        "--horizon",
        "horizon_days",
        metavar="D",
        default=HORIZON,
        show_default=True,
        section=PERIOD,
        help=text,
        callback=_read_days,
    )(command)


def _read_days(context: click.Context, parameter: click.Parameter, value: str) -> int:
    days = read_duration(value)
    if days is None:
        raise click.BadParameter(f"'{value}' is no length of time: write days or weeks, such as 90d or 12w.")
    return days


def period_of(options: dict[str, Any], playbook: "Playbook", inputs: "Inputs") -> "dict[str, Any]":
    """Return *start* and *end* as a run takes them. Without ``--to`` it is today, or the day of the last dated row before."""
    from leadline.engine.comparison.period import find_period

    if options["end"] is not None:
        return {"start": options["start"], "end": options["end"]}
    start, end = find_period(
        playbook,
        inputs,
        start=options["start"],
        end=today_in(playbook),
        backend=options["backend"],
        memory=options["memory"],
    )
    return {"start": start, "end": end}
