"""Several files at once, and everything that is wrong with them at once."""

import pytest

from leadline.engine.inputs import Rejects, read_tables
from leadline.engine.problems import ProblemsError


def test_all_files_are_read_and_named(files):
    rejects = Rejects()
    paths = {
        "leads": files.write("leads.csv", "lead_id\na\n"),
        "events": files.write("events.csv", "lead_id,event,occurred_at\na,x,2026-01-01\na,y\n"),
        "companies": files.write("companies.jsonl", '{"company_id": 1}\n'),
    }

    tables = read_tables(files.connection, paths, rejects)

    assert [(table.kind, table.relation, table.row_count) for table in tables.values()] == [
        ("leads", "source_leads", 1),
        ("companies", "source_companies", 1),
        ("events", "source_events", 1),
    ]
    assert rejects.summary("r.csv") == ["events.csv: 1 of 2 rows left out: 1 short-row (see r.csv)"]


def test_all_problems_of_all_files_are_told_together(files):
    paths = {
        "leads": files.write("leads.csv", "Lead ID,e-mail\n1,2\n"),
        "companies": files.folder / "none.csv",
        "events": files.write("events.csv", "lead,event name,at\n1,2,3\n"),
        "facts": files.write("facts.jsonl", '{"lead": 1, "field": 2}\n'),
        "outcomes": files.write("outcomes.xlsx", "PK"),
    }

    with pytest.raises(ProblemsError) as caught:
        read_tables(files.connection, paths)

    assert [(problem.file.rpartition("/")[2], problem.code) for problem in caught.value.problems] == [
        ("leads.csv", "missing-column"),
        ("none.csv", "unreadable-file"),
        ("events.csv", "missing-column"),
        ("events.csv", "missing-column"),
        ("events.csv", "missing-column"),
        ("facts.jsonl", "missing-column"),
        ("facts.jsonl", "missing-column"),
        ("facts.jsonl", "missing-column"),
        ("outcomes.xlsx", "unsupported-file"),
    ]
    told = [problem.message for problem in caught.value.problems]
    assert "Did you mean 'Lead ID'?" in told[0]
    assert "'lead_id' or 'company_id'" in told[5]
    assert "'CSV UTF-8'" in told[8]


@pytest.mark.parametrize(
    "path", ["missing.csv", "", ".", "a\0b.csv", "missing.parquet", "missing.duckdb", "missing.jsonl.gz"]
)
def test_a_path_that_leads_nowhere_is_a_problem(files, path):
    with pytest.raises(ProblemsError) as caught:
        read_tables(files.connection, {"leads": path})

    assert caught.value.problems[0].code in {"unreadable-file", "unsupported-file"}


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "duckdb"])
def test_a_folder_is_no_file(files, ending):
    folder = files.folder / f"x.{ending}"
    folder.mkdir()

    with pytest.raises(ProblemsError) as caught:
        read_tables(files.connection, {"leads": folder})

    assert caught.value.problems[0].code == "unreadable-file"


def test_a_second_reading_replaces_the_first(files):
    files.rows("lead_id,a\n1,2\n")

    assert files.rows('{"lead_id": 3}\n', "leads.jsonl") == [("3",)]
    assert files.rows("lead_id\n4\n") == [("4",)]


def test_facts_need_a_lead_or_a_company(files):
    content = "company_id,field,value,known_at\n1,2,3,2026-01-01\n"

    assert files.read(content, "facts.csv", "facts").row_count == 1
