"""What changed between two versions of a playbook, in words: for those who live with it and do not read the language.

Two versions of one meaning have no change, whatever their comments, their spacing and the order of what has none; two that differ in what
they compute or in what people read have at least one, and every criterion whose rule is another one is named. The order of criteria
and of qualifications means something: of two equal contributions the first is told, and of two qualifications the first is the next.
tests/engine/playbook/test_changes_cover.py holds all of it.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from leadline.engine.arithmetic import to_units
from leadline.engine.expressions.words import say_name
from leadline.engine.playbook.changes_facets import Facet, Side, differing, rule_of, say_facets
from leadline.engine.playbook.changes_kinds import AFTER_SCORES, WORDS, ThingKind
from leadline.engine.playbook.changes_rules import WORDS_OF_CRITERIA, facets_of, say_rule_changes
from leadline.engine.playbook.changes_tables import HANDOFF, HEAD, SCORE, SOURCES
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import AnyCriterion, EventCriterion, FactCriterion, Score
from leadline.engine.playbook.words import say_handoff, say_head, say_score, say_sources, say_titled_criterion

ChangeKind = Literal["added", "removed", "changed", "moved", "renamed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookChange:
    """One thing of a playbook that is another one now.

    part, part_title: where it stands, as in the file (``scores.fit``, ``stages``), and how people call that.
    what:       what it is: ``criterion``, ``score``, ``question`` …
    id, title:  of the thing; of what has no id (the order of a part, the hand-off) the id is the part's.
    old_id:     its id before, when it was renamed.
    kind:       *moved*: it is as it was, in another place: a criterion in another score, or the order of a part.
    before, after: the whole of it as `leadline words` says it; None where it was not, or is not.
    details:    what is otherwise, each in half a sentence that names no more than that.
    is_wording: only what people read is another one: a title, a source.
    """

    part: str
    part_title: str
    what: str
    id: str
    title: str
    kind: ChangeKind = "changed"
    before: str | None = None
    after: str | None = None
    details: tuple[str, ...] = ()
    old_id: str | None = None
    is_wording: bool = False

    @property
    def sentence(self) -> str:
        """The change in a sentence; what came or is gone is said whole."""
        whole = {"added": self.after, "removed": self.before}.get(self.kind)
        if whole is None:
            return f"{self.title}: {'; '.join(self.details)}."
        return f"{whole.removesuffix('.')} ({'; '.join(self.details)})." if self.details else whole

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON knows."""
        return {
            "part": self.part,
            "part_title": self.part_title,
            "what": self.what,
            "id": self.id,
            "title": self.title,
            "kind": self.kind,
            "sentence": self.sentence,
            "details": list(self.details),
            "before": self.before,
            "after": self.after,
            "old_id": self.old_id,
            "is_wording": self.is_wording,
        }


def playbook_changes(before: BoundPlaybook, after: BoundPlaybook) -> list[PlaybookChange]:
    """Return what changed, as the playbook is read; of a score, what weighs most comes first."""
    return list(_changes(before, after))


def _changes(before: BoundPlaybook, after: BoundPlaybook) -> Iterator[PlaybookChange]:
    yield from _head(before, after)
    for kind in WORDS:
        yield from _things(kind, before, after)
    yield from _sources(before, after)
    yield from _scores(before, after)
    for kind in AFTER_SCORES:
        yield from _things(kind, before, after)
    yield from _handoff(before, after)


# -- things that are known by their ids -------------------------------------------------------------------


def _things(kind: ThingKind, before: BoundPlaybook, after: BoundPlaybook) -> Iterator[PlaybookChange]:
    old = {name: Side(before, thing) for name, thing in kind.read(before.playbook).items()}
    new = {name: Side(after, thing) for name, thing in kind.read(after.playbook).items()}
    renamed = find_renamed(old, new, kind.telling)

    def told(name: str, was: Side | None, now: Side | None, old_id: str) -> PlaybookChange:
        thing = (now or was).thing  # type: ignore[union-attr]  # one of them is there
        said = (None if side is None else kind.say(side, one) for side, one in ((was, old_id), (now, name)))
        return _told(kind.part, kind.part_title, kind.what, name, kind.title(thing, name), *said)

    for name, side in new.items():
        old_id = renamed.get(name, name)
        whole = told(name, old.get(old_id), side, old_id)
        if old_id in old:
            yield from _compared(whole, kind.facets, old[old_id], side, old_id=old_id)
        else:
            where = _say_place(kind, list(new), name, new) if kind.is_ordered else ()
            yield replace(whole, kind="added", details=where)
    for name, side in old.items():
        if name not in new and name not in renamed.values():
            yield replace(told(name, side, None, name), kind="removed")
    if kind.is_ordered:
        back = {old_id: name for name, old_id in renamed.items()}
        whole = _told(kind.part, kind.part_title, "order", kind.part, "The order")
        yield from _order(whole, [back.get(name, name) for name in old], list(new))


