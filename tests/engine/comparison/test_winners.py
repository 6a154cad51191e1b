"""Days gained and lost on the leads that were won."""

from tests.engine.comparison.by_hand import Report, Stay, a_replay

from leadline.engine.comparison.compare import compare
from leadline.engine.comparison.model import Span

OLD: list[Stay] = [("ann", 20, None), ("bob", 20, None), ("cem", 20, None), ("dan", 20, None), ("eva", 40, None)]
NEW: list[Stay] = [("ann", 10, None), ("bob", 22, None), ("cem", 20, None), ("fay", 20, None), ("eva", 41, None)]
WON: list[Report] = [(lead, "won", 30) for lead in ("ann", "bob", "cem", "dan", "eva", "fay", "gus")]


def test_winners_are_counted_by_who_had_them_in_time_and_by_how_many_days() -> None:
    found = compare(a_replay(OLD, WON), a_replay(NEW, WON)).get("mql").winners

    assert (found.leads, found.both, found.caught, found.missed, found.neither) == (7, 3, 1, 1, 2)
    assert (found.earlier, found.later) == (1, 1)
    assert found.days == (-2, -1, 0, 5, 10)
    assert found.spans == (
        Span(least=-7, most=-1, leads=1),
        Span(least=0, most=0, leads=1),
        Span(least=1, most=7, leads=0),
        Span(least=8, most=30, leads=1),
    )
    assert (found.old.count, found.new.count, found.new.n) == (4, 4, 7)


def test_an_entry_at_the_very_moment_of_the_win_is_too_late() -> None:
    found = compare(a_replay(), a_replay([("ann", 30, None)], [("ann", "won", 30)])).get("mql").winners

    assert (found.caught, found.neither) == (0, 1)


def test_only_the_first_win_counts_and_only_in_the_period() -> None:
    won: list[Report] = [
        ("ann", "won", -3),
        ("ann", "won", 30),
        ("bob", "won", 30),
        ("bob", "won", 50),
        ("cem", "won", 101),
    ]
    stays: list[Stay] = [("ann", 1, None), ("bob", 40, None), ("cem", 1, None)]

    found = compare(a_replay(), a_replay(stays, won)).get("mql").winners

    assert (found.leads, found.neither) == (1, 1)


def test_without_winners_there_is_no_distribution() -> None:
    found = compare(a_replay(OLD), a_replay(NEW)).get("mql").winners

    assert (found.leads, found.days, found.spans, found.new.ratio) == (0, None, (), None)
