"""From events to what each lead's events come to: the steps `wiped`, `day_count`, `counted` and `lead_event`.

    event_known (lead_key, event, at_us, day, a column for each property that conditions read)
      → day_count  (lead_key, day, n_1 … : how often each signal occurred that day, after what wiped it)
      → lead_event (lead_key, a column for each feature)

`day_count` may also come from the daily roll-up, `signal_day (lead_key, signal, day, n)`; days of which only a part counts (the
day of the moment, days of resets) are then counted from the events.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from leadline.engine.arithmetic import Weights
from leadline.engine.calendar import AsOf, bucket_of, date_of, day_number
from leadline.engine.compiler.conditions import condition_sql, integer
from leadline.engine.compiler.names import Names
from leadline.engine.compiler.plan import ANY_EVENT, Counted, Days, LastDay, OutcomeWipe, Plan, Points, Signal, Wipe
from leadline.engine.compiler.steps import Steps, between_days, big, case, column, counted, least, or_zero, total
from leadline.engine.expressions import nodes as n

KEY = "lead_key"
_WEEK_SHIFT = 7 * 100_000  # keeps the remainder of a day's number from being negative


@dataclass(frozen=True, slots=True)
class Layout:
    """The names of the columns between the steps."""

    names: Names

    def tally(self, index: int) -> str:
        """Return the column with the count of a tally."""
        return f"n_{index + 1}"

    def feature(self, index: int) -> str:
        """Return the column of a feature."""
        return f"e_{index + 1}"

    def weight(self, index: int) -> str:
        """Return the column of the weights of a feature."""
        return f"w_{index + 1}"

    def property(self, field: n.Field) -> str:
        """Return the column of an event's property."""
        return self.names.of("p", field.name if field.kind == "text" else f"{field.name}_{field.kind}")

    def field(self, field: n.Field) -> str:
        """Return the column of a field of the lead or its company."""
        return self.names.of("company" if field.scope == "company" else "lead", field.name)


def has_event(names: Sequence[str]) -> exp.Expr:
    """Return whether an event has one of these names."""
    if ANY_EVENT in names:
        return exp.true()
    texts = [exp.Literal.string(name) for name in names]
    event = column("event")
    return exp.EQ(this=event, expression=texts[0]) if len(texts) == 1 else exp.In(this=event, expressions=texts)


def signal_sql(plan: Plan, layout: Layout, signal: int) -> exp.Expr:
    """Return whether a row of event_known is a signal; true or not, NULL counts as not."""
    return condition_of_signal(plan.signals[signal], layout)


def condition_of_signal(found: Signal, layout: Layout) -> exp.Expr:
    """Return the same for a signal that need not be one of a plan."""
    named = has_event(found.events)
    if found.only is None:
        return named

    def property_column(term: n.Term) -> exp.Expr:
        assert isinstance(term, n.Field)
        return column(layout.property(term))

    only = condition_sql(found.only, property_column)
    return only if ANY_EVENT in found.events else exp.and_(named, only, wrap=True)


def add_wiped(steps: Steps, plan: Plan) -> None:
    """Add the step with each lead's last reset, for every way in which scores are wiped: its moment and its day."""
    columns: list[exp.Expr] = [column(KEY)]
    for index, wipe in enumerate(plan.wipes):
        for name, value in ((f"wiped_us_{index + 1}", "at_us"), (f"wiped_day_{index + 1}", "day")):
            used = [(_is_wipe(0, wipe.events), column(value))] if wipe.events else []
            used += [(test, column(value)) for test in _wiping_outcomes(wipe)]
            columns.append(exp.alias_(exp.Max(this=case(used, None)), name))
    events = sorted({event for wipe in plan.wipes for event in wipe.events})
    outcomes = sorted({one.outcome for wipe in plan.wipes for one in wipe.outcomes})
    asks_reason = any(one.reasons for wipe in plan.wipes for one in wipe.outcomes)
    sources = []
    for kind, names, table, source in ((0, events, "event_known", "event"), (1, outcomes, "outcome_known", "outcome")):
        if names:
            texts = [exp.Literal.string(name) for name in names]
            listed: list[exp.Expr] = [
                column(KEY),
                column("at_us"),
                column("day"),
                exp.alias_(integer(kind), "kind"),
                exp.alias_(column(source), "name"),
            ]
            if asks_reason:
                nothing = exp.cast(exp.Null(), exp.DataType.Type.TEXT)
                listed.append(column("reason") if kind else exp.alias_(nothing, "reason"))
            sources.append(exp.select(*listed).from_(table).where(exp.In(this=column(source), expressions=texts)))
    wiping = sources[0] if len(sources) == 1 else exp.union(*sources, distinct=False)
    steps.add("wiping", wiping)
    steps.add("wiped", exp.select(*columns).from_("wiping").group_by(column(KEY)))


