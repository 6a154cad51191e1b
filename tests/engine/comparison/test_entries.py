"""When leads were in a qualification, as far as the period sees it."""

from tests.engine.comparison.by_hand import ZERO, a_replay

from leadline.engine.comparison.entries import entries_of


def test_the_first_spell_that_touches_the_period_is_the_entry() -> None:
    found = entries_of(a_replay([("ann", -9, -5), ("ann", -3, 2), ("ann", 20, None)], last=30))["mql"]["ann"]

    assert (found.day - ZERO, found.is_before, found.spells) == (-3, True, 2)
    assert found.stay_days == 2 + 11


def test_a_spell_of_one_day_is_a_day() -> None:
    assert entries_of(a_replay([("ann", 3, 3.9)]))["mql"]["ann"].stay_days == 1


def test_a_spell_that_goes_on_after_the_period_counts_to_its_end() -> None:
    assert entries_of(a_replay([("ann", 8, 90)], last=10))["mql"]["ann"].stay_days == 3
