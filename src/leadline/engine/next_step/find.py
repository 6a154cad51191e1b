"""What is missing for one lead: the smallest change with which the reference says that it enters its next qualification."""

from collections.abc import Callable, Collection, Mapping
from functools import cache, lru_cache

from leadline.engine.calendar import AsOf
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.evaluate import evaluate
from leadline.engine.lifecycle.model import KeptOut
from leadline.engine.next_step.candidates import candidates_of
from leadline.engine.next_step.model import NextStep, keep_out
from leadline.engine.next_step.needs import Needs, needs_of
from leadline.engine.next_step.reach import reach_of
from leadline.engine.next_step.said import say_step
from leadline.engine.next_step.search import Answer, Asking, Places, find_sets, situation_of, widen
from leadline.engine.next_step.supposed import suppose
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import Qualification
from leadline.engine.reference.assess import assess
from leadline.engine.reference.facts import resolve_facts
from leadline.engine.reference.log import LeadLog
from leadline.engine.reference.result import Assessment


def find_next_step(
    bound: BoundPlaybook,
    log: LeadLog,
    as_of: AsOf,
    *,
    assessment: Assessment | None = None,
    open_spells: Collection[str] = (),
    as_known: bool = False,
    ended_spells: Mapping[str, int] | None = None,
    kept_out: Mapping[str, KeptOut] | None = None,
) -> NextStep | None:
    """Return the smallest change that would let a lead enter its next qualification, or None.

    The next qualification is the first in file order after the furthest that the lead is in or whose `enter` holds.
    At most three changes, fewest first; of one size what can be found out (facts, then answers) before what must happen
    (events today, then outcomes), then file order. A fact that is known is never changed, nor is a person's answer.
    A hand raise is no change: it enters whatever is known.

    Args:
        bound: the playbook.
        log: all that is known of the lead.
        as_of: the moment.
        assessment: what the reference says of it, where that was computed already.
        open_spells: qualifications in which the lead is, by their ids.
        as_known, ended_spells: as for `leadline.engine.reference.assess.assess`.
        kept_out: what keeps the lead out of qualifications, by their ids; the step says so where it is out of the next one. A qualification
            whose `enter` holds is the next one, then, where the lead is kept out of it.

    Returns None when the lead is excluded, when nothing is next, or when no three changes are enough.
    """

    def ask(supposed: LeadLog) -> Assessment:
        return assess(bound, supposed, as_of, as_known=as_known, ended_spells=ended_spells)

    found, kept_out = ask(log) if assessment is None else assessment, kept_out or {}
    level = next_level(bound, found, open_spells, kept_out)
    if level is None or found.excluded_by is not None:
        return None
    if found.qualifications[level.id]:
        return keep_out(level, None, kept_out[level.id])
    needs = needs_for(bound, level, as_of.day)
    situation = situation_of(
        needs,
        known=_known_fields(bound, log, as_of, as_known),
        answers=found.answers,
        units={name: one.units for name, one in found.contributions.items()},
        sums={name: one.before_hold for name, one in found.scores.items()},
        are_true=[evaluate(part.condition, found.values.get) is True for part in needs.parts],
    )

    @cache
    def enters(places: Places) -> bool:
        changes = [needs.candidates.all[place] for place in places]
        return ask(suppose(log, changes, as_of)).qualifications[level.id]

    sets = _drive(find_sets(needs, situation, [0]), enters).get(0, [])
    ways = [_drive(widen(needs.candidates, places, [0]), enters)[0] for places in sets]
    return keep_out(level, say_step(needs, ways) if ways else None, kept_out.get(level.id))


def _drive(search: Asking[Answer], enters: Callable[[Places], bool]) -> Answer:
    """Answer the questions of a search about one lead, until it has found."""
    try:
        questions = next(search)
        while True:
            questions = search.send([[[enters(places)] for places in question.sets] for question in questions])
    except StopIteration as found:
        answer: Answer = found.value
        return answer


def next_level(
    bound: BoundPlaybook,
    assessment: Assessment,
    open_spells: Collection[str] = (),
    kept_out: Collection[str] = (),
) -> Qualification | None:
    """Return the qualification behind the furthest that a lead enters or is in; the first where there is none; None at the end.

    kept_out: qualifications that the lead cannot enter for now: the furthest is itself the next where it is one of these and not open.
    """
    levels = bound.playbook.qualifications
    reached = [level for level in levels if assessment.qualifications.get(level.id) or level.id in open_spells]
    if reached and reached[-1].id in kept_out and reached[-1].id not in open_spells:
        return reached[-1]
    behind = levels.index(reached[-1]) + 1 if reached else 0
    return levels[behind] if behind < len(levels) else None


def needs_for(bound: BoundPlaybook, level: Qualification, today: int) -> Needs:
    """Return what a qualification asks for, with all candidates; computed once for each playbook and day."""
    return _needs(_ById(bound), level.id, today)


class _ById:
    """A playbook that is looked up by what it is, not by what is in it."""

    def __init__(self, bound: BoundPlaybook) -> None:
        self.bound = bound

    def __hash__(self) -> int:
        return id(self.bound)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and other.bound is self.bound


@lru_cache(maxsize=16)
def _needs(key: _ById, level_id: str, today: int) -> Needs:
    level = next(one for one in key.bound.playbook.qualifications if one.id == level_id)
    return needs_of(candidates_of(reach_of(key.bound, level), today=today))


def _known_fields(bound: BoundPlaybook, log: LeadLog, as_of: AsOf, as_known: bool) -> list[str]:
    """Return the names of the fields that have a value at the moment, as conditions write them."""
    has_columns = not as_known or log.created_us is None or log.created_us <= as_of.until_us
    found: list[str] = []
    for prefix, columns, facts in (("", log.lead, log.facts), ("company.", log.company, log.company_facts)):
        values = resolve_facts(
            columns if has_columns else {},
            facts,
            until_us=as_of.until_us,
            source_rank=bound.playbook.source_rank,
            as_known=as_known,
        )
        found += [n.name_of_term(n.Field("company" if prefix else "lead", name, "text")) for name in values]
    return found
