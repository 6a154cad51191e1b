"""What a source says, parsed and checked but not yet attributed to anybody: the one way into the log for events.

The tracking API, forms, mail providers and imports of events all make these; `intake.take_messages` finds out who it is and
writes them down.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
MessageKind = Literal["track", "page", "screen", "mail", "form", "identify", "group", "alias"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One thing that a source says.

    message_id:     of one source and id there is one; over 255 characters it is a hash already.
    name:           of the event, in a playbook's words (``page_viewed``); for identify, group and alias that kind.
    occurred_at, received_at: with their zone; never later than now.
    anonymous_id, user_id, email, crm_id: who it is about, as far as is said. At least one is there.
    previous_id:    of an alias: who it was called before.
    group_id:       of a group: what the source calls the company.
    traits:         facts about the person; company_traits: about the company. Field → value.
    properties:     of the event, as conditions read them.
    touch:          where it came from (see `Event.touch`).
    raw:            what was sent, as JSON text.
    evidence:       why the traits are so, kept with each of their facts: such as the form on which they were answered.
    evidence_of:    the same of single traits, which it then is instead: such as what was agreed to, by the field of the consent.
    is_verified:    whether a server, a signature or a form of ours vouches for user_id and email.
    """

    message_id: str
    kind: MessageKind
    name: str
    occurred_at: datetime
    received_at: datetime
    anonymous_id: str = ""
    user_id: str = ""
    email: str = ""
    crm_id: str = ""
    previous_id: str = ""
    group_id: str = ""
    traits: Mapping[str, Json] = field(default_factory=dict)
    company_traits: Mapping[str, Json] = field(default_factory=dict)
    properties: Mapping[str, Json] = field(default_factory=dict)
    touch: Mapping[str, str] = field(default_factory=dict)
    raw: str = ""
    evidence: str = ""
    evidence_of: Mapping[str, str] = field(default_factory=dict)
    is_verified: bool = False
    origin: str = ""


@dataclass(slots=True, kw_only=True)
class TakenIn:
    """What became of some messages: in = stored + duplicates + erased.

    lead_ids: of the leads whose log grew; they wait to be assessed.
    """

    stored: int = 0
    duplicates: int = 0
    erased: int = 0
    lead_ids: set[int] = field(default_factory=set)
