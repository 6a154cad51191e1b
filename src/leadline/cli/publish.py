"""`leadline publish`: let the app assess everybody by a playbook."""

from dataclasses import replace
from pathlib import Path

import click

from leadline.cli import show
from leadline.cli.app import data_option, setup_app
from leadline.cli.command import FOUND, Command, option, wants_json
from leadline.cli.options import playbook_argument
from leadline.cli.workspaces import get_workspace, workspace_option
from leadline.engine.problems import Problem, ProblemsError


@click.command(cls=Command, short_help="Publish a playbook: the app assesses everybody by it.")
@playbook_argument
@option("--cases", metavar="FILE", help="Its cases.  [default: cases.toml beside the playbook, where there is one]")
@option("--note", metavar="TEXT", default="", help="What is new, for those who read the list of versions.")
@option(
    "--without-approval", metavar="REASON", default="", help="Publish it though not both sides approved, and keep why."
)
@workspace_option
@data_option
def publish(
    playbook: str, cases: str | None, note: str, without_approval: str, workspace: str | None, data: str | None
) -> None:
    """Publish a playbook in the app: check it, run its cases, and assess everybody by it in the background.

    \b
    Examples:
      leadline publish playbook.toml
      leadline publish playbook.toml --note "Demo requests count for longer"
      leadline publish playbook.toml --cases more-cases.toml --workspace northwind
      leadline publish playbook.toml --without-approval "The form was renamed, and nobody qualifies"

    Pages show the version before until everybody has been assessed; then one step shows the new one. The worker has to be running
    (`leadline up`, or `leadline worker`). Nothing is published when a case fails: exit 1. Where both sides are named to approve, a proposal
    with exactly this text has to be approved first.
    """
    setup_app(data)
    from leadline.engine.playbook.load import MAX_BYTES
    from leadline.engine.playbook.toml_file import read_text
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
        unseen = find_unseen(into, compile_toml(toml))
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
            }
        )
    else:
        for one in unseen:
            show.note(one.text, fg="yellow")
        show.note(
            f"Version {version.number} of '{version.name}' is published; everybody is being assessed.", fg="green"
        )


def _tell_cases(error: "Exception") -> None:
    failed = getattr(error, "failed", [])
    if wants_json():
        show.record({"published": False, "cases": [one.to_dict() for one in failed]})
        return
    for text in str(error).splitlines():
        show.line(text)
