"""Which leads tell most."""

from tests.engine.comparison.by_hand import MQL, PLAYBOOK, SQL, Report, Stay, a_replay

from leadline.engine.comparison.compare import compare

HANDOFF = '[handoff]\nqualifications = ["mql", "sql"]\n'


def chosen(old: list[Stay], new: list[Stay], outcomes: list[Report] | None = None) -> list[tuple[str, str, str, int]]:
    found = compare(a_replay(old, outcomes or []), a_replay(new, outcomes or []))
    return [(one.way, one.lead_id, one.kind, one.far_days) for one in found.telling]


def test_winners_that_only_one_has_come_first_then_other_winners_then_the_furthest() -> None:
    old: list[Stay] = [("bob", 40, None), ("cem", 60, None), ("gus", 5, 25)]
    new: list[Stay] = [("ann", 50, 52), ("bob", 35, None), ("cem", 20, None), ("dan", 50, 55), ("eva", 10, 90)]
    won: list[Report] = [("ann", "won", 70), ("bob", "won", 70), ("gus", "won", 4)]

    assert chosen(old, new, won) == [
        ("for", "ann", "added", 2),
        ("for", "bob", "earlier", 5),
        ("for", "eva", "added", 80),
        ("for", "cem", "earlier", 40),
        ("for", "dan", "added", 5),
        ("against", "gus", "removed", 20),
    ]


def test_at_most_ten_each_way_and_equal_ones_by_their_id() -> None:
    old: list[Stay] = [(f"old{number:02}", 10, 20) for number in range(12)]
    new: list[Stay] = [(f"new{number:02}", 10, 20) for number in range(12)]

    found = chosen(old, new)

    assert [one[1] for one in found] == [f"{way}{number:02}" for way in ("new", "old") for number in range(10)]


def test_a_lead_is_shown_once_for_the_qualification_that_moved_it_furthest() -> None:
    toml = PLAYBOOK + MQL + SQL + HANDOFF
    new = a_replay({"mql": [("ann", 1, 5)], "sql": [("ann", 1, 50)]}, toml=toml)

    (found,) = compare(a_replay(toml=toml), new).telling

    assert (found.qualification, found.far_days) == ("sql", 49)


def test_what_became_of_it_is_the_furthest_outcome_after_the_entry() -> None:
    outcomes: list[Report] = [("ann", "opportunity", 2), ("ann", "accepted", 12), ("ann", "opportunity", 15)]

    (found,) = compare(a_replay(outcomes=outcomes), a_replay([("ann", 10, None)], outcomes)).telling

    assert (found.outcome, found.outcome_day, found.is_winner) == ("opportunity", found.day + 5, False)
    assert found.at.endswith("Z")
