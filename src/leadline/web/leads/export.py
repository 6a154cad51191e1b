"""Everything that is held of a person, as one JSON document.

The tables of this app are listed here. Apps above add theirs with `also_export`, in `flow.py`. tests/web/leads/test_canary.py holds it to
be complete: what is planted through any way in is found again, and no table is forgotten.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from leadline.web.leads.models import Company, Event, Fact, Identity, Lead, Merge, Note, Outcome, Suggestion, TakenBack
from leadline.web.leads.rows import Row, rows_as_json
from leadline.web.leads.subject import Subject, get_subject
from leadline.web.leads.titles import derive_from_titles, find_title_rules

FORMAT = "leadline-person-1"
_WORK = ("lease", "leased_until", "workspace_id")

_more: dict[str, Callable[[Subject], Sequence[Row]]] = {}


def also_export(name: str, find: Callable[[Subject], Sequence[Row]]) -> None:
    """Add a part to every export: what *find* returns for a person. Of one name there is one."""
    _more[name] = find


def export_person(lead: Lead, *, now: datetime | None = None) -> dict[str, Any]:
    """Return all that is held of the person of a lead: by part, a list of rows with every column."""
    subject = get_subject(lead)
    ids = subject.lead_ids
    facts = list(Fact.objects.filter(Q(lead__in=ids) | Q(first_lead__in=ids)).order_by("known_at", "pk"))
    derived = derive_from_titles(facts, find_title_rules(subject.workspace_id))
    companies = Company.objects.filter(leads__in=ids).distinct()
    parts: dict[str, Sequence[Row]] = {
        "leads": _rows(Lead.objects.filter(pk__in=ids).order_by("pk")),
        "identities": _rows(Identity.objects.filter(Q(lead__in=ids) | Q(first_lead__in=ids)).order_by("pk")),
        "companies": _rows(companies.order_by("pk")),
        "facts": _rows(facts),
        "derived_facts": _rows(derived),
        "events": _rows(Event.objects.filter(Q(lead__in=ids) | Q(first_lead__in=ids)).order_by("occurred_at", "pk")),
        "outcomes": _rows(Outcome.objects.filter(Q(lead__in=ids) | Q(first_lead__in=ids)).order_by("at", "pk")),
        "notes": _rows(Note.objects.filter(Q(lead__in=ids) | Q(first_lead__in=ids)).order_by("at", "pk")),
        "taken_back": _rows(
            TakenBack.objects.filter(Q(lead__in=ids) | Q(first_lead__in=ids)).order_by("taken_back_at", "pk")
        ),
        "merges": _rows(Merge.objects.filter(Q(lead__in=ids) | Q(into__in=ids)).order_by("at", "pk")),
        "suggestions": _rows(Suggestion.objects.filter(Q(lead__in=ids) | Q(other__in=ids)).order_by("pk")),
    }
    for name, find in _more.items():
        parts[name] = find(subject)
    return {
        "format": FORMAT,
        "person": str(subject.lead),
        "exported_at": (now or timezone.now()).isoformat(),
        "workspace": subject.lead.workspace.name,
        **parts,
    }


def parts_of(export: dict[str, Any]) -> list[tuple[str, list[Row]]]:
    """Return the parts of an export that hold something, with their names as people read them."""
    return [
        (name.replace("_", " ").capitalize(), rows) for name, rows in export.items() if isinstance(rows, list) and rows
    ]


def _rows(found: QuerySet[Any] | Iterable[Model]) -> list[Row]:
    return rows_as_json(found, without=_WORK)
