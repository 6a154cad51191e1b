"""A mail server and a channel that take their time hold up nothing but themselves: the worker's other jobs go on."""

import socket
import threading
import time

import pytest
from django.core import mail
from django.utils import timezone
from tests.web.notices.test_posts import channel, post
from tests.web.notices.world import due, tell, waiting
from tests.web.outgoing.conftest import receiver

from leadline.web.notices import sending
from leadline.web.notices.models import Notice, Post
from leadline.web.operations.worker import JOBS, Worker

__all__ = ["channel", "post", "receiver"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)
JOB = "leadline.web.notices.sending."
ROUNDS = 20


class SlowServer:
    """A mail server that greets nobody until it is let go on, and then takes what it is given."""

    def __init__(self):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.go_on, self.took = threading.Event(), []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        connection, _ = self.listening.accept()
        with connection, connection.makefile("rb") as lines:
            self.go_on.wait(30)
            connection.sendall(b"220 here\r\n")
            is_text = False
            for line in lines:
                if is_text:
                    self.took.append(line)
                    is_text = line != b".\r\n"
                    if is_text:
                        continue
                word = line[:4].upper()
                if word == b"DATA":
                    is_text = True
                answers = {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
                connection.sendall(answers.get(word, b"250 fine\r\n"))
                if word == b"QUIT":
                    return


@pytest.fixture
def server(settings):
    one = SlowServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", one.port, 20
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield one
    one.go_on.set()
    one.thread.join(10)
    one.listening.close()


class Rounds:
    """A worker with jobs that send, and another one that is counted."""

    def __init__(self, *names):
        self.others = 0
        self.worker = Worker({name: getattr(sending, name.removeprefix(JOB)) for name in names} | {"other": self.other})

    def other(self):
        self.others += 1
        return 0

    def go(self, count):
        """Go so many rounds, and return how many seconds they took."""
        began = time.monotonic()
        for _ in range(count):
            self.worker.go_round()
        return time.monotonic() - began

    def until(self, is_so):
        ends = time.monotonic() + 20
        while not is_so() and time.monotonic() < ends:
            self.worker.go_round()
        assert is_so()


def test_the_jobs_are_those_of_the_worker():
    assert {JOB + "send_mails_apart", JOB + "send_posts_apart"} <= set(JOBS)


def test_a_slow_mail_server_holds_up_no_other_job(northwind, people, server):
    tell(waiting(northwind, people["Omar"]))
    due(at=timezone.now())
    rounds = Rounds(JOB + "send_mails_apart")

    assert rounds.go(ROUNDS) < 10
    assert rounds.others == ROUNDS and server.took == []
    assert Notice.objects.get().mail_state == "due", "nothing is claimed before the server answers"

    server.go_on.set()
    rounds.until(lambda: Notice.objects.get().mail_state == "sent")
    assert b"To: omar@northwind.example\r\n" in server.took and mail.outbox == []


def test_a_slow_channel_holds_up_no_other_job(post, receiver):
    receiver.wait = threading.Event()
    Post.objects.update(due_at=timezone.now())
    rounds = Rounds(JOB + "send_posts_apart")

    assert rounds.go(ROUNDS) < 5
    assert rounds.others == ROUNDS and Post.objects.get().state == "sending"

    receiver.wait.set()
    rounds.until(lambda: Post.objects.get().state == "sent")
    assert len(receiver.came) == 1


def test_what_goes_wrong_apart_is_told_to_the_worker_which_leaves_it_alone_for_a_while(
    northwind, people, settings, caplog
):
    settings.EMAIL_BACKEND = "tests.web.notices.test_mails.Away"
    tell(waiting(northwind, people["Omar"]))
    due(at=timezone.now())
    rounds = Rounds(JOB + "send_mails_apart")

    rounds.until(lambda: rounds.worker.turns[0].pause > 0)
    assert "send_mails_apart failed; it is tried again" in caplog.text
    assert Notice.objects.get().mail_state == "due"
