"""Which sources of a workspace are believed first. The live playbook says it; that is an app above, so `flow.py` tells whom to ask."""

from collections.abc import Callable, Sequence

Ask = Callable[[int], Sequence[str]]
_ask: list[Ask] = []


def ask_for_ranks(ask: Ask) -> None:
    """Say who knows the rank of a workspace's sources, the strongest first."""
    _ask[:] = [ask]


def rank_of(workspace_id: int) -> Sequence[str]:
    """Return a workspace's sources, the strongest first; those that are not in it come last, all alike."""
    return _ask[0](workspace_id) if _ask else ()
