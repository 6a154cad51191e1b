"""What can be undone from where one is: what one has just done, else the last thing that one did with the lead that is shown."""

from dataclasses import dataclass
from datetime import datetime

from leadline.web.accounts.models import Membership
from leadline.web.accounts.roles import WORKERS
from leadline.web.handoff.actions import find_undoable
from leadline.web.handoff.models import HandOff, Step
from leadline.web.pages.playbook_words import PlaybookWords
from leadline.web.pages.queue.said import say_act
from leadline.web.shell.numbers import whole_number


@dataclass(frozen=True, slots=True)
class UndoBar:
    """The line that offers to undo. step: None where there is nothing. has_key: whether `u` undoes it, or only who presses it.

    nothing: what is said where there is nothing to undo with `u`.
    """

    step: Step | None
    text: str
    has_key: bool
    nothing: str


def find_done(text: str | None, member: Membership, *, now: datetime) -> Step | None:
    """Return what somebody has just done, by its number in an address; None where it is not theirs, or can be undone no more."""
    pk = whole_number(text)
    if pk is None or member.role not in WORKERS:
        return None
    steps = Step.objects.filter(workspace=member.workspace_id, by=member.user_id, undone_at=None, pk=pk)
    step = steps.select_related("handoff__lead").first()
    if step is None or find_undoable(step.handoff, member.user, now=now) != step:
        return None
    return step


def undo_bar(
    shown: HandOff | None,
    done: Step | None,
    words: PlaybookWords,
    member: Membership,
    *,
    now: datetime,
    moved: bool = False,
) -> UndoBar:
    """Return what the line offers.

    Args:
        shown: the hand-off that is shown.
        done: what was just done, perhaps with another.
        words: of the live playbook.
        member: who looks.
        now: as of when.
        moved: whether they went on to another lead since they did it; then the key undoes what is of that lead, or nothing.
    """
    nothing = f"There is nothing of yours to undo at {shown.lead}." if shown else "There is nothing of yours to undo."
    own = find_undoable(shown, member.user, now=now) if shown and member.role in WORKERS else None
    if own is not None and shown is not None:
        own.handoff = shown
    step = (own or done) if moved else (done or own)
    has_key = step is not None and (not moved or step == own)
    return UndoBar(step, say_act(step, words) if step else "", has_key, nothing)
