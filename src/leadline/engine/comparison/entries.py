"""When each lead entered each qualification, and which spells a period holds: one pass over the spells of a replay.

Nothing is compared here. tests/engine/comparison/test_entries.py guards it.
"""

from dataclasses import dataclass

from leadline.engine.lifecycle.model import BeganBy, Spell
from leadline.engine.replay.model import Replay


@dataclass(slots=True, kw_only=True)
class Entry:
    """How a lead was in a qualification during the period.

    at_us, day, began_by, hand_raise: of the first spell that touches the period.
    is_before: that spell had begun before the period.
    spells:    how many touch the period. stay_days: on how many of its days one was open, the day of the end not counted unless
               it is the day of the beginning.
    """

    at_us: int
    day: int
    began_by: BeganBy
    hand_raise: str | None
    is_before: bool
    spells: int = 0
    stay_days: int = 0


Entries = dict[str, Entry]
"""By lead, in the order of the leads."""


def entries_of(replay: Replay) -> dict[str, Entries]:
    """Return the entries of each qualification of a playbook, in file order; those that nobody entered are empty."""
    found: dict[str, Entries] = {level.id: {} for level in replay.playbook.qualifications}
    first_day = replay.start.day
    for spell in replay.spells:
        if not touches(spell, replay):
            continue
        entry = found[spell.qualification].get(spell.lead_id)
        if entry is None:
            entry = found[spell.qualification][spell.lead_id] = Entry(
                at_us=spell.began_us,
                day=spell.began_day,
                began_by=spell.began_by,
                hand_raise=spell.hand_raise,
                is_before=spell.began_day < first_day,
            )
        entry.spells += 1
        entry.stay_days += _stay_days(spell, replay)
    return found


def touches(spell: Spell, replay: Replay) -> bool:
    """Return whether a spell was open on some day of the period, or began in it."""
    began_in_time = spell.began_us <= replay.end.until_us
    return began_in_time and (spell.ended_day is None or spell.ended_day >= replay.start.day)


def begins_in(spell: Spell, replay: Replay) -> bool:
    """Return whether a spell began in the period."""
    return spell.began_day >= replay.start.day and spell.began_us <= replay.end.until_us


def _stay_days(spell: Spell, replay: Replay) -> int:
    last = replay.end.day + 1 if spell.ended_day is None else min(spell.ended_day, replay.end.day + 1)
    first = max(spell.began_day, replay.start.day)
    return max(last - first, 1 if spell.began_day == spell.ended_day else 0)
