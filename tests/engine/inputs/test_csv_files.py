"""CSV as people really write it: read as it stands, refused row by row, or stopped with the reason."""

import csv
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadline.engine.inputs.csv_dialect import read_dialect
from leadline.engine.inputs.csv_files import read_carefully, read_fast
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.problems import ProblemsError


@pytest.mark.parametrize("name", ["leads.csv", "leads.CSV", "leads.csv.gz", "leads.txt", "a*[1]?'.csv"])
@pytest.mark.parametrize("feed", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_usual_ways_to_write_a_file(files, name, feed, mark, delimiter):
    lines = [["lead_id", "city name", "x"], ["007", " Köln ", "1.50"], ["b", "", "NULL"]]

    rows = files.rows(mark + feed.join(delimiter.join(line) for line in lines) + feed, name)

    assert rows == [("007", " Köln ", "1.50"), ("b", None, "NULL")]


def test_a_file_is_read_alone_even_when_its_name_matches_others(files):
    files.write("ab.csv", "lead_id\nother\n")

    assert files.rows("lead_id\nright\n", "a*.csv") == [("right",)]


def test_cells_stay_as_they_are(files):
    content = 'lead_id,a,b\n1,"x\ny","say ""hi"""\n2,"r\r\nn","a,b"\n3,"",\n4,5" nail,#x\n5,back\\slash,nan\n'

    assert files.rows(content) == [
        ("1", "x\ny", 'say "hi"'),
        ("2", "r\r\nn", "a,b"),
        ("3", None, None),
        ("4", '5" nail', "#x"),
        ("5", "back\\slash", "nan"),
    ]
    assert not files.rejects


def test_a_path_is_no_column(files):
    (files.folder / "year=2026").mkdir()

    assert files.rows("lead_id\na\n", "year=2026/leads.csv") == [("a",)]


def test_the_delimiter_is_the_one_that_finds_the_needed_columns(files):
    table = files.read('"name, title, rank";lead_id\nx;1\n')

    assert [column.name for column in table.columns] == ["name, title, rank", "lead_id"]


def test_a_quoted_header_without_the_needed_columns_is_no_unbalanced_quote(files):
    (problem,) = files.problems('"age";"job"\n1;"x"\n')

    assert problem.code == "missing-column"
    assert problem.message.endswith("The file has: 'age', 'job'.")


def test_spaces_behind_delimiters_belong_to_no_cell_when_the_header_has_them(files):
    assert files.rows('lead_id, "city, land"\n1, "Bonn, DE"\n2,  x\n') == [("1", "Bonn, DE"), ("2", "x")]
    assert files.rows("lead_id,city\n1, x\n") == [("1", " x")]


def test_rows_without_the_right_number_of_cells_are_left_out_and_numbered(files):
    table = files.read("lead_id,a\n1,x\n2\n\n3,y,z\n4,w,\n5,v\n")

    assert files.numbered(table) == [("1", 2), ("5", 7)]
    assert files.rejects.counts() == {("leads", "short-row"): 1, ("leads", "long-row"): 2}
    assert [row.row for row in files.rejects.rows("leads", "long-row")] == [5, 6]
    assert files.rejects.rows("leads", "short-row")[0].found == "2"
    assert (table.row_count, table.refused_rows, table.file_row_count) == (2, 3, 5)
    assert files.rejects.summary() == ["leads.csv: 3 of 5 rows left out: 2 long-row, 1 short-row"]


def test_a_comma_without_quotes_does_not_shift_the_cells_of_its_row(files):
    assert files.rows("lead_id,company,note\n1,Acme, Inc,\n2,Beta,\n") == [("2", "Beta", None)]
    assert files.rejects.count("leads", "long-row") == 1


def test_text_behind_a_closing_quote_costs_one_row(files):
    assert files.rows('lead_id,a\n1,"x"y\n2,z\n') == [("2", "z")]
    assert files.rejects.rows("leads", "bad-quote")[0].row == 2


def test_rows_are_numbered_as_a_spreadsheet_does(files):
    assert files.numbered(files.read('lead_id,a\n1,"x\ny"\n2,z\n')) == [("1", 2), ("2", 3)]
    assert files.numbered(files.read("\n\nlead_id,a\n1,x\n\n2,z\n")) == [("1", 4), ("2", 6)]


def test_a_column_may_have_the_name_of_the_row_numbers(files):
    table = files.read("lead_id,_ROW,rowid\n1,x,y\n2,z,w\n")

    assert table.row_column == "__row"
    assert files.numbered(table) == [("1", 2), ("2", 3)]


def test_mixed_line_ends_are_line_ends(files):
    assert files.rows("lead_id,a\r\n1,x\n2,y\r3,z\r\n") == [("1", "x"), ("2", "y"), ("3", "z")]


def test_a_nul_costs_its_row(files):
    assert files.rows("lead_id,a\n1,x\0y\n2,z\n") == [("2", "z")]
    assert files.rejects.rows("leads", "nul-character")[0].found == "1,x\\0y"


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "empty-file", None),
        (b"\xef\xbb\xbf", "empty-file", None),
        (b"\n\r\n\n", "empty-file", None),
        ("lead_id,a\n1,2\n".encode("utf-16"), "wrong-encoding", 1),
        ("lead_id,a\n1,2\n".encode("utf-16-be"), "wrong-encoding", 1),
        ("lead_id,a\n1,2\n".encode("utf-32"), "wrong-encoding", 1),
        ("lead_id,a\n1,x\n2,Köln\n".encode("cp1252"), "wrong-encoding", 3),
        (b"lead_id,a\n1,\xed\xa0\x80\n", "wrong-encoding", 2),
        (b'lead_id,a\n1,"x\n2,y\n3,z\n', "unbalanced-quote", 2),
        (b'lead_id,a\n1,x\n2,"y\n3,"z"\n4,w\n', "unbalanced-quote", 3),
        (b'lead_id,"a\n1,x\n', "unbalanced-quote", 1),
        (b"lead_id,a,a\n1,2,3\n", "duplicate-column", None),
        (b"lead_id,Email,email\n1,2,3\n", "duplicate-column", None),
        (b"lead_id,,b\n1,2,3\n", "missing-column", None),
        (b"Lead-ID,a\n1,2\n", "missing-column", None),
        (b"lead_id,a\n1\n2\n", "unreadable-table", None),
        (b"lead_id,a\n1," + b"x" * 1_000_001 + b"\n2,y\n", "too-large", 2),
        (b"lead_id,a\n" + b"x" * 9_000_000, "too-large", 2),
        (b"lead_id," + b",".join(b"c%d" % number for number in range(5001)) + b"\n", "too-large", None),
    ],
)
@pytest.mark.parametrize("name", ["leads.csv", "leads.csv.gz"])
def test_what_cannot_be_right_stops(files, content, code, line, name):
    (problem,) = files.problems(content, name)

    assert (problem.code, problem.line) == (code, line)
    assert problem.file.endswith(name)


