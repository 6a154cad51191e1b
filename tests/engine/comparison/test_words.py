"""A comparison in sentences: nothing without its number, no number that says nothing."""

from dataclasses import replace

import pytest
from tests.engine.comparison.by_hand import MQL, PLAYBOOK, SQL, ZERO, Report, Stay, a_replay

from leadline.engine.comparison import words
from leadline.engine.comparison.compare import compare
from leadline.engine.comparison.model import Changed, Difference, Telling
from leadline.engine.explanation.model import Explanation, Part, QualificationExplanation
from leadline.engine.statistics import Interval, Share

OLD: list[Stay] = [("ann", 10, 20), ("bob", 10, None), ("dan", 5, 6)]
NEW: list[Stay] = [("ann", 10, 20), ("bob", 4, None), ("eva", 20, 21)]
OUTCOMES: list[Report] = [("bob", "won", 50), ("dan", "won", 15), ("eva", "won", 31)]


def test_it_is_said_in_short() -> None:
    found = compare(a_replay(OLD, OUTCOMES), a_replay(NEW, OUTCOMES), capacity=1, horizon_days=30)

    assert words.in_short(found) == [
        "Marketing qualified: 3 leads instead of 3: 1 added, 1 removed, 1 earlier and 1 on the same day.",
        "Hand-offs a week: 0.2 instead of 0.2; 1 instead of 2 in the fullest week."
        " More than 1 come in 0 instead of 1 of 15 weeks, and at most 0 instead of 1 wait at the end of one.",
        "Marketing qualified, won: 1 of 1, 100 % (21–100 %) of the added and 1 of 1, 100 % (21–100 %) of the removed.",
        "Marketing qualified: of 3 leads with the outcome won, the new version had 2 in time instead of 2: 1 caught, 1 missed.",
        "Marketing qualified: of 1 lead that both had in time, 1 earlier and 0 later; in the median 6 days earlier.",
    ]


def test_what_does_not_change_is_said_once() -> None:
    found = compare(a_replay(OLD, OUTCOMES), a_replay(OLD, OUTCOMES))

    assert words.in_short(found) == [
        "Marketing qualified: nothing changes; 3 leads on the same days.",
        "Hand-offs a week: 0.2 instead of 0.2; 2 instead of 2 in the fullest week.",
    ]


def test_a_qualification_of_one_version_is_said_to_be_of_one() -> None:
    found = compare(a_replay({"mql": OLD}, toml=PLAYBOOK + MQL), a_replay({"sql": NEW}, toml=PLAYBOOK + SQL))

    assert words.in_short(found)[:2] == [
        "Sales qualified: only in the new version, with 3 leads.",
        "Marketing qualified: only in the old version, with 3 leads.",
    ]


def test_whose_beginnings_are_counted_is_said() -> None:
    handoff = '[handoff]\nqualifications = ["mql", "sql"]\n'
    declared = compare(a_replay(toml=PLAYBOOK + MQL + SQL + handoff), a_replay(toml=PLAYBOOK + MQL)).workload

    assert words.say_handed_over(declared["old"]) == "of mql and sql"
    assert words.say_handed_over(declared["new"]) == "of mql, the first qualification, since there is no [handoff]"


def test_who_is_not_followed_is_said_with_the_reason() -> None:
    new = a_replay([("ann", -5, None), ("bob", 10, None), ("cem", 95, None)])

    added = compare(a_replay(), new, horizon_days=30).get("mql").of("added")

    assert words.say_maturity(added, 30) == (
        "1 of 3 leads; 1 entered less than 30 days before the end of what is known and 1 had been in before the period"
    )


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (None, "–"),
        (0, "0 %"),
        (1, "100 %"),
        (0.1, "10 %"),
        (0.0994, "9.9 %"),
        (0.0996, "10 %"),
        (0.05, "5 %"),
        (0.0004, "0 %"),
    ],
)
def test_shares_are_said_in_percent(ratio: float | None, said: str) -> None:
    assert words.say_percent(ratio) == said


def test_a_share_is_said_with_its_whole_and_its_interval() -> None:
    assert words.say_share(Share(0, 20)) == "0 of 20, 0 % (0–16 %)"
    assert words.say_interval(Interval(0.5, None)) == "50–100 %"


def test_a_difference_is_said_in_points_or_not_at_all() -> None:
    assert words.say_difference(Difference(outcome="won", points=None, low=-1, high=1)) == "–"
    assert words.say_difference(Difference(outcome="won", points=0.001, low=-0.2, high=0.3)) == "0 (−20 to +30) points"


TELLING = Telling(
    lead_id="ann",
    qualification="mql",
    way="for",
    kind="added",
    entered_by="new",
    at="2026-01-06T12:00:00Z",
    day=ZERO + 1,
    other_day=None,
    began_by="enter",
    hand_raise=None,
    far_days=12,
    is_winner=False,
    outcome=None,
    outcome_day=None,
)


def test_what_a_lead_shows_is_one_sentence() -> None:
    both = replace(TELLING, other_day=ZERO + 13)

    assert words.say_telling(TELLING) == (
        "mql only in the new version, from 6 January 2026, for 12 days; none of the outcomes came after that."
    )
    assert words.say_telling(replace(TELLING, kind="removed", outcome="won", outcome_day=ZERO + 1)) == (
        "mql only in the old version, from 6 January 2026, for 12 days; won on the same day."
    )
    assert words.say_telling(replace(both, kind="earlier", outcome="won", outcome_day=ZERO + 2)) == (
        "mql 12 days sooner, from 6 January 2026 instead of 18 January 2026; won 1 day after 6 January 2026."
    )
    assert words.say_telling(replace(both, kind="later", began_by="hand_raise", hand_raise="demo")) == (
        "mql 12 days later, from 18 January 2026 instead of 6 January 2026, by a hand raise (demo);"
        " none of the outcomes came after that."
    )


def a_level(enter: Part | None, *, holds: bool = False) -> QualificationExplanation:
    return QualificationExplanation(id="mql", title="MQL", holds=holds, stays=holds, enter=enter)


def test_why_names_points_and_what_the_other_version_missed() -> None:
    fit = Part(text="the score fit is at least 50", truth="true", found="it is 60")
    engagement = Part(text="the score engagement is at least 40", truth="false", found="it is 27")
    unknown = Part(text="the role is known", truth="unknown")
    enter = Part(text="", truth="false", joined="all", parts=(fit, engagement, unknown))
    one = replace(
        TELLING,
        explanation=Explanation(lead_id="ann", as_of="x"),
        other_says=a_level(enter),
        criteria=(Changed(id="a", text="Came to a webinar", old=None, new=150_000),),
    )

    assert words.say_why(one) == [
        "Came to a webinar: 15, only in the new version",
        "old version: the score engagement is at least 40: no, it is 27",
        "old version: the role is known: not known",
    ]


def test_why_tells_what_else_there_may_be() -> None:
    explained = replace(TELLING, explanation=Explanation(lead_id="ann", as_of="x"))

    assert words.say_why(TELLING) == []
    assert words.say_why(explained) == ["the old version has no mql"]
    assert words.say_why(replace(explained, other_says=a_level(None))) == ["the old version excludes it"]
    whole = Part(text="a or b", truth="false", joined="any", parts=(Part(text="a", truth="false"),))
    assert words.say_why(replace(explained, other_says=a_level(whole))) == ["old version: a or b: no"]
    assert words.say_changed(Changed(id="a", text="A", old=1, new=None)) == "A: 0.0001, only in the old version"
