"""Compares two replays of the same leads over the same period: who enters, who leaves, sooner, later, and what became of them.

A pure function of two replays; it reads no data. Which leads tell most is chosen in telling.py, and whatif.py explains them.
tests/engine/comparison/test_compare.py holds it to tables that were counted by hand.
"""

from collections.abc import Sequence

from leadline.engine.comparison.entries import Entries, entries_of
from leadline.engine.comparison.followup import Hindsight, follow, hindsight, outcomes_to_follow
from leadline.engine.comparison.model import (
    Difference,
    Followed,
    QualificationChange,
    Side,
    Version,
    WhatIf,
)
from leadline.engine.comparison.telling import choose_telling
from leadline.engine.comparison.winners import compare_winners
from leadline.engine.comparison.workload import handed_over, workload_of
from leadline.engine.replay.model import Replay
from leadline.engine.statistics import difference_interval

WINNER = "won"


def compare(
    old: Replay,
    new: Replay,
    *,
    capacity: int | None = None,
    horizon_days: int = 90,
    outcomes: Sequence[str] | None = None,
    winner: str = WINNER,
    seen_until: int | None = None,
) -> WhatIf:
    """Return what the new version would have done otherwise than the old one.

    Args:
        old, new: replays of two versions over the same data and period, without regard to their grids.
        capacity: how many hand-offs can be worked in a week.
        horizon_days: local days after its entry in which a lead may reach an outcome, above 0.
        outcomes: which ones to follow, the furthest last; left out, those of `outcomes_to_follow` that occur in the data.
        winner: the outcome that makes a winner.
        seen_until: the last day of which outcomes are known; left out, the last day of the period.

    Raises:
        ValueError: the two replays are not of the same period, or *horizon_days* is not above 0.
    """
    if (old.start.day, old.end.until_us) != (new.start.day, new.end.until_us):
        raise ValueError("two replays are compared over one period")
    if horizon_days <= 0:
        raise ValueError("a horizon is at least one day")
    until = new.end.day if seen_until is None else seen_until
    known = hindsight(new, horizon_days=horizon_days, seen_until=until)
    wanted = outcomes_to_follow((old.playbook, new.playbook)) if outcomes is None else tuple(outcomes)
    occurring = {one.outcome for reported in new.outcomes.values() for one in reported}
    followed = tuple(outcome for outcome in wanted if outcome in occurring)
    entries = {"old": entries_of(old), "new": entries_of(new)}
    titles = {level.id: level.title for replay in (old, new) for level in replay.playbook.qualifications}
    order = [*entries["new"], *(name for name in entries["old"] if name not in entries["new"])]
    changes = tuple(
        _change(
            known,
            name,
            titles[name],
            entries["old"].get(name),
            entries["new"].get(name),
            followed,
            winner=winner,
            days=range(new.start.day, new.end.day + 1),
        )
        for name in order
    )
    named = {*handed_over(old.playbook)[0], *handed_over(new.playbook)[0]}
    shown = [name for name in order if name in named]
    return WhatIf(
        old=version_of(old),
        new=version_of(new),
        start=new.start.day,
        end=new.end.day,
        seen_until=until,
        horizon_days=horizon_days,
        leads=len(new.lead_ids),
        outcomes=followed,
        unseen=tuple(outcome for outcome in wanted if outcome not in occurring),
        qualifications=changes,
        workload={"old": workload_of(old, capacity=capacity), "new": workload_of(new, capacity=capacity)},
        telling=choose_telling(known, entries["old"], entries["new"], shown, outcomes=followed, winner=winner),
        warnings=tuple(dict.fromkeys([*old.warnings, *new.warnings])),
        not_used=not_used_of(new),
    )


def version_of(replay: Replay) -> Version:
    """Return which playbook was replayed."""
    return Version(name=replay.playbook.name, version=replay.version, file=replay.playbook.file)


def not_used_of(replay: Replay) -> tuple[str, ...]:
    """Return a sentence for each table of which something could not be used: how often, and why."""
    found: dict[str, list[str]] = {}
    for (table, reason), count in replay.rejects.counts().items():
        found.setdefault(table, []).append(f"{count:,} {reason}")
    return tuple(f"Not used of {table}: {', '.join(reasons)}." for table, reasons in found.items())


def _change(
    known: Hindsight,
    name: str,
    title: str,
    old: Entries | None,
    new: Entries | None,
    outcomes: Sequence[str],
    *,
    winner: str,
    days: range,
) -> QualificationChange:
    only_in: Side | None = "new" if old is None else "old" if new is None else None
    old, new = old or {}, new or {}
    kept = {lead_id: entry for lead_id, entry in new.items() if lead_id in old}
    added = {lead_id: entry for lead_id, entry in new.items() if lead_id not in old}
    removed = {lead_id: entry for lead_id, entry in old.items() if lead_id not in new}
    gained = [old[lead_id].day - entry.day for lead_id, entry in kept.items()]
    groups = {"old": old, "new": new, "kept": kept, "added": added, "removed": removed}
    followed = tuple(
        follow(known, group, entries, qualification=name, outcomes=outcomes)  # type: ignore[arg-type]
        for group, entries in groups.items()
    )
    return QualificationChange(
        id=name,
        title=title,
        only_in=only_in,
        old_leads=len(old),
        new_leads=len(new),
        old_spells=sum(entry.spells for entry in old.values()),
        new_spells=sum(entry.spells for entry in new.values()),
        added=len(added),
        removed=len(removed),
        earlier=sum(days > 0 for days in gained),
        later=sum(days < 0 for days in gained),
        same=sum(days == 0 for days in gained),
        followed=followed,
        differences=tuple(_difference(outcome, followed[3], followed[4]) for outcome in outcomes),
        winners=compare_winners(known, old, new, qualification=name, outcome=winner, days=days),
    )


def _difference(outcome: str, added: Followed, removed: Followed) -> Difference:
    one, other = added.get(outcome).share, removed.get(outcome).share
    low, high = difference_interval(one.count, one.n, other.count, other.n)
    assert high is not None
    known = one.ratio is not None and other.ratio is not None
    points = (one.ratio or 0.0) - (other.ratio or 0.0) if known else None
    return Difference(outcome=outcome, points=points, low=low, high=high)
