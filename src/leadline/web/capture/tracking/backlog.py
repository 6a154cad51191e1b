"""Whether so much waits to be taken apart that more must wait outside: clients keep it and send it again."""

import time

from django.conf import settings
from django.db.models import Max, Min

from leadline.web.capture.models import Delivery

_LOOKED_S = 2.0
_last_look = [float("-inf"), 0]
"""When we looked last, and how many waited then."""


def is_full() -> bool:
    """Whether as many deliveries wait as may. Looked at every other second.

    Deliveries leave in the order in which they came, so the distance between the first and the last id is how many there are, near
    enough; counting them would read them all.
    """
    now = time.monotonic()
    if now - _last_look[0] > _LOOKED_S:
        ends = Delivery.objects.aggregate(first=Min("pk"), last=Max("pk"))
        _last_look[:] = [now, 0 if ends["last"] is None else ends["last"] - ends["first"] + 1]
    most: int = settings.TRACKING["waiting_deliveries"]
    return _last_look[1] >= most


def forget() -> None:
    """Look anew the next time."""
    _last_look[:] = [float("-inf"), 0]
