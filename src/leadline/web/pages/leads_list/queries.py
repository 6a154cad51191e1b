"""Reads of the list: which leads, in which order, how many, and who stands before and after one.

Only assessments of the live version are looked at. It stays quick with very many leads: counts stop at `COUNTED`, pages end at
`MOST_PAGES`, and the numbers beside the filters are some seconds old.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.utils import timezone

from leadline.engine.arithmetic import POINT
from leadline.web.accounts.models import Workspace
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.leads.models import Company, Identity, Lead
from leadline.web.pages.conditions.leads import ASSESSMENT, is_long, leads_where
from leadline.web.pages.conditions.reading import Problems
from leadline.web.pages.leads_list.cells import Known, find_known
from leadline.web.pages.leads_list.columns import Column, chosen_columns
from leadline.web.pages.leads_list.filters import Filters, Who
from leadline.web.pages.playbook_words import Meter, Named, PlaybookWords
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import get_plan
from leadline.web.shell.paging import Paged

PAGE = 25
COUNTED = 10_000
"""Up to here leads are counted; beyond, a list says "10,000+"."""
_LISTED = 2_000
"""So many leads that match a search are listed by id; more are met soon enough by walking down the order."""
_FACETS_LIVE_S = 60
_MOST_SOURCES = 40


# -- which leads --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """The leads of a workspace that match, and their order. Of a workspace without a live version nobody has an assessment."""

    workspace: Workspace
    version: Version | None
    filters: Filters

    @property
    def is_by_assessment(self) -> bool:
        """Whether the rows to go through are assessments, not leads."""
        return self.version is not None and self.filters.is_about_assessments

    def rows(self) -> QuerySet[Any]:
        """Return the rows that match, in no order."""
        if self.is_by_assessment:
            return Assessment.objects.filter(
                self._of_assessments(), self._of_leads("lead__"), workspace=self.workspace, version=self.version
            )
        asked = (self.filters.stages, self.filters.grades, self.filters.qualifications, self.filters.where)
        if self.version is None and any(asked):
            return Lead.objects.none()
        return Lead.objects.filter(self._of_leads(""), workspace=self.workspace)

    @property
    def key(self) -> str:
        """The column of `rows` that names the lead."""
        return "lead_id" if self.is_by_assessment else "id"

    def column(self) -> tuple[str, bool, bool]:
        """Return by what the rows are sorted: a column of theirs, whether downwards, whether it may be missing."""
        sort = self.filters.sort
        if sort.table == "assessment" and not self.is_by_assessment:
            return "id", True, False
        prefix = "lead__" if self.is_by_assessment and sort.table == "lead" else ""
        return prefix + sort.column, sort.is_descending, sort.has_gaps

    def ordered(self, *, backwards: bool = False) -> QuerySet[Any]:
        """Return the rows in order, or in the opposite one."""
        column, is_descending, has_gaps = self.column()
        goes_down = is_descending != backwards
        first = OrderBy(
            F(column),
            descending=goes_down,
            nulls_last=(has_gaps and not backwards) or None,
            nulls_first=(has_gaps and backwards) or None,
        )
        second = f"-{self.key}" if backwards else self.key
        return self.rows().order_by(first, second) if column != self.key else self.rows().order_by(first)

    def beyond(self, lead: Lead, value: Any, *, backwards: bool = False) -> QuerySet[Any]:
        """Return the rows after a lead that has *value* in the column of the order; or those before it, the nearest first.

        Rows in which the column is missing come last: `after` looks among them when there are no others.
        """
        column, is_descending, _ = self.column()
        goes_down = is_descending != backwards
        rows = self.ordered(backwards=backwards)
        if column == self.key:
            return rows.filter(**{f"{column}__{'lt' if goes_down else 'gt'}": lead.pk})
        further = Q(**{f"{self.key}__{'lt' if backwards else 'gt'}": lead.pk})
        if value is None:
            nearer = Q(**{column: None}) & further
            return rows.filter(nearer | Q(**{f"{column}__isnull": False}) if backwards else nearer)
        # The first condition says nothing that the second does not; but it is a range, and an index can begin at its end.
        return rows.filter(
            Q(**{f"{column}__{'lte' if goes_down else 'gte'}": value}),
            Q(**{f"{column}__{'lt' if goes_down else 'gt'}": value}) | (Q(**{column: value}) & further),
        )

    def after(self, lead: Lead, value: Any) -> int | None:
        """Return the lead that comes next."""
        column, _, has_gaps = self.column()
        found: int | None = self.beyond(lead, value).values_list(self.key, flat=True).first()
        if found is None and has_gaps and value is not None:
            found = self.ordered().filter(**{column: None}).values_list(self.key, flat=True).first()
        return found

    def _of_assessments(self) -> Q:
        filters, condition = self.filters, Q()
        if filters.stages:
            condition &= Q(stage__in=filters.stages)
        if filters.grades:
            condition &= Q(grade__in=filters.grades)
        if filters.first_from is not None:
            condition &= Q(first_score__gte=filters.first_from * POINT)
        if filters.second_from is not None:
            condition &= Q(second_score__gte=filters.second_from * POINT)
        if filters.qualifications or filters.sort.column == "cools_day":
            # Few leads are qualified: from their open spells to their assessments it is not far.
            stays = Spell.objects.filter(version=self.version, ended_at=None)
            levels = filters.qualifications or self.levels
            condition &= Q(lead__in=stays.filter(qualification__in=levels).values("lead"))
        if filters.sort.column == "cools_day":
            condition &= Q(cools_day__isnull=False)
        if filters.where:
            condition &= self.holding if isinstance(self.holding, Q) else Q(pk__in=())
        return condition

    @cached_property
    def holding(self) -> Problems | Q:
        """The assessments of those who hold the condition; or all that is wrong with the condition."""
        if self.version is None or not self.filters.where:
            return Q()
        return leads_where(self.workspace, self.version, self.filters.where, at=timezone.now(), key=ASSESSMENT)

    def _of_leads(self, prefix: str) -> Q:
        condition = Q(**{f"{prefix}merged_into": None}) & self._plainly(prefix)
        if not self.filters.words:
            return condition
        if self.found is not None:
            return condition & Q(**{f"{prefix}id__in": self.found})
        return condition & self._search(prefix)

    @cached_property
    def found(self) -> list[int] | None:
        """The leads that a search finds, whatever an assessment says of them; None where they are more than `_LISTED`."""
        matching = Lead.objects.filter(self._plainly(""), self._search(""), workspace=self.workspace, merged_into=None)
        ids = list(matching.values_list("pk", flat=True)[: _LISTED + 1])
        return ids if len(ids) <= _LISTED else None

    @property
    def problems(self) -> Problems:
        """What is wrong with the condition; with it, the list finds nobody."""
        return () if isinstance(self.holding, Q) else self.holding

    @cached_property
    def levels(self) -> list[str]:
        """The qualifications of the live version."""
        return [] if self.version is None else [one.id for one in get_plan(self.version).playbook.qualifications]

    @property
    def bound(self) -> int:
        """Up to where the leads are counted; beyond, it takes too long."""
        is_dear = (self.filters.words and self.found is None) or is_long(self.holding)
        return _LISTED if is_dear else COUNTED

    def _plainly(self, prefix: str) -> Q:
        """Return what is asked of a lead besides the search."""
        filters, condition = self.filters, Q()
        if filters.who != "all":
            condition &= Q(**{f"{prefix}is_known": filters.who == "known"})
        if filters.sources:
            condition &= Q(**{f"{prefix}first_source__in": filters.sources})
        if filters.company is not None:
            condition &= Q(**{f"{prefix}company": filters.company})
        return condition

    def _search(self, prefix: str) -> Q:
        """Every word stands in the name, the address or the company; or the whole is an id that a source calls the lead by."""
        condition = Q()
        for word in self.filters.words:
            companies = Company.objects.filter(
                Q(name__icontains=word) | Q(domain__icontains=word), workspace=self.workspace
            )
            condition &= (
                Q(**{f"{prefix}name__icontains": word})
                | Q(**{f"{prefix}email__icontains": word})
                | Q(**{f"{prefix}company__in": companies.values("pk")})
            )
        named = Identity.objects.filter(
            workspace=self.workspace, kind__in=Identity.Kind.values, value__in=(self.filters.q, self.filters.q.lower())
        )
        return condition | Q(**{f"{prefix}id__in": named.values("lead")})


# -- a page of them -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListedLead:
    """A lead of the list, with what the live version says of it; None when it has not been assessed yet."""

    lead: Lead
    assessment: Assessment | None
    stage: Named | None = None
    grade: Named | None = None
    meters: dict[str, Meter] = field(default_factory=dict)
    qualifications: list[Named] = field(default_factory=list)
    excluded: str = ""
    grade_text: str = ""
    known: Known = field(default_factory=Known)

    @property
    def source(self) -> str:
        """Where it came from."""
        return self.known.source(self.lead)

    @property
    def qualified_as(self) -> str:
        """The titles of the qualifications that it is in."""
        return ", ".join(one.title for one in self.qualifications)


@dataclass(frozen=True, slots=True)
class Listing(Paged):
    """A page of the list; has what ``shell/pager.html`` needs."""

    rows: list[ListedLead]
    columns: list[Column]
    filters: Filters
    count: int
    bound: int
    has_next: bool

    @property
    def of(self) -> str:
        """How many there are, in words."""
        return say_count(self.count, self.bound)

    @property
    def page_number(self) -> int:
        """Which page it is."""
        return self.filters.page

    @property
    def page_size(self) -> int:
        """How many rows a full page has."""
        return PAGE

    @property
    def row_count(self) -> int:
        """How many rows this page has."""
        return len(self.rows)


def say_count(count: int, bound: int) -> str:
    """Return a count in words: beyond a bound nobody counted."""
    return f"{bound:,}+" if count > bound else f"{count:,}"


def list_leads(wanted: Wanted, words: PlaybookWords | None) -> Listing:
    """Return a page of leads."""
    start = (wanted.filters.page - 1) * PAGE
    ids = list(wanted.ordered().values_list(wanted.key, flat=True)[start : start + PAGE + 1])
    count = start + len(ids) if start + len(ids) <= PAGE and start == 0 else count_leads(wanted)
    shown = ids[:PAGE]
    columns = chosen_columns(wanted.filters, words)
    rows = listed_leads(wanted, shown, columns, words)
    return Listing(
        rows, columns, wanted.filters, count, wanted.bound, has_next=len(ids) > PAGE and start + PAGE < COUNTED
    )


def listed_leads(
    wanted: Wanted, ids: Sequence[int], columns: Sequence[Column], words: PlaybookWords | None
) -> list[ListedLead]:
    """Return some leads as a list shows them, in the order of their ids given; who is gone is left out."""
    leads = Lead.objects.filter(workspace=wanted.workspace).select_related("company").in_bulk(ids)
    found = {} if wanted.version is None else _assessments(wanted.version, ids)
    known = find_known(ids, columns, words)
    return [_listed(leads[pk], found.get(pk), words, known) for pk in ids if pk in leads]


def count_leads(wanted: Wanted) -> int:
    """Return how many leads match; one more than the bound where there are more than that."""
    return wanted.rows()[: wanted.bound + 1].count()


def _assessments(version: Version, lead_ids: Sequence[int]) -> dict[int, Assessment]:
    columns = (
        "lead",
        "version",
        "as_of",
        "scores",
        "grade",
        "stage",
        "qualifications",
        "cools_day",
        "excluded_by",
        "next_step",
    )
    return {one.lead_id: one for one in Assessment.objects.filter(version=version, lead__in=lead_ids).only(*columns)}


def _listed(lead: Lead, found: Assessment | None, words: PlaybookWords | None, known: Known) -> ListedLead:
    if found is None or words is None:
        return ListedLead(lead, None, known=known)
    return ListedLead(
        lead,
        found,
        stage=words.stage(found.stage) if found.stage else None,
        grade=words.grade(found.grade) if found.grade else None,
        meters={
            one.id: words.meter(one, found.scores[one.id]) for one in words.playbook.scores if one.id in found.scores
        },
        qualifications=[words.qualification(one) for one in found.qualifications],
        excluded=words.excluded_by(found.excluded_by) if found.excluded_by else "",
        grade_text=words.say_grade(found.grade),
        known=known,
    )


# -- who stands beside a lead ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Where a lead stands in a list: its place and how many there are, and who comes before and after."""

    place: int
    count: int
    bound: int
    before: int | None
    after: int | None

    @property
    def text(self) -> str:
        """``2 of 318``."""
        return f"{self.place:,} of {say_count(self.count, self.bound)}"


