"""Columns become files in the order of their rows, whatever is looked up on the way."""

import csv
from pathlib import Path
from random import Random

import numpy as np
import pytest

from leadline.engine.backends.columns_file import NOTHING, FileColumn, write_columns
from leadline.engine.problems import ProblemsError


@pytest.mark.parametrize(("rows", "words"), [(50, 20_000), (300_000, 3), (300_000, 100_000)])
def test_rows_keep_their_order_with_many_words_and_with_few(tmp_path: Path, rows: int, words: int) -> None:
    random = Random(rows + words)
    places = np.array([random.randrange(-1, words) for _ in range(rows)])
    listed = [f"w{place}" for place in range(words)]
    write_columns(
        tmp_path / "t.csv", {"n": FileColumn("number", np.arange(rows)), "word": FileColumn("text", places, listed)}
    )

    with (tmp_path / "t.csv").open(newline="") as file:
        found = list(csv.reader(file))[1:]

    assert found == [[str(row), "" if place < 0 else f"w{place}"] for row, place in enumerate(places.tolist())]


def test_nothing_is_an_empty_cell_in_every_kind_of_column(tmp_path: Path) -> None:
    columns = {
        "points": FileColumn("points", np.array([NOTHING, -1])),
        "at": FileColumn("instant", [None, -1]),
        "day": FileColumn("day", [None, -1]),
        "text": FileColumn("text", [None, "ü"]),
        "number": FileColumn("number", [None, -1]),
    }
    write_columns(tmp_path / "t.csv", columns)

    assert (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()[1:] == [
        ",,,,",
        "-0.0001,1969-12-31T23:59:59.999999Z,1969-12-31,ü,-1",
    ]


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match="unsupported-file"):
        write_columns(tmp_path / "t.xml", {"n": FileColumn("number", [1])})

    assert list(tmp_path.iterdir()) == []
