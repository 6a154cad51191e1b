"""`leadline verify`: does what is stored follow from the log?"""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from leadline.cli import show
from leadline.cli.app import data_option, setup_app
from leadline.cli.command import FOUND, Command, option, wants_json
from leadline.cli.workspaces import find_workspaces, workspace_option

if TYPE_CHECKING:
    from leadline.web.accounts.models import Workspace
    from leadline.web.operations.verify import Verified

LONGEST_WAIT_SECONDS = 600
MOST_SHOWN = 200


@click.command(cls=Command, short_help="Compute everything again from the log, and compare with what is stored.")
@option("--repair", is_flag=True, help="Put right what does not agree: the worker assesses those leads anew.")
@option("--wait", is_flag=True, help="Wait until nobody waits to be assessed, at most ten minutes.")
@option("--naive", is_flag=True, help="Find spells by looking at every moment there is: slow, and the last word.")
@workspace_option
@data_option
def verify(repair: bool, wait: bool, naive: bool, workspace: str | None, data: str | None) -> None:
    """Compute every assessment, spell and stage move again from the log, and compare it with what is stored.

    \b
    Examples:
      leadline verify
      leadline verify --wait --json
      leadline verify --repair

    Each lead is computed for the moment at which it was assessed, by another way than the one that stored it. Leads that wait to be
    assessed are counted and left out. Also compared: whose rows are whose by the merges that stand, and the columns of lists.
    Exits with 1 when something does not agree, and names it, lead by lead.
    """
    setup_app(data)
    from leadline.web.operations import verify as verifying

    is_clean, records = True, []
    for one in find_workspaces(workspace):
        if wait:
            _wait(one)
        with show.progress() as tell:
            found = verifying.verify(one, naive=naive, tell=tell)
        is_clean &= found.is_clean
        again = verifying.repair(one, found, now=datetime.now(UTC)) if repair and not found.is_clean else 0
        records.append(_record(one, found, again))
        if not wants_json():
            _tell(one, found, again, repair)
    if wants_json():
        show.record({"clean": is_clean, "workspaces": records})
    click.get_current_context().exit(0 if is_clean else FOUND)


def _wait(workspace: "Workspace") -> None:
    """Wait until no lead of a workspace is due."""
    from leadline.web.leads.models import Lead

    ends = time.monotonic() + LONGEST_WAIT_SECONDS
    waiting = Lead.objects.filter(workspace=workspace, due_at__isnull=False, merged_into=None)
    while waiting.exists() and time.monotonic() < ends:
        time.sleep(0.5)


def _record(workspace: "Workspace", found: "Verified", again: int) -> dict[str, object]:
    return {
        "workspace": workspace.slug,
        "checked": found.checked,
        "waiting": found.waiting,
        "mismatches": [one.to_dict() for one in found.mismatches],
        "assessed_again": again,
    }


def _tell(workspace: "Workspace", found: "Verified", again: int, repair: bool) -> None:
    for one in found.mismatches[:MOST_SHOWN]:
        show.line(str(one))
    if len(found.mismatches) > MOST_SHOWN:
        show.line(f"… and {len(found.mismatches) - MOST_SHOWN:,} more; --json has them all")
    left_out = f", {show.counted(found.waiting, 'lead')} left out, which wait to be assessed" if found.waiting else ""
    what = (
        "all as it follows from the log"
        if found.is_clean
        else show.counted(len(found.mismatches), "mismatch", "mismatches")
    )
    text = f"{workspace.slug}: {show.counted(found.checked, 'assessment')} computed again{left_out}: {what}"
    show.line(text, bold=True, fg="green" if found.is_clean else "red")
    if again:
        show.note(f"{show.counted(again, 'lead')} will be assessed anew by the worker; then verify again.")
    elif not found.is_clean and not repair:
        show.note("`leadline verify --repair` puts it right. Please report it: it should not happen.")
