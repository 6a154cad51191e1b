"""A worker is killed while it writes what is told: it is all written once, with what happened, or nothing is and the next one writes it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.web.notices.test_races import lead
from tests.web.outgoing.conftest import endpoint, receiver
from tests.web.outgoing.killing import run_and_die

from leadline.web import flow
from leadline.web.assessments import jobs
from leadline.web.handoff.models import HandOff
from leadline.web.notices.models import Notice
from leadline.web.outgoing.models import Delivery, Message

__all__ = ["endpoint", "lead", "receiver"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)

ASSESSES = """
from leadline.web import flow
match where:
    case "webhooks written":
        flow.tell_of_changes = dying(flow.tell_of_changes)
    case "notices written":
        flow.tell_people = dying(flow.tell_people)
flow.assess_due()
die_at("committed")
"""
TELLS_AFTER_ITS_COMMIT = """
from leadline.web import flow
changed = []
flow.leads_assessed = changed.extend
"""


def kill_and_go_on(now, tmp_path, where, breaks=""):
    run_and_die(ASSESSES, now=now, where=where, data=tmp_path, breaks=breaks)
    after_its_lease = timezone.now() + timedelta(hours=1)
    while jobs.assess_due(now=after_its_lease, tell=flow.leads_assessed):
        pass


@pytest.mark.parametrize("where", ["webhooks written", "notices written", "committed"])
def test_what_happens_is_told_once_wherever_the_worker_is_killed(lead, endpoint, now, tmp_path, where):
    kill_and_go_on(now, tmp_path, where)

    assert HandOff.objects.count() == 1
    assert sorted(Message.objects.values_list("type", flat=True)) == ["lead.qualified", "lead.stage_moved"]
    assert Delivery.objects.count() == 2
    kinds = list(Notice.objects.values_list("kind", "user"))
    assert kinds and len(kinds) == len(set(kinds))


def test_a_worker_that_tells_after_its_commit_is_seen_to_lose_it(lead, endpoint, now, tmp_path):
    kill_and_go_on(now, tmp_path, "committed", TELLS_AFTER_ITS_COMMIT)

    assert not Message.objects.filter(type="lead.qualified").exists() and not Notice.objects.exists()
