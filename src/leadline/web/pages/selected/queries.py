"""Which leads a batch is about, and batches as pages show them. What is of another workspace is as missing as what never was."""

from collections.abc import Iterable

from django.http import Http404

from leadline.web.accounts.models import Workspace
from leadline.web.leads.models import Fact, Lead
from leadline.web.pages.leads_list.wanted import Wanted
from leadline.web.pages.models import Batch
from leadline.web.pages.templatetags.pages import fact_value
from leadline.web.shell.numbers import whole_number

MOST = 5_000
"""Of so many leads one thing can be asked at once."""
_MOST_SELECTED = 500


def own_ids(workspace: Workspace, given: Iterable[str]) -> list[int]:
    """Return those of some ids that are leads of a workspace and stand for themselves, in the order given."""
    wanted = list(dict.fromkeys(pk for one in given if (pk := whole_number(one)) is not None))
    there = Lead.objects.filter(workspace=workspace, merged_into=None, pk__in=wanted[:_MOST_SELECTED])
    found = set(there.values_list("pk", flat=True))
    return [one for one in wanted if one in found]


def matching_ids(wanted: Wanted) -> list[int] | None:
    """Return the leads that match; None where they are more than one thing can be asked of."""
    ids = list(wanted.ordered().values_list(wanted.key, flat=True)[: MOST + 1])
    return ids if len(ids) <= MOST else None


def noted_value(batch: Batch) -> str | None:
    """Return the value that a batch notes, out of the log once it is done, so that what is erased there is gone here; empty: taken back.

    None where it noted no value, or nothing of it stands any more.
    """
    if "field" not in batch.said:
        return None
    value = batch.said.get("value")
    if value is None:
        facts = Fact.objects.filter(workspace=batch.workspace_id, origin=batch.origin, field=batch.said["field"])
        found = list(facts.values_list("value", flat=True)[:1])
        return fact_value(found[0]) if found and found[0] not in (None, "") else ("" if found else None)
    return str(value)


def get_batch(workspace: Workspace, pk: int) -> Batch:
    """Return a batch.

    Raises:
        Http404: the workspace has no such batch.
    """
    found = Batch.objects.filter(workspace=workspace, pk=pk).select_related("created_by", "workspace").first()
    if found is None:
        raise Http404("There is no such batch.")
    return found
