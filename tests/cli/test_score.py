"""`leadline score`: what is written, where, and that it is the same each time."""

import csv
import io
import json
import sys
from pathlib import Path

import duckdb
import pytest
from tests.cli.conftest import Run

from leadline.cli import score as score_module
from leadline.cli.files import replacing

DATA = ("--leads", "leads.csv", "--events", "events.csv", "--as-of", "2026-03-02")
COLUMNS = [
    *("lead_id", "as_of", "fit", "engagement"),
    *("fit_low", "fit_high", "fit_coverage", "engagement_low", "engagement_high", "engagement_coverage"),
    *("grade", "persona", "mql", "mql_stay", "authority", "excluded_by", "reasons"),
]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_pipe_gets_all_rows_as_csv_with_the_columns_of_the_contract(run: Run, shop: Path) -> None:
    result = run("score", "playbook.toml", *DATA)

    assert result.exit_code == 0, result.stderr
    ann, bob, cem = rows_of(result.stdout)
    assert list(ann) == COLUMNS
    assert (ann["lead_id"], ann["as_of"], ann["fit"], ann["engagement"]) == ("ann", "2026-03-02", "60.0000", "15.0000")
    assert (ann["grade"], ann["persona"], ann["mql"], ann["authority"]) == ("A2", "leader", "true", "yes")
    assert ann["reasons"] == "company-size:30.0000 can-decide:30.0000 pricing-page:15.0000"
    assert (bob["excluded_by"], bob["mql"], bob["mql_stay"]) == ("intern", "false", "false")
    assert (cem["fit"], cem["fit_low"], cem["fit_high"], cem["fit_coverage"]) == (
        "30.0000",
        "30.0000",
        "60.0000",
        "0.5000",
    )


def test_contributions_come_last_one_column_a_criterion(run: Run, shop: Path) -> None:
    result = run("score", "playbook.toml", *DATA, "--contributions")

    ann = rows_of(result.stdout)[0]
    assert list(ann) == [*COLUMNS, "c_company-size", "c_can-decide", "c_pricing-page"]
    assert ann["c_pricing-page"] == "15.0000"


def test_what_lies_ahead_comes_last_on_request(run: Run, shop: Path) -> None:
    result = run("score", "playbook.toml", *DATA, "--contributions", "--cools-on", "--next-step")

    ann, bob, cem = rows_of(result.stdout)
    assert list(ann)[-4:] == ["c_pricing-page", "mql_since", "mql_cools_on", "next_step"]
    assert (ann["mql_since"], ann["mql_cools_on"]) == ("2026-02-16T10:00:00.000000Z", "")  # her company stays as it is
    assert (ann["next_step"], bob["next_step"]) == ("", "")  # there is no further one; and bob is excluded
    assert cem["next_step"].startswith("mql: ")


def test_the_help_names_the_columns_of_what_lies_ahead(run: Run) -> None:
    said = " ".join(run("score", "--help").stdout.split())

    assert (
        "with --cools-on for each qualification its _since and _cools_on, with --next-step the column next_step" in said
    )


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_the_same_call_twice_gives_the_same_bytes(
    run: Run, starter: Path, starter_inputs: list[str], tmp_path: Path, ending: str
) -> None:
    written = []
    for name in ("one", "two"):
        out = tmp_path / f"{name}.{ending}"
        result = run(
            "score",
            starter / "playbook.toml",
            *starter_inputs,
            "--as-of",
            "2026-03-01",
            "--contributions",
            "--out",
            out,
        )
        assert result.exit_code == 0, result.stderr
        assert result.stdout == ""
        written.append(out.read_bytes())

    assert written[0] == written[1]
    assert written[0]


def test_all_formats_hold_the_same(run: Run, shop: Path) -> None:
    for ending in ("csv", "jsonl", "parquet"):
        run("score", "playbook.toml", *DATA, "--out", f"scores.{ending}")

    from_csv = rows_of(Path("scores.csv").read_text(encoding="utf-8"))
    from_json = [json.loads(line) for line in Path("scores.jsonl").read_text(encoding="utf-8").splitlines()]
    from_parquet = duckdb.sql("select * from 'scores.parquet'")
    assert from_parquet.columns == COLUMNS == list(from_json[0])
    assert [row["lead_id"] for row in from_csv] == [row[0] for row in from_parquet.fetchall()] == ["ann", "bob", "cem"]
    assert float(from_csv[0]["engagement"]) == from_json[0]["engagement"] == 15
    assert from_json[0]["mql"] is True
    assert run("score", "playbook.toml", *DATA).stdout == Path("scores.csv").read_text(encoding="utf-8")


def test_json_is_one_document_about_the_run_with_its_leads(run: Run, shop: Path) -> None:
    result = run("score", "playbook.toml", *DATA, "--json")

    found = json.loads(result.stdout)
    assert (found["as_of"], found["lead_count"], found["out"]) == ("2026-03-02", 3, None)
    assert [row["lead_id"] for row in found["leads"]] == ["ann", "bob", "cem"]
    assert {"table": "events", "reason": "unreadable-date", "count": 1} in found["left_out"]
    assert "leads" not in json.loads(run("score", "playbook.toml", *DATA, "--json", "--out", "s.csv").stdout)