def test_a_wrong_encoding_names_the_byte_and_the_way_out(files):
    (problem,) = files.problems("lead_id,city\n1,Köln\n".encode("cp1252"), "leads.csv.gz")

    assert "Byte 17 of the file, 0xF6" in problem.message
    assert "gunzip -c leads.csv.gz | iconv -f CP1252 -t UTF-8 > utf8-leads.csv" in problem.message


@pytest.mark.parametrize("content", [b"\x1f\x8b\x08\x00broken", b"lead_id\n1\n"])
def test_a_broken_gzip_file_stops(files, content):
    (files.folder / "leads.csv.gz").write_bytes(content)
    files.write = lambda name, content: files.folder / name

    assert files.problems(b"", "leads.csv.gz")[0].code == "unreadable-table"


def test_a_header_alone_is_a_table_without_rows(files):
    for content in ("lead_id,a\n", "lead_id,a", "lead_id;a\r\n\r\n"):
        assert files.rows(content) == []
    assert files.read("lead_id\n").row_count == 0


def test_a_long_id_and_a_long_cell_are_data(files):
    long_id, long_cell = "i" * 10_000, "x" * 900_000

    assert files.rows(f"lead_id,a\n{long_id},{long_cell}\n") == [(long_id, long_cell)]
    assert csv.field_size_limit() == 131_072


