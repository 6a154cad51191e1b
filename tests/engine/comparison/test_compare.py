"""Two replays side by side: tables that were counted by hand, and what must hold of any two."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.comparison.by_hand import MQL, PLAYBOOK, SQL, ZERO, Report, Stay, a_replay

from leadline.engine.calendar import date_text
from leadline.engine.comparison.compare import compare
from leadline.engine.comparison.model import QualificationChange

OLD: list[Stay] = [("ann", 10, 20), ("bob", 10, None), ("cem", 30, 40), ("dan", 5, 6), ("dan", 50, 60)]
NEW: list[Stay] = [("ann", 10.2, 20), ("bob", 4, None), ("cem", 33, 40), ("eva", 20, 21)]


def counts(change: QualificationChange) -> dict[str, int]:
    names = ("old_leads", "new_leads", "old_spells", "new_spells", "added", "removed", "earlier", "later", "same")
    return {name: getattr(change, name) for name in names}


def test_leads_are_counted_by_who_has_them_and_since_when() -> None:
    found = compare(a_replay(OLD), a_replay(NEW)).get("mql")

    assert counts(found) == {
        "old_leads": 4, "new_leads": 4, "old_spells": 5, "new_spells": 4,
        "added": 1, "removed": 1, "earlier": 1, "later": 1, "same": 1,
    }  # fmt: skip


def test_a_day_is_the_least_that_counts_as_earlier() -> None:
    found = compare(a_replay([("ann", 10.9, None)]), a_replay([("ann", 10.1, None)])).get("mql")

    assert (found.same, found.earlier) == (1, 0)


def test_a_spell_that_does_not_touch_the_period_is_not_seen() -> None:
    old = a_replay([("ann", 1, 9), ("bob", 1, 10), ("cem", 101, None)], first=10)

    found = compare(old, a_replay(first=10)).get("mql")

    assert (found.old_leads, found.removed) == (1, 1)


def test_what_became_of_the_added_and_the_removed_is_counted_by_hand() -> None:
    outcomes: list[Report] = [
        ("ann", "won", 15), ("bob", "won", 30), ("cem", "won", 90),   # kept: bob's 26 days after the new entry
        ("dan", "won", 15), ("dan", "accepted", 15.1),                # removed: dan in 10 days
        ("eva", "opportunity", 29), ("eva", "won", 31),               # added: eva's opportunity in 9, won in 11 days
    ]  # fmt: skip

    found = compare(a_replay(OLD, outcomes), a_replay(NEW, outcomes), horizon_days=10).get("mql")

    reached = {
        (one.group, two.outcome): (two.share.count, two.share.n) for one in found.followed for two in one.reached
    }
    assert reached == {
        ("old", "accepted"): (1, 4), ("old", "opportunity"): (0, 4), ("old", "won"): (2, 4),
        ("new", "accepted"): (0, 4), ("new", "opportunity"): (1, 4), ("new", "won"): (1, 4),
        ("kept", "accepted"): (0, 3), ("kept", "opportunity"): (0, 3), ("kept", "won"): (1, 3),
        ("added", "accepted"): (0, 1), ("added", "opportunity"): (1, 1), ("added", "won"): (0, 1),
        ("removed", "accepted"): (1, 1), ("removed", "opportunity"): (0, 1), ("removed", "won"): (1, 1),
    }  # fmt: skip
    assert [(one.outcome, one.points) for one in found.differences] == [
        ("accepted", -1), ("opportunity", 1), ("won", -1),
    ]  # fmt: skip


def test_who_has_not_had_the_time_is_no_failure() -> None:
    new = a_replay([("ann", 90, None), ("bob", 91, None), ("cem", 95, None)], [("cem", "won", 96)])

    (followed,) = [one for one in compare(a_replay(), new, horizon_days=10).get("mql").followed if one.group == "added"]

    assert (followed.leads, followed.mature, followed.unmatured, followed.before) == (3, 1, 2, 0)
    assert (followed.get("won").share.count, followed.get("won").share.n) == (0, 1)


def test_who_was_in_before_the_period_is_set_apart() -> None:
    new = a_replay([("ann", -5, None), ("bob", 0, None)], [("ann", "won", 1)])

    added = compare(a_replay(), new).get("mql").of("added")

    assert (added.leads, added.mature, added.unmatured, added.before) == (2, 1, 0, 1)


def test_a_qualification_of_one_version_is_said_to_be_of_one() -> None:
    old = a_replay({"mql": OLD}, toml=PLAYBOOK + MQL)
    new = a_replay({"sql": NEW}, toml=PLAYBOOK + SQL)

    found = compare(old, new)

    assert [(one.id, one.only_in, one.added, one.removed) for one in found.qualifications] == [
        ("sql", "new", 4, 0),
        ("mql", "old", 0, 4),
    ]


def test_outcomes_that_occur_nowhere_are_named_and_not_followed() -> None:
    new = a_replay(NEW, [("eva", "won", 25)])

    found = compare(a_replay(OLD), new)

    assert found.outcomes == ("won",)
    assert found.unseen == ("accepted", "opportunity")


def test_an_outcome_of_the_playbooks_own_is_followed_too() -> None:
    toml = PLAYBOOK + MQL + "\n[outcomes.signed]\n"
    new = a_replay(NEW, [("eva", "signed", 25)], toml=toml)

    found = compare(a_replay(OLD, toml=toml), new, horizon_days=10)

    assert found.outcomes == ("signed",)
    assert found.get("mql").of("added").get("signed").share.count == 1


def test_no_lead_at_all_gives_an_empty_comparison() -> None:
    found = compare(a_replay(), a_replay())

    assert counts(found.get("mql")) == dict.fromkeys(counts(found.get("mql")), 0)
    assert found.telling == ()
    assert found.get("mql").winners.leads == 0


def test_two_periods_are_refused() -> None:
    with pytest.raises(ValueError, match="one period"):
        compare(a_replay(last=10), a_replay(last=11))


def test_a_horizon_of_no_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        compare(a_replay(), a_replay(), horizon_days=0)


def test_it_becomes_json_with_days_as_dates_and_shares_as_numbers() -> None:
    outcomes: list[Report] = [("eva", "won", 31)]

    found = json.loads(json.dumps(compare(a_replay(OLD, outcomes), a_replay(NEW, outcomes)).to_dict()))

    assert (found["start"], found["end"]) == (date_text(ZERO), date_text(ZERO + 100))
    (mql,) = found["qualifications"]
    added = mql["followed"][3]
    assert (added["group"], added["mature"]) == ("added", 0)
    assert added["reached"][0]["share"]["share"] is None
    assert mql["winners"]["in_time"]["new"]["share"] == 1
    assert found["workload"]["old"]["weeks"][0] == {"monday": "2026-01-05", "days": 7, "handoffs": 1}
    assert found["telling"][0]["day"] == "2026-01-25"


# -- what must hold of any two --------------------------------------------------------------------------------

stays = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(-20, 60), st.one_of(st.none(), st.integers(0, 30))).map(
        lambda stay: (stay[0], stay[1], None if stay[2] is None else stay[1] + stay[2])
    ),
    max_size=12,
)
reports = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from(["accepted", "opportunity", "won"]), st.integers(-5, 70)),
    max_size=12,
)


@given(stays, stays, reports, st.integers(1, 40))
def test_every_lead_is_counted_once(old: list[Stay], new: list[Stay], outcomes: list[Report], horizon: int) -> None:
    found = compare(a_replay(old, outcomes, last=60), a_replay(new, outcomes, last=60), horizon_days=horizon).get("mql")

    assert found.added + found.kept == found.new_leads
    assert found.removed + found.kept == found.old_leads
    for group in found.followed:
        assert group.mature + group.unmatured + group.before == group.leads
        assert all(one.share.n == group.mature for one in group.reached)
        assert all(one.share.count + one.already <= group.mature for one in group.reached)
    for outcome in ("accepted", "opportunity", "won"):
        if any(one[1] == outcome for one in outcomes):
            new_reached = found.of("new").get(outcome).share.count
            assert found.of("added").get(outcome).share.count + found.of("kept").get(outcome).share.count == new_reached
    winners = found.winners
    assert winners.both + winners.caught + winners.missed + winners.neither == winners.leads
    assert sum(span.leads for span in winners.spans) == winners.both


@given(stays, stays, reports)
def test_turned_round_added_is_removed_and_earlier_is_later(
    old: list[Stay], new: list[Stay], outcomes: list[Report]
) -> None:
    one, other = a_replay(old, outcomes, last=60), a_replay(new, outcomes, last=60)

    there, back = compare(one, other).get("mql"), compare(other, one).get("mql")

    assert (there.added, there.removed, there.earlier, there.later, there.same) == (
        back.removed, back.added, back.later, back.earlier, back.same,
    )  # fmt: skip
    assert there.of("added").reached == back.of("removed").reached
    assert (there.winners.caught, there.winners.missed) == (back.winners.missed, back.winners.caught)


@given(stays, reports)
def test_a_version_compared_with_itself_changes_nothing(listed: list[Stay], outcomes: list[Report]) -> None:
    found = compare(a_replay(listed, outcomes, last=60), a_replay(listed, outcomes, last=60))

    mql = found.get("mql")
    assert (mql.added, mql.removed, mql.earlier, mql.later) == (0, 0, 0, 0)
    assert found.telling == ()
    assert found.workload["old"] == found.workload["new"]
