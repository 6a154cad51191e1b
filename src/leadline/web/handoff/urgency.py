"""Which hand-off comes first, and which are late.

The most urgent first: who raised a hand, then whose answer is due first, then who cools first, then the best. What was put off comes after
all others until its moment. Each part of the order is a value that is never empty, so that a list can go on behind any row.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db.models import BigIntegerField, Case, DateTimeField, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from leadline.web.handoff.models import HandOff

ORDER = ("put_off", "no_hand", "due_at", "cools_by", "below", "pk")
"""The parts of the order, as `with_urgency` names them, each from small to large."""
OWN_ORDER = ("had_since", "pk")
"""Of what is being worked: who was claimed first comes first."""
_NEVER = datetime(9000, 1, 1, tzinfo=UTC)
_NO_DAY = 2**31 - 1


def with_urgency(handoffs: QuerySet[HandOff], now: datetime) -> QuerySet[HandOff]:
    """Return hand-offs with the parts of their urgency as of a moment, the most urgent first."""
    return handoffs.annotate(
        put_off=_flag(Q(snoozed_until__gt=now)),
        no_hand=_flag(Q(is_hand_raise=False)),
        due_at=Coalesce(F("respond_by"), Value(_NEVER), output_field=DateTimeField()),
        cools_by=Coalesce(F("cools_day"), Value(_NO_DAY), output_field=IntegerField()),
        had_since=Coalesce(F("claimed_at"), F("opened_at"), output_field=DateTimeField()),
        below=Value(0, output_field=BigIntegerField()) - F("rank"),
    ).order_by(*ORDER)


def find_following(handoffs: QuerySet[HandOff], pk: int, order: Sequence[str] = ORDER) -> int | None:
    """Return which hand-off comes right behind another; None behind the last, and behind one that is not there.

    Args:
        handoffs: as `with_urgency` returns them.
        pk: the other one.
        order: theirs.
    """
    parts = handoffs.filter(pk=pk).values_list(*order).first()
    if parts is None:
        return None
    behind, same = Q(pk__in=[]), Q()
    for name, part in zip(order, parts, strict=True):
        behind |= same & Q(**{f"{name}__gt": part})
        same &= Q(**{name: part})
    return handoffs.filter(behind).order_by(*order).values_list("pk", flat=True).first()


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def late(now: datetime) -> Q:
    """Return which hand-offs are late: open, and nobody answered in time. So says the clock, also before the worker marks it."""
    overdue = Q(state=HandOff.State.WAITING, respond_by__lte=now)
    return overdue | Q(state__in=HandOff.OPEN, breached_at__isnull=False)


def is_late(handoff: HandOff, now: datetime) -> bool:
    """Return whether a hand-off is among those that `late` finds."""
    if handoff.state == HandOff.State.WAITING and handoff.respond_by is not None and handoff.respond_by <= now:
        return True
    return handoff.is_open and handoff.breached_at is not None
