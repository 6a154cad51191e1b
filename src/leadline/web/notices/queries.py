"""Every read of notices. Another person's notice is as missing as one that never was."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import BooleanField, Case, F, IntegerField, Q, QuerySet, Value, When

from leadline.web.accounts.models import Membership, Workspace
from leadline.web.handoff.models import HandOff
from leadline.web.notices.models import Channel, Kind, Leaving, Notice, Post, Preference
from leadline.web.notices.of_proposals import say_notice, waits_still
from leadline.web.notices.said import Said, Words, say_over
from leadline.web.shell.paging import Paged

PAGE_SIZE = 30
IN_DOUBT = (Leaving.UNCERTAIN, Leaving.FAILED)
MOST_IN_DOUBT = 50
SLOW = timedelta(minutes=10)
"""A mail that waits so long after it was due does not leave by itself."""
_HANDOFF = ("handoff__lead__company", "handoff__team", "handoff__owner", "handoff__decided_by", "by")
_PARTS = (*_HANDOFF, "proposal_step__proposal")
_WAITING = (Kind.YOURS, Kind.AGAIN, Kind.TEAM, Kind.WARNED, Kind.LATE, Kind.ESCALATED, Kind.PROPOSED)


def notices_of(member: Membership) -> QuerySet[Notice]:
    """Return what a member was told in the app."""
    return Notice.objects.filter(workspace=member.workspace_id, user=member.user_id, in_app=True)


def _over() -> Q:
    """Return of which hand-offs notices do no longer wait for their reader. `is_still_so` says the same of one that was read."""
    has_owner, is_mine = Q(handoff__owner__isnull=False), Q(handoff__owner=F("user"))
    waits_no_more = Q(kind__in=_WAITING) & ~Q(handoff__state=HandOff.State.WAITING)
    mine_no_more = Q(kind__in=(Kind.YOURS, Kind.AGAIN)) & ~is_mine
    of_another = Q(kind__in=(Kind.WARNED, Kind.LATE)) & has_owner & ~is_mine
    taken = Q(kind=Kind.TEAM) & has_owner
    return Q(handoff__isnull=False) & (waits_no_more | mine_no_more | of_another | taken)


def count_unread(member: Membership) -> int:
    """Return how many notices of a member they have not read, without those that are over."""
    return notices_of(member).filter(~_over(), seen_at=None).count()


def with_parts(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    """Return notices with all that their words need."""
    return notices.select_related(*_PARTS)


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """A notice with its words. over: what became since of what it told; empty while it is still so."""

    notice: Notice
    said: Said
    over: str

    @property
    def is_unread(self) -> bool:
        """Whether its reader has still to read it."""
        return self.notice.seen_at is None and not self.over


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesPage(Paged):
    """A page of a member's notices: what they have not read first. What is over counts as read."""

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
        return [one for one in self.shown if one.is_unread]

    @property
    def read(self) -> list[ShownNotice]:
        """Those that were, and those that are over."""
        return [one for one in self.shown if not one.is_unread]


def show_notices(member: Membership, number: int) -> NoticesPage:
    """Return a page of a member's notices."""
    start = (number - 1) * PAGE_SIZE
    is_read = Case(When(~_over(), seen_at=None, then=Value(0)), default=Value(1), output_field=IntegerField())
    is_over = Case(When(_over(), then=Value(True)), default=Value(False), output_field=BooleanField())
    found = notices_of(member).annotate(is_over=is_over).order_by(is_read, "-at", "-pk")
    rows = list(with_parts(found)[start : start + PAGE_SIZE + 1])
    words = Words(member.workspace_id) if rows else None
    shown = [
        ShownNotice(one, say_notice(words, one), say_over(one) if getattr(one, "is_over", False) else "")
        for one in rows[:PAGE_SIZE]
        if words is not None
    ]
    return NoticesPage(number=number, shown=shown, has_next=len(rows) > PAGE_SIZE)


def preference_of(member: Membership) -> Preference | None:
    """Return how a member wants to be told; None where they chose nothing."""
    return Preference.objects.filter(workspace=member.workspace_id, user=member.user_id).first()


def is_still_so(about: Notice | Post) -> bool:
    """Return whether what is told still holds: who waited waits, for the same person. What happened once holds for good."""
    if about.kind not in _WAITING:
        return True
    handoff = about.handoff
    if handoff is None:
        return isinstance(about, Notice) and waits_still(about)
    if handoff.state != HandOff.State.WAITING:
        return False
    if about.kind == Kind.TEAM:
        return handoff.owner_id is None
    if isinstance(about, Notice) and about.kind in (Kind.YOURS, Kind.AGAIN):
        return handoff.owner_id == about.user_id
    if isinstance(about, Notice) and about.kind in (Kind.WARNED, Kind.LATE):
        return handoff.owner_id in (None, about.user_id)
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
    posts = Post.objects.filter(workspace=workspace, state__in=IN_DOUBT).select_related(*_HANDOFF, "channel")
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
