"""Reads of what-ifs over the past: the one of a draft. Why it is not of now says `whatif.queries.why_of_others`."""

from leadline.web.assessments.models import PastWhatIf
from leadline.web.playbooks.models import Draft


def find_past(draft: Draft) -> PastWhatIf | None:
    """Return what was asked last of a draft over the past."""
    return PastWhatIf.objects.filter(draft=draft).select_related("live", "asked_by").first()
