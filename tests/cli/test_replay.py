"""`leadline replay`: from files to the terminal, to JSON and to files of spells, moves, leads and assessments."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.engine.comparison.shop import write_shop

from leadline.cli.main import main

Ask = Callable[..., Result]
DATA = ("--leads", "leads.csv", "--events", "events.csv", "--outcomes", "outcomes.csv")
QUARTER = ("--from", "2026-01-05", "--to", "2026-03-31")


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Run the command in the folder of a small shop, as a person does without a terminal."""
    write_shop(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(main, ["replay", "old.toml", *DATA, *words])

    return invoke


def read(name: str) -> list[dict[str, str]]:
    with Path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# -- the terminal ---------------------------------------------------------------------------------------------------


def test_the_terminal_shows_how_often_qualifications_began_and_how_they_ended(ask: Ask) -> None:
    result = ask(*QUARTER)

    assert result.exit_code == 0, result.stderr
    assert "shop, 5 January 2026 to 31 March 2026\n8 leads; version " in result.stdout
    assert "Marketing qualified      3      3            1     0     7  1 rejected, 1 won, 1 cooled" in result.stdout
    assert "Beginnings a week, from that of 5 January 2026:" in result.stdout
    assert "Customer                            3         3           0" in result.stdout
    assert "--out FOLDER writes every spell with its reasons." in result.stderr


def test_without_days_the_data_says_from_when_to_when(ask: Ask) -> None:
    assert "shop, 6 January 2026 to 16 March 2026\n" in ask().stdout
    assert "shop, 1 February 2026 to 16 March 2026\n" in ask("--from", "2026-02-01").stdout


def test_json_is_one_document_of_the_summary_and_its_files(ask: Ask) -> None:
    said = json.loads(ask(*QUARTER, "--json", "--out", "r").stdout)

    assert (said["playbook"], said["start"], said["end"], said["leads"]) == ("shop", "2026-01-05", "2026-03-31", 8)
    (mql,) = said["qualifications"]
    assert (mql["began"], mql["hand_raises"], mql["ended"]) == (3, 1, {"rejected": 1, "won": 1, "cooled": 1})
    assert said["files"] == ["r/spells.csv", "r/moves.csv", "r/leads.csv"]
    assert [stage["leads"] for stage in said["stages"]] == [4, 0, 1, 3, 0]


def test_the_same_twice_gives_the_same(ask: Ask) -> None:
    first, second = (ask(*QUARTER, "--every", "week", "--out", folder, "--json") for folder in ("one", "two"))

    assert first.stdout.replace('"one/', '"two/') == second.stdout
    for name in ("spells", "moves", "leads", "assessments"):
        assert Path(f"one/{name}.csv").read_bytes() == Path(f"two/{name}.csv").read_bytes()


def test_what_was_left_out_of_the_data_is_counted(ask: Ask) -> None:
    with Path("events.csv").open("a", encoding="utf-8") as file:
        file.write("ann,page_viewed,last Tuesday,/pricing\n")

    assert "events.csv: 1 of 18 rows left out" in ask(*QUARTER).stderr


# -- files -----------------------------------------------------------------------------------------------------------------


def test_every_spell_is_written_with_why_it_began_and_how_it_ended(ask: Ask) -> None:
    result = ask(*QUARTER, "--out", "r")

    assert "spells.csv, moves.csv, leads.csv in r" in result.stderr
    bob, cem, fay = read("r/spells.csv")
    assert (bob["lead_id"], bob["qualification"], bob["number"]) == ("bob", "mql", "1")
    assert (bob["began_at"], bob["began_by"]) == ("2026-01-10T10:00:00.000000Z", "enter")
    assert (bob["ended_by"], bob["ended_because"], bob["outcome"]) == ("outcome", "rejected", "rejected")
    assert (bob["scores"], bob["grade"], bob["criteria"]) == (
        "fit:60.0000 engagement:20.0000",
        "A",
        "size:60.0000 webinar:20.0000",
    )
    assert (cem["ended_because"], cem["hand_raise"]) == ("won", "")
    assert (fay["began_by"], fay["hand_raise"], fay["outcome"]) == ("hand_raise", "demo_requested", "accepted")
    assert (fay["ended_at"], fay["ended_by"]) == ("2026-01-31T23:00:00.000000Z", "cooled")
    assert len({row["version"] for row in (bob, cem, fay)}) == 1


def test_moves_and_leads_are_written(ask: Ask) -> None:
    ask(*QUARTER, "--out", "r")

    assert [
        (row["from_stage"], row["to_stage"], row["because"]) for row in read("r/moves.csv") if row["lead_id"] == "bob"
    ] == [
        ("", "mql", "mql began"),
        ("mql", "lead", "mql ended"),
    ]
    leads = {row["lead_id"]: row for row in read("r/leads.csv")}
    assert sorted(leads) == ["ann", "bob", "cem", "dan", "eva", "fay", "gus", "hal"]
    assert (leads["cem"]["stage"], leads["cem"]["mql_spells"], leads["cem"]["stage_mql_days"]) == (
        "customer",
        "1",
        "10",
    )


def test_the_stretch_chooses_what_is_shown_and_not_when_a_history_begins(ask: Ask) -> None:
    ask("--from", "2026-02-02", "--to", "2026-02-28", "--out", "r")

    assert [row["lead_id"] for row in read("r/spells.csv")] == ["cem"]
    leads = {row["lead_id"]: row for row in read("r/leads.csv")}
    assert (leads["fay"]["mql_spells"], leads["fay"]["mql_open"]) == ("1", "false")
    assert "hal" not in leads  # nobody had heard of it


@pytest.mark.parametrize(
    ("every", "days"),
    [
        ("month", ["2026-01-31", "2026-02-28", "2026-03-10"]),
        ("week", ["2026-01-11", "2026-01-18", "2026-01-25", "2026-02-01"]),
        ("day", ["2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09"]),
    ],
)
def test_every_chooses_the_days_at_whose_end_all_are_assessed(ask: Ask, every: str, days: list[str]) -> None:
    ask("--from", "2026-01-05", "--to", "2026-03-10", "--every", every, "--out", "r")

    assert [row["as_of"] for row in read("r/assessments.csv") if row["lead_id"] == "ann"][: len(days)] == days


def test_assessments_are_what_score_gives_on_those_days(ask: Ask) -> None:
    ask(*QUARTER, "--every", "month", "--contributions", "--out", "r")
    assessed = {row["lead_id"]: row for row in read("r/assessments.csv") if row["as_of"] == "2026-02-28"}

    score = ["score", "old.toml", *DATA, "--as-of", "2026-02-28", "--contributions", "--out", "scores.csv"]
    assert CliRunner().invoke(main, score).exit_code == 0

    scored = {row["lead_id"]: row for row in read("scores.csv")}
    shared = list(set(scored["ann"]) & set(assessed["ann"]))
    assert {"fit", "engagement", "grade", "mql", "mql_stay", "excluded_by", "c_webinar"} <= set(shared)
    assert {lead: [row[name] for name in shared] for lead, row in assessed.items()} == {
        lead: [scored[lead][name] for name in shared] for lead in assessed
    }
    assert (assessed["cem"]["mql_open"], assessed["cem"]["stage"]) == ("true", "mql")
    assert (assessed["bob"]["mql"], assessed["bob"]["mql_open"]) == ("true", "false")  # rejected, and quiet since


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_the_kind_of_the_files_can_be_chosen(ask: Ask, ending: str) -> None:
    result = ask(*QUARTER, "--every", "month", "--out", "r", "--format", ending)

    assert result.exit_code == 0
    names = ("assessments", "leads", "moves", "spells")
    assert sorted(path.name for path in Path("r").iterdir()) == [f"{name}.{ending}" for name in names]


def test_as_known_then_nothing_counts_before_it_had_arrived(ask: Ask) -> None:
    lines = Path("events.csv").read_text(encoding="utf-8").splitlines()
    late = {"bob,webinar_attended": "2026-01-12T08:00:00Z"}
    rows = [f"{line},{late.get(','.join(line.split(',')[:2]), '')}" for line in lines[1:]]
    Path("events.csv").write_text("\n".join([f"{lines[0]},received_at", *rows, ""]), encoding="utf-8")

    def bob(*words: str) -> str:
        result = ask(*QUARTER, "--out", "r", *words)
        assert result.exit_code == 0, result.stderr
        return next(row for row in read("r/spells.csv") if row["lead_id"] == "bob")["began_at"]

    assert bob() == "2026-01-10T10:00:00.000000Z"
    assert bob("--as-known") == "2026-01-12T08:00:00.000000Z"
    assert (
        "events.csv: 16 taken as known at once" in ask(*QUARTER, "--as-known").stderr
    )  # they do not say when they arrived


# -- what cannot be used -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (("--from", "yesterday"), "--from"),
        (("--to", "2026-02-30"), "--to"),
        (("--from", "2026-03-01", "--to", "2026-01-01"), "--from"),
        (("--out", "leads.csv"), "--out"),
        (("--out", "nowhere/replay"), "--out"),
        (("--contributions",), "--contributions"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_written(ask: Ask, words: tuple[str, ...], where: str) -> None:
    before = sorted(Path().iterdir())

    result = ask(*QUARTER, *words, "--json")

    assert result.exit_code == 2
    assert result.stdout == ""
    (problem,) = json.loads(result.stderr)["problems"]
    assert (problem["code"], problem["where"]) == ("bad-value", where)
    assert sorted(Path().iterdir()) == before


def test_both_days_are_told_when_both_are_wrong(ask: Ask) -> None:
    problems = json.loads(ask("--from", "soon", "--to", "later", "--json").stderr)["problems"]

    assert [problem["where"] for problem in problems] == ["--from", "--to"]


def test_a_kind_of_file_that_is_not_written_is_refused(ask: Ask) -> None:
    result = ask(*QUARTER, "--out", "r", "--format", "xlsx")

    assert result.exit_code == 2
    assert "'csv', 'jsonl', 'parquet'" in result.stderr


def test_a_table_of_no_leads_gives_an_empty_replay(ask: Ask) -> None:
    Path("leads.csv").write_text("lead_id,seniority,employees\n", encoding="utf-8")

    result = ask(*QUARTER, "--every", "month", "--out", "r")

    assert result.exit_code == 0, result.stderr
    assert "0 leads" in result.stdout
    assert [read(f"r/{name}.csv") for name in ("spells", "moves", "leads", "assessments")] == [[], [], [], []]


def test_a_playbook_without_qualifications_has_moves_all_the_same(ask: Ask) -> None:
    playbook = Path("old.toml").read_text(encoding="utf-8")
    Path("old.toml").write_text(playbook[: playbook.index("[[qualifications]]")], encoding="utf-8")

    result = ask(*QUARTER, "--every", "month", "--out", "r")

    assert result.exit_code == 0, result.stderr
    assert read("r/spells.csv") == []
    assert ("lead", "opportunity") in {(row["from_stage"], row["to_stage"]) for row in read("r/moves.csv")}


@pytest.mark.slow
def test_spark_refuses_with_where_to_go_instead(ask: Ask) -> None:
    result = ask(*QUARTER, "--backend", "spark")

    assert result.exit_code == 2
    assert "not-on-this-engine" in result.stderr
    assert "use duckdb or PostgreSQL" in result.stderr


def test_postgresql_gives_the_same_replay(ask: Ask, postgres_url: str) -> None:
    here, there = (ask(*QUARTER, "--every", "month", "--json", *words) for words in ((), ("--backend", postgres_url)))

    assert there.exit_code == 0, there.stderr
    assert there.stdout == here.stdout


# -- what no longer stands --------------------------------------------------------------------------------------------


def test_against_itself_all_qualifications_stand(ask: Ask) -> None:
    ask(*QUARTER, "--out", "first")

    assert "All qualifications stand as before" in ask(*QUARTER, "--before", "first/spells.csv").output


def test_when_events_turn_out_to_be_nothing_what_no_longer_stands_is_listed(ask: Ask) -> None:
    ask(*QUARTER, "--out", "first")
    events = Path("events.csv").read_text(encoding="utf-8").splitlines()
    Path("events.csv").write_text("\n".join([*events[:1], *events[1::2]]) + "\n", encoding="utf-8")

    found = json.loads(ask(*QUARTER, "--before", "first/spells.csv", "--json").output)["no_longer_stand"]
    told = ask(*QUARTER, "--before", "first/spells.csv").output

    assert found and {one["how"] for one in found} <= {"gone", "later", "earlier", "ended"}
    assert f"{found[0]['lead_id']}, {found[0]['qualification']}: {found[0]['how']}" in told


def test_an_earlier_replay_that_is_not_there_is_told(ask: Ask) -> None:
    result = ask(*QUARTER, "--before", "nowhere.csv")

    assert result.exit_code == 2 and "nowhere.csv" in result.output
