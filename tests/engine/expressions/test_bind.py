"""Names and types in conditions: what each may mean in its place, and what is refused with which code."""

from dataclasses import replace

import pytest

from leadline.engine.catalog import Catalog, FieldSpec
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.bind import Vocabulary, bind
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.problems import ProblemsError

CLOSED = Catalog(
    lead={
        "seniority": FieldSpec("text"),
        "employees": FieldSpec("number"),
        "agreed": FieldSpec("boolean"),
        "renewal": FieldSpec("date"),
        "signed_up": FieldSpec("time"),
        "tags": FieldSpec("list"),
        "Lead Origin": FieldSpec("text"),
        "fit": FieldSpec("number"),
        "decision": FieldSpec("text"),
        "empty": FieldSpec(None),
    },
    company={"employees": FieldSpec("number"), "industry": FieldSpec("text")},
    events={
        "page_viewed": {"path": FieldSpec("text"), "seconds": FieldSpec("number")},
        "demo": {"path": FieldSpec("text")},
    },
    open_parts=frozenset(),
    seen_events=frozenset({"page_viewed"}),
)
VOCABULARY = Vocabulary(
    catalog=CLOSED,
    lists={"core": ("DE", "AT", " de ")},
    scores={"engagement": ("A", "B"), "fit": ()},
    questions=("budget",),
    qualifications=("mql",),
    outcomes=("won", "accepted"),
)
OPEN = replace(VOCABULARY, catalog=Catalog())


def bound(text: str, place: str = "facts", vocabulary: Vocabulary = VOCABULARY, events: tuple[str, ...] = ()):
    found = bind(text, place, replace(vocabulary, inferred={}), events)
    assert not isinstance(found, list), found
    return found


def codes(
    text: str, place: str = "facts", vocabulary: Vocabulary = VOCABULARY, events: tuple[str, ...] = ()
) -> list[str]:
    found = bind(text, place, replace(vocabulary, inferred={}), events)
    assert isinstance(found, list), found
    return [complaint.code for complaint in found]


def literal(value, kind, shown):
    return n.Literal(value, kind, shown)


# -- what names mean --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("seniority is null", n.Field("lead", "seniority", "text")),
        ("lead.seniority is null", n.Field("lead", "seniority", "text")),
        ("company.industry is null", n.Field("company", "industry", "text")),
        ("\"Lead Origin\" is null", n.Field("lead", "Lead Origin", "text")),
        ("signed_up is null", n.Field("lead", "signed_up", "day")),
        ("model.win is null", n.Field("lead", "model.win", "number")),
        ("lead.model.win is null", n.Field("lead", "model.win", "number")),
        ("consent.mail is null", n.Field("lead", "consent.mail", "text")),
        ("deal is null", n.History("deal")),
        ("reason is null", n.History("reason")),
        ("\"decision\" is null", n.Field("lead", "decision", "text")),
        ("lead.decision is null", n.Field("lead", "decision", "text")),
        ("days_since('page_viewed') is null", n.DaysSinceEvent("page_viewed")),
        ("days_since(renewal) is null", n.DaysSinceField(n.Field("lead", "renewal", "day"))),
        ("days_since_outcome('won') is null", n.DaysSinceOutcome("won")),
        ("spells('mql') is null", n.Spells("mql")),
        ("count('demo', '2w') is null", n.Count("demo", 14, None)),
        ("active_days('*') is null", n.ActiveDays("*", None)),
    ],
)  # fmt: skip
def test_a_name_among_facts(text, term):
    assert bound(text) == n.IsNull(term)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("engagement is null", n.Score("engagement")),
        ("engagement.grade is null", n.Grade("engagement")),
        ("budget is null", n.Answer("budget")),
        ("answered_yes is null", n.AnsweredYes()),
        ("lead.fit is null", n.Field("lead", "fit", "number")),
    ],
)
def test_a_name_in_a_qualification(text, term):
    assert bound(text, "levels") == n.IsNull(term)


def test_a_name_about_an_event_is_its_property():
    path = n.Field("event", "path", "text")

    assert bound("path = '/'", "event", events=("page_viewed", "demo")) == n.Compare(
        path, "=", literal("/", "text", "'/'")
    )


