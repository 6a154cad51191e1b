"""The daily roll-up: what is built, what extending notices, and when it says that it needs the events."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from leadline.engine.assess import Inputs, score
from leadline.engine.problems import ProblemsError
from leadline.engine.rollup import build_rollup

PLAYBOOK = """
[playbook]
name = "small"
timezone = "Europe/Berlin"

[scores.engagement]

[[criteria]]
id = "prices"
score = "engagement"
why = "Looked at prices"
event = "viewed"
when = "path = '/pricing'"
points = 10
limit = { count = 2, per = "day" }

[[criteria]]
id = "any-view"
score = "engagement"
why = "Looked at anything"
event = "viewed"
points = 1
"""
WITH_RESET = PLAYBOOK + '[[resets]]\nevent = "left"\nscores = ["engagement"]\n'
EVENTS = [
    ("e1", "ann", "viewed", "2026-03-01T10:00:00Z", "/pricing", "no"),
    ("e2", "ann", "viewed", "2026-03-01T11:00:00Z", "/pricing", "no"),
    ("e3", "ann", "viewed", "2026-03-01T12:00:00Z", "/pricing", "no"),
    ("e4", "bob", "viewed", "2026-03-02T10:00:00Z", "/home", "no"),
    ("e5", "bob", "viewed", "2026-03-03T10:00:00Z", "/pricing", "no"),
]

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_table(name: str, rows: list[tuple[Any, ...]]) -> Path:
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        return path

    return write_table


class Team:
    """A team with two leads, a log of events and a roll-up."""

    def __init__(self, folder: Path, write: Write) -> None:
        self.folder = folder
        self.write = write
        self.leads = write("leads.csv", [("lead_id",), ("ann",), ("bob",)])
        self.rollup = folder / "rollup.parquet"
        self.playbook = folder / "playbook.toml"
        self.use(PLAYBOOK)

    def use(self, playbook: str) -> None:
        self.playbook.write_text(playbook, encoding="utf-8")

    def log(self, events: list[tuple[str, ...]]) -> Path:
        header = ("event_id", "lead_id", "event", "occurred_at", "path", "is_bot")
        return self.write("events.csv", [header, *events])

    def roll_up(self, events: list[tuple[str, ...]], *, extend: bool = False, whole: bool = False) -> Any:
        return build_rollup(self.playbook, events=self.log(events), out=self.rollup, extend=extend, whole=whole)

    def scores(
        self, as_of: str = "2026-03-04", *, rollup: bool = True, events: list[tuple[str, ...]] | None = None
    ) -> Any:
        inputs = Inputs(leads=self.leads, events=None if events is None else self.log(events))
        with score(self.playbook, inputs, as_of=as_of, rollup=self.rollup if rollup else None) as scoring:
            return {row["lead_id"]: float(row["engagement"]) for row in scoring.rows()}


@pytest.fixture
def team(tmp_path: Path, write: Write) -> Team:
    return Team(tmp_path, write)


def test_a_rollup_scores_like_the_events(team: Team) -> None:
    summary = team.roll_up(EVENTS)

    assert (summary.counted_days, summary.kept_days) == (3, 0)
    assert team.scores() == team.scores(rollup=False, events=EVENTS) == {"ann": 23.0, "bob": 12.0}


def test_points_change_without_reading_an_event_again(team: Team) -> None:
    team.roll_up(EVENTS)
    team.use(PLAYBOOK.replace("points = 10", "points = 100").replace("count = 2", "count = 1"))

    assert team.scores() == {"ann": 103.0, "bob": 102.0}


def test_with_all_events_nothing_stays_of_somebody_who_was_erased(team: Team) -> None:
    team.roll_up(EVENTS)
    of_ann = [event for event in EVENTS if event[1] == "ann"]  # bob had the last events

    team.roll_up(of_ann, extend=True)
    assert "bob" in leads_of(team.rollup)  # a stretch says nothing of the days after it

    team.roll_up(of_ann, extend=True, whole=True)
    assert leads_of(team.rollup) == {"ann"}
    team.roll_up([], extend=True, whole=True)
    assert leads_of(team.rollup) == set()


def leads_of(rollup: Path) -> set[str]:
    return {lead for (lead,) in duckdb.sql(f"SELECT DISTINCT lead_id FROM '{rollup}'").fetchall()}


def test_extending_counts_only_days_that_changed(team: Team) -> None:
    team.roll_up(EVENTS)
    late = ("e6", "bob", "viewed", "2026-03-01T09:00:00Z", "/pricing", "no")

    summary = team.roll_up([*EVENTS, late], extend=True)

    assert (summary.counted_days, summary.kept_days) == (1, 2)
    assert team.scores() == {"ann": 23.0, "bob": 23.0}


@pytest.mark.parametrize(
    ("what", "events", "expected"),
    [
        ("re-pointed", [*EVENTS[:4], ("e5", "ann", *EVENTS[4][2:])], {"ann": 34.0, "bob": 1.0}),
        ("a bot after all", [*EVENTS[:4], (*EVENTS[4][:5], "yes")], {"ann": 23.0, "bob": 1.0}),
        ("seen twice", [*EVENTS, EVENTS[4]], {"ann": 23.0, "bob": 12.0}),
        (
            "earlier than thought",
            [*EVENTS, ("e5", "bob", "viewed", "2026-03-02T08:00:00Z", "/pricing", "no")],
            {"ann": 23.0, "bob": 12.0},
        ),
    ],
)
def test_extending_notices_an_event_that_is(team: Team, what: str, events: Any, expected: Any) -> None:
    team.roll_up(EVENTS)

    team.roll_up(events, extend=True)

    assert team.scores() == team.scores(rollup=False, events=events), what
    assert team.scores() == expected


def test_a_file_of_the_latest_whole_day_extends_it_too(team: Team) -> None:
    team.roll_up(EVENTS[:4])

    summary = team.roll_up(EVENTS[4:], extend=True)

    assert (summary.counted_days, summary.kept_days) == (1, 2)
    assert team.scores() == {"ann": 23.0, "bob": 12.0}


def test_something_new_to_count_needs_all_events(team: Team) -> None:
    team.roll_up(EVENTS)
    team.use(PLAYBOOK.replace("/pricing", "/home"))

    with pytest.raises(ProblemsError, match="leadline rollup PLAYBOOK"):
        team.scores()
    with pytest.raises(ProblemsError, match="give all events"):
        team.roll_up(EVENTS[4:], extend=True)
    team.roll_up(EVENTS, extend=True)

    assert team.scores() == {"ann": 3.0, "bob": 12.0}


def test_days_of_another_zone_are_refused(team: Team) -> None:
    team.roll_up(EVENTS)
    team.use(PLAYBOOK.replace("Europe/Berlin", "America/New_York"))

    with pytest.raises(ProblemsError, match=r"days are those of Europe/Berlin"):
        team.scores()
    with pytest.raises(ProblemsError, match="build it anew"):
        team.roll_up(EVENTS, extend=True)


def test_a_moment_within_a_day_needs_the_events_of_that_day(team: Team) -> None:
    team.roll_up(EVENTS)

    with pytest.raises(ProblemsError, match="holds whole days only"):
        team.scores("2026-03-01T11:00:00Z")

    assert team.scores("2026-03-01T11:00:00Z", events=EVENTS) == {"ann": 22.0, "bob": 0.0}


def test_a_reset_within_a_day_needs_the_events_of_that_day(team: Team) -> None:
    team.use(WITH_RESET)
    events = [*EVENTS, ("e7", "ann", "left", "2026-03-01T11:30:00Z", "", "no")]
    team.roll_up(events)

    with pytest.raises(ProblemsError, match="wiped by left"):
        team.scores()

    assert team.scores(events=events) == {"ann": 11.0, "bob": 12.0}


def test_only_a_reason_that_wipes_needs_the_events_of_its_day(team: Team, write: Write) -> None:
    told = '[[outcomes.recycled.reasons]]\nid = "Gone"\nreset = ["engagement"]\n'
    but = '[outcomes.rejected]\nreset = ["engagement"]\n[[outcomes.rejected.reasons]]\nid = "later"\nreset = []\n'
    team.use(PLAYBOOK + told + but)
    team.roll_up(EVENTS)

    def scores(*outcomes: tuple[str, str], events: bool = False) -> Any:
        rows = [("ann", outcome, reason, "2026-03-01T11:30:00Z") for outcome, reason in outcomes]
        said = write("outcomes.csv", [("lead_id", "outcome", "reason", "at"), *rows])
        inputs = Inputs(leads=team.leads, events=team.log(EVENTS) if events else None, outcomes=said)
        with score(team.playbook, inputs, as_of="2026-03-04", rollup=team.rollup) as scoring:
            return {row["lead_id"]: float(row["engagement"]) for row in scoring.rows()}

    assert scores(("recycled", ""), ("recycled", "later"), ("rejected", "LATER")) == {"ann": 23.0, "bob": 12.0}
    for wiping in (("recycled", "gone"), ("rejected", ""), ("rejected", "gone")):
        with pytest.raises(ProblemsError, match="wiped by the outcome"):
            scores(wiping)
        assert scores(wiping, events=True) == {"ann": 11.0, "bob": 12.0}


def test_what_is_no_rollup_is_refused(team: Team, tmp_path: Path) -> None:
    duckdb.sql("SELECT 1 AS lead_id").write_parquet(str(tmp_path / "other.parquet"))
    team.rollup = tmp_path / "other.parquet"

    with pytest.raises(ProblemsError, match="not written by"):
        team.scores()
    with pytest.raises(ProblemsError, match="Parquet file"):
        build_rollup(team.playbook, events=team.log(EVENTS), out=tmp_path / "rollup.csv")


def test_a_rollup_does_not_ask_what_fields_leads_have(team: Team) -> None:
    team.use(
        PLAYBOOK
        + '[[personas]]\nid = "renewing"\nwhen = "renewal < signed_up"\n'
        + '[[qualifications]]\nid = "mql"\nenter = "engagement > employees and size >= 5"\n'
    )

    assert team.roll_up(EVENTS).counted_days == 3


def test_a_day_on_which_some_event_did_not_occur_extends_it(team: Team) -> None:
    team.use(PLAYBOOK.replace('event = "viewed"\npoints = 1\n', 'event = "asked"\npoints = 1\n'))
    team.roll_up([*EVENTS[:4], ("e9", "ann", "asked", "2026-03-02T09:00:00Z", "", "no")])

    team.roll_up(EVENTS[4:], extend=True)

    assert team.scores() == {"ann": 21.0, "bob": 10.0}


def test_a_rollup_that_cannot_be_written_is_told(team: Team) -> None:
    with pytest.raises(ProblemsError, match="cannot be written"):
        build_rollup(team.playbook, events=team.log(EVENTS), out=team.folder / "nowhere" / "rollup.parquet")
