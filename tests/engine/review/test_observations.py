"""Which leads are looked at, at which moments, and what counts as having come true."""

import numpy as np
import pytest
from tests.engine.review.planted import Lead, Made, end_of, fact_playbook, month_ends, name_of, replay_of

from leadline.engine.review.observations import Observations, closing_outcomes, observe, observe_once

MONTHS = 6
ENDS = [moment.day for moment in month_ends(MONTHS)]


def made(*leads: Lead) -> Made:
    points = np.zeros((len(leads), MONTHS), dtype=int)
    return Made(playbook=fact_playbook({"vip": 10}), months=MONTHS, leads=leads, points={"vip": points})


def seen_of(*leads: Lead, outcome: str = "won", days: int = 60, **more: object) -> Observations:
    settings = {"until_us": end_of(MONTHS), **more}
    return observe(replay_of(made(*leads)), outcome=outcome, horizon_days=days, **settings)  # type: ignore[arg-type]


def months_of(seen: Observations, *leads: Lead) -> list[tuple[int, bool]]:
    """Return (month, hit) of the observations, for a replay of one lead that began in its month."""
    return [(int(row) + leads[0].began, bool(hit)) for row, hit in zip(seen.rows, seen.hit, strict=True)]


def left_out(seen: Observations) -> dict[str, tuple[int, int]]:
    return {one.reason: (one.observations, one.leads) for one in seen.left_out}


def test_a_lead_counts_from_its_beginning_until_the_horizon_reaches_past_the_data() -> None:
    ann = Lead(began=1)

    seen = seen_of(ann)

    assert months_of(seen, ann) == [(1, False), (2, False), (3, False)]  # the end of April + 60 days is the end of June
    assert left_out(seen) == {"unmatured": (2, 1)}


def test_the_outcome_counts_within_the_horizon_and_the_lead_leaves_once_it_has_it() -> None:
    bob = Lead(outcomes=(("won", ENDS[3] + 1),))

    seen = seen_of(bob, days=62)

    # 62 days after the end of February is the first of May, the day on which Bob bought; 62 after the end of January is too early.
    assert months_of(seen, bob) == [(0, False), (1, True), (2, True)]
    assert left_out(seen) == {"reached": (2, 1), "unmatured": (1, 1)}


@pytest.mark.parametrize(("day", "is_hit"), [(0, None), (1, True), (60, True), (61, False)])
def test_the_horizon_begins_after_the_moment_and_ends_with_its_last_day(day: int, is_hit: bool | None) -> None:
    """On the day of the moment itself it has been reached already."""
    cem = Lead(outcomes=(("won", ENDS[0] + day),))

    seen = seen_of(cem)

    assert (dict(months_of(seen, cem)).get(0)) == is_hit


def test_who_is_lost_is_no_longer_open_until_there_is_an_opportunity_again() -> None:
    dee = Lead(outcomes=(("lost", ENDS[0] + 3), ("opportunity", ENDS[2] + 3), ("won", ENDS[3] + 3)))

    seen = seen_of(dee)

    assert months_of(seen, dee) == [(0, False), (3, True)]
    assert left_out(seen) == {"closed": (2, 1), "reached": (2, 1)}


def test_who_is_rejected_or_recycled_may_still_come() -> None:
    eva = Lead(outcomes=(("rejected", ENDS[0] + 3), ("recycled", ENDS[1] + 3)))

    assert months_of(seen_of(eva), eva) == [(0, False), (1, False), (2, False), (3, False)]


def test_who_is_excluded_is_left_out_while_that_holds() -> None:
    fay = Lead(excluded=(0, 1))

    seen = seen_of(fay)

    assert months_of(seen, fay) == [(2, False), (3, False)]
    assert left_out(seen)["excluded"] == (2, 1)


def test_of_whom_the_outcome_has_no_time_nothing_is_claimed() -> None:
    gil, hal = Lead(), Lead()

    seen = seen_of(gil, hal, undated=[name_of(0), "nobody"])

    assert seen.leads == 1
    assert left_out(seen)["undated"] == (MONTHS, 1)


def test_what_is_not_known_yet_is_never_a_failure() -> None:
    """The last outcomes of the data end what is known; moments whose horizon ends later do not count."""
    ida = Lead()

    early = seen_of(ida, until_us=end_of(3))

    assert [month for month, _ in months_of(early, ida)] == [0]


def test_quarters_are_those_of_the_calendar_and_ages_are_months_since_the_beginning() -> None:
    jon = Lead(began=1)

    seen = seen_of(jon)

    assert seen.quarters == ("2024 Q1", "2024 Q2")
    assert seen.quarter.tolist() == [0, 0, 1]
    assert seen.age.tolist() == [0, 1, 2]  # it began ten days before its first month-end


def test_once_every_lead_counts_one_time_and_the_outcome_ever() -> None:
    people = made(Lead(began=MONTHS - 1), Lead(began=MONTHS - 1, excluded=(MONTHS - 1,)), Lead(began=MONTHS - 1))

    seen = observe_once(replay_of(people), reached=[name_of(2), name_of(1)])

    assert seen.hit.tolist() == [False, True]
    assert left_out(seen) == {"excluded": (1, 1)}


def test_what_closes_a_lead_depends_on_what_is_hoped_for() -> None:
    assert closing_outcomes("won") == {"lost", "disqualified", "bad_data"}
    assert closing_outcomes("opportunity") == {"won", "lost", "disqualified", "bad_data"}
    assert closing_outcomes("evangelist") == closing_outcomes("renewed") == {"lost", "disqualified", "bad_data"}
