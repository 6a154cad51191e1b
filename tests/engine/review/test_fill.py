"""Fields that are filled in once somebody buys show themselves; honest ones do not."""

import numpy as np
import pytest
from tests.engine.review.planted import Made, Truth, end_of, fact_playbook, month_ends, planted, replay_of

from leadline.engine.review.fill import fields_read
from leadline.engine.review.from_replay import review_once, review_replay
from leadline.engine.review.model import FieldFill, Review

TRUTHS = {"size": Truth(points=10, effect=0.8), "role": Truth(points=10)}


def world(seed: int = 1) -> tuple[Made, np.ndarray, np.ndarray]:
    """Return a world with, for each lead and month, whether it had won by then, and for each lead whether it ever does."""
    made = planted(TRUTHS, seed=seed)
    ends = np.array([moment.day for moment in month_ends(made.months)])
    day = np.array([one.outcomes[0][1] if one.outcomes else 10**9 for one in made.leads])
    return made, ends[None, :] >= day[:, None], day < 10**9


def review_of(made: Made) -> Review:
    return review_replay(replay_of(made), outcome="won", horizon_days=90, until_us=end_of(made.months))


def field_of(review: Review, name: str = "size") -> FieldFill:
    return next(one for one in review.fields if one.field == name)


def test_a_field_that_is_filled_in_after_the_sale_is_found() -> None:
    made, has_won, _ = world()
    early = np.random.default_rng(2).random((len(made.leads), 1)) < 0.3
    made.known = {"size": early | has_won}

    found = field_of(review_of(made))

    assert found.is_suspect and "it is filled in for those who reach won" in found.sentence
    assert found.reached == 1.0 and found.open == pytest.approx(0.3, abs=0.05)
    assert found.before is not None and found.before.value == pytest.approx(0, abs=0.06)
    assert found.filled_later > 100


def test_a_column_without_dates_that_was_filled_in_for_buyers_is_found_and_its_criterion_warned_of() -> None:
    made, _, ever = world()
    early = np.random.default_rng(3).random(len(made.leads)) < 0.3
    made.known = {"size": np.repeat((early | ever)[:, None], made.months, axis=1)}

    review = review_of(made)

    found = field_of(review)
    assert found.is_suspect and "Nothing says when" in found.sentence
    assert found.read_by == ("size",)
    assert review.criteria[0].cautions == (found.sentence,)
    assert review.criteria[1].cautions == ()


def test_a_field_that_buyers_fill_in_themselves_before_they_buy_is_called_a_good_sign() -> None:
    made, _, ever = world()
    random = np.random.default_rng(4)
    asked = np.repeat((random.random(len(made.leads)) < np.where(ever, 0.8, 0.3))[:, None], made.months, axis=1)
    for number, lead in enumerate(made.leads):
        asked[number, lead.began] = False  # not from the first moment on
    made.known = {"size": asked}

    found = field_of(review_of(made))

    assert (found.finding, found.is_suspect) == ("before", False)
    assert "can be a good sign" in found.sentence


@pytest.mark.parametrize("seed", range(5))
def test_an_honest_field_is_not_suspect(seed: int) -> None:
    made, _, _ = world(seed)
    made.known = {"size": np.random.default_rng(100 + seed).random((len(made.leads), 1)).repeat(made.months, 1) < 0.5}

    found = field_of(review_of(made))

    assert not found.is_suspect
    assert abs(found.difference.value) < 0.1


def test_leads_are_compared_with_leads_of_their_age() -> None:
    """Everybody fills it in after half a year: those who have bought are older, and nothing else."""
    made, _, _ = world()
    began = np.array([lead.began for lead in made.leads])
    made.known = {"size": (np.arange(made.months)[None, :] - began[:, None]) >= 6}

    found = field_of(review_of(made))

    assert not found.is_suspect and abs(found.difference.value) < 0.02


def test_once_it_is_those_with_the_outcome_against_the_others() -> None:
    made, _, ever = world()
    made.known = {"size": np.repeat((ever | (np.arange(len(made.leads)) % 4 == 0))[:, None], made.months, axis=1)}
    replay = replay_of(made)
    assert replay.grid is not None
    last = replay.grid.moment == made.months - 1
    for columns in (replay.grid.contributions, replay.grid.before_hold, replay.grid.known, replay.grid.scores):
        for name in list(columns):
            columns[name] = columns[name][last]
    replay.grid.excluded, replay.grid.lead = replay.grid.excluded[last], replay.grid.lead[last]
    replay.grid.moment = replay.grid.moment[last]

    review = review_once(replay, outcome="won", reached=list(replay.outcomes))

    found = field_of(review)
    assert review.kind == "once" and review.observations == len(made.leads)
    assert found.is_suspect and found.before is None
    assert found.reached == 1 and found.open == pytest.approx(0.25, abs=0.03)
    assert "Nothing here is dated" in review.notes[0]


def test_the_fields_of_a_criterion_are_those_that_its_conditions_read() -> None:
    made, _, _ = world()
    made.playbook = fact_playbook({"size": 10}) + (
        '\n[[criteria]]\nid = "late"\nscore = "fit"\nwhy = "l"\npoints = 5\n'
        "when = \"days_since(met_on) < 5 and (company.size > 3 or size = 'x')\"\n"
    )

    assert fields_read(replay_of(made).bound) == {
        "size": ("size", "late"),
        "met_on": ("late",),
        "company.size": ("late",),
    }
