"""What people do with hand-offs. Each is one short transaction: a conditional update, a step, and what follows from it.

taking    claim, release, assign
sharing   give several at once
working   log a call, write a note, snooze
meetings  book, move, cancel
deciding  accept, reject, recycle, disqualify, exclude, bad data: into the lead's log
undoing   take back the last thing that one did
"""

from leadline.web.handoff.actions.acting import AlreadyTakenError, ChangedError, NotPossibleError
from leadline.web.handoff.actions.deciding import decide
from leadline.web.handoff.actions.meetings import book_meeting, cancel_meeting, meetings_of, move_meeting
from leadline.web.handoff.actions.sharing import find_sharing, share_out, undo_sharing
from leadline.web.handoff.actions.taking import assign, claim, release
from leadline.web.handoff.actions.undoing import find_undoable, undo
from leadline.web.handoff.actions.working import log_call, snooze, write_note

__all__ = [
    "AlreadyTakenError",
    "ChangedError",
    "NotPossibleError",
    "assign",
    "book_meeting",
    "cancel_meeting",
    "claim",
    "decide",
    "find_sharing",
    "find_undoable",
    "log_call",
    "meetings_of",
    "move_meeting",
    "release",
    "share_out",
    "snooze",
    "undo",
    "undo_sharing",
    "write_note",
]
