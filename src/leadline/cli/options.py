"""Options that several commands share: where the data is, and the moment."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from leadline.cli.command import option

if TYPE_CHECKING:
    from leadline.engine.assess import Inputs
    from leadline.engine.playbook.model import Playbook

F = TypeVar("F", bound=Callable[..., Any])

TABLES = {
    "companies": "One row a company, with company_id; conditions read it as company.NAME.",
    "events": "What leads did: lead_id, event, occurred_at, and properties such as path.",
    "facts": "What became known, and when: lead_id or company_id, field, value, known_at.",
    "outcomes": "What sales reported: lead_id, outcome, at.",
}


class WholeNumber(click.IntRange):
    """A whole number between two others, called so when something else was typed."""

    name = "whole number"


def playbook_argument(command: F) -> F:
    """Add the playbook, the first argument of nearly every command."""
    return click.argument("playbook", metavar="PLAYBOOK", type=click.Path())(command)


def input_options(*, need_leads: bool) -> Callable[[F], F]:
    """Add the options that say where the data is."""

    def add(command: F) -> F:
        zone_help = "The zone of times that are written without an offset.  [default: UTC]"
        command = option("--naive-zone", metavar="ZONE", default="UTC", section="Inputs", help=zone_help)(command)
        for name, text in reversed(TABLES.items()):
            command = option(f"--{name}", metavar="FILE", section="Inputs", help=text)(command)
        leads_help = "One row a lead, with lead_id; any other column can be read by conditions."
        return option("--leads", metavar="FILE", required=need_leads, section="Inputs", help=leads_help)(command)

    return add


def as_of_option(command: F) -> F:
    """Add the moment of the assessment."""
    text = "The moment: a date (all of that day) or a time with its offset.  [default: today, in the playbook's zone]"
    return option("--as-of", metavar="T", help=text)(command)


def as_known_option(command: F) -> F:
    """Add the choice to see only what had arrived by the moment."""
    text = "Only what had arrived by then: events by received_at, facts and outcomes by recorded_at, columns by created_at."
    return option("--as-known", is_flag=True, help=text)(command)


def backend_option(command: F) -> F:
    """Add where it is computed."""
    text = "Where it is computed: duckdb (in this process), a postgresql:// address, or spark.  [default: duckdb]"
    return option("--backend", metavar="B", default="duckdb", section="Engine", help=text)(command)


def memory_option(command: F) -> F:
    """Add the limit of memory."""
    text = "The most that DuckDB may use, such as 1GB; the rest goes to a temporary folder."
    return option("--memory", metavar="SIZE", section="Engine", help=text)(command)


def inputs_of(options: dict[str, Any]) -> "Inputs":
    """Return the inputs that were named, and take their options out of *options*."""
    from leadline.engine.assess import Inputs

    names = ("leads", *TABLES, "naive_zone")
    return Inputs(**{name: options.pop(name) for name in names})


def today_in(playbook: "Playbook") -> str:
    """Return today's date where the playbook is at home. Only the command line reads a clock."""
    return datetime.now(ZoneInfo(playbook.timezone)).date().isoformat()
