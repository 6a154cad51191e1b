"""`leadline words`: a playbook in plain sentences, or what changed in it."""

from typing import TYPE_CHECKING

import click

from leadline.cli import show
from leadline.cli.command import Command, option, wants_json
from leadline.cli.options import playbook_argument

if TYPE_CHECKING:
    from leadline.engine.playbook.check import BoundPlaybook
    from leadline.engine.problems import Problem


@click.command(cls=Command, short_help="Say a whole playbook in plain sentences, or what changed.")
@playbook_argument
@option("--since", metavar="OLD", section="Comparison", help="Say only what changed since this older playbook.")
def words(playbook: str, since: str | None) -> None:
    """Say a whole playbook in plain sentences, for those who do not read the language.

    \b
    Examples:
      leadline words playbook.toml
      leadline words playbook.toml > playbook.txt
      leadline words playbook.toml --since old.toml

    With --since it is said instead what is new, gone or otherwise in it: part by part, in a score what weighs most first. Comments,
    spacing and an order that decides nothing are no change.
    """
    from leadline.engine.playbook.changes import playbook_changes
    from leadline.engine.playbook.changes_text import render_changes
    from leadline.engine.playbook.words import say_playbook

    bound, warnings = _bind(playbook)
    if since is None:
        text = say_playbook(bound)
        if wants_json():
            show.record({"playbook": bound.playbook.name, "file": playbook, "words": text})
            return
        show.problems(warnings)
        click.echo(text, nl=False)
        return
    before, _ = _bind(since)
    changes = playbook_changes(before, bound)
    if wants_json():
        found = [change.to_dict() for change in changes]
        show.record({"playbook": bound.playbook.name, "file": playbook, "since": since, "changes": found})
        return
    show.problems(warnings)
    click.echo(render_changes(changes))


def _bind(file: str) -> "tuple[BoundPlaybook, list[Problem]]":
    from leadline.engine.playbook.check import bind_playbook
    from leadline.engine.playbook.load import load_playbook

    loaded, warnings = load_playbook(file)
    bound, more = bind_playbook(loaded)
    return bound, [*warnings, *more]
