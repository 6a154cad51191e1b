"""Why a qualification no longer begins where it had begun: what is true now at that moment, held against what was kept then."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from leadline.engine.arithmetic import plain_points
from leadline.engine.calendar import date_text, get_zone
from leadline.engine.lifecycle.history import assess_in_time, begins_us, evidence_of, when
from leadline.engine.lifecycle.model import Evidence, Spell
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import Playbook
from leadline.engine.reference.log import LeadLog

MOST_CRITERIA = 3
"""How many criteria a reason names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is true of a lead at a moment.

    evidence:    scores, grade and points. enters: the qualifications whose `enter` is true.
    excluded_by: the exclusion that holds. events: names of the events of this very moment; bots make none.
    begins_day:  the day of the first thing of the lead that is dated, where that lies after the moment: it is not assessed yet.
    """

    evidence: Evidence
    enters: frozenset[str] = frozenset()
    excluded_by: str | None = None
    events: frozenset[str] = field(default_factory=frozenset)
    begins_day: int | None = None


LookAgain = Callable[[str, int], Entry | None]
"""Tells of a lead and a moment (microseconds) what is true there now; None of a lead that there is not."""


def look_at(bound: BoundPlaybook, logs: Sequence[LeadLog], *, as_known: bool = False) -> LookAgain:
    """Return what tells, of these leads, what is true at a moment. It assesses one lead each time that it is asked."""
    by_lead: Mapping[str, LeadLog] = {log.lead_id: log for log in logs}
    zone = get_zone(bound.playbook.timezone)

    def look(lead_id: str, at_us: int) -> Entry | None:
        log = by_lead.get(lead_id)
        if log is None:
            return None
        found = assess_in_time(bound, log, zone.moment(at_us), as_known=as_known)
        happened = (one.name for one in log.events if not one.is_bot and when(one, as_known=as_known) == at_us)
        begins = begins_us(log, as_known=as_known)
        return Entry(
            evidence=evidence_of(found),
            enters=frozenset(name for name, holds in found.qualifications.items() if holds),
            excluded_by=found.excluded_by,
            events=frozenset(happened),
            begins_day=zone.day_of(begins) if begins is not None and begins > at_us else None,
        )

    return look


def say_gone(
    was: Spell,
    leads: Sequence[str],
    look_again: LookAgain | None,
    playbook: Playbook | None,
    *,
    later: Spell | None = None,
) -> str:
    """Return why a spell no longer begins where it did, in sentences; empty when that is not known.

    Args:
        was: the spell. leads: who its lead is now.
        look_again: tells what is true there now; without, only what is quite gone from the later spell can be told.
        playbook: for the sentences of its criteria.
        later: the spell that begins later in its place.
    """
    if look_again is None:
        if later is None or later.evidence is None or was.evidence is None:
            return ""
        quite_gone = {name: units for name, units in was.evidence.contributions.items() if units > 0}
        lost = {name: units for name, units in quite_gone.items() if not later.evidence.contributions.get(name)}
        return _say_points(lost, {}, playbook)
    entries = [entry for lead in leads if (entry := look_again(lead, was.began_us)) is not None]
    if not entries:
        return f"'{was.lead_id}' is not among the leads any more."
    return " ".join(dict.fromkeys(_say_entry(was, entry, playbook) for entry in entries))


def _say_entry(was: Spell, entry: Entry, playbook: Playbook | None) -> str:
    on = date_text(was.began_day)
    if entry.begins_day is not None:
        return f"Nothing of the lead is dated so early any more; it begins on {date_text(entry.begins_day)}."
    if entry.excluded_by is not None:
        return f"On {on} it is excluded as '{entry.excluded_by}'."
    if was.hand_raise is not None and was.hand_raise not in entry.events and was.qualification not in entry.enters:
        return f"The hand raise '{was.hand_raise}' of {on} is not there any more, or a bot made it."
    if was.qualification in entry.enters or (was.hand_raise is not None and was.hand_raise in entry.events):
        return (
            f"On {on} the condition to enter holds, but what had ended or was reported before keeps it from beginning."
        )
    if was.evidence is None:
        return f"On {on} the condition to enter does not hold."
    then, now = was.evidence, entry.evidence
    given = {name: then.contributions.get(name, 0) for name in {**then.contributions, **now.contributions}}
    differing = {name: units for name, units in given.items() if units != now.contributions.get(name, 0)}
    less = {name: units for name, units in differing.items() if units > now.contributions.get(name, 0)}
    scores = [
        f"'{name}' is {plain_points(now.scores[name])}, not {plain_points(units)}"
        for name, units in then.scores.items()
        if now.scores.get(name, units) != units
    ]
    said = _say_points(less or differing, now.contributions, playbook)
    so = f"{' and '.join(scores)}, and" if scores else ""
    return " ".join(part for part in (said, f"On {on}", so, "the condition to enter does not hold.") if part)


def _say_points(then: Mapping[str, int], now: Mapping[str, int], playbook: Playbook | None) -> str:
    """Say of criteria what they gave and give now, those with the largest difference first."""
    whys = {} if playbook is None else {one.id: one.why for one in playbook.criteria}
    largest = sorted(then, key=lambda name: (now.get(name, 0) - then[name], name))
    parts = []
    for name in largest[:MOST_CRITERIA]:
        called = f"'{name}' ({whys[name]})" if name in whys else f"'{name}'"
        given = plain_points(now[name]) if now.get(name) else "nothing"
        parts.append(f"{called} gives {given}, and gave {plain_points(then[name]) if then[name] else 'nothing'}")
    if len(largest) > MOST_CRITERIA:
        parts.append(f"{len(largest) - MOST_CRITERIA} more differ")
    return f"{'; '.join(parts)}." if parts else ""
