"""Are the copies true? Whose rows are whose by the merges that stand, and the columns that lists show (`leads/card.py`).

Both follow from the log. `verify.py` asks for both; tests/web/operations/test_verify.py tampers with them.
"""

from collections.abc import Iterable, Iterator, Sequence

from django.db import transaction
from django.db.models import F, Q

from leadline.web.accounts.models import Workspace
from leadline.web.leads.card import refresh_cards, refresh_company_cards
from leadline.web.leads.models import Company, Event, Fact, Identity, Lead, Merge, Note, Outcome, TakenBack
from leadline.web.operations.mismatch import Mismatch
from leadline.web.playbooks.queries import find_live, get_plan

_OWNED = {"event": Event, "fact": Fact, "outcome": Outcome, "identity": Identity, "note": Note, "taken back": TakenBack}
_CARD = ("name", "email", "title", "country", "said_source", "is_known", "company_id")
_COMPANY_CARD = ("name", "domain", "industry", "employees", "country")
_PART = 500


# -- merges ---------------------------------------------------------------------------------------------------------


def check_merges(workspace: Workspace, *, repair: bool = False) -> list[Mismatch]:
    """Return the leads and rows that are not whose they should be by the merges that stand; with *repair*, put them right."""
    standing = dict(Merge.objects.filter(workspace=workspace, undone_at=None).values_list("lead_id", "into_id"))
    survivors = {lead: _survivor_of(lead, standing) for lead in standing}
    found: list[Mismatch] = []
    pointers = Lead.objects.filter(workspace=workspace).filter(Q(merged_into__isnull=False) | Q(pk__in=list(survivors)))
    for lead, into in pointers.values_list("pk", "merged_into_id"):
        expected = survivors.get(lead)
        if into != expected:
            found.append(Mismatch(lead_id=lead, what="lead", column="merged_into", stored=into, expected=expected))
            if repair:
                Lead.objects.filter(pk=lead).update(merged_into=expected)
    for what, model in _OWNED.items():
        rows = model._default_manager.filter(workspace=workspace, first_lead__isnull=False)
        elsewhere = rows.exclude(lead=F("first_lead")) | rows.filter(first_lead__in=list(survivors))
        pairs = elsewhere.order_by("first_lead", "lead").values_list("first_lead_id", "lead_id").distinct()
        for first, now in pairs:
            expected = survivors.get(first, first)
            if now != expected:
                found.append(
                    Mismatch(
                        lead_id=now, what=what, column=f"lead, of rows first of {first}", stored=now, expected=expected
                    )
                )
                found.append(
                    Mismatch(
                        lead_id=expected, what=what, column="lead", stored="lacks rows", expected=f"those of {first}"
                    )
                )
                if repair:
                    rows.filter(first_lead=first, lead=now).update(lead=expected)
    return found


def _survivor_of(lead: int, standing: dict[int, int]) -> int:
    while lead in standing:
        lead = standing[lead]
    return lead


# -- cards ------------------------------------------------------------------------------------------------------------


def check_cards(workspace: Workspace, *, repair: bool = False) -> list[Mismatch]:
    """Return the columns of leads and companies that are not what their facts say; with *repair*, take them anew.

    A card is right when it follows from the facts with the strengths of sources of the live playbook, or with none: who writes to
    the log may not know the playbook.
    """
    live = find_live(workspace)
    rank = () if live is None else get_plan(live).playbook.source_rank
    found: list[Mismatch] = []
    for ids in _parts(Company.objects.filter(workspace=workspace).order_by("pk").values_list("pk", flat=True)):
        found += _check_twice(ids, rank, is_company=True, repair=repair)
    leads = Lead.objects.filter(workspace=workspace, merged_into=None)
    for ids in _parts(leads.order_by("pk").values_list("pk", flat=True)):
        found += _check_twice(ids, rank, is_company=False, repair=repair)
    return found


def _parts(ids: Iterable[int]) -> Iterator[list[int]]:
    every = list(ids)
    for start in range(0, len(every), _PART):
        yield every[start : start + _PART]


def _check_twice(ids: list[int], rank: Sequence[str], *, is_company: bool, repair: bool) -> list[Mismatch]:
    """Return what does not agree, looked at again: somebody may have written between two looks."""
    found = _check_part(ids, rank, is_company=is_company)
    again = _check_part(ids, rank, is_company=is_company) if found else []
    if repair and again:
        _refresh(Company if is_company else Lead, ids, rank)
    return [one for one in again if one in found]


def _check_part(ids: list[int], rank: Sequence[str], *, is_company: bool) -> list[Mismatch]:
    columns = _COMPANY_CARD if is_company else _CARD
    model = Company if is_company else Lead
    stored = _cards(model, ids, columns)
    right = [_refreshed(model, ids, columns, one) for one in dict.fromkeys((tuple(rank), ()))]
    found = []
    for pk, before in stored.items():
        if all(before != after.get(pk, before) for after in right):
            for column, value, expected in zip(columns, before, right[0][pk], strict=True):
                if value != expected:
                    found.append(
                        Mismatch(
                            lead_id=None if is_company else pk,
                            what="company" if is_company else "lead",
                            column=f"{pk} {column}" if is_company else column,
                            stored=value,
                            expected=expected,
                        )
                    )
    return found


def _cards(model: type[Lead | Company], ids: list[int], columns: Sequence[str]) -> dict[int, tuple[object, ...]]:
    rows = model._default_manager.filter(pk__in=ids).values_list("pk", *columns)
    return {pk: tuple(values) for pk, *values in rows}


def _refreshed(
    model: type[Lead | Company], ids: list[int], columns: Sequence[str], rank: Sequence[str]
) -> dict[int, tuple[object, ...]]:
    """Return the columns as they would be if they were taken anew; nothing is kept."""
    with transaction.atomic():
        _refresh(model, ids, rank)
        found = _cards(model, ids, columns)
        transaction.set_rollback(True)
    return found


def _refresh(model: type[Lead | Company], ids: list[int], rank: Sequence[str]) -> None:
    if model is Company:
        refresh_company_cards(ids, rank)
    else:
        refresh_cards(ids, rank)
