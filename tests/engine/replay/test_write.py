"""A replay as files: every column against a replay written by hand, and the same in CSV, JSON Lines and Parquet."""

import csv
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pytest
from tests.engine.replay.written import a_written_replay

from leadline.engine.problems import ProblemsError
from leadline.engine.replay.model import Replay
from leadline.engine.replay.write import write_replay

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """The CSV files of the replay, as rows of text."""
    folder = tmp_path_factory.mktemp("replay") / "new" / "folder"
    return {path.stem: rows_of(path) for path in write_replay(a_written_replay(), folder)}


def rows_of(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def column(rows: Rows, *names: str) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


# -- spells and moves ---------------------------------------------------------------------------------------------


def test_the_files_are_spells_moves_leads_and_assessments(written: dict[str, Rows], tmp_path: Path) -> None:
    assert list(written) == ["spells", "moves", "leads", "assessments"]
    without = write_replay(a_written_replay(grid=False), tmp_path)
    assert [path.name for path in without] == ["spells.csv", "moves.csv", "leads.csv"]


def test_a_spell_says_when_why_and_how(written: dict[str, Rows]) -> None:
    second, third, sql = written["spells"]

    assert second == {
        "lead_id": "ann",
        "qualification": "mql",
        "number": "2",
        "began_at": "2026-01-13T12:00:00.000000Z",
        "began_by": "enter",
        "hand_raise": "",
        "ended_at": "2026-01-17T12:00:00.000000Z",
        "ended_by": "outcome",
        "ended_because": "recycled",
        "reason": "later",
        "outcome": "recycled",
        "scores": "",
        "grade": "",
        "criteria": "",
        "version": "0123456789ab",
    }
    assert (third["scores"], third["grade"]) == ("fit:60.0000", "A")
    assert third["criteria"] == "size:60.0000 small:-2.0000 odd:0.0025"  # the largest first, whatever its sign
    assert (sql["began_by"], sql["hand_raise"], sql["ended_at"], sql["ended_by"]) == ("hand_raise", "demo", "", "")


def test_a_move_says_from_where_to_where_and_why(written: dict[str, Rows]) -> None:
    assert column(written["moves"], "lead_id", "at", "from_stage", "to_stage", "because", "is_forward") == [
        ("ann", "2026-01-17T12:00:00.000000Z", "mql", "lead", "mql ended", "false"),
        ("ann", "2026-01-20T12:00:00.000000Z", "lead", "mql", "mql began", "true"),
        ("ann", "2026-01-26T12:00:00.000000Z", "mql", "lead", "mql ended", "false"),
        ("ann", "2026-01-30T12:00:00.000000Z", "lead", "sql", "sql began", "true"),
        ("bob", "2026-01-27T12:00:00.000000Z", "", "lead", "first contact", "true"),
        ("dan", "2026-02-01T12:00:00.000000Z", "", "lead", "first contact", "true"),
    ]


# -- one row a lead -------------------------------------------------------------------------------------------------


def test_there_is_a_row_for_each_lead_that_had_begun_by_the_end(written: dict[str, Rows]) -> None:
    assert column(written["leads"], "lead_id", "begins_at", "stage") == [
        ("ann", "2026-01-05T12:00:00.000000Z", "sql"),
        ("bob", "2026-01-27T12:00:00.000000Z", "lead"),
        ("dan", "", "lead"),  # nothing of it is dated
    ]


def test_a_lead_has_how_often_it_qualified_with_the_first_and_the_latest(written: dict[str, Rows]) -> None:
    ann, bob, _ = written["leads"]

    assert (ann["mql_spells"], ann["mql_open"], ann["sql_spells"], ann["sql_open"]) == ("3", "false", "1", "true")
    assert (ann["mql_first"], ann["mql_latest"]) == ("2026-01-06T12:00:00.000000Z", "2026-01-20T12:00:00.000000Z")
    assert (bob["mql_spells"], bob["mql_first"], bob["mql_latest"], bob["mql_open"]) == ("0", "", "", "false")


def test_a_lead_has_its_days_in_each_stage_up_to_the_end(written: dict[str, Rows]) -> None:
    ann, bob, dan = written["leads"]

    assert [ann[f"stage_{stage}_days"] for stage in ("lead", "mql", "sql", "opportunity")] == [
        str(1 + 5 + 3 + 4),
        str(2 + 4 + 6),
        str(2),
        "0",
    ]
    assert (bob["stage_lead_days"], dan["stage_lead_days"]) == ("5", "0")
    assert (ann["stage_mql_first"], ann["stage_mql_latest"]) == (
        "2026-01-06T12:00:00.000000Z",
        "2026-01-20T12:00:00.000000Z",
    )
    assert (ann["stage_lead_first"], ann["stage_lead_latest"]) == (
        "2026-01-05T12:00:00.000000Z",
        "2026-01-26T12:00:00.000000Z",
    )
    assert (ann["stage_customer_first"], ann["stage_customer_latest"]) == ("", "")


# -- regular assessments -------------------------------------------------------------------------------------------------


def test_assessments_have_the_columns_of_score_then_what_was_open(written: dict[str, Rows]) -> None:
    assert list(written["assessments"][0]) == [
        *("lead_id", "as_of", "fit", "grade", "mql", "sql", "mql_stay", "sql_stay", "excluded_by"),
        *("mql_open", "sql_open", "stage", "c_size"),
    ]


def test_assessments_say_what_held_and_what_was_open_on_each_day(written: dict[str, Rows]) -> None:
    shown = (
        "lead_id",
        "as_of",
        "fit",
        "grade",
        "mql",
        "mql_stay",
        "sql",
        "mql_open",
        "sql_open",
        "stage",
        "excluded_by",
    )

    assert column(written["assessments"], *shown) == [
        ("ann", "2026-01-18", "60.0000", "A", "true", "true", "false", "false", "false", "lead", ""),
        ("ann", "2026-01-25", "60.0000", "A", "false", "true", "false", "true", "false", "mql", ""),
        ("ann", "2026-02-01", "-0.0025", "B", "false", "false", "true", "false", "true", "sql", ""),
        ("bob", "2026-02-01", "0.0000", "B", "false", "false", "false", "false", "false", "lead", "student"),
    ]


def test_a_replay_without_spells_does_not_say_what_was_open(tmp_path: Path) -> None:
    replay = a_written_replay()
    replay.has_spells = False

    write_replay(replay, tmp_path)

    assert list(rows_of(tmp_path / "assessments.csv")[0])[-2:] == ["excluded_by", "c_size"]


def test_of_a_lead_without_consent_nothing_is_said(tmp_path: Path) -> None:
    write_replay(with_consent(a_written_replay()), tmp_path)

    bob = rows_of(tmp_path / "assessments.csv")[-1]
    assert (bob["excluded_by"], bob["fit"], bob["grade"], bob["mql"], bob["mql_stay"], bob["c_size"]) == (
        "consent",
        *("", "", "", "", ""),
    )


def with_consent(replay: Replay) -> Replay:
    """Return the replay of a playbook that needs consent, which bob has not given."""
    assert replay.grid is not None
    bound = replace(replay.bound, playbook=replace(replay.bound.playbook, needs_consent=True))
    grid = replace(replay.grid, exclusions=["student", "consent"], excluded=np.array([-1, -1, -1, 1]))
    return replace(replay, bound=bound, grid=grid)


# -- kinds of files -----------------------------------------------------------------------------------------------------------


def test_csv_json_lines_and_parquet_hold_the_same(tmp_path: Path) -> None:
    for ending in (".csv", ".jsonl", ".parquet"):
        write_replay(a_written_replay(), tmp_path, ending)

    for name in ("spells", "moves", "leads", "assessments"):
        from_csv = read(f"read_csv('{tmp_path / name}.csv', all_varchar = true)")
        from_json = read(
            f"read_json('{tmp_path / name}.jsonl', format = 'newline_delimited', convert_strings_to_integers = false)"
        )
        from_parquet = read(f"read_parquet('{tmp_path / name}.parquet')")
        assert from_csv == from_json == from_parquet, name


def read(source: str) -> list[dict[str, str | None]]:
    """Return rows as texts, written one way whatever type a file gave them."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.execute(f"SELECT * FROM {source}")
        names = [one[0] for one in found.description or ()]
        return [{name: as_text(cell) for name, cell in zip(names, row, strict=True)} for row in found.fetchall()]


def as_text(cell: object) -> str | None:
    match cell:
        case None:
            return None
        case bool():
            return str(cell).lower()
        case datetime():
            return (
                (cell if cell.tzinfo is not None else cell.replace(tzinfo=UTC))
                .astimezone(UTC)
                .strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            )
        case Decimal() | float():
            return f"{cell:.4f}"
        case _:
            return str(cell)


def test_parquet_keeps_types(tmp_path: Path) -> None:
    write_replay(a_written_replay(), tmp_path, ".parquet")

    with duckdb.connect() as connection:
        kinds = {
            (name, row[0]): row[1]
            for name in ("spells", "moves", "leads", "assessments")
            for row in connection.execute(f"DESCRIBE SELECT * FROM '{tmp_path / name}.parquet'").fetchall()
        }
    assert kinds["spells", "began_at"] == "TIMESTAMP WITH TIME ZONE"
    assert (kinds["spells", "number"], kinds["moves", "is_forward"]) == ("BIGINT", "BOOLEAN")
    assert (kinds["leads", "stage_mql_days"], kinds["leads", "mql_open"]) == ("BIGINT", "BOOLEAN")
    assert (kinds["assessments", "fit"], kinds["assessments", "mql"]) == ("DECIMAL(18,4)", "BOOLEAN")


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError) as refused:
        write_replay(a_written_replay(), tmp_path, ".xlsx")

    assert [problem.code for problem in refused.value.problems] == ["unsupported-file"]
