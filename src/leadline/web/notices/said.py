"""Notices in words: who, what happened, why, until when. On pages, in mails and in channels they say the same.

Of a lead their name and their company are said, and nothing else of the person. Names are looked up when a notice is shown: what was erased
or renamed since does not stand in an old one.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from leadline.engine.playbook.model import Playbook
from leadline.web.handoff.models import HandOff
from leadline.web.notices.models import Kind, Notice, Post
from leadline.web.playbooks.queries import find_live, get_plan

_ORDINALS = {2: "Second", 3: "Third", 4: "Fourth", 5: "Fifth"}
_MOST_REASONS = 2
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A notice in words.

    lead: name and company. what: happened, as a sentence without an end. why: in one line; it may be empty.
    respond_by: until when an answer is due, where it still waits. path: of its hand-off in the app.
    """

    lead: str
    what: str
    why: str
    respond_by: datetime | None
    path: str

    def due(self, zone: ZoneInfo) -> str:
        """Return until when an answer is due, for people in a zone; empty where none is."""
        if self.respond_by is None:
            return ""
        local = self.respond_by.astimezone(zone)
        return f"{local:%A}, {local.day} {local:%B} at {local:%H:%M}"


class Words:
    """The words of a workspace: what its live playbook calls criteria, decisions and reasons. Read once for many notices."""

    def __init__(self, workspace_id: int) -> None:
        version = find_live(workspace_id)
        self.playbook: Playbook | None = get_plan(version).playbook if version else None
        self._criteria = {one.id: one.why.rstrip(".") for one in self.playbook.criteria} if self.playbook else {}

    def say(self, about: Notice | Post) -> Said:
        """Return a notice or a post in words. Its hand-off, lead, company, team and who did it should be read already."""
        handoff = about.handoff
        waits = handoff.state == HandOff.State.WAITING
        return Said(
            lead=name_of_lead(handoff),
            what=self._what(about),
            why=self._why(about),
            respond_by=handoff.respond_by if waits else None,
            path=reverse("queue") + f"{handoff.pk}/",
        )

    def _what(self, about: Notice | Post) -> str:
        who = str(about.by) if about.by else ""
        owner, team = about.handoff.owner, about.handoff.team
        you, works = (
            ("you", "you work") if isinstance(about, Notice) else (f"{owner or team or 'sales'}", f"{owner} works")
        )
        match Kind(about.kind):
            case Kind.YOURS:
                return f"{who} gave them to {you}" if who else f"Waits for {you}"
            case Kind.AGAIN:
                return f"Waits for {you} again: {self._past(about)}"
            case Kind.TEAM:
                waits = f"Waits for {team}, without an owner" if team else "Waits without a team and an owner"
                return f"{waits}: {who} gave them back" if who else waits
            case Kind.WARNED:
                return "An answer is due soon"
            case Kind.LATE:
                return "An answer is late"
            case Kind.ESCALATED:
                return f"Late, so that it came to {you if you == 'you' else 'the managers'}; {self._owner(about)}"
            case Kind.COOLED:
                return f"Cooled while {works} on them"
            case Kind.MOVED:
                return self._moved(about, who or "Somebody")
            case Kind.UNDONE:
                return f"{who or 'Somebody'} took back that they {_DID.get(about.said.get('what', ''), 'did that')}"
            case Kind.SENT_BACK:
                return f"{who or 'Somebody'} {self._decided(about)}"

    def _moved(self, about: Notice | Post, who: str) -> str:
        match about.said.get("what"):
            case "given":
                return f"{who} gave them to {about.handoff.owner or 'somebody else'}"
            case "taken":
                return f"{who} took them, who waited for you"
            case _:
                return f"{who} {self._decided(about)}, who was yours"

    def _decided(self, about: Notice | Post) -> str:
        decision = str(about.said.get("decision", ""))
        why = self._reason(decision, str(about.said.get("reason", "")))
        did = _DECIDED.get(decision, "decided about them")
        return f"{did} for “{why}”" if why else did

    def _past(self, about: Notice | Post) -> str:
        number = about.said.get("number", 2)
        text = f"{_ORDINALS.get(number, f'{number}.')} time".lower()
        decision = str(about.said.get("decision", ""))
        if not decision:
            return text
        why = self._reason(decision, str(about.said.get("reason", "")))
        return f"{text}, last {_plain(decision)}" + (f" for “{why}”" if why else "")

    def _reason(self, decision: str, reason: str) -> str:
        outcome = next((one for one in self.playbook.outcomes if one.id == decision), None) if self.playbook else None
        found = next((one for one in outcome.reasons if one.id == reason), None) if outcome else None
        return (found.title if found else "") or _plain(reason)

    @staticmethod
    def _owner(about: Notice | Post) -> str:
        owner, team = about.handoff.owner, about.handoff.team
        return f"{owner} has it" if owner else f"nobody of {team} has it" if team else "nobody has it"

    def _why(self, about: Notice | Post) -> str:
        """Return why the lead was handed over: the hand raise, or the criteria that gave most."""
        handoff = about.handoff
        if handoff.is_hand_raise:
            return f"Raised a hand: {_plain(handoff.because)}"
        found = [one.rpartition(":") for one in handoff.because.split()]
        gave = [name for name, _, points in found if name and not points.startswith("-")][:_MOST_REASONS]
        return " · ".join(self._criteria.get(one) or _plain(one) for one in gave)


_DID = {
    "claimed": "took them",
    "released": "gave them back",
    "assigned": "gave them to somebody",
    "decided": "decided about them",
}
_DECIDED = {
    "accepted": "accepted them",
    "rejected": "rejected them",
    "recycled": "recycled them",
    "disqualified": "disqualified them",
    "excluded": "excluded them",
    "bad_data": "marked them as bad data",
}


def name_of_lead(handoff: HandOff) -> str:
    """Return how a lead is called to who may see it: name and company, in one line. An address is nobody's name here."""
    lead = handoff.lead
    name = _in_one_line(lead.name) or f"Lead {lead.pk}"
    company = _in_one_line(lead.company.name) if lead.company else ""
    return f"{name}, {company}" if company else name


def address_of(path: str) -> str:
    """Return a path of the app as an address for mails and channels, where nobody's request says by which name the app is reached."""
    named = [one for one in settings.ALLOWED_HOSTS if one not in (*settings.LOOPBACK_NAMES, "*")]
    if settings.CSRF_TRUSTED_ORIGINS:
        return str(settings.CSRF_TRUSTED_ORIGINS[0]).rstrip("/") + path
    protocol = "https" if settings.IS_HTTPS else "http"
    return f"{protocol}://{named[0].lstrip('.') if named else 'localhost'}{path}"


def _plain(text: str) -> str:
    return _in_one_line(text.replace("_", " "))


def _in_one_line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_NAME]
