"""A replay in a few numbers, against a replay written by hand."""

import json
from dataclasses import replace

from tests.engine.comparison.by_hand import end_of
from tests.engine.replay.written import a_written_replay, spell

from leadline.engine.replay.summary import summarize


def test_spells_and_people_are_counted_apart() -> None:
    replay = a_written_replay()
    replay.spells += [spell("ann", "mql", 4, 22, 23), spell("bob", "mql", 1, 24)]

    mql, sql = summarize(replay).qualifications

    assert (mql.began, mql.leads, mql.open) == (3, 2, 1)
    assert (sql.began, sql.leads, sql.open, sql.hand_raises) == (1, 1, 1, 1)


def test_a_spell_that_began_before_the_stretch_only_ends_in_it() -> None:
    mql = summarize(a_written_replay()).qualifications[0]

    assert (mql.began, mql.ended) == (1, {"recycled": 1, "cooled": 1})


def test_endings_by_an_outcome_are_told_by_its_name_the_most_frequent_first() -> None:
    replay = a_written_replay()
    replay.spells += [
        spell("bob", "mql", 1, 22, 23, ended_by="excluded", ended_because="student"),
        spell("bob", "mql", 2, 24, 25),
        spell("bob", "mql", 3, 26, 27, ended_by="outcome", ended_because="won"),
    ]

    ended = summarize(replay).qualifications[0].ended

    assert dict(ended) == {"cooled": 2, "recycled": 1, "excluded": 1, "won": 1}
    assert next(iter(ended)) == "cooled"


def test_days_are_the_median_of_the_spells_that_ended() -> None:
    replay = a_written_replay()
    assert summarize(replay).qualifications[0].median_days == 5  # four and six days
    assert summarize(replay).qualifications[1].median_days is None

    replay.spells.append(spell("bob", "mql", 1, 23, 24))
    assert summarize(replay).qualifications[0].median_days == 4


def test_weeks_begin_on_mondays_and_hold_what_began_in_them() -> None:
    replay = replace(a_written_replay(), start=end_of(8), end=end_of(28))

    said = summarize(replay)

    assert list(said.weeks) == ["2026-01-12", "2026-01-19", "2026-01-26", "2026-02-02"]
    assert [list(one.by_week) for one in said.qualifications] == [[1, 1, 0, 0], [0, 0, 1, 0]]


def test_a_spell_of_the_first_day_and_of_a_sunday_lie_in_the_weeks_of_their_days() -> None:
    replay = replace(a_written_replay(), start=end_of(13), end=end_of(14))  # Sunday and Monday
    replay.spells = [spell("ann", "mql", 1, 13), spell("bob", "mql", 1, 14)]

    said = summarize(replay)

    assert list(said.weeks) == ["2026-01-12", "2026-01-19"]
    assert list(said.qualifications[0].by_week) == [1, 1]


def test_stages_tell_who_moved_in_forward_and_back_and_who_is_there_at_the_end() -> None:
    stages = {stage.id: stage for stage in summarize(a_written_replay()).stages}

    assert list(stages) == ["lead", "mql", "sql", "opportunity", "customer", "evangelist"]
    assert (stages["lead"].forward, stages["lead"].backward, stages["lead"].leads) == (2, 2, 2)
    assert (stages["mql"].forward, stages["mql"].backward, stages["mql"].leads) == (1, 0, 0)
    assert (stages["sql"].forward, stages["sql"].leads) == (1, 1)


def test_who_moved_only_before_the_stretch_is_still_there() -> None:
    replay = a_written_replay()
    replay.moves = []

    assert {stage.id: stage.leads for stage in summarize(replay).stages}["mql"] == 1


def test_leads_are_those_that_had_begun_by_the_end() -> None:
    assert summarize(a_written_replay()).leads == 3


def test_a_summary_is_plain_values() -> None:
    said = summarize(a_written_replay()).to_dict()

    assert json.loads(json.dumps(said)) == said
    assert (said["playbook"], said["version"], said["start"], said["end"]) == (
        "by hand",
        "0123456789ab",
        "2026-01-15",
        "2026-02-01",
    )
