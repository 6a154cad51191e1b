"""Reads of the list: a page of the leads that are wanted, how many there are, and who stands before and after one.

Only assessments of the live version are looked at; pages end at `COUNTED`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leadline.engine.lifecycle.stages import stages_of
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.leads.models import Lead
from leadline.web.pages.leads_list.cells import Known, find_known
from leadline.web.pages.leads_list.columns import Column, chosen_columns
from leadline.web.pages.leads_list.filters import Filters
from leadline.web.pages.leads_list.wanted import COUNTED, Wanted
from leadline.web.pages.playbook_words import Meter, Named, PlaybookWords
from leadline.web.playbooks.models import Version
from leadline.web.shell.paging import Paged

PAGE = 25


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
    cooling: Named | None = None
    """What cools first, where that is another qualification than the one that the stage beside it names."""

    @property
    def source(self) -> str:
        """Where it came from."""
        return self.lead.lead_source

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
    cooling = {} if wanted.version is None or words is None else _cooling(wanted.version, words, found)
    return [_listed(leads[pk], found.get(pk), words, known, cooling.get(pk)) for pk in ids if pk in leads]


def count_leads(wanted: Wanted) -> int:
    """Return how many leads match; one more than the bound where there are more than that."""
    return wanted.rows().values(wanted.key)[: wanted.bound + 1].count()  # ids of leads stand in every index


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


def _cooling(version: Version, words: PlaybookWords, found: Mapping[int, Assessment]) -> dict[int, Named]:
    """Return of leads that are in several qualifications the one that cools first, where their stage names another."""
    levels = {one.id: one.while_ for one in stages_of(words.playbook)}
    several = {
        pk: one
        for pk, one in found.items()
        if one.cools_day is not None and len(one.qualifications) > 1 and levels.get(one.stage) in one.qualifications
    }
    if not several:
        return {}
    spells = Spell.objects.filter(version=version, lead__in=several, ended_at=None, cools_day__isnull=False)
    first: dict[int, str] = {}
    for lead_id, level, day in spells.values_list("lead", "qualification", "cools_day"):
        if day == several[lead_id].cools_day and first.get(lead_id) != levels[several[lead_id].stage]:
            first[lead_id] = level
    return {pk: words.qualification(one) for pk, one in first.items() if one != levels[several[pk].stage]}


def _listed(
    lead: Lead, found: Assessment | None, words: PlaybookWords | None, known: Known, cooling: Named | None
) -> ListedLead:
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
        cooling=cooling,
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
    place = ahead.order_by().values(wanted.key)[:COUNTED].count() + 1
    if place > COUNTED:
        return None
    before = ahead.values_list(wanted.key, flat=True).first()
    return Neighbours(place, count_leads(wanted), wanted.bound, before, wanted.after(lead, found[0]))
