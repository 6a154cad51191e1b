"""Reads of the page of a company: its people with what they do there, its qualifications, and what is known of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet
from django.http import Http404

from leadline.web.accounts.models import Workspace
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.leads.facts import FieldValue, resolve, value_history
from leadline.web.leads.models import Company, Event, Fact, Lead
from leadline.web.leads.titles import FIELDS, derive_from_titles, find_title_rules
from leadline.web.pages.playbook_words import Named, PlaybookWords, say_id
from leadline.web.playbooks.models import Version

MOST_PEOPLE = 100
NO_FUNCTION = "Function not known"


def get_company(workspace: Workspace, company_id: int) -> Company:
    """Return a company of a workspace.

    Raises:
        Http404: there is none, or it is another workspace's.
    """
    company = Company.objects.filter(workspace=workspace, pk=company_id).first()
    if company is None:
        raise Http404("There is no such company in this workspace.")
    return company


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a company. seniority, function: as a title or a source says, as words; empty where nothing does."""

    lead: Lead
    seniority: str
    function: str
    persona: str
    grade: Named | None
    grade_text: str
    stage: Named | None
    excluded: str
    cools_day: int | None
    rank: int


def people_of(
    company: Company, version: Version | None, words: PlaybookWords | None, source_rank: Sequence[str]
) -> list[Person]:
    """Return the known people of a company, the best first, then by name."""
    leads = list(
        Lead.objects.filter(company=company, merged_into=None, is_known=True).order_by("name", "pk")[:MOST_PEOPLE]
    )
    roles = _roles_of(company, leads, source_rank)
    found = {one.lead_id: one for one in Assessment.objects.filter(version=version, lead__in=leads)} if version else {}
    people = [_person(one, roles.get(one.pk, {}), found.get(one.pk), words) for one in leads]
    return sorted(people, key=lambda one: -one.rank)


def _roles_of(company: Company, leads: list[Lead], source_rank: Sequence[str]) -> dict[int, dict[str, str]]:
    facts = list(Fact.objects.filter(lead__in=leads, field__in=("title", *FIELDS)))
    of_lead: dict[int, list[Fact]] = {}
    for one in [*facts, *derive_from_titles(facts, find_title_rules(company.workspace_id))]:
        if one.lead_id is not None and one.field in FIELDS:
            of_lead.setdefault(one.lead_id, []).append(one)
    return {
        pk: {name: say_id(str(fact.value)) for name, fact in resolve(rows, source_rank).items() if fact.value}
        for pk, rows in of_lead.items()
    }


def _person(lead: Lead, roles: dict[str, str], found: Assessment | None, words: PlaybookWords | None) -> Person:
    if found is None or words is None:
        return Person(lead, roles.get("seniority", ""), roles.get("function", ""), "", None, "", None, "", None, 0)
    return Person(
        lead,
        roles.get("seniority", ""),
        roles.get("function", ""),
        words.persona(found.persona) if found.persona else "",
        words.grade(found.grade) if found.grade else None,
        words.say_grade(found.grade),
        words.stage(found.stage) if found.stage else None,
        words.excluded_by(found.excluded_by) if found.excluded_by else "",
        found.cools_day,
        found.rank,
    )


@dataclass(frozen=True, slots=True)
class Role:
    """A function in the company, and whom we know there."""

    title: str
    people: list[Person]


def roles_of(people: list[Person]) -> list[Role]:
    """Return whom we know in which function, the fullest first; those without a known one at the end."""
    by_function: dict[str, list[Person]] = {}
    for one in people:
        by_function.setdefault(one.function or NO_FUNCTION, []).append(one)
    return sorted(
        (Role(title, members) for title, members in by_function.items()),
        key=lambda one: (one.title == NO_FUNCTION, -len(one.people), one.title),
    )


def open_spells_of(company: Company, version: Version) -> list[Spell]:
    """Return in what the company's people are qualified now, the latest first."""
    rows = Spell.objects.filter(version=version, ended_at=None, lead__company=company, lead__merged_into=None)
    return list(rows.select_related("lead").order_by("-began_at", "pk")[:MOST_PEOPLE])


def facts_of(company: Company, source_rank: Sequence[str]) -> list[FieldValue]:
    """Return what is known of a company: for each field which value holds and why, and what else was said."""
    return value_history(company.facts.all(), source_rank)


def events_of(company: Company) -> QuerySet[Event]:
    """Return what the company's people did, visitors counted in."""
    return Event.objects.filter(lead__in=Lead.objects.filter(company=company, merged_into=None).values("pk"))


def visitors_of(company: Company) -> int:
    """Return how many visitors without a name belong to a company."""
    return Lead.objects.filter(company=company, merged_into=None, is_known=False).count()


def last_seen(company: Company) -> datetime | None:
    """Return when somebody of a company was seen last; None when nobody was."""
    found: datetime | None = Lead.objects.filter(company=company, merged_into=None).aggregate(last=Max("last_seen_at"))[
        "last"
    ]
    return found
