"""A what-if as pages show it: figures with the titles of both texts, names joined to ids, and whether it is still of now."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils import timezone

from leadline.engine.comparison.workload import handed_over
from leadline.web.assessments.models import WhatIf
from leadline.web.assessments.whatif.queries import find_whatif, known_leads, why_stale
from leadline.web.assessments.whatif.tally import Change, Moves, Tally
from leadline.web.assessments.whatif.telling import Named as NamedLead
from leadline.web.assessments.whatif.telling import Telling
from leadline.web.leads.models import Lead
from leadline.web.pages.playbook_words import Named, PlaybookWords
from leadline.web.pages.whatif.reasons import Asked, Reasons
from leadline.web.playbooks.models import Draft, Version
from leadline.web.playbooks.queries import compile_toml, find_live, get_plan

_MOST_MOVES = 12
_MOST_NAMES = 120
"""Names on a page: of very many qualifications fewer are shown of each, so that the page stays light."""
_FEWEST_NAMES = 2
_PART = 500


@dataclass(frozen=True, slots=True)
class ShownLead:
    """A lead that is named: what it was and is (empty where that is clear), how far it moves in ten-thousandths, and why."""

    pk: int
    name: str
    was: Named
    is_now: Named
    far: int
    why: str


@dataclass(frozen=True, slots=True)
class ShownNames:
    """Leads that move one way. count: all of them; more: those that are not named; gone: were named, and erased or merged since."""

    count: int
    leads: tuple[ShownLead, ...]
    more: int
    gone: int


@dataclass(frozen=True, slots=True)
class Bar:
    """Three parts of a bar one after another, in percent of its width."""

    both: float
    gained: float
    lost: float

    @property
    def gained_at(self) -> float:
        """Where the second part begins."""
        return self.both

    @property
    def lost_at(self) -> float:
        """Where the third part begins."""
        return self.both + self.gained


@dataclass(frozen=True, slots=True)
class ShownLevel:
    """A qualification. only: ``draft`` or ``live`` where one text has it. asked: its conditions that were changed."""

    title: str
    only: str
    change: Change
    bar: Bar
    asked: tuple[Asked, ...]
    gained: ShownNames
    lost: ShownNames


@dataclass(frozen=True, slots=True)
class ShownMove:
    """How many leads go from one grade or stage to another. share: in percent of the largest."""

    was: Named
    is_now: Named
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class ShownMoves:
    """What leads move between: the most frequent moves first. rest: leads whose move is not among those."""

    title: str
    anchor: str
    moved: int
    moves: tuple[ShownMove, ...]
    rest: int
    names: ShownNames


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A what-if with all that a page says of it.

    whatif: None where nothing was asked yet. live: what would be compared with now; known: how many leads would be looked at (asked for
    only where nothing was asked yet). stale: sentences on why the figures are not of now. sold: what is handed to sales by the draft.
    """

    draft: Draft
    live: Version | None
    whatif: WhatIf | None = None
    known: int = 0
    stale: tuple[str, ...] = ()
    tally: Tally | None = None
    levels: tuple[ShownLevel, ...] = ()
    moves: tuple[ShownMoves, ...] = ()
    sold: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the draft is still one, so that something can be asked of it."""
        return self.draft.published_as_id is None and self.draft.deleted_at is None

    @property
    def is_running(self) -> bool:
        """Whether the worker is at it, or will be."""
        return self.whatif is not None and self.whatif.state == WhatIf.State.RUNNING

    @property
    def has_figures(self) -> bool:
        """Whether there is something to show besides how far it is."""
        return bool(self.tally and self.tally.leads) and not self.is_running

    @property
    def percent(self) -> float:
        """The share of leads that move, in percent."""
        return 100 * self.tally.moved / self.tally.leads if self.tally and self.tally.leads else 0.0

    @property
    def differs(self) -> bool:
        """Whether anybody moves."""
        return bool(self.tally and (self.tally.moved or self.tally.handed.differs))


def show(draft: Draft, *, now: datetime | None = None) -> Shown:
    """Return what was asked last with a draft, as it is shown."""
    whatif, live = find_whatif(draft), find_live(draft.workspace_id)
    if whatif is None:
        return Shown(draft=draft, live=live, known=known_leads(draft.workspace_id).count())
    stale = tuple(_say_stale(whatif, draft, live, now or timezone.now()))
    if whatif.state == WhatIf.State.RUNNING:
        return Shown(draft=draft, live=live, whatif=whatif, stale=stale)
    tally = Tally.from_json(whatif.counts)
    figures = _Figures(whatif, tally)
    sold, _ = handed_over(figures.after.playbook)
    return Shown(
        draft=draft,
        live=live,
        whatif=whatif,
        stale=stale,
        tally=tally,
        levels=tuple(figures.levels()),
        moves=tuple(figures.moves()),
        sold=tuple(figures.is_now.qualification(one).title for one in sold),
    )


def _say_stale(whatif: WhatIf, draft: Draft, live: Version | None, now: datetime) -> Iterable[str]:
    for why in why_stale(whatif, draft, now):
        if why == "day":
            yield f"They are of {timezone.localtime(whatif.as_of):%-d %B %Y}; points fade from day to day."
        else:
            yield say_of_others(why, whatif.live, live)


def say_of_others(why: Literal["text", "live"], compared: Version, live: Version | None) -> str:
    """Return in words why figures are of another text, or stand beside another version than the live one."""
    if why == "text":
        return "These figures are of an earlier text: the draft was changed since."
    by_now = f"version {live.number} is" if live else "none is"
    return f"They stand beside version {compared.number}; by now {by_now} live."


class _Figures:
    """Makes what is shown of what was counted."""

    def __init__(self, whatif: WhatIf, tally: Tally) -> None:
        self.tally, self.telling = tally, Telling.from_json(whatif.named)
        self.before, self.after = get_plan(whatif.live), compile_toml(whatif.toml)
        self.was, self.is_now = PlaybookWords(self.before.playbook), PlaybookWords(self.after.playbook)
        self.reasons = Reasons(self.before, self.after)
        ways = 2 * sum(one.differs for one in tally.qualifications.values()) + 2
        self.most = max(_FEWEST_NAMES, _MOST_NAMES // ways)
        self.leads = _leads_of(whatif.workspace_id, self.telling)

    def levels(self) -> Iterable[ShownLevel]:
        """Yield the qualifications, those that somebody gains or loses first."""
        widest = max((one.both + one.added + one.removed for one in self.tally.qualifications.values()), default=0) or 1
        ids = sorted(self.tally.qualifications, key=lambda one: not self.tally.qualifications[one].differs)
        here, there = ({one.id for one in side.playbook.qualifications} for side in (self.after, self.before))
        for name in ids:
            change = self.tally.qualifications[name]
            yield ShownLevel(
                title=(self.is_now if name in here else self.was).qualification(name).title,
                only="" if name in here & there else "draft" if name in here else "live",
                change=change,
                bar=Bar(*(100 * one / widest for one in (change.both, change.added, change.removed))),
                asked=tuple(self.reasons.asked(name)),
                gained=self._names(self.telling.gained.get(name, ()), change.added),
                lost=self._names(self.telling.lost.get(name, ()), change.removed),
            )

    def moves(self) -> Iterable[ShownMoves]:
        """Yield grades and stages, as far as a playbook has them."""
        if self.was.playbook.grade or self.is_now.playbook.grade:
            yield self._moves("Grades", self.tally.grades, self.telling.grades, PlaybookWords.grade)
        if self.was.playbook.stages or self.is_now.playbook.stages:
            yield self._moves("Stages", self.tally.stages, self.telling.stages, PlaybookWords.stage)

    def _moves(
        self, title: str, moves: Moves, named: Sequence[NamedLead], word: Callable[[PlaybookWords, str], Named]
    ) -> ShownMoves:
        def say(words: PlaybookWords, name: str) -> Named:
            return word(words, name) if name else Named("", "none")

        found = sorted(
            ((count, move) for move, count in moves.items() if move[0] != move[1]), key=lambda one: (-one[0], one[1])
        )
        moved, shown = sum(count for count, _ in found), found[:_MOST_MOVES]
        return ShownMoves(
            title=title,
            anchor=title.lower(),
            moved=moved,
            moves=tuple(
                ShownMove(say(self.was, was), say(self.is_now, is_now), count, 100 * count / found[0][0])
                for count, (was, is_now) in shown
            ),
            rest=moved - sum(count for count, _ in shown),
            names=self._names(named, moved, say),
        )

    def _names(
        self, named: Sequence[NamedLead], count: int, say: Callable[[PlaybookWords, str], Named] | None = None
    ) -> ShownNames:
        there = [one for one in named if one.lead_id in self.leads]
        return ShownNames(
            count=count,
            leads=tuple(
                ShownLead(
                    pk=one.lead_id,
                    name=self.leads[one.lead_id].label,
                    was=say(self.was, one.was) if say else Named("", ""),
                    is_now=say(self.is_now, one.is_now) if say else Named("", ""),
                    far=one.far,
                    why=self.reasons.say(one.why),
                )
                for one in there[: self.most]
            ),
            more=count - len(named) + len(there[self.most :]),
            gone=len(named) - len(there),
        )


def _leads_of(workspace_id: int, telling: Telling) -> Mapping[int, Lead]:
    """Return the leads that are named and still stand for themselves: who was erased or merged since is no lead of their own any more."""
    some = [*telling.gained.values(), *telling.lost.values(), telling.grades, telling.stages]
    ids = sorted({one.lead_id for named in some for one in named})
    found: dict[int, Lead] = {}
    for start in range(0, len(ids), _PART):
        there = Lead.objects.filter(workspace=workspace_id, merged_into=None, pk__in=ids[start : start + _PART])
        found.update((one.pk, one) for one in there.only("name", "email"))
    return found
