"""What a text in a file means, and that no text whatever makes reading fail."""

import math
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.engine import values
from leadline.engine.calendar import Zone, instant_of
from leadline.engine.values import (
    find_date_fault,
    infer_type,
    is_missing,
    read_boolean,
    read_day,
    read_instant,
    read_list,
    read_number,
    text_key,
)

BERLIN = Zone("Europe/Berlin")
UTC_ZONE = Zone("UTC")

anything = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="0123456789-+:.TZ eE", max_size=40),
    st.text(alphabet=[chr(0), chr(0xD800), "ß", "İ", "ﬁ", chr(0x345), "[", '"', ",", "1"], max_size=12),
)
clocks = st.builds(datetime.combine, st.dates(date(1900, 1, 2), date(2200, 12, 30)), st.times())
offsets = st.integers(-959, 959).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.builds(lambda clock, offset: clock.replace(tzinfo=offset), clocks, offsets)


@given(anything)
def test_no_text_makes_reading_fail(text):
    number = read_number(text)
    assert number is None or math.isfinite(number)
    read_boolean(text)
    read_list(text, ";")
    infer_type([text])
    instant = read_instant(text, zone=BERLIN, naive_zone=BERLIN)
    assert (instant is None) == (find_date_fault(text) is not None)
    assert (read_day(text, zone=BERLIN) is None) == (instant is None)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_back_as_it_was_written(number):
    assert read_number(repr(number)) == number
    assert infer_type([repr(number)]) == "number"


@pytest.mark.parametrize(
    "text",
    ["", "-", ".", "1_000", "1,000", "1.000,5", "0x10", "nan", "NaN", "inf", "-Infinity", "1e400", "-1e400", "1e", "१२",
     "1 000", "12€", "1.2.3", "٣", "1" * 400],
)  # fmt: skip
def test_what_is_no_plain_number_is_refused(text):
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("text", "number"), [("007", 7), ("+1.", 1), (".5", 0.5), (" 1E3 ", 1000), ("1e-400", 0), ("9" * 308, 1e308)]
)
def test_plain_numbers(text, number):
    assert read_number(text) == number


def test_minus_zero_is_zero():
    assert math.copysign(1, read_number("-0.0")) == 1


@given(moments)
def test_an_instant_is_read_back_as_it_was_written(moment):
    assert read_instant(moment.isoformat(), zone=BERLIN) == instant_of(moment)
    assert read_instant(moment.isoformat(" "), zone=BERLIN) == instant_of(moment)
    assert read_day(moment.isoformat(), zone=BERLIN) == BERLIN.day_of(instant_of(moment))


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_a_date_alone_is_the_start_of_that_local_day(day):
    assert read_day(day.isoformat(), zone=BERLIN) == day.toordinal() - date(1970, 1, 1).toordinal()
    assert read_instant(day.isoformat(), zone=BERLIN) == BERLIN.first_instant(read_day(day.isoformat(), zone=BERLIN))


@given(clocks)
def test_a_time_without_offset_is_in_the_naive_zone(local):
    assert read_instant(local.isoformat(), zone=BERLIN) == instant_of(local.replace(tzinfo=UTC))
    assert read_instant(local.isoformat(), zone=UTC_ZONE, naive_zone=BERLIN) == BERLIN.instant_of_local(local)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-03-01T10:00", "2026-03-01T10:00:00Z"),
        ("2026-03-01 10:00:00+01", "2026-03-01T09:00:00Z"),
        ("2026-03-01T10:00:00-0130", "2026-03-01T11:30:00Z"),
        ("2026-03-01T10:00:00.1234569Z", "2026-03-01T10:00:00.123456Z"),
        ("  2026-03-01T10:00:00.5Z ", "2026-03-01T10:00:00.500000000Z"),
    ],
)
def test_the_ways_to_write_an_instant(text, same):
    assert read_instant(text, zone=BERLIN) == read_instant(same, zone=BERLIN) is not None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2015-2-02T00:30:08.276Z", "unreadable-date"),
        ("2026-02-30", "unreadable-date"),
        ("2026-13-01", "unreadable-date"),
        ("01/02/2026", "unreadable-date"),
        ("20260301", "unreadable-date"),
        ("1772323200", "unreadable-date"),
        ("2026-03-01T24:00:00Z", "unreadable-date"),
        ("2026-03-01T10:00:60Z", "unreadable-date"),
        ("2026-03-01T10", "unreadable-date"),
        ("2026-03-01T10:00:00+16:00", "unreadable-date"),
        ("2026-03-01T10:00:00+01:60", "unreadable-date"),
        ("2026-03-01T10:00:00.1234567890Z", "unreadable-date"),
        ("2026-03-01  10:00", "unreadable-date"),
        ("2026-03-01\x00", "unreadable-date"),
        ("yesterday", "unreadable-date"),
        ("", "unreadable-date"),
        ("0001-01-01", "date-out-of-range"),
        ("1899-12-31T23:59:59Z", "date-out-of-range"),
        ("2201-01-01", "date-out-of-range"),
        ("294277-01-09T04:00:54.775807Z", "date-out-of-range"),
        ("-0044-03-15", "date-out-of-range"),
        ("2300-02-29", "unreadable-date"),
        ("9999-12-31T99:00", "unreadable-date"),
    ],
)
def test_a_bad_date_says_what_is_bad(text, fault):
    assert find_date_fault(text) == fault
    assert read_instant(text, zone=BERLIN) is None
    assert read_day(text, zone=BERLIN) is None


