"""Beginning, stopping and taking back a batch."""

from collections.abc import Mapping, Sequence
from typing import Any

from leadline.web.accounts.models import User, Workspace
from leadline.web.pages.models import Batch
from leadline.web.pages.selected.kinds import KINDS, Kind
from leadline.web.pages.selected.run import claim_batch, work_on

AT_ONCE = 50
"""So many leads are done while the person waits; more are the worker's."""
_PATIENCE_S = 5.0


def begin_batch(
    workspace: Workspace, kind: Kind, lead_ids: Sequence[int], said: Mapping[str, Any], *, by: User
) -> Batch:
    """Begin to do something with some leads; a small batch is done when this returns."""
    batch = Batch.objects.create(
        workspace=workspace, action=kind.id, said=dict(said), lead_ids=list(lead_ids), created_by=by
    )
    _do_at_once(batch)
    return batch


def stop_batch(batch: Batch) -> bool:
    """Stop a batch after the part that is being done; False where it was over."""
    return bool(Batch.objects.filter(pk=batch.pk, state=Batch.State.RUNNING).update(state=Batch.State.STOPPED))


def can_undo(batch: Batch) -> bool:
    """Return whether what a batch wrote can be taken back."""
    over = (Batch.State.DONE, Batch.State.STOPPED, Batch.State.FAILED)
    return KINDS[batch.action].can_undo and batch.state in over and batch.changed > 0


def undo_batch(batch: Batch) -> bool:
    """Take back what a batch wrote; False where that cannot be."""
    if not can_undo(batch):
        return False
    before = Batch.objects.filter(pk=batch.pk, state=batch.state)
    if not before.update(state=Batch.State.UNDOING, lease="", leased_until=None):
        return False
    _do_at_once(batch)
    return True


def _do_at_once(batch: Batch) -> None:
    if batch.total <= AT_ONCE and (claimed := claim_batch(pk=batch.pk)):
        work_on(claimed, seconds=_PATIENCE_S)
