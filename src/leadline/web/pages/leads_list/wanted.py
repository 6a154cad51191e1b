"""Which leads are wanted, and in which order: from filters to rows of leads or of assessments of the live version.

It stays quick with very many leads: counts stop at `COUNTED`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.utils import timezone

from leadline.engine.arithmetic import POINT
from leadline.web.accounts.models import Workspace
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.leads.lead_source import came_from
from leadline.web.leads.models import Company, Identity, Lead
from leadline.web.pages.conditions.leads import ASSESSMENT, is_long, leads_where
from leadline.web.pages.conditions.reading import Problems
from leadline.web.pages.leads_list.filters import Filters
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import get_plan

COUNTED = 10_000
"""Up to here leads are counted; beyond, a list says "10,000+"."""
LISTED = 2_000
"""So many leads that match a search are listed by id; more are met soon enough by walking down the order."""


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
        """Return the rows that match, in no order.

        Assessments are asked for by the version alone, which is the workspace's: so an index has all that an order needs.
        """
        if self.version is not None and self.version.workspace_id != self.workspace.pk:
            return Lead.objects.none()
        if self.is_by_assessment:
            return Assessment.objects.filter(self._of_assessments(), self._of_leads("lead__"), version=self.version)
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
        """The leads that a search finds, whatever an assessment says of them; None where they are more than `LISTED`."""
        matching = Lead.objects.filter(self._plainly(""), self._search(""), workspace=self.workspace, merged_into=None)
        ids = list(matching.values_list("pk", flat=True)[: LISTED + 1])
        return ids if len(ids) <= LISTED else None

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
        return LISTED if is_dear else COUNTED

    def _plainly(self, prefix: str) -> Q:
        """Return what is asked of a lead besides the search."""
        filters, condition = self.filters, Q()
        if filters.who != "all":
            condition &= Q(**{f"{prefix}is_known": filters.who == "known"})
        if filters.sources:
            condition &= came_from(filters.sources, prefix)
        if filters.company is not None:
            condition &= Q(**{f"{prefix}company": filters.company})
        return condition

    def _search(self, prefix: str) -> Q:
        """Every word stands in the name, the address or the company; or the whole is an id that a source calls the lead by."""
        condition = Q()
        for word in self.filters.words:
            companies = Company.objects.filter(
                Q(name__contains_alike=word) | Q(domain__contains_alike=word), workspace=self.workspace
            )
            condition &= (
                Q(**{f"{prefix}name__contains_alike": word})
                | Q(**{f"{prefix}email__contains_alike": word})
                | Q(**{f"{prefix}company__in": companies.values("pk")})
            )
        return condition | Q(**{f"{prefix}id__in": self.called.values("lead")})

    @property
    def called(self) -> QuerySet[Identity]:
        """Return the identities that the whole of the search is."""
        whole = (self.filters.q, self.filters.q.lower())
        return Identity.objects.filter(workspace=self.workspace, kind__in=Identity.Kind.values, value__in=whole)