def _is_wipe(kind: int, names: Sequence[str]) -> exp.Expr:
    texts = [exp.Literal.string(name) for name in names]
    return exp.and_(
        exp.EQ(this=column("kind"), expression=integer(kind)), exp.In(this=column("name"), expressions=texts)
    )


def _wiping_outcomes(wipe: Wipe) -> list[exp.Expr]:
    """Return the conditions on a row of `wiping` under which it is an outcome that wipes."""
    always = [one.outcome for one in wipe.outcomes if not one.reasons]
    for_reasons = [one for one in wipe.outcomes if one.reasons]
    return [
        *([_is_wipe(1, always)] if always else []),
        *(exp.and_(_is_wipe(1, [one.outcome]), _is_for_reason(one), wrap=True) for one in for_reasons),
    ]


def _is_for_reason(wipe: OutcomeWipe) -> exp.Expr:
    listed: exp.Expr = exp.In(
        this=column("reason"), expressions=[exp.Literal.string(reason) for reason in wipe.reasons]
    )
    if not wipe.is_but:
        return listed
    return exp.paren(exp.or_(exp.Is(this=column("reason"), expression=exp.Null()), exp.Not(this=listed)))


def is_wiping_outcome(wipe: Wipe) -> exp.Expr:
    """Return the condition on a row of `outcome_known` under which it wipes; false where no outcome does."""
    tests: list[exp.Expr] = []
    for one in wipe.outcomes:
        named = exp.EQ(this=column("outcome"), expression=exp.Literal.string(one.outcome))
        tests.append(exp.and_(named, _is_for_reason(one), wrap=True) if one.reasons else named)
    return exp.or_(*tests) if tests else exp.false()


def day_count(plan: Plan, layout: Layout, *, only_days: exp.Expr | None = None) -> exp.Select:
    """Return the counts of every tally for each lead and day, from event_known. *only_days* restricts the rows."""
    columns: list[exp.Expr] = [column(KEY, "event_known"), column("day", "event_known")]
    for index, tally in enumerate(plan.tallies):
        condition = signal_sql(plan, layout, tally.signal)
        if tally.wipe is not None:
            condition = exp.and_(
                condition, _after_wipe(column("at_us", "event_known"), "wiped_us", tally.wipe), wrap=True
            )
        columns.append(exp.alias_(counted(condition), layout.tally(index)))
    query = exp.select(*columns).from_("event_known")
    if plan.wipes:
        query = query.join("wiped", on=_same_key("wiped", "event_known"), join_type="left")
    if plan.event_names is not None:
        query = query.where(has_event(plan.event_names))
    if only_days is not None:
        query = query.where(only_days)
    return query.group_by(column(KEY, "event_known"), column("day", "event_known"))


def _after_wipe(value: exp.Expr, kind: str, wipe: int) -> exp.Expr:
    wiped = column(f"{kind}_{wipe + 1}")
    return exp.paren(exp.or_(exp.Is(this=wiped, expression=exp.Null()), exp.GT(this=value, expression=wiped.copy())))


def _same_key(one: str, other: str) -> exp.Expr:
    return exp.EQ(this=column(KEY, one), expression=column(KEY, other))


def add_part_days(steps: Steps, plan: Plan, as_of: AsOf) -> None:
    """Add the step with the days of which only a part counts: days of wipes, and the day of the moment when it is an instant."""
    parts: list[exp.Select] = []
    for index in range(len(plan.wipes)):
        day = column(f"wiped_day_{index + 1}")
        query = exp.select(column(KEY), exp.alias_(day, "day")).from_("wiped")
        parts.append(query.where(exp.Not(this=exp.Is(this=day.copy(), expression=exp.Null()))))
    today = exp.select(column(KEY), column("day")).from_("event_known")
    today = today.where(exp.EQ(this=column("day"), expression=integer(as_of.day)))
    if not as_of.is_whole_day or not parts:
        # without wipes and with a whole day there are none; a step that is empty keeps the shape of the query
        parts.append(today if not as_of.is_whole_day else today.where(exp.false()))
    listed = parts[0] if len(parts) == 1 else exp.union(*parts, distinct=True)
    steps.add("part_day_listed", listed)
    steps.add("part_day", exp.select(column(KEY), column("day")).from_("part_day_listed").distinct())


