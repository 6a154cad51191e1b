"""`leadline compile`: a playbook as SQL for a warehouse of one's own.

Nothing is run here, and no data is needed; with inputs the types of fields are those of the data.
"""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from leadline.engine.calendar import day_number, get_zone
from leadline.engine.compiler.dialects import get_dialect
from leadline.engine.compiler.plan import Plan, make_plan
from leadline.engine.compiler.printed import print_query
from leadline.engine.compiler.sql import new_layout
from leadline.engine.expressions.nodes import Spells, terms_of
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import load_playbook
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem, ProblemsError
from leadline.engine.run import Inputs, open_run, read_as_of


def compile_sql(
    playbook: str | Path | Playbook,
    *,
    dialect: str,
    as_of: str | date | datetime,
    inputs: Inputs | None = None,
    contributions: bool = False,
    first_day: date | None = None,
) -> str:
    """Return the query that assesses all leads at one moment, in the SQL of a warehouse.

    Args:
        playbook: a file, or a playbook that was loaded.
        dialect: one of `leadline.engine.compiler.dialects.DIALECTS`, such as ``snowflake``.
        as_of: a date (all of that local day), or an instant with its offset (itself included).
        inputs: data that says which type a field has; without it, its use says so.
        contributions: also return what each criterion gives, as columns ``c_<criterion id>``.
        first_day: no event lies before it; left out, none before 1970. A later day makes the query shorter.

    Raises:
        ProblemsError: the playbook or an argument cannot be used, or the dialect cannot say what the playbook says.
    """
    from leadline import __version__

    chosen = get_dialect(dialect)
    if not isinstance(playbook, Playbook):
        playbook, _ = load_playbook(playbook)
    if inputs is None:
        bound, _ = bind_playbook(playbook)
    else:
        run = open_run(playbook, inputs)
        run.backend.close()
        bound = run.bound
    moment = read_as_of(as_of, get_zone(playbook.timezone))
    plan = make_plan(bound)
    if problems := list(_spells(plan)):
        raise ProblemsError(problems)
    return print_query(
        plan,
        new_layout(),
        moment,
        chosen,
        contributions=contributions,
        first_day=0 if first_day is None else day_number(first_day),
        version=__version__,
    )


def _spells(plan: Plan) -> Iterator[Problem]:
    """Refuse conditions that ask how many spells have ended: one query cannot go through time."""
    for clause in plan.clauses:
        if any(isinstance(term, Spells) for term in terms_of(plan.bound.test(clause))):
            message = "spells() counts what happened over time, which one query of a warehouse cannot tell; `leadline score` can."
            yield Problem(
                code="not-on-this-engine",
                message=message,
                where=clause.where,
                line=clause.line,
                file=plan.playbook.file,
            )


__all__ = ["compile_sql"]
