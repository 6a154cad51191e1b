"""The job of the worker: sends mails and posts that are due, and says of which it is not known whether they left."""

from datetime import datetime

from django.utils import timezone

from leadline.web.notices.mails import doubt_mails, send_mails
from leadline.web.notices.posts import doubt_posts, send_posts


def send_notices(now: datetime | None = None) -> int:
    """Send what is due; return how much was dealt with, 0 when the worker may rest.

    now: for tests; else the time of each step.

    Raises:
        OSError, smtplib.SMTPException: the mail server cannot be reached. Nothing changed but what went to channels; it is tried again.
    """
    moment = now or timezone.now()
    done = doubt_mails(moment) + doubt_posts(moment) + send_posts(now)
    return done + send_mails(now)
