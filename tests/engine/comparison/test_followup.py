"""What became of leads: the same time for each, nothing from before, nothing of another qualification."""

import pytest
from tests.engine.comparison.by_hand import ZERO, Report, a_replay, moment

from leadline.engine.calendar import get_zone
from leadline.engine.comparison.compare import compare
from leadline.engine.comparison.entries import Entry
from leadline.engine.comparison.followup import Hindsight, follow
from leadline.engine.reference.log import ReportedOutcome


def won_within_ten_days(day_of_win: float) -> int:
    found = compare(a_replay(), a_replay([("ann", 20.5, None)], [("ann", "won", day_of_win)]), horizon_days=10)
    return found.get("mql").of("added").get("won").share.count


@pytest.mark.parametrize(
    ("day", "counts"), [(20.4, 0), (20.5, 0), (20.5001, 1), (30.999, 1), (31.0001, 0), (25, 1), (19, 0)]
)
def test_an_outcome_counts_after_the_entry_and_to_the_end_of_the_last_day(day: float, counts: int) -> None:
    assert won_within_ten_days(day) == counts


def test_a_lead_is_mature_when_its_last_day_is_over() -> None:
    new = a_replay([("ann", 90, None), ("bob", 91, None)], [("ann", "won", 100.9), ("bob", "won", 92)], last=100)

    added = compare(a_replay(), new, horizon_days=10).get("mql").of("added")

    assert (added.mature, added.unmatured, added.get("won").share.count) == (1, 1, 1)


def test_outcomes_that_are_known_for_longer_than_the_period_let_more_leads_mature() -> None:
    new = a_replay([("ann", 95, None)], [("ann", "won", 104)], last=100)

    at_the_end = compare(a_replay(), new, horizon_days=10).get("mql").of("added")
    later = compare(a_replay(), new, horizon_days=10, seen_until=ZERO + 105).get("mql").of("added")

    assert (at_the_end.mature, later.mature, later.get("won").share.count) == (0, 1, 1)


def test_an_outcome_from_before_the_entry_is_counted_apart() -> None:
    outcomes: list[Report] = [("ann", "won", 10), ("bob", "won", 10), ("bob", "won", 25)]
    new = a_replay([("ann", 20, None), ("bob", 20, None)], outcomes)

    won = compare(a_replay(), new, horizon_days=10).get("mql").of("added").get("won")

    assert (won.share.count, won.share.n, won.already) == (1, 2, 1)


def test_an_outcome_that_names_a_qualification_counts_for_that_one() -> None:
    reported = {"ann": [ReportedOutcome(outcome="accepted", at_us=moment(5), qualification="pql")]}
    known = Hindsight(outcomes=reported, zone=get_zone("UTC"), horizon_days=10, seen_until=ZERO + 50)
    entries = {"ann": Entry(at_us=moment(1), day=ZERO + 1, began_by="enter", hand_raise=None, is_before=False)}

    counts = {
        level: follow(known, "new", entries, qualification=level, outcomes=["accepted"]).get("accepted").share.count
        for level in ("mql", "pql")
    }

    assert counts == {"mql": 0, "pql": 1}


def test_an_outcome_that_is_not_followed_is_not_there() -> None:
    with pytest.raises(KeyError):
        compare(a_replay(), a_replay([("ann", 1, None)])).get("mql").of("new").get("won")
