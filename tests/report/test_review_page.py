"""The page of a review: everything that was found is on it, safe whatever things are called."""

import re
from dataclasses import replace

import pytest
from tests.engine.review.planted import Truth, end_of, planted, replay_of

from leadline.engine.review.from_replay import review_replay
from leadline.engine.review.model import FieldFill, HalfLives, Interval, Review, Trial
from leadline.report.review import review_page

WORLD = {
    "good": Truth(points=10, effect=0.8),
    "dead": Truth(points=15, share=0),
    "harmful": Truth(points=20, effect=-0.9),
}


@pytest.fixture(scope="module")
def found() -> Review:
    made = planted(WORLD, seed=3, leads=1500)
    return review_replay(replay_of(made), outcome="won", horizon_days=90, until_us=end_of(made.months))


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.split("</style>")[1]))


def test_every_criterion_is_there_with_its_reason(found: Review) -> None:
    text = text_of(review_page(found))

    for one in found.criteria:
        assert one.id in text and one.verdict in text
    assert "won comes less often" in text
    assert "Harmful: harmful" in text and "Dead: dead" in text
    assert "Left out" in text


def test_it_needs_nothing_from_anywhere(found: Review) -> None:
    page = review_page(found)

    assert "<script" not in page and "http://" not in page and "https://" not in page
    assert page == review_page(found)


def test_names_are_shown_and_not_obeyed(found: Review) -> None:
    named = replace(
        found, playbook="<b>&'", criteria=tuple(replace(one, id="<i>x", why="<u>") for one in found.criteria)
    )

    page = review_page(named)

    assert "<b>&'" not in page and "<i>x" not in page and "<u>" not in page
    assert "&lt;i&gt;x" in page


def test_half_lives_and_suspect_fields_have_their_parts(found: Review) -> None:
    area = Interval(value=0.61, low=0.55, high=0.67)
    trials = tuple(Trial(days=days, area=area, gain=Interval(value=0, low=-0.1, high=0.1)) for days in (7, None))
    lives = HalfLives(
        subject="criterion", id="visit", written="a half-life of 90 days", area_as_written=area, trials=trials, best=7,
        as_good=(7, None), is_clear=False, sentence="No half-life ranks clearly better.", observations=10, leads=5,
    )  # fmt: skip
    field = FieldFill(
        field="budget", reached=0.9, open=0.3, difference=Interval(value=0.6, low=0.5, high=0.7), before=None, filled_later=0,
        read_by=("good",), finding="undated", sentence="'budget' is known of 90 %.",
    )  # fmt: skip

    text = text_of(review_page(replace(found, half_lives=(lives,), fields=(field,))))

    assert "Half-lives" in text and "No half-life ranks clearly better." in text and "0.610" in text
    assert "To be looked at for leaks: budget" in text and "+60 (+50 to +70)" in text


def test_a_review_of_nothing_makes_a_page_too() -> None:
    made = planted(WORLD, seed=3, leads=150)

    page = review_page(review_replay(replay_of(made), outcome="won", horizon_days=9000, until_us=end_of(made.months)))

    assert "There is nothing to look at" in page
