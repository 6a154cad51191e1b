"""The whole way of a back-test, from files."""

import json
from datetime import date
from pathlib import Path

import pytest
from tests.engine.comparison.shop import OLD, write_shop

from leadline.engine.backtest.backtest import backtest
from leadline.engine.backtest.model import BackTest
from leadline.engine.comparison.whatif import whatif
from leadline.engine.problems import ProblemsError
from leadline.engine.run import Inputs

START, END = date(2026, 1, 5), date(2026, 3, 31)
PERIOD = {"start": START, "end": END, "horizon_days": 30, "outcomes_to": END}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def inputs(folder: Path) -> Inputs:
    return write_shop(folder)


@pytest.fixture(scope="module")
def found(folder: Path, inputs: Inputs) -> BackTest:
    return backtest(folder / "old.toml", inputs, score="engagement", capacity="1/week", **PERIOD)


def test_a_threshold_does_what_a_playbook_with_that_number_does(
    found: BackTest, folder: Path, inputs: Inputs, tmp_path: Path
) -> None:
    higher = tmp_path / "higher.toml"
    higher.write_text(OLD.replace("engagement >= 20", "engagement >= 25"), encoding="utf-8")

    change = whatif(folder / "old.toml", higher, inputs, **PERIOD).get("mql")

    row = found.moved(5)
    assert row is not None
    assert (row.leads, row.spells, row.added, row.removed, row.earlier, row.later, row.same) == (
        change.new_leads, change.new_spells, change.added, change.removed, change.earlier, change.later, change.same,
    )  # fmt: skip
    assert row.precision == change.of("new").get("won").share
    assert row.reach == change.winners.new


def test_the_version_is_that_of_the_playbook_without_twins(found: BackTest, folder: Path, inputs: Inputs) -> None:
    version = whatif(folder / "old.toml", folder / "old.toml", inputs, **PERIOD).old

    assert found.playbook == version


def test_a_capacity_is_filled_to_the_point(folder: Path, inputs: Inputs) -> None:
    loose = backtest(folder / "old.toml", inputs, score="engagement", capacity="5/week", **PERIOD)

    assert loose.fill is not None
    assert (loose.fill.is_lowest_tried, loose.fill.threshold) == (True, loose.thresholds[0].threshold)


def test_looking_between_two_thresholds_finds_the_lowest_point_that_fits(tmp_path: Path) -> None:
    write_shop(tmp_path)
    names = [f"lead{number:03}" for number in range(60)]
    (tmp_path / "leads.csv").write_text(
        "lead_id,seniority,employees\n" + "".join(f"{name},vp,100\n" for name in names), encoding="utf-8"
    )
    events = "".join(
        f"{name},page_viewed,2026-01-{5 + number % 20:02}T10:00:00Z,/pricing\n"
        + (f"{name},page_viewed,2026-01-{7 + number % 20:02}T10:00:00Z,/pricing\n" if number % 2 else "")
        for number, name in enumerate(names)
    )
    (tmp_path / "events.csv").write_text("lead_id,event,occurred_at,path\n" + events, encoding="utf-8")
    inputs = Inputs(leads=tmp_path / "leads.csv", events=tmp_path / "events.csv")

    found = backtest(
        tmp_path / "old.toml", inputs, start="2026-01-05", end="2026-02-01", score="engagement", capacity="10/week"
    )

    assert found.fill is not None
    assert found.fill.threshold == 110_000  # one look gives 10, two give 19.06 and need 11 at the least
    assert found.fill.a_week == 7.5
    tried = [row.threshold // 10_000 for row in found.thresholds]
    assert tried == sorted(set(tried))
    assert {10, 11, 12, 13, 14, 15} <= set(tried)


def test_without_outcomes_nothing_is_claimed(folder: Path, inputs: Inputs) -> None:
    bare = Inputs(leads=inputs.leads, events=inputs.events)

    found = backtest(folder / "old.toml", bare, start=START, end=END, horizon_days=30)

    assert found.observations.count == 0
    assert found.in_time.share.n == 0
    assert all(table.auc is None for table in found.scores)
    json.dumps(found.to_dict())


def test_a_score_is_looked_at_without_its_twins(found: BackTest) -> None:
    said = json.dumps(found.to_dict())

    assert "-moved-" not in said
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("settings", "code", "where"),
    [
        ({"qualification": "mkl"}, "unknown-qualification", "--qualification"),
        ({"outcome": "wonn"}, "unknown-outcome", "--outcome"),
        ({"score": "fitt"}, "unknown-score", "--score"),
        ({"capacity": "0/week"}, "bad-value", "--capacity"),
        ({"horizon_days": 0}, "bad-value", "--horizon"),
        ({"outcomes_to": "never"}, "bad-value", "--outcomes-to"),
    ],
)
def test_what_cannot_be_used_is_told(
    folder: Path, inputs: Inputs, settings: dict[str, object], code: str, where: str
) -> None:
    with pytest.raises(ProblemsError) as error:
        backtest(folder / "old.toml", inputs, **(PERIOD | settings))

    (problem,) = error.value.problems
    assert (problem.code, problem.where) == (code, where)


def test_a_playbook_without_qualifications_has_nothing_to_test(tmp_path: Path, inputs: Inputs) -> None:
    bare = tmp_path / "bare.toml"
    bare.write_text(OLD.split("[[qualifications]]")[0], encoding="utf-8")

    with pytest.raises(ProblemsError) as error:
        backtest(bare, inputs, **PERIOD)

    assert error.value.problems[0].code == "missing-key"


def test_a_qualification_without_a_threshold_says_so(tmp_path: Path, inputs: Inputs) -> None:
    other = tmp_path / "other.toml"
    other.write_text(
        OLD.replace("fit >= 50 and engagement >= 20", "fit.grade = 'A'").replace(
            "fit >= 50 and engagement >= 10", "fit.grade = 'A'"
        ),
        encoding="utf-8",
    )

    found = backtest(other, inputs, capacity="3/week", **PERIOD)

    assert (found.thresholds, found.score, found.fill) == ((), None, None)
    assert "no threshold to move" in str(found.no_threshold)
    assert [table.id for table in found.scores] == ["fit"]
