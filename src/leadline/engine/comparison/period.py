"""The stretch of time that is looked at, and to when outcomes are known, where nobody says so.

Without a first day it begins with the first thing that is dated; it never goes on after the last one, so that old data is not judged
by today: a lead whose time to reach an outcome ends after the data does is not mature. tests/engine/comparison/test_period.py guards it.
"""

from contextlib import closing
from datetime import date

from leadline.engine.backends.data_values import last_instant
from leadline.engine.backends.first_moment import first_instant
from leadline.engine.backends.open import open_backend
from leadline.engine.calendar import date_of, day_number, get_zone
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem, ProblemsError
from leadline.engine.reference.cells import CellReader
from leadline.engine.replay.model import Replay
from leadline.engine.run import Inputs, get_naive_zone

Day = str | date


def find_period(
    playbook: Playbook,
    inputs: Inputs,
    *,
    start: Day | None = None,
    end: Day,
    backend: str = "duckdb",
    memory: str | None = None,
) -> tuple[Day, Day]:
    """Return the first and the last day to look at; what is no date stays as it is, and `replay` tells it.

    Args:
        playbook: in whose zone days are counted.
        inputs: where the data is.
        start: the first day, or None: that of the first dated row.
        end: the last day; that of the last dated row, where it is earlier.
        backend, memory: as for `replay`.
    """
    if backend == "spark":
        return start or end, end  # `replay` says that it does not run there; no machine is started to find that out
    zone, naive_zone = get_zone(playbook.timezone), get_naive_zone(inputs.naive_zone)
    with closing(open_backend(backend, memory=memory)) as engine:
        sources = engine.read(inputs.paths(), Rejects())
        cells = CellReader(zone=zone, naive_zone=naive_zone)
        first = first_instant(engine, sources, cells)
        last = None if first is None else last_instant(engine, sources, cells, until_us=None)
    try:
        until = day_number(end if isinstance(end, date) else date.fromisoformat(end.strip()))
    except ValueError:
        return start or end, end
    if first is None:
        return start or end, end
    until = min(until, zone.day_of(first if last is None else max(first, last)))
    begins: Day = date_of(min(zone.day_of(first), until)) if start is None else start
    return begins, date_of(until)


def known_until(replayed: Replay, outcomes_to: int | None) -> int:
    """Return the last day of which outcomes are known: as somebody says, else the day of the last one, and at most the last day."""
    if outcomes_to is not None:
        return outcomes_to
    zone = get_zone(replayed.playbook.timezone)
    days = [zone.day_of(reported[-1].at_us) for reported in replayed.outcomes.values() if reported]
    return min(replayed.end.day, max(days, default=replayed.end.day))


def read_hindsight(horizon_days: int, outcomes_to: Day | None) -> int | None:
    """Return the last day of which outcomes are known, where somebody says so; refuse what cannot be used, before any work.

    Raises:
        ProblemsError: *horizon_days* is not above 0, or *outcomes_to* is no date.
    """
    problems = []
    if horizon_days <= 0:
        message = f"The horizon is {horizon_days} days: it must be at least one."
        problems.append(Problem(code="bad-value", message=message, where="--horizon"))
    found: int | None = None
    try:
        if outcomes_to is not None:
            found = day_number(
                outcomes_to if isinstance(outcomes_to, date) else date.fromisoformat(outcomes_to.strip())
            )
    except ValueError:
        message = f"'{outcomes_to}' is no date: write one such as 2026-03-01."
        problems.append(Problem(code="bad-value", message=message, where="--outcomes-to"))
    if problems:
        raise ProblemsError(problems)
    return found


def check_zones(old: Playbook, new: Playbook) -> None:
    """Refuse two versions whose days begin at different moments: they have no period in common.

    Raises:
        ProblemsError: the time zones differ.
    """
    if old.timezone != new.timezone:
        message = (
            f"The old version counts days in {old.timezone}, the new one in {new.timezone}, so they have no days in common."
            f" Give both the same timezone to see what else differs."
        )
        raise ProblemsError([Problem(code="bad-value", message=message, where="playbook.timezone", file=new.file)])