@pytest.fixture(scope="module")
def database():
    with duckdb.connect() as connection:
        yield connection


@given(
    text=st.one_of(
        st.from_regex(values.ISO_INSTANT_PATTERN, fullmatch=True),
        st.from_regex(values.ISO_NAIVE_PATTERN, fullmatch=True),
        moments.map(datetime.isoformat),
    )
)
def test_duckdb_casts_what_the_patterns_let_through_to_the_same_instant(database, text):
    query = """
        SELECT CASE WHEN regexp_matches($text, $aware) THEN epoch_us(TRY_CAST($text AS TIMESTAMPTZ))
                    WHEN regexp_matches($text, $naive) THEN epoch_us(TRY_CAST($text AS TIMESTAMP)) ELSE -1 END
    """
    patterns = {"text": text, "aware": values.ISO_INSTANT_PATTERN, "naive": values.ISO_NAIVE_PATTERN}
    (found,) = database.execute(query, patterns).fetchone()
    assert found == -1 or found == read_instant(text, zone=BERLIN)


@given(anything)
def test_duckdb_casts_what_the_number_pattern_lets_through_to_the_same_number(database, text):
    query = "SELECT CASE WHEN regexp_matches($text, $pattern) THEN TRY_CAST($text AS DOUBLE) END"
    if any("\ud800" <= character <= "\udfff" for character in text):
        return
    (found,) = database.execute(query, {"text": text, "pattern": values.NUMBER_PATTERN}).fetchone()
    if found is not None and math.isfinite(found):
        assert found == read_number(text)


def test_declared_booleans_take_more_words_than_inferred_ones():
    assert [read_boolean(word) for word in ("TRUE", "y", "1", "No", "f", "0", "maybe", "")] == [
        True, True, True, False, False, False, None, None,
    ]  # fmt: skip
    assert infer_type(["1", "0"]) == "number"
    assert infer_type(["Y", "n"]) == "text"
    assert infer_type(["TRUE", " no "]) == "boolean"


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ([], "text"),
        (["", "  "], "text"),
        (["1", "", "2.5e1"], "number"),
        (["1", "one"], "text"),
        (["2026-03-01", "2026-03-02"], "date"),
        (["2026-03-01", "2026-03-02 10:00"], "time"),
        (["2026-03-01", "0001-01-01"], "text"),
        (["[]"], "text"),
    ],
)
def test_a_column_is_what_all_its_values_are(column, kind):
    assert infer_type(column) == kind


@given(st.one_of(st.text(max_size=30), st.text("\u0345\u0313ΐᾳᾳßİi\u0307ﬁK \u1e9b\u0323\u00a0", max_size=8)))
def test_a_text_key_is_its_own_key(text):
    key = text_key(text)
    assert text_key(key) == key
    assert unicodedata.is_normalized("NFC", key)
    assert text_key(f" {text}\t") == key


def test_text_keys_meet_where_people_see_one_text():
    assert text_key("STRASSE") == text_key("straße")
    assert text_key("Cafe\u0301") == text_key(" café ")
    assert text_key("Ü") == text_key("ü")


def test_lists_are_sorted_keys_each_once():
    assert read_list("b; A ;a;", ";") == ("a", "b")
    assert read_list("b; A", None) == ("b; a",)
    assert read_list('["B", "a", true, 1.50, null, ""]') == ("1.50", "a", "b", "true")
    assert read_list("[]") == ()


@pytest.mark.parametrize("text", ["[", "[1,", '[["a"]]', '[{"a": 1}]', "[NaN]", "[" * 100_000])
def test_a_broken_array_does_not_fit(text):
    assert read_list(text, ";") is None


def test_missing_is_a_text_without_letters():
    assert is_missing(None)
    assert is_missing(" \t\u00a0")
    assert not is_missing("NULL")
