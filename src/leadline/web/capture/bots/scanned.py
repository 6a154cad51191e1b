"""Which clicks of which leads a link scanner made, read from the log. What makes a scanner is said in `bursts.py`."""

from collections.abc import Collection, Iterable
from datetime import datetime

from leadline.web.capture.bots.bursts import SOON, WITHIN_AFTER_DELIVERY, Click, find_scanned
from leadline.web.leads.models import Event

_BESIDE = SOON + WITHIN_AFTER_DELIVERY


def find_scanned_beside(events: Iterable[Event]) -> set[int]:
    """Return the ids of clicks that a scanner made, among some clicks and those beside them."""
    of_lead: dict[int, list[datetime]] = {}
    for event in events:
        of_lead.setdefault(event.lead_id, []).append(event.occurred_at)
    found: set[int] = set()
    for lead, times in of_lead.items():
        found |= _scanned_of(lead, times)
    return found


def _scanned_of(lead: int, times: Collection[datetime]) -> set[int]:
    near = Event.objects.filter(
        lead=lead, kind="mail", occurred_at__gte=min(times) - _BESIDE, occurred_at__lte=max(times) + _BESIDE
    )
    clicks: list[Click] = []
    delivered: dict[str, datetime] = {}
    for event in near.filter(name__in=("mail_clicked", "mail_delivered")).order_by("occurred_at", "pk"):
        mail = str(event.properties.get("mail", ""))
        if not mail:
            continue
        if event.name == "mail_delivered":
            delivered.setdefault(f"{event.source_id} {mail}", event.occurred_at)
        else:
            link = str(event.properties.get("link", ""))
            clicks.append(Click(event_id=event.pk, mail=f"{event.source_id} {mail}", link=link, at=event.occurred_at))
    return find_scanned(clicks, delivered)
