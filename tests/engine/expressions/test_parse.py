"""The grammar: what parses, what does not, and that nothing a person types makes it hang or crash."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.engine.expressions.parse import MAX_DEPTH, MAX_LENGTH, ConditionSyntaxError, names_in, parse


@pytest.mark.parametrize(
    "text",
    [
        "a = 1",
        "A=1",
        "a <> 'it''s'",
        "a in (1)",
        "a not in ('x', 'y')",
        "a in list('core')",
        "a not in list('core')",
        "a between 1 and 2 and b = 3",
        "a not between -1.5e3 and +.5",
        "a like '%x_'",
        "a not like 'x'",
        "a is null",
        "a is not null",
        "a is true",
        "a is not false",
        "(a = 1 or b = 2) is not true",
        "not not a = 1",
        "NOT a = 1 AND b = 2 Or c IS NULL",
        "date '2026-03-01' < a",
        "company.employees >= 50",
        "\"Lead Origin\" = 'API'",
        '"date" = 1',
        '"like" = 1 and date = 2 and list = 3',
        "count('x', '7d', p = 1 and q like 'y%') > 2",
        "COUNT( 'x' )>0",
        "has(tags, 'x') or starts_with(a, 'b')",
        "null_count = 1",
        "order = 1 and android = 2 and nothing = 3 and inside = 4 and island = 5 and listed = 6 and likely = 7",
        "Größe = 'ß'",
        "agreed",
        "a = true",
        "a = b",
        "\n a\t=\n1 ",
    ],
)
def test_a_condition_parses(text):
    assert parse(text).data


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a =", "ends too early"),
        ("a = 1 and", "ends too early"),
        ("a == 1", "write a single '='"),
        ("a != 1", "write '<>'"),
        ("a + 1 > 2", "no arithmetic"),
        ("a * 2 > 2", "no arithmetic"),
        ("a - 1 > 2", "no arithmetic"),
        ("a = 'x", "closing ' is missing"),
        ('"a = 1', 'closing " is missing'),
        ("a in ()", "did not expect ')'"),
        ("a in 1", "did not expect '1'"),
        ("(a = 1", "ends too early"),
        ("a = 1)", "did not expect ')'"),
        ("a = null", "write 'is null'"),
        ("a = and", "did not expect 'and'"),
        ("like = 1", "did not expect 'like'"),
        ("a is 1", "did not expect '1'"),
        ("a like b", "did not expect 'b'"),
        ("a between 1", "ends too early"),
        ("a = 1; drop table x", "cannot stand here"),
        ("a = 1 -- b", "no arithmetic"),
        ("a ~ 'x'", "cannot stand here"),
        ("a = $1", "cannot stand here"),
        ("a.b.", "ends too early"),
        ("case when a then b end", "did not expect"),
        ("", "ends too early"),
    ],
)
def test_what_is_no_condition_is_told_where_and_why(text, said):
    with pytest.raises(ConditionSyntaxError, match=r".") as caught:
        parse(text)

    assert said in str(caught.value)
    assert 1 <= caught.value.column <= len(text) + 1


def test_monsters_are_refused():
    with pytest.raises(ConditionSyntaxError, match="characters long"):
        parse("a = 1 or " * (MAX_LENGTH // 9) + "a = 1" * 2)
    with pytest.raises(ConditionSyntaxError, match="nested"):
        parse("(" * (MAX_DEPTH + 1) + "a = 1" + ")" * (MAX_DEPTH + 1))
    with pytest.raises(ConditionSyntaxError, match="'not' more than"):
        parse("not " * 401 + "a = 1")


@pytest.mark.parametrize(
    "text",
    [
        " or ".join(["a = 1"] * 1100),
        " and ".join(["not a = 1"] * 390),
        "not " * 390 + "a = 1",
        "(" * MAX_DEPTH + "a = 1" + ")" * MAX_DEPTH,
        f"a in ({', '.join(['1'] * 3300)})",
    ],
)
def test_the_largest_condition_is_read_in_no_time(text):
    started = time.perf_counter()
    parse(text)

    assert time.perf_counter() - started < 5


WORDS = r"""a b company . , ( ) = <> < <= >= 'x' 'y%' 1 -2.5 1e3 and or not in list between like is null true false date
has count starts_with " ' '' ; -- * / % \ é ß 中"""
tokens = st.sampled_from([*WORDS.split(), "\0"])


@given(
    st.one_of(
        st.text(max_size=60), st.lists(tokens, max_size=20).map(" ".join), st.lists(tokens, max_size=9).map("".join)
    )
)
def test_any_text_parses_or_is_refused_in_words(text):
    refused: ConditionSyntaxError | None = None
    try:
        parse(text)
    except ConditionSyntaxError as error:
        refused = error

    assert refused is None or (str(refused) and refused.column >= 1)


def test_the_names_in_a_condition():
    assert names_in("company.employees > 1 and \"Lead Origin\" = 'a' or has(tags, 'x')") == {
        "company",
        "employees",
        "Lead Origin",
        "tags",
    }
