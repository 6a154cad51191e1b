"""JSON Lines: values as they stand, lines that are no objects counted, nothing that crashes."""

import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadline.engine.problems import ProblemsError


def lines(*each: str) -> str:
    return "\n".join(each) + "\n"


@pytest.mark.parametrize("name", ["leads.jsonl", "leads.ndjson", "leads.jsonl.gz"])
def test_values_become_the_text_that_stands_there(files, name):
    content = lines(
        '{"lead_id": 12345678901234567890123, "a": 1.50, "b": "x"}',
        '{"lead_id": "007", "a": -0.0, "b": true}',
        '{"lead_id": "c", "a": 1e400, "b": [1, 2.50, {"k": "é\\n", "n": null, "t": true}]}',
        '{"lead_id": "d", "a": null, "b": ""}',
    )

    assert files.rows(content, name) == [
        ("12345678901234567890123", "1.50", "x"),
        ("007", "-0.0", "true"),
        ("c", "1e400", '[1,2.50,{"k":"é\\n","n":null,"t":true}]'),
        ("d", None, None),
    ]


def test_columns_are_the_keys_of_all_lines_in_order(files):
    content = lines('{"b": 1, "lead_id": 2}', "", "  ", '{"lead_id": 3, "z\\"é": 4}', '{"a": 5, "lead_id": 6}')

    table = files.read(content, "leads.jsonl")

    assert [column.name for column in table.columns] == ["b", "lead_id", 'z"é', "a"]
    assert {column.storage for column in table.columns} == {"text"}
    assert files.numbered(table) == [("2", 1), ("3", 4), ("6", 5)]


def test_a_key_that_appears_late_is_a_column_of_all_rows(files):
    many = [json.dumps({"lead_id": str(number), "x": "y" * 60}) for number in range(120_000)]

    table = files.read(lines(*many, '{"lead_id": "last", "late": 1}', *many[:2]), "leads.jsonl")

    late = files.connection.execute(
        "SELECT lead_id, late, _row FROM source_leads ORDER BY _row DESC LIMIT 3"
    ).fetchall()
    assert late == [("1", None, 120_003), ("0", None, 120_002), ("last", "1", 120_001)]
    assert table.row_count == 120_003


def test_crlf_a_bom_and_a_missing_last_feed_do_not_matter(files):
    assert files.rows('\ufeff{"lead_id": 1}\r\n{"lead_id": 2}', "leads.jsonl") == [("1",), ("2",)]


def test_the_last_of_two_equal_keys_counts(files):
    assert files.rows('{"lead_id": 1, "a": 2, "lead_id": 3}\n', "leads.jsonl") == [("3", "2")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"lead_id": 1', "unreadable-json"),
        ("not json", "unreadable-json"),
        ("[1, 2]", "unreadable-json"),
        ("null", "unreadable-json"),
        ('{"lead_id": 1}{"lead_id": 2}', "unreadable-json"),
        ('{"lead_id": 1,}', "unreadable-json"),
        ("{'lead_id': 1}", "unreadable-json"),
        ('{"lead_id": "a\tb"}', "unreadable-json"),
        ('{"lead_id": "\\ud800"}', "unreadable-json"),
        ('{"\\udfff": 1}', "unreadable-json"),
        ('{"lead_id": ["\\ud800"]}', "unreadable-json"),
        ('{"lead_id": "\\u0000"}', "nul-character"),
        ('{"lead_id": NaN}', "not-finite-json"),
        ('{"lead_id": [-Infinity]}', "not-finite-json"),
        ('{"lead_id": ' + "[" * 100_000 + "]" * 100_000 + "}", "unreadable-json"),
        ('{"lead_id":' * 100_000 + "1" + "}" * 100_000, "unreadable-json"),
    ],
)
def test_a_bad_line_is_left_out_and_numbered(files, line, reason):
    assert files.rows(lines('{"lead_id": "a"}', line, '{"lead_id": "b"}'), "leads.jsonl") == [("a",), ("b",)]
    assert files.rejects.counts() == {("leads", reason): 1}
    assert files.rejects.rows("leads", reason)[0].row == 2


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "empty-file", None),
        (b'{"lead_id": "\xff"}\n', "wrong-encoding", 1),
        ('{"lead_id": 1}\n'.encode("utf-16"), "wrong-encoding", 1),
        (b'{"id": 1}\n', "missing-column", None),
        (b"{}\n", "missing-column", None),
        (b'{"lead_id": 1, "A": 1}\n{"a": 2}\n', "duplicate-column", None),
        (b'{"lead_id": 1, "": 1}\n', "missing-column", None),
        (b"lead_id,a\n1,2\n", "unreadable-table", None),
        (b'[{"lead_id": 1},\n{"lead_id": 2}]\n', "unreadable-table", None),
        (b'{"lead_id": "' + b"x" * 9_000_000 + b'"}', "too-large", 1),
        (b"{" + b",".join(b'"c%d":1' % number for number in range(5001)) + b"}", "too-large", None),
    ],
)
def test_what_cannot_be_right_stops(files, content, code, line):
    (problem,) = files.problems(content, "leads.jsonl")

    assert (problem.code, problem.line) == (code, line)


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(
    rows=st.lists(
        st.fixed_dictionaries({"lead_id": texts}, optional={"a": texts, "B c": texts}), min_size=1, max_size=6
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_back(files, rows):
    content = lines(*(json.dumps(row, ensure_ascii=len(row) > 1) for row in rows))

    table = files.read(content, "leads.jsonl")

    found = files.connection.execute("SELECT * EXCLUDE (_row) FROM source_leads ORDER BY _row").fetchall()
    names = [column.name for column in table.columns]
    assert found == [tuple(row.get(name) or None for name in names) for row in rows]


@given(st.text(alphabet='{}[]":,\\ud8 0\nae\r\x00', max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_makes_reading_crash(files, content):
    with suppress(ProblemsError):
        files.read('{"lead_id": 1}\n' + content, "leads.jsonl")
