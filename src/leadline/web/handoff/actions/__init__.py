"""What people do with hand-offs. Each is one short transaction: a conditional update, a step, and what follows from it.

taking    claim, release, assign
working   log a call, book a meeting, snooze
deciding  accept, reject, recycle, disqualify, exclude, bad data: into the lead's log
undoing   take back the last thing that one did
"""

from leadline.web.handoff.actions.acting import AlreadyTakenError, ChangedError, NotPossibleError
from leadline.web.handoff.actions.deciding import decide
from leadline.web.handoff.actions.taking import assign, claim, release
from leadline.web.handoff.actions.undoing import undo
from leadline.web.handoff.actions.working import book_meeting, log_call, snooze

__all__ = [
    "AlreadyTakenError",
    "ChangedError",
    "NotPossibleError",
    "assign",
    "book_meeting",
    "claim",
    "decide",
    "log_call",
    "release",
    "snooze",
    "undo",
]
