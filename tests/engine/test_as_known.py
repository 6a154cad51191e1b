"""What arrived late does not change last month: `as_known`, from files to scores and explanations."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, reject
from tests.parity.expected import read_as_of, to_cells
from tests.strategies import Scenario, scenarios

from leadline.engine.assess import score
from leadline.engine.explain import explain
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.problems import ProblemsError
from leadline.engine.reference.assess import assess
from leadline.engine.reference.infer import infer_catalog
from leadline.engine.reference.log import LeadLog
from leadline.engine.reference.read import read_logs
from leadline.engine.run import Inputs

PLAYBOOK = """
[playbook]
name = "seen"
timezone = "Europe/Berlin"
[scores.fit]
[scores.heat]
[[criteria]]
id = "size"
score = "fit"
why = "Large"
when = "employees >= 50"
points = 30
[[criteria]]
id = "industry"
score = "fit"
why = "Software"
when = "company.industry = 'software'"
points = 20
[[criteria]]
id = "visit"
score = "heat"
why = "Came by"
event = "visit"
points = 10
decay = { linear = "10d" }
[[qualifications]]
id = "accepted"
enter = "decision = 'accepted'"
"""
FEBRUARY = "2026-02-28"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Ann came on 26 February, which a tracker told in March; what sales said and found out was typed in later still."""
    for name, text in {
        "playbook.toml": PLAYBOOK,
        "leads.csv": "lead_id,company_id,employees,created_at\nann,acme,90,2026-01-10\nbob,acme,90,2026-03-05T09:00:00Z\n",
        "companies.csv": "company_id,industry\nacme,software\n",
        "events.csv": "lead_id,event,occurred_at,received_at\n"
        "ann,visit,2026-02-27T10:00:00Z,2026-02-27T10:00:01Z\n"
        "ann,visit,2026-02-26T10:00:00Z,2026-03-02T08:00:00Z\n",
        "facts.csv": "lead_id,company_id,field,value,known_at,recorded_at\n"
        "ann,,employees,20,2026-02-20,2026-03-01\nbob,,employees,70,2026-02-20,2026-02-21\n",
        "outcomes.csv": "lead_id,outcome,at,recorded_at\nann,accepted,2026-02-27T15:00:00Z,2026-03-04\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def inputs_in(folder: Path) -> Inputs:
    return Inputs(**{name: folder / f"{name}.csv" for name in ("leads", "companies", "events", "facts", "outcomes")})  # type: ignore[arg-type]


def scores(folder: Path, backend: str = "duckdb", **options: object) -> dict[str, tuple[float, float, bool]]:
    with score(folder / "playbook.toml", inputs_in(folder), as_of=FEBRUARY, backend=backend, **options) as scoring:  # type: ignore[arg-type]
        return {row["lead_id"]: (float(row["fit"]), float(row["heat"]), row["accepted"]) for row in scoring.rows()}


def test_what_arrived_in_march_is_not_in_the_february_that_was_known_then(shop: Path) -> None:
    assert scores(shop) == {"ann": (20, 17, True), "bob": (50, 0, False)}
    assert scores(shop, as_known=True) == {"ann": (50, 9, False), "bob": (30, 0, False)}


def test_so_it_is_in_postgres(shop: Path, postgres_url: str) -> None:
    assert scores(shop, postgres_url, as_known=True) == scores(shop, as_known=True)


def test_an_event_that_arrives_late_changes_only_what_is_known_afterwards(shop: Path) -> None:
    february = scores(shop, as_known=True)
    with (shop / "events.csv").open("a", encoding="utf-8") as file:
        file.write("ann,visit,2026-02-28T10:00:00Z,2026-03-20\nbob,visit,2026-02-01,2026-03-20\n")

    assert scores(shop, as_known=True) == february
    assert scores(shop)["ann"][1] == 27


def test_an_explanation_says_what_was_known_then_too(shop: Path) -> None:
    ann, bob = explain(shop / "playbook.toml", inputs_in(shop), ["ann", "bob"], as_of=FEBRUARY, as_known=True)

    assert [part.points / 10_000 for one in (ann, bob) for part in one.scores] == [50, 9, 30, 0]


def test_what_does_not_say_when_it_arrived_is_told(shop: Path) -> None:
    (shop / "leads.csv").write_text(
        "lead_id,employees,created_at\nann,90,\nbob,90,soon\ncem,90,2026-01-01\ndan,90, \n", encoding="utf-8"
    )
    (shop / "events.csv").write_text(
        "lead_id,event,occurred_at,received_at,is_bot\n"
        "ann,visit,2026-02-27,,\nann,visit,2026-02-27,yesterday,\nann,visit,2026-02-27,2201-01-01,\n"
        "ann,visit,2026-02-27,2026-03-01,\nann,visit,2026-02-27,2026-03-01,true\nann,visit,2026-03-01,2026-03-02,\n",
        encoding="utf-8",
    )
    (shop / "outcomes.csv").write_text("lead_id,outcome,at\nann,accepted,2026-02-27\n", encoding="utf-8")
    arrivals = {"no-arrival", "unreadable-arrival", "arrived-later"}

    def told(*, as_known: bool) -> tuple[dict[tuple[str, str], int], Rejects]:
        with score(shop / "playbook.toml", inputs_in(shop), as_of=FEBRUARY, as_known=as_known) as scoring:
            counts = scoring.rejects.counts()
            return {key: count for key, count in counts.items() if key[1] in arrivals}, scoring.rejects

    counts, rejects = told(as_known=True)
    assert counts == {
        ("events", "arrived-later"): 1,
        ("events", "no-arrival"): 1,
        ("events", "unreadable-arrival"): 2,
        ("facts", "arrived-later"): 1,
        ("leads", "no-arrival"): 2,
        ("leads", "unreadable-arrival"): 1,
        ("outcomes", "no-arrival"): 1,
    }
    assert [(one.row, one.found) for one in rejects.rows("events", "unreadable-arrival")] == [
        (3, "yesterday"),
        (4, "2201-01-01"),
    ]
    assert "leads.csv: 3 taken as known at once: 2 no-arrival, 1 unreadable-arrival" in rejects.summary()
    assert told(as_known=False)[0] == {}


def test_stored_times_that_no_calendar_here_has_do_not_say_when_it_was(shop: Path) -> None:
    duckdb.sql(  # type: ignore[union-attr]
        "SELECT 'ann' AS lead_id, 'visit' AS event, TIMESTAMP '2026-02-28 10:00:00' AS occurred_at, CAST(said AS TIMESTAMP) AS received_at"
        " FROM (VALUES ('2300-01-01'), ('1890-01-01'), ('infinity'), ('2026-03-01'), ('2026-02-01'), (NULL)) AS arrived(said)"
    ).write_parquet(str(shop / "events.parquet"))
    inputs = replace(inputs_in(shop), events=shop / "events.parquet")

    with score(shop / "playbook.toml", inputs, as_of=FEBRUARY, as_known=True) as scoring:
        assert [float(row["heat"]) for row in scoring.rows()] == [50, 0]
        assert scoring.rejects.count("events", "unreadable-arrival") == 3


def test_a_roll_up_is_refused_since_it_does_not_hold_when_things_were_received(shop: Path) -> None:
    with pytest.raises(ProblemsError) as raised:
        score(shop / "playbook.toml", inputs_in(shop), as_of=FEBRUARY, as_known=True, rollup=shop / "rollup.parquet")

    (problem,) = raised.value.problems
    assert problem.code == "roll-up"


@given(scenario=scenarios())
def test_what_was_known_then_is_what_a_log_says_that_was_read_then(scenario: Scenario) -> None:
    """The log of then had only the rows that had arrived; nothing else distinguishes it."""
    playbook, _ = read_playbook(scenario.playbook)
    try:
        bound, _ = bind_playbook(playbook, infer_catalog(playbook, scenario.tables))
    except ProblemsError:
        reject()
    as_of = read_as_of(scenario.as_of, playbook.timezone)

    for log in read_logs(bound, scenario.tables, naive_zone=scenario.naive_zone).logs:
        known_then = to_cells(bound, assess(bound, log, as_of, as_known=True))
        assert known_then == to_cells(bound, assess(bound, as_it_was(log, as_of.until_us), as_of))


def as_it_was(log: LeadLog, moment_us: int) -> LeadLog:
    """Return the log of a lead without what arrived after a moment."""
    was_there = log.created_us is None or log.created_us <= moment_us
    return replace(
        log,
        lead=log.lead if was_there else {},
        company=log.company if was_there else {},
        events=tuple(one for one in log.events if one.there_us is None or one.there_us <= moment_us),
        facts=tuple(one for one in log.facts if one.there_us is None or one.there_us <= moment_us),
        company_facts=tuple(one for one in log.company_facts if one.there_us is None or one.there_us <= moment_us),
        outcomes=tuple(one for one in log.outcomes if one.there_us is None or one.there_us <= moment_us),
    )
