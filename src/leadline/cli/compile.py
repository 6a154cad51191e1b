"""`leadline compile`: the SQL of a playbook, for a warehouse of your own."""

import click

import leadline
from leadline.cli import show
from leadline.cli.command import Command, option, wants_json
from leadline.cli.options import as_of_option, playbook_argument, today_in


@click.command("compile", cls=Command, short_help="Print the SQL of a playbook for your own warehouse.")
@playbook_argument
@option(
    "--dialect",
    metavar="D",
    required=True,
    help="Such as bigquery, snowflake, databricks, clickhouse or trino.",
)
@as_of_option
def compile_(playbook: str, dialect: str, as_of: str | None) -> None:
    """Print the SQL of a playbook, for a warehouse of your own.

    \b
    Examples:
      leadline compile playbook.toml --dialect snowflake > score.sql
      leadline compile playbook.toml --dialect bigquery --as-of 2026-03-01

    The query is one SELECT whose steps have names. What a dialect cannot express is told, and the exit code is then 2.
    """
    from leadline.engine.playbook.load import load_playbook

    loaded, warnings = load_playbook(playbook)
    moment = as_of or today_in(loaded)
    sql = leadline.compile_sql(loaded, dialect=dialect, as_of=moment)
    if wants_json():
        show.record({"dialect": dialect, "as_of": moment, "sql": sql})
        return
    show.problems(warnings)
    if as_of is None:
        show.note(f"As of today, {moment}. --as-of names another moment.", dim=True)
    click.echo(sql)
