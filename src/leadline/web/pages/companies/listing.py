"""The list of companies: which match, in which order, and who their people are. Only companies with known people are listed.

By the best lead it is found by walking down the leads of the live version from the best, so that it stays quick with very many; the
other orders count people. Pages end at `MOST_PAGES`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Max, Q, QuerySet
from django.http import QueryDict

from leadline.web.accounts.models import Workspace
from leadline.web.assessments.models import Assessment
from leadline.web.leads.models import Company, Lead
from leadline.web.pages.playbook_words import Named, PlaybookWords
from leadline.web.playbooks.models import Version
from leadline.web.shell.numbers import whole_number
from leadline.web.shell.paging import Paged

PAGE = 25
MOST_PAGES = 40
SORTS = {"best": "best lead first", "people": "most people", "seen": "last seen", "name": "name"}
_MOST_LETTERS = 120
_MOST_INDUSTRIES = 40
_STEP = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants to see of the companies."""

    q: str = ""
    industry: str = ""
    sort: str = "best"
    page: int = 1

    @property
    def query(self) -> str:
        """The same as the query of an address, without the page and without what goes without saying."""
        pairs = [("q", self.q), ("industry", self.industry), ("sort", self.sort if self.sort != "best" else "")]
        return urlencode([(name, value) for name, value in pairs if value])


def read_wanted(query: QueryDict) -> Wanted:
    """Return what an address asks for; what it cannot mean is left out."""
    return Wanted(
        q=_text(query.get("q", "")),
        industry=_text(query.get("industry", "")),
        sort=sort if (sort := query.get("sort", "")) in SORTS else "best",
        page=max(1, whole_number(query.get("page"), most=MOST_PAGES) or 1),
    )


def _text(text: str) -> str:
    return " ".join(text.replace("\0", "").split())[:_MOST_LETTERS]


@dataclass(frozen=True, slots=True)
class ListedCompany:
    """A company with its known people: how many, the best of them, in which stages they are, and the last activity."""

    company: Company
    people: int
    best: Lead | None
    grade: Named | None
    grade_text: str
    stages: list[tuple[Named, int]]
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listing(Paged):
    """A page of the list; has what ``shell/pager.html`` needs."""

    rows: list[ListedCompany]
    wanted: Wanted
    has_next: bool

    @property
    def page_number(self) -> int:
        """Which page it is."""
        return self.wanted.page

    @property
    def page_size(self) -> int:
        """How many rows a full page has."""
        return PAGE

    @property
    def row_count(self) -> int:
        """How many rows this page has."""
        return len(self.rows)


def list_companies(
    workspace: Workspace, version: Version | None, words: PlaybookWords | None, wanted: Wanted
) -> Listing:
    """Return a page of companies."""
    start = (wanted.page - 1) * PAGE
    if wanted.sort == "best" and version is not None:
        ids = _best_first(version, wanted, start + PAGE + 1)
    else:
        ids = _by_people(workspace, wanted, start + PAGE + 1)
    shown = ids[start : start + PAGE]
    return Listing(_rows(shown, version, words), wanted, len(ids) > start + PAGE and wanted.page < MOST_PAGES)


def find_industries(workspace: Workspace) -> list[str]:
    """Return the industries there are to choose from."""
    names = Company.objects.filter(workspace=workspace).exclude(industry="").order_by("industry")
    return list(names.values_list("industry", flat=True).distinct()[:_MOST_INDUSTRIES])


def _matching(wanted: Wanted, prefix: str = "") -> Q:
    condition = Q()
    for word in wanted.q.split()[:4]:
        condition &= Q(**{f"{prefix}name__contains_alike": word}) | Q(**{f"{prefix}domain__contains_alike": word})
    if wanted.industry:
        condition &= Q(**{f"{prefix}industry": wanted.industry})
    return condition


