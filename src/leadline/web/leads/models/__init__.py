"""Tables: who there is (`people.py`), what is known of them and when (`log.py`), who was joined or forgotten (`joining.py`)."""

from leadline.web.leads.models.joining import Erasure, Merge, Suggestion
from leadline.web.leads.models.log import Event, Fact, Note, Outcome, TakenBack
from leadline.web.leads.models.people import Company, Identity, Lead, TitleRule

__all__ = [
    "Company",
    "Erasure",
    "Event",
    "Fact",
    "Identity",
    "Lead",
    "Merge",
    "Note",
    "Outcome",
    "Suggestion",
    "TakenBack",
    "TitleRule",
]
