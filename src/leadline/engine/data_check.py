"""Checks a playbook against data: what only the values can show.

A mistyped text makes no error, only silence: the condition is never true. So texts that do not occur, conditions that hold
for nobody or for everybody, and event criteria that never forget are told as warnings. What names and types show is told by
playbook/check.py. tests/engine/test_data_check.py
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from leadline.engine.arithmetic import NoDecay
from leadline.engine.assess import prepare
from leadline.engine.backends.data_values import columns_and_facts, last_instant, text_keys
from leadline.engine.calendar import AsOf
from leadline.engine.compiler.plan import Plan, Signal, make_plan
from leadline.engine.compiler.signals import Layout
from leadline.engine.compiler.sql import count_clauses, count_matches, new_layout
from leadline.engine.expressions import nodes as n
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import load_playbook
from leadline.engine.playbook.model import Clause, EventCriterion, Playbook
from leadline.engine.problems import Problem, ProblemsError, suggest
from leadline.engine.run import Inputs, Run, open_run, read_as_of

_MOST_COMPARED = 5_000


def check(
    playbook: str | Path | Playbook,
    inputs: Inputs | None = None,
    *,
    as_of: str | date | datetime | None = None,
    backend: str = "duckdb",
) -> list[Problem]:
    """Return everything that is wrong or doubtful with a playbook, alone or against data. Never raises for a mistake in a file.

    Args:
        playbook: a file, or a playbook that was loaded.
        inputs: the data; left out, only what the file itself says is checked.
        as_of: the moment for which conditions are counted, but never later than the last one in the data, so that old data is
            not judged by today. Left out, that last moment.
        backend: as for `score`.
    """
    found: list[Problem] = []
    try:
        if not isinstance(playbook, Playbook):
            playbook, found = load_playbook(playbook)
        found += never_forgetting(playbook)
        if inputs is None:
            bound, warnings = bind_playbook(playbook)
            make_plan(bound)
            return found + warnings
        run = open_run(playbook, inputs, backend=backend)
        with closing(run.backend):
            found += run.warnings
            found += DataCheck(run=run, plan=make_plan(run.bound)).check(as_of)
    except ProblemsError as error:
        found += [one for one in error.problems if one not in found]
    return found


def never_forgetting(playbook: Playbook) -> Iterator[Problem]:
    """Warn of event criteria whose points stay for ever."""
    for criterion in playbook.criteria:
        if (
            isinstance(criterion, EventCriterion)
            and criterion.within_days is None
            and isinstance(criterion.decay, NoDecay)
        ):
            yield Problem(
                code="no-forgetting",
                message='An event of years ago counts like one of today: add decay, such as { half_life = "30d" }, or within.',
                where=f"criteria.{criterion.id}",
                file=playbook.file,
                line=criterion.line,
                severity="warning",
            )


@dataclass(kw_only=True)
class DataCheck:
    """One look at the data of an open run."""

    run: Run
    plan: Plan
    layout: Layout = field(default_factory=new_layout)
    known: dict[n.Field, set[str] | None] = field(default_factory=dict)

    def check(self, as_of: str | date | datetime | None) -> list[Problem]:
        """Return the warnings, in the order of the file's conditions."""
        return [*self.fields_not_in_data(), *self.values_not_in_data(), *self.conditions_that_decide_nothing(as_of)]

    def warn(self, code: str, clause: Clause, message: str) -> Problem:
        """Return a warning about a condition."""
        file = self.plan.playbook.file
        return Problem(code=code, message=message, where=clause.where, file=file, line=clause.line, severity="warning")

    # -- names and texts ----------------------------------------------------------------------------

    def fields_not_in_data(self) -> Iterator[Problem]:
        """Warn of fields that are declared and that no input carries."""
        playbook = self.plan.playbook
        for table, declared, prefix in (
            ("leads", playbook.lead_fields, ""),
            ("companies", playbook.company_fields, "company."),
        ):
            if table not in self.run.sources:
                continue
            there = columns_and_facts(self.run.backend, self.run.sources, table)  # type: ignore[arg-type]
            for name in declared:
                if name not in there:
                    message = f"The field '{prefix}{name}' is declared, but no input has it yet.{suggest(name, there)}"
                    where = f"fields.{prefix}{name}"
                    yield Problem(
                        code="field-not-in-data", message=message, where=where, file=playbook.file, severity="warning"
                    )

    def values_not_in_data(self) -> Iterator[Problem]:
        """Warn of texts in conditions that do not occur in the field that they are compared with."""
        for clause in self.plan.playbook.clauses():
            for part in conditions_in(self.run.bound.test(clause)):
                match part:
                    case n.Compare(n.Field(_, _, "text") as of, "=" | "<>", n.Literal() as literal):
                        yield from self.missing_texts(clause, of, [literal])
                    case n.Among(n.Field(_, _, "text") as of, literals, list_name):
                        yield from self.missing_texts(clause, of, literals, list_name)
                    case n.Has(of, literal):
                        yield from self.missing_texts(clause, of, [literal])
                    case _:
                        pass

    def missing_texts(
        self, clause: Clause, of: n.Field, literals: Iterable[n.Literal], list_name: str | None = None
    ) -> Iterator[Problem]:
        """Warn of the texts that do not occur; of a named list only when none of its texts does."""
        known = self.known_texts(of)
        if not known:
            return
        name = f"company.{of.name}" if of.scope == "company" else of.name
        literals = list(literals)
        missing = [str(one.value) for one in literals if one.value not in known]
        if list_name is not None:
            if len(missing) == len(literals):
                yield self.warn("value-not-in-data", clause, f"Nothing in the list '{list_name}' occurs in '{name}'.")
            return
        hints = {one: suggest(one, known) if len(known) <= _MOST_COMPARED else "" for one in missing}
        strange = [one for one in missing if "Did you mean" not in hints[one]]
        for one in missing:
            if one not in strange:
                yield self.warn("value-not-in-data", clause, f"'{one}' does not occur in '{name}'.{hints[one]}")
        if strange:
            listed = " and ".join(
                part for part in (", ".join(f"'{one}'" for one in strange[:-1]), f"'{strange[-1]}'") if part
            )
            occur = "does not occur" if len(strange) == 1 else "do not occur"
            yield self.warn("value-not-in-data", clause, f"{listed} {occur} in '{name}'.{hints[strange[0]]}")

    def known_texts(self, of: n.Field) -> set[str] | None:
        """Return the texts of a field; None when its table was not given."""
        if of not in self.known:
            run = self.run
            self.known[of] = text_keys(run.backend, run.sources, of, run.bound.spec_of(of), run.cells())
        return self.known[of]

    # -- truths ---------------------------------------------------------------------------------------

    def conditions_that_decide_nothing(self, as_of: str | date | datetime | None) -> Iterator[Problem]:
        """Warn of conditions that are true for nobody, or for everybody."""
        moment = self.moment(as_of)
        timeless = moment is None
        at = moment or self.run.zone.end_of_day(0)
        ready = prepare(self.run, self.plan, self.layout, at, events_are_unique=False, tell=lambda _what, _share: None)
        query, clauses = count_clauses(self.plan, self.layout, at, first_day=ready.first_day)
        ((*counts, leads),) = self.run.backend.fetch(query.sql("duckdb"))
        for index, clause in enumerate(clauses):
            if leads == 0 or (timeless and depends_on_time(self.run.bound.test(clause))):
                continue
            is_true, is_false = int(counts[2 * index]), int(counts[2 * index + 1])
            unknown = leads - is_true - is_false
            if is_true == 0:
                because = " (unknown for all)" if unknown == leads else f" (unknown for {unknown:,})" if unknown else ""
                yield self.warn("never-true", clause, f"True for none of {leads:,} leads{because}.")
            elif is_true == leads:
                yield self.warn("always-true", clause, f"True for all {leads:,} leads.")
        yield from self.events_that_match()

    def events_that_match(self) -> Iterator[Problem]:
        """Warn of conditions on events that no event meets, or every one."""
        asked = [
            (criterion, criterion.when)
            for criterion in self.plan.playbook.criteria
            if isinstance(criterion, EventCriterion) and criterion.when is not None
        ]
        if not asked or "events" not in self.run.sources:
            return
        signals = [
            Signal(criterion.events, condition)
            for criterion, when in asked
            for condition in (None, self.run.bound.test(when))
        ]
        ((*counts,),) = self.run.backend.fetch(count_matches(self.plan, self.layout, signals).sql("duckdb"))
        for index, (criterion, when) in enumerate(asked):
            named, matching = int(counts[2 * index] or 0), int(counts[2 * index + 1] or 0)
            names = " or ".join(f"'{name}'" for name in criterion.events)
            if named and not matching:
                yield self.warn("never-true", when, f"True for none of {named:,} events {names}.")
            elif named and named == matching:
                yield self.warn("always-true", when, f"True for all {named:,} events {names}.")

    def moment(self, as_of: str | date | datetime | None) -> AsOf | None:
        """Return the last moment in the data, or *as_of* when that is earlier; None when there is neither."""
        run = self.run
        asked = None if as_of is None else read_as_of(as_of, run.zone)
        last_us = last_instant(run.backend, run.sources, run.cells(), until_us=asked.until_us if asked else None)
        return asked if last_us is None else run.zone.end_of_day(run.zone.day_of(last_us))


def conditions_in(condition: n.Condition) -> Iterator[n.Condition]:
    """Yield a condition and all that it is made of, also the filters of counts."""
    yield condition
    for part in n.parts_of(condition):
        if isinstance(part, n.Condition):
            yield from conditions_in(part)
        elif isinstance(part, n.Count) and part.only is not None:
            yield from conditions_in(part.only)


def depends_on_time(condition: n.Condition) -> bool:
    """Return whether a condition asks how long ago something was."""
    return any(isinstance(term, n.DaysSinceField) for term in n.terms_of(condition))
