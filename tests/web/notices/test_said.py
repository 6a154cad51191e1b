"""Notices in words."""

import pytest
from tests.web.notices.world import tell, waiting

from leadline.web.handoff.changes import change_of
from leadline.web.handoff.models import HandOff
from leadline.web.notices.models import Notice
from leadline.web.notices.said import Words
from leadline.web.notices.tell import handoffs_changed

pytestmark = pytest.mark.django_db
TIMING = {"decision": "rejected", "reason": "timing"}


def said(workspace, kind):
    parts = ("handoff__lead__company", "handoff__owner", "handoff__team", "by")
    return Words(workspace.pk).say(Notice.objects.select_related(*parts).get(kind=kind)).what


@pytest.mark.parametrize(
    ("kind", "by", "more", "notice", "what"),
    [
        ("assigned", "Max", {}, "yours", "Max gave them to you"),
        ("claimed", "Bea", {"before": "Omar"}, "moved", "Bea took them, who waited for you"),
        ("assigned", "Max", {"before": "Bea"}, "moved", "Max gave them to Omar"),
        ("decided", "Max", {"before": "Omar", "said": TIMING}, "moved", "Max rejected them for “Not now”, who was yours"),
        ("cooled", None, {"said": {"while": "claimed"}}, "cooled", "Cooled while you work on them"),
        (
            "withdrawn", None, {"said": {"version": 2}}, "withdrawn",
            "Withdrawn by version 2 of the playbook: no longer waits for you",
        ),
        (
            "withdrawn", None, {"said": {"version": 2, "while": "claimed"}}, "withdrawn",
            "No longer qualified by version 2 of the playbook, while you work on them",
        ),
        ("escalated", None, {}, "escalated", "Late, so that it came to you; Omar has it"),
    ],
)  # fmt: skip
def test_what_happened_is_said_with_who_did_it(northwind, people, kind, by, more, notice, what):
    owner = people["Bea"] if kind == "claimed" else people["Omar"]
    before = {"owner_id": people[more.pop("before")].pk} if "before" in (more := dict(more)) else {}
    tell(waiting(northwind, owner), kind, by=people.get(by), before=before, **more)
    assert said(northwind, notice) == what


def test_a_team_reads_its_name_and_who_gave_it_back(northwind, people):
    tell(waiting(northwind, team=people["inbound"]), "released", by=people["Omar"])
    assert said(northwind, "team") == "Waits for Inbound, without an owner: Omar gave them back"


def test_who_qualifies_again_is_said_with_the_time_and_the_last_reason(northwind, people):
    first = waiting(northwind, state="rejected", reason="timing")
    HandOff.objects.update(decided_at=first.opened_at)
    tell(
        HandOff.objects.create(
            workspace=northwind, lead=first.lead, owner=people["Omar"], qualification="mql", number=3,
            began_at=first.opened_at, opened_at=first.opened_at, version_number=1,
        )
    )  # fmt: skip
    assert said(northwind, "again") == "Waits for you again: third time, last rejected for “Not now”"


def test_what_was_taken_back_is_named(northwind, people):
    one = waiting(northwind, people["Omar"])
    made = tell(one, "assigned", by=people["Max"])
    handoffs_changed([change_of(one, made, is_undone=True)])
    assert said(northwind, "undone") == "Max took back that they gave them to somebody"
