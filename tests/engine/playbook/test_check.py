"""Checking a playbook as a whole: names that refer to nothing, circles, and what nobody can reach."""

from pathlib import Path

import pytest

from leadline.engine.catalog import Catalog, FieldSpec
from leadline.engine.playbook.check import bind_playbook, output_columns, range_of
from leadline.engine.playbook.load import load_playbook, read_playbook
from leadline.engine.problems import CODES, Problem, ProblemsError

DATA = Catalog(
    lead={"seniority": FieldSpec("text"), "employees": FieldSpec("number"), "s": FieldSpec("text")},
    company={"industry": FieldSpec("text")},
    events={"page_viewed": {"path": FieldSpec("text")}},
    open_parts=frozenset(),
    seen_events=frozenset({"page_viewed"}),
)
HEAD = """\
[playbook]
name = "p"
[scores.fit]
max = 100
[[criteria]]
id = "c"
score = "fit"
why = "w"
when = "employees >= 50"
points = 30
"""
FIRST = HEAD.count("\n") + 1
CRITERION = '[[criteria]]\nid = "d"\nscore = "fit"\nwhy = "w"\n'


def problems_of(text: str, catalog: Catalog | None = DATA) -> list[Problem]:
    playbook, _ = read_playbook(text)
    try:
        return bind_playbook(playbook, catalog)[1]
    except ProblemsError as error:
        return list(error.problems)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        # names
        (HEAD.replace("employees", "employes"), "unknown-field", 9),
        (HEAD.replace("employees", "company.employees"), "unknown-field", 9),
        (HEAD.replace("employees", "industry"), "unknown-field", 9),
        (HEAD.replace("employees >= 50", "seniority in list('x')"), "unknown-list", 9),
        (HEAD.replace("employees >= 50", "count('page_view') > 1"), "unknown-event", 9),
        (HEAD.replace("employees >= 50", "spells('mql') > 1"), "unknown-qualification", 9),
        (HEAD.replace("employees >= 50", "days_since_outcome('wan') > 1"), "unknown-outcome", 9),
        (HEAD.replace('score = "fit"', 'score = "fot"'), "unknown-score", 5),
        (HEAD + CRITERION + 'event = "page_view"\npoints = 1', "unknown-event", FIRST),
        (HEAD + CRITERION + 'event = ["page_viewed", "y"]\npoints = 1', "unknown-event", FIRST),
        (HEAD + CRITERION + 'event = "page_viewed"\nwhen = "url = \'/\'"\npoints = 1', "unknown-property", FIRST + 5),
        (HEAD + CRITERION + 'inactive_for = "3d"\npoints = -1\nactivity = ["y"]', "unknown-event", FIRST),
        (HEAD + CRITERION + 'inactive_for = "3d"\npoints = -1', "missing-key", FIRST),
        (HEAD + '[[resets]]\nevent = "y"\nscores = ["fit"]', "unknown-event", None),
        (HEAD + '[[resets]]\nevent = "page_viewed"\nscores = ["fot"]', "unknown-score", None),
        (HEAD + '[outcomes.recycled]\nreset = ["fot"]', "unknown-score", None),
        (HEAD + '[[qualifications]]\nid = "mql"\nenter = "fot >= 50"', "unknown-score", FIRST + 2),
        (HEAD + '[[qualifications]]\nid = "mql"\nenter = "fot.grade = \'A\'"', "unknown-score", FIRST + 2),
        (HEAD + '[[qualifications]]\nid = "mql"\nenter = "fit >= 1"\nhand_raise = ["y"]', "unknown-event", FIRST),
        (HEAD + '[[stages]]\nid = "x"\nwhile = "mql"', "unknown-qualification", None),
        (HEAD + '[[stages]]\nid = "x"\nsince = "wan"', "unknown-outcome", None),
        (HEAD + '[[stages]]\nid = "x"\nsince = "won"\nuntil = ["wan"]', "unknown-outcome", None),
        (HEAD + '[handoff]\nqualifications = ["mql"]', "unknown-qualification", None),
        (HEAD.replace('name = "p"', 'name = "p"\ngrade = ["fot"]'), "unknown-score", None),
        (HEAD.replace('name = "p"', 'name = "p"\ngrade = ["fit"]'), "missing-key", None),
        # what may be read where, and types
        (HEAD.replace("employees >= 50", "fit >= 50"), "not-readable-here", 9),
        (HEAD.replace("employees >= 50", "employees > 'many'"), "type-mismatch", 9),
        (HEAD.replace("employees >= 50", "deal = 'accepted'"), "bad-value", 9),
        (HEAD.replace("employees >= 50", "counts('x') > 1"), "condition-syntax", 9),
        (HEAD + '[scores.s]\n[[qualifications]]\nid = "mql"\nenter = "s >= 50"', "ambiguous-name", FIRST + 3),
        # scores
        (HEAD + '[scores.a]\nsum_of = ["fit", "fot"]', "unknown-score", FIRST),
        (HEAD + '[scores.a]\nsum_of = ["a"]', "score-cycle", FIRST),
        (HEAD + '[scores.a]\nsum_of = ["b"]\n[scores.b]\nsum_of = ["fit", "a"]', "score-cycle", FIRST),
        (HEAD + '[scores.a]\nsum_of = ["fit"]\n' + CRITERION.replace("fit", "a") + 'when = "employees > 1"\npoints = 1',
         "conflicting-keys", FIRST + 2),
        (HEAD + '[scores.a]\nsum_of = ["fit"]\n[[resets]]\nevent = "page_viewed"\nscores = ["a"]', "bad-value", None),
        (HEAD + "[scores.a]", "no-criteria", FIRST),
        (HEAD.replace("max = 100", "max = 100\ngrades = { A = 101, B = 1 }"), "unreachable-grade", 3),
        (HEAD.replace("max = 100", "min = 10\ngrades = { A = 10, B = 1 }"), "unreachable-grade", 3),
        (HEAD.replace("max = 100", "max = 100\ngrades = { A = 31, B = 1 }"), "unreachable-grade", 3),
        (HEAD + '[[qualifications]]\nid = "mql"\nenter = "fit >= 31"', "unreachable-threshold", FIRST + 2),
        (HEAD + '[[qualifications]]\nid = "mql"\nenter = "fit > 30"', "unreachable-threshold", FIRST + 2),
        (HEAD + '[[qualifications]]\nid = "mql"\nenter = "fit < 0"', "unreachable-threshold", FIRST + 2),
        (HEAD + '[scores.a]\nsum_of = ["fit"]\n[[qualifications]]\nid = "mql"\nenter = "a >= 31"',
         "unreachable-threshold", FIRST + 4),
        # columns of the result
        (HEAD + '[scores.fit_low]', "duplicate-id", None),
        (HEAD + '[[qualifications]]\nid = "FIT"\nenter = "fit >= 3"', "duplicate-id", None),
        (HEAD + '[questions.grade]', "duplicate-id", None),
        # what the data shows
        (HEAD + "[events.late]\n" + CRITERION + 'event = "late"\npoints = 1', "event-not-in-data", FIRST + 1),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(text, code, line):
    assert (code, line) in [(problem.code, problem.line) for problem in problems_of(text)]