def _told(
    part: str, part_title: str, what: str, name: str, title: str, before: str | None = None, after: str | None = None
) -> PlaybookChange:
    """Return the change of a thing, before it is known what has changed."""
    return PlaybookChange(
        part=part, part_title=part_title, what=what, id=name, title=title, before=before or None, after=after or None
    )


def find_renamed(
    old: Mapping[str, Side], new: Mapping[str, Side], telling: Callable[[Side], Hashable | None]
) -> dict[str, str]:
    """Return which new ids stand for which old ones: those of things that do the same, each once."""
    gone: dict[Hashable, list[str]] = {}
    for name, side in old.items():
        if name not in new and (does := telling(side)) is not None:
            gone.setdefault(does, []).append(name)
    return {
        name: gone[does].pop(0)
        for name, side in new.items()
        if name not in old and (does := telling(side)) is not None and gone.get(does)
    }


def _compared(
    whole: PlaybookChange, facets: Sequence[Facet], was: Side, now: Side, *, old_id: str
) -> Iterator[PlaybookChange]:
    """Yield the change of a thing that was and is there; nothing where it is as it was."""
    found = differing(facets, was, now)
    is_renamed = old_id != whole.id
    if not found and not is_renamed:
        return
    ids = (f"the id is {whole.id} instead of {old_id}",) if is_renamed else ()
    yield replace(
        whole,
        kind="renamed" if is_renamed else "changed",
        details=ids + say_facets(found, was, now),
        old_id=old_id if is_renamed else None,
        is_wording=not is_renamed and all(facet.is_wording for facet in found),
    )


def _say_place(kind: ThingKind, names: Sequence[str], name: str, new: Mapping[str, Side]) -> tuple[str, ...]:
    """Return before what something stands, if anything."""
    following = names[names.index(name) + 1 :][:1]
    return tuple(f"before “{kind.title(new[one].thing, one)}”" for one in following)


def _order(whole: PlaybookChange, was: Sequence[str], now: Sequence[str]) -> Iterator[PlaybookChange]:
    """Yield that those which were and are there stand in another order."""
    old, new = ([name for name in side if name in other] for side, other in ((was, now), (now, was)))
    if old != new:
        before, after = (", ".join(map(say_name, names)) for names in (old, new))
        details = (f"{after} instead of {before}",)
        yield replace(whole, kind="moved", before=before, after=after, details=details)


# -- what stands for itself -------------------------------------------------------------------------------


def _head(before: BoundPlaybook, after: BoundPlaybook) -> Iterator[PlaybookChange]:
    was, now = Side(before, before.playbook), Side(after, after.playbook)
    for key, (title, facets) in HEAD.items():
        said = (say_head(side.thing)[key] for side in (was, now))
        yield from _compared(_told("playbook", "The playbook", "key", key, title, *said), facets, was, now, old_id=key)
    ids = ([one.id for one in side.playbook.criteria] for side in (before, after))
    for change in _order(_told("playbook", "The playbook", "order", "criteria", "The order of the criteria"), *ids):
        # of two contributions of one size the first is told: worth a sentence, not a list of all criteria
        yield replace(change, before=None, after=None, details=("of equal points, others are named first now",))


def _sources(before: BoundPlaybook, after: BoundPlaybook) -> Iterator[PlaybookChange]:
    was, now = Side(before, before.playbook), Side(after, after.playbook)
    said = (say_sources(rank) if (rank := side.thing.source_rank) else None for side in (was, now))
    whole = _told("sources", "Sources", "key", "rank", "Who is believed", *said)
    yield from _compared(whole, SOURCES, was, now, old_id="rank")


def _handoff(before: BoundPlaybook, after: BoundPlaybook) -> Iterator[PlaybookChange]:
    old, new = before.playbook.handoff, after.playbook.handoff
    said = (" ".join(say_handoff(side)).replace(". - ", ". ") for side in (before, after))
    whole = _told("handoff", "Hand-off", "handoff", "handoff", "Hand-off", *said)
    if old is not None and new is not None:
        yield from _compared(whole, HANDOFF, Side(before, old), Side(after, new), old_id="handoff")
    elif old is not None or new is not None:
        yield replace(whole, kind="added" if old is None else "removed")


# -- scores and criteria ----------------------------------------------------------------------------------


