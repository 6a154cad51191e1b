"""Every read of mail sources."""

from collections.abc import Sequence

from django.http import Http404

from leadline.web.accounts.models import Workspace
from leadline.web.capture.models import MailHook
from leadline.web.shell.numbers import MOST_ID


def list_hooks(workspace: Workspace) -> Sequence[MailHook]:
    """Return the mail sources of a workspace."""
    return list(MailHook.objects.filter(workspace=workspace).select_related("source").order_by("source__name"))


def get_hook(workspace: Workspace, pk: int) -> MailHook:
    """Return a mail source of a workspace.

    Raises:
        Http404: there is none, or it is another workspace's.
    """
    found = MailHook.objects.filter(workspace=workspace, pk=pk).select_related("source").first()
    if found is None:
        raise Http404("There is no such mail source.")
    return found


def find_hook(source_id: int, provider: str) -> MailHook | None:
    """Return the mail source that an address is of."""
    hooks = MailHook.objects.select_related("source", "workspace")
    return hooks.filter(source_id=source_id, provider=provider).first() if source_id <= MOST_ID else None