def test_what_is_left_out_is_counted_on_stderr_and_listed_on_request(run: Run, shop: Path) -> None:
    result = run("score", "playbook.toml", *DATA)
    assert "events.csv: 2 of 5 rows left out" in result.stderr
    assert "--rejects" in result.stderr

    result = run("score", "playbook.toml", *DATA, "--rejects", "rejects.csv")
    listed = rows_of(Path("rejects.csv").read_text(encoding="utf-8"))
    assert "(see rejects.csv)" in result.stderr
    assert {(row["reason"], row["row"], row["found"]) for row in listed} == {
        ("unreadable-date", "6", "last Tuesday"),
        ("unknown-lead", "5", "dan"),
    }


def test_without_a_moment_it_is_today_and_says_so(run: Run, shop: Path) -> None:
    result = run("score", "playbook.toml", "--leads", "leads.csv", "--events", "events.csv")

    moment = rows_of(result.stdout)[0]["as_of"]
    assert len(moment) == 10
    assert f"As of today, {moment}" in result.stderr


def test_a_terminal_gets_a_table_of_the_first_leads(
    run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(score_module, "MOST_ROWS", 2)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")

    with pytest.raises(SystemExit) as stopped:
        score_module.score.main(["playbook.toml", *DATA], prog_name="leadline score")

    printed = capsys.readouterr()
    assert stopped.value.code == 0
    lines = [line.split() for line in printed.out.splitlines()]
    assert lines[0][0].endswith("lead")
    assert lines[1][:5] == ["ann", "60.0", "15.0", "A2", "mql"]
    assert lines[2][:6] == ["bob", "0.0", "0.0", "C3", "no:", "intern"]
    assert len(lines) == 3
    assert "… and 1 more" in printed.err


def test_a_roll_up_gives_the_same_scores(run: Run, shop: Path) -> None:
    built = run("rollup", "playbook.toml", "--events", "events.csv", "--out", "rollup.parquet")
    assert built.exit_code == 0, built.stderr

    from_events = run("score", "playbook.toml", *DATA)
    from_rollup = run(
        "score", "playbook.toml", "--leads", "leads.csv", "--rollup", "rollup.parquet", "--as-of", "2026-03-02"
    )

    assert from_rollup.exit_code == 0, from_rollup.stderr
    assert from_rollup.stdout == from_events.stdout


def test_as_known_sees_only_what_had_arrived_and_says_what_does_not_tell(run: Run, shop: Path) -> None:
    text = (shop / "events.csv").read_text(encoding="utf-8").splitlines()
    received = ["received_at", "2026-02-16T10:00:00Z", "2026-03-03T10:00:00Z", "", "", ""]
    rows = [f"{line},{cell}\n" for line, cell in zip(text, received, strict=True)]
    (shop / "events.csv").write_text("".join(rows), encoding="utf-8")

    result = run("score", "playbook.toml", *DATA, "--as-known")
    about = json.loads(run("score", "playbook.toml", *DATA, "--as-known", "--json").stdout)

    assert result.exit_code == 0, result.stderr
    assert rows_of(result.stdout)[0]["engagement"] == "5.0000"
    assert "1 not counted: 1 arrived-later; 2 taken as known at once: 2 no-arrival" in result.stderr
    assert "leads.csv: 3 taken as known at once: 3 no-arrival" in result.stderr
    assert about["as_known"] is True
    assert {"table": "events", "reason": "arrived-later", "count": 1} in about["left_out"]


def test_rolling_up_again_extends_and_says_what_it_did(run: Run, shop: Path) -> None:
    words = ("rollup", "playbook.toml", "--events", "events.csv", "--out", "rollup.parquet")
    first = json.loads(run(*words, "--json").stdout)
    again = json.loads(run(*words, "--extend", "--json").stdout)

    assert (first["out"], first["kept_days"]) == ("rollup.parquet", 0)
    assert (again["counted_days"], again["kept_days"]) == (0, first["counted_days"])


# -- what is refused, and that nothing is written then ----------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--out", "scores.xlsx"], "unsupported-file"),
        (["--out", "nowhere/scores.csv"], "bad-value"),
        (["--out", "leads.csv"], "bad-value"),
        (["--rejects", "events.csv"], "bad-value"),
        (["--out", "s.csv", "--rejects", "s.csv"], "bad-value"),
        (["--as-of", "tomorrow", "--out", "s.csv"], "bad-value"),
        (["--naive-zone", "Mars/Olympus", "--out", "s.csv"], "bad-value"),
        (["--backend", "abacus", "--out", "s.csv"], "bad-value"),
        (["--memory", "lots", "--out", "s.csv"], "bad-value"),
        (["--as-known", "--rollup", "r.parquet", "--out", "s.csv"], "roll-up"),
        (["--companies", "missing.csv", "--out", "s.csv", "--rejects", "r.csv"], "unreadable-file"),
    ],
)
def test_a_call_that_cannot_be_right_says_why_and_writes_nothing(
    run: Run, shop: Path, words: list[str], code: str
) -> None:
    before = {path.name: path.read_bytes() for path in shop.iterdir()}

    result = run("score", "playbook.toml", *DATA, *words)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"  {code}  " in f"  {result.stderr}"
    assert {path.name: path.read_bytes() for path in shop.iterdir()} == before


def test_a_file_that_fails_half_way_is_not_left_behind(tmp_path: Path) -> None:
    target = tmp_path / "rejects.csv"
    target.write_text("old")

    def fail_half_way() -> None:
        with replacing(target) as partial:
            partial.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()

    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
