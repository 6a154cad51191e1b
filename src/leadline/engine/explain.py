"""Explains single leads: fetches what is known of them, assesses them with the reference, and says why.

The numbers are those of `score`: tests/engine/test_explain.py compares them lead by lead.
"""

import difflib
from collections.abc import Iterable
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

from leadline.engine.backends.rows_of_leads import ids_like, rows_of_leads
from leadline.engine.explanation.explain import explain as explain_assessment
from leadline.engine.explanation.model import Explanation
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem, ProblemsError, suggest
from leadline.engine.reference.assess import assess
from leadline.engine.reference.read import read_logs
from leadline.engine.run import Inputs, Run, open_run, read_as_of


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
    asked = [lead_ids] if isinstance(lead_ids, str) else list(dict.fromkeys(lead_ids))
    run = open_run(playbook, inputs, backend=backend, memory=memory)
    with closing(run.backend):
        moment = read_as_of(as_of, run.zone)
        tables = rows_of_leads(run.backend, run.sources, asked)
        logs = {log.lead_id: log for log in read_logs(run.bound, tables, naive_zone=run.naive_zone.name).logs}
        problems = [
            _missing(run, one, {str(row.get("lead_id")) for row in tables["leads"]}) for one in asked if one not in logs
        ]
    if problems:
        raise ProblemsError(problems)
    return [explain_assessment(run.bound, assess(run.bound, logs[one], moment, as_known=as_known)) for one in asked]


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
