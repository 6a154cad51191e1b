"""Rows become text, and text becomes the same rows again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.web.pages.conditions.drawn import PLAYBOOK

from leadline.engine.expressions.bind import bind
from leadline.web.pages.conditions.names import Known, vocabulary_of
from leadline.web.pages.conditions.rows import (
    EVENT,
    EVENT_HOWS,
    LAST,
    NO_VALUE,
    Row,
    Rows,
    name_of_field,
    read_rows,
    write,
)
from leadline.web.playbooks.queries import compile_toml

KNOWN = Known(frozenset({"country", "Lead Origin", "fit", "seats", "born"}), frozenset({"size"}), frozenset({"viewed"}))
LEVELS = frozenset({"fit", "heat", "money", "need"})
KINDS = {
    "fit": "number",
    "renewal": "day",
    "is_customer": "boolean",
    "tags": "list",
    "stage": "text",
    "country": "text",
}
texts = st.sampled_from(("DE", "O'Neil", "a b", "50%", "5", "2026-03-01", "null", '"'))
several = st.lists(texts, min_size=2, max_size=3).map(", ".join)


def read(text):
    compiled = compile_toml(PLAYBOOK.format(zone="UTC", needs_consent="false"))
    vocabulary = vocabulary_of(compiled, KNOWN)
    found = bind(text, "levels", vocabulary)
    assert not isinstance(found, list), (text, found)
    return found


def rows_of(what, hows, values):
    return st.builds(Row, st.just(what), st.sampled_from(hows), values)


ROWS = st.one_of(
    rows_of("country", ("is", "is-not", "begins", "contains"), texts),
    rows_of("country", ("among", "not-among"), several),
    rows_of('"Lead Origin"', ("known", "unknown"), st.just("")),
    rows_of("lead.fit", ("is",), st.just("x")),
    rows_of("company.size", ("at-least", "less"), st.sampled_from(("5", "-2.5"))),
    rows_of("born", ("at-most", "more"), st.just("2026-03-01")),
    rows_of("renewal", ("is", "at-least"), st.just("2026-03-01")),
    rows_of("is_customer", ("is",), st.sampled_from(("true", "false"))),
    rows_of("tags", ("has", "has-not"), texts),
    rows_of("fit", ("at-least", "at-most", "more", "less", "is"), st.sampled_from(("5", "60.5"))),
    rows_of("fit.grade", ("is", "is-not"), st.sampled_from(("A", "b"))),
    rows_of("money", ("is",), st.sampled_from(("yes", "unknown"))),
    rows_of("stage", ("is",), st.sampled_from(("Hot", "lead"))),
    rows_of(EVENT + "viewed", tuple(EVENT_HOWS), st.sampled_from(("1", "3"))),
    rows_of(LAST + "it's", ("at-most", "at-least"), st.sampled_from(("1", "30"))),
).map(lambda row: Row(row.what, row.how, "") if row.how in NO_VALUE else row)


@given(rows=st.lists(ROWS, min_size=1, max_size=4), joint=st.sampled_from(("and", "or")))
def test_rows_that_became_text_become_the_same_rows(rows, joint):
    wanted = Rows(tuple(rows), joint if len(rows) > 1 else "and")

    assert read_rows(read(write(wanted, KINDS)), LEVELS) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "country = 'DE' and (fit > 5 or heat > 5)",
        "not (fit > 5)",
        "fit > heat",
        "count('viewed', '13d') >= 1",
        "count('viewed', '7d', path = '/') >= 1",
        "country in ('a,b', 'c')",
        "country in list('core')",
        "seats between 1 and 2",
    ],
)
def test_what_rows_cannot_say_stays_text(text):
    assert read_rows(read(text), LEVELS) is None


def test_rows_that_say_nothing_yet_are_left_out():
    assert write(Rows((Row(), Row("country", "is", " "), Row("country", "is", "DE"))), {}) == "country = 'DE'"


def test_names_are_written_so_that_they_are_read():
    assert name_of_field("lead", "Lead Origin") == '"Lead Origin"'