def test_the_filter_of_a_count_reads_that_events_properties():
    condition = bound("count('page_viewed', '7d', seconds > 10) >= 1")

    assert isinstance(condition, n.Compare)
    filtered = n.Compare(n.Field("event", "seconds", "number"), ">", literal(10.0, "number", "10"))
    assert condition.left == n.Count("page_viewed", 7, filtered)


def test_texts_are_keys_and_lists_have_each_once():
    assert bound("seniority = ' VP '") == n.Compare(
        n.Field("lead", "seniority", "text"), "=", literal("vp", "text", "' VP '")
    )
    found = bound("seniority in list('core')")
    assert isinstance(found, n.Among)
    assert [one.value for one in found.values] == ["de", "at"]
    assert found.list_name == "core"


def test_equal_questions_are_equal_nodes():
    assert bound("employees>=50 AND agreed") == bound("employees >= 50 and agreed")


# -- what is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("senority = 'vp'", "unknown-field"),
        ("company.employes > 1", "unknown-field"),
        ("industry = 'x'", "unknown-field"),
        ("a.b.c = 1", "unknown-field"),
        ("count('page_view') > 1", "unknown-event"),
        ("count('*') > 1", "unknown-event"),
        ("days_since('page_view') > 1", "unknown-event"),
        ("count('demo', '7d', seconds > 1) > 1", "unknown-property"),
        ("seniority in list('cores')", "unknown-list"),
        ("spells('sql') > 1", "unknown-qualification"),
        ("days_since_outcome('lost') > 1", "unknown-outcome"),
        ("total.grade = 'A'", "unknown-score"),
        ("decision = 'accepted'", "ambiguous-name"),
        ("engagement > 1", "not-readable-here"),
        ("engagement.grade = 'A'", "not-readable-here"),
        ("budget = 'yes'", "not-readable-here"),
        ("answered_yes > 1", "not-readable-here"),
        ("mql", "not-readable-here"),
        ("count('demo', '7d', count('demo') > 1) > 1", "not-readable-here"),
        ("count('demo', '7d', company.industry = 'x') > 1", "not-readable-here"),
        ("employees > 'many'", "type-mismatch"),
        ("employees = agreed", "type-mismatch"),
        ("seniority > 'a'", "type-mismatch"),
        ("agreed > true", "type-mismatch"),
        ("seniority between 'a' and 'b'", "type-mismatch"),
        ("employees like '1%'", "type-mismatch"),
        ("employees in ('a')", "type-mismatch"),
        ("employees in list('core')", "type-mismatch"),
        ("tags = 'x'", "type-mismatch"),
        ("tags in ('x')", "type-mismatch"),
        ("has(seniority, 'x')", "type-mismatch"),
        ("has(tags, 1)", "type-mismatch"),
        ("starts_with(employees, 'x')", "type-mismatch"),
        ("contains(seniority, seniority)", "type-mismatch"),
        ("starts_with(seniority, 'x') = true", "type-mismatch"),
        ("renewal > '2026-03-01'", "type-mismatch"),
        ("days_since(seniority) > 1", "type-mismatch"),
        ("seniority", "type-mismatch"),
        ("count('demo')", "type-mismatch"),
        ("renewal = date '2026-02-30'", "bad-value"),
        ("renewal = date '1.3.2026'", "bad-value"),
        ("seniority = ''", "bad-value"),
        ("employees = 1e400", "bad-value"),
        ("employees between 5 and 1", "bad-value"),
        ("count('demo', '7h') > 1", "bad-value"),
        ("deal = 'accepted'", "bad-value"),
        ("1 = 2", "condition-syntax"),
        ("'a' like 'a'", "condition-syntax"),
        ("1 in (1)", "condition-syntax"),
        ("'x' is null", "condition-syntax"),
        ("counts('demo') > 1", "condition-syntax"),
        ("count() > 1", "condition-syntax"),
        ("count(demo) > 1", "condition-syntax"),
        ("has(tags)", "condition-syntax"),
        ("days_since('demo', '7d') > 1", "condition-syntax"),
        ("employees >", "condition-syntax"),
    ],
)
def test_what_is_wrong_among_facts(text, code):
    assert code in codes(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("fit >= 50", "ambiguous-name"),
        ("mql and engagement > 1", "not-readable-here"),
        ("budget = 'perhaps'", "bad-value"),
        ("engagement.grade = 'C'", "bad-value"),
        ("engagement.grade in ('A', 'C')", "bad-value"),
        ("engagement > 'A'", "type-mismatch"),
        ("budget > 1", "type-mismatch"),
    ],
)
def test_what_is_wrong_in_a_qualification(text, code):
    assert code in codes(text, "levels")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("url = '/'", "unknown-property"),
        ("seconds > 1", "unknown-property"),
        ("company.industry = 'x'", "not-readable-here"),
        ("count('demo') > 1", "not-readable-here"),
        ("path > 1", "type-mismatch"),
    ],
)
def test_what_is_wrong_about_an_event(text, code):
    assert code in codes(text, "event", events=("page_viewed", "demo"))


