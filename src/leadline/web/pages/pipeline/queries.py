"""Reads of the pipeline: how many known people stand in each stage of the live version, who the best are, and how they move."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Count, QuerySet

from leadline.web.assessments.models import Assessment, StageMove
from leadline.web.leads.lead_source import came_from
from leadline.web.leads.models import Lead
from leadline.web.pages.playbook_words import Named, PlaybookWords
from leadline.web.playbooks.models import Version

CARDS = 8
"""Cards a column: whoever wants all of them gets the list of leads."""
WEEK, MONTH = timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Only:
    """Which leads are looked at. source: a lead source; empty for all."""

    source: str = ""

    def query(self, stage_id: str) -> str:
        """Return the query of the list of leads that shows those of a stage."""
        return urlencode([("stage", stage_id), *([("source", self.source)] if self.source else [])])


@dataclass(frozen=True, slots=True)
class Card:
    """A lead on the board. since: when it came into its stage."""

    lead: Lead
    grade: Named | None
    grade_text: str
    cools_day: int | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """A stage on the board: the best of its leads, and how many there are."""

    stage: Named
    count: int
    query: str
    cards: list[Card] = field(default_factory=list)


def find_columns(version: Version, words: PlaybookWords, only: Only) -> list[Column]:
    """Return the stages with their best leads."""
    counts = _count(version, only)
    found = [(one, _best(version, only, one.id) if counts[one.id] else []) for one in words.stages]
    since = _since(version, [one.lead_id for _, cards in found for one in cards])
    return [
        Column(stage, counts[stage.id], only.query(stage.id), [_card(words, one, since) for one in cards])
        for stage, cards in found
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """A stage in the list: how many are in it and how many moved. on, back: out of it, further and to an earlier stage."""

    stage: Named
    count: int
    share: float
    query: str
    came_week: int
    came_month: int
    on_month: int
    back_month: int


def find_rows(version: Version, words: PlaybookWords, only: Only, now: datetime) -> list[Row]:
    """Return the stages with the moves of the last thirty days up to *now*."""
    counts = _count(version, only)
    moves = StageMove.objects.filter(version=version, lead__merged_into=None, lead__is_known=True)
    moves = moves.filter(came_from([only.source], "lead__")) if only.source else moves
    moves = moves.filter(at__gte=now - MONTH, at__lte=now)
    came, came_week, went = Counter[str](), Counter[str](), Counter[tuple[str, bool]]()
    for before, after, is_forward, at in moves.values_list("before", "after", "is_forward", "at"):
        came[after] += 1
        came_week[after] += at >= now - WEEK
        went[before, is_forward] += 1
    most = max(counts.values(), default=0) or 1
    return [
        Row(
            one,
            counts[one.id],
            100 * counts[one.id] / most,
            only.query(one.id),
            came_week[one.id],
            came[one.id],
            went[one.id, True],
            went[one.id, False],
        )
        for one in words.stages
    ]


def _assessments(version: Version, only: Only) -> QuerySet[Assessment]:
    rows = Assessment.objects.filter(version=version, lead__merged_into=None, lead__is_known=True)
    return rows.filter(came_from([only.source], "lead__")) if only.source else rows


def _count(version: Version, only: Only) -> Counter[str]:
    rows = _assessments(version, only).order_by().values_list("stage").annotate(count=Count("*"))
    return Counter(dict(rows))


def _best(version: Version, only: Only, stage_id: str) -> list[Assessment]:
    columns = ("lead", "grade", "cools_day", "rank", "lead__name", "lead__email", "lead__company__name")
    rows = _assessments(version, only).filter(stage=stage_id).select_related("lead__company").only(*columns)
    return list(rows.order_by("-rank", "lead")[:CARDS])


def _since(version: Version, leads: list[int]) -> dict[int, datetime]:
    """Return for each lead when it moved last."""
    return dict(StageMove.objects.filter(version=version, lead__in=leads).order_by("at").values_list("lead", "at"))


def _card(words: PlaybookWords, found: Assessment, since: dict[int, datetime]) -> Card:
    grade = words.grade(found.grade) if found.grade else None
    return Card(found.lead, grade, words.say_grade(found.grade), found.cools_day, since.get(found.lead_id))
