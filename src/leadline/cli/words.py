"""`leadline words`: a playbook in plain sentences."""

import click

from leadline.cli import show
from leadline.cli.command import Command, wants_json
from leadline.cli.options import playbook_argument


@click.command(cls=Command, short_help="Say a whole playbook in plain sentences.")
@playbook_argument
def words(playbook: str) -> None:
    """Say a whole playbook in plain sentences, for those who do not read the language.

    \b
    Examples:
      leadline words playbook.toml
      leadline words playbook.toml > playbook.txt
    """
    from leadline.engine.playbook.check import bind_playbook
    from leadline.engine.playbook.load import load_playbook
    from leadline.engine.playbook.words import say_playbook

    loaded, warnings = load_playbook(playbook)
    bound, more = bind_playbook(loaded)
    text = say_playbook(bound)
    if wants_json():
        show.record({"playbook": loaded.name, "file": playbook, "words": text})
        return
    show.problems([*warnings, *more])
    click.echo(text, nl=False)