def test_the_order_of_rows_is_kept_whatever_the_connection_is_told(files):
    files.connection.execute("SET preserve_insertion_order = false")
    ids = [str(number) for number in range(200_000)]

    table = files.read("lead_id\n" + "\n".join(ids) + "\n")

    rows = files.connection.execute(f"SELECT lead_id, _row FROM {table.relation} ORDER BY _row").fetchall()
    assert rows == [(each, position) for position, each in enumerate(ids, start=2)]
    assert files.connection.execute("SELECT current_setting('preserve_insertion_order')").fetchone() == (False,)


def test_a_flaw_far_behind_the_first_rows_is_found(files):
    good = [f"{number},{'x' * 60},2026-01-01" for number in range(150_000)]
    good[140_000] = "140000,short"

    table = files.read("lead_id,a,b\n" + "\n".join(good) + "\n")

    assert table.row_count == 149_999
    assert files.rejects.rows("leads", "short-row")[0].row == 140_002


cells = st.sampled_from(
    [
        "",
        "x",
        "a b",
        " y",
        "z ",
        '"q"',
        '"a,b"',
        '"l\nm"',
        '"d""q"',
        '""',
        '5" x',
        '"x" ',
        ' "x"',
        '"""e"""',
        '","',
        "é",
    ]
)
pieces = st.sampled_from(
    ["x", "1", " ", '"', ",", "\n", "\r\n", '""', '","', "é", "\t", "\r", ",,", '"a b"', "#", "\\"]
)
bodies = st.one_of(
    st.lists(st.lists(cells, min_size=1, max_size=4).map(",".join), max_size=6).map("\n".join),
    st.lists(st.lists(cells, min_size=2, max_size=2).map(",".join), max_size=6).map("\r\n".join),
    st.lists(pieces, max_size=15).map("".join),
)


@given(header=st.sampled_from(["lead_id\n", "lead_id,b\n", "lead_id,b\r\n", "lead_id,b,c\n"]), body=bodies)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_the_fast_way_reads_what_the_careful_way_reads(files, header, body):
    path = str(files.write("leads.csv", header + body))
    dialect = read_dialect(path, "leads")
    if dialect.is_odd or not read_fast(files.connection, "leads", path, dialect):
        return
    fast = files.connection.execute("SELECT * FROM source_leads").fetchall()
    rejects = Rejects()

    assert read_carefully(files.connection, "leads", path, dialect, rejects) == 0
    assert files.connection.execute("SELECT * FROM source_leads").fetchall() == fast


@given(
    rows=st.lists(
        st.tuples(*[st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))] * 2), max_size=8
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    feed=st.sampled_from(["\n", "\r\n"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_by_the_rules_is_read_back(files, rows, delimiter, feed):
    path = files.folder / "leads.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=feed, quoting=csv.QUOTE_ALL)
        writer.writerows([("lead_id", "text"), *rows])

    assert files.rows(path.read_bytes()) == [tuple(cell or None for cell in row) for row in rows]


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_make_reading_crash(files, content):
    with suppress(ProblemsError):
        files.read(b"lead_id,b\n" + content)


def test_a_million_rows_take_seconds(files):
    line = "{},page_viewed,2026-01-01T10:00:00Z\n".format
    table = files.read("lead_id,event,occurred_at\n" + "".join(map(line, range(1_000_000))), kind="events")

    assert table.row_count == 1_000_000
