"""Mails about notices. Each leaves at most once, and doubt is shown.

    due ──claim, committed──▶ sending ──▶ sent
                                 │   └──▶ failed     the server refused it, so it is certain that nothing left
                                 └──────▶ uncertain  whoever sent it was killed, or the connection broke: it may have left

Before a mail is sent it is committed that it is being sent, so that nobody else sends it. A worker that is killed in between leaves
*sending*, which becomes *uncertain* when its lease is over, and stays so until an administrator sends it again. A server that cannot be
reached changes nothing: the connection is opened before anything is claimed. tests/web/notices/test_kills.py kills a worker at each step.
"""

import logging
import secrets
import smtplib
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from leadline.web.accounts.forms import can_send_mail
from leadline.web.accounts.models import Membership, User, Workspace
from leadline.web.notices.models import Leaving, Notice, Preference
from leadline.web.notices.of_proposals import say_notice
from leadline.web.notices.queries import is_still_so, with_parts
from leadline.web.notices.said import Said, Words, address_of
from leadline.web.notices.tell import zone_of

log = logging.getLogger("leadline.notices")
LEASE = timedelta(minutes=10)
"""Longer than a mail takes: the connection waits for its server for 20 seconds at each step."""
MAILS_AT_ONCE = 10
LONGEST_TURN_S = 10.0
"""Seconds after which no other mail is begun before the worker was asked whether it goes on."""
NOTICES_A_MAIL = 500
LINES_A_MAIL = 40
MOST_TRIES = 5
RETRY = timedelta(minutes=15)
_HANGS_UP = 421

Passes = Callable[[str], None]
"""Is called with the name of each step that the sending passes; tests end the process there."""


def _go_on(_step: str) -> None:
    """Do nothing."""


def doubt_mails(now: datetime) -> int:
    """Mark mails as uncertain whose sender has not said in time how it went; return how many notices they were of."""
    over = Notice.objects.filter(mail_state=Leaving.SENDING, leased_until__lt=now)
    return over.update(mail_state=Leaving.UNCERTAIN, lease="", leased_until=None, mail_error="The worker ended.")


def mails_wait(now: datetime) -> bool:
    """Return whether a mail is due."""
    return Notice.objects.filter(mail_state=Leaving.DUE, mail_due_at__lte=now).exists()


def send_mails(now: datetime | None = None, *, passes: Passes = _go_on) -> int:
    """Send mails that are due; return how many were dealt with.

    Raises:
        OSError, smtplib.SMTPException: the server cannot be reached. Nothing was claimed.
    """
    if not mails_wait(now or timezone.now()):  # the usual case
        return 0
    if not can_send_mail():  # the server was taken away since
        due = Notice.objects.filter(mail_state=Leaving.DUE, mail_due_at__lte=now or timezone.now())
        return due.update(mail_state=Leaving.SKIPPED)
    ends = time.monotonic() + LONGEST_TURN_S
    connection: BaseEmailBackend = get_connection()
    connection.open()
    done = 0
    try:
        while (
            done < MAILS_AT_ONCE
            and time.monotonic() < ends
            and (claimed := claim(now or timezone.now(), passes=passes))
        ):
            done += 1
            passes("claimed")
            if not _send(claimed, connection, now or timezone.now(), passes):
                break
    finally:
        connection.close()
    return done


def claim(now: datetime, *, passes: Passes = _go_on) -> list[Notice]:
    """Take what is due for one person: it leaves as one mail. Nobody else sends it from then on."""
    lease = secrets.token_hex(16)
    due = Notice.objects.filter(mail_state=Leaving.DUE, mail_due_at__lte=now)
    with transaction.atomic():
        first = due.order_by("mail_due_at", "pk").first()
        if first is None:
            return []
        theirs = due.filter(user=first.user_id, workspace=first.workspace_id).order_by("pk")
        ids = list(theirs.values_list("pk", flat=True)[:NOTICES_A_MAIL])
        # What somebody else took a moment ago is not due any more.
        due.filter(pk__in=ids).update(
            mail_state=Leaving.SENDING,
            lease=lease,
            leased_until=now + LEASE,
            mail_at=now,
            mail_tries=F("mail_tries") + 1,
        )
        passes("claiming")
    return list(with_parts(Notice.objects.filter(lease=lease)).select_related("user", "workspace").order_by("at", "pk"))


