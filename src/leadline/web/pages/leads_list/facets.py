"""What stands beside the filters: what there is to choose from, some seconds old, and whether anybody is missing."""

from collections import Counter
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef

from leadline.web.accounts.models import Workspace
from leadline.web.assessments.models import Assessment
from leadline.web.leads.lead_source import lead_source
from leadline.web.leads.models import Lead
from leadline.web.pages.leads_list.filters import Who
from leadline.web.pages.leads_list.wanted import COUNTED, LISTED
from leadline.web.playbooks.models import Version

_FACETS_LIVE_S = 60
_MOST_SOURCES = 40


@dataclass(frozen=True, slots=True)
class Facets:
    """What there is to choose from, and how many leads there are of each; the numbers are empty where there are too many to count.

    sources: the lead sources, the commonest first where they are counted.
    """

    sources: list[str]
    stages: dict[str, int] = field(default_factory=dict)
    grades: dict[str, int] = field(default_factory=dict)
    of_source: dict[str, int] = field(default_factory=dict)


def has_leads(workspace: Workspace) -> bool:
    """Return whether there is anybody."""
    return Lead.objects.filter(workspace=workspace).exists()


def count_unassessed(workspace: Workspace, version: Version | None) -> int:
    """Return how many leads wait for their first assessment, up to `LISTED`: an order by assessments cannot show them."""
    if version is None:
        return 0
    waiting = Lead.objects.filter(workspace=workspace, merged_into=None, due_at__isnull=False)
    return waiting.exclude(Exists(Assessment.objects.filter(version=version, lead=OuterRef("pk"))))[:LISTED].count()


def find_facets(workspace: Workspace, version: Version | None, who: Who) -> Facets:
    """Return what stands beside the filters, as it was within the last minute."""
    key = f"facets:{workspace.pk}:{version.pk if version else 0}:{who}"
    found: Facets | None = cache.get(key)
    if found is None:
        found = _find_facets(workspace, version, who)
        cache.set(key, found, _FACETS_LIVE_S)
    return found


def _find_facets(workspace: Workspace, version: Version | None, who: Who) -> Facets:
    leads = Lead.objects.filter(workspace=workspace, merged_into=None).order_by()
    if leads[: COUNTED + 1].count() > COUNTED:
        names = leads.annotate(came_from=lead_source()).exclude(came_from="").values_list("came_from", flat=True)
        return Facets(sorted(names.distinct()[:_MOST_SOURCES]))
    leads = leads if who == "all" else leads.filter(is_known=who == "known")
    sources = Counter(dict(leads.values_list(lead_source()).annotate(count=Count("pk"))))
    sources.pop("", None)
    stages, grades = Counter[str](), Counter[str]()
    if version is not None:
        found = Assessment.objects.filter(version=version, lead__in=leads).order_by()
        for stage, grade, count in found.values_list("stage", "grade").annotate(count=Count("pk")):
            stages[stage] += count
            grades[grade] += count
    common = sources.most_common(_MOST_SOURCES)
    return Facets([name for name, _ in common], dict(stages), dict(grades), dict(common))
