"""`leadline check`: is the playbook right, and does it fit the data?"""

from datetime import UTC, datetime
from typing import Any

import click

from leadline.cli import show
from leadline.cli.command import FOUND, UNUSABLE, Command, option, wants_json
from leadline.cli.options import backend_option, input_options, inputs_of, playbook_argument

UNREADABLE = ("unreadable-file", "unsupported-file")


@click.command(cls=Command, short_help="Find what is wrong with a playbook, alone or against your data.")
@playbook_argument
@input_options(need_leads=False)
@option("--strict", is_flag=True, help="Warnings count as problems: exit 1.")
@backend_option
def check(playbook: str, strict: bool, backend: str, **options: Any) -> None:
    """Find everything that is wrong with a playbook, each with its line and the nearest right name.

    \b
    Examples:
      leadline check playbook.toml
      leadline check playbook.toml --leads leads.csv --events events.csv
      leadline check playbook.toml --leads leads.csv --strict --json

    Alone, a playbook is checked for keys, ids, types, conditions, cycles and grades that nobody can get. With data also for
    fields and events that do not exist, texts that do not occur, conditions that hold for nobody or for everybody, and
    event criteria that never forget.

    Prints "no problems", or the problems, and exits with 1 when there is an error; with 2 when a file cannot be opened.
    """
    from leadline.engine.data_check import check as check_playbook

    if options["leads"] is None:
        for name in ("companies", "events", "facts", "outcomes"):
            if options[name] is not None:
                raise click.UsageError(f"--{name} needs --leads: what leads did says little without them.")
    inputs = inputs_of(options) if options["leads"] is not None else None
    with show.progress() as tell:
        tell("Checking", None)
        found = check_playbook(playbook, inputs, as_of=datetime.now(UTC), backend=backend)
    errors = [one for one in found if one.severity == "error"]
    warnings = len(found) - len(errors)
    if wants_json():
        records = [show.problem_record(one) for one in found]
        show.record({"playbook": playbook, "errors": len(errors), "warnings": warnings, "problems": records})
    else:
        show.problems(found, to_stdout=True)
        parts = [show.counted(len(errors), "problem")] if errors else []
        parts += [show.counted(warnings, "warning")] if warnings else []
        show.line(f"{playbook}: {' and '.join(parts) or 'no problems'}", bold=True, fg="red" if errors else "green")
    is_missing = any(one.code in UNREADABLE and not one.where for one in errors)
    found_some = bool(errors or (strict and warnings))
    click.get_current_context().exit(UNUSABLE if is_missing else FOUND if found_some else 0)
