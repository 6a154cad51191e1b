"""The form has all that people change from week to week, each at the place that problems name, and bears a playbook that is wrong."""

from decimal import Decimal

import pytest
from hypothesis import given
from tests.web.playbooks.editing.texts import ODD, STARTER, WRITTEN, fields_of, leaves, texts, values_of

from leadline.engine.playbook.load import read_playbook
from leadline.engine.problems import ProblemsError
from leadline.web.playbooks.actions import check_playbook
from leadline.web.playbooks.editing.edits import change_playbook
from leadline.web.playbooks.editing.language import ORDER
from leadline.web.playbooks.editing.reading import read_form
from leadline.web.playbooks.editing.surgery import Put

NORTHWIND = next(text for name, text in WRITTEN.items() if name.endswith("northwind.toml"))


@pytest.mark.parametrize("text", [*WRITTEN.values(), ODD], ids=[*WRITTEN, "odd"])
def test_every_number_and_condition_of_a_playbook_is_a_field(text):
    fields = {field.at: field for field in fields_of(text).values()}
    parts = {"scores", "criteria", "questions", "personas", "exclusions", "qualifications", "outcomes", "handoff"}
    wanted = {"when", "enter", "stay", "yes", "partly", "no", "within", "quiet", "cooldown", "hand_raise_stay", "why"}
    wanted |= {"half_life", "linear", "every", "inactive_for", "respond_within", "per", "title", "source", "to"}

    for at, value in leaves(values_of(text)):
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if at[0] in parts and (is_number or at[-1] in wanted):
            assert at in fields, at
            assert is_number == (fields[at].kind == "number")


def test_the_form_follows_the_file():
    form = read_form(NORTHWIND)

    assert [one.id for one in form.scores] == ["fit", "engagement", "product", "total"]
    assert [[one.path for one in score.criteria] for score in form.scores] == [
        ["criteria.target-industry", "criteria.company-size"],
        ["criteria.pricing-page", "criteria.gone-quiet"],
        [],
        [],
    ]
    assert [one.kind for score in form.scores for one in score.criteria] == ["when", "choose", "event", "inactive_for"]
    assert [part.key for part in form.parts] == [
        *("questions", "personas", "exclusions", "qualifications", "outcomes", "stages", "handoff")
    ]
    assert form.scores[3].score.about == ("fit", "engagement")
    pricing = form.scores[1].criteria[0]
    assert (pricing.title, pricing.about) == ("Looked at prices", ("page_viewed",))
    assert {field.path: field.value for field in pricing.fields} == {
        "criteria.pricing-page.why": "Looked at prices",
        "criteria.pricing-page.when": "starts_with(path, '/pricing')",
        "criteria.pricing-page.points": "10",
        "criteria.pricing-page.decay.half_life": "14d",
        "criteria.pricing-page.within": "60d",
        "criteria.pricing-page.limit.count": "1",
        "criteria.pricing-page.limit.per": "day",
        "criteria.pricing-page.min": "",
        "criteria.pricing-page.max": "30",
        "criteria.pricing-page.source": "",
    }


def test_values_are_shown_as_people_type_them():
    fields = fields_of(ODD)

    assert {path: fields[path].value for path in fields if path.startswith(("scores.fit", "scores.product"))} == {
        "scores.fit.title": 'Fit: "who" they are',
        "scores.fit.min": "",
        "scores.fit.max": "100.50",
        "scores.fit.grades.A+": "75",
        "scores.fit.grades.B": "50.0",
        "scores.fit.grades.C": "0",
        "scores.fit.source": "",
        "scores.product.title": "Product",
        "scores.product.min": "",
        "scores.product.max": "",
        "scores.product.grades.1": "75",
        "scores.product.grades.2": "0",
        "scores.product.source": "",
    }
    assert fields["criteria.size.why"].value == 'Company size:\n    "how" many'
    assert fields["criteria.size.why"].has_lines
    assert fields["criteria.trial.points"].value == "30"
    assert fields["qualifications.mql.enter"].value == "fit >= 50\nand engagement >= 40"
    assert not fields["criteria.trial.limit.per"].is_optional
    assert fields["criteria.fair.limit.per"].is_optional


