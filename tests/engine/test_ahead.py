"""What lies ahead of every lead, as columns of `score`: since when it is qualified, when that cools, what is missing for the next."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.comparison.shop import write_shop
from tests.parity.expected import to_cells
from tests.parity.files import write_tables
from tests.strategies.busy import busy_pasts
from tests.strategies.histories import Past

from leadline.engine.assess import score
from leadline.engine.calendar import AsOf, date_of, get_zone, instant_text
from leadline.engine.explain import ended_spells
from leadline.engine.lifecycle.kept_out import kept_out
from leadline.engine.next_step.find import find_next_step
from leadline.engine.problems import ProblemsError
from leadline.engine.reference.assess import assess
from leadline.engine.reference.log import LeadLog
from leadline.engine.rollup import build_rollup
from leadline.engine.run import Inputs, read_as_of
from leadline.engine.timeline.forecast import find_open_spells
from leadline.engine.timeline.from_logs import known_from_logs

HOUR_US = 3_600_000_000
DEMO_PRICES = "2026-01-12"
"""Bob has been qualified for two days: he came to a webinar and looked at prices."""


def ahead_of(past: Past, log: LeadLog, moment: AsOf, *, as_known: bool) -> dict[str, Any]:
    """Return the row of one lead, from its log in plain Python."""
    plan, zone = past.plan, get_zone(past.bound.playbook.timezone)
    cells: dict[str, Any] = {}
    for level in past.bound.playbook.qualifications:
        cells |= {f"{level.id}_since": None, f"{level.id}_cools_on": None}
    found = find_open_spells(plan, known_from_logs(plan, [log], as_known=as_known), moment, zone)
    for one in found:
        name = one.spell.qualification
        cells[f"{name}_since"] = _written(one.spell.began_us)
        cells[f"{name}_cools_on"] = None if one.cools_day is None else date_of(one.cools_day)
    ended = ended_spells(past.bound, log, moment, as_known=as_known)
    step = find_next_step(
        past.bound,
        log,
        moment,
        open_spells=[one.spell.qualification for one in found],
        as_known=as_known,
        ended_spells=ended,
        kept_out=kept_out(past.bound.playbook, log, moment, as_known=as_known),
    )
    assessed = to_cells(past.bound, assess(past.bound, log, moment, as_known=as_known, ended_spells=ended))
    return {**assessed, **cells, "next_step": None if step is None else step.text}


def check(past: Past, text: str, *, as_known: bool, backend: str = "duckdb") -> None:
    """Fail with every cell that is not what a lead's log comes to."""
    moment = read_as_of(text, get_zone(past.bound.playbook.timezone))
    expected = {log.lead_id: ahead_of(past, log, moment, as_known=as_known) for log in past.logs}
    with TemporaryDirectory(prefix="leadline-ahead-") as name:
        folder = Path(name)
        (folder / "playbook.toml").write_text(past.scenario.playbook, encoding="utf-8")
        inputs = write_tables(past.scenario, folder)
        with score(
            folder / "playbook.toml",
            inputs,
            as_of=text,
            backend=backend,
            as_known=as_known,
            contributions=True,
            cools_on=True,
            next_step=True,
        ) as scoring:
            rows = list(scoring.rows())
    lines = [
        f"{row['lead_id']!r}, {column}: expected {cell!r}, found {row[column]!r}"
        for row in rows
        for column, cell in expected[row["lead_id"]].items()
        if row[column] != cell
    ]
    assert not lines, "\n".join(lines) + f"\nas of {text}\n{past.scenario.playbook}\n{past.scenario.tables}"


def _written(us: int) -> str:
    text = instant_text(us)
    return text if "." in text else text.replace("Z", ".000000Z")


def moment_text(past: Past, hours_before: int) -> str:
    """Return the last day of a past, or a moment some hours before its end."""
    if not hours_before:
        return past.until.text
    return instant_text(past.until.until_us + 1 - hours_before * HOUR_US)


hours = st.sampled_from((0, 0, 9, 31, 100))


