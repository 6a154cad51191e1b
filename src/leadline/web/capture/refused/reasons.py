"""Why something was refused, in plain words, and how to mend it. The codes are stable; docs/tracking.md lists them.

What is found in a single case stands in the row's own detail. tests/web/capture/refused/test_reasons.py holds the table to the code.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in words: what it means, what to do, and whether sending it again can be of any use."""

    title: str
    mend: str
    can_be_mended: bool = True


_SENDER = "Have whoever sends it mend it; mend this one here and send it again."
REASONS: dict[str, Reason] = {
    # -- the whole request
    "unreadable-json": Reason("It is no JSON", "Often it was cut off on the way. Complete it here and send it again."),
    "unreadable-gzip": Reason(
        "Its compression is broken",
        "It cannot be mended here. The client was told, and may have it still.",
        can_be_mended=False,
    ),
    "no-batch": Reason("The request has no batch", 'A request to /v1/batch is {"batch": [ … ]}.'),
    "request-too-large": Reason(
        "The request is too large", "Have the client send smaller batches, or raise LEADLINE_MOST_BATCH_BYTES."
    ),
    "too-many-events": Reason(
        "Too many events at once", "Have the client send smaller batches, or raise LEADLINE_MOST_BATCH_EVENTS."
    ),
    # -- one event: its JSON
    "event-too-large": Reason(
        "The event is too large", "Leave out what nobody reads, or raise LEADLINE_MOST_EVENT_BYTES and replay."
    ),
    "too-deep": Reason("It is nested too deeply", "Properties are read one level deep. Send it flatter."),
    "not-a-number": Reason("NaN or Infinity stands for a number", "Write null, or the number that was meant."),
    "number-out-of-range": Reason("A number is beyond all measure", "Write the number that was meant."),
    "nul-character": Reason("It contains a NUL character", "Take \\u0000 out."),
    "broken-text": Reason("A text is no proper Unicode", "Take out the half characters, or send it as UTF-8."),
    "not-an-object": Reason("The event is no object", _SENDER),
    # -- one event: what it says
    "unknown-type": Reason("Its type is unknown", "type is track, page, screen, identify, group or alias."),
    "nobody": Reason("It says about nobody", "Add userId or anonymousId."),
    "no-event-name": Reason("The event has no name", "A track call needs event, with letters or digits."),
    "event-name-too-long": Reason(
        "The event's name is too long", "255 characters at most. Put what varies into properties."
    ),
    "no-previous-id": Reason("The alias has no previousId", "Say who it was before."),
    "no-group-id": Reason("The group has no groupId", "Say which company it is."),
    "unreadable-date": Reason("Its date cannot be read", "Write it as 2026-03-02T09:00:00.000Z."),
    "date-out-of-range": Reason(
        "Its date is impossible", "Dates begin in the year 2000. Often a clock is wrong and sentAt is missing."
    ),
    # -- ours
    "cannot-be-stored": Reason(
        "Leadline failed at it", "This is a defect of Leadline, not of the event. Replay it after an update."
    ),
    "unreadable-delivery": Reason(
        "Leadline failed at reading it", "This is a defect of Leadline. Replay it after an update."
    ),
}


def reason_of(code: str) -> Reason:
    """Return a reason in words; one that is not listed (of a form, a mail provider) in those of its code."""
    return REASONS.get(code) or Reason(code.replace("-", " ").replace("_", " ").capitalize(), _SENDER)
