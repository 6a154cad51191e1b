"""The hand-offs behind a number: what is shown when somebody clicks it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from leadline.web.handoff.figures.cohorts import LATER, find_reached
from leadline.web.handoff.figures.fates import COOLED, DECIDED, FATES, SENT_BACK, STATES, WITHDRAWN
from leadline.web.handoff.figures.keeping import PERSON, in_time, too_late
from leadline.web.handoff.figures.periods import Period
from leadline.web.handoff.figures.tally import BREAKDOWNS, keys_of, with_key
from leadline.web.handoff.models import HandOff
from leadline.web.playbooks.models import Version

ALL, PEOPLE = "all", "people"
_MOMENTS = {"claimed": "claimed_at", "touched": "touched_at"}
SHOWN = (ALL, PEOPLE, *FATES, "sent_back", "decided", "ended", "in_time", "late", *_MOMENTS, *LATER)
"""What can be shown, by name. people: of each lead the hand-off that opened last."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Which hand-offs are behind a number. what: one of `SHOWN`. reason: only those with it; None: with any.

    by, key: only those that count for a criterion, a source … of this key; by is empty for all.
    """

    what: str
    reason: str | None = None
    by: str = ""
    key: str = ""

    @classmethod
    def read(cls, text: str, by: str = "", key: str = "") -> "Shown | None":
        """Return what an address says: ``recycled``, ``recycled:timing``, ``late`` …; None where it says nothing that there is."""
        what, colon, reason = text.partition(":")
        if what not in SHOWN or (colon and what not in DECIDED):
            return None
        return cls(what, reason if colon else None, *((by, key) if by in BREAKDOWNS else ("", "")))


def find_behind(version: Version, period: Period, shown: Shown, *, now: datetime) -> list[int]:
    """Return the ids of hand-offs behind a number, those that opened last first.

    Args:
        version: the live one of the workspace.
        period: when they opened.
        shown: which of them.
        now: the moment.
    """
    handoffs = HandOff.objects.filter(workspace=version.workspace_id)
    own = _only(period.of(handoffs), shown, now)
    if shown.what in LATER:
        own = own.filter(pk__in=list(find_reached(version, handoffs, [period]).get(shown.what, {})))
    own = own.order_by("-opened_at", "-pk")
    if shown.what == PEOPLE:
        last: dict[int, int] = {}
        for pk, person in own.annotate(person=PERSON).values_list("pk", "person"):
            last.setdefault(person, pk)
        return list(last.values())
    if not shown.by:
        return list(own.values_list("pk", flat=True))
    weeks = period.weeks
    rows = with_key(own, shown.by, period).values_list("pk", "key")
    return [pk for pk, stored in rows if shown.key in keys_of(shown.by, stored, weeks=weeks)]


def _only(handoffs: QuerySet[HandOff], shown: Shown, now: datetime) -> QuerySet[HandOff]:
    which = Q()
    match shown.what:
        case "sent_back":
            which = Q(state__in=SENT_BACK)
        case "decided":
            which = Q(state__in=DECIDED)
        case "ended":
            which = Q(state__in=(*STATES[COOLED], *STATES[WITHDRAWN]))
        case "in_time":
            which = in_time()
        case "late":
            which = too_late(now)
        case what if what in _MOMENTS:
            which = Q(**{f"{_MOMENTS[what]}__isnull": False})
        case what if what in STATES:
            which = Q(state__in=STATES[what])
    return handoffs.filter(which, **({} if shown.reason is None else {"reason": shown.reason}))
