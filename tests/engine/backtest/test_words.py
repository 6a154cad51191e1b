"""A back-test in sentences."""

from dataclasses import replace
from datetime import date

import pytest
from tests.engine.comparison.shop import write_shop

from leadline.engine.backtest import words
from leadline.engine.backtest.backtest import backtest
from leadline.engine.backtest.model import BackTest, Band, Fill, Part, ScoreTable
from leadline.engine.statistics import Share


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> BackTest:
    folder = tmp_path_factory.mktemp("shop")
    return backtest(
        folder / "old.toml",
        write_shop(folder),
        start=date(2026, 1, 5),
        end=date(2026, 3, 31),
        outcomes_to="2026-03-31",
        horizon_days=21,
        score="engagement",
        capacity="1/week",
    )


def test_it_is_said_in_short(found: BackTest) -> None:
    said = words.in_short(found)

    assert said[0] == (
        "Marketing qualified: 1 of 3, 33 % (6.1–79 %) of the leads reached won within 21 days of their entry."
    )
    assert said[1] == (
        "Of the leads that reached won in the period, 1 of 3, 33 % (6.1–79 %) had been in before, in the median 10 days before."
    )
    assert any(line.startswith("Engagement: ranks ") for line in said)
    assert any(line.startswith("Hand-offs a week: ") for line in said)
    assert sum(line.startswith("With engagement from ") for line in said) == 2


def test_what_cannot_be_said_is_said_to_be_unknown(found: BackTest) -> None:
    none = Share(0, 0)
    empty = replace(
        found,
        followed=replace(found.followed, reached=tuple(replace(one, share=none) for one in found.followed.reached)),
        in_time=replace(found.in_time, share=none, days=None),
        moments=(),
    )

    assert words.say_precision(empty) == "Marketing qualified: none of 3 leads has been in for 21 days yet."
    assert words.say_reach(empty) == "No lead reached won for the first time in the period."
    assert "no score can be judged yet" in words.say_observed(empty)


def test_none_in_time_has_no_median(found: BackTest) -> None:
    late = replace(found, in_time=replace(found.in_time, share=Share(0, 3), days=None))

    assert words.say_reach(late).endswith("0 of 3, 0 % (0–56 %) had been in before.")


def test_a_threshold_that_changes_nothing_is_said_to(found: BackTest) -> None:
    row = found.present
    assert row is not None

    assert words.say_move(found, row).endswith(": nothing would change.")


def test_a_threshold_is_said_with_what_it_adds_and_what_became_of_it(found: BackTest) -> None:
    row = found.present
    assert row is not None
    moved = replace(row, threshold=150_000, added=2, earlier=1, added_reached=Share(1, 2))

    assert words.say_move(found, moved) == (
        "With engagement from 15 instead of 20: 2 added and 1 earlier; 0.2 hand-offs a week instead of 0.2;"
        " 1 of 2, 50 % (9.5–91 %) of the added reached won."
    )


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (
            Fill(capacity=9, threshold=200_000, a_week=8.25, is_lowest_tried=False),
            "A capacity of 9 a week is filled with engagement from 20: 8.2 in a mean week.",
        ),
        (
            Fill(capacity=9, threshold=200_000, a_week=2.0, is_lowest_tried=True),
            "A capacity of 9 a week is filled with engagement from 20: 2 in a mean week; it is the lowest that was tried, and there"
            " is still room.",
        ),
        (
            Fill(capacity=9, threshold=None, a_week=None, is_lowest_tried=False),
            "Even with engagement from 50, the highest that was tried, more than 9 come in a mean week.",
        ),
    ],
)
def test_a_capacity_is_said_with_the_threshold_that_fills_it(found: BackTest, fill: Fill, said: str) -> None:
    assert words.say_fill(replace(found, fill=fill)) == said


def test_without_a_threshold_the_reason_is_all_that_is_said(found: BackTest) -> None:
    assert list(words.say_moves(replace(found, no_threshold="None."))) == ["None."]


def test_a_lift_and_a_band_are_said_rounded() -> None:
    part = Part(reached=Share(30, 100), whole=Share(100, 1000), gain=Share(30, 100))
    nothing = Part(reached=Share(0, 10), whole=Share(0, 100), gain=Share(0, 0))
    band = Band(least=123_456, most=500_000, part=part)

    assert words.say_lift(part) == "3.0 times (2.3–3.9)"
    assert words.say_lift(nothing) == "–"
    assert words.say_band(band) == "12.3 to 50"
    assert words.say_band(replace(band, most=123_456)) == "12.3"
    table = ScoreTable(id="fit", title="Fit", auc=0.8, bands=(band,))
    assert words.say_score(table) == (
        "Fit: ranks 80 % of the pairs rightly (50 % is chance); its best band, 12.3 to 50, reached it 3.0 times (2.3–3.9) as often"
        " as all and holds 30 % of those that did."
    )
