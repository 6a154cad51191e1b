"""Spells come back from files as a replay wrote them, and amended rows can be replayed from files."""

from datetime import date
from pathlib import Path

import pytest
from tests.engine.amendments.shop import PLAYBOOK, TABLES, spells_of

from leadline.engine.amendments.apply import amended
from leadline.engine.amendments.files import read_rows, read_spells, write_rows
from leadline.engine.amendments.model import MarkBot, Merge
from leadline.engine.amendments.standing import no_longer_stand
from leadline.engine.lifecycle.model import Spell
from leadline.engine.problems import ProblemsError
from leadline.engine.replay.model import Replay
from leadline.engine.replay.run import replay
from leadline.engine.replay.write import write_replay


@pytest.fixture
def playbook(tmp_path: Path) -> Path:
    path = tmp_path / "playbook.toml"
    path.write_text(PLAYBOOK, encoding="utf-8")
    return path


def march(playbook: Path, folder: Path) -> Replay:
    """Return the replay of what stands in a folder."""
    return replay(playbook, write_rows(TABLES, folder), start=date(2026, 3, 1), end=date(2026, 3, 31))


def with_evidence(spells: list[Spell]) -> list[object]:
    return [(spell, spell.evidence) for spell in spells]


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_spells_come_back_to_the_digit(playbook: Path, tmp_path: Path, ending: str) -> None:
    found = march(playbook, tmp_path / "data")
    write_replay(found, tmp_path / "out", ending)

    spells = read_spells(tmp_path / f"out/spells{ending}", timezone="Europe/Berlin")

    assert with_evidence(spells) == with_evidence(found.spells)
    assert spells


def test_a_replay_without_spells_is_read_as_none(playbook: Path, tmp_path: Path) -> None:
    nothing = {"leads": TABLES["leads"], "events": TABLES["events"][:1]}
    inputs = write_rows(nothing, tmp_path / "data")
    playbook.write_text(PLAYBOOK.replace(">= 30", ">= 300"), encoding="utf-8")
    for ending in (".csv", ".jsonl", ".parquet"):
        found = replay(playbook, inputs, start=date(2026, 3, 1), end=date(2026, 3, 31))
        write_replay(found, tmp_path / "out", ending)
        assert read_spells(tmp_path / f"out/spells{ending}") == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("lead_id,name\nann,Ann\n", "missing-column"),
        (
            "lead_id,qualification,number,began_at,began_by,ended_at,ended_by\nann,mql,1,soon,enter,,\n",
            "unreadable-table",
        ),
        (
            "lead_id,qualification,number,began_at,began_by,ended_at,ended_by\nann,mql,x,2026-03-01T00:00:00Z,enter,,\n",
            "unreadable-table",
        ),
        (
            "lead_id,qualification,number,began_at,began_by,ended_at,ended_by\nann,mql,1,2026-03-01T00:00:00Z,luck,,\n",
            "unreadable-table",
        ),
        (
            "lead_id,qualification,number,began_at,began_by,ended_at,ended_by,scores\n"
            "ann,mql,1,2026-03-01T00:00:00Z,enter,,,fit:high\n",
            "unreadable-table",
        ),
    ],
)
def test_a_file_that_holds_no_spells_is_refused_with_what_to_do(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "spells.csv"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ProblemsError) as refused:
        read_spells(path)

    assert [problem.code for problem in refused.value.problems] == [code]
    assert "replay" in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError) as refused:
        read_spells(tmp_path / "spells.csv")

    assert [problem.code for problem in refused.value.problems] == ["unreadable-file"]


def test_the_whole_way_from_files_to_what_no_longer_stands(playbook: Path, tmp_path: Path) -> None:
    before = march(playbook, tmp_path / "data")
    write_replay(before, tmp_path / "out")
    rows = read_rows(write_rows(TABLES, tmp_path / "again"))
    amendments = [MarkBot(event_ids=("2",)), Merge(lead="a.lee", into="bob")]

    now = replay(
        playbook, write_rows(amended(rows, amendments), tmp_path / "now"), start=date(2026, 3, 1), end=date(2026, 3, 31)
    )

    assert now.spells == spells_of(*amendments)[0]
    found = no_longer_stand(read_spells(tmp_path / "out/spells.csv", timezone="Europe/Berlin"), now.spells)
    assert [(one.lead_id, one.how) for one in found] == [("ann", "gone"), ("bob", "ended")]


def test_tables_without_rows_keep_the_columns_that_they_need(tmp_path: Path) -> None:
    inputs = write_rows({"leads": [{"lead_id": "ann"}], "events": [], "outcomes": []}, tmp_path)

    assert read_rows(inputs) == {"leads": [{"lead_id": "ann"}], "events": [], "outcomes": []}
