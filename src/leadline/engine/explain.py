"""Explains single leads: fetches what is known of them, assesses them with the reference, and says why, what is missing, and what changed.

The numbers are those of `score`: tests/engine/test_explain.py compares them lead by lead.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import numpy as np

from leadline.engine.backends.rows_of_leads import ids_like, rows_of_leads
from leadline.engine.calendar import AsOf, Zone, get_zone
from leadline.engine.compiler.plan import make_plan
from leadline.engine.explanation.changes import what_changed
from leadline.engine.explanation.difference import Difference
from leadline.engine.explanation.explain import explain as explain_assessment
from leadline.engine.explanation.model import Explanation, Missing
from leadline.engine.lifecycle.history import assess_in_time, history, reads_spells
from leadline.engine.lifecycle.kept_out import kept_out
from leadline.engine.lifecycle.model import KeptOut
from leadline.engine.next_step.bulk import find_next_steps
from leadline.engine.next_step.find import next_level
from leadline.engine.next_step.model import NextStep
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem, ProblemsError, suggest
from leadline.engine.reference.assess import assess
from leadline.engine.reference.log import LeadLog
from leadline.engine.reference.read import read_logs
from leadline.engine.reference.result import Assessment
from leadline.engine.run import Inputs, Run, open_run, read_as_of
from leadline.engine.timeline.forecast import OpenSpell, find_open_spells
from leadline.engine.timeline.from_logs import known_from_logs


def explain(
    playbook: str | Path | Playbook,
    inputs: Inputs,
    lead_ids: str | Iterable[str],
    *,
    as_of: str | date | datetime,
    backend: str = "duckdb",
    memory: str | None = None,
    as_known: bool = False,
) -> list[Explanation]:
    """Say why some leads are assessed as they are, in the order in which they are asked for.

    Args:
        playbook: a file, or a playbook that was loaded.
        inputs: where the data is.
        lead_ids: whom to explain: one id, or several.
        as_of: a date (all of that local day), or an instant with its offset (itself included).
        backend: ``duckdb``, a ``postgresql://`` address, or ``spark``.
        memory: the most that DuckDB may use, such as ``1GB``.
        as_known: only what had arrived by the moment is there, as `score` has it.

    Raises:
        ProblemsError: the playbook, an input or an argument cannot be used, or there is no such lead.
    """
    read = _read(playbook, inputs, lead_ids, backend=backend, memory=memory)
    return read.explanations(read_as_of(as_of, read.zone), as_known=as_known)


def explain_change(
    playbook: str | Path | Playbook,
    inputs: Inputs,
    lead_ids: str | Iterable[str],
    *,
    as_of: str | date | datetime,
    since: str | date | datetime | None = None,
    against: str | Path | Playbook | None = None,
    backend: str = "duckdb",
    memory: str | None = None,
    as_known: bool = False,
) -> list[Difference]:
    """Say what changed about some leads: since another moment, under another playbook, or both.

    Args:
        playbook: a file, or a playbook that was loaded: the one that holds now.
        inputs: where the data is.
        lead_ids: whom to look at: one id, or several.
        as_of: the moment to look at, as in `explain`.
        since: the moment to compare with; left out, the same.
        against: the playbook to compare with; left out, the same.
        backend, memory, as_known: as in `explain`. With *as_known* each moment sees what had arrived by then.

    Raises:
        ProblemsError: a playbook, an input or an argument cannot be used, or there is no such lead.
    """
    read = _read(playbook, inputs, lead_ids, backend=backend, memory=memory)
    old = read if against is None else _read(against, inputs, lead_ids, backend=backend, memory=memory)
    moment = read_as_of(as_of, read.zone)
    compared = read_as_of(as_of, old.zone) if since is None else _read_since(since, old.zone)
    if compared.until_us > moment.until_us:
        message = f"{compared.text} lies after {moment.text}: name a moment before it."
        raise ProblemsError([Problem(code="bad-value", message=message, where="--since")])
    return [
        what_changed(
            assess_in_time(old.bound, log_before, compared, as_known=as_known),
            assess_in_time(read.bound, log, moment, as_known=as_known),
            bound=read.bound,
            bound_before=old.bound,
        )
        for log_before, log in zip(old.logs, read.logs, strict=True)
    ]


def _read_since(since: str | date | datetime, zone: Zone) -> AsOf:
    try:
        return read_as_of(since, zone)
    except ProblemsError as error:
        raise ProblemsError([replace(problem, where="--since") for problem in error.problems]) from None


@dataclass(frozen=True, slots=True)
class _Read:
    """A playbook and the logs of the leads that were asked for, in this order."""

    bound: BoundPlaybook
    logs: list[LeadLog]

    @property
    def zone(self) -> Zone:
        return get_zone(self.bound.playbook.timezone)

    def explanations(self, moment: AsOf, *, as_known: bool) -> list[Explanation]:
        plan, logs = make_plan(self.bound), self.logs
        known = known_from_logs(plan, logs, as_known=as_known)
        spells = find_open_spells(plan, known, moment, self.zone)
        ended = [ended_spells(self.bound, log, moment, as_known=as_known) for log in logs]
        is_in = {
            level.id: np.isin(range(len(logs)), [one.lead for one in spells if one.spell.qualification == level.id])
            for level in self.bound.playbook.qualifications
        }
        counts = {name: np.array([(one or {}).get(name, 0) for one in ended], dtype=np.int64) for name in plan.spells}
        steps = find_next_steps(plan, known, moment, open_spells=is_in, ended_before=counts)
        return [
            self.explain(
                assess(self.bound, log, moment, as_known=as_known, ended_spells=ended[place]),
                [one for one in spells if one.lead == place],
                steps[place],
                kept_out(self.bound.playbook, log, moment, as_known=as_known),
            )
            for place, log in enumerate(logs)
        ]

    def explain(
        self,
        assessment: Assessment,
        spells: Sequence[OpenSpell],
        step: NextStep | None,
        kept: Mapping[str, KeptOut],
    ) -> Explanation:
        missing = None
        level = next_level(self.bound, assessment, [one.spell.qualification for one in spells])
        if level is not None and assessment.excluded_by is None:
            missing = Missing(
                qualification=level.id,
                title=level.title,
                step=step,
                hand_raise=level.hand_raise,
                kept_out=kept.get(level.id),
            )
        return explain_assessment(
            self.bound,
            assessment,
            missing=missing,
            spells={one.spell.qualification: (one.spell.began_day, one.cools_day) for one in spells},
        )


def ended_spells(bound: BoundPlaybook, log: LeadLog, moment: AsOf, *, as_known: bool) -> dict[str, int] | None:
    """Return how many spells of each qualification had ended before a moment; None where no condition asks."""
    if not reads_spells(bound):
        return None
    found: dict[str, int] = {}
    for spell in history(bound, log, moment, as_known=as_known).spells:
        if spell.ended_us is not None and spell.ended_us < moment.until_us:
            found[spell.qualification] = found.get(spell.qualification, 0) + 1
    return found


def _read(
    playbook: str | Path | Playbook,
    inputs: Inputs,
    lead_ids: str | Iterable[str],
    *,
    backend: str,
    memory: str | None,
) -> _Read:
    """Read what is known of some leads.

    Raises:
        ProblemsError: something cannot be used, or there is no such lead.
    """
    asked = [lead_ids] if isinstance(lead_ids, str) else list(dict.fromkeys(lead_ids))
    run = open_run(playbook, inputs, backend=backend, memory=memory)
    with closing(run.backend):
        tables = rows_of_leads(run.backend, run.sources, asked)
        logs = {log.lead_id: log for log in read_logs(run.bound, tables, naive_zone=run.naive_zone.name).logs}
        problems = [
            _missing(run, one, {str(row.get("lead_id")) for row in tables["leads"]}) for one in asked if one not in logs
        ]
    if problems:
        raise ProblemsError(problems)
    return _Read(run.bound, [logs[one] for one in asked])


def _missing(run: Run, lead_id: str, refused: set[str]) -> Problem:
    leads = run.sources["leads"]
    if lead_id in refused:
        message = f"'{lead_id}' stands in several rows that differ, so none of them counts."
    else:
        message = f"There is no lead '{lead_id}'.{_suggest_lead(lead_id, ids_like(run.backend, leads, lead_id))}"
    return Problem(code="unknown-lead", message=message, file=leads.path)


def _suggest_lead(wanted: str, ids: list[str]) -> str:
    """Return the nearest id, whatever its case; or what ids look like."""
    by_small_letters = {one.lower(): one for one in reversed(ids)}
    nearest = difflib.get_close_matches(wanted.lower(), by_small_letters, n=1)
    return f" Did you mean '{by_small_letters[nearest[0]]}'?" if nearest else suggest(wanted, ids)
