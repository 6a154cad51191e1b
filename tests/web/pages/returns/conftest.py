"""Northwind's hand-offs of the last weeks, decided and not."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.web.handoff.conftest import ines, live, nadia
from tests.web.pages.rows import make_lead

from leadline.web.handoff.models import HandOff

__all__ = ["ines", "live", "nadia"]  # fixtures


def handed(version, name, state="waiting", *, days=1, **more):
    """Return a hand-off of a new lead that opened some days ago, in a state."""
    opened = timezone.now() - timedelta(days=days)
    source = more.pop("source", "webinar")
    because = more.pop("because", "country:30")
    decided = state not in ("waiting", "claimed", "cooled", "withdrawn", "merged")
    return HandOff.objects.create(
        workspace=version.workspace,
        lead=more.pop("lead", None) or make_lead(version.workspace, name, first_source=source),
        qualification="mql",
        began_at=opened - timedelta(hours=1),
        opened_at=opened,
        version_number=more.pop("version_number", version.number),
        state=state,
        because=because,
        brought_by=more.pop("brought_by", "" if more.get("is_hand_raise") else because.partition(":")[0]),
        claimed_at=opened + timedelta(hours=2) if decided or state == "claimed" else None,
        decided_at=opened + timedelta(hours=3) if decided else None,
        **more,
    )


@pytest.fixture
def some(live, omar, nadia):
    """Nine hand-offs: two accepted, three recycled, one rejected, one cooled, one waiting, and one of long ago."""
    return [
        handed(live, "Ada Accepted", "accepted", owner=omar),
        handed(live, "Ben Accepted", "accepted", owner=nadia, source="list"),
        handed(live, "Cy Recycled", "recycled", reason="timing", owner=omar),
        handed(live, "Di Recycled", "recycled", reason="timing", owner=omar, days=9),
        handed(live, "Ed Recycled", "recycled", owner=nadia, days=9, because="demo_requested", is_hand_raise=True),
        handed(live, "Flo Rejected", "rejected", reason="no-interest", owner=nadia),
        handed(live, "Gus Cooled", "cooled"),
        handed(live, "Hal Waiting"),
        handed(live, "Ida Long Ago", "accepted", days=120),
    ]
