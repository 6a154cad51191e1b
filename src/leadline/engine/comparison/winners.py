"""Days gained or lost on the winners: were the leads that were won in a qualification before, and how long before?

A winner is a lead that was won for the first time on a day of the period. A version had it in time when its entry lies before that
moment. Of those that both versions had, the days gained are the old entry's day less the new entry's. A spell that had ended before
the period is not seen, so give the period the time that a deal takes. tests/engine/comparison/test_winners.py guards it.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from leadline.engine.comparison.entries import Entries
from leadline.engine.comparison.followup import Hindsight
from leadline.engine.comparison.model import Span, Winners
from leadline.engine.statistics import quantile

_FROM = (-90, -30, -7, 0, 1, 8, 31, 91)
"""Where the spans of days begin, after one without a lower bound; the span from 0 is the same day."""


def compare_winners(
    known: Hindsight, old: Entries, new: Entries, *, qualification: str, outcome: str, days: range
) -> Winners:
    """Return how the two versions had the winners.

    Args:
        known: what was reported.
        old, new: the entries of each version.
        qualification: whose entries they are; outcomes that name another one do not count.
        outcome: what makes a winner.
        days: the days of the period.
    """
    gained: list[int] = []
    counts = {(True, True): 0, (False, True): 0, (True, False): 0, (False, False): 0}
    for lead_id in known.outcomes:
        won = next(iter(known.of(lead_id, outcome, qualification)), None)
        if won is None or known.day(won) not in days:
            continue
        before, after = old.get(lead_id), new.get(lead_id)
        had_old, had_new = (entry is not None and entry.at_us < won.at_us for entry in (before, after))
        counts[had_old, had_new] += 1
        if had_old and had_new:
            assert before is not None and after is not None
            gained.append(before.day - after.day)
    gained.sort()
    return Winners(
        outcome=outcome,
        leads=sum(counts.values()),
        both=counts[True, True],
        caught=counts[False, True],
        missed=counts[True, False],
        neither=counts[False, False],
        earlier=sum(one > 0 for one in gained),
        later=sum(one < 0 for one in gained),
        days=tuple(quantile(gained, share) for share in (0, 0.25, 0.5, 0.75, 1)) if gained else None,
        spans=_spans(gained),
    )


def _spans(gained: Sequence[int]) -> tuple[Span, ...]:
    """Return how many of the sorted days lie in each span; the outermost empty ones are left out."""
    bounds: list[int | None] = [None, *_FROM, None]
    found = []
    for low, high in pairwise(bounds):
        first = 0 if low is None else bisect_left(gained, low)
        last = len(gained) if high is None else bisect_left(gained, high)
        found.append(Span(least=low, most=None if high is None else high - 1, leads=last - first))
    used = [number for number, span in enumerate(found) if span.leads]
    return tuple(found[used[0] : used[-1] + 1]) if used else ()
