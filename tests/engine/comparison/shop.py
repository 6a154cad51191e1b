"""A small shop on disk: eight leads, what they did and what became of them, and two versions of a playbook."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from leadline.engine.run import Inputs

OLD = """\
[playbook]
name = "shop"
timezone = "Europe/Berlin"
grade = ["fit"]

[scores.fit]
title = "Fit"
min = 0
max = 100
grades = { A = 50, B = 0 }

[scores.engagement]
title = "Engagement"
min = 0

[[criteria]]
id = "size"
score = "fit"
why = "A good size"
when = "employees between 50 and 2000"
points = 60

[[criteria]]
id = "prices"
score = "engagement"
why = "Looked at prices"
event = "page_viewed"
when = "starts_with(path, '/pricing')"
points = 10
decay = { half_life = "14d" }
max = 30

[[criteria]]
id = "webinar"
score = "engagement"
why = "Came to a webinar"
event = "webinar_attended"
points = 20
within = "60d"

[events.demo_requested]
[events.webinar_attended]

[[exclusions]]
id = "student"
why = "Is a student"
when = "seniority = 'student'"

[[qualifications]]
id = "mql"
title = "Marketing qualified"
enter = "fit >= 50 and engagement >= 20"
stay = "fit >= 50 and engagement >= 10"
hand_raise = ["demo_requested"]
hand_raise_stay = "7d"

[outcomes.rejected]
ends = true
quiet = "10d"
"""
NEW = OLD.replace("engagement >= 20", "engagement >= 10").replace(
    'id = "webinar"\nscore = "engagement"\nwhy = "Came to a webinar"\nevent = "webinar_attended"\npoints = 20',
    'id = "webinar"\nscore = "engagement"\nwhy = "Came to a webinar"\nevent = "webinar_attended"\npoints = 8',
)
assert NEW.count("points = 8") == 1

FIRST = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
LEADS = """\
lead_id,seniority,employees
ann,vp,320
bob,manager,100
cem,,900
dan,student,300
eva,vp,
fay,vp,80
gus,vp,3
hal,vp,500
"""
DID = [
    ("ann", "page_viewed", 1, "/pricing"), ("ann", "page_viewed", 3, "/pricing/teams"), ("ann", "page_viewed", 30, "/docs"),
    ("bob", "webinar_attended", 5, ""), ("bob", "page_viewed", 8, "/pricing"),
    ("cem", "page_viewed", 10, "/pricing"), ("cem", "page_viewed", 12, "/pricing"), ("cem", "webinar_attended", 50, ""),
    ("dan", "page_viewed", 2, "/pricing"), ("dan", "page_viewed", 2, "/pricing"),
    ("eva", "page_viewed", 4, "/pricing"), ("eva", "page_viewed", 5, "/pricing"),
    ("fay", "demo_requested", 20, ""), ("fay", "page_viewed", 70, "/pricing"),
    ("gus", "page_viewed", 20, "/pricing"), ("gus", "page_viewed", 21, "/pricing"),
    ("hal", "page_viewed", 60, "/pricing"),
]  # fmt: skip
BECAME = [
    ("ann", "accepted", 6), ("ann", "opportunity", 12), ("ann", "won", 40),
    ("bob", "rejected", 9), ("cem", "won", 60), ("fay", "accepted", 22), ("gus", "won", 50), ("hal", "opportunity", 65),
]  # fmt: skip


def _at(day: float) -> str:
    return (FIRST + timedelta(days=day)).isoformat()


def write_shop(folder: Path) -> Inputs:
    """Write the shop and both versions, old.toml and new.toml, and return where its data is."""
    (folder / "old.toml").write_text(OLD, encoding="utf-8")
    (folder / "new.toml").write_text(NEW, encoding="utf-8")
    (folder / "leads.csv").write_text(LEADS, encoding="utf-8")
    events = [f"{lead},{event},{_at(day)},{path}" for lead, event, day, path in DID]
    (folder / "events.csv").write_text("\n".join(["lead_id,event,occurred_at,path", *events, ""]), encoding="utf-8")
    outcomes = [f"{lead},{outcome},{_at(day)}" for lead, outcome, day in BECAME]
    (folder / "outcomes.csv").write_text("\n".join(["lead_id,outcome,at", *outcomes, ""]), encoding="utf-8")
    return Inputs(leads=folder / "leads.csv", events=folder / "events.csv", outcomes=folder / "outcomes.csv")