@pytest.mark.parametrize(
    "text",
    [
        HEAD.replace("max = 100", "max = 100\ngrades = { A = 30, B = 0 }"),
        HEAD + '[[qualifications]]\nid = "mql"\nenter = "fit >= 30 and fit <= 0"',
        HEAD + "[events.late]\n" + CRITERION + 'event = "page_viewed"\npoints = 1',
    ],
)
def test_what_is_right_is_let_pass(text):
    assert problems_of(text) == []


def test_several_problems_come_at_once_in_the_order_of_lines():
    text = HEAD.replace("employees", "employes") + CRITERION + "event = 'x'\nwhen = 'y = 1'\npoints = 1\n[scores.a]"

    assert [(problem.code, problem.line) for problem in problems_of(text)] == [
        ("unknown-field", 9),
        ("unknown-event", FIRST),
        ("no-criteria", FIRST + 7),
    ]


def test_warnings_do_not_stop():
    playbook, _ = read_playbook(HEAD + "[scores.a]")

    bound, warnings = bind_playbook(playbook, DATA)

    assert bound.playbook is playbook
    assert [(problem.code, problem.severity) for problem in warnings] == [("no-criteria", "warning")]


def test_a_condition_that_cannot_be_bound_tells_nothing_else_of_its_score():
    codes = {problem.code for problem in problems_of(HEAD + '[scores.a]\nsum_of = ["a"]')}

    assert codes == {"score-cycle"}


