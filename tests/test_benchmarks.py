"""The benchmark compares like with like: hand-written SQL and Leadline give equal integers, in every column."""

import sys
from pathlib import Path

import duckdb
import pytest

pytest.importorskip("numpy")
pytest.importorskip("pyarrow")

from benchmarks import hand_written
from benchmarks.generate import AS_OF, Dataset, generate
from benchmarks.lead_loop import engagement
from benchmarks.ours import playbook_path

from leadline.engine.assess import score
from leadline.engine.backends import packed_events, packed_rollup
from leadline.engine.rollup import build_rollup
from leadline.engine.run import Inputs

SIZE = 0.0005


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
