"""`leadline publish`: let the app assess everybody by a playbook."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leadline.cli import show
from leadline.cli.app import data_option, setup_app
from leadline.cli.command import FOUND, Command, option, wants_json
from leadline.cli.options import playbook_argument
from leadline.cli.workspaces import get_workspace, workspace_option
from leadline.engine.problems import Problem, ProblemsError

if TYPE_CHECKING:
    from leadline.web.pages.whatif.withdrawing import ShownWithdrawing

_MOST_NAMED = 20


@click.command(cls=Command, short_help="Publish a playbook: the app assesses everybody by it.")
@playbook_argument
@option("--cases", metavar="FILE", help="Its cases.  [default: cases.toml beside the playbook, where there is one]")
@option("--note", metavar="TEXT", default="", help="What is new, for those who read the list of versions.")
@option(
    "--without-approval", metavar="REASON", default="", help="Publish it though not both sides approved, and keep why."
)
@option(
    "--dry-run", is_flag=True, help="Publish nothing: only check it, run its cases, and say what it would withdraw."
)
@workspace_option
@data_option
def publish(
    playbook: str,
    cases: str | None,
    note: str,
    without_approval: str,
    dry_run: bool,
    workspace: str | None,
    data: str | None,
) -> None:
    """Publish a playbook in the app: check it, run its cases, and assess everybody by it in the background.

    \b
    Examples:
      leadline publish playbook.toml
      leadline publish playbook.toml --note "Demo requests count for longer"
      leadline publish playbook.toml --cases more-cases.toml --workspace northwind
      leadline publish playbook.toml --dry-run
      leadline publish playbook.toml --without-approval "The form was renamed, and nobody qualifies"

    Pages show the version before until everybody has been assessed; then one step shows the new one. The worker has to be running
    (`leadline up`, or `leadline worker`). Nothing is published when a case fails: exit 1. Where both sides are named to approve, a proposal
    with exactly this text has to be approved first. Hand-offs that are open and that it withdraws are named, before with --dry-run.
    """
    setup_app(data)
    from django.db import transaction

    from leadline.engine.playbook.load import MAX_BYTES
    from leadline.engine.playbook.toml_file import read_text
    from leadline.web.pages.whatif.withdrawing import show_withdrawing
    from leadline.web.playbooks import actions
    from leadline.web.playbooks.proposals.publishing import ApprovalNeededError
    from leadline.web.playbooks.queries import compile_toml
    from leadline.web.playbooks.unseen import find_unseen

    path = Path(playbook)
    toml = read_text(path, most_bytes=MAX_BYTES, advice="a playbook")
    beside = path.with_name("cases.toml")
    case_file = Path(cases) if cases else beside if beside.is_file() else None
    told = "" if case_file is None else read_text(case_file, most_bytes=MAX_BYTES, advice="a file of cases")
    into = get_workspace(workspace)
    names = {"playbook.toml": playbook, "cases.toml": str(case_file)}
    try:
        compiled = compile_toml(toml)
        unseen = find_unseen(into, compiled)
        withdrawing = show_withdrawing(into.pk, compiled)
        if dry_run:
            with transaction.atomic():  # so that all is refused that publishing would refuse
                actions.publish(into, toml=toml, cases=told, note=note, by=None, override=without_approval)
                transaction.set_rollback(True)
            _tell_before(playbook, [one.text for one in unseen], withdrawing)
            return
        version = actions.publish(into, toml=toml, cases=told, note=note, by=None, override=without_approval)
    except ApprovalNeededError as error:
        how = 'Or publish it without: --without-approval "why it cannot wait".'
        raise ProblemsError([Problem(code="approval-needed", message=f"{error} {how}", file=playbook)]) from None
    except ProblemsError as error:
        raise ProblemsError(one.in_file(names.get(one.file, one.file)) for one in error.problems) from None
    except actions.CasesFailedError as error:
        _tell_cases(actions.CasesFailedError([replace(one, file=names[one.file]) for one in error.failed]))
        click.get_current_context().exit(FOUND)
    except actions.SamePlaybookError as error:
        if wants_json():
            show.record({"published": False, "version": error.version.number, "state": error.version.state})
        else:
            show.note(str(error))
        return
    if wants_json():
        warnings = [one.text for one in unseen]
        show.record(
            {
                "published": True,
                "version": version.number,
                "proposal": version.proposal.number,
                "state": version.state,
                "warnings": warnings,
                "withdraws": _withdraws(withdrawing),
            }
        )
    else:
        _warn([one.text for one in unseen], withdrawing)
        show.note(
            f"Version {version.number} of '{version.name}' is published; everybody is being assessed.", fg="green"
        )


def _tell_before(playbook: str, warnings: Sequence[str], withdrawing: "ShownWithdrawing | None") -> None:
    """Say what publishing would do; nothing was published."""
    if wants_json():
        show.record({"published": False, "warnings": list(warnings), "withdraws": _withdraws(withdrawing)})
        return
    _warn(warnings, withdrawing)
    show.note(f"{playbook} can be published. Nothing was: leave out --dry-run to publish it.", fg="green")


def _warn(warnings: Sequence[str], withdrawing: "ShownWithdrawing | None") -> None:
    for text in warnings:
        show.note(text, fg="yellow")
    if withdrawing is None:
        return
    if withdrawing.found is None:
        show.note(
            "Which hand-offs it withdraws cannot be told: Leadline made a mistake. Please report it.", fg="yellow"
        )
        return
    for text in withdrawing.says:
        show.note(text, fg="yellow")
    named = [*withdrawing.found.waiting, *withdrawing.found.claimed]
    for one in named[:_MOST_NAMED]:
        whose = f", of {one.owner}" if one.owner else f", for {one.team}" if one.team else ""
        show.note(f"  {one.lead} ({one.qualification}{whose})")
    if len(named) > _MOST_NAMED:
        show.note(f"  and {len(named) - _MOST_NAMED:,} more")
    if not withdrawing.found.is_all:
        show.note(f"Looked at: the {withdrawing.found.looked_at:,} most urgent of those that are open.")


def _withdraws(withdrawing: "ShownWithdrawing | None") -> dict[str, Any] | None:
    """Return the ids of the hand-offs that are withdrawn, and of those that are being worked and lose the reason why.

    None where nothing is open. is_known: whether it could be told; is_all: whether all that are open were looked at.
    """
    if withdrawing is None:
        return None
    found = withdrawing.found
    return {
        "is_known": found is not None,
        "is_all": found is not None and found.is_all,
        "waiting": [one.pk for one in found.waiting] if found else [],
        "claimed": [one.pk for one in found.claimed] if found else [],
    }


def _tell_cases(error: "Exception") -> None:
    failed = getattr(error, "failed", [])
    if wants_json():
        show.record({"published": False, "cases": [one.to_dict() for one in failed]})
        return
    for text in str(error).splitlines():
        show.line(text)
