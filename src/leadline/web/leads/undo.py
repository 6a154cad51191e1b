"""An import is taken back: its rows go, with the leads and companies that nothing else speaks of, and the rest is computed again.

Every row that an import writes carries its *origin*, and so do the leads, identities and merges that it caused; an identity that
something else named later is not its own any more. tests/web/leads/test_undo.py guards it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils import timezone

from leadline.web.accounts.models import Workspace
from leadline.web.leads.card import refresh_cards, refresh_company_cards
from leadline.web.leads.due import make_due
from leadline.web.leads.facts import COMPANY_LINK
from leadline.web.leads.merging import put_back
from leadline.web.leads.models import Company, Event, Fact, Identity, Lead, Merge, Outcome
from leadline.web.leads.turn import take_turn

_MOST = 500
_ROWS = (Event, Fact, Outcome, Identity)


def undo_origin(workspace: Workspace, origin: str, *, now: datetime | None = None) -> dict[str, int]:
    """Take back all that came with an import; return how many rows went, by the name of their table, and how many merges.

    Raises:
        ValueError: no origin is named; what has none came otherwise.
    """
    if not origin:
        raise ValueError("Name an origin, such as import:12")
    now = now or timezone.now()
    take_turn(workspace.pk)
    touched, counts = _undo_merges(workspace, origin, now)
    companies = _companies_spoken_of(workspace, origin)
    made = set(Lead.objects.filter(workspace=workspace, origin=origin).values_list("pk", flat=True))
    for model in _ROWS:
        ours = model._default_manager.filter(workspace=workspace, origin=origin)
        touched |= set(ours.exclude(lead=None).values_list("lead", flat=True))
        counts[model._meta.model_name or ""] = ours._raw_delete(ours.db)
    gone = _leads_without_a_log(made)
    for some in _chunks(gone):
        Lead.objects.filter(pk__in=some).delete()
    counts["lead"] = len(gone)
    domains = refresh_company_cards(companies)
    standing = Lead.objects.filter(workspace=workspace, merged_into=None)
    touched |= set(standing.filter(company__in=companies).values_list("pk", flat=True))
    touched |= set(standing.filter(company__domain__in=domains).values_list("pk", flat=True))
    touched |= made
    touched -= gone
    Lead.objects.filter(pk__in=made - gone).update(origin="")
    refresh_cards(touched, with_times=True)
    counts["company"] = _remove_companies(workspace, origin)
    make_due(touched, now=now)
    return counts


def _undo_merges(workspace: Workspace, origin: str, now: datetime) -> tuple[set[int], dict[str, int]]:
    """Undo the merges that the import's rows caused, the last one first."""
    touched: set[int] = set()
    merges = list(Merge.objects.filter(workspace=workspace, by=origin, undone_at=None).order_by("-pk"))
    for merge in merges:
        Merge.objects.filter(pk=merge.pk).update(undone_at=now, undone_by=origin)
        touched |= put_back(merge)
    return touched, {"merge": len(merges)}


def _companies_spoken_of(workspace: Workspace, origin: str) -> set[int]:
    facts = Fact.objects.filter(workspace=workspace, origin=origin, company__isnull=False)
    made = Company.objects.filter(workspace=workspace, origin=origin)
    return set(facts.values_list("company", flat=True)) | set(made.values_list("pk", flat=True))


def _leads_without_a_log(made: set[int]) -> set[int]:
    """Return those of whom nothing is left: no row was given to them, and nobody was merged into them."""
    found: set[int] = set()
    for some in _chunks(made):
        leads = Lead.objects.filter(pk__in=some)
        for model in _ROWS:
            leads = leads.exclude(Exists(model._default_manager.filter(first_lead=OuterRef("pk"))))
        merged = Merge.objects.filter(into=OuterRef("pk"), undone_at=None)
        found |= set(leads.exclude(Exists(merged)).values_list("pk", flat=True))
    return found


def _remove_companies(workspace: Workspace, origin: str) -> int:
    """Remove the companies that the import made and of which nothing is left."""
    ours = Company.objects.filter(workspace=workspace, origin=origin)
    ours = ours.exclude(Exists(Fact.objects.filter(company=OuterRef("pk"))))
    ours = ours.exclude(Exists(Lead.objects.filter(company=OuterRef("pk"), merged_into=None)))
    named = set(
        Fact.objects.filter(workspace=workspace, field=COMPANY_LINK, value__isnull=False).values_list(
            "value", flat=True
        )
    )
    gone = [pk for pk in ours.values_list("pk", flat=True) if str(pk) not in named]
    for some in _chunks(gone):
        Company.objects.filter(pk__in=some).delete()
    Company.objects.filter(workspace=workspace, origin=origin).update(origin="")
    return len(gone)


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    return (ordered[start : start + _MOST] for start in range(0, len(ordered), _MOST))
