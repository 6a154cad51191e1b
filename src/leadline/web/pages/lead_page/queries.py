"""Reads of the page: who the lead is, by what it is recognised, its history, its company, and what is known of both."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, FilteredRelation, Q
from django.http import Http404

from leadline.web.accounts.models import Workspace
from leadline.web.assessments.models import Assessment, Spell, StageMove
from leadline.web.leads.facts import FieldValue, value_history
from leadline.web.leads.models import Company, Fact, Identity, Lead, Outcome
from leadline.web.pages.playbook_words import Meter, Named, PlaybookWords
from leadline.web.playbooks.models import Version

_LATE = timedelta(days=1)
_MATES = 6
_MOST_ROWS = 200
CONSENTS = ("consent.contact", "consent.scoring")
_SHOWN_ABOVE = ("name", "first_name", "last_name", "email", "title")


def get_lead(workspace: Workspace, lead_id: int) -> Lead:
    """Return a lead of a workspace, as it is: it may have been merged into another.

    Raises:
        Http404: there is none, or it is another workspace's.
    """
    lead = Lead.objects.select_related("company").filter(workspace=workspace, pk=lead_id).first()
    if lead is None:
        raise Http404("There is no such lead in this workspace.")
    lead.workspace = workspace  # known already: the page need not ask for it again
    return lead


def find_survivor(lead: Lead) -> Lead:
    """Return the lead that this one's log belongs to now: itself, or whom it was merged into."""
    seen = {lead.pk}
    while lead.merged_into_id is not None and lead.merged_into_id not in seen:
        lead = Lead.objects.get(pk=lead.merged_into_id)
        seen.add(lead.pk)
    return lead


def find_assessment(version: Version, lead: Lead) -> Assessment | None:
    """Return what a version says of a lead; None before it was assessed."""
    return Assessment.objects.filter(version=version, lead=lead).first()


def spells_of(version: Version, lead: Lead) -> list[Spell]:
    """Return the stays of a lead in qualifications, the latest first."""
    return list(Spell.objects.filter(version=version, lead=lead).order_by("-began_at", "pk"))


def came_late(version: Version, lead: Lead, spells: list[Spell]) -> set[int]:
    """Return the spells that began days before anybody could see it, because what began them came late.

    A lead that a file brought with its past, and what was before the version went live, say nothing of the kind.
    """
    since = version.live_at
    if since is None or lead.origin:
        return set()
    return {one.pk for one in spells if since < one.began_at and one.noticed_at - one.began_at > _LATE}


# -- history --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class History:
    """Where a lead has been: stage moves and what was reported, the latest first."""

    moves: list[StageMove]
    outcomes: list[Outcome]


def history_of(version: Version | None, lead: Lead) -> History:
    """Return the latest stage moves and outcomes of a lead."""
    moves = (
        []
        if version is None
        else list(StageMove.objects.filter(version=version, lead=lead).order_by("-at", "-pk")[:_MOST_ROWS])
    )
    return History(moves, list(Outcome.objects.filter(lead=lead).order_by("-at", "-pk")[:_MOST_ROWS]))


# -- who it is --------------------------------------------------------------------------------------------------------


def identities_of(lead: Lead) -> list[Identity]:
    """Return by what a lead is recognised, the surest first."""
    found = Identity.objects.filter(lead=lead).order_by("-is_verified", "kind", "value")
    return list(found[:_MOST_ROWS])


@dataclass(frozen=True, slots=True)
class Mate:
    """Somebody of the same company."""

    lead: Lead
    grade: Named | None
    meter: Meter | None


def mates_of(lead: Lead, version: Version | None, words: PlaybookWords | None) -> list[Mate]:
    """Return known people of the same company, the best first."""
    if lead.company_id is None:
        return []
    others = Lead.objects.filter(company=lead.company_id, merged_into=None, is_known=True).exclude(pk=lead.pk)
    if version is None or words is None:
        return [Mate(one, None, None) for one in others.order_by("name", "pk")[:_MATES]]
    own = FilteredRelation("assessments", condition=Q(assessments__version=version))
    found = others.annotate(own=own, grade=F("own__grade"), rank=F("own__rank")).order_by("-last_seen_at", "pk")
    people = sorted(found[:100], key=lambda one: -(one.rank or 0))
    return [Mate(one, words.grade(one.grade) if one.grade else None, None) for one in people[:_MATES]]


# -- what is known ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether somebody agreed to something, by what and since when."""

    purpose: str
    value: str
    fact: Fact | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a lead and of its company, field by field, with who said it; and the lead's consents."""

    lead: list[FieldValue]
    company: list[FieldValue]
    consents: list[Consent]


def known_of(lead: Lead, source_rank: tuple[str, ...]) -> Known:
    """Return what is known of a lead: for each field which value holds and why, and what else was said."""
    own = value_history(lead.facts.all(), source_rank)
    company: Company | None = lead.company
    of_company = value_history(company.facts.all(), source_rank) if company else []
    by_field = {one.field: one for one in own}
    consents = [_consent(field, by_field.get(field)) for field in CONSENTS]
    own.sort(key=lambda one: (one.field not in _SHOWN_ABOVE, one.field.startswith("consent."), one.field))
    return Known(own, of_company, consents)


def _consent(field: str, found: FieldValue | None) -> Consent:
    purpose = field.removeprefix("consent.")
    if found is None or found.value is None:
        return Consent(purpose, "unknown", None)
    is_given = str(found.value).strip().lower() in ("yes", "true", "1")
    return Consent(purpose, "yes" if is_given else "no", found.winner)