def _scores(before: BoundPlaybook, after: BoundPlaybook) -> Iterator[PlaybookChange]:
    old = {one.id: Side(before, one) for one in before.playbook.scores}
    new = {one.id: Side(after, one) for one in after.playbook.scores}
    renamed = find_renamed(old, new, _does)
    was_called = {old_id: name for name, old_id in renamed.items()}
    criteria = _criteria(before, after, was_called)
    for name in [*new, *(one for one in old if one not in new and one not in was_called)]:
        old_id = renamed.get(name, name)
        yield from _score(name, old.get(old_id), new.get(name), old_id)
        yield from (change for change in criteria if change.part == f"scores.{name}")


def _does(side: Side) -> Hashable | None:
    """Return what a score does: what is added up, and within what bounds."""
    score: Score = side.thing
    criteria = frozenset(one.id for one in side.bound.playbook.criteria_of(score.id))
    return (rule_of(SCORE, side), criteria) if criteria or score.sum_of else None


def _score(name: str, was: Side | None, now: Side | None, old_id: str) -> Iterator[PlaybookChange]:
    title = (now or was).thing.title  # type: ignore[union-attr]  # one of them is there
    said = (None if side is None else " ".join(_full_stops(say_score(side.thing))) for side in (was, now))
    whole = _told(f"scores.{name}", title, "score", name, title, *said)
    if was is not None and now is not None:
        yield from _compared(whole, SCORE, was, now, old_id=old_id)
    else:
        yield replace(whole, kind="added" if was is None else "removed")


def _full_stops(lines: Iterable[str]) -> Iterator[str]:
    return (line if line.endswith(".") else f"{line}." for line in lines)


def _criteria(before: BoundPlaybook, after: BoundPlaybook, was_called: Mapping[str, str]) -> list[PlaybookChange]:
    """Return what is otherwise about criteria, what weighs most first. *was_called*: the new ids of scores by their old ones."""
    old = {one.id: Side(before, one) for one in before.playbook.criteria}
    new = {one.id: Side(after, one) for one in after.playbook.criteria}

    def score_of(side: Side) -> str:
        score: str = side.thing.score
        return was_called.get(score, score)

    def does(side: Side) -> Hashable:
        return type(side.thing), score_of(side), rule_of(facets_of(side.thing), side)

    renamed = find_renamed(old, new, does)
    pairs: list[tuple[Side | None, Side | None]] = [
        (old.get(renamed.get(name, name)), one) for name, one in new.items()
    ]
    pairs += [(one, None) for name, one in old.items() if name not in new and name not in renamed.values()]
    found: list[tuple[PlaybookChange, int]] = []
    for was, now in pairs:
        sides = [one for one in (now, was) if one is not None]
        said = (None if one is None else say_titled_criterion(one.bound, one.thing) for one in (was, now))
        part, criterion = f"scores.{score_of(sides[0])}", sides[0].thing
        whole = _told(part, _score_title(sides[0]), "criterion", criterion.id, criterion.why, *said)
        weight = max(_weight(one.thing) for one in sides)
        found += [(change, weight) for change in _criterion(whole, was, now, score_of)]
    return [change for change, weight in sorted(found, key=lambda one: (one[0].is_wording, -one[1]))]


def _criterion(
    whole: PlaybookChange, was: Side | None, now: Side | None, score_of: Callable[[Side], str]
) -> Iterator[PlaybookChange]:
    if was is None or now is None:
        yield replace(whole, kind="added" if was is None else "removed")
        return
    name, old_id = now.thing.id, was.thing.id
    ids = (f"the id is {name} instead of {old_id}",) if name != old_id else ()
    moved: tuple[str, ...] = ()
    if score_of(was) != score_of(now):
        moved = (f"adds to “{_score_title(now)}” instead of “{_score_title(was)}”",)
    rule = say_rule_changes(was.bound, was.thing, now.bound, now.thing)
    facets = facets_of(now.thing) if type(was.thing) is type(now.thing) else WORDS_OF_CRITERIA
    words = say_facets(differing([one for one in facets if one.is_wording], was, now), was, now)
    if details := (*ids, *moved, *rule, *words):
        yield replace(
            whole,
            kind="renamed" if ids else "moved" if details == moved else "changed",
            details=details,
            old_id=old_id if ids else None,
            is_wording=details == words,
        )


def _score_title(side: Side) -> str:
    return side.bound.playbook.get_score(side.thing.score).title


def _weight(criterion: AnyCriterion) -> int:
    """Return the most points that a criterion gives or takes at once, or in all where it has such a bound."""
    if isinstance(criterion, FactCriterion):
        return max(abs(choice.points) for choice in criterion.choices)
    points = to_units(criterion.points) if isinstance(criterion, EventCriterion) else criterion.points
    return max(abs(one) for one in (points, criterion.high if points > 0 else criterion.low) if one is not None)
