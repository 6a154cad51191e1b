"""A meeting as a file that calendars take (RFC 5545)."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from leadline.web.handoff.actions.meetings import Meeting
from leadline.web.handoff.models import HandOff

_LONGEST_LINE = 74


def meeting_file(handoff: HandOff, meeting: Meeting, address: str) -> str:
    """Return a meeting as the text of an .ics file: who books it invites the lead; what was cancelled takes it out of the calendar.

    The lead reads with whom it is, and no address of ours. address: of the lead's page, where it leads if nobody is invited.
    """
    step = meeting.step
    begins = datetime.fromisoformat(step.said["at"])
    ends = begins + timedelta(minutes=step.said["minutes"])
    who = handoff.lead.label + (f", {handoff.lead.company}" if handoff.lead.company else "")
    by, email = step.by or handoff.owner, handoff.lead.email
    is_invited = bool(by and email)
    summary = f"Meeting: {who}, with {by}, {handoff.workspace}" if is_invited else f"Meeting with {who}"
    method = "CANCEL" if meeting.is_cancelled else "REQUEST" if is_invited else "PUBLISH"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Leadline//Hand-off//EN",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:meeting-{meeting.id}@leadline",
        f"SEQUENCE:{meeting.sequence}",
        f"STATUS:{'CANCELLED' if meeting.is_cancelled else 'CONFIRMED'}",
        f"DTSTAMP:{_moment(meeting.last.undone_at or meeting.last.at)}",
        f"DTSTART:{_moment(begins)}",
        f"DTEND:{_moment(ends)}",
        f"SUMMARY:{_text(summary)}",
        f"LOCATION:{_text(step.said.get('place', ''))}",
        *([] if is_invited else [f"URL:{_text(address)}"]),
        *([f"ORGANIZER;CN={_name(str(by))}:{_mail(by.email)}"] if by else []),
        *(
            [f"ATTENDEE;CN={_name(handoff.lead.label)};ROLE=REQ-PARTICIPANT;RSVP=TRUE:{_mail(email)}"]
            if by and email
            else []
        ),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join(part for line in lines for part in _folded(line)) + "\r\n"


def _name(text: str) -> str:
    """Return a name as the value of a parameter, which can hold no quotation marks."""
    plain = "".join(" " if sign.isspace() else sign for sign in text if sign.isprintable() or sign.isspace())
    return '"' + plain.replace('"', "'") + '"'


def _mail(address: str) -> str:
    return "mailto:" + quote(address, safe="@+-._~!$&'*/=?^{|}")


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
