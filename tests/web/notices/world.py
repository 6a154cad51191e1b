"""A team with somebody who manages and somebody who markets, and hand-offs whose changes are told."""

from datetime import UTC, datetime

from tests.web.handoff.teams.world import handoff, lead

from leadline.web.handoff.changes import change_of
from leadline.web.handoff.models import Step
from leadline.web.notices.models import Notice
from leadline.web.notices.tell import handoffs_changed

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Ten o'clock in Berlin."""


def step(about, kind="opened", *, by=None, said=None, before=None, at=MONDAY):
    return Step.objects.create(
        workspace_id=about.workspace_id,
        handoff=about,
        kind=kind,
        at=at,
        by=by,
        said=said or {},
        before=before or {},
        revision=about.revision,
    )


def tell(about, kind="opened", *, is_undone=False, **more):
    """Let something happen to a hand-off and tell it; return the step."""
    made = step(about, kind, **more)
    handoffs_changed([change_of(about, made, is_undone=is_undone)])
    return made


def told(kind=None):
    """Who was told, as ``name: kind``, by name."""
    rows = Notice.objects.filter(**({"kind": kind} if kind else {})).values_list("user__name", "kind")
    return sorted(f"{name}: {what}" for name, what in rows)


def waiting(workspace, owner=None, name="Ada", **columns):
    return handoff(lead(workspace, name), owner, opened_at=MONDAY, **columns)


def due(notices=None, at=MONDAY):
    """Let mails be due at a moment."""
    (notices if notices is not None else Notice.objects).update(mail_state="due", mail_due_at=at)
