"""Which leads hold a condition: the one function that pages, saved views, exports and the API ask."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q

from leadline.engine.calendar import instant_of
from leadline.engine.expressions import nodes as n
from leadline.engine.problems import Problem
from leadline.web.accounts.models import Workspace
from leadline.web.pages.conditions.counting import MOST, Counting, TooManyEventsError
from leadline.web.pages.conditions.expressions import AmongIds, Holds, HoldsItself
from leadline.web.pages.conditions.reading import Filter, Problems, read_filter
from leadline.web.pages.conditions.sql import Sql, Vendor, Writer
from leadline.web.playbooks.models import Version

ASSESSMENT = "assessment"
_FEW = 2_000
"""So many ids are a list that an index can begin with."""
_MANY = 10_000
"""More than that are met soon enough by going down an order."""


def leads_where(workspace: Workspace, version: Version, text: str, *, at: datetime, key: str = "id") -> Problems | Q:
    """Return which leads of a workspace hold a condition, or everything that is wrong with it.

    A lead is in only when the condition is *true* for it: what is unknown is not. Scores, facts and the like are those of the lead's
    assessment by this version, so somebody who was not assessed yet is in none; events are counted up to *at*.

    The database is asked here already: few leads become a list of ids, so that what is done with the answer (a page, a count, the next
    one) does not go through everybody again. Of many, the next ones are met soon by walking down any order.

    Args:
        workspace: whose leads.
        version: by whose words the condition is read; the live one.
        text: the condition, as in a qualification of the playbook, and with stage, grade, persona, excluded_by and qualified.
        at: the moment; days are counted to its local day.
        key: the column of your query that names the lead, such as ``id`` of leads; `ASSESSMENT` where the query is one of assessments
            by this version, which are asked themselves then.
    """
    found = read_filter(workspace, version, text)
    if not isinstance(found, Filter):
        return found
    try:
        asked = select_leads(workspace, version, found, at=at)
    except TooManyEventsError as error:
        return (_too_many(error.term),)
    most = None if asked.counts_events else _MANY
    ids = _ask(asked.sql, most)
    if most is not None and len(ids) > most:
        return Q(HoldsItself("pk", asked.condition) if key == ASSESSMENT else Holds(key, asked.sql))
    key = "lead_id" if key == ASSESSMENT else key
    return Q(**{f"{key}__in": ids}) if len(ids) <= _FEW else Q(AmongIds(key, ids))


def is_long(found: Problems | Q) -> bool:
    """Return whether so many hold a condition that counting them all takes too long."""
    return isinstance(found, Q) and any(isinstance(one, HoldsItself | Holds) for one in found.children)


def _ask(sql: Sql, most: int | None) -> list[int]:
    limit = Sql("") if most is None else Sql(" LIMIT %s", (most + 1,))
    with connection.cursor() as cursor:
        cursor.execute(sql.text + limit.text, [*sql.params, *limit.params])
        return [lead for (lead,) in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Asked:
    """The query of the ids of those who hold a condition, and the condition alone.

    counts_events: whether it goes through events, so that asking again is dear.
    """

    sql: Sql
    condition: Sql
    counts_events: bool


def select_leads(workspace: Workspace, version: Version, wanted: Filter, *, at: datetime) -> Asked:
    """Return the query of the ids of those who hold a condition.

    Raises:
        TooManyEventsError: the engine would have to read more events than a page can wait for.
    """
    compiled = wanted.compiled
    counting = Counting(workspace, compiled, wanted.bound, at)
    vendor: Vendor = "postgresql" if connection.vendor == "postgresql" else "sqlite"
    writer = Writer(compiled, vendor, compiled.zone.day_of(instant_of(at)), counting.count)
    condition = writer.condition(wanted.condition)
    joins = [
        Sql(f" LEFT JOIN ({one.text}) e{number} ON e{number}.lead_id = a.lead_id", one.params)
        for number, one in enumerate(writer.joined.values())
    ]
    # Of a version of somebody else's nobody is found. Asked for the version alone, an index says whose rows those are.
    number = version.pk if version.workspace_id == workspace.pk else None
    sql = Sql(
        f"SELECT a.lead_id FROM assessments_assessment a{''.join(one.text for one in joins)}"
        f" WHERE a.version_id = %s AND {condition.text}",
        (*(param for one in joins for param in one.params), number, *condition.params),
    )
    return Asked(sql, condition, counts_events=bool(joins))


def _too_many(term: n.Count | n.ActiveDays) -> Problem:
    what = "their properties" if isinstance(term, n.Count) else "their local days"
    message = (
        f"{n.name_of_term(term)} cannot be used as a filter here: more than {MOST:,} such events would have to be read for {what}."
        " Name a shorter time, such as '7d', or make a criterion of it and filter by the score."
    )
    return Problem(code="not-readable-here", message=message)
