"""What publishing a draft would do to the hand-offs that wait or are being worked now: numbers, with the leads behind them.

tests/web/pages/whatif/test_withdrawing.py guards it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from leadline.web.handoff.models import HandOff
from leadline.web.handoff.withdrawn import Withdrawing, find_withdrawing
from leadline.web.pages.playbook_words import PlaybookWords, words_of
from leadline.web.playbooks.queries import Compiled, find_live

MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class ShownSome:
    """Hand-offs under a title, the most urgent first. more: those that are not named."""

    title: str
    rows: Sequence[HandOff]
    more: int


@dataclass(frozen=True, slots=True)
class ShownWithdrawing:
    """What a page says. found: None where it cannot be told. words: of the live version, by which they wait."""

    found: Withdrawing | None
    words: PlaybookWords

    @property
    def says(self) -> Sequence[str]:
        """The numbers, as sentences."""
        if self.found is None:
            return ()
        waiting, claimed = len(self.found.waiting), len(self.found.claimed)
        said = []
        if waiting:
            raised = sum(one.is_hand_raise for one in self.found.waiting)
            many = "all" if 1 < raised == waiting else f"{raised}"
            of_them = f", {many} of them because {_they(raised)} raised a hand" if raised else ""
            waits = "waits" if waiting == 1 else "wait"
            said.append(f"{_count(waiting)} {waits} now{of_them}, and would be withdrawn.")
        if claimed:
            said.append(f"{_count(claimed)} {_is(claimed)} being worked, and would lose the reason why.")
        return said

    @property
    def lists(self) -> Sequence[ShownSome]:
        """Those that would be withdrawn, and those that are being worked."""
        if self.found is None:
            return ()
        some = (("Would be withdrawn", self.found.waiting), ("Would lose their reason", self.found.claimed))
        return [
            ShownSome(f"{title}: {len(rows)}", rows[:MOST_NAMED], max(0, len(rows) - MOST_NAMED))
            for title, rows in some
        ]


def show_withdrawing(
    workspace_id: int, after: Compiled | None, *, now: datetime | None = None
) -> ShownWithdrawing | None:
    """Return what publishing a text would withdraw; None where nothing is open, no version is live, or the text cannot be used."""
    live = find_live(workspace_id)
    if live is None or after is None:
        return None
    found = find_withdrawing(workspace_id, after, now=now or timezone.now())
    return None if found is not None and not found.looked_at else ShownWithdrawing(found, words_of(live))


def _count(number: int) -> str:
    return f"{number:,} hand-off{'' if number == 1 else 's'}"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _they(number: int) -> str:
    return "somebody" if number == 1 else "people"
