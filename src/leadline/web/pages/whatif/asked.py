"""What is asked of hand-offs before a playbook is published from a file. Loaded early, so it loads what it needs when it is asked."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadline.web.handoff.models import HandOff
    from leadline.web.playbooks.queries import Compiled

_MOST_NAMED = 10


def say_withdrawing(workspace_id: int, after: "Compiled") -> Sequence[str]:
    """Return how many open hand-offs a text would withdraw, and whose they are; nothing where it withdraws none."""
    from leadline.web.pages.whatif.withdrawing import show_withdrawing

    shown = show_withdrawing(workspace_id, after)
    if shown is None:
        return ()
    if shown.found is None:
        return ["Which hand-offs would be withdrawn cannot be told: Leadline made a mistake. Please report it."]
    some = [rows for rows in (shown.found.waiting, shown.found.claimed) if rows]
    said = [f"{text} {_names(rows)}" for text, rows in zip(shown.says, some, strict=True)]
    if said and not shown.found.is_all:
        said.append(f"Looked at: the {shown.found.looked_at:,} most urgent of those that are open.")
    return said


def _names(rows: Sequence["HandOff"]) -> str:
    named = [str(one.lead) for one in rows[:_MOST_NAMED]]
    more = len(rows) - len(named)
    return ", ".join([*named, f"and {more:,} more"] if more else named) + "."
