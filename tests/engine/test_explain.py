"""Explaining a lead gives the numbers of scoring all leads: the same rows, read by the reference."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from leadline.engine.assess import score
from leadline.engine.explain import explain, explain_change
from leadline.engine.next_step.model import keep_out
from leadline.engine.playbook.load import read_playbook
from leadline.engine.problems import ProblemsError
from leadline.engine.run import Inputs
from leadline.starter import PLAYBOOK
from leadline.starter.generate import write

TABLES = ("leads", "companies", "events", "facts", "outcomes")
PLAIN = """
[playbook]
name = "plain"
timezone = "Europe/Berlin"
[scores.engagement]
min = 0
[[criteria]]
id = "visit"
score = "engagement"
why = "Came by"
event = "visit"
points = 10
decay = { half_life = "10d" }
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("starter")
    write(folder, date(2026, 3, 2), leads=200)
    return folder


def inputs_in(folder: Path, ending: str = "csv") -> Inputs:
    return Inputs(**{name: folder / f"{name}.{ending}" for name in TABLES})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("as_of", "as_known"), [("2026-03-01", False), ("2025-10-14T09:30:00+02:00", False), ("2025-10-14", True)]
)
def test_every_lead_is_explained_with_the_numbers_it_is_scored_with(data: Path, as_of: str, as_known: bool) -> None:
    with score(PLAYBOOK, inputs_in(data), as_of=as_of, as_known=as_known) as scoring:
        rows = {row["lead_id"]: row for row in scoring.rows()}
    explained = explain(PLAYBOOK, inputs_in(data), rows, as_of=as_of, as_known=as_known)

    assert len(rows) == 200
    assert [one.lead_id for one in explained] == list(rows)
    for one in explained:
        row = rows[one.lead_id]
        assert one.grade == row["grade"]
        assert (one.persona.id if one.persona else None) == row["persona"]
        assert (one.excluded_by.id if one.excluded_by else None) == row["excluded_by"]
        for part in one.scores:
            assert Decimal(part.points) / 10_000 == row[part.id]
            assert sum(line.points for line in part.lines) == part.points
            assert Decimal(part.coverage) / 10_000 == row[f"{part.id}_coverage"]
        assert {level.id: level.holds for level in one.qualifications} == {
            level.id: row[level.id] for level in one.qualifications
        }
        assert {question.id: question.answer for question in one.questions} == {
            question.id: row[question.id] for question in one.questions
        }


def test_a_few_leads_of_typed_files_are_explained_as_those_of_csv(data: Path, tmp_path: Path) -> None:
    for name in TABLES:
        stamps = {"events": "occurred_at", "facts": "known_at", "outcomes": "at"}
        typed = f'* replace ("{stamps[name]}"::timestamptz as "{stamps[name]}")' if name in stamps else "*"
        reading = f"read_csv('{data / name}.csv', all_varchar = true)"
        duckdb.sql(f"copy (select {typed} from {reading}) to '{tmp_path / name}.parquet'")
    some = [f"L{number:05}" for number in range(1, 200, 13)]

    from_csv = explain(PLAYBOOK, inputs_in(data), some, as_of="2026-03-01")
    from_parquet = explain(PLAYBOOK, inputs_in(tmp_path, "parquet"), some, as_of="2026-03-01")

    assert from_parquet == from_csv


def test_whose_event_it_is_does_not_depend_on_whom_one_asks_about(tmp_path: Path) -> None:
    """Ann's event was sent again for Bob, earlier: it counts once, and it is Bob's."""
    (tmp_path / "playbook.toml").write_text(PLAIN)
    (tmp_path / "leads.csv").write_text("lead_id\nann\nbob\n")
    (tmp_path / "events.csv").write_text(
        "lead_id,event,occurred_at,event_id\nann,visit,2026-03-01T10:00:00Z,7\nbob,visit,2026-02-28T10:00:00Z,7\n"
    )
    inputs = Inputs(leads=tmp_path / "leads.csv", events=tmp_path / "events.csv")

    (ann,) = explain(tmp_path / "playbook.toml", inputs, ["ann"], as_of="2026-03-01")
    (bob,) = explain(tmp_path / "playbook.toml", inputs, ["bob"], as_of="2026-03-01")

    assert ann.scores[0].points == 0
    assert bob.scores[0].points > 0


