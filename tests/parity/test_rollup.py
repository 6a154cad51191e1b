"""From the daily roll-up comes what comes from the events: built at once, and built from the older events and extended."""

import contextlib
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, reject, settings
from tests.parity.check import ask_or_reject
from tests.parity.expected import Cells, compare, describe
from tests.parity.files import write_tables
from tests.strategies import Scenario, scenarios

from leadline.engine.assess import score
from leadline.engine.problems import ProblemsError
from leadline.engine.rollup import build_rollup
from leadline.engine.run import Inputs

TOLD_BY_LEADS = {"type-mismatch", "unknown-score"}
"""What a roll-up may complain about, made without leads: of two fields that are compared nothing tells the type."""


@pytest.mark.parity
@settings(max_examples=settings().max_examples // 2)
@given(scenario=scenarios(spells=True))
def test_the_roll_up_gives_what_the_events_give(scenario: Scenario) -> None:
    if not scenario.tables.get("events"):
        return
    expected = ask_or_reject(scenario)
    with TemporaryDirectory(prefix="leadline-parity-") as name:
        folder = Path(name)
        playbook = folder / "playbook.toml"
        playbook.write_text(scenario.playbook, encoding="utf-8")
        inputs = write_tables(scenario, folder)
        found = {
            "built at once": score_built(playbook, inputs, scenario, folder / "once.parquet"),
            "extended": score_extended(playbook, inputs, scenario, folder),
        }
    for how, rows in found.items():
        differences = compare(expected.rows, rows)
        assert not differences, f"{how}:\n" + "\n".join(differences) + "\n" + describe(scenario)


def score_built(playbook: Path, inputs: Inputs, scenario: Scenario, out: Path) -> list[Cells]:
    """Return the result from a roll-up of all events; without the events, where they are not needed."""
    assert inputs.events is not None
    try:
        build_rollup(playbook, events=inputs.events, out=out, naive_zone=scenario.naive_zone)
    except ProblemsError as error:
        if {problem.code for problem in error.problems if problem.severity == "error"} <= TOLD_BY_LEADS:
            reject()
        raise
    without = dataclasses.replace(inputs, events=None)
    try:
        return score_from(playbook, without, scenario, out)
    except ProblemsError as error:
        assert {problem.code for problem in error.problems} == {"roll-up"}  # noqa: PT017
        return score_from(playbook, inputs, scenario, out)


def score_extended(playbook: Path, inputs: Inputs, scenario: Scenario, folder: Path) -> list[Cells]:
    """Return the result from a roll-up of the first half of the rows, extended by all of them."""
    assert inputs.events is not None
    events = scenario.tables["events"]
    tables: Mapping[str, list[Cells]] = {**scenario.tables, "events": events[: len(events) // 2]}
    (folder / "half").mkdir()
    half = write_tables(dataclasses.replace(scenario, tables=tables), folder / "half")
    assert half.events is not None
    out = folder / "extended.parquet"
    with contextlib.suppress(ProblemsError):  # half of the data may show other types, so that the playbook does not fit
        build_rollup(playbook, events=half.events, out=out, naive_zone=scenario.naive_zone)
    build_rollup(playbook, events=inputs.events, out=out, extend=True, naive_zone=scenario.naive_zone)
    return score_from(playbook, inputs, scenario, out)


def score_from(playbook: Path, inputs: Inputs, scenario: Scenario, out: Path) -> list[Cells]:
    with score(playbook, inputs, as_of=scenario.as_of, contributions=True, rollup=out) as scoring:
        return list(scoring.rows())
