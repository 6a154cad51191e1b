"""Every write of the pages of notices."""

from collections.abc import Iterable
from datetime import datetime, time

from leadline.web.accounts.models import Membership, Workspace
from leadline.web.notices.models import Channel, Leaving, Notice, Post, Preference
from leadline.web.notices.queries import IN_DOUBT, notices_of
from leadline.web.notices.wishes import DEFAULTS, Way


def mark_read(member: Membership, pk: int | None, *, now: datetime) -> int:
    """Note that a member has read a notice; without one, all. Return how many became read."""
    unread = notices_of(member).filter(seen_at=None)
    if pk is not None:
        unread = unread.filter(pk=pk)
    return unread.update(seen_at=now)


def choose_ways(
    member: Membership,
    *,
    ways: dict[str, Way],
    timezone: str,
    digest_hour: int,
    quiet: tuple[time, time] | None,
) -> None:
    """Keep how a member wants to be told from now on. What waits already leaves as it was planned.

    Only what differs from what usually holds is kept, so that a later change of that reaches whoever did not choose otherwise.
    """
    chosen = {topic: {"in_app": way.in_app, "mail": way.mail} for topic, way in ways.items() if way != DEFAULTS[topic]}
    columns = {
        "ways": chosen,
        "timezone": timezone,
        "digest_hour": digest_hour,
        "quiet_from": quiet[0] if quiet else None,
        "quiet_until": quiet[1] if quiet else None,
    }
    Preference.objects.update_or_create(workspace_id=member.workspace_id, user_id=member.user_id, defaults=columns)


def add_channel(workspace: Workspace, *, program: str, name: str, url: str, topics: Iterable[str]) -> Channel:
    """Tell a channel from now on."""
    return Channel.objects.create(workspace=workspace, program=program, name=name, url=url, topics=sorted(topics))


def change_channel(channel: Channel, *, name: str, url: str, topics: Iterable[str]) -> bool:
    """Change what a channel is called, where it is and what it is told from now on; return False where it is gone.

    url: empty: the address stays. What waits to be sent goes to the address that is then.
    """
    columns = {"name": name, "topics": sorted(topics), **({"url": url} if url else {})}
    return bool(Channel.objects.filter(pk=channel.pk).update(**columns))


def remove_channel(channel: Channel) -> None:
    """Tell a channel nothing more, nor what waits for it."""
    channel.delete()


def send_again(workspace: Workspace, notice_id: int, *, now: datetime) -> bool:
    """Let a mail leave again that may have left or failed; return False where it is no such mail. It may arrive twice."""
    found = Notice.objects.filter(workspace=workspace, pk=notice_id, mail_state__in=IN_DOUBT)
    return bool(found.update(mail_state=Leaving.DUE, mail_due_at=now, mail_tries=0, mail_error=""))


def post_again(workspace: Workspace, post_id: int, *, now: datetime) -> bool:
    """Let a post leave again that may have arrived or failed; return False where it is no such post. It may arrive twice."""
    found = Post.objects.filter(workspace=workspace, pk=post_id, state__in=IN_DOUBT)
    return bool(found.update(state=Leaving.DUE, due_at=now, tries=0, error=""))
