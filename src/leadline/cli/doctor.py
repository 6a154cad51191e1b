"""`leadline doctor`: is this installation well, and if not, how is it mended?"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from leadline.cli import show
from leadline.cli.app import data_option, setup_app
from leadline.cli.command import FOUND, Command, wants_json

if TYPE_CHECKING:
    from leadline.web.operations.health import Finding

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command(cls=Command, short_help="Look at an installation from top to bottom, and say how to mend it.")
@data_option
def doctor(data: str | None) -> None:
    """Look at packages, folder, settings, database, worker and playbooks, and say of each whether it is well.

    \b
    Examples:
      leadline doctor
      leadline doctor --json

    Each line is ok, warn or fail, with how to mend it. The exit code is 1 when something fails. What concerns a running installation
    is also at /health.
    """
    setup_app(data, needs_tables=False)
    from leadline.web.operations.doctor import examine
    from leadline.web.operations.health import is_well

    found = examine(now=datetime.now(UTC))
    if wants_json():
        show.record({"is_well": is_well(found), "findings": [as_record(one) for one in found]})
    else:
        width = max(len(one.check) for one in found)
        for one in found:
            show.line(f"{one.state.value:<4}  {one.check:<{width}}  {one.in_full()}", fg=COLOURS[one.state.value])
            if one.mend:
                show.line(f"{'':<{width + 8}}→ {one.mend}")
    click.get_current_context().exit(0 if is_well(found) else FOUND)


def as_record(found: "Finding") -> dict[str, str]:
    """Return a finding as JSON shows it."""
    return {"check": found.check, "state": found.state.value, "says": found.in_full(), "mend": found.mend}