def test_without_data_only_the_file_is_checked():
    playbook, _ = load_playbook(Path(__file__).parent / "northwind.toml")

    bound, warnings = bind_playbook(playbook)

    assert {(warning.code, warning.where) for warning in warnings} == {
        ("unreachable-grade", "scores.fit.grades.A"),  # the example has two criteria on facts, worth 50 together
        ("unreachable-grade", "scores.engagement.grades.1"),
        ("unreachable-grade", "scores.engagement.grades.2"),
        ("unreachable-threshold", "qualifications.mql.enter"),
        ("no-criteria", "scores.product"),
    }
    assert bound.kinds["company", "employees"] == "number"


def test_a_field_is_read_as_declared_then_as_the_data_has_it_then_as_it_is_used():
    text = HEAD.replace('when = "employees', 'when = "hidden > 1 and declared > 1 and employees')
    text += '[fields]\ndeclared = { type = "number", missing = ["?"] }'
    catalog = Catalog(lead={"declared": FieldSpec("text"), "employees": FieldSpec("number")})

    bound, _ = bind_playbook(read_playbook(text)[0], catalog)

    assert bound.kinds == {("lead", "hidden"): "number"}
    assert bound.catalog.lead["declared"] == FieldSpec("number", missing=("?",), declared=True)


def test_a_field_takes_its_type_from_a_later_use():
    """`a = b` says nothing of types, but `b > 1` further down does, so both are numbers."""
    text = HEAD.replace("employees >= 50", "a = b") + CRITERION + 'when = "b > 1"\npoints = 1'

    bound, _ = bind_playbook(read_playbook(text)[0])

    assert bound.kinds == {("lead", "a"): "number", ("lead", "b"): "number"}


def test_the_range_of_a_score_is_what_its_criteria_and_bounds_allow():
    text = """
[playbook]
name = "p"
[scores.a]
min = -20
[[criteria]]
id = "choose"
score = "a"
why = "w"
choose = [{ when = "x = 1", points = 25 }, { when = "x = 2", points = -10 }]
[[criteria]]
id = "events"
score = "a"
why = "w"
event = "e"
points = 5
max = 30
[[criteria]]
id = "quiet"
score = "a"
why = "w"
inactive_for = "3d"
points = -5
[scores.b]
sum_of = ["a"]
max = 40
"""
    playbook, _ = read_playbook(text)

    assert range_of(playbook, "a") == (-200_000, 550_000)
    assert range_of(playbook, "b") == (-200_000, 400_000)


def test_sums_of_sums_take_no_longer_than_their_number():
    """Each score is the sum of the two before it: counted one by one, the ways would be more than can be counted."""
    sums = [f'[scores.s{at}]\nsum_of = ["s{at - 1}", "s{at - 2}"]' for at in range(2, 98)]
    text = HEAD.replace("fit", "s0") + '[scores.s1]\nsum_of = ["s0"]\n' + "\n".join(sums)

    bound, _ = bind_playbook(read_playbook(text)[0])

    low, high = range_of(bound.playbook, "s97")
    assert (low, high is not None and high > 10**20) == (0, True)
    with pytest.raises(ProblemsError, match="too-large"):
        read_playbook(text + "\n[scores.a]\n[scores.b]\n[scores.c]")


def test_the_columns_of_a_result():
    playbook, _ = load_playbook(Path(__file__).parent / "northwind.toml")

    scores, levels = ("fit", "engagement", "product", "total"), ("mql", "pql", "sql")
    assert output_columns(playbook, contributions=True) == [
        *("lead_id", "as_of", *scores),
        *(f"{score}_{part}" for score in scores for part in ("low", "high", "coverage")),
        *("grade", "persona", *levels, *(f"{level}_stay" for level in levels)),
        *("budget", "authority", "need", "timeline", "excluded_by", "reasons"),
        *("c_target-industry", "c_company-size", "c_pricing-page", "c_gone-quiet"),
    ]


OF_DATA = {"value-not-in-data", "field-not-in-data", "never-true", "always-true", "no-forgetting"}
"""Told by the check of data, which has tests of its own."""


def test_every_code_that_a_playbook_can_have_is_in_these_tables():
    here = Path(__file__).parent
    tables = "".join((here / name).read_text(encoding="utf-8") for name in ("test_check.py", "test_load.py"))
    codes = list(CODES)
    of_playbooks = set(codes[: codes.index("missing-input")]) - OF_DATA - {"unknown-question"}  # the last: of cases

    assert not [code for code in of_playbooks if f'"{code}"' not in tables]
