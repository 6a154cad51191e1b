"""The numbers on top, which versions were published lately, and what is missing before there is anything to see."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from leadline.engine.calendar import Zone, instant_of
from leadline.web.accounts.models import Workspace
from leadline.web.assessments.models import Assessment, Spell
from leadline.web.leads.models import Event, Lead
from leadline.web.pages.playbook_words import PlaybookWords
from leadline.web.pages.today.first import qualifications_for_sales
from leadline.web.pages.today.week import DAYS, Week
from leadline.web.playbooks.models import Version

_SPARK_DAYS = 2 * DAYS


@dataclass(frozen=True, slots=True)
class Bar:
    """A day of the small picture beside a number: its place and height in percent."""

    x: float
    y: float
    height: float
    day: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Counts:
    """The week in numbers, and the same of the week before.

    came: known people first seen. entered, left: spells that began and ended, in the qualifications that go to sales.
    qualified: leads that are in one of them now. cooling: those whose spell ends within seven days if nothing happens.
    """

    came: int
    came_before: int
    bars: list[Bar]
    entered: int
    entered_before: int
    left: int
    qualified: int
    cooling: int


def count_week(workspace: Workspace, version: Version, words: PlaybookWords, week: Week, zone: Zone) -> Counts:
    """Return the numbers of the last seven days."""
    levels = qualifications_for_sales(words)
    people = Lead.objects.filter(workspace=workspace, merged_into=None, is_known=True)
    first = list(
        people.filter(first_seen_at__gte=week.before, first_seen_at__lte=week.now).values_list("first_seen_at")
    )
    came = [at.astimezone(week.now.tzinfo) for (at,) in first]
    spells = _count_spells(version, levels, week)
    today = zone.day_of(instant_of(week.now))
    cooling = Assessment.objects.filter(version=version, lead__merged_into=None, lead__is_known=True)
    return Counts(
        came=sum(at >= week.since for at in came),
        came_before=sum(at < week.since for at in came),
        bars=_bars(came, week),
        **spells,
        cooling=cooling.filter(cools_day__gte=today, cools_day__lte=today + DAYS).count(),
    )


def _count_spells(version: Version, levels: Iterable[str], week: Week) -> dict[str, int]:
    """Return how many spells began and ended, and how many leads are in one, going through them once."""
    is_open = Q(ended_at=None)
    counts = {
        "entered": Count("pk", filter=_between("began_at", week.since, week.now)),
        "entered_before": Count("pk", filter=_between("began_at", week.before, week.since)),
        "left": Count("pk", filter=_between("ended_at", week.since, week.now)),
        "qualified": Count("lead", filter=is_open, distinct=True),
    }
    spells = Spell.objects.filter(
        is_open | _between("began_at", week.before, week.now) | _between("ended_at", week.since, week.now),
        version=version,
        qualification__in=levels,
        lead__merged_into=None,
        lead__is_known=True,
    )
    return spells.aggregate(**counts)


def _between(column: str, start: datetime, end: datetime) -> Q:
    return Q(**{f"{column}__gte": start, f"{column}__lt": end})


def _bars(came: Iterable[datetime], week: Week) -> list[Bar]:
    counts = Counter(at.date() for at in came)
    days = [week.now - timedelta(days=back) for back in reversed(range(_SPARK_DAYS))]
    most = max((counts[one.date()] for one in days), default=0) or 1
    return [
        Bar(100 * at / _SPARK_DAYS, 100 - (height := 100 * counts[one.date()] / most), height, one, counts[one.date()])
        for at, one in enumerate(days)
    ]


def published_lately(workspace: Workspace, week: Week) -> list[Version]:
    """Return the versions that came to life in the last seven days after another one, the latest first."""
    rows = Version.objects.filter(workspace=workspace, live_at__gte=week.since, number__gt=1)
    return list(rows.select_related("published_by").order_by("-number")[:5])


# -- before there is anything to see ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do before the app is of use. path: where; empty for whose role may not."""

    title: str
    text: str
    path: str
    is_done: bool


def find_setup(workspace: Workspace, version: Version | None, *, may_connect: bool, may_edit: bool) -> list[Step]:
    """Return the steps of setting up while one is open; nothing once all are done, or nobody but who may connect could do the last.

    Connected is what has sent: a source that was made and never pasted in anywhere brings nobody.
    """
    has_people = Lead.objects.filter(workspace=workspace).exists()
    has_events = Event.objects.filter(workspace=workspace).exists()
    if has_people and version is not None and not may_connect:
        return []
    steps = [
        Step(
            "Connect a website or a product",
            "Its first event came in."
            if has_events
            else "Paste the tag into your pages, or give the key to your product: done once the first event is seen.",
            "/settings/sources/" if may_connect else "",
            has_events,
        ),
        Step(
            "Bring in people",
            "From a file, or by themselves once a source sends.",
            "/import/" if may_edit else "",
            has_people,
        ),
        Step(
            "Publish a playbook",
            "It says what makes a good lead. The starter is a good beginning.",
            "/playbook/publish/" if may_edit else "",
            version is not None,
        ),
    ]
    return [] if all(one.is_done for one in steps) else steps
