"""A playbook with routes, teams of people who take turns, and hand-offs that they have."""

from datetime import UTC, datetime, timedelta

from tests.web.conftest import member

from leadline.web.handoff.models import HandOff, Seat, Team, TeamSeat
from leadline.web.leads.models import Lead

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOML = """
[playbook]
name = "Northwind"
timezone = "Europe/Berlin"

[fields.company]
employees = { type = "number" }

[scores.fit]
title = "Fit"

[[criteria]]
id = "demo"
score = "fit"
event = "demo_requested"
points = 10
why = "They asked."

[[qualifications]]
id = "mql"
enter = "fit >= 10"

[outcomes.accepted]

[outcomes.rejected]
ends = true
reasons = [{ id = "timing", title = "Not now" }, { id = "chemistry", title = "Chemistry", owner = "new" }]

[handoff]
qualifications = ["mql"]
otherwise = "inbound"

[[handoff.routes]]
when = "company.employees >= 1000"
to = "enterprise"

[[handoff.routes]]
when = "country = 'DE'"
to = "regional"
"""


def seat(workspace, name, role="rep", **columns):
    return Seat.objects.create(workspace=workspace, user=member(workspace, name, role), **columns)


def team(workspace, slug, *seats):
    made = Team.objects.create(workspace=workspace, slug=slug, name=slug.title())
    for position, one in enumerate(seats, start=1):
        TeamSeat.objects.create(workspace=workspace, team=made, seat=one, position=position)
    return made


def lead(workspace, name="Ada", **columns):
    return Lead.objects.create(
        workspace=workspace, name=name, is_known=True, first_seen_at=NOW - timedelta(days=9), **columns
    )


def handoff(about, owner=None, *, days_ago=0, state=HandOff.State.WAITING, **columns):
    at = NOW - timedelta(days=days_ago)
    made = {"qualification": "mql", "began_at": at, "version_number": 1, "opened_at": at, "state": state, **columns}
    return HandOff.objects.create(workspace_id=about.workspace_id, lead=about, owner=owner, **made)