def _send(claimed: Sequence[Notice], connection: BaseEmailBackend, now: datetime, passes: Passes) -> bool:
    """Send what was claimed as one mail, and write down how it went. Return whether the connection may go on being used."""
    wanted = _still_wanted(claimed)
    _record([one for one in claimed if one not in wanted], Leaving.SKIPPED)
    if not wanted:
        return True
    mail = compose(wanted)
    mail.connection = connection
    try:
        mail.send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
        code = _code_of(error)
        if 400 <= code < 500 and wanted[0].mail_tries < MOST_TRIES:  # the server asks to try again later
            _record(wanted, Leaving.DUE, f"The server answered {code}.", due_at=now + RETRY)
        else:
            _record(wanted, Leaving.FAILED, f"The server answered {code}.")
        return code != _HANGS_UP
    except (smtplib.SMTPException, OSError) as error:
        log.warning("Whether a mail left is not known: %s", type(error).__name__)
        _record(wanted, Leaving.UNCERTAIN, f"The connection broke: {type(error).__name__}.")
        return False
    except ValueError as error:  # a header that cannot be
        _record(wanted, Leaving.FAILED, f"It could not be written: {type(error).__name__}.")
        return True
    passes("left")
    _record(wanted, Leaving.SENT, passes=passes)
    passes("recorded")
    return True


def _code_of(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return min((code for code, _ in error.recipients.values()), default=550)
    return error.smtp_code


def _still_wanted(claimed: Sequence[Notice]) -> list[Notice]:
    """Return what is worth a mail: its reader still works here and has not read it, and it still holds."""
    user = claimed[0].user
    members = Membership.objects.filter(workspace=claimed[0].workspace_id, user=user, user__is_active=True)
    if not members.exists():
        return []
    return [one for one in claimed if one.seen_at is None and is_still_so(one)]


def _record(
    notices: Sequence[Notice], state: Leaving, why: str = "", *, due_at: datetime | None = None, passes: Passes = _go_on
) -> None:
    """Write down how it went, where the lease still holds."""
    if not notices:
        return
    columns = {"mail_due_at": due_at} if due_at else {}
    with transaction.atomic():
        held = Notice.objects.filter(pk__in=[one.pk for one in notices], lease=notices[0].lease)
        held.update(mail_state=state, mail_error=why, lease="", leased_until=None, **columns)
        passes("recording")


# -- what stands in a mail -------------------------------------------------------------------------------------------


def compose(notices: Sequence[Notice]) -> EmailMessage:
    """Return the mail about some notices of one person: plain text, one line why, the clock, links."""
    user, workspace = notices[0].user, notices[0].workspace
    words = Words(workspace.pk)
    said = [say_notice(words, one) for one in notices]
    zone = zone_of(Preference.objects.filter(workspace=workspace, user=user).first(), workspace)
    subject = f"{said[0].lead}: {said[0].what}" if len(said) == 1 else f"{len(said)} notices from {workspace.name}"
    preferences = address_of(reverse("notice-preferences"))
    return EmailMessage(
        subject=" ".join(subject.split()),
        body=_body(user, workspace, said, zone, preferences),
        to=[user.email],
        headers={"List-Unsubscribe": f"<{preferences}>", "Auto-Submitted": "auto-generated"},
    )


def _body(user: User, workspace: Workspace, said: Sequence[Said], zone: ZoneInfo, preferences: str) -> str:
    context = {
        "user": user,
        "workspace": workspace,
        "items": [(one, one.due(zone), address_of(one.path)) for one in said[:LINES_A_MAIL]],
        "more": max(0, len(said) - LINES_A_MAIL),
        "notices": address_of(reverse("notices")),
        "preferences": preferences,
    }
    return render_to_string("notices/mail.txt", context)
