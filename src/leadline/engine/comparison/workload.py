"""How much work a version makes: its hand-offs by calendar week, and what waits when no more than a capacity is worked.

A hand-off is a lead at the moment at which spells of the qualifications in `[handoff]` begin (where there is no such table: of the
first qualification). Two that begin at one moment are one hand-off. Weeks begin on Monday; the first and the last of a period may
have fewer days. tests/engine/comparison/test_workload.py guards it.
"""

import re
from collections import Counter

from leadline.engine.calendar import bucket_of
from leadline.engine.comparison.entries import begins_in
from leadline.engine.comparison.model import Week, Workload
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem, ProblemsError
from leadline.engine.replay.model import Replay

_CAPACITY = re.compile(r"\s*([0-9]{1,9})\s*(?:/\s*(?:week|w))?\s*", re.ASCII | re.IGNORECASE)


def read_capacity(text: str | None) -> int | None:
    """Return how many hand-offs can be worked in a week.

    Raises:
        ProblemsError: it is not written like ``120/week``, or is 0.

    >>> read_capacity("120/week"), read_capacity(None)
    (120, None)
    """
    if text is None:
        return None
    found = _CAPACITY.fullmatch(text)
    if found is None or int(found[1]) == 0:
        message = f"'{text}' is no capacity: write how many hand-offs can be worked in a week, such as 120/week."
        raise ProblemsError([Problem(code="bad-value", message=message, where="--capacity")])
    return int(found[1])


def handed_over(playbook: Playbook) -> tuple[tuple[str, ...], bool]:
    """Return the qualifications whose spells are handed to sales, and whether `[handoff]` says so; else the first one is taken."""
    if playbook.handoff is not None and playbook.handoff.qualifications:
        return playbook.handoff.qualifications, True
    return tuple(level.id for level in playbook.qualifications[:1]), False


def workload_of(replay: Replay, *, capacity: int | None, qualifications: tuple[str, ...] | None = None) -> Workload:
    """Return the hand-offs of a replay, week by week.

    Args:
        replay: with the spells of the period.
        capacity: how many can be worked in a week; nothing waits when the period begins.
        qualifications: whose spells to count; left out, those of `handed_over`.
    """
    declared, is_declared = handed_over(replay.playbook)
    counted = declared if qualifications is None else qualifications
    moments = {
        (spell.lead_id, spell.began_us, spell.began_day)
        for spell in replay.spells
        if spell.qualification in counted and begins_in(spell, replay)
    }
    by_week = Counter(bucket_of(day, "week") for _, _, day in moments)
    weeks = tuple(
        Week(monday=_monday(week), days=_days_in(week, replay), handoffs=by_week[week])
        for week in range(bucket_of(replay.start.day, "week"), bucket_of(replay.end.day, "week") + 1)
    )
    total = sum(by_week.values())
    return Workload(
        qualifications=counted,
        is_declared=is_declared if qualifications is None else True,
        weeks=weeks,
        total=total,
        a_week=total * 7 / max(sum(week.days for week in weeks), 1),
        most=max((week.handoffs for week in weeks), default=0),
        capacity=capacity,
        weeks_over=None if capacity is None else sum(week.handoffs > capacity for week in weeks),
        waiting=None if capacity is None else _waiting(weeks, capacity),
    )


def _waiting(weeks: tuple[Week, ...], capacity: int) -> tuple[int, ...]:
    waiting, found = 0, []
    for week in weeks:
        waiting = max(0, waiting + week.handoffs - capacity)
        found.append(waiting)
    return tuple(found)


def _monday(week: int) -> int:
    """Return the first day of a week; week 0 is that of 1970-01-01, a Thursday."""
    return week * 7 - 3


def _days_in(week: int, replay: Replay) -> int:
    return min(_monday(week) + 6, replay.end.day) - max(_monday(week), replay.start.day) + 1
