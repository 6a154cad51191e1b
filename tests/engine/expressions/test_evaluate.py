"""What a condition means: three-valued logic by its truth tables, and every test against a plainer way to say it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.evaluate import all_of, any_of, evaluate, matches

TRUTHS = (True, False, None)
FIELD = {name: n.Field("lead", name, "boolean") for name in "pq"}
NUMBER = n.Field("lead", "x", "number")
TEXT = n.Field("lead", "t", "text")


def value_of(condition: n.Condition, **values: object) -> bool | None:
    return evaluate(condition, lambda term: values.get(term.name))


def number(value: float) -> n.Literal:
    return n.Literal(value, "number", str(value))


@pytest.mark.parametrize("p", TRUTHS)
@pytest.mark.parametrize("q", TRUTHS)
def test_and_or_and_not_are_those_of_sql(p, q):
    one, other = n.Holds(FIELD["p"]), n.Holds(FIELD["q"])

    both = False if p is False or q is False else None if p is None or q is None else True
    either = True if p is True or q is True else None if p is None or q is None else False
    assert value_of(n.AllOf((one, other)), p=p, q=q) is both is all_of((p, q))
    assert value_of(n.AnyOf((one, other)), p=p, q=q) is either is any_of((p, q))
    assert value_of(n.Not(one), p=p) is (None if p is None else not p)
    assert value_of(n.IsTrue(one), p=p) is (p is True)
    assert value_of(n.Not(n.IsTrue(n.Not(one))), p=p) is (p is not False)


@pytest.mark.parametrize("p", TRUTHS)
@pytest.mark.parametrize("q", TRUTHS)
def test_the_opposite_of_and_is_or_of_the_opposites(p, q):
    one, other = n.Holds(FIELD["p"]), n.Holds(FIELD["q"])

    opposite = n.AnyOf((n.Not(one), n.Not(other)))
    assert value_of(n.Not(n.AllOf((one, other))), p=p, q=q) is value_of(opposite, p=p, q=q)


@pytest.mark.parametrize(
    "condition",
    [
        n.Compare(NUMBER, "=", number(1)),
        n.Compare(number(1), "<", NUMBER),
        n.Compare(NUMBER, "<>", NUMBER),
        n.Between(NUMBER, number(0), number(1)),
        n.Among(TEXT, (n.Literal("a", "text", "'a'"),)),
        n.Like(TEXT, "%", "%"),
        n.TextTest("contains", TEXT, n.Literal("a", "text", "'a'")),
        n.Has(n.Field("lead", "tags", "list"), n.Literal("a", "text", "'a'")),
        n.Holds(FIELD["p"]),
    ],
)
def test_a_missing_value_makes_a_test_unknown(condition):
    assert value_of(condition) is None
    assert value_of(n.Not(condition)) is None
    assert value_of(n.IsTrue(condition)) is False


def test_whether_a_value_is_missing_is_never_unknown():
    assert value_of(n.IsNull(NUMBER)) is True
    assert value_of(n.IsNull(NUMBER), x=0.0) is False


def test_between_is_false_when_one_end_alone_decides():
    """x between 5 and y, with y unknown: 3 is not, whatever y is."""
    condition = n.Between(NUMBER, number(5), n.Field("lead", "y", "number"))

    assert value_of(condition, x=3.0) is False
    assert value_of(condition, x=7.0) is None
    assert value_of(condition, x=7.0, y=7.0) is True


@given(st.floats(-5, 5), st.floats(-5, 5), st.sampled_from(["=", "<>", "<", "<=", ">", ">="]))
def test_a_comparison_and_its_opposite(x, y, sign):
    opposite = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}[sign]

    assert value_of(n.Compare(NUMBER, sign, number(y)), x=x) is not value_of(
        n.Compare(NUMBER, opposite, number(y)), x=x
    )


# -- like -----------------------------------------------------------------------------------------------

letters = st.text(alphabet="ab%_é", max_size=8)


def looks_like(text: str, pattern: str) -> bool:
    """`like`, one sign of the pattern after the other, trying everything."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(looks_like(text[skipped:], pattern[1:]) for skipped in range(len(text) + 1))
    return bool(text) and pattern[0] in ("_", text[0]) and looks_like(text[1:], pattern[1:])


@given(letters, letters)
def test_like_agrees_with_trying_everything(text, pattern):
    assert matches(text, pattern) is looks_like(text, pattern)


@given(letters, letters)
def test_like_agrees_with_a_regular_expression(text, pattern):
    signs = {"%": ".*", "_": "."}
    expression = "".join(signs.get(sign, re.escape(sign)) for sign in pattern)

    assert matches(text, pattern) is bool(re.fullmatch(expression, text, re.DOTALL))


@given(letters, letters, letters)
def test_text_tests_are_simple_patterns(before, part, after):
    part = part.replace("%", "a").replace("_", "a")
    text, literal = before + part + after, n.Literal(part, "text", part)

    for how, pattern in (("starts_with", f"{part}%"), ("ends_with", f"%{part}"), ("contains", f"%{part}%")):
        assert value_of(n.TextTest(how, TEXT, literal), t=text) is matches(text, pattern)


def test_no_pattern_takes_long():
    assert not matches("a" * 5000, "%a" * 200 + "b")


def test_a_list_has_an_entry_or_not():
    tags = n.Has(n.Field("lead", "tags", "list"), n.Literal("a", "text", "'a'"))

    assert value_of(tags, tags=("a", "b")) is True
    assert value_of(tags, tags=()) is False
