"""Leadline on real leads: the playbooks hold what was learned, no outcome leaks in, and the order is worth something.

The data lies beside the project, in ../shared/data, and is no part of it; without it these tests are skipped.
"""

import importlib.util
import sys
import tomllib
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[2] / "shared" / "data"
FILES = ("x_education_leads.csv", "bpic12_cases.csv", "bpic12_events.csv.gz")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all((DATA / name).exists() for name in FILES),
        reason="the real data sets are not beside the project (../shared/data); docs/real-data.md says what they are",
    ),
]


def _load() -> ModuleType:
    """Load the script beside this file, which is also a command."""
    spec = importlib.util.spec_from_file_location("real_data", HERE / "real_data.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["real_data"] = module
    spec.loader.exec_module(module)
    return module


real_data = _load()


@pytest.fixture(scope="module")
def loans() -> object:
    return real_data.read_loans(DATA)


def read_playbook(name: str) -> dict:
    return tomllib.loads((HERE / "playbooks" / name).read_text(encoding="utf-8"))


# -- nothing of the future is used ------------------------------------------------------------------------------


def test_the_points_of_x_education_are_those_that_the_earlier_half_gives() -> None:
    earlier, later = real_data.read_x_education(DATA)
    learned = [
        (f"\"{one.field}\" = '{one.value}'" if " " in one.field else f"{one.field} = '{one.value}'", one.points)
        for one in real_data.learn_x_education(earlier)
    ]

    written = [
        (choice["when"], choice["points"])
        for criterion in read_playbook("x_education.toml")["criteria"]
        for choice in criterion["choose"]
    ]

    assert max(int(row["Lead Number"]) for row in earlier) < min(int(row["Lead Number"]) for row in later)
    assert written == learned


def test_the_loan_playbook_reads_no_step_that_is_part_of_the_outcome() -> None:
    text = (HERE / "playbooks" / "bpic12.toml").read_text(encoding="utf-8")

    assert not [step for step in real_data.OUTCOME_STEPS if f'"{step}"' in text or f"'{step}'" in text]


def test_the_open_cases_are_those_that_leadline_does_not_exclude(loans: object, tmp_path: Path) -> None:
    day = date(2012, 1, 9)
    there = {case for case, (_, registered) in loans.cases.items() if registered < real_data.end_of(day)}

    scores = real_data.score_loans(real_data.write_loans(loans, there, tmp_path), day, tmp_path)

    assert len(scores) == len(there)
    assert {row["lead_id"] for row in scores if not row["excluded_by"]} == real_data.open_on(loans, day)


def test_what_happens_after_the_day_changes_no_score(loans: object, tmp_path: Path) -> None:
    day = date(2012, 1, 9)
    there = [case for case, (_, registered) in loans.cases.items() if registered < real_data.end_of(day)]
    past = [step for step in loans.steps if step[3] < real_data.end_of(day)]
    (tmp_path / "all").mkdir()
    (tmp_path / "past").mkdir()

    whole = real_data.score_loans(real_data.write_loans(loans, there, tmp_path / "all"), day, tmp_path / "all")
    cut = real_data.write_loans(real_data.Loans(past, loans.cases), there, tmp_path / "past")

    assert real_data.score_loans(cut, day, tmp_path / "past") == whole


# -- the order is worth something -------------------------------------------------------------------------------


def test_first_touch_facts_rank_better_than_chance(tmp_path: Path) -> None:
    tables = real_data.measure_x_education(DATA, tmp_path)

    best = next(iter(tables.values()))[0]
    assert (best.all_leads, best.leads) == (4620, 462)
    assert best.lift > 2


@pytest.mark.parametrize("place", range(3))
def test_the_best_loans_convert_about_twice_as_often(place: int, measured_loans: dict) -> None:
    steps = list(measured_loans.values())[place]

    assert steps[0].lift > 1.8
    assert [step.converted for step in steps] == sorted(step.converted for step in steps)


@pytest.fixture(scope="module")
def measured_loans(tmp_path_factory: pytest.TempPathFactory) -> dict:
    return real_data.measure_loans(DATA, tmp_path_factory.mktemp("loans"))


def test_the_page_shows_what_is_measured_now(measured_loans: dict, loans: object, tmp_path: Path) -> None:
    page = real_data.write_page(
        real_data.measure_x_education(DATA, tmp_path), measured_loans, real_data.loan_rates(loans)
    )

    written = real_data.PAGE.read_text(encoding="utf-8")
    assert written == page, "write it anew: python tests/real/real_data.py measure FOLDER"
