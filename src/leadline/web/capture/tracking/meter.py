"""How much of what is refused is kept: so much of a source and hour, so that a broken client cannot fill the disk.

What is beyond it is counted and not kept. The counts are written in the transaction that keeps the others, so refused = kept + not kept
whatever happens. Only what is refused at the door is limited. What was acknowledged first and fails later (`take_apart.py`), what a person
sends again and what an erasure leaves of others' is kept always: nobody else has it any more.
tests/web/capture/tracking/test_meter.py guards it.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from leadline.web.capture.models import RefusedEvent, RefusedMeter

REMEMBERED = timedelta(days=30)
"""For so long a meter is kept, and what it says is shown."""

_Hour = tuple[int, datetime]
"""A source, and when an hour begins."""


def keep_refused(rows: Sequence[RefusedEvent]) -> None:
    """Write what was refused, in its order and as much of it as the limit allows, and count the rest. One without a source is kept."""
    if not rows:
        return
    with transaction.atomic(savepoint=False):
        wanted = Counter(hour for row in rows if (hour := _hour_of(row)))
        room = {hour: _take_room(rows[0].workspace_id, hour, wanted[hour]) for hour in sorted(wanted)}
        kept = []
        for row in rows:
            hour = _hour_of(row)
            if hour is None or room[hour] > 0:
                kept.append(row)
            if hour is not None:
                room[hour] -= 1
        RefusedEvent.objects.bulk_create(kept)


def _hour_of(row: RefusedEvent) -> _Hour | None:
    if row.source_id is None:
        return None
    return row.source_id, hour_of(row.received_at)


def hour_of(moment: datetime) -> datetime:
    """Return when the hour of a moment begins."""
    return moment.replace(minute=0, second=0, microsecond=0)


def _take_room(workspace_id: int, hour: _Hour, count: int) -> int:
    """Note that so many more were refused; return how many of them may be kept. Whoever asks at the same time waits."""
    source_id, begins = hour
    meters = RefusedMeter.objects.filter(source=source_id, hour=begins)
    meter = meters.select_for_update().first()
    if meter is None:
        RefusedMeter.objects.filter(source=source_id, hour__lt=begins - REMEMBERED).delete()
        new = RefusedMeter(workspace_id=workspace_id, source_id=source_id, hour=begins)
        RefusedMeter.objects.bulk_create([new], ignore_conflicts=True)  # somebody else may make it now
        meter = meters.select_for_update().get()
    room = min(count, max(0, settings.TRACKING["refused_an_hour"] - meter.kept))
    meters.update(kept=F("kept") + room, not_kept=F("not_kept") + count - room)
    return room
