"""How people want to be told: topics to choose for, and what holds for who chose nothing."""

from dataclasses import dataclass

from leadline.web.notices.models import Kind, Preference

HAND_RAISE = "hand_raise"
"""A topic of its own: somebody asks to be called, whoever's hand-off it is."""
ONCE, DIGEST, NO_MAIL = "once", "digest", "none"
MAIL_WAYS = ((ONCE, "at once"), (DIGEST, "once a day"), (NO_MAIL, "no mail"))
TOPICS: dict[str, str] = {HAND_RAISE: "Somebody raises their hand and waits for you or your team"} | {
    str(kind.value): str(kind.label) for kind in Kind
}
"""What can be chosen for, with its title."""
OF_A_CHANNEL: dict[str, str] = {
    HAND_RAISE: "Somebody raises their hand and waits for sales",
    Kind.YOURS: "A hand-off waits for its owner",
    Kind.AGAIN: "Somebody qualified again, and waits for their owner",
    Kind.TEAM: "A hand-off waits for a team, without an owner",
    Kind.WARNED: "An answer is due soon",
    Kind.LATE: "An answer is late",
    Kind.ESCALATED: "A late hand-off came to the managers",
    Kind.COOLED: "Somebody cooled while sales works on them",
    Kind.WITHDRAWN: "A new version of the playbook withdraws a hand-off",
    Kind.SENT_BACK: "Sales sent somebody back",
}
"""What a channel can be told: all but what is between two people."""


@dataclass(frozen=True, slots=True)
class Way:
    """How something is told. mail: ``once``, ``digest`` or ``none``."""

    in_app: bool
    mail: str


DEFAULTS = {topic: Way(in_app=True, mail=ONCE if topic in (HAND_RAISE, Kind.LATE) else DIGEST) for topic in TOPICS}


def topic_of(kind: str, *, is_hand_raise: bool) -> str:
    """Return for which topic a notice's reader chose."""
    is_news = kind in (Kind.YOURS, Kind.AGAIN, Kind.TEAM)
    return HAND_RAISE if is_hand_raise and is_news else str(kind)


def way_of(preference: Preference | None, topic: str) -> Way:
    """Return how somebody wants to be told of a topic."""
    usual = DEFAULTS[topic]
    chosen = preference.ways.get(topic) if preference else None
    if not isinstance(chosen, dict):
        return usual
    mail = chosen.get("mail", usual.mail)
    known = mail if mail in dict(MAIL_WAYS) else usual.mail
    return Way(in_app=bool(chosen.get("in_app", usual.in_app)), mail=known)
