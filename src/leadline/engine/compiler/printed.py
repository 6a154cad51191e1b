"""A plan as one query that a person can read and run in a warehouse: steps with names, and a header that says what it reads.

Weights stand in the query. What it reads is prepared by whoever runs it, as the header describes: texts as keys, times as
microseconds and days, so that no warehouse folds case or knows a time zone.
"""

import re
from collections.abc import Iterator

from sqlglot import exp

from leadline.engine.calendar import AsOf, date_of
from leadline.engine.compiler.assessment import reads_outcomes
from leadline.engine.compiler.dialects import Dialect, write_sql
from leadline.engine.compiler.plan import Plan
from leadline.engine.compiler.signals import Layout, table_of, weight_rows
from leadline.engine.compiler.sql import ResultColumn, compile_plan, needs_events
from leadline.engine.expressions.nodes import Field

_KINDS = {
    "text": "text      a text key",
    "number": "double    the number",
    "boolean": "boolean",
    "day": "bigint    days from 1970-01-01 to the local day",
    "list": "text      the text keys of its entries, sorted, each once, with the sign U+001F before, between and after them",
}
STEPS = {
    "weight": "what an event of an age in days is worth to each criterion that fades",
    "wiping": "events and outcomes that wipe scores",
    "wiped": "the last of them, for each lead",
    "day_count": "how often each signal occurred, for each lead and day",
    "month": "calendar months, quarters and years",
    "day_count_of_month": "day_count with the months that its days lie in",
    "counted": "what limits over more than a day let through",
    "lead_event": "what the events of a lead come to",
    "outcome_ranked": "outcomes, the latest first",
    "lead_outcome": "the latest decision and deal of a lead",
    "known": "all that is known of a lead",
    "truth": "what conditions on facts come to",
    "contribution": "what each criterion gives",
    "scored": "scores, and how far they could go",
    "levelled": "grades, answers, personas, exclusions",
    "answered": "how many questions are answered yes",
    "assessed": "qualifications",
}


def print_query(
    plan: Plan,
    layout: Layout,
    as_of: AsOf,
    dialect: Dialect,
    *,
    contributions: bool = False,
    first_day: int = 0,
    version: str = "",
) -> str:
    """Return the query of a plan in a dialect, with its header.

    Raises:
        ProblemsError: the dialect cannot say something that the plan needs.
    """
    query = compile_plan(plan, layout, as_of, contributions=contributions, first_day=first_day)
    tree = _with_weights(query.tree, plan, layout, as_of, first_day)
    renamed = _rename(tree, query.columns, dialect)
    sql = write_sql(tree, dialect)
    header = [*_say_what(plan, as_of, dialect, version), *_say_inputs(plan, layout, first_day), *_say_steps(tree)]
    header += [f"{name} is called {new} here." for name, new in renamed.items()]
    return "\n".join(f"-- {line}".rstrip() for line in header) + f"\n\n{sql};\n"


def _with_weights(tree: exp.Select, plan: Plan, layout: Layout, as_of: AsOf, first_day: int) -> exp.Select:
    """Return the query with the weights as its first step."""
    names, rows = weight_rows(plan, layout, longest=as_of.day - first_day + 1)
    if len(names) == 1:
        return tree.copy()
    rows = rows or [[0] * len(names)]  # nothing is worth anything at any age
    found = tree.copy().with_("weight", as_=table_of(names, rows), copy=False)
    steps = found.args["with_"].expressions
    steps.insert(0, steps.pop())
    return found


def _rename(tree: exp.Select, columns: tuple[ResultColumn, ...], dialect: Dialect) -> dict[str, str]:
    """Give the columns of the result names that the dialect takes; return those that are new."""
    taken: set[str] = set()
    renamed = {}
    for selected, column in zip(tree.expressions, columns, strict=True):
        plain = re.sub(r"[^A-Za-z0-9_]", "_", column.name) if dialect.plain_names else column.name
        chosen = _cut(plain, dialect.longest_name)
        number = 1
        while chosen.lower() in taken:
            number += 1
            chosen = f"{_cut(plain, dialect.longest_name - 4)}_{number}"
        taken.add(chosen.lower())
        if chosen != column.name:
            selected.set("alias", exp.to_identifier(chosen, quoted=True))
            renamed[column.name] = chosen
    return renamed


