"""The review of criteria on real leads: it finds the leaks that are there, and what does not hold on later leads.

The data lies beside the project, in ../shared/data, and is no part of it; without it these tests are skipped.
"""

import importlib.util
import sys
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
    spec = importlib.util.spec_from_file_location("review_real_data", HERE / "review_real_data.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["review_real_data"] = module
    spec.loader.exec_module(module)
    return module


script = _load()


@pytest.fixture(scope="module")
def found() -> dict:
    return script.reviews(DATA)


def verdicts(review: object) -> dict[str, str]:
    return {one.id: one.verdict for one in review.criteria}  # type: ignore[attr-defined]


def test_what_is_filled_in_after_contact_shows_itself_and_what_is_known_at_first_touch_does_not(found: dict) -> None:
    suspect = {one.field for one in found["x_leaks"].fields if one.is_suspect}

    assert suspect == set(script.AFTERWARDS) - {"Asymmetrique Activity Index"}


def test_what_was_learned_on_the_earlier_half_and_does_not_hold_is_unproven_on_the_later(found: dict) -> None:
    earlier, later = verdicts(found["x_earlier"]), verdicts(found["x_later"])

    for name in ("specialization", "city", "heard"):
        assert (earlier[name], later[name]) == ("fine", "unproven")
    assert later["source"] == "fine"


def test_the_loans_are_judged_only_where_their_horizon_is_over(found: dict) -> None:
    loans = found["loans_later"]

    assert (loans.last, loans.until) == ("2012-02-12", "2012-03-14")
    assert [one.leads for one in loans.left_out if one.reason == "unmatured"]
    assert {verdicts(loans)[name] for name in ("offer-out", "offer-back", "quiet", "offer-calls")} == {"fine"}


def test_what_the_section_says_of_the_api_and_the_landing_page_is_so() -> None:
    _, later = script.real_data.read_x_education(DATA)

    def enrolled(origin: str, *, is_empty: bool) -> tuple[int, int]:
        found = [
            row["Converted"]
            for row in later
            if row["Lead Origin"] == origin and (row["Specialization"] in ("", "Select")) is is_empty
        ]
        return len(found), round(100 * found.count("1") / len(found))

    assert enrolled("API", is_empty=True) == (1535, 24)
    assert enrolled("API", is_empty=False) == (329, 65)
    assert enrolled("Landing Page Submission", is_empty=False) == (2234, 39)


def test_the_section_shows_what_is_found_now(found: dict) -> None:
    written = script.PAGE.read_text(encoding="utf-8")

    assert written == script.write_section(found), "write it anew: python tests/real/review_real_data.py FOLDER write"
