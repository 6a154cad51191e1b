"""Reads a daily roll-up in place of the events: `signal_day`, and whether some days are needed from the events all the same."""

from dataclasses import dataclass

from leadline.engine.backends.preparation import Preparation
from leadline.engine.backends.rollup_file import Rollup
from leadline.engine.compiler.plan import Signal
from leadline.engine.compiler.signals import is_wiping_outcome
from leadline.engine.problems import Problem, ProblemsError


@dataclass(frozen=True, slots=True)
class RollupUse:
    """What reading a roll-up needs: its first day, and whether events are read for days of which a part counts."""

    first_day: int
    reads_events: bool


def attach_rollup(base: Preparation, rollup: Rollup) -> RollupUse:
    """Make the view `signal_day` of a roll-up.

    Raises:
        ProblemsError: it lacks a signal of the plan, or events are needed and were not given.
    """
    _refuse_what_it_lacks(base, rollup)
    base.engine.make_view(
        "signal_day",
        f"SELECT CAST(s.lead_id AS {base.key_type}) AS lead_key, s.signal, CAST(s.day AS BIGINT) AS day,"
        f" CAST(s.n AS BIGINT) AS n FROM {rollup.relation} AS s",
    )
    needs = list(_what_needs_events(base))
    if needs and "events" not in base.sources:
        message = f"The roll-up holds whole days only, and {needs[0]}. Give the events too (--events)."
        raise ProblemsError([Problem(code="roll-up", message=message, file=rollup.path)])
    ((first_day,),) = base.engine.fetch(f"SELECT MIN(s.day) AS day FROM {rollup.relation} AS s")
    return RollupUse(first_day=base.as_of.day if first_day is None else int(first_day), reads_events=bool(needs))


def _refuse_what_it_lacks(base: Preparation, rollup: Rollup) -> None:
    zone = base.plan.playbook.timezone
    if rollup.head.zone != zone:
        message = f"Its days are those of {rollup.head.zone}, the playbook's those of {zone}: build it anew with this playbook."
        raise ProblemsError([Problem(code="roll-up", message=message, file=rollup.path)])
    wiping = [Signal((event,), None) for wipe in base.plan.wipes for event in wipe.events]
    lacking = [one for one in dict.fromkeys((*base.plan.signals, *wiping)) if one.key(zone) not in rollup.head.signals]
    problems = [
        Problem(
            code="roll-up",
            message=f"It does not count '{' or '.join(one.events)}' as this playbook asks for it: extend it with"
            " `leadline rollup PLAYBOOK --events F --out ROLLUP --extend`.",
            file=rollup.path,
        )
        for one in lacking
    ]
    if problems:
        raise ProblemsError(problems)


def _what_needs_events(base: Preparation):  # type: ignore[no-untyped-def]
    """Yield why days are needed from the events."""
    zone, as_of = base.plan.playbook.timezone, base.as_of
    if not as_of.is_whole_day:
        yield f"{as_of.text} is a moment within one"
    for wipe in base.plan.wipes:
        keys = ", ".join(str(Signal((event,), None).key(zone)) for event in wipe.events)
        if keys and base.engine.fetch(
            f"SELECT 1 AS one FROM signal_day WHERE signal IN ({keys}) AND day <= {as_of.day} LIMIT 1"
        ):
            yield f"a score is wiped by {' or '.join(wipe.events)} within one"
        is_wiping = is_wiping_outcome(wipe).sql("duckdb")
        if wipe.outcomes and base.engine.fetch(f"SELECT 1 AS one FROM outcome_known WHERE {is_wiping} LIMIT 1"):
            yield f"a score is wiped by the outcome {' or '.join(one.outcome for one in wipe.outcomes)} within one"
