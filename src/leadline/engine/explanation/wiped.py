"""Says what wiped a score: an event, or an outcome and the reason for which it was reported."""

from leadline.engine.expressions.words import say_event, say_name, say_text
from leadline.engine.playbook.model import Playbook
from leadline.engine.reference.result import LastReset


def say_wiped_by(playbook: Playbook, reset: LastReset) -> str:
    """Return what wiped a score, such as ``the outcome recycled, reason “Not now”``.

    A reason is called by its title, and as it stands in the log where the playbook has none such.
    """
    if reset.outcome is None:
        return say_event(reset.event or "")
    outcome = next((one for one in playbook.outcomes if one.id == reset.outcome), None)
    reason = None if outcome is None else outcome.find_reason(reset.reason)
    said = reset.reason if reason is None else reason.title
    return f"the outcome {say_name(reset.outcome)}" + (f", reason {say_text(said)}" if said else "")
