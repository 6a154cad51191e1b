"""A condition over the list: as a chip in words, or what is wrong with it."""

from leadline.engine.expressions.words import say_condition
from leadline.web.accounts.models import Workspace
from leadline.web.pages.conditions.reading import Filter, read_filter
from leadline.web.pages.leads_list.filters import Filters
from leadline.web.pages.leads_list.shown import FilterChip
from leadline.web.playbooks.models import Version

_MOST_LETTERS = 140


def condition_chips(workspace: Workspace, version: Version | None, filters: Filters) -> list[FilterChip]:
    """Return the chip of the condition, if there is one; one that cannot be read stands as it was written."""
    if not filters.where:
        return []
    found = read_filter(workspace, version, filters.where) if version else ()
    said = say_condition(found.condition) if isinstance(found, Filter) else ""
    text = said[:1].upper() + said[1:] or filters.where
    short = text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1] + "…"
    return [FilterChip(short, filters.without_condition().query)]