def day_count_from_rollup(plan: Plan, layout: Layout, as_of: AsOf) -> exp.Query:
    """Return the same from signal_day, with the days of the step `part_day` taken from event_known."""
    last_whole_day = as_of.day if as_of.is_whole_day else as_of.day - 1
    zone = plan.playbook.timezone
    columns: list[exp.Expr] = [column(KEY, "signal_day"), column("day", "signal_day")]
    for index, tally in enumerate(plan.tallies):
        is_signal: exp.Expr = exp.EQ(this=column("signal"), expression=integer(plan.signals[tally.signal].key(zone)))
        if tally.wipe is not None:
            is_signal = exp.and_(is_signal, _after_wipe(column("day", "signal_day"), "wiped_day", tally.wipe))
        columns.append(exp.alias_(total(case([(is_signal, column("n"))], integer(0))), layout.tally(index)))
    keys = [integer(signal.key(zone)) for signal in plan.signals]
    query = (
        exp.select(*columns)
        .from_("signal_day")
        .join(
            "part_day",
            on=exp.and_(_same_key("part_day", "signal_day"), _same_day("part_day", "signal_day")),
            join_type="left",
        )
        .where(exp.Is(this=column(KEY, "part_day"), expression=exp.Null()))
        .where(exp.LTE(this=column("day", "signal_day"), expression=integer(last_whole_day)))
        .where(exp.In(this=column("signal"), expressions=keys))
    )
    if plan.wipes:
        query = query.join("wiped", on=_same_key("wiped", "signal_day"), join_type="left")
    query = query.group_by(column(KEY, "signal_day"), column("day", "signal_day"))
    return exp.union(query, day_count(plan, layout, only_days=_in_part_day()), distinct=False)


def _same_day(one: str, other: str) -> exp.Expr:
    return exp.EQ(this=column("day", one), expression=column("day", other))


def _in_part_day() -> exp.Expr:
    part = (
        exp.select(integer(1))
        .from_("part_day")
        .where(_same_key("part_day", "event_known"), _same_day("part_day", "event_known"))
    )
    return exp.Exists(this=part)


def add_lead_event(steps: Steps, plan: Plan, layout: Layout, as_of: AsOf, first_day: int) -> None:
    """Add the steps from day_count to lead_event: limits, weights, sums.

    *first_day*: no event lies before it; calendar buckets are listed from there.
    """
    source = _add_limits(steps, plan, layout, as_of, first_day)
    columns: list[exp.Expr] = [column(KEY, source)]
    weighed = []
    for index, feature in enumerate(plan.features):
        value: exp.Expr
        match feature:
            case Points():
                count: exp.Expr = column(
                    layout.feature(index) if _is_long_limit(feature) else layout.tally(feature.tally), source
                )
                if feature.limit is not None and feature.limit.per == "day":
                    count = least(count, integer(feature.limit.count))
                if feature.weights.horizon is None:
                    value = total(exp.Mul(this=count, expression=integer(feature.weights.after)))
                else:
                    weighed.append(index)
                    value = total(exp.Mul(this=count, expression=or_zero(column(layout.weight(index), "weight"))))
            case Counted(tally, window):
                value = total(_in_window(column(layout.tally(tally), source), window, as_of))
            case Days(tally, window):
                any_event = case([(_is_some(layout, tally, source), integer(1))], integer(0))
                value = total(_in_window(any_event, window, as_of))
            case LastDay(tally):
                value = exp.Max(this=case([(_is_some(layout, tally, source), column("day", source))], None))
        columns.append(exp.alias_(value, layout.feature(index)))
    query = exp.select(*columns).from_(source)
    if weighed:
        age = exp.Sub(this=integer(as_of.day), expression=column("day", source))
        query = query.join("weight", on=exp.EQ(this=column("age", "weight"), expression=age), join_type="left")
    steps.add("lead_event", query.group_by(column(KEY, source)))


def _is_some(layout: Layout, tally: int, source: str) -> exp.Expr:
    return exp.GT(this=column(layout.tally(tally), source), expression=integer(0))


