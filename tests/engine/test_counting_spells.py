"""A condition may count the spells that have ended wherever a condition may stand, and all that reads it agrees, or refuses plainly."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.engine.comparison.shop import OLD, write_shop

from leadline.cli.main import main
from leadline.engine.assess import score
from leadline.engine.cases import run_cases
from leadline.engine.explain import explain
from leadline.engine.problems import ProblemsError
from leadline.engine.replay.run import replay
from leadline.engine.rollup import build_rollup
from leadline.engine.run import Inputs
from leadline.engine.warehouse import compile_sql

PLAYBOOK = (
    OLD.replace('hand_raise = ["demo_requested"]', 'hand_raise = ["demo_requested", "webinar_attended"]')
    + """
[[criteria]]
id = "again"
score = "fit"
why = "Was qualified before"
when = "spells('mql') >= 1"
points = -5

[[personas]]
id = "returning"
when = "spells('mql') between 1 and 5"

[[qualifications]]
id = "second"
title = "Back again"
enter = "spells('mql') >= 1 and engagement > 0"
"""
)
CASES = """
[[case]]
name = "Who was an MQL, was rejected and comes back is told apart"
as_of = 2026-03-02T18:00:00Z
lead = { employees = 100 }
events = [
  { event = "webinar_attended", days_ago = 20 },
  { event = "page_viewed", days_ago = 1, path = "/pricing" },
]
outcomes = [{ outcome = "rejected", days_ago = 10 }]
expect = { scores = { fit = 55 }, qualifications = ["mql", "second"], contributions = { again = -5 } }

[[case]]
name = "A spell that is open counts not yet"
as_of = 2026-03-02T18:00:00Z
lead = { employees = 100 }
events = [{ event = "webinar_attended", days_ago = 1 }]
expect = { scores = { fit = 60 }, qualifications = ["mql"] }
"""


@pytest.fixture
def shop(tmp_path: Path) -> tuple[Path, Inputs]:
    """The small shop with a playbook that counts spells."""
    inputs = write_shop(tmp_path)
    path = tmp_path / "playbook.toml"
    path.write_text(PLAYBOOK, encoding="utf-8")
    return path, inputs


def rows_of(playbook: Path, inputs: Inputs, **settings: Any) -> dict[str, dict[str, Any]]:
    with score(playbook, inputs, as_of="2026-02-05", contributions=True, **settings) as scoring:
        return {row["lead_id"]: row for row in scoring.rows()}


def test_score_counts_what_had_ended_by_then(shop: tuple[Path, Inputs]) -> None:
    rows = rows_of(*shop)

    assert {lead for lead, row in rows.items() if row["second"]} == {"bob"}
    assert (rows["bob"]["c_again"], rows["bob"]["persona"]) == (-5, "returning")
    assert (rows["fay"]["c_again"], rows["fay"]["persona"]) == (-5, "returning")
    assert (rows["cem"]["c_again"], rows["cem"]["persona"]) == (0, None)


def test_the_cases_of_a_playbook_may_count_spells(shop: tuple[Path, Inputs]) -> None:
    (shop[0].parent / "cases.toml").write_text(CASES, encoding="utf-8")

    assert [line for result in run_cases(shop[0]) for line in result.lines() if not result.passed] == []


@pytest.mark.parametrize("as_of", ["2026-01-13", "2026-01-14T10:00:00Z", "2026-01-14T10:00:00.000001Z", "2026-02-05"])
def test_a_lead_is_explained_with_the_numbers_it_is_scored_with(shop: tuple[Path, Inputs], as_of: str) -> None:
    with score(*shop, as_of=as_of, contributions=True) as scoring:
        rows = list(scoring.rows())
    explained = explain(*shop, [row["lead_id"] for row in rows], as_of=as_of)

    for row, one in zip(rows, explained, strict=True):
        assert {part.id: part.points for part in one.scores} == {
            part.id: int(row[part.id] * 10_000) for part in one.scores
        }
        assert (one.persona.id if one.persona else None) == row["persona"]
        assert [part.id for part in one.qualifications if part.holds] == [
            name for name in ("mql", "second") if row[name]
        ]
    bob = next(row for row in rows if row["lead_id"] == "bob")
    assert (bob["c_again"] == -5) == (as_of not in ("2026-01-13", "2026-01-14T10:00:00Z"))  # rejected at ten


def test_a_replay_assesses_with_the_same_numbers(shop: tuple[Path, Inputs]) -> None:
    found = replay(*shop, start="2026-02-05", end="2026-02-05", every="day", details=True)
    assert found.grid is not None

    rows = rows_of(*shop)
    again = zip(found.grid.lead.tolist(), found.grid.contributions["again"].tolist(), strict=True)
    assert {found.lead_ids[lead]: units for lead, units in again} == {
        lead: int(row["c_again"] * 10_000) for lead, row in rows.items() if lead != "hal"
    }


def test_postgresql_counts_the_same(shop: tuple[Path, Inputs], postgres_url: str) -> None:
    assert rows_of(*shop, backend=postgres_url) == rows_of(*shop)


@pytest.mark.slow
def test_spark_refuses(shop: tuple[Path, Inputs], spark: Any) -> None:
    with pytest.raises(ProblemsError) as refused:
        rows_of(*shop, backend="spark")

    assert [problem.code for problem in refused.value.problems] == ["not-on-this-engine"]


def test_a_roll_up_alone_cannot_count_and_with_the_events_it_can(shop: tuple[Path, Inputs]) -> None:
    playbook, inputs = shop
    assert inputs.events is not None
    rollup = playbook.with_name("rollup.parquet")
    build_rollup(playbook, events=inputs.events, out=rollup)

    with pytest.raises(ProblemsError) as refused:
        rows_of(playbook, Inputs(leads=inputs.leads, outcomes=inputs.outcomes), rollup=rollup)

    assert [problem.code for problem in refused.value.problems] == ["roll-up"]
    assert rows_of(playbook, inputs, rollup=rollup) == rows_of(playbook, inputs)


def test_one_query_of_a_warehouse_cannot_and_each_place_is_named(shop: tuple[Path, Inputs]) -> None:
    with pytest.raises(ProblemsError) as refused:
        compile_sql(shop[0], dialect="snowflake", as_of="2026-02-05")

    found = [(problem.code, problem.where, problem.line) for problem in refused.value.problems]
    lines = [number for number, line in enumerate(PLAYBOOK.splitlines(), start=1) if "spells(" in line]
    assert found == [
        ("not-on-this-engine", where, line)
        for where, line in zip(
            ("criteria.again.when", "personas.returning.when", "qualifications.second.enter"), lines, strict=True
        )
    ]


def test_the_command_says_so_too_and_writes_nothing(shop: tuple[Path, Inputs]) -> None:
    result = CliRunner().invoke(main, ["compile", str(shop[0]), "--dialect", "bigquery", "--as-of", "2026-02-05"])

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("not-on-this-engine") == 3
    assert "`leadline score` can" in result.stderr
