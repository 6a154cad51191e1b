"""The whole query of a plan: one SELECT whose steps have names, from prepared tables to assessments.

It reads prepared tables (see preparation.py): lead_known, event_known or signal_day, outcome_known, weight. It is an
expression tree; a backend or `leadline compile` writes it down in its dialect.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from leadline.engine.calendar import AsOf
from leadline.engine.compiler.assessing import Assessing
from leadline.engine.compiler.assessment import (
    add_contributions,
    add_known,
    add_lead_outcome,
    add_levels,
    add_scores,
    reads_outcomes,
    result_columns,
)
from leadline.engine.compiler.conditions import condition_sql, integer
from leadline.engine.compiler.names import Names
from leadline.engine.compiler.plan import Plan, Signal
from leadline.engine.compiler.reasons import add_reasons
from leadline.engine.compiler.signals import (
    Layout,
    add_lead_event,
    add_part_days,
    add_wiped,
    condition_of_signal,
    day_count,
    day_count_from_rollup,
)
from leadline.engine.compiler.steps import Steps, case
from leadline.engine.playbook.model import Clause


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
    names = Assessing(plan, layout, as_of, Steps())
    _add_lead_event(names, from_rollup=from_rollup, events_are_summed=events_are_summed, first_day=first_day)
    _add_assessed(names)
    source = add_reasons(names)
    found = result_columns(names, contributions=contributions)
    selected = [exp.alias_(value, name, quoted=True) for name, _, value in found]
    query = names.steps.query(exp.select(*selected).from_(source))
    return Query(query, tuple(ResultColumn(name, what) for name, what, _ in found))


def _add_lead_event(names: Assessing, *, from_rollup: bool, events_are_summed: bool, first_day: int) -> None:
    plan, layout, steps = names.plan, names.layout, names.steps
    if plan.wipes:
        add_wiped(steps, plan)
    if from_rollup and plan.features:
        add_part_days(steps, plan, names.as_of)
    if plan.features and not events_are_summed:
        counts = day_count_from_rollup(plan, layout, names.as_of) if from_rollup else day_count(plan, layout)
        steps.add("day_count", counts)
        add_lead_event(steps, plan, layout, names.as_of, first_day)


def _add_assessed(names: Assessing) -> None:
    has_outcomes = reads_outcomes(names.plan)
    if has_outcomes:
        add_lead_outcome(names.steps, names.plan, names)
    add_known(names, has_events=bool(names.plan.features), has_outcomes=has_outcomes)
    add_contributions(names)
    add_levels(names, add_scores(names))


def count_clauses(
    plan: Plan, layout: Layout, as_of: AsOf, *, first_day: int, events_are_summed: bool = False
) -> tuple[exp.Select, tuple[Clause, ...]]:
    """Return a query of one row: for how many leads each condition is true, and for how many it is false; all leads last.

    The conditions come with it, in the order of the columns. For what remains a condition is unknown.
    """
    names = Assessing(plan, layout, as_of, Steps())
    _add_lead_event(names, from_rollup=False, events_are_summed=events_are_summed, first_day=first_day)
    _add_assessed(names)
    counts: list[exp.Expression] = []
    for clause in plan.clauses:
        truth = names.truth(clause) if clause.place == "facts" else condition_sql(plan.bound.test(clause), names.term)
        is_false = exp.Not(this=exp.paren(truth.copy()))
        counts += [exp.Sum(this=case([(exp.paren(one), integer(1))], integer(0))) for one in (truth, is_false)]
    counts.append(exp.Count(this=exp.Star()))
    named = [exp.alias_(count, f"n_{index}") for index, count in enumerate(counts)]
    return names.steps.query(exp.select(*named).from_("assessed")), plan.clauses


def count_matches(plan: Plan, layout: Layout, asked: Sequence[Signal]) -> exp.Select:
    """Return a query of one row: how many events each signal has, of those that count (`event_known`)."""
    counts = [exp.Sum(this=case([(condition_of_signal(one, layout), integer(1))], integer(0))) for one in asked]
    return exp.select(*(exp.alias_(count, f"n_{index}") for index, count in enumerate(counts))).from_("event_known")


def new_layout() -> Layout:
    """Return a fresh set of column names."""
    return Layout(Names())
