"""Which keys of a playbook are worth a field, and in which order the keys of a table stand.

What people change from week to week: points, how they fade, limits, conditions, cut-offs, times, the events that raise a hand, and the
words beside them. Ids, other events, lists and what the data looks like are changed as text.
"""

from collections.abc import Sequence
from decimal import Decimal

from leadline.engine.playbook.criteria import MAX_FADE_DAYS
from leadline.engine.playbook.model import PERS
from leadline.engine.playbook.table import MAX_POINTS
from leadline.web.playbooks.editing.form import Takes

ORDER = {
    "scores": ("title", "min", "max", "grades", "sum_of", "source"),
    "criteria": (
        *("id", "score", "why", "event", "inactive_for", "when", "choose", "points", "activity"),
        *("decay", "within", "limit", "min", "max", "source"),
    ),
    "choose": ("when", "points", "source"),
    "limit": ("count", "per"),
    "questions": ("ask", "yes", "partly", "no", "source"),
    "personas": ("id", "title", "why", "when", "source"),
    "exclusions": ("id", "title", "why", "when", "source"),
    "qualifications": ("id", "title", "enter", "stay", "hand_raise", "hand_raise_stay", "cooldown", "source"),
    "outcomes": ("title", "ends", "reset", "quiet", "source", "reasons"),
    "reasons": ("id", "title", "reset", "quiet", "returns", "owner", "fix", "source"),
    "stages": ("id", "title", "while", "since", "until"),
    "handoff": ("qualifications", "respond_within", "otherwise", "source", "routes"),
    "routes": ("when", "to", "source"),
}
"""The order in which the documentation writes the keys of a table: a key that is added comes behind those before it."""

_TITLE = Takes(key=("title",), kind="text", label="Title")
_SOURCE = Takes(key=("source",), kind="text", label="Source", help="Where the number comes from.")
_WHEN = Takes(key=("when",), kind="condition", label="Condition", is_optional=False)
_POINTS = Takes(
    key=("points",),
    kind="number",
    label="Points",
    is_optional=False,
    lowest=Decimal(-MAX_POINTS),
    highest=Decimal(MAX_POINTS),
)
_BOUNDS = (
    Takes(key=("min",), kind="number", label="At least", help="It is never less than this."),
    Takes(key=("max",), kind="number", label="At most", help="It is never more than this."),
)
_WHY = Takes(key=("why",), kind="text", label="Why", help="The reason in one sentence, shown beside the points.")
_QUIET = Takes(key=("quiet",), kind="duration", label="Quiet for", help="No new spell begins for so long: 90d, 2w.")

HALF_LIFE = Takes(
    key=("decay", "half_life"),
    kind="duration",
    label="Half-life",
    help="After so long an event is worth half: 14d, 2w. Empty: it keeps its points.",
    most_days=MAX_FADE_DAYS["half_life"],
)
_LINEAR = Takes(
    key=("decay", "linear"),
    kind="duration",
    label="Fades evenly within",
    help="After so long an event is worth nothing. Empty: it keeps its points.",
    most_days=MAX_FADE_DAYS["linear"],
)
_STEP = (
    Takes(
        key=("decay", "step", "drop"),
        kind="number",
        label="Loses at each step",
        help="A share of its first points, above 0 and at most 1: 0.15 is 15 %.",
        is_optional=False,
        lowest=Decimal("0.0001"),
        highest=Decimal(1),
    ),
    Takes(key=("decay", "step", "every"), kind="duration", label="A step every", is_optional=False),
)
DECAYS = {"half_life": (HALF_LIFE,), "linear": (_LINEAR,), "step": _STEP}
COUNT = Takes(
    key=("limit", "count"),
    kind="number",
    label="Events that count",
    help="Only so many count in each day, week … Empty: all.",
    lowest=Decimal(1),
    is_whole=True,
)
PER = Takes(key=("limit", "per"), kind="choice", label="in each", choices=PERS)

_INACTIVE_FOR = Takes(
    key=("inactive_for",),
    kind="duration",
    label="Without activity for",
    help="The points come once for every such stretch: 30d, 4w.",
    is_optional=False,
)
_OF_EVENT = Takes(key=("when",), kind="condition", label="Condition", help="About the event's own properties.")
_WITHIN = Takes(
    key=("within",), kind="duration", label="Forgotten after", help="An event of this age no longer counts."
)


def takes_of_criterion(kind: str, decay: Sequence[Takes]) -> tuple[Takes, ...]:
    """Return the fields of a criterion of a kind; *decay* are those of how its points fade, where they do."""
    match kind:
        case "event":
            return (_WHY, _OF_EVENT, _POINTS, *decay, _WITHIN, COUNT, PER, *_BOUNDS, _SOURCE)
        case "inactive_for":
            return (_WHY, _INACTIVE_FOR, _POINTS, *_BOUNDS, _SOURCE)
        case "choose":
            return (_WHY, _SOURCE)
    return (_WHY, _WHEN, _POINTS, _SOURCE)


def takes_of_grade(name: str) -> Takes:
    """Return the field of a grade's cut-off."""
    words = "Points from which it holds. The best grade comes first and needs most."
    return Takes(key=("grades", name), kind="number", label=f"Grade {name} from", help=words, is_optional=False)


SCORE = (_TITLE, *_BOUNDS, _SOURCE)
CHOICE = (_WHEN, _POINTS, _SOURCE)
QUESTION = (
    Takes(key=("ask",), kind="text", label="Question"),
    Takes(key=("yes",), kind="condition", label="Yes when"),
    Takes(key=("partly",), kind="condition", label="Partly when"),
    Takes(key=("no",), kind="condition", label="No when"),
    _SOURCE,
)
NAMED = (_WHEN, _SOURCE)
NAMES = {"personas": _TITLE, "exclusions": Takes(key=("why",), kind="text", label="Why")}
"""What personas and exclusions are called by, where neither is written."""
QUALIFICATION = (
    _TITLE,
    Takes(key=("enter",), kind="condition", label="Enters when", is_optional=False),
    Takes(key=("stay",), kind="condition", label="Stays while", help="Empty: as long as it could enter."),
    Takes(
        key=("hand_raise",),
        kind="names",
        label="A hand is raised by",
        help="Events that let a lead enter at once, with commas between them: demo_requested, contact_requested. Empty: none.",
    ),
    Takes(key=("hand_raise_stay",), kind="duration", label="A raised hand holds for", help="At least: 14d, 2w."),
    Takes(
        key=("cooldown",), kind="duration", label="Cooldown", help="No new spell for so long after it was given back."
    ),
    _SOURCE,
)
OUTCOME = (_TITLE, _QUIET, _SOURCE)
REASON = (
    _TITLE,
    _QUIET,
    Takes(key=("returns",), kind="choice", label="Comes back by", choices=("any", "hand_raise", "never")),
    Takes(key=("owner",), kind="choice", label="To which owner", choices=("keep", "new")),
    _SOURCE,
)
STAGE = (_TITLE,)
HANDOFF = (
    Takes(
        key=("respond_within",),
        kind="duration",
        label="Sales responds within",
        help="Business hours or days: 4h, 2d.",
        in_hours=True,
    ),
    Takes(key=("otherwise",), kind="text", label="Otherwise goes to", help="Where no route holds."),
    _SOURCE,
)
ROUTE = (_WHEN, Takes(key=("to",), kind="text", label="Goes to", is_optional=False), _SOURCE)
