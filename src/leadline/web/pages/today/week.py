"""The last seven days: who began or ceased to be qualified, who moved from stage to stage.

All of it is by the live version, which was applied to the whole past when it was published: a change of criteria is no change of leads.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from leadline.web.assessments.models import StageMove
from leadline.web.leads.models import Lead
from leadline.web.pages.playbook_words import Named, PlaybookWords
from leadline.web.playbooks.models import Version

DAYS = 7
_MOST_MOVES = 8
_MOST_KINDS = 6


@dataclass(frozen=True, slots=True)
class Week:
    """The days up to *now*, in the workspace's zone: from *since*, and the seven before that from *before*."""

    now: datetime
    since: datetime
    before: datetime

    @classmethod
    def until(cls, moment: datetime, zone: ZoneInfo) -> "Week":
        """Return the seven days that end at a moment."""
        now = moment.astimezone(zone)
        return cls(now, now - timedelta(days=DAYS), now - timedelta(days=2 * DAYS))


@dataclass(frozen=True, slots=True)
class Move:
    """A lead that went from one stage to another."""

    lead: Lead
    at: datetime
    before: Named | None
    after: Named | None
    because: str
    is_forward: bool

    @property
    def said(self) -> str:
        """Return where the lead was and why it went, nothing twice: ``was Lead; Won``, ``no longer Marketing qualified``."""
        if self.before and self.because == f"{self.before.title} ended":
            return f"no longer {self.before.title}"
        because = "" if self.after and self.because == self.after.title else self.because
        return "; ".join(part for part in (f"was {self.before.title}" if self.before else "", because) if part)


@dataclass(frozen=True, slots=True)
class MoveCount:
    """How many moves of one kind there were."""

    before: Named | None
    after: Named | None
    count: int
    is_forward: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What became different: the kinds of stage moves, the most frequent first, and the latest moves; of how many in all."""

    kinds: list[MoveCount]
    latest: list[Move]
    count: int

    @property
    def others(self) -> int:
        """How many moves are of none of the *kinds*: with those the counts add up."""
        return self.count - sum(one.count for one in self.kinds)


def changes_of(version: Version, words: PlaybookWords, week: Week) -> Changes:
    """Return the stage moves of the last seven days; a lead's coming into being is none."""
    rows = StageMove.objects.filter(version=version, lead__merged_into=None, lead__is_known=True).exclude(before="")
    rows = rows.filter(at__gte=week.since, at__lte=week.now)
    counted = Counter[tuple[str, str, bool]](rows.values_list("before", "after", "is_forward"))
    kinds = [
        MoveCount(_stage(words, before), _stage(words, after), count, is_forward)
        for (before, after, is_forward), count in counted.most_common(_MOST_KINDS)
    ]
    latest = [
        Move(
            one.lead,
            one.at,
            _stage(words, one.before),
            _stage(words, one.after),
            words.say_because(one.because),
            one.is_forward,
        )
        for one in rows.select_related("lead").order_by("-at", "-pk")[:_MOST_MOVES]
    ]
    return Changes(kinds, latest, counted.total())


def _stage(words: PlaybookWords, stage_id: str) -> Named | None:
    return words.stage(stage_id) if stage_id else None