def _cut(name: str, most_bytes: int) -> str:
    return name.encode()[:most_bytes].decode(errors="ignore")


# -- the header ------------------------------------------------------------------------------------------------


def _say_what(plan: Plan, as_of: AsOf, dialect: Dialect, version: str) -> Iterator[str]:
    playbook = plan.playbook
    yield f"The playbook {' '.join(playbook.name.split())} as one query, in the SQL of {dialect.title}."
    yield f"as of {as_of.text}, days of {playbook.timezone}; plan {plan.hash[:16]}" + (
        f"; written by leadline {version}" if version else ""
    )
    yield ""
    yield "It returns one row for each lead, in no order. Scores and contributions are whole ten-thousandths of a point"
    yield "(250000 is 25 points), coverage is in ten-thousandths. Texts are compared byte by byte: use no collation that"
    yield "disregards case. Another day has another query, since ages and weights are counted from this one."
    yield from dialect.notes
    yield ""


def _say_inputs(plan: Plan, layout: Layout, first_day: int) -> Iterator[str]:
    yield "It reads these tables, which you prepare. A text key is a text in NFC, case folded, in NFC again, and without"
    yield "spaces at its ends; a text of nothing else, and any value that does not fit, is NULL. Dated facts known at the"
    yield "moment come before columns."
    yield ""
    yield "lead_known: one row for each lead"
    yield from _columns(
        [
            ("lead_key", "bigint    or text: what tells leads apart inside"),
            ("lead_id", "text      as written"),
            *((layout.field(field), _say_field(field)) for field in (*plan.lead_fields, *plan.company_fields)),
        ]
    )
    if needs_events(plan):
        yield ""
        yield "event_known: the events up to the moment; each event_id once, none by bots"
        rows = [
            ("lead_key", "as in lead_known"),
            ("event", "text      the name as written"),
            ("at_us", "bigint    microseconds since 1970-01-01 in UTC"),
            ("day", f"bigint    days from 1970-01-01 to its local day; none before {date_of(first_day)}"),
        ]
        yield from _columns(rows + [(layout.property(field), _say_field(field)) for field, _ in plan.event_properties])
    if reads_outcomes(plan) or any(wipe.outcomes for wipe in plan.wipes):
        yield ""
        yield "outcome_known: the outcomes up to the moment; each outcome_id once"
        yield from _columns(
            [
                ("lead_key", "as in lead_known"),
                ("outcome", "text      the name as written"),
                ("reason", "text      a text key"),
                ("at_us", "bigint    microseconds since 1970-01-01 in UTC"),
                ("day", "bigint    days from 1970-01-01 to its local day"),
            ]
        )
    yield ""


def _columns(rows: list[tuple[str, str]]) -> Iterator[str]:
    width = max(len(name) for name, _ in rows)
    return (f"    {name:{width}}  {what}" for name, what in rows)


def _say_field(field: Field) -> str:
    place = {"lead": "", "company": "company.", "event": ""}[field.scope]
    return f"{_KINDS[field.kind]} ({place}{' '.join(field.name.split())})"


def _say_steps(tree: exp.Select) -> Iterator[str]:
    names = [step.alias for step in tree.find_all(exp.CTE)]
    width = max(map(len, names), default=0)
    yield "Its steps:"
    for name in [step.alias for step in tree.args["with_"].expressions]:
        what = STEPS.get(name) or (
            "sums of scores" if name.startswith("summed") else "the contributions that are largest"
        )
        yield f"    {name:{width}}  {what}"