def find_neighbours(wanted: Wanted, lead: Lead) -> Neighbours | None:
    """Return where a lead stands in a list; None when it is not in it, or beyond what is counted."""
    column, _, _ = wanted.column()
    own = wanted.rows().filter(**{wanted.key: lead.pk}).values_list(column, flat=True)[:1]
    found = list(own)
    if not found:
        return None
    ahead = wanted.beyond(lead, found[0], backwards=True)
    place = ahead.order_by()[:COUNTED].count() + 1
    if place > COUNTED:
        return None
    before = ahead.values_list(wanted.key, flat=True).first()
    return Neighbours(place, count_leads(wanted), wanted.bound, before, wanted.after(lead, found[0]))


# -- what stands beside the filters ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Facets:
    """What there is to choose from, and how many leads there are of each; the numbers are empty where there are too many to count.

    sources: the names of first sources, the commonest first where they are counted.
    """

    sources: list[str]
    stages: dict[str, int] = field(default_factory=dict)
    grades: dict[str, int] = field(default_factory=dict)
    of_source: dict[str, int] = field(default_factory=dict)


def has_leads(workspace: Workspace) -> bool:
    """Return whether there is anybody."""
    return Lead.objects.filter(workspace=workspace).exists()


def count_unassessed(workspace: Workspace, version: Version | None) -> int:
    """Return how many leads wait for their first assessment, up to `_LISTED`: an order by assessments cannot show them."""
    if version is None:
        return 0
    waiting = Lead.objects.filter(workspace=workspace, merged_into=None, due_at__isnull=False)
    return waiting.exclude(Exists(Assessment.objects.filter(version=version, lead=OuterRef("pk"))))[:_LISTED].count()


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
        names = leads.exclude(first_source="").values_list("first_source", flat=True).distinct()[:_MOST_SOURCES]
        return Facets(sorted(names))
    leads = leads if who == "all" else leads.filter(is_known=who == "known")
    sources = Counter(dict(leads.values_list("first_source").annotate(count=Count("pk"))))
    sources.pop("", None)
    stages, grades = Counter[str](), Counter[str]()
    if version is not None:
        found = Assessment.objects.filter(version=version, lead__in=leads).order_by()
        for stage, grade, count in found.values_list("stage", "grade").annotate(count=Count("pk")):
            stages[stage] += count
            grades[grade] += count
    common = sources.most_common(_MOST_SOURCES)
    return Facets([name for name, _ in common], dict(stages), dict(grades), dict(common))
