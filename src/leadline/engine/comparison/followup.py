"""What became of leads after their entry, all of them given the same time.

An outcome counts when it was reported later than the entry and not later than the end of the day that lies `horizon_days` after
it. A lead is *mature* when that day is over by the last day of which outcomes are known; the others are counted apart, since a lead
that had less time is no failure. An outcome that names a qualification counts for that one only.

What was reported is what really happened, under whatever was practised then: a lead that only the new version lets in was not worked
as if it had been handed over. tests/engine/comparison/test_followup.py guards it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from leadline.engine.calendar import Zone, get_zone
from leadline.engine.comparison.entries import Entries, Entry
from leadline.engine.comparison.model import Followed, Group, Reached
from leadline.engine.expressions.bind import BUILT_IN_OUTCOMES
from leadline.engine.playbook.model import Playbook
from leadline.engine.reference.log import ReportedOutcome
from leadline.engine.replay.model import Replay
from leadline.engine.statistics import Share

HOPED_FOR = ("accepted", "opportunity", "won")
"""The built-in outcomes that one hopes for, the furthest last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindsight:
    """What is known afterwards.

    outcomes:     what was reported of each lead, in the order of time.
    zone:         whose days are counted.
    horizon_days: the time that each lead is given, in local days.
    seen_until:   the last day of which outcomes are known.
    """

    outcomes: Mapping[str, Sequence[ReportedOutcome]]
    zone: Zone
    horizon_days: int
    seen_until: int

    def is_mature(self, entry: Entry) -> bool:
        """Return whether the lead has had all of its time."""
        return entry.day + self.horizon_days <= self.seen_until

    def find(self, lead_id: str, outcome: str, *, after: Entry, qualification: str) -> ReportedOutcome | None:
        """Return the first report of an outcome after an entry, however long after, or None."""
        for one in self.of(lead_id, outcome, qualification):
            if one.at_us > after.at_us:
                return one
        return None

    def of(self, lead_id: str, outcome: str, qualification: str) -> Iterable[ReportedOutcome]:
        """Yield the reports of an outcome that concern a qualification and are known, in the order of time."""
        for one in self.outcomes.get(lead_id, ()):
            if one.outcome == outcome and one.qualification in (None, qualification):
                if self.day(one) > self.seen_until:
                    return
                yield one

    def day(self, outcome: ReportedOutcome) -> int:
        """Return the local day of an outcome."""
        return self.zone.day_of(outcome.at_us)


def hindsight(replay: Replay, *, horizon_days: int, seen_until: int) -> Hindsight:
    """Return what is known afterwards of the leads of a replay."""
    return Hindsight(
        outcomes=replay.outcomes,
        zone=get_zone(replay.playbook.timezone),
        horizon_days=horizon_days,
        seen_until=seen_until,
    )


def outcomes_to_follow(playbooks: Iterable[Playbook]) -> tuple[str, ...]:
    """Return the outcomes that are followed unless others are named: what one hopes for, then those of the playbooks' own."""
    own = {outcome.id: None for playbook in playbooks for outcome in playbook.outcomes}
    return (*(name for name in own if name not in BUILT_IN_OUTCOMES), *HOPED_FOR)


def follow(
    known: Hindsight, group: Group, entries: Entries, *, qualification: str, outcomes: Sequence[str]
) -> Followed:
    """Return what became of leads after their entry into a qualification."""
    followed = {lead_id: entry for lead_id, entry in entries.items() if not entry.is_before}
    mature = {lead_id: entry for lead_id, entry in followed.items() if known.is_mature(entry)}
    return Followed(
        group=group,
        leads=len(entries),
        mature=len(mature),
        unmatured=len(followed) - len(mature),
        before=len(entries) - len(followed),
        reached=tuple(_reached(known, mature, qualification, outcome) for outcome in outcomes),
    )


def _reached(known: Hindsight, mature: Entries, qualification: str, outcome: str) -> Reached:
    count = already = 0
    for lead_id, entry in mature.items():
        if lead_id not in known.outcomes:
            continue
        first = known.find(lead_id, outcome, after=entry, qualification=qualification)
        if first is not None and known.day(first) <= entry.day + known.horizon_days:
            count += 1
        elif any(one.at_us <= entry.at_us for one in known.of(lead_id, outcome, qualification)):
            already += 1
    return Reached(outcome=outcome, share=Share(count, len(mature)), already=already)
