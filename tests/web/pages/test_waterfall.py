"""What is shown adds up: the lines of a score to the score, to the digit that stands on the page."""

from hypothesis import given
from hypothesis import strategies as st

from leadline.engine.explanation.model import Line, ScoreExplanation
from leadline.web.pages.lead_page.waterfall import TENTH, make_waterfall, round_together

points = st.integers(-2_000_000, 2_000_000)


def score_of(lines, whole=None):
    return ScoreExplanation(
        id="fit",
        title="Fit",
        points=sum(lines) if whole is None else whole,
        grade=None,
        next_grade=None,
        low=0,
        high=0,
        coverage=10_000,
        lines=tuple(Line(kind="criterion", id=str(at), text="why", points=one) for at, one in enumerate(lines)),
    )


@given(st.lists(points, max_size=12))
def test_shown_lines_add_up_to_the_shown_score(lines):
    total, parts = round_together(lines, sum(lines))

    assert sum(parts) == total
    assert abs(total * TENTH - sum(lines)) <= TENTH / 2
    assert all(abs(shown * TENTH - one) < TENTH for shown, one in zip(parts, lines, strict=True))


@given(st.lists(points, min_size=1, max_size=12), points)
def test_lines_that_do_not_add_up_are_not_made_to(lines, whole):
    if sum(lines) == whole:
        return
    _, parts = round_together(lines, whole)

    assert all(abs(shown * TENTH - one) <= TENTH / 2 for shown, one in zip(parts, lines, strict=True))


@given(st.lists(points, max_size=12), st.none() | st.integers(-(10**6), 0), st.none() | st.integers(0, 10**6))
def test_each_bar_begins_where_the_one_before_ended_and_all_stay_in_the_picture(lines, low, high):
    drawn = make_waterfall(score_of(lines), low, high)

    at = drawn.zero
    for bar, one in zip(drawn.bars, lines, strict=True):
        begins, ends = (bar.start, bar.start + bar.width) if one >= 0 else (bar.start + bar.width, bar.start)
        assert abs(begins - at) < 1e-6
        assert bar.start >= -1e-6 and bar.start + bar.width <= 100 + 1e-6
        at = ends
    ends = (drawn.start, drawn.start + drawn.width)
    assert min(abs(at - one) for one in ends) < 1e-6
