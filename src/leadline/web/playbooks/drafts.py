"""Drafts of a playbook: beginning one, saving it where nobody else did meanwhile, publishing it, and putting it away.

A draft may be wrong: it is kept as it was typed. tests/web/playbooks/test_drafts.py guards that nothing that was typed is written over.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from leadline.web.accounts.models import User, Workspace
from leadline.web.leads.turn import take_turn
from leadline.web.playbooks.actions import check_publishable, store_version
from leadline.web.playbooks.models import Draft, Version
from leadline.web.playbooks.proposals.actions import follow_draft, withdraw_with_draft
from leadline.web.playbooks.proposals.rows import Tell, tell_nobody
from leadline.web.playbooks.proposals.rules import Text

KEPT = timedelta(days=30)
"""So long a draft that was put away can be put back."""
_TEXTS = ("name", "toml", "cases", "note")


class StaleDraftError(Exception):
    """Somebody else saved the draft meanwhile, or it is a draft no more. *draft*: as it is now; None: it is gone."""

    def __init__(self, draft: Draft | None) -> None:
        super().__init__("The draft was changed meanwhile." if draft else "The draft is not there any more.")
        self.draft = draft


def drafts_of(workspace: Workspace) -> QuerySet[Draft]:
    """Return the drafts that are being written, the one that was changed last first."""
    at_work = Draft.objects.filter(workspace=workspace, deleted_at=None, published_as=None)
    return at_work.select_related("based_on", "updated_by").order_by("-updated_at", "-pk")


def find_draft(workspace: Workspace, pk: int, *, is_deleted: bool = False) -> Draft | None:
    """Return a draft of a workspace, also one that was published; with *is_deleted* one that was put away."""
    there = Draft.objects.filter(workspace=workspace, pk=pk, deleted_at__isnull=not is_deleted)
    return there.select_related("workspace", "based_on", "updated_by", "published_as").first()


def begin_draft(
    workspace: Workspace,
    *,
    name: str,
    version: Version | None = None,
    toml: str = "",
    cases: str = "",
    by: User | None,
    now: datetime | None = None,
) -> Draft:
    """Begin a draft with the texts of a version, or with the given ones."""
    now = now or timezone.now()
    Draft.objects.filter(workspace=workspace, deleted_at__lt=now - KEPT).delete()
    return Draft.objects.create(
        workspace=workspace,
        name=name[:120],
        based_on=version,
        toml=version.toml if version else toml,
        cases=version.cases if version else cases,
        created_by=by,
        updated_by=by,
        updated_at=now,
    )


def save_draft(
    draft: Draft,
    *,
    revision: int,
    by: User | None,
    now: datetime | None = None,
    tell: Tell = tell_nobody,
    **texts: str,
) -> Draft:
    """Save texts of a draft, and return it as it is then. The same texts again change nothing.

    What was approved of it is another text then, and its proposal says so.

    Args:
        draft: which one.
        revision: of which the new texts were made.
        by: who writes.
        now: when.
        tell: is handed the step of its proposal.
        texts: by name: ``name``, ``toml``, ``cases``, ``note``; one that is not given stays.

    Raises:
        StaleDraftError: it has another revision by now, or is no draft any more. Nothing was saved.
    """
    unknown = texts.keys() - set(_TEXTS)
    assert not unknown, f"a draft has no {unknown}"
    at_work = Draft.objects.filter(pk=draft.pk, deleted_at=None, published_as=None)
    now = now or timezone.now()
    with transaction.atomic():
        take_turn(draft.workspace_id)  # nobody approves or publishes meanwhile
        if not at_work.filter(revision=revision, **texts).exists():
            saved = at_work.filter(revision=revision).update(
                **texts, revision=F("revision") + 1, updated_by=by, updated_at=now
            )
            if not saved:
                raise StaleDraftError(find_draft(draft.workspace, draft.pk))
            draft.refresh_from_db()
            follow_draft(draft, by=by, now=now, tell=tell)
    draft.refresh_from_db()
    return draft


def publish_draft(
    draft: Draft,
    *,
    revision: int,
    note: str,
    by: User | None,
    override: str = "",
    now: datetime | None = None,
    tell: Tell = tell_nobody,
) -> Version:
    """Publish a draft as it was when it had a revision: what was looked at is what is published.

    Raises:
        StaleDraftError: it was changed since. Nothing was published.
        ProblemsError, CasesFailedError, SamePlaybookError, ApprovalNeededError: as `publish` does.
    """
    at_work = Draft.objects.filter(pk=draft.pk, deleted_at=None, published_as=None, revision=revision)
    seen = at_work.first()
    if seen is None:
        raise StaleDraftError(find_draft(draft.workspace, draft.pk))
    compiled = check_publishable(seen.toml, seen.cases)
    with transaction.atomic():
        take_turn(draft.workspace_id)
        if not at_work.exists():  # somebody was faster, and nobody is from here on
            raise StaleDraftError(find_draft(draft.workspace, draft.pk))
        text = Text(seen.toml, seen.cases)
        return store_version(
            draft.workspace, compiled, text, note=note, by=by, draft=seen, override=override, now=now, tell=tell
        )


def put_away(draft: Draft, *, by: User | None = None, now: datetime | None = None, tell: Tell = tell_nobody) -> None:
    """Put a draft away; for some time it can be put back. Its proposal is withdrawn by it."""
    now = now or timezone.now()
    with transaction.atomic():
        take_turn(draft.workspace_id)
        if Draft.objects.filter(pk=draft.pk, published_as=None, deleted_at=None).exists():
            withdraw_with_draft(draft, by=by, now=now, tell=tell)
        Draft.objects.filter(pk=draft.pk, published_as=None).update(deleted_at=now)


def put_back(draft: Draft) -> None:
    """Put a draft back that was put away."""
    Draft.objects.filter(pk=draft.pk).update(deleted_at=None)
