"""Messages to channels of Slack and Teams, by the incoming webhooks of a workspace.

They leave as mails do, and for the same reason: neither program knows a message again that comes twice. What was certainly refused is tried
again; what may have arrived is *uncertain*. The sending itself is that of webhooks: to public addresses only, without redirects.
"""

import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F
from django.utils import timezone

from leadline.web.notices.models import Channel, Leaving, Post
from leadline.web.notices.queries import is_still_so
from leadline.web.notices.said import Words, address_of
from leadline.web.outgoing.addresses import AddressRefusedError, read_url, resolve
from leadline.web.outgoing.posting import Posted, post
from leadline.web.outgoing.retries import asked_pause

LEASE = timedelta(minutes=2)
AT_ONCE = 4
MOST_TRIES = 6
FIRST_RETRY = timedelta(minutes=1)
CONNECT_S, TOTAL_S = 3.0, 6.0
"""Seconds: a worker that is told to stop waits for it."""
_TOO_MANY = 429

Send = Callable[[str, bytes, dict[str, str]], Posted]


def send_in_time(url: str, body: bytes, headers: dict[str, str]) -> Posted:
    """Send something as webhooks are sent, in less time."""
    return post(url, body, headers, connect_s=CONNECT_S, total_s=TOTAL_S)


def doubt_posts(now: datetime) -> int:
    """Mark posts as uncertain whose sender has not said in time how it went; return how many."""
    over = Post.objects.filter(state=Leaving.SENDING, leased_until__lt=now)
    return over.update(state=Leaving.UNCERTAIN, lease="", leased_until=None, error="The worker ended.")


def posts_wait(now: datetime) -> bool:
    """Return whether a post is due."""
    return Post.objects.filter(state=Leaving.DUE, due_at__lte=now).exists()


def send_posts(now: datetime | None = None, *, send: Send = send_in_time) -> int:
    """Send posts that are due; return how many were dealt with."""
    done = 0
    while done < AT_ONCE and (claimed := claim(now or timezone.now())):
        done += 1
        _send(claimed, now or timezone.now(), send)
    return done


def claim(now: datetime) -> Post | None:
    """Take the post that is due first. Nobody else sends it from then on."""
    due = Post.objects.filter(state=Leaving.DUE, due_at__lte=now)
    first = due.order_by("due_at", "pk").first()
    if first is None:
        return None
    lease = secrets.token_hex(16)
    is_taken = due.filter(pk=first.pk).update(
        state=Leaving.SENDING, lease=lease, leased_until=now + LEASE, tried_at=now, tries=F("tries") + 1
    )
    if not is_taken:
        return None
    parts = ("channel", "workspace", "by", "handoff__lead__company", "handoff__team", "handoff__owner")
    return Post.objects.select_related(*parts).filter(pk=first.pk, lease=lease).first()


def _send(one: Post, now: datetime, send: Send) -> None:
    if not is_still_so(one):
        _record(one, Leaving.SKIPPED)
        return
    try:
        target = read_url(one.channel.url)
    except AddressRefusedError as error:
        _record(one, Leaving.FAILED, str(error))
        return
    try:
        resolve(target)  # so that a name that nobody answers for now is told from what may have arrived
    except AddressRefusedError as error:
        _try_later(one, str(error), now)
        return
    body = json.dumps(card_of(one)).encode()
    posted = send(one.channel.url, body, {"Content-Type": "application/json", "User-Agent": "Leadline"})
    if posted.status is None and posted.error.startswith(ConnectionRefusedError.__name__):  # nothing was written to it
        _try_later(one, posted.error, now)
    elif posted.status is None:
        _record(one, Leaving.UNCERTAIN, posted.error)
    elif posted.status < 300:
        _record(one, Leaving.SENT)
    elif posted.status == _TOO_MANY or posted.status >= 500:
        _try_later(one, posted.error, now, asked=asked_pause(posted.retry_after, now=now))
    else:
        _record(one, Leaving.FAILED, posted.error)


def _try_later(one: Post, error: str, now: datetime, *, asked: timedelta | None = None) -> None:
    """Let what certainly did not arrive be due again, each time after twice the time, and not before the program *asked*; a few times."""
    if one.tries < MOST_TRIES:
        pause = FIRST_RETRY * 2 ** (one.tries - 1)
        _record(one, Leaving.DUE, error, due_at=now + max(pause, asked or pause))
    else:
        _record(one, Leaving.FAILED, error)


def _record(one: Post, state: Leaving, error: str = "", *, due_at: datetime | None = None) -> None:
    columns = {"due_at": due_at} if due_at else {}
    held = Post.objects.filter(pk=one.pk, lease=one.lease)
    held.update(state=state, error=error[:300], lease="", leased_until=None, **columns)


def card_of(one: Post) -> dict[str, Any]:
    """Return what a program is sent: text for Slack, an adaptive card for Teams."""
    said = Words(one.workspace_id).say(one)
    due, address = said.due(ZoneInfo(one.workspace.timezone)), address_of(said.path)
    lines = [f"{said.what}.", *([f"Why: {said.why}"] if said.why else []), *([f"Answer by: {due}"] if due else [])]
    if one.channel.program == Channel.Program.SLACK:
        text = "\n".join([f"*{for_slack(said.lead)}*", *map(for_slack, lines), f"<{address}|Open the hand-off>"])
        return {"text": text, "unfurl_links": False}
    texts = [{"type": "TextBlock", "text": for_teams(line), "wrap": True} for line in lines]
    card = {
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": for_teams(said.lead), "weight": "Bolder", "wrap": True}, *texts],
        "actions": [{"type": "Action.OpenUrl", "title": "Open the hand-off", "url": address}],
    }
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }


def for_slack(text: str) -> str:
    """Return a text so that Slack shows it as it is: nobody is called by it, and no link stands in it.

    >>> for_slack("<!channel> & co")
    '&lt;!channel&gt; &amp; co'
    """
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain.translate({ord(mark): f"\u200b{mark}" for mark in "*_~`"})


def for_teams(text: str) -> str:
    r"""Return a text so that Teams shows it as it is, without links and emphasis made of it.

    >>> print(for_teams("[here](http://a.example) *now*"))
    \[here\]\(http://a.example\) \*now\*
    """
    return "".join(f"\\{mark}" if mark in "\\*_[]()#`~" else mark for mark in text)
