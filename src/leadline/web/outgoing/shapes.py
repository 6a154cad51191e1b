"""What webhooks carry: a shape for each type, from which their JSON schemas and examples in docs/reference/webhooks.md are made.

Knows no database. tests/web/outgoing/test_shapes.py and tests/web/test_telling.py hold what is told to it.
"""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
_AT = "2026-03-02T09:00:00+00:00"


class AboutLead(Struct, kw_only=True):
    """What is told of any lead."""

    lead_id: int


class Said(AboutLead, kw_only=True):
    """What the live playbook says of the lead. Empty where it has not assessed them yet."""

    grade: str | UnsetType | None = UNSET
    scores: dict[str, float] | UnsetType = UNSET
    stage: str | UnsetType | None = UNSET
    why: list[str] | UnsetType = UNSET
    playbook_version: int | UnsetType = UNSET


class Qualified(Said, kw_only=True):
    """A qualification of a lead began."""

    qualification: str
    began_at: Moment | None


class Cooled(Said, kw_only=True):
    """A qualification of a lead ended. ``because``: ``left``, ``withdrawn`` when it never held by what is known now, or another reason."""

    qualification: str
    began_at: Moment | None
    because: str


class Claimed(AboutLead, kw_only=True):
    """Somebody claimed the hand-off. ``is_undone``: they took it back."""

    handoff_id: int
    qualification: str
    owner: str | None
    is_undone: bool | UnsetType = UNSET


class Accepted(Claimed, kw_only=True):
    """Sales accepted the lead. ``is_undone``: they took it back."""

    decision: str | None
    by: str | None


class Rejected(Accepted, kw_only=True):
    """Sales did not accept the lead: ``decision`` says what instead. ``is_undone``: they took it back."""

    reason: str | None


class StageMoved(Said, kw_only=True):
    """The lead came into another stage."""

    before: str | None
    stage: str | None


class Merged(AboutLead, kw_only=True):
    """Two leads became one: ``lead_id`` stays, ``merged_lead_id`` went."""

    merged_lead_id: int


class Erased(AboutLead, kw_only=True):
    """A person was erased: their id and nothing else."""


class Tested(Struct, kw_only=True):
    """Somebody pressed *Send a test*."""

    said: str


_SAID: dict[str, Any] = {
    "grade": "A",
    "scores": {"fit": 60.0, "interest": 42.5},
    "stage": "mql",
    "why": ["Asked for a demo", "In a country where we have people"],
    "playbook_version": 3,
}
_HANDOFF: dict[str, Any] = {"lead_id": 7, "handoff_id": 12, "qualification": "mql", "owner": "omar@example.com"}
EXAMPLES: dict[str, Struct] = {
    "lead.qualified": Qualified(lead_id=7, qualification="mql", began_at=_AT, **_SAID),
    "lead.cooled": Cooled(lead_id=7, qualification="mql", began_at=_AT, because="left", **_SAID),
    "lead.claimed": Claimed(**_HANDOFF),
    "lead.accepted": Accepted(**_HANDOFF, decision="accepted", by="omar@example.com"),
    "lead.rejected": Rejected(**_HANDOFF, decision="recycled", by="omar@example.com", reason="timing"),
    "lead.stage_moved": StageMoved(lead_id=7, before="lead", **_SAID),
    "lead.merged": Merged(lead_id=7, merged_lead_id=9),
    "lead.erased": Erased(lead_id=7),
    "webhook.test": Tested(said="This is a test."),
}
"""Of each type a webhook as it could come. Their shapes are what the type carries."""


def schema_of(type: str) -> dict[str, Any]:  # noqa: A002
    """Return the JSON schema of the body of a webhook.

    Raises:
        KeyError: there is no such type.
    """
    shape = EXAMPLES[type].__class__
    _, others = msgspec.json.schema_components([shape], ref_template="#/$defs/{name}")
    own = others[shape.__name__]
    return {
        "$schema": DIALECT,
        "title": type,
        "description": own.pop("description").replace("``", "`"),
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": type},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {key: value for key, value in own.items() if key != "title"},
        },
    }


def example_of(type: str) -> dict[str, Any]:  # noqa: A002
    """Return a webhook as it could come.

    >>> example_of("lead.erased")
    {'type': 'lead.erased', 'timestamp': '2026-03-02T09:00:00+00:00', 'data': {'lead_id': 7}}
    """
    data = msgspec.to_builtins(EXAMPLES[type])
    return {"type": type, "timestamp": _AT, "data": data}
