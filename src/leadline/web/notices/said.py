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
from leadline.web.assessments.reasons import gave_points
from leadline.web.handoff.escalation import SECOND
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
        handoff = handoff_of(about)
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
        handoff = handoff_of(about)
        owner, team = handoff.owner, handoff.team
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
            case Kind.ESCALATED if about.said.get("level") == SECOND["level"]:
                return f"Late for so long that it came to {you if you == 'you' else 'the administrators'}; {self._owner(about)}"
            case Kind.ESCALATED:
                return f"Late, so that it came to {you if you == 'you' else 'the managers'}; {self._owner(about)}"
            case Kind.COOLED:
                return f"Cooled while {works} on them"
            case Kind.WITHDRAWN if about.said.get("while") == "claimed":
                return f"No longer qualified by version {about.said['version']} of the playbook, while {works} on them"
            case Kind.WITHDRAWN:
                return f"Withdrawn by version {about.said['version']} of the playbook: no longer waits for {you}"
            case Kind.MOVED:
                return self._moved(about, who or "Somebody")
            case Kind.UNDONE:
                return f"{who or 'Somebody'} took back that they {_DID.get(about.said.get('what', ''), 'did that')}"
            case Kind.SENT_BACK:
                return f"{who or 'Somebody'} {self._decided(about)}"
            case other:
                raise AssertionError(f"{other} is not about a hand-off")

    def _moved(self, about: Notice | Post, who: str) -> str:
        match about.said.get("what"):
            case "given":
                return f"{who} gave them to {handoff_of(about).owner or 'somebody else'}"
            case "late":
                return f"Late, so that they went from you to {handoff_of(about).owner or 'somebody else'}"
            case "away":
                return f"You are away, so that they went to {handoff_of(about).owner or 'somebody else'}"
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
        return found.title if found and found.title != reason else _plain(reason)

    @staticmethod
    def _owner(about: Notice | Post) -> str:
        handoff = handoff_of(about)
        owner, team = handoff.owner, handoff.team
        return f"{owner} has it" if owner else f"nobody of {team} has it" if team else "nobody has it"

    def _why(self, about: Notice | Post) -> str:
        """Return why the lead was handed over: the hand raise, or the criteria that gave most."""
        handoff = handoff_of(about)
        if handoff.is_hand_raise:
            return f"Raised a hand: {_plain(handoff.because)}"
        gave = gave_points(handoff.because)[:_MOST_REASONS]
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


def say_over(about: Notice) -> str:
    """Return what became of a hand-off that waited for somebody and does so no longer: ``accepted by Lena``."""
    handoff, state = handoff_of(about), HandOff.State
    owner = "you" if handoff.owner_id == about.user_id else str(handoff.owner or "")
    match handoff.state:
        case state.WAITING:
            return f"now they wait for {owner}" if owner else f"now they wait for {handoff.team or 'anybody'}"
        case state.CLAIMED:
            return "you work on them" if owner == "you" else f"{owner or 'somebody'} works on them"
        case state.COOLED | state.MERGED:
            return f"they {'cooled' if handoff.state == state.COOLED else 'were merged with another lead'}"
        case state.WITHDRAWN:
            return "they no longer qualify"
        case _:
            by = "you" if handoff.decided_by_id == about.user_id else str(handoff.decided_by or "")
            return _plain(handoff.state) + (f" by {by}" if by else "")


def handoff_of(about: Notice | Post) -> HandOff:
    """Return the hand-off that a notice is about; of one about a proposal, `of_proposals` says the words."""
    assert about.handoff is not None, "it is about a proposal"
    return about.handoff


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
    return _in_one_line(text.replace("_", " ").replace("-", " "))


def _in_one_line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_NAME]