def test_a_lead_that_is_not_there_is_refused_with_the_nearest_id(tmp_path: Path) -> None:
    (tmp_path / "playbook.toml").write_text(PLAIN)
    (tmp_path / "leads.csv").write_text("lead_id,name\nLead-17,x\nann,Ann\nann,Anne\n")
    (tmp_path / "events.csv").write_text("lead_id,event,occurred_at\nann,visit,2026-03-01T10:00:00Z\n")
    inputs = Inputs(leads=tmp_path / "leads.csv", events=tmp_path / "events.csv")

    with pytest.raises(ProblemsError) as told:
        explain(tmp_path / "playbook.toml", inputs, ["lead-17", "ann", "lead-71x"], as_of="2026-03-01")

    assert [one.code for one in told.value.problems] == ["unknown-lead"] * 3
    near, twice, other = (one.message for one in told.value.problems)
    assert "Did you mean 'Lead-17'?" in near
    assert "several rows that differ" in twice
    assert "Did you mean 'Lead-17'?" in other


KEPT = re.compile("[a-z]+: (not before [0-9]+ [A-Z][a-z]+ [0-9]{4}|only when the lead .+)")


def test_every_lead_says_the_step_that_scoring_says(data: Path) -> None:
    """The texts of a step in the result of `score` and in an explanation are one and the same, with what keeps the lead out."""
    some = [f"L{number:05}" for number in range(1, 200, 7)]

    explained = explain(PLAYBOOK, inputs_in(data), some, as_of="2026-03-01")

    with score(PLAYBOOK, inputs_in(data), as_of="2026-03-01", next_step=True) as scoring:
        steps = {row["lead_id"]: row["next_step"] for row in scoring.rows()}
    levels = {level.id: level for level in read_playbook(PLAYBOOK.read_text(encoding="utf-8"))[0].qualifications}
    told: dict[str, str | None] = {}
    for one in explained:
        missing = one.missing
        step = missing and keep_out(levels[missing.qualification], missing.step, missing.kept_out)
        told[one.lead_id] = step.text if step else None
    otherwise = [lead_id for lead_id in some if told[lead_id] != steps[lead_id]]
    assert all(KEPT.fullmatch(steps[lead_id]) for lead_id in otherwise), (
        "conditions hold, so only a report keeps them out"
    )
    assert len(otherwise) < len(some) / 4
    assert len(set(told.values())) > 3
    assert any("not before" in text for text in told.values() if text)


def test_what_changed_since_a_moment_is_the_difference_of_two_scores(data: Path) -> None:
    some = [f"L{number:05}" for number in range(1, 200, 7)]

    changed = explain_change(PLAYBOOK, inputs_in(data), some, as_of="2026-03-01", since="2025-12-01")

    before = {one.lead_id: one for one in explain(PLAYBOOK, inputs_in(data), some, as_of="2025-12-01")}
    after = {one.lead_id: one for one in explain(PLAYBOOK, inputs_in(data), some, as_of="2026-03-01")}
    assert [one.lead_id for one in changed] == some
    for one in changed:
        for part, was, now in zip(one.scores, before[one.lead_id].scores, after[one.lead_id].scores, strict=True):
            assert (part.before, part.after) == (was.points, now.points)
            assert sum(line.points for line in part.lines) == part.points
    assert any(part.points for one in changed for part in one.scores)


def test_what_another_playbook_says_is_read_with_its_own_types(tmp_path: Path) -> None:
    (tmp_path / "new.toml").write_text(PLAIN)
    (tmp_path / "old.toml").write_text(PLAIN.replace("points = 10", "points = 8"))
    (tmp_path / "leads.csv").write_text("lead_id\nann\n")
    (tmp_path / "events.csv").write_text("lead_id,event,occurred_at\nann,visit,2026-03-01T10:00:00Z\n")
    inputs = Inputs(leads=tmp_path / "leads.csv", events=tmp_path / "events.csv")

    (ann,) = explain_change(tmp_path / "new.toml", inputs, "ann", as_of="2026-03-01", against=tmp_path / "old.toml")

    (line,) = ann.scores[0].lines
    assert (line.points, line.rule) == (20_000, ("10 points instead of 8",))
    assert (ann.playbook_before, ann.playbook) == (str(tmp_path / "old.toml"), str(tmp_path / "new.toml"))


def test_a_moment_to_compare_with_lies_before_and_is_one(data: Path) -> None:
    for since in ("2026-03-02", "soon"):
        with pytest.raises(ProblemsError) as told:
            explain_change(PLAYBOOK, inputs_in(data), "L00001", as_of="2026-03-01", since=since)
        assert [(one.code, one.where) for one in told.value.problems] == [("bad-value", "--since")]
