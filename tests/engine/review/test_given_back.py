"""What had brought the spells that sales gave back, beside those that it accepted."""

import numpy as np
import pytest
from tests.engine.review.planted import Lead, Made, end_of, fact_playbook, month_ends, name_of, replay_of

from leadline.engine.calendar import DAY_US
from leadline.engine.lifecycle.model import Evidence, Spell
from leadline.engine.review.from_replay import review_replay
from leadline.engine.review.given_back import compare_spells, decided_spells
from leadline.engine.review.model import Review

MONTHS = 6
FIRST_DAY = month_ends(MONTHS)[0].day


def spell(
    lead: int, outcome: str | None, contributions: dict[str, int], *, day: int = FIRST_DAY, number: int = 1
) -> Spell:
    return Spell(
        lead_id=name_of(lead),
        qualification="mql",
        number=number,
        began_us=day * DAY_US,
        began_day=day,
        began_by="enter",
        outcome=outcome,
        evidence=Evidence(contributions=contributions),
    )


def shop(spells: list[Spell], leads: int = 200) -> Made:
    return Made(
        playbook=fact_playbook({"ebook": 10, "demo": 30}),
        months=MONTHS,
        leads=[Lead()] * leads,
        points={name: np.zeros((leads, MONTHS), dtype=int) for name in ("ebook", "demo")},
        spells=spells,
    )


def eighty() -> list[Spell]:
    """Forty given back, thirty of them with an e-book; forty accepted, ten with one, and all with a demo."""
    back = [spell(n, "rejected" if n % 2 else "recycled", {"ebook": 100_000} if n < 30 else {}) for n in range(40)]
    taken = [
        spell(40 + n, "won" if n % 2 else "accepted", {"demo": 300_000} | ({"ebook": 100_000} if n < 10 else {}))
        for n in range(40)
    ]
    return back + taken


def review_of(made: Made) -> Review:
    return review_replay(replay_of(made), outcome="won", horizon_days=60, until_us=end_of(MONTHS))


def test_shares_are_of_spells_given_back_and_accepted() -> None:
    made = shop([*eighty(), spell(90, None, {"ebook": 100_000}), spell(91, "lost", {"ebook": 100_000})])

    decided = decided_spells(replay_of(made), until_us=end_of(MONTHS), horizon_us=60 * DAY_US)
    found = compare_spells(decided, "ebook", "gives", 1.96)

    assert (decided.returned, decided.accepted) == (40, 40)
    assert found is not None and found.ratio is not None
    assert (found.among_returned, found.among_accepted) == (0.75, 0.25)
    assert found.ratio.value == pytest.approx(3.0)
    assert found.is_clear


def test_spells_that_are_too_young_to_be_won_do_not_count() -> None:
    """A refusal comes within days; the young ones would all be refused."""
    young = [spell(100 + n, "rejected", {"ebook": 100_000}, day=month_ends(MONTHS)[-1].day - 10) for n in range(50)]

    decided = decided_spells(replay_of(shop(eighty() + young)), until_us=end_of(MONTHS), horizon_us=60 * DAY_US)

    assert decided.returned == 40


def test_a_lead_that_comes_back_ten_times_is_one_lead() -> None:
    often = [spell(0, "rejected", {"ebook": 100_000}, number=n) for n in range(1, 41)]
    taken = [spell(40 + n, "won", {}) for n in range(40)]

    decided = decided_spells(replay_of(shop(often + taken)), until_us=end_of(MONTHS), horizon_us=0)

    assert decided.returned == 40
    assert compare_spells(decided, "ebook", "gives", 1.96) is None


def test_the_side_that_costs_points_is_looked_at_as_such() -> None:
    spells = [spell(n, "rejected", {"ebook": -100_000}) for n in range(40)] + [
        spell(40 + n, "won", {}) for n in range(40)
    ]

    decided = decided_spells(replay_of(shop(spells)), until_us=end_of(MONTHS), horizon_us=0)

    gives, costs = (compare_spells(decided, "ebook", direction, 1.96) for direction in ("gives", "costs"))
    assert gives is not None and gives.among_returned == 0
    assert costs is not None and costs.among_returned == 1


def test_a_review_says_which_criterion_brings_leads_that_come_back() -> None:
    made = shop(eighty())
    made.points = {name: np.tile(np.arange(200)[:, None] % 3 == 0, MONTHS) * 10 for name in ("ebook", "demo")}

    review = review_of(made)

    ebook, demo = review.criteria
    assert (review.returned_spells, review.accepted_spells) == (40, 40)
    assert any("given back" in one for one in ebook.cautions)
    assert not any("given back" in one for one in demo.cautions)


def test_what_was_there_when_a_spell_began_is_not_dead_even_if_no_month_end_sees_it() -> None:
    review = review_of(shop(eighty()))

    assert "dead" not in {one.verdict for one in review.criteria}
