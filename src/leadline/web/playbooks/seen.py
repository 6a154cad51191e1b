"""Which names came in to a workspace: fields, events and their properties. Kept for minutes, since a draft is checked as it is typed.

tests/web/playbooks/measure_unseen.py says how long it takes with very many events.
"""

import difflib
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import TypeVar, cast

from django.core.cache import cache
from django.db.models import QuerySet

from leadline.web.accounts.models import Workspace
from leadline.web.leads.models import Event, Fact

KEPT_S = 300
LATEST = 500
"""So many of the latest events of a name are looked at for its properties; for a property that none of them has, all are."""
ANY = "*"
_LIKENESS = 0.8
Found = TypeVar("Found")


class Seen:
    """The names of a workspace. All that was asked is kept together under one key of the cache, by `keep`."""

    def __init__(self, workspace: Workspace, *, is_fresh: bool) -> None:
        """Begin with what was kept some minutes ago, or, where it is to be *fresh*, with nothing."""
        self.workspace = workspace
        self._key = f"seen-names:{workspace.pk}"
        kept: tuple[float, dict[tuple[str, ...], object]] | None = None if is_fresh else cache.get(self._key)
        self._until, self._found = kept or (time.time() + KEPT_S, {})
        self._is_kept = kept is not None

    def keep(self) -> None:
        """Keep what was found for the next time."""
        if not self._is_kept:
            cache.set(self._key, (self._until, self._found), self._until - time.time())
            self._is_kept = True

    def fields(self) -> frozenset[str]:
        """Return all fields, those of companies as ``company.employees``."""

        def read() -> frozenset[str]:
            facts = Fact.objects.filter(workspace=self.workspace).order_by()
            of_leads = facts.filter(lead__isnull=False).values_list("field", flat=True).distinct()
            of_companies = facts.filter(company__isnull=False).values_list("field", flat=True).distinct()
            return frozenset((*of_leads, *(f"company.{name}" for name in of_companies)))

        return self._known(("fields",), read)

    def events(self) -> frozenset[str]:
        """Return the names of all events."""
        events = Event.objects.filter(workspace=self.workspace).order_by()
        return self._known(("events",), lambda: frozenset(events.values_list("name", flat=True).distinct()))

    def properties(self, events: Sequence[str]) -> frozenset[str]:
        """Return the properties that the latest events of some names have."""

        def read(event: str) -> frozenset[str]:
            rows = self._of(event).order_by("-pk" if event == ANY else "-occurred_at")
            return frozenset(chain.from_iterable(rows.values_list("properties", flat=True)[:LATEST]))

        found = [self._known(("properties", one), lambda event=one: read(event)) for one in events]  # type: ignore[misc]
        return frozenset[str]().union(*found)

    def has_property(self, name: str, events: Sequence[str]) -> bool:
        """Return whether any event of some names, however old, has a property."""
        return any(
            self._known(
                ("has", one, name),
                lambda event=one: self._of(event).filter(properties__has_key=name).exists(),  # type: ignore[misc]
            )
            for one in events
        )

    def nearest(self, name: str, known: Iterable[str], *about: str) -> str:
        """Return the known name that is most like another one; empty when none is. about: tells known names of one kind from others."""

        def read() -> str:
            near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=_LIKENESS)
            return near[0] if near else ""

        return self._known(("nearest", *about, name), read)

    def _of(self, event: str) -> QuerySet[Event]:
        rows = Event.objects.filter(workspace=self.workspace)
        return rows if event == ANY else rows.filter(name=event)

    def _known(self, what: tuple[str, ...], read: Callable[[], Found]) -> Found:
        if what not in self._found:
            self._found[what] = read()
            self._is_kept = False
        return cast(Found, self._found[what])
