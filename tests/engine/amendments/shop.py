"""A small shop for stories: one playbook, a few leads, and what happens to them in March."""

from typing import Any

from leadline.engine.amendments.apply import amended
from leadline.engine.amendments.entry import LookAgain, look_at
from leadline.engine.amendments.model import Amendment
from leadline.engine.calendar import get_zone
from leadline.engine.lifecycle.history import history
from leadline.engine.lifecycle.model import Spell
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.reference.infer import infer_catalog
from leadline.engine.reference.read import read_logs

PLAYBOOK = """
[playbook]
name = "shop"
timezone = "Europe/Berlin"

[fields]
title = { type = "text" }

[events.viewed]
properties = { path = "text" }
[events.webinar]
[events.demo]

[scores.engagement]

[[criteria]]
id = "prices"
score = "engagement"
why = "Looked at prices"
event = "viewed"
points = 10
within = "14d"

[[criteria]]
id = "webinar"
score = "engagement"
why = "Came to a webinar"
event = "webinar"
points = 20
within = "14d"

[[exclusions]]
id = "student"
when = "title = 'student'"

[[qualifications]]
id = "mql"
title = "Marketing qualified"
enter = "engagement >= 30"
hand_raise = ["demo"]
hand_raise_stay = "7d"
cooldown = "30d"
"""
TABLES: dict[str, list[dict[str, Any]]] = {
    "leads": [
        {"lead_id": "ann", "title": None},
        {"lead_id": "a.lee", "title": None},
        {"lead_id": "bob", "title": None},
        {"lead_id": "kim", "title": "student"},
    ],
    "events": [
        {
            "event_id": "1",
            "lead_id": "ann",
            "event": "viewed",
            "occurred_at": "2026-03-02T09:00:00Z",
            "path": "/prices",
        },
        {"event_id": "2", "lead_id": "ann", "event": "webinar", "occurred_at": "2026-03-04T15:00:00Z", "path": None},
        {
            "event_id": "3",
            "lead_id": "a.lee",
            "event": "viewed",
            "occurred_at": "2026-03-03T09:00:00Z",
            "path": "/prices",
        },
        {"event_id": "4", "lead_id": "a.lee", "event": "webinar", "occurred_at": "2026-03-10T15:00:00Z", "path": None},
        {"event_id": "5", "lead_id": "bob", "event": "demo", "occurred_at": "2026-03-05T10:00:00Z", "path": None},
    ],
    "outcomes": [{"lead_id": "a.lee", "outcome": "recycled", "at": "2026-03-03T12:00:00Z"}],
}


def spells_of(*amendments: Amendment, tables: dict[str, Any] | None = None) -> tuple[list[Spell], LookAgain]:
    """Return the spells of March, and what looks again."""
    playbook, _ = read_playbook(PLAYBOOK)
    found = amended(TABLES if tables is None else tables, amendments, playbook=playbook)
    bound, _ = bind_playbook(playbook, infer_catalog(playbook, found))
    logs = read_logs(bound, found).logs
    until = get_zone(playbook.timezone).end_of_day(20543)  # 2026-03-31
    return [spell for log in logs for spell in history(bound, log, until).spells], look_at(bound, logs)
