"""Which qualifications no longer stand after an amendment: what people may have acted upon, and would not see today.

Spells from before are held against spells from after; nothing is replayed here. entry.py looks at why. tests/engine/amendments
guards it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from leadline.engine.amendments.entry import LookAgain, say_gone
from leadline.engine.calendar import date_text, instant_text
from leadline.engine.lifecycle.model import Spell
from leadline.engine.playbook.model import Playbook

How = Literal["erased", "gone", "later", "earlier", "ended"]
"""What became of a spell: its person was erased; at no moment of it the lead is qualified; it begins later; earlier; ends otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallen:
    """A qualification that had begun and does not stand as it did.

    lead_id:      the lead as it was called before. now_lead_id: as whom the spell goes on; None when it does not.
    how:          see `How`. A spell that begins at another moment may also have ended otherwise; *because* then says both.
    was:          the spell as it was; of somebody who was erased only what tells which one it was.
    now:          the spell that stands in its place, None when there is none.
    because:      in sentences, as far as it is known; may be empty.
    """

    lead_id: str
    qualification: str
    how: How
    was: Spell
    now: Spell | None = None
    now_lead_id: str | None = None
    because: str = ""

    @property
    def was_acted_on(self) -> bool:
        """Whether somebody had reported an outcome of the spell."""
        return self.was.outcome is not None


def no_longer_stand(
    before: Sequence[Spell],
    after: Sequence[Spell],
    *,
    leads_now: Mapping[str, Sequence[str]] | None = None,
    look_again: LookAgain | None = None,
    playbook: Playbook | None = None,
    since_us: int | None = None,
    until_us: int | None = None,
) -> list[Fallen]:
    """Return the spells of *before* that *after* does not have as they were, in their order.

    In the place of a spell stands, of the lead's spells of the same qualification: the one that begins at the same moment; else
    the one that was open at that moment; else the first that begins while the spell was open; else none.

    Args:
        before, after: spells of all leads, of one playbook and up to the same moment.
        leads_now: who a lead is now (`affected.successors`); who is left out is itself.
        look_again: tells what is true now at the moment of a former entry (`entry.look_at`), for *because*.
        playbook: for the sentences of its criteria.
        since_us: leaves out spells that had ended before this moment, where *after* begins later than *before*.
        until_us: the last moment that *before* knew of, where *after* goes on beyond it: what begins or ends later does not count.

    >>> spell = Spell(lead_id="ann", qualification="mql", number=1, began_us=0, began_day=0, began_by="enter")
    >>> [(one.lead_id, one.how) for one in no_longer_stand([spell], [])]
    [('ann', 'gone')]
    >>> no_longer_stand([spell], [spell])
    []
    """
    spells: dict[tuple[str, str], list[Spell]] = {}
    for spell in after:
        if until_us is None or spell.began_us <= until_us:
            spells.setdefault((spell.lead_id, spell.qualification), []).append(_up_to(spell, until_us))
    found: list[Fallen] = []
    for spell in before:
        was = _up_to(spell, until_us)
        if since_us is not None and was.ended_us is not None and was.ended_us < since_us:
            continue
        leads = (was.lead_id,) if leads_now is None else tuple(leads_now.get(was.lead_id, (was.lead_id,)))
        if not leads:
            found.append(_fallen(_bare(was), None, "erased", f"'{was.lead_id}' was erased."))
            continue
        now = _in_its_place(was, [one for lead in leads for one in spells.get((lead, was.qualification), ())])
        if now is None:
            found.append(_fallen(was, None, "gone", say_gone(was, leads, look_again, playbook)))
        elif now.began_us != was.began_us:
            how: How = "later" if now.began_us > was.began_us else "earlier"
            why = say_gone(was, leads, look_again, playbook, later=now) if how == "later" else ""
            began = f"It begins {_say_begin(now, was)}, not {_say_begin(was, now)}{_as_whom(was, now)}."
            found.append(_fallen(was, now, how, _sentences(began, why, _say_end(was, now))))
        elif _end_of(was) != _end_of(now):
            found.append(_fallen(was, now, "ended", _sentences(_say_end(was, now), _as_whom(was, now, starts=True))))
    return found


def _in_its_place(was: Spell, candidates: Sequence[Spell]) -> Spell | None:
    """Return the spell that stands in the place of a former one; of several the one that begins first."""
    in_order = sorted(candidates, key=lambda one: one.began_us)
    same = [one for one in in_order if one.began_us == was.began_us]
    open_then = [one for one in in_order if one.began_us < was.began_us and _is_open_after(one, was.began_us)]
    during = [one for one in in_order if one.began_us > was.began_us and _is_open_after(was, one.began_us)]
    return next(iter([*same, *open_then, *during]), None)


def _is_open_after(spell: Spell, at_us: int) -> bool:
    return spell.ended_us is None or spell.ended_us > at_us


def _end_of(spell: Spell) -> tuple[object, ...]:
    return spell.ended_us, spell.ended_by, spell.ended_because, spell.reason


def _up_to(spell: Spell, until_us: int | None) -> Spell:
    """Return a spell as it was seen at a moment: one that ended later was still open."""
    if until_us is None or spell.ended_us is None or spell.ended_us <= until_us:
        return spell
    return replace(spell, ended_us=None, ended_day=None, ended_by=None, ended_because=None, reason=None, outcome=None)


def _bare(spell: Spell) -> Spell:
    """Return of a spell only what tells which one it was."""
    return Spell(
        lead_id=spell.lead_id,
        qualification=spell.qualification,
        number=spell.number,
        began_us=spell.began_us,
        began_day=spell.began_day,
        began_by=spell.began_by,
        ended_us=spell.ended_us,
        ended_day=spell.ended_day,
    )


def _fallen(was: Spell, now: Spell | None, how: How, because: str) -> Fallen:
    return Fallen(
        lead_id=was.lead_id,
        qualification=was.qualification,
        how=how,
        was=was,
        now=now,
        now_lead_id=None if now is None else now.lead_id,
        because=because,
    )


# -- in words --------------------------------------------------------------------------------------------------


def _as_whom(was: Spell, now: Spell, *, starts: bool = False) -> str:
    if was.lead_id == now.lead_id:
        return ""
    return f"It is now of '{now.lead_id}'." if starts else f", of '{now.lead_id}'"


def _say_begin(spell: Spell, other: Spell) -> str:
    """Say when a spell begins: on its day, and at what time where the other begins on that day too."""
    return (
        f"at {instant_text(spell.began_us)}"
        if spell.began_day == other.began_day
        else f"on {date_text(spell.began_day)}"
    )


def _say_end(was: Spell, now: Spell) -> str:
    """Say how a spell ended otherwise; nothing when it ended alike."""
    if _end_of(was) == _end_of(now):
        return ""
    if now.ended_day is None:
        return f"It is open, and had ended on {_end_words(was)}."
    if was.ended_day is None:
        return f"It ended on {_end_words(now)}, and had been open."
    return f"It ended on {_end_words(now)}, not on {_end_words(was)}."


def _end_words(spell: Spell) -> str:
    assert spell.ended_day is not None
    why = {
        None: "",
        "cooled": "cooled",
        "outcome": f"outcome '{spell.ended_because}'",
        "excluded": f"excluded as '{spell.ended_because}'",
    }[spell.ended_by]
    reason = f", reason '{spell.reason}'" if spell.reason else ""
    return date_text(spell.ended_day) + (f" ({why}{reason})" if why else "")


def _sentences(*parts: str) -> str:
    return " ".join(part for part in parts if part)
