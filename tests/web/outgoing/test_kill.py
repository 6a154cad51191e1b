"""P4b: a webhook arrives at least once, always under one id, wherever the worker is killed: before and after each commit."""

import os
import signal
import subprocess
import sys

import pytest
from django.db import connection

from leadline.web.outgoing import sending
from leadline.web.outgoing.models import Delivery, Message
from leadline.web.outgoing.webhooks import tell

SAID = """
import os, signal, sys
import django
django.setup()
from datetime import datetime
from django.conf import settings
from leadline.web.outgoing import sending
settings.WEBHOOKS_TO_THIS_MACHINE = True
now, where = datetime.fromisoformat(sys.argv[1]), sys.argv[2]

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def dying(act, *, before=False):
    def act_and_die(*arguments, **names):
        if before:
            die()
        act(*arguments, **names)
        die()
    return act_and_die

match where:
    case "claimed":
        sending.Sender._start = die
    case "inside the answer's commit":
        sending._note_health = dying(sending._note_health)
    case "answered":
        sending.record = die
    case "recorded":
        sending.record = dying(sending.record)
sender = sending.Sender()
sender.go_round(now)
sender.finish(now)
"""


def run_and_die(where, now, tmp_path):
    """Send what is due in a process of its own, which is killed at a point; only what is committed stays."""
    of = connection.settings_dict
    address = f"sqlite:///{of['NAME']}"
    if connection.vendor == "postgresql":
        address = f"postgresql://{of['USER']}@{of['HOST']}:{of['PORT']}/{of['NAME']}"
    environment = os.environ | {
        "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "leadline.web.config.settings",
        "LEADLINE_DATA": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", SAID, now.isoformat(), where],
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("where", "arrivals"),
    [("claimed", 1), ("answered", 2), ("inside the answer's commit", 2), ("recorded", 1)],
)
def test_a_killed_worker_loses_no_message_and_gives_none_two_ids(
    northwind, endpoint, receiver, now, tmp_path, where, arrivals
):
    message = tell(northwind.pk, "lead.qualified", {"lead_id": 7}, now)
    Delivery.objects.update(next_at=now)

    run_and_die(where, now, tmp_path)
    sender = sending.Sender()
    for _ in range(2):  # the one that comes after it, once the lease has run out
        sender.go_round(now + sending.LEASE * 2)
        sender.finish(now + sending.LEASE * 2)
    sender.pool.shutdown()

    assert {headers["webhook-id"] for _, headers, _ in receiver.came} == {message.uid}
    assert len(receiver.came) == arrivals
    assert Message.objects.count() == 1
    assert Delivery.objects.get().state == "sent"
