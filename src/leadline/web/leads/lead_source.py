"""Where a lead came from: what the field ``lead_source`` says, else the source through which it first came in.

One meaning for all pages: lists and their filters, the pipeline, the page of a lead, exports, and what comes back. Of a lead that is
loaded, `Lead.lead_source` says it. Guarded by tests/web/leads/test_lead_source.py.
"""

from collections.abc import Iterable

from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, NullIf

FIELD = "lead_source"
"""In which field sources say it."""


def lead_source(prefix: str = "") -> Coalesce:
    """Return the lead source of a row as an expression. *prefix*: the way to the lead, as ``lead__``."""
    return Coalesce(NullIf(F(f"{prefix}said_source"), Value("")), F(f"{prefix}first_source"))


def came_from(names: Iterable[str], prefix: str = "") -> Q:
    """Return the condition that the lead source of a row is one of these."""
    wanted = list(names)
    said = Q(**{f"{prefix}said_source__in": wanted})
    return said | Q(**{f"{prefix}said_source": "", f"{prefix}first_source__in": wanted})
