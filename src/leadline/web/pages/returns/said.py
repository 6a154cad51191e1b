"""How fates, reasons, shares and what hand-offs are taken apart by are called on pages."""

from collections.abc import Callable, Iterable
from datetime import date

from django.db.models import Exists, OuterRef

from leadline.engine.statistics import Share
from leadline.web.accounts.models import User, Workspace
from leadline.web.handoff.figures.fates import COOLED, DECIDED, OPEN, WITHDRAWN
from leadline.web.handoff.figures.tally import HAND
from leadline.web.handoff.models import HandOff, Team
from leadline.web.pages.playbook_words import PlaybookWords, say_id

BREAKDOWN_TITLES = {
    "criterion": "Criterion",
    "source": "Lead source",
    "campaign": "Campaign",
    "owner": "Owner",
    "team": "Team",
    "week": "Week",
    "qualification": "Qualification",
    "version": "Version of the playbook",
}
_FATES = {COOLED: "Cooled unclaimed", OPEN: "Still open", WITHDRAWN: "Withdrawn or merged"}
_OTHERS = {
    "all": "Handed over",
    "people": "People who were handed over",
    "sent_back": "Sent back",
    "decided": "Decided",
    "ended": "Cooled or withdrawn",
    "in_time": "Answered in time",
    "late": "Answered late or not at all",
    "claimed": "Claimed",
    "touched": "Touched",
    "opportunity": "Became an opportunity",
    "won": "Won",
}
_NOTHING = {
    "criterion": "None: no criterion gave points",
    "source": "Not known",
    "campaign": "No campaign",
    "owner": "Nobody",
    "team": "No team",
}


def say_fate(fate: str, words: PlaybookWords) -> str:
    """Return what became of hand-offs, in a word or two."""
    said = _FATES.get(fate) or (words.outcome(fate) if fate in DECIDED else fate)
    return said[:1].upper() + said[1:]


def say_shown(what: str, level: str | None, words: PlaybookWords) -> str:
    """Return what is listed: a fate, or one of the other things that numbers count. *level*: the qualification of sales."""
    if what == "sql":
        return words.qualification(level or what).title
    return _OTHERS.get(what) or say_fate(what, words)


def say_reason(fate: str, reason: str, words: PlaybookWords) -> str:
    """Return a reason by its title in the playbook."""
    outcome = next((one for one in words.playbook.outcomes if one.id == fate), None)
    found = next((one for one in outcome.reasons if one.id == reason), None) if outcome else None
    return say_id(reason, found.title if found else None) if reason else "No reason given"


def say_share(share: Share) -> str:
    """Return a share with how far it can be trusted; empty of nothing.

    >>> say_share(Share(12, 40)), say_share(Share(0, 0))
    ('30 % (18–45 %)', '')
    """
    if share.ratio is None:
        return ""
    low, high = share.interval
    return f"{100 * share.ratio:.0f} % ({100 * low:.0f}–{100 * (1 if high is None else high):.0f} %)"


def key_titles(workspace: Workspace, by: str, keys: Iterable[str], words: PlaybookWords) -> dict[str, str]:
    """Return how the keys of a breakdown are called."""
    keys = list(keys)
    say = _people(workspace, by, keys) if by in ("owner", "team") else lambda key: _say_key(by, key, words)
    return {key: say(key) if key else _NOTHING.get(by, "None") for key in keys}


def _people(workspace: Workspace, by: str, keys: Iterable[str]) -> Callable[[str], str]:
    ids = [int(key) for key in keys if key]
    found: dict[str, str]
    if by == "owner":
        own = HandOff.objects.filter(workspace=workspace, owner=OuterRef("pk"))  # an address may name anybody
        found = {str(one.pk): str(one) for one in User.objects.filter(Exists(own), pk__in=ids)}
    else:
        found = {str(one.pk): one.name for one in Team.objects.filter(workspace=workspace, pk__in=ids)}
    return lambda key: found.get(key, "not known")


def _say_key(by: str, key: str, words: PlaybookWords) -> str:
    match by:
        case "criterion" if key.startswith(HAND):
            return f"Raised a hand: {say_id(key.removeprefix(HAND))}"
        case "criterion":
            return words.criterion(key)
        case "source":
            return say_id(key)
        case "qualification":
            return words.qualification(key).title
        case "week":
            day = date.fromisoformat(key)
            return f"From {day.day} {day:%B %Y}"
        case "version":
            return f"Version {key}"
        case _:
            return key
