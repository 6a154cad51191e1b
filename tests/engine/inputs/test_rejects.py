"""What was left out is counted exactly and shown in examples."""

import csv

import pytest

from leadline.engine.inputs import REASONS, Rejects


def read_back(rejects, tmp_path):
    path = tmp_path / "rejects.csv"
    rejects.write(path)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_counts_stay_exact_beyond_the_examples(tmp_path):
    rejects = Rejects(limit=2)
    for row in range(10):
        rejects.add("events", "unreadable-date", row=row, found="x")

    assert rejects.count("events", "unreadable-date") == 10
    assert [line["row"] for line in read_back(rejects, tmp_path)] == ["0", "1", ""]
    assert read_back(rejects, tmp_path)[2]["message"].startswith("8 more not listed here.")


def test_the_summary_tells_rows_values_and_what_is_merely_not_counted_apart():
    rejects = Rejects()
    rejects.name_source("events", "in/events.csv", lambda: 60_000)
    rejects.add("events", "unknown-lead", count=3)
    rejects.add("events", "unreadable-date", count=9)
    rejects.add("events", "duplicate-event", count=2)
    rejects.add("leads", "value-does-not-fit", row=4, record_id="a", column="employees", found="many")

    assert rejects.summary("rejects.csv") == [
        "events.csv: 12 of 60,000 rows left out: 9 unreadable-date, 3 unknown-lead; 2 not counted: 2 duplicate-event "
        "(see rejects.csv)",
        "leads: 1 value unknown: 1 value-does-not-fit (see rejects.csv)",
    ]


def test_nothing_left_out_is_nothing_to_say():
    assert Rejects().summary() == []
    assert not Rejects()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_no_cell_is_a_formula(tmp_path, start):
    rejects = Rejects()
    rejects.name_source("leads", "leads.csv", lambda: 1)
    rejects.add("leads", "missing-id", row=2, record_id=f"{start}1", column=f"{start}2", found=f"{start}3")

    (line,) = read_back(rejects, tmp_path)

    assert (line["id"], line["column"], line["found"]) == (f"'{start}1", f"'{start}2", f"'{start}3")
    assert line["table"] == "leads"
    assert line["file"] == "leads.csv"
    assert line["message"] == REASONS["missing-id"].sentence


def test_whatever_was_found_can_be_written(tmp_path):
    rejects = Rejects()
    rejects.add("leads", "missing-id", row=1, found="\ud800\0" + "x" * 10_000)

    (line,) = read_back(rejects, tmp_path)

    assert line["found"].startswith("\\ud800\\0xxx")
    assert len(line["found"]) < 300


def test_a_reason_must_be_known():
    with pytest.raises(KeyError):
        Rejects().add("leads", "because")


def test_reasons_are_sentences():
    assert all(reason.sentence.endswith(".") for reason in REASONS.values())
