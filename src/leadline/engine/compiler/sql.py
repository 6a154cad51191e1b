"""The whole query of a plan: one SELECT whose steps have names, from prepared tables to assessments.

It reads prepared tables (see preparation.py): lead_known, event_known or signal_day, outcome_known, weight. It is an
expression tree; a backend or `leadline compile` writes it down in its dialect.
"""

from dataclasses import dataclass

from sqlglot import exp

from leadline.engine.calendar import AsOf
from leadline.engine.compiler.assessment import (
    Assessing,
    add_contributions,
    add_known,
    add_lead_outcome,
    add_levels,
    add_reasons,
    add_scores,
    reads_outcomes,
    result_columns,
)
from leadline.engine.compiler.names import Names
from leadline.engine.compiler.plan import Plan
from leadline.engine.compiler.signals import (
    Layout,
    add_lead_event,
    add_part_days,
    add_wiped,
    day_count,
    day_count_from_rollup,
)
from leadline.engine.compiler.steps import Steps


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of the result. *what* is points (whole ten-thousandths), text or truth."""

    name: str
    what: str


@dataclass(frozen=True, slots=True)
class Query:
    """A query and what its columns mean."""

    tree: exp.Select
    columns: tuple[ResultColumn, ...]

    def sql(self, dialect: str, *, pretty: bool = False) -> str:
        """Return the query in a dialect."""
        return self.tree.sql(dialect=dialect, pretty=pretty)


def needs_events(plan: Plan) -> bool:
    """Return whether anything of a plan comes from events."""
    return bool(plan.features) or any(wipe.events for wipe in plan.wipes)


def compile_plan(
    plan: Plan,
    layout: Layout,
    as_of: AsOf,
    *,
    contributions: bool = False,
    from_rollup: bool = False,
    events_are_summed: bool = False,
    first_day: int = 0,
) -> Query:
    """Return the query that assesses all leads.

    Args:
        plan: what to compute.
        layout: the names of the columns of the prepared tables.
        as_of: the moment.
        contributions: also return what each criterion gives.
        from_rollup: read `signal_day` instead of the events, but for days of which a part counts.
        events_are_summed: `lead_event` is a prepared table already, made by a faster way than this query has.
        first_day: no event lies before this day.
    """
    steps = Steps()
    names = Assessing(plan, layout, as_of, steps)
    if plan.wipes:
        add_wiped(steps, plan)
    if from_rollup and plan.features:
        add_part_days(steps, plan, as_of)
    if plan.features and not events_are_summed:
        steps.add("day_count", day_count_from_rollup(plan, layout, as_of) if from_rollup else day_count(plan, layout))
        add_lead_event(steps, plan, layout, as_of, first_day)
    has_outcomes = reads_outcomes(plan)
    if has_outcomes:
        add_lead_outcome(steps, plan, names)
    add_known(names, has_events=bool(plan.features), has_outcomes=has_outcomes)
    add_contributions(names)
    add_levels(names, add_scores(names))
    source = add_reasons(names)
    found = result_columns(names, contributions=contributions)
    selected = [exp.alias_(value, name, quoted=True) for name, _, value in found]
    query = steps.query(exp.select(*selected).from_(source))
    return Query(query, tuple(ResultColumn(name, what) for name, what, _ in found))


def new_layout() -> Layout:
    """Return a fresh set of column names."""
    return Layout(Names())
