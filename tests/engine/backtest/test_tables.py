"""Lift and gain, counted by hand, and what must hold of any table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.engine.backtest.tables import grade_rows, part_of, score_table
from leadline.engine.playbook.model import Score

FIT = Score(id="fit", title="Fit")


def arrays(leads: list[tuple[int, bool]]) -> tuple["np.ndarray", "np.ndarray"]:
    return np.array([one[0] for one in leads], dtype=np.int64), np.array([one[1] for one in leads], dtype=np.bool_)


def test_twenty_leads_in_ten_bands_by_hand() -> None:
    hits = {19, 18, 16, 5}

    found = score_table(FIT, *arrays([(number, number in hits) for number in range(20)]))

    assert [(band.least, band.most) for band in found.bands] == [(low, low + 1) for low in range(18, -1, -2)]
    assert [band.part.reached.count for band in found.bands] == [2, 1, 0, 0, 0, 0, 0, 1, 0, 0]
    assert [band.part.gain.count for band in found.bands] == [2, 3, 3, 3, 3, 3, 3, 4, 4, 4]
    assert found.bands[0].part.lift == pytest.approx(5.0)
    assert found.bands[1].part.lift == pytest.approx(2.5)
    assert found.auc == pytest.approx((16 + 16 + 15 + 5) / 64)


def test_equal_scores_stay_in_one_band() -> None:
    leads = [(0, False)] * 60 + [(10, True)] * 10 + [(20, False)] * 30

    found = score_table(FIT, *arrays(leads))

    assert [(band.least, band.most, band.part.reached.n) for band in found.bands] == [
        (20, 20, 30), (10, 10, 10), (0, 0, 60),
    ]  # fmt: skip


def test_no_observation_gives_no_band_and_no_ranking() -> None:
    found = score_table(FIT, *arrays([]))

    assert (found.bands, found.auc) == ((), None)


def test_without_any_outcome_there_is_no_lift_and_no_ranking() -> None:
    found = score_table(FIT, *arrays([(1, False), (2, False)]))

    assert found.auc is None
    assert [band.part.lift for band in found.bands] == [None, None]
    assert found.bands[0].part.to_dict()["lift"] == {"value": None, "low": 0.0, "high": None}


@given(st.lists(st.tuples(st.integers(-3, 12), st.booleans()), min_size=1, max_size=80))
def test_bands_are_apart_and_add_up(leads: list[tuple[int, bool]]) -> None:
    found = score_table(FIT, *arrays(leads))

    assert sum(band.part.reached.n for band in found.bands) == len(leads)
    assert sum(band.part.reached.count for band in found.bands) == sum(one[1] for one in leads)
    assert found.bands[-1].part.gain.count == sum(one[1] for one in leads)
    for better, worse in zip(found.bands, found.bands[1:], strict=False):
        assert better.least > worse.most
    assert len(found.bands) <= 10


def test_grades_come_best_first_and_those_without_last() -> None:
    grade, hit = arrays([(1, True), (0, True), (0, False), (-1, False), (1, False), (1, False)])

    found = grade_rows(["A", "B", "C"], grade, hit)

    assert [(row.grade, row.part.reached.count, row.part.reached.n, row.part.gain.count) for row in found] == [
        ("A", 1, 2, 1), ("B", 1, 3, 2), (None, 0, 1, 2),
    ]  # fmt: skip


def test_a_part_has_its_share_and_what_it_gains() -> None:
    which, hit = np.array([True, True, False, False]), np.array([True, False, True, True])

    found = part_of(which, hit)

    assert (found.reached.count, found.reached.n, found.gain.count, found.gain.n) == (1, 2, 1, 3)
    assert found.lift == pytest.approx((1 / 2) / (3 / 4))
