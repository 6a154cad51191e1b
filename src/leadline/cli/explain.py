"""`leadline explain`: why a lead is assessed as it is."""

from typing import Any

import click

from leadline.cli import show
from leadline.cli.command import Command, option, wants_json
from leadline.cli.options import (
    as_known_option,
    as_of_option,
    backend_option,
    input_options,
    inputs_of,
    memory_option,
    playbook_argument,
    today_in,
)


@click.command(cls=Command, short_help="Say why a lead got its scores, and what is missing.")
@playbook_argument
@click.argument("lead_ids", metavar="LEAD_ID …", nargs=-1, required=True)
@input_options(need_leads=True)
@as_of_option
@as_known_option
@option(
    "--since", metavar="T", section="Comparison", help="Say what changed since then: a date or a time, like --as-of."
)
@option(
    "--against", metavar="FILE", section="Comparison", help="Say what is different from what this other playbook says."
)
@backend_option
@memory_option
def explain(
    playbook: str,
    lead_ids: tuple[str, ...],
    as_of: str | None,
    as_known: bool,
    since: str | None,
    against: str | None,
    backend: str,
    **options: Any,
) -> None:
    """Say why leads got their scores: every criterion that earned or cost points, with its events, and what is missing.

    \b
    Examples:
      leadline explain playbook.toml ann --leads leads.csv --events events.csv
      leadline explain playbook.toml L00017 L00041 --leads leads.csv --as-of 2026-03-01 --json
      leadline explain playbook.toml ann --leads leads.csv --events events.csv --since 2026-02-01
      leadline explain playbook.toml ann --leads leads.csv --events events.csv --against old.toml

    The lines of a score add up to it, to the digit. What is unknown is shown with what would make it known, and with the
    range that the score could still take. The end says the smallest change that would let the lead enter its next qualification.

    With --since or --against it is said instead what changed, criterion by criterion, and what is behind it; that adds up too.
    """
    from leadline.engine.explain import explain as explain_leads
    from leadline.engine.explain import explain_change
    from leadline.engine.explanation.changes_text import render_difference
    from leadline.engine.explanation.text import render_text
    from leadline.engine.playbook.load import load_playbook

    memory = options.pop("memory")
    loaded, warnings = load_playbook(playbook)
    moment = as_of or today_in(loaded)
    shared: dict[str, Any] = {"as_of": moment, "as_known": as_known, "backend": backend, "memory": memory}
    inputs = inputs_of(options)
    with show.progress() as tell:
        tell("Reading what is known", None)
        if since is None and against is None:
            found = explain_leads(loaded, inputs, lead_ids, **shared)
            record = {"explanations": [one.to_dict() for one in found]}
            texts = [render_text(one) for one in found]
        else:
            changed = explain_change(loaded, inputs, lead_ids, since=since, against=against, **shared)
            record = {"differences": [one.to_dict() for one in changed]}
            texts = [render_difference(one) for one in changed]
    if wants_json():
        show.record(record)
        return
    show.problems(warnings)
    if as_of is None:
        show.note(f"As of today, {moment}. --as-of names another moment.", dim=True)
    for number, lines in enumerate(texts):
        if number:
            show.line()
        for position, text in enumerate(lines):
            is_title = position == 0 or (bool(text) and not text.startswith(" "))
            show.line(text, bold=True) if is_title else show.line(text)
