"""How often leads did something within a stretch of time: subqueries for the database, or counted here where only the engine can tell.

A database counts events by name and time. Which local day an event falls on, and whether its properties fit a condition, the engine
says: for that the events are read, up to `MOST`; beyond it a filter says that it cannot be asked.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast

from leadline.engine.calendar import get_zone, instant_of
from leadline.engine.expressions import nodes as n
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.reference.assess import matches
from leadline.engine.reference.cells import CellReader, UnfitError, fixed_type
from leadline.engine.reference.infer import EVENT_COLUMNS
from leadline.engine.reference.log import Event as LoggedEvent
from leadline.web.accounts.models import Workspace
from leadline.web.assessments.logs import cell_of
from leadline.web.assessments.rows import moment_of
from leadline.web.leads.models import Event
from leadline.web.pages.conditions.sql import Sql
from leadline.web.playbooks.queries import Compiled

MOST = 20_000
"""So many events are read; more would keep a page waiting."""


class TooManyEventsError(Exception):
    """A term would have to read more events than a page can wait for."""

    def __init__(self, term: n.Count | n.ActiveDays) -> None:
        super().__init__(n.name_of_term(term))
        self.term = term


@dataclass(frozen=True, slots=True)
class Counting:
    """Counts events of a workspace up to a moment, as conditions of a bound playbook ask."""

    workspace: Workspace
    compiled: Compiled
    bound: BoundPlaybook
    at: datetime

    def count(self, term: n.Count | n.ActiveDays) -> Sql:
        """Return a subquery of leads and numbers."""
        if isinstance(term, n.Count) and term.only is None:
            return self._in_the_database(term)
        counts = self._here(term)
        rows = json.dumps({str(lead): number for lead, number in counts.items()})
        if connection.vendor == "postgresql":
            return Sql("SELECT key::bigint AS lead_id, value::integer AS n FROM json_each_text(%s::json)", (rows,))
        return Sql("SELECT CAST(key AS INTEGER) AS lead_id, value AS n FROM json_each(%s)", (rows,))

    def _begin(self, window_days: int) -> datetime:
        zone = self.compiled.zone
        return moment_of(zone.first_instant(zone.day_of(instant_of(self.at)) - window_days + 1))

    def _in_the_database(self, term: n.Count) -> Sql:
        assert term.window_days is not None
        moment = connection.ops.adapt_datetimefield_value
        kinds = ", ".join(["%s"] * len(Event.BEHAVIOUR))
        return Sql(
            "SELECT lead_id, COUNT(*) AS n FROM leads_event WHERE workspace_id = %s AND name = %s"
            f" AND occurred_at >= %s AND occurred_at <= %s AND NOT is_bot AND kind IN ({kinds}) GROUP BY lead_id",
            (
                self.workspace.pk,
                term.event,
                moment(self._begin(term.window_days)),
                moment(self.at),
                *Event.BEHAVIOUR,
            ),
        )

    def _events(self, term: n.Count | n.ActiveDays) -> QuerySet[Event]:
        found = Event.objects.filter(
            workspace=self.workspace, kind__in=Event.BEHAVIOUR, is_bot=False, occurred_at__lte=self.at
        )
        if term.event != "*":
            found = found.filter(name=term.event)
        return found if term.window_days is None else found.filter(occurred_at__gte=self._begin(term.window_days))

    def _here(self, term: n.Count | n.ActiveDays) -> Counter[int]:
        what = Cast("properties", TextField()) if isinstance(term, n.Count) else F("occurred_at")
        rows = list(self._events(term).values_list("lead_id", what)[: MOST + 1])
        if len(rows) > MOST:
            raise TooManyEventsError(term)
        if isinstance(term, n.ActiveDays):
            day_of = self.compiled.zone.day_of
            days = {(lead, day_of(instant_of(at))) for lead, at in rows}
            return Counter(lead for lead, _ in days)
        texts = {text for _, text in rows}  # many events say the same, and are read once
        fitting = {text for text in texts if self._fits(term, json.loads(text))}
        return Counter(lead for lead, text in rows if text in fitting)

    def _fits(self, term: n.Count, properties: dict[str, Any]) -> bool:
        assert term.only is not None
        return matches(term.only, LoggedEvent(name=term.event, at_us=0, properties=self._read(term, properties)))

    def _read(self, term: n.Count, properties: dict[str, Any]) -> dict[str, n.Value]:
        """Return the properties that a condition reads, as the engine reads them."""
        assert term.only is not None
        reader = CellReader(zone=self.compiled.zone, naive_zone=get_zone("UTC"))
        found: dict[str, n.Value] = {}
        for field in _fields(n.terms_of(term.only)):
            if field.name not in properties or field.name in EVENT_COLUMNS:
                continue
            spec = fixed_type(field.name) or self.bound.spec_of(field, (term.event,))
            try:
                value = reader.value(cell_of(properties[field.name]), spec, field.name)
            except UnfitError:
                continue
            if value is not None:
                found[field.name] = value
        return found


def _fields(terms: Iterable[n.Term]) -> list[n.Field]:
    return [term for term in terms if isinstance(term, n.Field)]
