"""The benchmark compares like with like: hand-written SQL and Leadline give equal integers in every column, a replay what runs give."""

import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

pytest.importorskip("numpy")
pytest.importorskip("pyarrow")

from benchmarks import hand_written, through_time
from benchmarks.generate import AS_OF, Dataset, generate
from benchmarks.lead_loop import engagement
from benchmarks.ours import playbook_path
from benchmarks.report import write_report

from leadline.engine.assess import score
from leadline.engine.backends import packed_events, packed_rollup
from leadline.engine.calendar import get_zone
from leadline.engine.lifecycle.model import Spell
from leadline.engine.rollup import build_rollup
from leadline.engine.run import Inputs

SIZE = 0.0005
IN_GRID = ("lead_id", "fit", "engagement", "total", "grade", "mql", "pql", "sql", "excluded_by")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return generate(SIZE, into=tmp_path_factory.mktemp("benchmark"))


@pytest.mark.parametrize("no_horizon", [False, True], ids=["with horizon", "nothing to prune"])
@pytest.mark.parametrize("is_fast", [True, False], ids=["packed", "plan's own query"])
def test_hand_written_sql_and_leadline_agree(
    data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_horizon: bool, is_fast: bool
) -> None:
    ways = spy(monkeypatch, "sum_events", packed_events, may=is_fast)
    hand_written.run(data.leads, data.events, tmp_path / "hand.parquet", no_horizon=no_horizon)

    write_ours(tmp_path / "ours.parquet", Inputs(leads=data.leads, events=data.events), no_horizon=no_horizon)

    assert ways == [is_fast]
    assert differing_columns(tmp_path) == {}


@pytest.mark.parametrize("is_fast", [True, False], ids=["packed", "plan's own query"])
def test_the_roll_up_agrees_with_hand_written_sql(
    data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_fast: bool
) -> None:
    ways = spy(monkeypatch, "sum_rollup", packed_rollup, may=is_fast)
    hand_written.run(data.leads, data.events, tmp_path / "hand.parquet")
    build_rollup(playbook_path(), events=data.events, out=tmp_path / "rollup.parquet")

    write_ours(tmp_path / "ours.parquet", Inputs(leads=data.leads), rollup=tmp_path / "rollup.parquet")

    assert ways == [is_fast]
    assert differing_columns(tmp_path) == {}


def test_leads_counted_in_ranges_come_to_the_same(
    data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed_events, "_EVENTS_A_PASS", 1_000)
    hand_written.run(data.leads, data.events, tmp_path / "hand.parquet")

    write_ours(tmp_path / "ours.parquet", Inputs(leads=data.leads, events=data.events))

    assert differing_columns(tmp_path) == {}


def test_the_loop_over_leads_comes_to_the_same_sum(
    data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["benchmarks.lead_loop"], "generate", lambda _size: data)
    write_ours(tmp_path / "ours.parquet", Inputs(leads=data.leads, events=data.events))

    ((units,),) = duckdb.execute(f"SELECT sum(engagement * 10000) FROM '{tmp_path / 'ours.parquet'}'").fetchall()

    assert engagement(SIZE) == int(units)


def test_the_weeks_of_a_replay_are_what_single_runs_give(data: Dataset, tmp_path: Path) -> None:
    found = through_time.grid(data, tmp_path)

    assert found.grid is not None
    moments = [moment.text for moment in found.grid.moments]
    assert (len(moments), moments[-1]) == (52, AS_OF)
    assessments = tmp_path / "grid" / "assessments.parquet"
    for as_of in (moments[25], AS_OF):
        once = through_time.score_once(data, tmp_path, as_of=as_of)
        assert differing_assessments(assessments, once, as_of) == 0
    counts = f"(SELECT count(*) FROM '{assessments}' WHERE as_of = '{AS_OF}'), (SELECT count(*) FROM '{data.leads}')"
    ((in_grid, in_all),) = duckdb.execute(f"SELECT {counts}").fetchall()
    assert in_grid == in_all


def test_a_comparison_finds_the_leads_that_replays_find(data: Dataset, tmp_path: Path) -> None:
    two_years, one_year = through_time.spells(data, tmp_path), through_time.year(data, tmp_path)
    first_us = get_zone(one_year.playbook.timezone).first_instant(one_year.start.day)

    found = through_time.compare(data, tmp_path)

    in_year = leads_in(spell for spell in two_years.spells if spell.ended_us is None or spell.ended_us >= first_us)
    assert leads_in(one_year.spells) == in_year
    assert {one.id: one.old_leads for one in found.qualifications} == {name: len(in_year[name]) for name in in_year}
    assert any(one.old_leads != one.new_leads for one in found.qualifications)


def test_what_cools_stands_beside_the_same_scores(data: Dataset, tmp_path: Path) -> None:
    once = through_time.score_once(data, tmp_path)

    with_days = through_time.score_once(data, tmp_path, cools_on=True)

    columns = ", ".join(IN_GRID)
    query = f"SELECT {columns} FROM '{once}' EXCEPT SELECT {columns} FROM '{with_days}'"
    assert duckdb.execute(query).fetchall() == []
    ((cooling,),) = duckdb.execute(f"SELECT count(mql_cools_on) FROM '{with_days}'").fetchall()
    assert cooling > 0


