"""A worker is killed at each step of a mail: nothing is lost, and no mail leaves twice."""

import threading
from datetime import timedelta
from email import message_from_bytes

import pytest
from django.core.mail import get_connection
from tests.web.handoff.test_clocks import together
from tests.web.notices.world import MONDAY, due, tell, waiting
from tests.web.outgoing.killing import run_and_die

from leadline.web.notices import sending
from leadline.web.notices.mails import LEASE, send_mails
from leadline.web.notices.models import Notice
from leadline.web.notices.sending import send_notices

pytestmark = pytest.mark.django_db(transaction=True)
INTO_FILES = "django.core.mail.backends.filebased.EmailBackend"
SENDS = """
from leadline.web.notices.mails import send_mails
send_mails(now, passes=die_at)
"""
SENDS_BEFORE_IT_CLAIMS = """
from leadline.web.notices import mails
right = mails.Notice.objects.filter
def claim(now, passes):
    return list(mails.with_parts(right(mail_state="due")).select_related("user", "workspace"))
mails.claim = claim
"""


def kill_and_go_on(folder, tmp_path, step, breaks=""):
    """Let a worker be killed at a step, and others go on, before and after its lease is over. Return how it stood in between."""
    run_and_die(SENDS, now=MONDAY, where=step, data=tmp_path / "data", folder=folder, breaks=breaks)
    between = len(left(folder)), Notice.objects.get().mail_state
    for minutes in (1, 2, 11, 12, 60):
        send_notices(MONDAY + timedelta(minutes=minutes))
    return between


def left(folder):
    """How many mails left, by whom they are for. Mails of a process lie in one file, with a line of dashes between."""
    found = []
    for one in folder.glob("*.log"):
        found += [message_from_bytes(part.strip())["To"] for part in one.read_bytes().split(b"-" * 79) if part.strip()]
    return sorted(found)


@pytest.fixture
def folder(tmp_path, settings):
    made = tmp_path / "mails"
    made.mkdir()
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = INTO_FILES, str(made)
    return made


@pytest.mark.parametrize(
    ("step", "mails", "state", "mails_at_last", "state_at_last"),
    [
        ("claiming", 0, "due", 1, "sent"),  # nothing was committed
        ("claimed", 0, "sending", 0, "uncertain"),  # it did not leave, and nobody can know that
        ("left", 1, "sending", 1, "uncertain"),  # it left, and that was not written down
        ("recording", 1, "sending", 1, "uncertain"),  # it was, and not committed
        ("recorded", 1, "sent", 1, "sent"),
    ],
)
def test_a_worker_that_is_killed_loses_no_mail_and_sends_none_twice(
    northwind, people, folder, tmp_path, step, mails, state, mails_at_last, state_at_last
):
    tell(waiting(northwind, people["Omar"]))
    due()

    assert kill_and_go_on(folder, tmp_path, step) == (mails, state)
    assert len(left(folder)) == mails_at_last
    assert Notice.objects.get().mail_state == state_at_last


# -- senders that are wrong: what is looked at above has to see it ----------------------------------------------------


def test_a_sender_that_sends_before_it_claims_is_seen_to_send_twice(northwind, people, folder, tmp_path):
    tell(waiting(northwind, people["Omar"]))
    due()

    assert kill_and_go_on(folder, tmp_path, "left", SENDS_BEFORE_IT_CLAIMS) == (1, "due")
    assert len(left(folder)) == 2


def test_a_worker_that_takes_doubt_for_failure_is_seen_to_send_twice(northwind, people, folder, tmp_path, monkeypatch):
    def send_once_more(now):
        return Notice.objects.filter(mail_state="sending", leased_until__lt=now).update(mail_state="due")

    monkeypatch.setattr(sending, "doubt_mails", send_once_more)
    tell(waiting(northwind, people["Omar"]))
    due()

    kill_and_go_on(folder, tmp_path, "left")
    assert len(left(folder)) == 2


def test_a_lease_outlasts_a_mail():
    assert timedelta(minutes=5) < LEASE


def test_four_workers_send_each_mail_once(northwind, people, folder, monkeypatch):
    for number in range(12):
        tell(waiting(northwind, people["Omar" if number % 2 else "Bea"], f"Lead {number}"))
    due()
    for place, notice in enumerate(Notice.objects.order_by("pk")):  # each is due at a time of its own: twelve mails
        Notice.objects.filter(pk=notice.pk).update(mail_due_at=MONDAY + timedelta(hours=place))
    bodies, lock = [], threading.Lock()
    backend = type(get_connection())
    original = backend.send_messages

    def keep(self, messages):
        with lock:
            bodies.extend(one.body for one in messages)
        return original(self, messages)

    def work():
        for place in range(12):
            send_mails(MONDAY + timedelta(hours=place))

    monkeypatch.setattr(backend, "send_messages", keep)
    assert together(*[work] * 4) == [None] * 4
    assert set(Notice.objects.values_list("mail_state", "mail_tries")) == {("sent", 1)}
    assert [sum(f"Lead {number}\n" in body for body in bodies) for number in range(12)] == [1] * 12
