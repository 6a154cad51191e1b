"""The boxes of the queue: for whom hand-offs wait, and in which order.

The most urgent comes first (`handoff/urgency.py`). A hand-off that was put off is in a box of its own until its moment has come.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from leadline.web.accounts.models import Membership
from leadline.web.accounts.roles import LEADERS, WORKERS
from leadline.web.handoff.away import with_who_is_away
from leadline.web.handoff.elsewhere import DECIDES
from leadline.web.handoff.models import HandOff, Seat, TeamSeat
from leadline.web.handoff.urgency import ORDER, OWN_ORDER, late, with_urgency
from leadline.web.leads.models import Outcome
from leadline.web.shell.paging import Paged

State = HandOff.State
PAGE = 50
PARTS = ("lead__company", "owner", "team", "workspace", "decided_by")
"""All that a row and the pane beside it need of a hand-off."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box by its id: what it is called, what its number is of ("6 late"), and which hand-offs are in it.

    is_open: whether they are open ones. order: of open ones. sorted_by: says in which order, where that is not by urgency.
    """

    id: str
    title: str
    counted: str
    which: Q
    empty: str
    is_open: bool = True
    order: tuple[str, ...] = ORDER
    sorted_by: str = ""


def boxes_of(member: Membership, *, now: datetime) -> list[Box]:
    """Return the boxes that a person sees."""
    teams = TeamSeat.objects.filter(seat__user=member.user_id, workspace=member.workspace_id).values("team")
    has_seat = Seat.objects.filter(user=member.user_id, workspace=member.workspace_id).exists()
    to_me = Q(owner=member.user_id) | Q(owner=None) & (Q(team=None) | Q(team__in=teams) if has_seat else Q())
    awake = Q(snoozed_until=None) | Q(snoozed_until__lte=now)
    waiting = Q(state=State.WAITING) & awake
    with_away = Box(
        "away",
        "With who is away",
        "with who is away",
        with_who_is_away(member.workspace_id, now=now),
        "Nothing is open with anybody who is away.",
    )
    accepted = Box(
        "accepted",
        "Accepted",
        "accepted",
        Q(~_went_on(), state=State.ACCEPTED, owner=member.user_id),
        "You have accepted nobody of whom nothing became yet.",
        is_open=False,
        sorted_by="Whom you accepted last comes first. Who became an opportunity, or was sent back, is no longer here.",
    )
    return [
        Box("for-me", "For me", "for me", waiting & to_me, "Nothing waits for you. What qualifies next comes here."),
        Box(
            "mine",
            "Mine",
            "mine",
            Q(state=State.CLAIMED, owner=member.user_id) & awake,
            "You have claimed nothing yet.",
        ),
        *([accepted] if member.role in WORKERS else []),
        Box("all", "All that wait", "waiting", waiting, "Nothing waits for sales."),
        Box("late", "Late", "late", late(now), "Nothing is late."),
        *([with_away] if member.role in LEADERS else []),
        Box(
            "off",
            "Put off",
            "put off",
            Q(state__in=HandOff.OPEN, snoozed_until__gt=now) & (Q(owner=member.user_id) | Q(state=State.WAITING)),
            "Nothing is put off.",
        ),
        Box(
            "claimed",
            "Being worked",
            "being worked",
            Q(state=State.CLAIMED),
            "Nobody works on anything.",
            order=OWN_ORDER,
            sorted_by="Whom somebody has had the longest comes first.",
        ),
    ]


def count_boxes(workspace_id: int, boxes: Iterable[Box]) -> dict[str, int]:
    """Return how many hand-offs are in each box."""
    rows, boxes = HandOff.objects.filter(workspace=workspace_id), list(boxes)
    counts = {one.id: Count("pk", filter=one.which) for one in boxes if one.is_open}
    closed = {one.id: rows.filter(one.which).count() for one in boxes if not one.is_open}
    return rows.filter(state__in=HandOff.OPEN).aggregate(**counts) | closed


def of_box(workspace_id: int, box: Box, *, now: datetime) -> QuerySet[HandOff]:
    """Return what is in a box, in its order; of what is no longer open, the last first."""
    rows = HandOff.objects.filter(box.which, workspace=workspace_id).select_related(*PARTS)
    if not box.is_open:
        return with_urgency(rows, now).order_by("-decided_at", "-pk")
    return with_urgency(rows.filter(state__in=HandOff.OPEN), now).order_by(*box.order)


def _went_on() -> Exists:
    """Return whether something became of what was accepted: an opportunity, a deal, or it was sent back after all."""
    later = Outcome.objects.filter(
        Q(qualification="") | Q(qualification=OuterRef("qualification")),
        lead=OuterRef("lead"),
        outcome__in=[one for one in DECIDES if one != State.ACCEPTED],
        at__gte=OuterRef("opened_at"),
        recorded_at__gte=OuterRef("decided_at"),
    )
    return Exists(later)


def with_chosen(rows: Sequence[HandOff], chosen: HandOff | None, box: Box, *, now: datetime) -> list[HandOff]:
    """Return the rows of a page with the one that is shown beside it among them, also where it is no longer in the box.

    It stands where it would in the order of the box, so that it stays in its place when it was claimed there.
    """
    if chosen is None or any(one.pk == chosen.pk for one in rows):
        return list(rows)
    own = with_urgency(HandOff.objects.filter(pk=chosen.pk), now).values_list(*box.order).first()
    before = (
        [one for one in rows if own is None or tuple(getattr(one, name) for name in box.order) < own]
        if box.is_open
        else []
    )
    return [*before, chosen, *rows[len(before) :]]


class QueuePage(Paged):
    """A page of a box."""

    def __init__(self, handoffs: QuerySet[HandOff], page: int) -> None:
        self._page = page
        start = (page - 1) * PAGE
        found = list(handoffs[start : start + PAGE + 1])
        self.rows, self.has_next = found[:PAGE], len(found) > PAGE

    @property
    def page_number(self) -> int:
        """Which page it is, from 1."""
        return self._page

    @property
    def page_size(self) -> int:
        """How many rows a full page has."""
        return PAGE

    @property
    def row_count(self) -> int:
        """How many rows this page has."""
        return len(self.rows)