@given(texts)
def test_a_path_names_one_field(text):
    paths = [field.path for field in read_form(text).all_fields()]
    places = [field.at for field in read_form(text).all_fields()]

    assert len(set(paths)) == len(paths)
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("text", [STARTER, NORTHWIND, ODD], ids=["starter", "northwind", "odd"])
def test_what_is_wrong_with_a_value_is_told_by_the_path_of_its_field(text):
    one_a_key = {field.takes.key: path for path, field in fields_of(text).items() if field.is_written}
    for path in one_a_key.values():
        field = fields_of(text)[path]
        if field.kind not in ("number", "duration"):
            continue
        with pytest.raises(ProblemsError) as refused:
            read_playbook(change_playbook(text, [Put(field.at, -99_999_999 if field.kind == "number" else "soon")]))

        assert (path, field.line) in [(one.where, one.line) for one in refused.value.problems]


def test_keys_have_an_order_in_every_table_that_is_edited():
    values = values_of(STARTER)
    tables = [(name, table) for name in ("scores", "questions", "outcomes") for table in values[name].values()]
    tables += [
        (name, table)
        for name in ("criteria", "personas", "exclusions", "qualifications", "stages")
        for table in values[name]
    ]
    for outer, inner in (("criteria", "choose"), ("criteria", "limit"), ("outcomes", "reasons")):
        held = [table[inner] for name, table in tables if name == outer and inner in table]
        tables += [(inner, one) for found in held for one in (found if isinstance(found, list) else [found])]
    tables += [("handoff", values["handoff"]), *(("routes", route) for route in values["handoff"]["routes"])]

    assert {name for name, _ in tables} == set(ORDER)
    assert not [(name, key) for name, table in tables for key in table if key not in ORDER[name]]


WRONG = """
[playbook]
[scores.fit]
grades = 3
min = "10"
[scores."no id"]
max = 3
[scores]
ratio = 1

[[criteria]]
id = "twin"
score = "fit"
points = true
when = 4
[[criteria]]
id = "twin"
score = "fitt"
event = "seen"
decay = 5
limit = "day"
points = [1]
[[criteria]]
choose = [3, { points = 0x1000_0000_0000_0000 }]
[[criteria]]
id = "a.b[0]"
points = inf
event = 3
limit = { count = 1 }
decay = { half_life = "3d", linear = "4d" }
[[qualifications]]
title = 2020-01-01
[outcomes]
lost = 3
won = { reasons = 3 }
[handoff]
routes = "none"
"""


def test_a_playbook_that_is_wrong_can_be_read_so_that_it_can_be_mended():
    form = read_form(WRONG)
    shown = {field.path: field.value for field in form.all_fields() if field.is_written}

    assert shown == {
        "scores.fit.min": "10",
        "criteria.twin.points": "true",
        "criteria.twin.when": "4",
        "criteria[2].choose[1].points": "1152921504606846976",
        "criteria[3].points": "Infinity",
        "criteria[3].limit.count": "1",
        "criteria[3].decay.half_life": "3d",
        "criteria[3].decay.linear": "4d",
    }
    assert [(one.id, one.score is None) for one in form.scores] == [("fit", False), ("fitt", True), ("", True)]
    paths = {field.path for field in form.all_fields()}
    assert "criteria[1].why" in paths
    assert not paths & {"criteria[1].limit.count", "criteria[1].decay.half_life", "criteria[1].points"}


@pytest.mark.parametrize(
    ("text", "line"),
    [('[playbook]\nname = "open\n', 2), ("[scores.fit]\nmax = 3\n[scores.fit]\n", 3), ("a = " + "[" * 5000, None)],
)
def test_what_is_no_toml_is_told_with_its_line_as_by_a_check(text, line):
    with pytest.raises(ProblemsError) as refused:
        read_form(text)
    with pytest.raises(ProblemsError) as checked:
        check_playbook(text)

    assert refused.value.problems == checked.value.problems
    assert [(one.code, one.line) for one in refused.value.problems] == [("toml-syntax", line)]
