"""The columns of the list: which there are, which somebody chose, and the addresses that choose others.

A column is known by an id that stands in the address: ``cols=company,score.fit,fact.budget_amount``. What is not there any more is left
out, so that an old bookmark shows what it still can.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.core.cache import cache

from leadline.web.accounts.models import Workspace
from leadline.web.leads.consent import is_consent
from leadline.web.leads.facts import is_internal
from leadline.web.leads.models import Fact
from leadline.web.pages.leads_list.filters import Filters
from leadline.web.pages.playbook_words import PlaybookWords, say_id, short

FACT, SCORE = "fact.", "score."
_LATEST = 2_000
"""Which fields there are is read off so many facts: the latest. Those of all facts would take too long."""
_FIELDS_LIVE_S = 300
_OWN_COLUMN = {"name", "first_name", "last_name", "email", "title", "company", "country"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: how it is shown (kind), and of which score or field it is (name).

    title, heading: what it is called where it is chosen, and above the column. needs_assessment: whether only an assessment says it.
    """

    id: str
    title: str
    kind: str
    name: str = ""
    is_number: bool = False
    needs_assessment: bool = False

    @property
    def heading(self) -> str:
        """What stands above it."""
        return short(self.title)


_OF_LEADS = (
    Column("company", "Company", "company"),
    Column("title", "Job title", "text", "title"),
    Column("email", "E-mail", "text", "email"),
)
_OF_ASSESSMENTS = (
    Column("stage", "Stage", "stage", needs_assessment=True),
    Column("qualified", "Qualified as", "qualified", needs_assessment=True),
    Column("next", "Next step", "next", needs_assessment=True),
)
_AT_THE_END = (
    Column("source", "Lead source", "source"),
    Column("campaign", "Campaign", "campaign"),
    Column("country", "Country", "text", "country"),
    Column("first", "First seen", "time", "first_seen_at", is_number=True),
    Column("seen", "Last seen", "time", "last_seen_at", is_number=True),
)


def all_columns(words: PlaybookWords | None, fields: Sequence[str] = ()) -> list[Column]:
    """Return every column that there is: of leads, of the playbook's scores and grade, and of fields that facts are known of."""
    assessed: list[Column] = []
    if words:
        if words.playbook.grade:
            assessed.append(Column("grade", "Grade", "grade", needs_assessment=True))
        assessed += [
            Column(SCORE + one.id, one.title, "score", one.id, needs_assessment=True) for one in words.playbook.scores
        ]
        assessed += _OF_ASSESSMENTS
    return [*_OF_LEADS, *assessed, *_AT_THE_END, *(_of_field(field) for field in fields)]


def usual_columns(words: PlaybookWords | None) -> list[Column]:
    """Return the columns of a list for which nobody chose any."""
    scores = {SCORE + one.id for one in words.listed_scores} if words else set()
    usual = {"company", "grade", "stage", "source", "seen"} | scores
    return [one for one in all_columns(words) if one.id in usual]


def chosen_columns(filters: Filters, words: PlaybookWords | None) -> list[Column]:
    """Return the columns that an address asks for, in its order; the usual ones where it asks for none that there is."""
    there = {one.id: one for one in all_columns(words)}
    found = [there.get(one) or _field_column(one) for one in filters.columns]
    return [one for one in found if one] or usual_columns(words)


def known_fields(workspace: Workspace) -> list[str]:
    """Return the fields of people of which something was said lately, by name, as they were some minutes ago."""
    key = f"fields:{workspace.pk}"
    found: list[str] | None = cache.get(key)
    if found is None:
        latest = Fact.objects.filter(workspace=workspace, lead__isnull=False).order_by("-pk")
        found = sorted(one for one in set(latest.values_list("field", flat=True)[:_LATEST]) if _is_shown(one))
        cache.set(key, found, _FIELDS_LIVE_S)
    return found


def _is_shown(field: str) -> bool:
    return not is_internal(field) and not is_consent(field) and field not in _OWN_COLUMN


def _of_field(field: str) -> Column:
    group, _, name = field.rpartition(".")
    title = f"{say_id(name)} (answer)" if group == "questions" else say_id(field.replace(".", " "))
    return Column(FACT + field, title, "fact", field)


def _field_column(column_id: str) -> Column | None:
    field = column_id.removeprefix(FACT)
    return _of_field(field) if column_id.startswith(FACT) and field and not is_internal(field) else None


# -- choosing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """A column in the menu. Each query is one of an address: with the column moved, taken away or added; empty where that cannot be."""

    column: Column
    is_shown: bool
    earlier: str = ""
    later: str = ""
    toggled: str = ""


def choices(filters: Filters, words: PlaybookWords | None, fields: Sequence[str]) -> list[Choice]:
    """Return the menu of columns: those that are shown in their order, then the others."""
    shown = chosen_columns(filters, words)
    ids = [one.id for one in shown]

    def query(wanted: list[str]) -> str:
        return replace(filters, columns=tuple(wanted)).query

    found = [
        Choice(
            one,
            is_shown=True,
            earlier=query([*ids[: at - 1], one.id, ids[at - 1], *ids[at + 1 :]]) if at else "",
            later=query([*ids[:at], ids[at + 1], one.id, *ids[at + 2 :]]) if at + 1 < len(ids) else "",
            toggled=query([other for other in ids if other != one.id]) if len(ids) > 1 else "",
        )
        for at, one in enumerate(shown)
    ]
    others = [one for one in all_columns(words, fields) if one.id not in ids]
    return found + [Choice(one, is_shown=False, toggled=query([*ids, one.id])) for one in others]
