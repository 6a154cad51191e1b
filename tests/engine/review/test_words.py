"""What a review says in words: every verdict has a meaning, and numbers read well at their ends."""

from typing import get_args

from tests.engine.review.planted import Truth, end_of, planted, replay_of

from leadline.engine.review.from_replay import review_once, review_replay
from leadline.engine.review.model import Interval, Verdict
from leadline.engine.review.words import MEANINGS, ORDER, in_order_of_need, say_interval, say_observed, say_share


def test_every_verdict_is_explained_and_has_its_place() -> None:
    assert set(MEANINGS) == set(ORDER) == set(get_args(Verdict))


def test_shares_are_never_rounded_to_nothing_or_to_all() -> None:
    assert [say_share(one) for one in (0, 0.00001, 0.004, 0.0995, 0.5, 0.994, 0.99999, 1)] == [
        *("0 %", "0.1 %", "0.4 %", "10 %", "50 %", "99.4 %", "99.9 %", "100 %"),
    ]


def test_an_interval_that_has_no_end_is_not_written_out() -> None:
    assert say_interval(Interval(value=3, low=0.5, high=5e20)) == "3.00 (0.50–>99)"


def test_criteria_to_be_looked_at_come_first() -> None:
    made = planted({"good": Truth(points=10, effect=1.0), "dead": Truth(points=5, share=0)}, seed=1, leads=1500)
    review = review_replay(replay_of(made), outcome="won", horizon_days=90, until_us=end_of(made.months))

    assert [one.id for one in in_order_of_need(review.criteria)] == ["dead", "good"]
    assert "of 1,500 open leads" in say_observed(review) or "open leads at 12 moments" in say_observed(review)


def test_a_review_of_nothing_says_so() -> None:
    made = planted({"good": Truth(points=10)}, seed=1, leads=150)
    review = review_replay(replay_of(made), outcome="won", horizon_days=9000, until_us=end_of(made.months))

    assert "nothing to look at" in say_observed(review)


def test_once_is_said_to_be_once() -> None:
    made = planted({"good": Truth(points=10)}, seed=1, leads=150, months=4)
    made.leads = [type(one)(began=3) for one in made.leads]

    assert "each looked at once" in say_observed(review_once(replay_of(made), outcome="won", reached=["L00001"]))