@pytest.mark.parity
@pytest.mark.parametrize("as_known", [False, True], ids=["as it was", "as known then"])
@settings(max_examples=max(4, settings().max_examples // 12))
@given(past=busy_pasts(leads=5), hours_before=hours)
def test_the_columns_are_what_each_log_comes_to(past: Past, hours_before: int, as_known: bool) -> None:
    check(past, moment_text(past, hours_before), as_known=as_known)


@pytest.mark.parity
@settings(max_examples=max(3, settings().max_examples // 25))
@given(past=busy_pasts(leads=5), hours_before=hours, as_known=st.booleans())
def test_and_so_they_are_on_postgresql(postgres_url: str, past: Past, hours_before: int, as_known: bool) -> None:
    check(past, moment_text(past, hours_before), as_known=as_known, backend=postgres_url)


# -- a small shop -----------------------------------------------------------------------------------------------------


def rows_of(folder: Path, inputs: Inputs, **settings: Any) -> dict[str, dict[str, Any]]:
    with score(folder / "old.toml", inputs, as_of=DEMO_PRICES, **settings) as scoring:
        return {row["lead_id"]: row for row in scoring.rows()}


def test_a_lead_is_told_since_when_it_is_qualified_when_it_cools_and_what_is_missing(tmp_path: Path) -> None:
    found = rows_of(tmp_path, write_shop(tmp_path), cools_on=True, next_step=True)

    assert found["bob"]["mql_since"] == "2026-01-10T10:00:00.000000Z"
    assert found["bob"]["mql_cools_on"] == date_of(20_463) + timedelta(
        days=60
    )  # the day on which the webinar is forgotten
    assert found["bob"]["next_step"] is None
    assert (found["ann"]["mql_since"], found["ann"]["mql_cools_on"]) == (None, None)
    assert found["ann"]["next_step"] == (
        "mql: one “page viewed” when its path starts with “/pricing” (Looked at prices);"
        " or one “webinar attended” (Came to a webinar)"
    )


KEEPING = """
[[outcomes.recycled.reasons]]
id = "timing"
quiet = "30d"
[[outcomes.rejected.reasons]]
id = "no-interest"
returns = "hand_raise"
[[outcomes.rejected.reasons]]
id = "student"
returns = "never"
"""


@pytest.mark.parametrize(
    ("lead", "outcome", "expected"),
    [
        ("ann", "recycled,timing", "mql: not before 4 February 2026; {missing}"),
        ("ann", "rejected,no-interest", "mql: only when the lead raises a hand: “demo requested”"),
        ("ann", "rejected,student", "mql: only when the lead is reported as reinstated"),
        ("ann", "accepted,", "mql: {missing}"),
        ("bob", "rejected,", "mql: not before 15 January 2026"),  # nothing else is missing
        ("bob", "rejected,student", "mql: only when the lead is reported as reinstated"),
        ("bob", "accepted,", None),
    ],
)
def test_who_is_kept_out_is_told_so_and_promised_nothing_else(
    tmp_path: Path, lead: str, outcome: str, expected: str | None
) -> None:
    inputs = write_shop(tmp_path)
    missing = str(rows_of(tmp_path, inputs, next_step=True)["ann"]["next_step"]).removeprefix("mql: ")
    playbook = tmp_path / "old.toml"
    playbook.write_text(playbook.read_text(encoding="utf-8") + KEEPING, encoding="utf-8")
    reported = tmp_path / "reported.csv"
    row = f"{lead},{outcome},mql,2026-01-05T10:00:00Z"
    reported.write_text(f"lead_id,outcome,reason,qualification,at\n{row}\n", encoding="utf-8")

    found = rows_of(tmp_path, replace(inputs, outcomes=str(reported)), next_step=True)

    assert found[lead]["next_step"] == (expected and expected.format(missing=missing))


def test_each_is_shown_only_when_it_is_asked_for_at_the_right_of_all_others(tmp_path: Path) -> None:
    inputs = write_shop(tmp_path)

    plain = list(rows_of(tmp_path, inputs)["ann"])
    assert list(rows_of(tmp_path, inputs, cools_on=True)["ann"]) == [*plain, "mql_since", "mql_cools_on"]
    assert list(rows_of(tmp_path, inputs, next_step=True)["ann"]) == [*plain, "next_step"]
    both = rows_of(tmp_path, inputs, cools_on=True, next_step=True)
    assert list(both["ann"]) == [*plain, "mql_since", "mql_cools_on", "next_step"]
    assert {lead: {name: row[name] for name in plain} for lead, row in both.items()} == rows_of(tmp_path, inputs)


@pytest.mark.parametrize("asked", [{"cools_on": True}, {"next_step": True}])
def test_a_roll_up_alone_cannot_tell_and_with_the_events_it_can(tmp_path: Path, asked: dict[str, bool]) -> None:
    inputs = write_shop(tmp_path)
    assert inputs.events is not None
    rollup = tmp_path / "rollup.parquet"
    build_rollup(tmp_path / "old.toml", events=inputs.events, out=rollup)
    without = Inputs(leads=inputs.leads, outcomes=inputs.outcomes)

    with pytest.raises(ProblemsError) as refused:
        rows_of(tmp_path, without, rollup=rollup, **asked)

    (problem,) = refused.value.problems
    assert problem.code == "roll-up"
    assert "--events" in problem.message
    assert rows_of(tmp_path, inputs, rollup=rollup, **asked) == rows_of(tmp_path, inputs, **asked)


@pytest.mark.slow
def test_spark_refuses_and_says_where_to_go(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError) as refused:
        rows_of(tmp_path, write_shop(tmp_path), backend="spark", cools_on=True)

    assert [problem.code for problem in refused.value.problems] == ["not-on-this-engine"]


def test_a_playbook_without_qualifications_has_nothing_ahead(tmp_path: Path) -> None:
    inputs = write_shop(tmp_path)
    text = (tmp_path / "old.toml").read_text(encoding="utf-8")
    (tmp_path / "old.toml").write_text(text[: text.index("[[qualifications]]")], encoding="utf-8")

    assert {row["next_step"] for row in rows_of(tmp_path, inputs, cools_on=True, next_step=True).values()} == {None}
