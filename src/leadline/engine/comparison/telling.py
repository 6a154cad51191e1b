"""Which leads tell most about a change: at most ten each way, winners first, then those that it moves furthest.

*For* the new version speak leads that it lets in alone or sooner, *against* it those that it loses or has later. How far a lead is
moved is a number of days: those on which one version has it and the other does not. A lead is shown once each way, for the
qualification in which it was moved furthest. They are only chosen here; whatif.py explains them.
tests/engine/comparison/test_telling.py guards it.
"""

from collections.abc import Iterator, Mapping, Sequence

from leadline.engine.calendar import instant_text
from leadline.engine.comparison.entries import Entries, Entry
from leadline.engine.comparison.followup import Hindsight
from leadline.engine.comparison.model import Kind, Side, Telling, Way

MOST_TELLING = 10
_WAYS: dict[Kind, Way] = {"added": "for", "earlier": "for", "removed": "against", "later": "against"}
_BY: dict[Kind, Side] = {"added": "new", "earlier": "new", "removed": "old", "later": "old"}


def choose_telling(
    known: Hindsight,
    old: Mapping[str, Entries],
    new: Mapping[str, Entries],
    qualifications: Sequence[str],
    *,
    outcomes: Sequence[str],
    winner: str,
    most: int = MOST_TELLING,
) -> tuple[Telling, ...]:
    """Return the most telling leads: those for the new version, then those against it.

    Args:
        known: what became of the leads.
        old, new: the entries of each version, by qualification.
        qualifications: the ones to look at.
        outcomes: the furthest last, to say how far a lead came afterwards.
        winner: the outcome that makes a winner.
        most: how many each way.
    """
    ways: dict[Way, dict[str, tuple[bool, int, str, Kind]]] = {"for": {}, "against": {}}
    for name in qualifications:
        for lead_id, kind, far_days in _moved(old.get(name, {}), new.get(name, {})):
            entry = (new if _BY[kind] == "new" else old)[name][lead_id]
            is_winner = known.find(lead_id, winner, after=entry, qualification=name) is not None
            found = ways[_WAYS[kind]]
            if lead_id not in found or (is_winner, far_days) > found[lead_id][:2]:
                found[lead_id] = (is_winner, far_days, name, kind)
    chosen = []
    for found in ways.values():
        for lead_id, (is_winner, far_days, name, kind) in sorted(found.items(), key=_rank)[:most]:
            mine, others = (new, old) if _BY[kind] == "new" else (old, new)
            entry, other = mine[name][lead_id], others.get(name, {}).get(lead_id)
            chosen.append(_telling(known, lead_id, name, kind, entry, other, far_days, is_winner, outcomes))
    return tuple(chosen)


def _rank(item: tuple[str, tuple[bool, int, str, Kind]]) -> tuple[bool, bool, int, str]:
    """Winners that one version misses altogether come first, then winners, then all others; each by how far they are moved."""
    lead_id, (is_winner, far_days, _, kind) = item
    return (not is_winner, not (is_winner and kind in ("added", "removed")), -far_days, lead_id)


def _moved(old: Entries, new: Entries) -> Iterator[tuple[str, Kind, int]]:
    for lead_id, entry in new.items():
        before = old.get(lead_id)
        if before is None:
            yield lead_id, "added", entry.stay_days
        elif before.day > entry.day:
            yield lead_id, "earlier", before.day - entry.day
        elif before.day < entry.day:
            yield lead_id, "later", entry.day - before.day
    for lead_id, entry in old.items():
        if lead_id not in new:
            yield lead_id, "removed", entry.stay_days


def _telling(
    known: Hindsight,
    lead_id: str,
    qualification: str,
    kind: Kind,
    entry: Entry,
    other: Entry | None,
    far_days: int,
    is_winner: bool,
    outcomes: Sequence[str],
) -> Telling:
    reached = None
    for outcome in reversed(outcomes):
        reached = known.find(lead_id, outcome, after=entry, qualification=qualification)
        if reached is not None:
            break
    return Telling(
        lead_id=lead_id,
        qualification=qualification,
        way=_WAYS[kind],
        kind=kind,
        entered_by=_BY[kind],
        at=instant_text(entry.at_us),
        day=entry.day,
        other_day=None if other is None else other.day,
        began_by=entry.began_by,
        hand_raise=entry.hand_raise,
        far_days=far_days,
        is_winner=is_winner,
        outcome=None if reached is None else reached.outcome,
        outcome_day=None if reached is None else known.day(reached),
    )
