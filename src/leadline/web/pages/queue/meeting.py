"""A meeting as a file that calendars take (RFC 5545)."""

from datetime import UTC, datetime, timedelta

from leadline.web.handoff.models import HandOff, Step

_LONGEST_LINE = 74


def meeting_file(handoff: HandOff, address: str) -> str | None:
    """Return the last meeting that was booked as the text of an .ics file; None where none was.

    address: of the lead's page, which the meeting leads to.
    """
    step = handoff.steps.filter(kind=Step.Kind.MET, undone_at=None).order_by("-pk").first()
    if step is None:
        return None
    begins = datetime.fromisoformat(step.said["at"])
    ends = begins + timedelta(minutes=step.said["minutes"])
    who = handoff.lead.label + (f", {handoff.lead.company}" if handoff.lead.company else "")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Leadline//Hand-off//EN",
        "BEGIN:VEVENT",
        f"UID:meeting-{step.pk}@leadline",
        f"DTSTAMP:{_moment(step.at)}",
        f"DTSTART:{_moment(begins)}",
        f"DTEND:{_moment(ends)}",
        f"SUMMARY:{_text(who)}",
        f"LOCATION:{_text(step.said.get('place', ''))}",
        f"URL:{_text(address)}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join(part for line in lines for part in _folded(line)) + "\r\n"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """Return a text with the signs escaped that mean something in such a file."""
    for sign in ("\\", ";", ","):
        text = text.replace(sign, "\\" + sign)
    return "\\n".join(text.splitlines())


def _folded(line: str) -> list[str]:
    """Return a line in parts of at most 75 bytes, the later ones with a space before."""
    parts, part = [], ""
    for sign in line:
        if len((part + sign).encode()) > _LONGEST_LINE:
            parts.append(part)
            part = " "
        part += sign
    return [*parts, part]
