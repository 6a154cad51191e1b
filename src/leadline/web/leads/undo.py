"""An import is taken back: its rows go, with the leads and companies that nothing else speaks of, and the rest is computed again.

Every row that an import writes carries its *origin*, and so do the leads, identities and merges that it caused; an identity that
something else named later is not its own any more.

It goes in *parts*, each whole in a transaction of its own, so that nobody waits for all of a large file. There is no list of what is
still to be done: it is what still carries the origin. So whoever is killed between two parts, another goes on. The parts are: merges,
the last one first; then people, each with all that was said of them; then companies; then what is left without anything, and last the
name of the origin on what stays. tests/web/leads/test_undo.py guards it, also that the size of the parts changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils import timezone

from leadline.web.accounts.models import Workspace
from leadline.web.leads.card import refresh_cards, refresh_company_cards
from leadline.web.leads.due import make_due
from leadline.web.leads.facts import COMPANY_LINK
from leadline.web.leads.merging import put_back
from leadline.web.leads.models import Company, Event, Fact, Identity, Lead, Merge, Note, Outcome, TakenBack
from leadline.web.leads.turn import take_turn

_MOST = 500
_ROWS = (Event, Fact, Outcome, Identity)
ROWS = ("event", "fact", "outcome", "identity")
"""What counts of an undo call the tables whose rows it takes back."""
PART = 250
"""Rows of each table that one part takes back, about: a person's rows go together, however many they are."""
_OTHERS = 10
"""So many fewer merges and companies than rows: each concerns many rows."""


def undo_origin(workspace: Workspace, origin: str, *, now: datetime | None = None) -> dict[str, int]:
    """Take back all that came with an import in the caller's transaction; return how many rows went, by table, and how many merges.

    Raises:
        ValueError: no origin is named; what has none came otherwise.
    """
    counts = Counter(dict.fromkeys(("merge", *ROWS, "lead", "company"), 0))
    while (part := undo_part(workspace, origin, now=now)) is not None:
        counts.update(part)
    return dict(counts)


def undo_part(
    workspace: Workspace, origin: str, *, now: datetime | None = None, at_most: int = PART
) -> dict[str, int] | None:
    """Take back the next part of what came with an import, in the caller's transaction.

    Args:
        at_most: rows of each table, about.

    Returns:
        How many rows went, by the name of their table, and how many merges; None when nothing of the origin is left.

    Raises:
        ValueError: no origin is named; what has none came otherwise.
    """
    if not origin:
        raise ValueError("Name an origin, such as import:12")
    take_turn(workspace.pk)
    undoing = _Undoing(workspace, origin, now or timezone.now(), at_most)
    return next((counts for step in undoing.steps if (counts := step()) is not None), None)


def count_rows(workspace: Workspace, origin: str) -> int:
    """Return how many rows of the log and identities came with an import, and were not taken back yet."""
    return sum(of_origin(workspace, origin, model).count() for model in _ROWS)


def of_origin(workspace: Workspace, origin: str, model: type[Model]) -> QuerySet[Any]:
    """Return the rows of a table that came with an import."""
    rows = model._default_manager.filter(workspace=workspace, origin=origin)
    # TRICKY: the index of origins leaves the empty out; SQLite takes it only for a query that does so in words.
    return rows.exclude(origin="")


def _name(model: type[Model]) -> str:
    return str(model._meta.model_name)


