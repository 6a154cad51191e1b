"""Writes notices and posts, in the transaction of what they tell: they are committed with it or not at all."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from leadline.web.accounts.forms import can_send_mail
from leadline.web.accounts.models import Workspace
from leadline.web.handoff.changes import HandOffChange
from leadline.web.handoff.models import HandOff, Step
from leadline.web.notices.models import Channel, Kind, Leaving, Notice, Post, Preference
from leadline.web.notices.when import after_quiet_hours, next_digest
from leadline.web.notices.whom import People, who_is_told
from leadline.web.notices.wishes import DIGEST, NO_MAIL, OF_A_CHANNEL, topic_of, way_of


def handoffs_changed(changes: Sequence[HandOffChange]) -> None:
    """Write who is told of what became different about hand-offs. Call it in the transaction that changes them.

    What was told already is not told again: a notice belongs to a step, a person and a kind.
    """
    by_workspace: dict[int, list[HandOffChange]] = {}
    for change in changes:
        by_workspace.setdefault(change.workspace_id, []).append(change)
    for workspace_id, some in by_workspace.items():
        _Desk(workspace_id).tell(some)


class _Desk:
    """What is known of a workspace while its notices are written."""

    def __init__(self, workspace_id: int) -> None:
        self.workspace = Workspace.objects.get(pk=workspace_id)
        self.people = People(workspace_id)
        self.now = timezone.now()
        self.sends_mail = can_send_mail()
        self.notices: list[Notice] = []
        self.posts: list[Post] = []

    def tell(self, changes: Sequence[HandOffChange]) -> None:
        """Write the notices and posts of some changes."""
        handoffs = HandOff.objects.in_bulk({one.handoff_id for one in changes})
        steps = Step.objects.in_bulk({one.step_id for one in changes})
        channels = list(Channel.objects.filter(workspace=self.workspace))
        for change in changes:
            handoff, step = handoffs.get(change.handoff_id), steps.get(change.step_id)
            if handoff is None or step is None:
                continue
            if change.is_undone:
                _take_back(step)
            posted = set()
            for told in who_is_told(change, handoff, step, self.people):
                said = _said(handoff, told.kind) | told.said
                about = {
                    "workspace": self.workspace,
                    "lead_id": handoff.lead_id,
                    "handoff": handoff,
                    "step": step,
                    "kind": told.kind,
                    "by_id": change.by_id,
                    "at": change.at,
                    "said": said,
                }
                self.notices += [Notice(user_id=user, **about) for user in sorted(told.users)]
                if told.kind in OF_A_CHANNEL and told.kind not in posted:
                    posted.add(told.kind)
                    self.posts += self._posts(channels, told.kind, handoff, about)
        self._save()

    def _posts(
        self, channels: Iterable[Channel], kind: Kind, handoff: HandOff, about: dict[str, Any]
    ) -> Iterable[Post]:
        topic = topic_of(kind, is_hand_raise=handoff.is_hand_raise)
        return [Post(channel=one, due_at=self.now, **about) for one in channels if topic in one.topics]

    def _save(self) -> None:
        users = {one.user_id for one in self.notices}
        wishes = {
            one.user_id: one for one in Preference.objects.filter(workspace=self.workspace, user__in=users) if users
        }
        wanted = [one for one in self.notices if self._plan(one, wishes.get(one.user_id))]
        Notice.objects.bulk_create(wanted, ignore_conflicts=True)
        Post.objects.bulk_create(self.posts, ignore_conflicts=True)

    def _plan(self, notice: Notice, preference: Preference | None) -> bool:
        """Say how a notice reaches its reader; return False where they do not want it at all."""
        way = way_of(
            preference, topic_of(notice.kind, is_hand_raise=bool(notice.handoff and notice.handoff.is_hand_raise))
        )
        notice.in_app = way.in_app
        if way.mail != NO_MAIL and self.sends_mail:
            notice.mail_state = Leaving.DUE
            notice.mail_due_at = leaves_at(way.mail, preference, self.workspace, now=self.now)
        return notice.in_app or notice.mail_state == Leaving.DUE


def leaves_at(mail: str, preference: Preference | None, workspace: Workspace, *, now: datetime) -> datetime:
    """Return when a mail may leave, by how its reader wants to be told."""
    zone = zone_of(preference, workspace)
    hour = preference.digest_hour if preference else Preference._meta.get_field("digest_hour").default
    wanted = next_digest(now, zone, hour) if mail == DIGEST else now
    return after_quiet_hours(wanted, zone, preference.quiet_hours if preference else None)


def zone_of(preference: Preference | None, workspace: Workspace) -> ZoneInfo:
    """Return the time zone of a reader."""
    return ZoneInfo((preference.timezone if preference else "") or workspace.timezone)


def _said(handoff: HandOff, kind: Kind) -> dict[str, Any]:
    """Return what a notice says of its hand-off as it is now: which time it is, and what was decided the last time."""
    said: dict[str, Any] = {}
    if kind == Kind.AGAIN:
        said["number"] = handoff.number
        before = HandOff.objects.filter(lead=handoff.lead_id, decided_at__isnull=False).exclude(pk=handoff.pk)
        if last := before.order_by("-decided_at", "-pk").first():
            said |= {"decision": last.state, "reason": last.reason}
    return said


def _take_back(step: Step) -> None:
    """Let what was not sent yet of a step not be sent: it was undone."""
    Notice.objects.filter(step=step, mail_state=Leaving.DUE).update(mail_state=Leaving.SKIPPED)
    Post.objects.filter(step=step, state=Leaving.DUE).update(state=Leaving.SKIPPED)
