"""What a rule about bots looks at: one event, yet to be written or long there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadline.web.leads.messages import Message
from leadline.web.leads.models import Event


@dataclass(frozen=True, slots=True)
class Seen:
    """An event as rules see it. *source_kind*: website, server, mail …"""

    kind: str
    name: str
    properties: Mapping[str, Any]
    source_kind: str

    @property
    def user_agent(self) -> str:
        """What the program said of itself; empty when it said nothing."""
        said = self.properties.get("user_agent")
        return said if isinstance(said, str) else ""


def seen_in(event: Message | Event, source_kind: str) -> Seen:
    """Return what rules see of an event."""
    return Seen(event.kind, event.name, event.properties, source_kind)
