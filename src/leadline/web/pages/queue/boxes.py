"""The boxes of the queue: for whom hand-offs wait, and in which order.

The most urgent comes first (`handoff/urgency.py`). A hand-off that was put off is in a box of its own until its moment has come.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from leadline.web.accounts.models import Membership
from leadline.web.handoff.models import HandOff, Seat, TeamSeat
from leadline.web.handoff.urgency import late, with_urgency
from leadline.web.shell.paging import Paged

State = HandOff.State
PAGE = 50


@dataclass(frozen=True, slots=True)
class Box:
    """A box by its id: what it is called, and which hand-offs are in it."""

    id: str
    title: str
    which: Q
    empty: str


def boxes_of(member: Membership, *, now: datetime) -> list[Box]:
    """Return the boxes that a person sees."""
    teams = TeamSeat.objects.filter(seat__user=member.user_id, workspace=member.workspace_id).values("team")
    has_seat = Seat.objects.filter(user=member.user_id, workspace=member.workspace_id).exists()
    to_me = Q(owner=member.user_id) | Q(owner=None) & (Q(team=None) | Q(team__in=teams) if has_seat else Q())
    awake = Q(snoozed_until=None) | Q(snoozed_until__lte=now)
    waiting = Q(state=State.WAITING) & awake
    return [
        Box("for-me", "For me", waiting & to_me, "Nothing waits for you. What qualifies next comes here."),
        Box("mine", "Mine", Q(state=State.CLAIMED, owner=member.user_id) & awake, "You have claimed nothing yet."),
        Box("all", "All that wait", waiting, "Nothing waits for sales."),
        Box("late", "Late", late(now), "Nothing is late."),
        Box(
            "off",
            "Put off",
            Q(state__in=HandOff.OPEN, snoozed_until__gt=now) & (Q(owner=member.user_id) | Q(state=State.WAITING)),
            "Nothing is put off.",
        ),
        Box("claimed", "Being worked", Q(state=State.CLAIMED), "Nobody works on anything."),
    ]


def count_boxes(workspace_id: int, boxes: Iterable[Box]) -> dict[str, int]:
    """Return how many hand-offs are in each box."""
    rows = HandOff.objects.filter(workspace=workspace_id, state__in=HandOff.OPEN)
    return rows.aggregate(**{one.id: Count("pk", filter=one.which) for one in boxes})


def of_box(workspace_id: int, box: Box, *, now: datetime) -> QuerySet[HandOff]:
    """Return what is in a box, the most urgent first."""
    rows = HandOff.objects.filter(box.which, workspace=workspace_id, state__in=HandOff.OPEN)
    return with_urgency(rows.select_related("lead__company", "owner", "team"), now)


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
