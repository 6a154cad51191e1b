"""Reads of what-ifs: the one of a draft, and whether its figures are of what is there now."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from django.db.models import QuerySet

from leadline.engine.calendar import instant_of
from leadline.engine.problems import ProblemsError
from leadline.web.assessments.models import PastWhatIf, WhatIf
from leadline.web.leads.models import Lead
from leadline.web.playbooks.models import Draft
from leadline.web.playbooks.queries import compile_toml, find_live

Stale = Literal["text", "live", "day"]
"""Why figures are not of now: the draft says something else by now, another version is live, another day has begun."""


def find_whatif(draft: Draft) -> WhatIf | None:
    """Return what was asked last with a draft."""
    return WhatIf.objects.filter(draft=draft).select_related("live", "asked_by").first()


def known_leads(workspace_id: int) -> QuerySet[Lead]:
    """Return the leads that a what-if looks at: those that somebody can be called by, and that stand for themselves."""
    return Lead.objects.filter(workspace=workspace_id, merged_into=None, is_known=True)


def why_stale(whatif: WhatIf, draft: Draft, now: datetime) -> list[Stale]:
    """Return why the figures are not of now; nothing where they are."""
    return list(_reasons(whatif, draft, now))


def _reasons(whatif: WhatIf, draft: Draft, now: datetime) -> Iterator[Stale]:
    yield from why_of_others(whatif, draft)
    if not is_of_day(whatif, now):
        yield "day"


def why_of_others(whatif: WhatIf | PastWhatIf, draft: Draft) -> Iterator[Literal["text", "live"]]:
    """Yield why figures are of another text than the draft's, or beside another version than the live one."""
    if not says_the_same(whatif, draft):
        yield "text"
    live = find_live(whatif.workspace_id)
    if live is None or live.pk != whatif.live_id:
        yield "live"


def says_the_same(whatif: WhatIf | PastWhatIf, draft: Draft) -> bool:
    """Return whether the text of a draft comes to what was asked of: words that nothing is computed of may be others."""
    if draft.revision == whatif.revision or draft.toml == whatif.toml:
        return True
    try:
        return compile_toml(draft.toml).plan_hash == whatif.plan_hash
    except ProblemsError:
        return False


def is_of_day(whatif: WhatIf, now: datetime) -> bool:
    """Return whether it is still the local day on which it was asked."""
    zone = compile_toml(whatif.toml).zone
    return zone.day_of(instant_of(whatif.as_of)) == zone.day_of(instant_of(now))
