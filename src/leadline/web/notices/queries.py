"""Every read of notices. Another person's notice is as missing as one that never was."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, IntegerField, QuerySet, Value, When

from leadline.web.accounts.models import Membership, Workspace
from leadline.web.handoff.models import HandOff
from leadline.web.notices.models import Channel, Kind, Leaving, Notice, Post, Preference
from leadline.web.notices.said import Said, Words
from leadline.web.shell.paging import Paged

PAGE_SIZE = 30
IN_DOUBT = (Leaving.UNCERTAIN, Leaving.FAILED)
MOST_IN_DOUBT = 50
SLOW = timedelta(minutes=10)
"""A mail that waits so long after it was due does not leave by itself."""
_PARTS = ("handoff__lead__company", "handoff__team", "handoff__owner", "by")
_WAITING = (Kind.YOURS, Kind.AGAIN, Kind.TEAM, Kind.WARNED, Kind.LATE, Kind.ESCALATED)


def notices_of(member: Membership) -> QuerySet[Notice]:
    """Return what a member was told in the app."""
    return Notice.objects.filter(workspace=member.workspace_id, user=member.user_id, in_app=True)


def count_unread(member: Membership) -> int:
    """Return how many notices of a member they have not read."""
    return notices_of(member).filter(seen_at=None).count()


def with_parts(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    """Return notices with all that their words need."""
    return notices.select_related(*_PARTS)


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """A notice with its words."""

    notice: Notice
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesPage(Paged):
    """A page of a member's notices: what they have not read first."""

    number: int
    shown: list[ShownNotice]
    has_next: bool

    @property
    def page_number(self) -> int:
        """Which page it is, from 1."""
        return self.number

    @property
    def page_size(self) -> int:
        """How many rows a full page has."""
        return PAGE_SIZE

    @property
    def row_count(self) -> int:
        """How many rows this page has."""
        return len(self.shown)

    @property
    def unread(self) -> list[ShownNotice]:
        """Those that were not read."""
        return [one for one in self.shown if one.notice.seen_at is None]

    @property
    def read(self) -> list[ShownNotice]:
        """Those that were."""
        return [one for one in self.shown if one.notice.seen_at is not None]


def show_notices(member: Membership, number: int) -> NoticesPage:
    """Return a page of a member's notices."""
    start = (number - 1) * PAGE_SIZE
    is_read = Case(When(seen_at=None, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = notices_of(member).order_by(is_read, "-at", "-pk")
    rows = list(with_parts(found)[start : start + PAGE_SIZE + 1])
    words = Words(member.workspace_id) if rows else None
    shown = [ShownNotice(one, words.say(one)) for one in rows[:PAGE_SIZE] if words is not None]
    return NoticesPage(number=number, shown=shown, has_next=len(rows) > PAGE_SIZE)


def preference_of(member: Membership) -> Preference | None:
    """Return how a member wants to be told; None where they chose nothing."""
    return Preference.objects.filter(workspace=member.workspace_id, user=member.user_id).first()


def is_still_so(about: Notice | Post) -> bool:
    """Return whether what is told still holds: who waited waits, for the same person. What happened once holds for good."""
    if about.kind not in _WAITING:
        return True
    handoff = about.handoff
    if handoff.state != HandOff.State.WAITING:
        return False
    if about.kind == Kind.TEAM:
        return handoff.owner_id is None
    if isinstance(about, Notice) and about.kind in (Kind.YOURS, Kind.AGAIN):
        return handoff.owner_id == about.user_id
    return True


# -- for administrators ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Mails:
    """How the mails of a workspace get on. waiting_since: since when the first waits of those that should have left; None: none is late."""

    in_doubt: list[Notice]
    posts_in_doubt: list[Post]
    waiting_since: datetime | None


def show_mails(workspace: Workspace, *, now: datetime) -> Mails:
    """Return which mails and posts may not have arrived, the newest first, and whether any waits that is due."""
    notices = Notice.objects.filter(workspace=workspace, mail_state__in=IN_DOUBT).select_related(*_PARTS, "user")
    posts = Post.objects.filter(workspace=workspace, state__in=IN_DOUBT).select_related(*_PARTS, "channel")
    due = Notice.objects.filter(workspace=workspace, mail_state=Leaving.DUE, mail_due_at__lte=now - SLOW)
    first = due.order_by("mail_due_at").values_list("mail_due_at", flat=True).first()
    return Mails(
        in_doubt=list(notices.order_by("-at", "-pk")[:MOST_IN_DOUBT]),
        posts_in_doubt=list(posts.order_by("-at", "-pk")[:MOST_IN_DOUBT]),
        waiting_since=first,
    )


def channels_of(workspace: Workspace) -> QuerySet[Channel]:
    """Return the channels that a workspace tells, by name."""
    return Channel.objects.filter(workspace=workspace).order_by("name", "pk")
