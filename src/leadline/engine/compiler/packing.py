"""Many small counts in few big numbers, so that a database adds them all at once.

A day of a lead is a handful of numbers: *masks*, in which each tally that only matters as "at least once" has a bit, and *sums*
of 128 bits, in which each tally that must be counted has ten. A lead is a handful of numbers too: the points and counts of its
features lie side by side in *slots* of 63 bits. How wide a feature has to be follows from its weights and limit, given that
no day of a lead has more than `MOST_A_DAY` events that count for something; whoever counts must make sure of that.

Nothing runs here; nothing here depends on data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leadline.engine.compiler.codes import features_of
from leadline.engine.compiler.plan import Counted, Days, LastDay, Plan, Points

COUNTER_BITS = 10
MOST_A_DAY = (1 << COUNTER_BITS) - 1
COUNTERS_A_SUM = 12
MASK_BITS = 62
SLOT_BITS = 63


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tally or a feature lies: in which number, how far from its low end, and how wide it is."""

    number: int
    shift: int
    bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPacking:
    """Where the tallies of a day lie: in *masks* those that only matter as "at least once", in *sums* the others."""

    masks: Mapping[int, Place]
    sums: Mapping[int, Place]

    @property
    def mask_count(self) -> int:
        """How many masks there are."""
        return 1 + max((place.number for place in self.masks.values()), default=-1)

    @property
    def sum_count(self) -> int:
        """How many sums there are."""
        return 1 + max((place.number for place in self.sums.values()), default=-1)

    def row(self, tallies: Sequence[int]) -> tuple[list[int], list[int]]:
        """Return the masks and sums of one event that counts for *tallies*."""
        masks, sums = [0] * self.mask_count, [0] * self.sum_count
        for tally in tallies:
            places, numbers = (self.masks, masks) if tally in self.masks else (self.sums, sums)
            numbers[places[tally].number] += 1 << places[tally].shift
        return masks, sums


def pack_days(plan: Plan) -> DayPacking:
    """Return where the tallies of a day lie."""
    masks: dict[int, Place] = {}
    sums: dict[int, Place] = {}
    for tally in range(len(plan.tallies)):
        if all(_is_once_a_day(feature) for feature in features_of(plan, tally)):
            number, bit = divmod(len(masks), MASK_BITS)
            masks[tally] = Place(number, bit, 1)
        else:
            number, position = divmod(len(sums), COUNTERS_A_SUM)
            sums[tally] = Place(number, position * COUNTER_BITS, COUNTER_BITS)
    return DayPacking(masks=masks, sums=sums)


def _is_once_a_day(feature: Points | Counted | Days | LastDay) -> bool:
    match feature:
        case Points(limit=limit):
            return limit is not None and limit.per == "day" and limit.count == 1
        case Counted():
            return False
        case Days() | LastDay():
            return True


def pack_features(plan: Plan, day_count: int) -> dict[int, Place]:
    """Return where the features of a lead lie that are sums over at most *day_count* days.

    Not the last days, which are no sums, and not points whose limit spans days, which are counted apart.
    """
    widths = {
        index: largest_sum(feature, day_count).bit_length()
        for index, feature in enumerate(plan.features)
        if not isinstance(feature, LastDay) and not has_long_limit(feature)
    }
    places: dict[int, Place] = {}
    used: list[int] = []
    for index, bits in sorted(widths.items(), key=lambda item: (-item[1], item[0])):
        number = next((slot for slot, taken in enumerate(used) if taken + bits <= SLOT_BITS), len(used))
        if number == len(used):
            used.append(0)
        places[index] = Place(number, used[number], bits)
        used[number] += bits
    return places


def has_long_limit(feature: Points | Counted | Days | LastDay) -> bool:
    """Return whether what a feature counts on a day depends on other days."""
    return isinstance(feature, Points) and feature.limit is not None and feature.limit.per != "day"


def largest_sum(feature: Points | Counted | Days, day_count: int) -> int:
    """Return the most that a feature can come to for one lead, without its sign."""
    if isinstance(feature, Points):
        a_day = MOST_A_DAY if feature.limit is None else min(feature.limit.count, MOST_A_DAY)
        known = feature.weights.table[:day_count]
        after = abs(feature.weights.after)
        return a_day * (sum(abs(weight) for weight in known) + (day_count - len(known)) * after)
    days = day_count if feature.window_days is None else min(feature.window_days, day_count)
    return days * (MOST_A_DAY if isinstance(feature, Counted) else 1)
