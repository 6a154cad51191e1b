"""`check_backend`: what every engine must pass. One scenario, scored by the engine and by the reference, cell by cell."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import currently_in_test_context, reject
from tests.parity.expected import Expected, ask_reference, compare, describe
from tests.parity.files import write_tables
from tests.strategies import Scenario

from leadline.engine.assess import score
from leadline.engine.compiler.assessment import reads_outcomes
from leadline.engine.compiler.plan import make_plan
from leadline.engine.compiler.sql import needs_events
from leadline.engine.problems import ProblemsError


def check_backend(backend: str, scenario: Scenario, *, rollup: Path | None = None) -> None:
    """Fail with every cell in which an engine differs from the reference, and with the scenario."""
    expected = ask_or_reject(scenario)
    with TemporaryDirectory(prefix="leadline-parity-") as name:
        folder = Path(name)
        playbook = folder / "playbook.toml"
        playbook.write_text(scenario.playbook, encoding="utf-8")
        try:
            found = score(
                playbook,
                write_tables(scenario, folder),
                as_of=scenario.as_of,
                as_known=scenario.as_known,
                backend=backend,
                contributions=True,
            )
            with found as scoring:
                rows = list(scoring.rows())
                left_out = scoring.rejects.counts()
        except Exception as error:
            error.add_note(describe(scenario))
            raise
    differences = compare(expected.rows, rows) + compare_left_out(expected, left_out)
    assert not differences, (
        f"{backend} differs from the reference\n" + "\n".join(differences) + "\n" + describe(scenario)
    )


def ask_or_reject(scenario: Scenario) -> Expected:
    """Return what the reference says; a scenario whose playbook does not fit its data is no scenario."""
    try:
        return ask_reference(scenario)
    except ProblemsError:
        if currently_in_test_context():
            reject()
        raise


def compare_left_out(expected: Expected, found: dict[tuple[str, str], int]) -> list[str]:
    """Return a line for each reason for which another number of rows was left out.

    What depends on the moment is not compared, nor single values that do not fit: an engine reads only what conditions ask.
    """
    incomparable = ("after-as-of", "arrived-later", "bot", "value-does-not-fit", "not-finite")
    unread = unread_tables(expected)
    lines = []
    for table, reason in sorted({*expected.left_out, *found}):
        wanted, counted = expected.left_out.get((table, reason), 0), found.get((table, reason), 0)
        if wanted != counted and reason not in incomparable and table not in unread:
            lines.append(f"left out of {table} for {reason}: expected {wanted}, found {counted}")
    return lines


def unread_tables(expected: Expected) -> set[str]:
    """Return the tables that an engine need not look at, since nothing in the playbook asks for them."""
    plan = make_plan(expected.bound)
    reads = {
        "companies": bool(plan.company_fields),
        "events": needs_events(plan),
        "outcomes": reads_outcomes(plan) or any(wipe.outcomes for wipe in plan.wipes),
    }
    return {table for table, is_read in reads.items() if not is_read}
