"""What a source has sent: the test that it is set up right."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from leadline.web.accounts.models import Source
from leadline.web.capture.models import Delivery, RefusedEvent
from leadline.web.leads.models import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """When something of a source last came in, was taken in, and was refused; empty where nothing was."""

    waiting_at: datetime | None
    event_at: datetime | None
    refused_at: datetime | None

    @property
    def last_at(self) -> datetime | None:
        """When anything came that could be used."""
        return max((at for at in (self.waiting_at, self.event_at) if at), default=None)


def read_received(source: Source) -> Received:
    """Return what has lately come from a source. Of its events, the newest row is looked at: rows are appended as they come."""
    newest = Event.objects.filter(source=source).order_by("-pk").values_list("received_at", flat=True).first()
    return Received(
        waiting_at=Delivery.objects.filter(source=source).aggregate(at=Max("received_at"))["at"],
        event_at=newest,
        refused_at=RefusedEvent.objects.filter(
            workspace=source.workspace_id, source=source, state=RefusedEvent.State.OPEN
        ).aggregate(at=Max("received_at"))["at"],
    )
