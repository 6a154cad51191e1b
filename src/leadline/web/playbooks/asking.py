"""What is asked before a playbook is published from a file: names that never come in, and what other apps know that it would do.

An app that stands above this one says with `also_ask` what it would do to what that app keeps. tests/web/playbooks/test_unseen.py guards
the names, tests/web/pages/whatif/test_withdrawing.py what hand-offs say.
"""

from collections.abc import Callable, Sequence

from leadline.web.accounts.models import Workspace
from leadline.web.playbooks.queries import Compiled
from leadline.web.playbooks.unseen import find_unseen

Asker = Callable[[int, Compiled], Sequence[str]]
_askers: dict[str, Asker] = {}


def also_ask(name: str, ask: Asker) -> None:
    """Add what is asked: *ask* is given the workspace's id and the playbook, and returns sentences. Of one name there is one."""
    _askers[name] = ask


def find_questions(workspace: Workspace, compiled: Compiled) -> list[str]:
    """Return what somebody has to have read before a playbook is published from a file; nothing where all is as usual."""
    found = [one.text for one in find_unseen(workspace, compiled)]
    for ask in _askers.values():
        found += ask(workspace.pk, compiled)
    return found