def _in_window(value: exp.Expr, window: int | None, as_of: AsOf) -> exp.Expr:
    if window is None:
        return value
    return case([(between_days(column("day"), as_of.day - window + 1, None), value)], integer(0))


def _is_long_limit(feature: Points) -> bool:
    return feature.limit is not None and feature.limit.per != "day"


def _add_limits(steps: Steps, plan: Plan, layout: Layout, as_of: AsOf, first_day: int) -> str:
    """Add the steps for limits over more than a day: of each bucket the first events count, in day order."""
    long = [(index, one) for index, one in enumerate(plan.features) if isinstance(one, Points) and _is_long_limit(one)]
    if not long:
        return "day_count"
    calendar = any(one.limit and one.limit.per in ("month", "quarter", "year") for _, one in long)
    source = "day_count"
    if calendar:
        steps.add("month", _months(first_day, as_of.day))
        on = exp.and_(
            exp.GTE(this=column("day", "day_count"), expression=column("first_day", "month")),
            exp.LTE(this=column("day", "day_count"), expression=column("last_day", "month")),
        )
        star = exp.Column(this=exp.Star(), table=exp.to_identifier("day_count"))
        buckets = [column(f"of_{per}", "month") for per in ("month", "quarter", "year")]
        source = steps.add("day_count_of_month", exp.select(star, *buckets).from_("day_count").join("month", on=on))
    columns = {}
    for index, feature in long:
        assert feature.limit is not None
        tally = column(layout.tally(feature.tally))
        so_far = exp.Window(
            this=exp.Sum(this=tally),
            partition_by=[column(KEY), *_bucket(feature.limit.per)],
            order=exp.Order(expressions=[exp.Ordered(this=column("day"), nulls_first=False)]),
            spec=exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"),
        )
        cap = integer(feature.limit.count)
        before = exp.Sub(this=big(so_far.copy()), expression=tally.copy())
        columns[layout.feature(index)] = exp.Sub(this=least(big(so_far), cap), expression=least(before, cap.copy()))
    return steps.extend("counted", source, columns)


def _bucket(per: str) -> list[exp.Expr]:
    if per == "ever":
        return []
    if per == "week":  # from Monday: 1970-01-01 was a Thursday
        shifted = exp.Add(this=column("day"), expression=integer(3 + _WEEK_SHIFT))
        return [exp.Sub(this=shifted, expression=exp.Mod(this=exp.paren(shifted.copy()), expression=integer(7)))]
    return [column(f"of_{per}")]


def _months(first_day: int, last_day: int) -> exp.Query:
    """Return the calendar months from one day to another: first and last day, and the month, quarter and year they are in."""
    rows = []
    first = date_of(first_day).replace(day=1)
    while day_number(first) <= last_day:
        following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        start = day_number(first)
        buckets = [bucket_of(start, per) for per in ("month", "quarter", "year")]
        rows.append([start, day_number(following) - 1, *buckets])
        first = following
    return table_of(["first_day", "last_day", "of_month", "of_quarter", "of_year"], rows)


def table_of(names: Sequence[str], rows: Sequence[Sequence[int]]) -> exp.Select:
    """Return a small table of whole numbers as a query."""
    tuples = [
        exp.Tuple(expressions=[big(integer(cell)) if number == 0 else integer(cell) for cell in row])
        for number, row in enumerate(rows)
    ]
    values = exp.Values(
        expressions=tuples,
        alias=exp.TableAlias(this=exp.to_identifier("listed"), columns=[exp.to_identifier(name) for name in names]),
    )
    return exp.select(*(column(name) for name in names)).from_(values)


def weight_table_columns(plan: Plan, layout: Layout) -> dict[str, Weights]:
    """Return the weights of the features that fade, by their column in the table `weight (age, …)`."""
    return {
        layout.weight(index): feature.weights
        for index, feature in enumerate(plan.features)
        if isinstance(feature, Points) and feature.weights.horizon is not None
    }


def weight_rows(plan: Plan, layout: Layout, *, longest: int | None = None) -> tuple[list[str], list[list[int]]]:
    """Return the columns and rows of the table `weight`, one row for each age that is worth something to some criterion."""
    columns = weight_table_columns(plan, layout)
    length = max((len(weights.table) for weights in columns.values()), default=0)
    length = length if longest is None else min(length, longest)
    rows = [[age, *(weights.at(age) for weights in columns.values())] for age in range(length)]
    return ["age", *columns], rows