def _best_first(version: Version, wanted: Wanted, count: int) -> list[int]:
    """Return the ids of the first companies, each where its best lead stands."""
    rows = Assessment.objects.filter(version=version, lead__merged_into=None, lead__is_known=True)
    rows = rows.filter(lead__company__isnull=False).filter(_matching(wanted, "lead__company__"))
    ordered = rows.order_by("-rank", "lead").values_list("lead__company", flat=True)
    found: dict[int, None] = {}
    start, step = 0, count + _STEP
    while len(found) < count:  # in slices: of an answer without end, PostgreSQL makes all before it gives the beginning
        companies = list(ordered[start : start + step])
        found |= dict.fromkeys(companies)
        if len(companies) < step:
            break
        start, step = start + step, 4 * step
    return list(found)[:count]


def _by_people(workspace: Workspace, wanted: Wanted, count: int) -> list[int]:
    people = Lead.objects.filter(workspace=workspace, merged_into=None, is_known=True, company__isnull=False)
    people = people.filter(_matching(wanted, "company__"))
    if wanted.sort == "name":
        named = Company.objects.filter(_matching(wanted), workspace=workspace, pk__in=people.values("company"))
        return list(named.order_by("name", "pk").values_list("pk", flat=True)[:count])
    groups = people.order_by().values("company")
    groups = (
        groups.annotate(of=Max("last_seen_at")).order_by(F("of").desc(nulls_last=True), "company")
        if wanted.sort == "seen"
        else groups.annotate(of=Count("pk")).order_by("-of", "company")
    )
    return [one["company"] for one in groups[:count]]


def _rows(ids: list[int], version: Version | None, words: PlaybookWords | None) -> list[ListedCompany]:
    companies = Company.objects.in_bulk(ids)
    people: QuerySet[Lead] = Lead.objects.filter(company__in=ids, merged_into=None, is_known=True)
    numbers: dict[int, dict[str, Any]] = {
        one["company"]: dict(one)
        for one in people.order_by().values("company").annotate(people=Count("pk"), seen=Max("last_seen_at"))
    }
    best, stages = _standing(version, people) if version else ({}, {})
    return [
        _row(companies[pk], numbers.get(pk, {}), best.get(pk), stages.get(pk, {}), words)
        for pk in ids
        if pk in companies
    ]


def _standing(version: Version, people: QuerySet[Lead]) -> tuple[dict[int, Assessment], dict[int, dict[str, int]]]:
    """Return for each company the assessment of its best lead, and how many of its people are in each stage."""
    rows = Assessment.objects.filter(version=version, lead__in=people)
    stages: dict[int, dict[str, int]] = {}
    for company, stage, count in rows.order_by().values_list("lead__company", "stage").annotate(count=Count("pk")):
        stages.setdefault(company, {})[stage] = count
    best: dict[int, Assessment] = {}
    for one in (
        rows.select_related("lead")
        .only("grade", "lead", "rank", "lead__name", "lead__email", "lead__company")
        .order_by("rank", "-lead")
    ):
        assert one.lead.company_id is not None
        best[one.lead.company_id] = one
    return best, stages


def _row(
    company: Company,
    numbers: dict[str, Any],
    best: Assessment | None,
    stages: dict[str, int],
    words: PlaybookWords | None,
) -> ListedCompany:
    has_grade = best is not None and words is not None and bool(best.grade)
    return ListedCompany(
        company,
        numbers.get("people", 0),
        best.lead if best else None,
        words.grade(best.grade) if has_grade and words and best else None,
        words.say_grade(best.grade) if has_grade and words and best else "",
        _in_order(stages, words) if words else [],
        numbers.get("seen"),
    )


def _in_order(stages: dict[str, int], words: PlaybookWords) -> list[tuple[Named, int]]:
    """Return the stages with how many are in each, the furthest first, without the first of all where there are others."""
    known: Iterable[str] = [one.id for one in words.stages if one.id in stages]
    found = [(words.stage(one), stages[one]) for one in reversed(list(known))]
    return found[:-1] if len(found) > 1 and found[-1][0].css == "s0" else found
