"""Sums up a daily roll-up in DuckDB faster than the query of the plan does, to the same integers.

A row of the roll-up is one signal of one lead on one day, so nothing has to be counted by day any more: each row is weighed
and added to the slot of its feature. Only for whole days; where a part of a day counts, the plan's own query does it.
"""

import duckdb

from leadline.engine.backends.duckdb import DuckDBEngine
from leadline.engine.backends.packed_leads import TOO_MANY, LeadSlots, within
from leadline.engine.backends.preparation import Preparation
from leadline.engine.calendar import bucket_of
from leadline.engine.compiler.codes import earliest, first_day_of
from leadline.engine.compiler.packing import MOST_A_DAY
from leadline.engine.compiler.plan import Counted, Days, LastDay, Points

_FAR_BACK = -(2**31)


def sum_rollup(base: Preparation, first_day: int) -> bool:
    """Make `lead_event` from `signal_day`, all of it whole days, and say whether that was possible this way."""
    engine = base.engine
    assert isinstance(engine, DuckDBEngine)
    slots = LeadSlots.of(base.plan, first_day=first_day, as_of_day=base.as_of.day)
    try:
        _load_signals(engine, base, slots)
        _sum_slots(engine, base, slots)
    except duckdb.Error as error:
        if TOO_MANY in str(error):
            return False
        raise
    joins = "".join(
        f" LEFT JOIN packed_long_{index} AS long_{index} ON long_{index}.lead_key = p.lead_key"
        for index in slots.long_limits
    )
    columns = ", ".join(["p.lead_key", *slots.features(base.layout)])
    engine.make_view("lead_event", f"SELECT {columns} FROM packed_lead AS p{joins}")
    return True


def _load_signals(engine: DuckDBEngine, base: Preparation, slots: LeadSlots) -> None:
    """Load each signal's first day that matters, and the weights of one event of it by age."""
    plan, as_of_day = base.plan, base.as_of.day
    rows = []
    weights: list[tuple[int, ...]] = []
    width = max((len(_fading(slots, signal)) for signal in range(len(plan.signals))), default=0)
    for number, signal in enumerate(plan.signals):
        tallies = [index for index, tally in enumerate(plan.tallies) if tally.signal == number]
        first = earliest(first_day_of(plan, tally, as_of_day) for tally in tallies)
        rows.append((signal.key(plan.playbook.timezone), number, _FAR_BACK if first is None else first))
        fading = _fading(slots, number)
        for age in range(slots.longest + 1):
            worth = [slots.weight(index, age) for index in fading]
            weights.append((number * (slots.longest + 1) + age, *worth, *([0] * (width - len(worth)))))
    engine.load("packed_signal", {"signal": "BIGINT", "number": "BIGINT", "first_day": "BIGINT"}, rows)
    columns = {"place": "BIGINT"} | {f"weight_{column}": "BIGINT" for column in range(width)}
    engine.load("packed_weight", columns, weights)


def _fading(slots: LeadSlots, signal: int) -> list[int]:
    """Return the features of a signal whose weight depends on the age; their weights lie side by side."""
    return [index for index in slots.fading() if _signal_of(slots, index) == signal]


def _signal_of(slots: LeadSlots, index: int) -> int:
    return slots.plan.tallies[slots.plan.features[index].tally].signal


def _weight(slots: LeadSlots, index: int) -> str:
    fading = _fading(slots, _signal_of(slots, index))
    return f"weight_{fading.index(index)}" if index in fading else ""


def _rows(base: Preparation, slots: LeadSlots) -> str:
    """Return the rows of the roll-up that matter, each with its age and weights."""
    as_of_day, longest = base.as_of.day, slots.longest
    matter = (
        f"SELECT d.lead_key, g.number, d.day, {as_of_day} - d.day AS age,"
        f" CASE WHEN d.n <= {MOST_A_DAY} THEN d.n ELSE error('{TOO_MANY}') END AS n"
        f" FROM signal_day AS d JOIN packed_signal AS g ON g.signal = d.signal AND d.day >= g.first_day"
        f" WHERE d.day <= {as_of_day}"
    )
    return f"({matter}) AS r JOIN packed_weight AS w ON w.place = r.number * {longest + 1} + least(r.age, {longest})"


def _sum_slots(engine: DuckDBEngine, base: Preparation, slots: LeadSlots) -> None:
    """Make `packed_lead`, and a table for each limit that spans days."""
    terms = []
    for index, place in slots.places.items():
        feature, unit = slots.plan.features[index], 1 << place.shift
        match feature:
            case Points(limit=limit):
                count = "n" if limit is None else f"least(n, {limit.count})"
                term = slots.weighed(index, count, _weight(slots, index))
            case Counted(_, window):
                term = f"{within('n', 'age', window)} * {unit}"
            case Days(_, window):
                term = f"{within('1', 'age', window)} * {unit}"
            case LastDay():
                raise AssertionError(feature)
        terms.append((index, f"CASE WHEN number = {_signal_of(slots, index)} THEN {term} ELSE 0 END"))
    columns = slots.slots(terms)
    columns += [
        f"MIN(CASE WHEN number = {_signal_of(slots, index)} THEN age END) AS age_{index}"
        for index, _ in slots.last_days
    ]
    listed = "".join(f", {column}" for column in columns)
    engine.make_table("packed_lead", f"SELECT lead_key{listed} FROM {_rows(base, slots)} GROUP BY lead_key")
    for index in slots.long_limits:
        engine.make_table(f"packed_long_{index}", _long_query(engine, base, slots, index))


def _long_query(engine: DuckDBEngine, base: Preparation, slots: LeadSlots, index: int) -> str:
    """Return the points of a criterion whose limit spans days: of each bucket the first events count, in day order."""
    limit = slots.points(index).limit
    assert limit is not None
    days = range(base.as_of.day - slots.day_count + 1, base.as_of.day + 1)
    calendar = f"packed_calendar_{limit.per}"
    engine.load(calendar, {"day": "BIGINT", "bucket": "BIGINT"}, [(day, bucket_of(day, limit.per)) for day in days])
    counted = (
        f"SELECT r.lead_key, n, w.*, SUM(n) OVER (PARTITION BY r.lead_key, c.bucket ORDER BY r.day"
        f" ROWS UNBOUNDED PRECEDING) AS so_far FROM {_rows(base, slots)}"
        f" JOIN {calendar} AS c ON c.day = r.day WHERE number = {_signal_of(slots, index)}"
    )
    picked = f"(least(so_far, {limit.count}) - least(so_far - n, {limit.count}))"
    worth = slots.weighed(index, picked, _weight(slots, index))
    return f"SELECT lead_key, CAST(SUM({worth}) AS BIGINT) AS points FROM ({counted}) AS counted GROUP BY lead_key"
