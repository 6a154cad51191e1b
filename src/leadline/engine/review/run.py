"""The review of a playbook against data: replays it, as written and with other half-lives, and judges its criteria.

One replay with its spells, and one without for each half-life that is tried. Where outcomes have no time, every lead is assessed once.
tests/engine/review/test_run.py
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Literal

from leadline.engine.backends.data_values import last_instant
from leadline.engine.backends.first_moment import first_instant
from leadline.engine.backends.undated import OutcomeTimes, outcome_times
from leadline.engine.calendar import Zone, date_of, day_number, get_zone
from leadline.engine.playbook.load import load_playbook
from leadline.engine.playbook.model import EventCriterion, Playbook
from leadline.engine.problems import Problem, ProblemsError, suggest
from leadline.engine.replay.model import Replay
from leadline.engine.replay.run import replay
from leadline.engine.review.from_replay import review_once, review_replay
from leadline.engine.review.half_lives import TRIED, decay_of, say_half_life, with_decay
from leadline.engine.review.model import Review
from leadline.engine.review.observations import UNWANTED, closing_outcomes
from leadline.engine.run import Inputs, Progress, open_run, read_as_of

Every = Literal["day", "week", "month"]


def review(  # noqa: PLR0913 - a run has that many settings, and each has a default but the first three
    playbook: str | Path | Playbook,
    inputs: Inputs,
    *,
    outcome: str = "won",
    horizon_days: int = 90,
    start: str | date | None = None,
    end: str | date,
    every: Every = "month",
    once: bool | None = None,
    half_lives: bool = True,
    outcomes_to: str | date | None = None,
    backend: str = "duckdb",
    memory: str | None = None,
    events_are_unique: bool = False,
    as_known: bool = False,
    progress: Progress | None = None,
) -> Review:
    """Say of every criterion of a playbook whether it earns its place, by what became of the leads.

    Args:
        playbook: a file, or a playbook that was loaded.
        inputs: where the data is, with outcomes.
        outcome: what is hoped for, such as ``won`` or ``opportunity``.
        horizon_days: how long after a moment it counts, in local days, above 0.
        start, end: the first and the last day, both included; without *start*, the day of the first thing that is dated. Days after
            the last one of which anything is known are left out, so that old data is not judged by today.
        every: at the end of each day, week or month a lead is looked at.
        once: look at every lead one time, at *end*, and take the outcome as ever reported, also without a time. Left out, that is
            done where no such outcome has a time.
        half_lives: whether to try other half-lives, at the cost of a replay each.
        outcomes_to: the last day of which outcomes are known; left out, the day of the last outcome in the data, and at most *end*.
        backend, memory, events_are_unique, as_known: as for `replay`.
        progress: told what is being done.

    Raises:
        ProblemsError: the playbook, an input or an argument cannot be used; nobody reached the outcome.

    Returns:
        The review; `to_dict` gives it as values that JSON knows.
    """
    tell = progress or (lambda _what, _share: None)
    loaded = playbook if isinstance(playbook, Playbook) else load_playbook(playbook)[0]
    _check(loaded, inputs, outcome, horizon_days)
    zone = get_zone(loaded.timezone)
    times, dated = _look(loaded, inputs, backend=backend, memory=memory)

    def replayed(version: Playbook, *, first: date | str, last: date | str, interval: Every, spells: bool) -> Replay:
        return replay(
            version,
            inputs,
            start=first,
            end=last,
            every=interval,
            spells=spells,
            details=True,
            as_known=as_known,
            backend=backend,
            memory=memory,
            events_are_unique=events_are_unique,
        )

    names = {*times.undated, *times.dated}
    if outcome not in names:
        raise ProblemsError([_nobody(outcome, names, inputs)])
    start, end = _period(start, end, dated)
    if once or (once is None and outcome not in times.dated):
        tell("Assessing leads", None)
        only = replayed(loaded, first=end, last=end, interval="day", spells=False)
        reached = set(times.undated.get(outcome, ()))
        reached |= {lead for lead, said in only.outcomes.items() if any(one.outcome == outcome for one in said)}
        return review_once(only, outcome=outcome, reached=reached)

    tell("Replaying the playbook", 0.0)
    written = replayed(loaded, first=start, last=end, interval=every, spells=bool(loaded.qualifications))

    def others() -> Iterator[tuple[int | None, Replay]]:
        for number, days in enumerate(reversed(TRIED)):
            tell(f"Trying half-lives: {say_half_life(days)}", 0.3 + 0.7 * number / len(TRIED))
            version = with_decay(loaded, decay_of(days))
            yield days, replayed(version, first=start, last=end, interval=every, spells=False)

    tries = half_lives and any(isinstance(criterion, EventCriterion) for criterion in loaded.criteria)
    tell("Judging criteria", 0.3)
    concerned = {outcome, *closing_outcomes(outcome)}
    return review_replay(
        written,
        outcome=outcome,
        horizon_days=horizon_days,
        until_us=_known_until(written, outcomes_to, zone),
        undated=[lead for name, leads in times.undated.items() if name in concerned for lead in leads],
        half_lives=others() if tries else (),
    )


def _check(playbook: Playbook, inputs: Inputs, outcome: str, horizon_days: int) -> None:
    problems = []
    if inputs.outcomes is None:
        message = "A review needs to know what became of the leads: name a table of outcomes."
        problems.append(Problem(code="missing-input", message=message, where="--outcomes"))
    if outcome in UNWANTED:
        message = (
            f"Nobody hopes for '{outcome}': a review asks which criteria lead to something good, such as 'won' or 'opportunity'. "
            f"Which criteria had brought leads that were rejected or recycled is part of every review."
        )
        problems.append(Problem(code="bad-value", message=message, where="--outcome"))
    if horizon_days <= 0:
        message = f"The horizon is {horizon_days} days: it must be at least one."
        problems.append(Problem(code="bad-value", message=message, where="--horizon"))
    if not playbook.criteria:
        message = "There is nothing to review: the playbook has no criteria."
        problems.append(Problem(code="no-criteria", message=message, file=playbook.file))
    if problems:
        raise ProblemsError(problems)


def _look(
    playbook: Playbook, inputs: Inputs, *, backend: str, memory: str | None
) -> tuple[OutcomeTimes, tuple[int, int] | None]:
    """Return which outcomes have a time, and the first and the last local day of which anything is known."""
    run = open_run(playbook, inputs, backend=backend, memory=memory)
    with closing(run.backend):
        times = outcome_times(run.backend, run.sources["outcomes"])
        first = first_instant(run.backend, run.sources, run.cells())
        last = last_instant(run.backend, run.sources, run.cells(), until_us=None)
    if first is None:
        return times, None
    return times, (run.zone.day_of(first), run.zone.day_of(first if last is None else max(first, last)))


def _period(start: str | date | None, end: str | date, dated: tuple[int, int] | None) -> tuple[str | date, str | date]:
    """Return the first and the last day; what cannot be read stays as it is, and `replay` tells it."""
    try:
        last = day_number(end if isinstance(end, date) else date.fromisoformat(end.strip()))
    except ValueError:
        return start or end, end
    if dated is not None:
        last = min(last, dated[1])
    if start is None:
        start = date_of(last if dated is None else min(dated[0], last))
    return start, date_of(last)


def _known_until(written: Replay, outcomes_to: str | date | None, zone: Zone) -> int:
    """Return the last microsecond of which outcomes are known: the end of the day of the last one, unless somebody says so."""
    if outcomes_to is not None:
        return read_as_of(outcomes_to, zone).until_us
    last = max((said[-1].at_us for said in written.outcomes.values() if said), default=written.end.until_us)
    return min(written.end.until_us, zone.end_of_day(zone.day_of(last)).until_us)


def _nobody(outcome: str, known: Iterable[str], inputs: Inputs) -> Problem:
    message = f"No lead that could be used is reported as '{outcome}'.{suggest(outcome, known)}"
    return Problem(code="unknown-outcome", message=message, where="--outcome", file=str(inputs.outcomes))
