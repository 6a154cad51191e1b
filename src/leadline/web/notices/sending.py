"""The jobs of the worker that send mails and posts, and say of which it is not known whether they left.

Each sends in a thread of its own, for which a round of the worker waits a moment and no longer: a mail server or a channel that is slow
holds up nothing but itself. A worker that is told to stop ends after the mail, or the post, that is leaving.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime

from django.db import connections
from django.utils import timezone

from leadline.web.notices.mails import doubt_mails, mails_wait, send_mails
from leadline.web.notices.posts import doubt_posts, posts_wait, send_posts

WAIT_S = 0.1
"""So long a round waits for what it has just begun: most servers answer in that time."""


class Apart:
    """Does something in a thread of its own, once at a time."""

    def __init__(self, name: str, act: Callable[[], int]) -> None:
        self.act = act
        self.pool = ThreadPoolExecutor(1, name)
        self.under_way: Future[int] | None = None

    def go_on(self, *, waits: bool) -> int:
        """Take in how it went, and begin again where something *waits*. Return how much was done since the last time.

        Raises:
            Exception: whatever it raised, once.
        """
        if self.under_way is None:
            if not waits:
                return 0
            self.under_way = self.pool.submit(self._do)
        wait([self.under_way], timeout=WAIT_S)
        if not self.under_way.done():
            return 0
        ended, self.under_way = self.under_way, None
        return ended.result()

    def _do(self) -> int:
        try:
            return self.act()
        finally:
            connections.close_all()  # those of this thread


_mails, _posts = Apart("mails", lambda: send_mails()), Apart("posts", lambda: send_posts())


def send_mails_apart() -> int:
    """Let mails leave that are due; return how much was dealt with since the last round, 0 when the worker may rest. A job of the worker.

    Raises:
        OSError, smtplib.SMTPException: the mail server cannot be reached. Nothing was claimed; it is tried again.
    """
    now = timezone.now()
    return doubt_mails(now) + _mails.go_on(waits=mails_wait(now))


def send_posts_apart() -> int:
    """Let posts leave that are due; return how much was dealt with since the last round. A job of the worker."""
    now = timezone.now()
    return doubt_posts(now) + _posts.go_on(waits=posts_wait(now))


def send_notices(now: datetime | None = None) -> int:
    """Send what is due and wait for it; return how much was dealt with. now: for tests; else the time of each step.

    Raises:
        OSError, smtplib.SMTPException: the mail server cannot be reached. Nothing changed but what went to channels.
    """
    moment = now or timezone.now()
    return doubt_mails(moment) + doubt_posts(moment) + send_posts(now) + send_mails(now)
