"""What another threshold would have done: the qualification beside itself, with other numbers in its `enter`.

Each threshold becomes a qualification of its own in the same playbook, a *twin*, so that one replay computes all of them: exact
spells, with stay, cooldown, hand raises and exclusions, not an estimate from scores. In `enter` every number that the score is
held against is replaced; `stay` is the playbook's, or follows `enter` where it was left out.

A condition that counts ``spells('mql')`` counts those of the present threshold in every twin.
tests/engine/backtest/test_thresholds.py guards it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from leadline.engine.arithmetic import POINT
from leadline.engine.backtest.model import Fill, InTime, ThresholdRow
from leadline.engine.comparison.entries import Entries
from leadline.engine.comparison.followup import Hindsight, follow
from leadline.engine.comparison.model import Workload
from leadline.engine.comparison.workload import handed_over, workload_of
from leadline.engine.expressions.thresholds import thresholds_in, with_threshold
from leadline.engine.playbook.check import range_of
from leadline.engine.playbook.model import Clause, Playbook, Qualification
from leadline.engine.problems import Problem, ProblemsError, suggest
from leadline.engine.replay.model import Replay
from leadline.engine.statistics import Share, quantile

STEP = 5
MOST_STEPS = 6
"""Thresholds lie this many points apart, and this many of them each way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A threshold: of which score, the present number, and those to try (ten-thousandths, rising, the present one among them)."""

    score: str
    present: int
    tried: tuple[int, ...]


def find_threshold(playbook: Playbook, level: Qualification, score: str | None) -> Moved | str:
    """Return the threshold to move: of *score*, else of the first score that `enter` holds against a number.

    Returns:
        The threshold, with others around it, five points apart; or a sentence that says why there is none.

    Raises:
        ProblemsError: *score* was named, and is not held against a number there.
    """
    scores = [one.id for one in playbook.scores]
    found = thresholds_in(level.enter.text, scores)
    if score is not None:
        found = [one for one in found if one.score == score]
        if not found:
            there = {one.score for one in thresholds_in(level.enter.text, scores)}
            message = (
                f"'{level.id}' does not hold the score '{score}' against a number in its enter, {level.enter.text!r}."
                f"{suggest(score, there)}"
            )
            raise ProblemsError([Problem(code="unknown-score", message=message, where="--score")])
    if not found:
        return f"'{level.id}' holds no score against a number in its enter, so there is no threshold to move."
    name = found[0].score
    numbers = {one.number for one in found if one.score == name}
    if len(numbers) > 1:
        listed = " and ".join(f"{number:f}" for number in sorted(numbers))
        return f"'{level.id}' holds the score '{name}' against {listed}, so it is not clear which one to move."
    present = int(numbers.pop() * POINT)
    low, high = range_of(playbook, name)
    around = (present + step * STEP * POINT for step in range(-MOST_STEPS, MOST_STEPS + 1))
    tried = tuple(
        one for one in around if one == present or ((low is None or one >= low) and (high is None or one <= high))
    )
    return Moved(score=name, present=present, tried=tried)


def with_twins(
    playbook: Playbook, level: Qualification, score: str, tried: Sequence[int]
) -> tuple[Playbook, Mapping[int, str]]:
    """Return the playbook with a twin of the qualification for each threshold, and the ids of the twins."""
    taken = {one.id for one in playbook.qualifications}
    twins, names = [], {}
    for number, units in enumerate(tried):
        name = f"{level.id}-moved-{number}"
        while name in taken:
            name += "-"
        twins.append(_twin(level, name, score, units))
        names[units] = name
    return replace(playbook, qualifications=(*playbook.qualifications, *twins)), names


def _twin(level: Qualification, name: str, score: str, units: int) -> Qualification:
    def moved(clause: Clause, key: str, text: str) -> Clause:
        return replace(clause, text=text, where=f"qualifications.{name}.{key}")

    text = with_threshold(level.enter.text, score, Decimal(units) / POINT)
    stay = text if level.stay.text == level.enter.text else level.stay.text
    return replace(level, id=name, enter=moved(level.enter, "enter", text), stay=moved(level.stay, "stay", stay))


def without_twins(warnings: Sequence[Problem], twins: Mapping[int, str]) -> list[Problem]:
    """Return the warnings that are of the playbook and not of a twin."""
    ours = tuple(f"qualifications.{name}." for name in twins.values())
    return [one for one in warnings if not one.where.startswith(ours)]


# -- what each threshold did ------------------------------------------------------------------------------------


def threshold_row(
    replayed: Replay,
    known: Hindsight,
    level: str,
    twin: str,
    units: int,
    entries: Mapping[str, Entries],
    *,
    is_present: bool,
    outcome: str,
    capacity: int | None,
) -> ThresholdRow:
    """Return what a twin did, against the qualification as it is.

    Args:
        replayed: a replay of the playbook with its twins. known: what was reported.
        level: the qualification. twin: its twin, with the threshold *units*.
        entries: of each qualification. is_present: whether the threshold is the playbook's own.
        outcome: what is hoped for.
        capacity: hand-offs that can be worked in a week.
    """
    now, then = entries[level], entries[twin]
    added = {lead_id: entry for lead_id, entry in then.items() if lead_id not in now}
    removed = {lead_id: entry for lead_id, entry in now.items() if lead_id not in then}
    gained = [now[lead_id].day - entry.day for lead_id, entry in then.items() if lead_id in now]
    followed = follow(known, "new", then, qualification=level, outcomes=[outcome])
    load = workload_with(replayed, level, twin, capacity)
    return ThresholdRow(
        threshold=units,
        is_present=is_present,
        leads=len(then),
        spells=sum(entry.spells for entry in then.values()),
        precision=followed.get(outcome).share,
        unmatured=followed.unmatured,
        before=followed.before,
        reach=in_time(replayed, known, then, level, outcome).share,
        a_week=load.a_week,
        most=load.most,
        weeks_over=load.weeks_over,
        most_waiting=load.most_waiting,
        added=len(added),
        removed=len(removed),
        earlier=sum(days > 0 for days in gained),
        later=sum(days < 0 for days in gained),
        same=sum(days == 0 for days in gained),
        added_reached=_reached(known, added, level, outcome),
        removed_reached=_reached(known, removed, level, outcome),
    )


def _reached(known: Hindsight, entries: Entries, level: str, outcome: str) -> Share:
    return follow(known, "new", entries, qualification=level, outcomes=[outcome]).get(outcome).share


def workload_with(replayed: Replay, level: str, twin: str, capacity: int | None) -> Workload:
    """Return the hand-offs with a twin in the place of the qualification; of it alone, where it is not handed over."""
    named, _ = handed_over(replayed.playbook)
    counted = tuple(twin if one == level else one for one in named) if level in named else (twin,)
    return workload_of(replayed, capacity=capacity, qualifications=counted)


def in_time(replayed: Replay, known: Hindsight, entries: Entries, level: str, outcome: str) -> InTime:
    """Return how many of the leads that first reached the outcome in the period had been in before, and for how long."""
    days, count = [], 0
    for lead_id in known.outcomes:
        first = next(iter(known.of(lead_id, outcome, level)), None)
        if first is None or not replayed.start.day <= known.day(first) <= replayed.end.day:
            continue
        count += 1
        entry = entries.get(lead_id)
        if entry is not None and entry.at_us < first.at_us:
            days.append(known.day(first) - entry.day)
    days.sort()
    return InTime(
        share=Share(len(days), count),
        days=tuple(quantile(days, share) for share in (0, 0.25, 0.5, 0.75, 1)) if days else None,
    )


def whole_points_between(rows: Sequence[ThresholdRow], capacity: int) -> tuple[int, ...]:
    """Return the whole points that lie between the highest threshold with too many hand-offs and the next one that was tried."""
    for row, following in zip(reversed(rows[:-1]), reversed(rows[1:]), strict=True):
        if row.a_week > capacity >= following.a_week:
            return tuple(range(row.threshold + POINT, following.threshold, POINT))
    return ()


def fill_of(rows: Sequence[ThresholdRow], capacity: int) -> Fill:
    """Return the lowest threshold from which on no more hand-offs come in a mean week than can be worked."""
    fitting: ThresholdRow | None = None
    for row in reversed(rows):
        if row.a_week > capacity:
            break
        fitting = row
    return Fill(
        capacity=capacity,
        threshold=None if fitting is None else fitting.threshold,
        a_week=None if fitting is None else fitting.a_week,
        is_lowest_tried=fitting is not None and fitting is rows[0],
    )
