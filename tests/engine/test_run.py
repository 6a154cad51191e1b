"""The moment of an assessment, and the ways in which a run is refused before anything is computed."""

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from leadline.engine.assess import Inputs, read_as_of, score
from leadline.engine.calendar import get_zone, instant_of
from leadline.engine.problems import ProblemsError

BERLIN = get_zone("Europe/Berlin")
PLAYBOOK = """
[playbook]
name = "small"
[scores.fit]
[[criteria]]
id = "vp"
score = "fit"
why = "Can decide"
when = "seniority = 'vp'"
points = 20.5
"""


def test_a_date_is_all_of_that_local_day() -> None:
    moment = read_as_of("2026-03-01", BERLIN)

    assert moment.until_us == instant_of(datetime(2026, 3, 1, 23, tzinfo=UTC)) - 1
    assert moment == read_as_of(date(2026, 3, 1), BERLIN)
    assert moment.is_whole_day


def test_an_instant_is_itself_included() -> None:
    moment = read_as_of("2026-03-01T23:30:00Z", BERLIN)

    assert moment.until_us == instant_of(datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    assert moment.day == read_as_of("2026-03-02", BERLIN).day
    assert moment == read_as_of("2026-03-02T00:30:00+01:00", BERLIN)
    assert moment.text == "2026-03-01T23:30:00Z"


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-03-01T10:00:00", "yesterday", "2026-03-01T25:00:00Z", "2026-13-01"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ProblemsError, match="cannot be the moment"):
        read_as_of(text, BERLIN)


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ProblemsError, match="no offset"):
        read_as_of(datetime(2026, 3, 1, 10), BERLIN)  # noqa: DTZ001 - that is what is tested


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "playbook.toml").write_text(PLAYBOOK, encoding="utf-8")
    (tmp_path / "leads.csv").write_text("lead_id,seniority\nb,VP\na,\nä,vp \n", encoding="utf-8")
    return tmp_path


def run(files: Path, **options: object) -> list[dict[str, object]]:
    inputs = Inputs(leads=files / "leads.csv")
    with score(files / "playbook.toml", inputs, as_of="2026-03-01", **options) as scoring:  # type: ignore[arg-type]
        return list(scoring.rows())


def test_rows_come_in_the_order_of_the_bytes_of_lead_id(files: Path) -> None:
    rows = run(files)

    assert [row["lead_id"] for row in rows] == ["a", "b", "ä"]
    assert [str(row["fit"]) for row in rows] == ["0.0000", "20.5000", "20.5000"]


@pytest.mark.parametrize("name", ["result.csv", "result.jsonl", "result.parquet"])
def test_the_same_call_twice_gives_the_same_bytes(files: Path, name: str) -> None:
    written = []
    for _ in range(2):
        with score(files / "playbook.toml", Inputs(leads=files / "leads.csv"), as_of="2026-03-01") as scoring:
            scoring.write(files / name)
        written.append((files / name).read_bytes())

    assert written[0] == written[1] != b""
    assert [path.name for path in files.glob(".*")] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"backend": "oracle"}, "no engine"),
        ({"memory": "much"}, "no amount of memory"),
    ],
)
def test_an_option_that_means_nothing_is_refused(files: Path, options: dict[str, object], said: str) -> None:
    with pytest.raises(ProblemsError, match=said):
        run(files, **options)


def test_an_unknown_naive_zone_is_refused(files: Path) -> None:
    inputs = Inputs(leads=files / "leads.csv", naive_zone="Europe/Bonn")

    with pytest.raises(ProblemsError, match="no time zone"):
        score(files / "playbook.toml", inputs, as_of="2026-03-01")


def test_a_result_is_not_written_where_it_cannot_be(files: Path) -> None:
    with score(files / "playbook.toml", Inputs(leads=files / "leads.csv"), as_of="2026-03-01") as scoring:
        with pytest.raises(ProblemsError, match="written as"):
            scoring.write(files / "result.xlsx")
        with pytest.raises(ProblemsError, match="cannot be written"):
            scoring.write(files / "nowhere" / "result.csv")


@pytest.mark.parametrize("as_of", [None, 20260302])
def test_what_is_neither_text_nor_date_is_no_moment(as_of: object) -> None:
    with pytest.raises(ProblemsError, match="cannot be the moment"):
        read_as_of(as_of, BERLIN)  # type: ignore[arg-type]


def test_one_result_can_be_read_in_several_ways_at_once(files: Path) -> None:
    many = "lead_id,seniority\n" + "".join(f"{number},vp\n" for number in range(25_000))
    (files / "leads.csv").write_text(many, encoding="utf-8")
    with score(files / "playbook.toml", Inputs(leads=files / "leads.csv"), as_of="2026-03-01") as scoring:
        one = scoring.rows()
        next(one)
        other = scoring.rows()
        next(other)
        scoring.write(files / "result.csv")

        assert (1 + len(list(one)), 1 + len(list(other))) == (25_000, 25_000)
        assert len((files / "result.csv").read_text(encoding="utf-8").splitlines()) == 25_001


def test_stored_dates_that_no_calendar_here_has_are_unknown_and_told(files: Path) -> None:
    duckdb.sql(
        "SELECT 'a' AS lead_id, DATE '9999-12-31' AS until, CAST('NaN' AS DOUBLE) AS size UNION ALL"
        " SELECT 'b', DATE '1899-01-01', 5 UNION ALL SELECT 'c', CAST('infinity' AS DATE), 5 UNION ALL SELECT 'd', DATE '2027-01-01', 5"
    ).write_parquet(str(files / "leads.parquet"))
    (files / "playbook.toml").write_text(
        '[playbook]\nname = "p"\n[scores.fit]\n[[criteria]]\nid = "until"\nscore = "fit"\nwhy = "Contract"\n'
        "when = \"until <> date '2026-01-01' and size > 1\"\npoints = 10\n",
        encoding="utf-8",
    )
    with score(files / "playbook.toml", Inputs(leads=files / "leads.parquet"), as_of="2026-03-01") as scoring:
        assert [float(row["fit"]) for row in scoring.rows()] == [0, 0, 0, 10]
        assert scoring.rejects.counts() == {("leads", "value-does-not-fit"): 3, ("leads", "not-finite"): 1}


def test_frames_have_the_same_rows(files: Path) -> None:
    with score(files / "playbook.toml", Inputs(leads=files / "leads.csv"), as_of="2026-03-01") as scoring:
        rows = list(scoring.rows())

        assert scoring.to_arrow().to_pylist() == rows
        assert scoring.to_polars().to_dicts() == rows
        assert scoring.to_pandas()["lead_id"].tolist() == [row["lead_id"] for row in rows]


def test_a_missing_extra_is_named(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with score(files / "playbook.toml", Inputs(leads=files / "leads.csv"), as_of="2026-03-01") as scoring:
        for convert in (scoring.to_arrow, scoring.to_polars, scoring.to_pandas):
            with pytest.raises(ProblemsError, match=r"\[frames\]"):
                convert()