def test_the_naive_way_finds_the_spells_of_a_replay(data: Dataset, tmp_path: Path) -> None:
    replayed = through_time.spells(data, tmp_path).spells
    lead_id = max(replayed, key=lambda one: one.began_us).lead_id

    (found,), _ = through_time.naive(data, [lead_id])

    of_lead = [one for one in replayed if one.lead_id == lead_id]
    assert [*found.spells] == of_lead
    assert [one.evidence for one in found.spells] == [one.evidence for one in of_lead]


def test_the_page_says_what_was_measured_and_draws_growth(tmp_path: Path) -> None:
    write_report({"time": measured_time()}, tmp_path)

    page = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "| 52 weekly assessments ÷ one `score` run | **3.00** (cpu 2.50) | ≤ 6 | ≤ 4 |" in page
    assert (
        "| exact spells of two years ÷ one `score` run | **12.00** (cpu 2.50) | ≤ 10, **not reached** | ≤ 6 |" in page
    )
    picture = ET.parse(tmp_path / "time-growth.svg").getroot()
    svg = "{http://www.w3.org/2000/svg}"
    said = picture.find(f".//{svg}desc")
    assert said is not None and said.text is not None
    assert f"![{said.text}](time-growth.svg)" in page
    assert len(picture.findall(f".//{svg}circle")) == 12


def measured_time() -> dict[str, object]:
    run = {"wall_s": 2.0, "cpu_s": 1.0, "peak_mb": 100, "outcome": "ok", "output": ""}
    pairs = {
        name: {"beside": beside, "runs": [{beside: run, name: run}], "ratio": ratio, "cpu_ratio": 2.5}
        for name, beside, ratio in (
            ("grid", "score", 3.0), ("spells", "score", 12.0), ("cools", "score", 1.5), ("whatif", "year", 2.0)
        )
    }  # fmt: skip
    growth = {"size": 0.0125, "factors": [1, 2, 4, 8]}
    growth |= {
        f"{name}_{key}": [1.0, 2.0, 4.0, 8.0] for name in ("score", "grid", "spells") for key in ("wall_s", "cpu_s")
    }
    return {
        "size": 1.0,
        "part": 0.1,
        "pairs": pairs,
        "whole": {"score": run, "grid": run, "spells": run},
        "growth": growth,
        "weekly": {"size": 0.1, "run": run},
        "naive": {"leads": 20, "seconds": 40.0},
    }


def leads_in(spells: Iterable[Spell]) -> dict[str, set[str]]:
    """Return the leads of the spells of each qualification."""
    found: dict[str, set[str]] = {}
    for one in spells:
        found.setdefault(one.qualification, set()).add(one.lead_id)
    return found


def differing_assessments(grid: Path, once: Path, as_of: str) -> int:
    """Return how many leads differ at a moment, or are in the replay only; the replay has none that begins later."""
    columns = ", ".join(IN_GRID)
    of_grid = f"SELECT {columns} FROM '{grid}' WHERE as_of = '{as_of}'"
    ((differing,),) = duckdb.execute(
        f"SELECT count(*) FROM ({of_grid} EXCEPT SELECT {columns} FROM '{once}')"
    ).fetchall()
    return differing


def spy(monkeypatch: pytest.MonkeyPatch, name: str, module: object, *, may: bool) -> list[bool]:
    """Note whether the fast way was taken; with *may* False it is not."""
    taken: list[bool] = []
    original = getattr(module, name)

    def asked(*arguments: object) -> bool:
        taken.append(may and original(*arguments))
        return taken[-1]

    monkeypatch.setattr(module, name, asked)
    return taken


def write_ours(out: Path, inputs: Inputs, *, no_horizon: bool = False, rollup: Path | None = None) -> None:
    playbook = playbook_path(no_horizon=no_horizon)
    with score(playbook, inputs, as_of=AS_OF, contributions=True, rollup=rollup) as scoring:
        scoring.write(out)


def differing_columns(folder: Path) -> dict[str, int]:
    """Return how many leads differ in each column; all columns of both, by name and order."""
    hand, ours = (f"'{folder / name}'" for name in ("hand.parquet", "ours.parquet"))
    described = [duckdb.execute(f"DESCRIBE FROM {table}").fetchall() for table in (hand, ours)]
    columns = [name for name, *_ in described[0]]
    assert columns == [name for name, *_ in described[1]]
    counts = ", ".join(f'count(*) FILTER (WHERE hand."{name}" IS DISTINCT FROM ours."{name}")' for name in columns)
    query = f"SELECT {counts} FROM {hand} AS hand FULL JOIN {ours} AS ours USING (lead_id)"
    (found,) = duckdb.execute(query).fetchall()
    return {name: count for name, count in zip(columns, found, strict=True) if count}
