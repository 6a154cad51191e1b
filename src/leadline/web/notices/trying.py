"""Whether a channel can be told: a message to try it by, sent at once, and how the last ones went."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leadline.web.notices.models import Channel, Leaving, Post
from leadline.web.notices.posts import Send, for_slack, for_teams, send_in_time


@dataclass(frozen=True, slots=True)
class Standing:
    """How a channel gets on: when something was last sent there, and the last that failed or may not have arrived, if it came later."""

    sent_at: datetime | None
    failed_at: datetime | None
    error: str


def standing_of(channel: Channel) -> Standing:
    """Return how the last posts to a channel went."""
    posts = Post.objects.filter(channel=channel, tried_at__isnull=False).order_by("-tried_at", "-pk")
    sent_at = posts.filter(state=Leaving.SENT).values_list("tried_at", flat=True).first()
    failed = posts.filter(state__in=(Leaving.FAILED, Leaving.UNCERTAIN)).first()
    if failed is None or (sent_at and failed.tried_at and failed.tried_at <= sent_at):
        return Standing(sent_at, None, "")
    return Standing(sent_at, failed.tried_at, failed.error)


def try_channel(channel: Channel, *, by: str, send: Send = send_in_time) -> str:
    """Send a message of no lead to a channel at once; return what went wrong, empty where the program took it."""
    said = send(channel.url, json.dumps(_card(channel, by)).encode(), _HEADERS)
    if said.status is not None and said.status < 300:
        return ""
    return said.error or f"It answered {said.status}."


_HEADERS = {"Content-Type": "application/json", "User-Agent": "Leadline"}


def _card(channel: Channel, by: str) -> dict[str, Any]:
    text = f"{by} tries whether Leadline can tell this channel. It can."
    if channel.program == Channel.Program.SLACK:
        return {"text": for_slack(text), "unfurl_links": False}
    lines: Iterable[dict[str, Any]] = [{"type": "TextBlock", "text": for_teams(text), "wrap": True}]
    card = {"type": "AdaptiveCard", "version": "1.4", "body": lines}
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }
