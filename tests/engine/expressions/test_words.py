"""Conditions in plain words: what each kind sounds like, and that nothing is left unsaid."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.engine.catalog import Catalog, FieldSpec
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.bind import Vocabulary, bind
from leadline.engine.expressions.words import say_condition, say_name

VOCABULARY = Vocabulary(
    catalog=Catalog(
        lead={
            "tags": FieldSpec("list"),
            "renewal": FieldSpec("date"),
            "agreed": FieldSpec("boolean"),
            **{name: FieldSpec("number") for name in ("employees", "a", "b", "c")},
        }
    ),
    lists={"core": ("DE", "AT")},
    scores={"fit": ("A", "B")},
    questions=("budget",),
    qualifications=("mql",),
    outcomes=("won",),
)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("company.industry in ('software', 'fintech')", "the company's industry is software or fintech"),
        ("company.industry = 'software'", "the company's industry is software"),
        ("city not in ('Bonn', 'New York')", "the lead's city is not Bonn or “New York”"),
        ("country in list('core')", "the lead's country is in the list “core”"),
        ("country not in list('core')", "the lead's country is not in the list “core”"),
        ("employees >= 50", "the lead's employees is at least 50"),
        ("50 < employees", "the lead's employees is more than 50"),
        ("employees between 50 and 2000", "the lead's employees is from 50 to 2000"),
        ("employees not between 50 and 2e3", "the lead's employees is not from 50 to 2e3"),
        ("employees >= 10000000", "the lead's employees is at least 10,000,000"),
        ("employees between 2500 and 25000.5", "the lead's employees is from 2500 to 25000.5"),
        ("employees between 10000 and 1250000", "the lead's employees is from 10,000 to 1,250,000"),
        ("employees = 10115", "the lead's employees is 10115"),
        ("renewal < date '2026-03-01'", "the lead's renewal is before 1 March 2026"),
        ("renewal >= date '2026-03-01'", "the lead's renewal is on or after 1 March 2026"),
        ("days_since(renewal) <= -1", "the days since the lead's renewal are at most -1"),
        ("job_title like 'VP%'", "the lead's job title starts with vp"),
        ("job_title like '%of sales'", "the lead's job title ends with “of sales”"),
        ("job_title not like '%intern%'", "the lead's job title does not contain intern"),
        ("job_title like 'v_'", "the lead's job title is like “v_” (_ is any one sign)"),
        ("job_title like 'a%b'", "the lead's job title is like “a%b” (% is any text)"),
        ("starts_with(job_title, 'vp')", "the lead's job title starts with vp"),
        ("has(tags, 'beta')", "the lead's tags has beta"),
        ("not has(tags, 'beta')", "the lead's tags does not have beta"),
        ("job_title is null", "the lead's job title is not known"),
        ("job_title is not null", "the lead's job title is known"),
        ("agreed", "the lead's agreed is true"),
        ("not agreed", "the lead's agreed is false"),
        ("agreed is not true", "the lead's agreed is false or not known"),
        ("(a = 1 and b = 2) is true", "it is certain that (the lead's a is 1, and the lead's b is 2)"),
        ("(a = 1) is not true", "it is not certain that the lead's a is 1"),
        ("not a = 1", "it is not so that the lead's a is 1"),
        ("a = 1 or b = 2 and c <> 3", "the lead's a is 1, or (the lead's b is 2, and the lead's c is not 3)"),
        ("count('page_viewed') > 2", "the number of “page viewed” is more than 2"),
        (
            "count('page_viewed', '7d', starts_with(path, '/pricing')) >= 1",
            "the number of “page viewed” in the last 7 days (only when its path starts with “/pricing”) is at least 1",
        ),
        ("active_days('*', '1d') = 1", "the number of days with any event in the last 1 day is 1"),
        ("days_since('page_viewed') < 3", "the days since the last “page viewed” are less than 3"),
        ("days_since_outcome('won') > 90", "the days since the outcome won are more than 90"),
        ("spells('mql') >= 2", "the number of ended spells of mql is at least 2"),
        ("decision = 'accepted'", "the latest decision is accepted"),
        ("deal <> 'won'", "the latest deal is not won"),
        ("reason is null", "the reason of the latest decision is not known"),
        ("answered_yes >= 3", "the number of questions answered yes is at least 3"),
        ("budget = 'partly'", "the answer to budget is partly"),
        ("fit >= 50.5", "the score fit is at least 50.5"),
        ("fit.grade in ('A', 'B')", "the grade of fit is A or B"),
        ("model.win > 0.5", "the model win is more than 0.5"),
        ("consent.mail = 'yes'", "the consent to mail is yes"),
        ("kind = 'or'", "the lead's kind is “or”"),
    ],
)
def test_each_kind_of_condition_has_its_words(written, said):
    condition = bind(written, "levels", VOCABULARY)

    assert not isinstance(condition, list), condition
    assert say_condition(condition) == said


# -- nothing is left unsaid -----------------------------------------------------------------------------

NAMES = st.sampled_from(["alpha", "beta_two", "gamma"])
texts = st.sampled_from(["red", "light blue", "x1"]).map(lambda text: n.Literal(text, "text", f"'{text}'"))
numbers = st.sampled_from(["1", "2.5", "-30"]).map(lambda text: n.Literal(float(text), "number", text))
days = st.integers(0, 40_000).map(lambda day: n.Literal(day, "day", "…"))


def fields(kind: n.Kind) -> st.SearchStrategy[n.Field]:
    return st.builds(n.Field, st.sampled_from(["lead", "company"]), NAMES, st.just(kind))


windows = st.none() | st.integers(1, 99)
properties = st.builds(n.Field, st.just("event"), NAMES, st.just("text"))
filters = st.none() | st.builds(n.TextTest, st.sampled_from(["starts_with", "contains"]), properties, texts)
text_terms = (
    fields("text")
    | st.builds(n.History, st.sampled_from(["decision", "deal", "reason"]))
    | st.builds(n.Answer, NAMES)
    | st.builds(n.Grade, NAMES)
)
number_terms = (
    fields("number")
    | st.builds(n.Count, NAMES, windows, filters)
    | st.builds(n.ActiveDays, NAMES | st.just("*"), windows)
    | st.builds(n.DaysSinceEvent, NAMES)
    | st.builds(n.DaysSinceField, fields("day"))
    | st.builds(n.DaysSinceOutcome, NAMES)
    | st.builds(n.Spells, NAMES)
    | st.just(n.AnsweredYes())
    | st.builds(n.Score, NAMES)
)
signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
leaves = st.one_of(
    st.builds(n.Compare, number_terms, signs, numbers | number_terms),
    st.builds(n.Compare, text_terms, st.sampled_from(["=", "<>"]), texts),
    st.builds(n.Compare, fields("day"), signs, days),
    st.builds(n.Among, text_terms, st.lists(texts, min_size=1, max_size=3, unique=True).map(tuple)),
    st.builds(n.Among, text_terms, st.just(()), NAMES),
    st.builds(n.Between, number_terms, numbers, numbers),
    st.sampled_from(["a_%b", "_x", "%y_"]).flatmap(
        lambda pattern: st.builds(n.Like, text_terms, st.just(pattern), st.just(pattern))
    ),
    st.builds(n.TextTest, st.sampled_from(["starts_with", "ends_with", "contains"]), text_terms, texts),
    st.builds(n.Has, fields("list"), texts),
    st.builds(n.IsNull, text_terms | number_terms),
    st.builds(n.Holds, fields("boolean")),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(n.Not, inner),
        st.builds(n.IsTrue, inner.filter(lambda part: not isinstance(part, n.Holds | n.Not))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: n.AllOf(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: n.AnyOf(tuple(parts))),
    ),
    max_leaves=6,
)


def nodes_in(item: "n.Condition | n.Term") -> "list[n.Condition | n.Term]":
    found = [item]
    if isinstance(item, n.Condition):
        for part in n.parts_of(item):
            found += nodes_in(part)
    if isinstance(item, n.Count) and item.only is not None:
        found += nodes_in(item.only)
    if isinstance(item, n.DaysSinceField):
        found.append(item.field)
    return found


@given(conditions)
def test_every_name_and_value_of_a_condition_is_said(condition):
    said = say_condition(condition)

    for node in nodes_in(condition):
        for name in ("name", "event", "outcome", "qualification", "question", "score", "list_name", "pattern"):
            wanted = getattr(node, name, None)
            assert wanted is None or wanted == "*" or say_name(wanted) in said or wanted in said
        if isinstance(node, n.Literal) and node.kind != "day":
            assert node.shown.strip("'") in said


@given(conditions, conditions)
def test_different_conditions_are_said_differently(one, other):
    assert (say_condition(one) == say_condition(other)) == (one == other)


def test_every_kind_of_node_is_drawn_here():
    drawn = {
        n.Compare,
        n.Among,
        n.Between,
        n.Like,
        n.TextTest,
        n.Has,
        n.IsNull,
        n.Holds,
        n.IsTrue,
        n.Not,
        n.AllOf,
        n.AnyOf,
    }

    assert drawn == set(get_args(n.Condition))