def test_a_property_of_two_types_is_refused():
    events = {"a": {"n": FieldSpec("number")}, "b": {"n": FieldSpec("text")}}
    vocabulary = replace(VOCABULARY, catalog=replace(CLOSED, events=events))

    assert codes("n = 1", "event", vocabulary, ("a", "b")) == ["type-mismatch"]


def test_all_that_is_wrong_with_a_condition_is_told_at_once():
    assert codes("senority = 'vp' and employees > 'many' or company.size = 1") == [
        "unknown-field",
        "type-mismatch",
        "unknown-field",
    ]


def test_a_wrong_name_is_answered_with_the_nearest_right_one():
    (complaint,) = bind("company.employes > 1", "facts", VOCABULARY)

    assert complaint.message == "there is no field 'company.employes'. Did you mean 'employees'?"


# -- types by use -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("x > 1", "number"),
        ("1 < x", "number"),
        ("x = 'a'", "text"),
        ("x", "boolean"),
        ("x = true", "boolean"),
        ("x >= date '2026-03-01'", "day"),
        ("days_since(x) > 1", "day"),
        ("has(x, 'a')", "list"),
        ("x in (1, 2)", "number"),
        ("x between 1 and 2", "number"),
        ("x like 'a'", "text"),
        ("x = employees_of(1)", None),
    ],
)
def test_a_field_of_which_nothing_is_known_is_what_it_is_used_as(text, kind):
    vocabulary = replace(OPEN, inferred={})
    found = bind(text, "facts", vocabulary)

    if kind is None:
        assert isinstance(found, list)
    else:
        assert vocabulary.inferred == {("lead", "x"): kind}


def test_two_uses_of_different_types_are_refused():
    vocabulary = replace(OPEN, inferred={})

    assert not isinstance(bind("x > 1", "facts", vocabulary), list)
    assert [one.code for one in bind("x = 'a'", "facts", vocabulary)] == ["type-mismatch"]


def test_without_data_a_number_in_a_qualification_must_be_a_score():
    """A mistyped score would otherwise be a field that nobody has, and the qualification silently never true."""
    vocabulary = replace(OPEN, inferred={})

    assert codes("engagment >= 40", "levels", OPEN) == ["unknown-score"]
    assert codes("total >= 40", "levels", OPEN) == ["unknown-score"]
    assert not isinstance(bind("lead.total >= 40", "levels", vocabulary), list)


def test_two_fields_of_unknown_type_that_are_ordered_are_numbers() -> None:
    playbook, _ = read_playbook('[playbook]\nname = "p"\n[[personas]]\nid = "a"\nwhen = "seats < employees"\n')

    bound, _ = bind_playbook(playbook)

    assert set(bound.kinds.values()) == {"number"}


def test_a_later_use_tells_that_ordered_fields_are_dates() -> None:
    conditions = ("renewal < signed_up", "days_since(renewal) > 3")
    personas = "".join(f'[[personas]]\nid = "p{at}"\nwhen = "{text}"\n' for at, text in enumerate(conditions))
    playbook, _ = read_playbook(f'[playbook]\nname = "p"\n{personas}')

    bound, _ = bind_playbook(playbook)

    assert bound.kinds == {("lead", "renewal"): "day", ("lead", "signed_up"): "day"}


def test_a_text_in_double_quotes_is_told_from_a_field() -> None:
    playbook, _ = read_playbook('[playbook]\nname = "p"\n[[personas]]\nid = "a"\nwhen = \'seniority = "vp"\'\n')

    with pytest.raises(ProblemsError, match=r"A text stands in single quotes: 'vp'"):
        bind_playbook(playbook)