class _Undoing:
    """One part. Each step returns what it took back, or None where nothing of its kind is left."""

    def __init__(self, workspace: Workspace, origin: str, now: datetime, at_most: int) -> None:
        self.workspace, self.origin, self.now, self.at_most = workspace, origin, now, at_most
        self.fewer = max(1, at_most // _OTHERS)
        self.steps: tuple[Callable[[], dict[str, int] | None], ...] = (
            self._merges,
            self._people,
            self._companies,
            self._leads_made,
            self._companies_made,
        )

    def _merges(self) -> dict[str, int] | None:
        """Undo merges that the import's rows caused, the last one first."""
        standing = Merge.objects.filter(workspace=self.workspace, by=self.origin, undone_at=None)
        merges = list(standing.order_by("-pk")[: self.fewer])
        if not merges:
            return None
        touched: set[int] = set()
        for merge in merges:
            Merge.objects.filter(pk=merge.pk).update(undone_at=self.now, undone_by=self.origin)
            touched |= put_back(merge)
        self._follow(touched)
        return {"merge": len(merges)}

    def _people(self) -> dict[str, int] | None:
        """Take back all rows that were given to some leads, and those leads of whom nothing is left."""
        firsts = self._next_firsts()
        if not firsts:
            return None
        counts: Counter[str] = Counter()
        touched: set[int] = set()
        for some in _chunks(firsts):
            for model in _ROWS:
                ours = self._of(model).filter(first_lead__in=some)
                touched |= set(ours.values_list("lead", flat=True))
                counts[_name(model)] += ours._raw_delete(ours.db)
        gone = _without_anything(self._of(Lead).filter(pk__in=firsts))
        self._follow(touched - _remove_leads(gone))
        return dict(counts + Counter(lead=len(gone)))

    def _next_firsts(self) -> set[int]:
        """Return the leads whose rows go next: the first ones, as many as have about a part's rows in each table."""
        found: set[int] = set()
        last: int | None = None
        for model in _ROWS:
            rows = self._of(model).filter(first_lead__isnull=False).order_by("first_lead")
            ids = list(rows.values_list("first_lead", flat=True)[: self.at_most])
            found |= set(ids)
            if len(ids) == self.at_most:
                last = ids[-1] if last is None else min(last, ids[-1])
        return {one for one in found if last is None or one <= last}

    def _companies(self) -> dict[str, int] | None:
        """Take back what was said of some companies."""
        said = self._of(Fact).filter(company__isnull=False)
        companies = set(said.order_by("company").values_list("company", flat=True).distinct()[: self.fewer])
        if not companies:
            return None
        ours = said.filter(company__in=companies)
        count = ours._raw_delete(ours.db)
        domains = refresh_company_cards(companies)
        standing = Lead.objects.filter(workspace=self.workspace, merged_into=None)
        touched = set(standing.filter(company__in=companies).values_list("pk", flat=True))
        touched |= set(standing.filter(company__domain__in=domains).values_list("pk", flat=True))
        self._follow(touched)
        return {_name(Fact): count}

    def _leads_made(self) -> dict[str, int] | None:
        """Remove leads that the import made and of whom nothing is left; the others are its own no longer."""
        some = set(self._of(Lead).order_by("pk").values_list("pk", flat=True)[: self.at_most])
        if not some:
            return None
        some |= self._merged_into(some)
        count = 0
        # Who goes may have been merged into another of them, who can go then.
        while gone := _without_anything(self._of(Lead).filter(pk__in=some)):
            count += len(_remove_leads(gone))
        for chunk in _chunks(some):
            self._of(Lead).filter(pk__in=chunk).update(origin="")
        return {"lead": count}

    def _merged_into(self, leads: set[int]) -> set[int]:
        """Return who was merged into some leads, or into those, of the leads that the import made."""
        found: set[int] = set()
        into = leads
        while into:
            merges = Merge.objects.filter(into__in=into, undone_at=None, lead__origin=self.origin)
            into = set(merges.values_list("lead", flat=True)) - found - leads
            found |= into
        return found

    def _companies_made(self) -> dict[str, int] | None:
        """Remove companies that the import made and of which nothing is left; the others are its own no longer."""
        some = list(self._of(Company).order_by("pk").values_list("pk", flat=True)[: self.at_most])
        if not some:
            return None
        count = 0
        for chunk in _chunks(some):
            gone = self._of(Company).filter(pk__in=chunk)
            gone = gone.exclude(Exists(Fact.objects.filter(company=OuterRef("pk"))))
            gone = gone.exclude(Exists(Lead.objects.filter(company=OuterRef("pk"), merged_into=None)))
            links = Fact.objects.filter(
                workspace=self.workspace, field=COMPANY_LINK, value__in=[str(pk) for pk in chunk]
            )
            named = set(links.values_list("value", flat=True))
            ids = [pk for pk in gone.values_list("pk", flat=True) if str(pk) not in named]
            Company.objects.filter(pk__in=ids).delete()
            count += len(ids)
            self._of(Company).filter(pk__in=chunk).update(origin="")
        return {"company": count}

    def _of(self, model: type[Model]) -> QuerySet[Any]:
        return of_origin(self.workspace, self.origin, model)

    def _follow(self, touched: set[int]) -> None:
        refresh_cards(touched, with_times=True)
        make_due(touched, now=self.now)


def _without_anything(leads: QuerySet[Lead]) -> set[int]:
    """Return those of whom nothing is left: no row was given to them, nothing that people wrote, and nobody was merged into them."""
    for model in (*_ROWS, Note, TakenBack):
        leads = leads.exclude(Exists(model._default_manager.filter(first_lead=OuterRef("pk"))))
    merged = Merge.objects.filter(into=OuterRef("pk"), undone_at=None)
    return set(leads.exclude(Exists(merged)).values_list("pk", flat=True))


def _remove_leads(gone: set[int]) -> set[int]:
    for some in _chunks(gone):
        Lead.objects.filter(pk__in=some).delete()
    return gone


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    return (ordered[start : start + _MOST] for start in range(0, len(ordered), _MOST))
