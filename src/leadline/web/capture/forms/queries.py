"""Every read of forms."""

from collections.abc import Sequence

from django.http import Http404

from leadline.web.accounts.models import Workspace
from leadline.web.capture.models import Form
from leadline.web.leads.models import Event
from leadline.web.playbooks.queries import get_plan, versions_to_assess


def list_forms(workspace: Workspace) -> Sequence[Form]:
    """Return all forms of a workspace, the open ones first."""
    return list(Form.objects.filter(workspace=workspace).select_related("source").order_by("-is_open", "title", "pk"))


def get_form(workspace: Workspace, pk: int) -> Form:
    """Return a form of a workspace.

    Raises:
        Http404: there is none, or it is another workspace's.
    """
    found = Form.objects.filter(workspace=workspace, pk=pk).select_related("workspace", "source").first()
    if found is None:
        raise Http404("There is no such form.")
    return found


def get_public_form(workspace_slug: str, slug: str) -> Form:
    """Return the form at a public address, open or closed.

    Raises:
        Http404: there is none.
    """
    found = Form.objects.filter(workspace__slug=workspace_slug, slug=slug).select_related("workspace", "source").first()
    if found is None:
        raise Http404("There is no such form.")
    return found


def needs_scoring_consent(workspace: Workspace) -> bool:
    """Return whether the playbook scores only those who have agreed to it, be it live or yet being prepared."""
    return any(get_plan(version).playbook.needs_consent for version in versions_to_assess(workspace))


def last_answers(form: Form, most: int = 5) -> Sequence[Event]:
    """Return the last answers of a form that have been taken apart, the latest first."""
    events = Event.objects.filter(
        workspace=form.workspace_id, source=form.source_id, kind="form", name=form.event, properties__form=form.slug
    )
    return list(events.select_related("lead").order_by("-occurred_at", "-pk")[:most])
