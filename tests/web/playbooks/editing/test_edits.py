"""One value changes and nothing else, whoever wrote the playbook and however."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.web.playbooks.editing.texts import (
    ODD,
    STARTER,
    WRITTEN,
    answers,
    differences,
    either_newline,
    fields_of,
    hostile,
    is_half_a_limit,
    is_odd,
    texts,
    usual,
    values_of,
    with_crlf,
)

from leadline.engine.playbook.load import read_playbook
from leadline.engine.problems import ProblemsError
from leadline.web.playbooks.editing.edits import apply_edits

# -- nothing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [*WRITTEN.values(), ODD], ids=[*WRITTEN, "odd"])
@pytest.mark.parametrize("end", [str, with_crlf])
def test_what_the_form_said_changes_nothing(text, end):
    text = end(text)

    assert apply_edits(text, {}) == text
    assert apply_edits(text, {path: field.value for path, field in fields_of(text).items()}) == text


@given(texts)
def test_no_text_changes_by_what_its_form_says(text):
    sent_by_a_browser = {path: with_crlf(f" {field.value}\n") for path, field in fields_of(text).items()}

    assert apply_edits(text, sent_by_a_browser) == text


@pytest.mark.parametrize("answer", ["10.0", "+10", "010", "10.", " 10\r\n"])
def test_a_number_written_otherwise_is_no_change(answer):
    assert apply_edits(STARTER, {"criteria.pricing-page.points": answer}) == STARTER


# -- one value ----------------------------------------------------------------------------------------------------


@given(texts, st.data())
def test_one_edit_changes_one_value_on_its_own_lines(text, data):
    written = {path: field for path, field in fields_of(text).items() if field.is_written}
    path = data.draw(st.sampled_from(sorted(written)))
    field = written[path]
    answer = data.draw(answers(field))

    after = apply_edits(text, {path: answer})

    changed = differences(text, after)
    assert set(changed) <= {field.at}
    assert fields_of(after)[path].value == answer or not changed  # 10.0 is no change of 10
    lines, now = text.split("\n"), after.split("\n")
    assert lines[: field.line - 1] == now[: field.line - 1]
    behind = len(lines) - field.line - field.value.count("\n") - 3  # an odd text has up to three line ends around it
    assert behind <= 0 or lines[-behind:] == now[-behind:]
    assert text.count("\n") == after.count("\n") or field.kind in ("text", "condition", "names")
    assert ("\r\n" in text) == ("\r" in after)
    assert after.count("\n") == after.count("\r\n") or "\r\n" not in text


@given(st.data())
def test_one_edit_of_a_criterion_leaves_the_rest_of_the_playbook(data):
    paths = [path for path, field in fields_of(STARTER).items() if path.startswith("criteria.") and field.is_written]
    path = data.draw(st.sampled_from(paths))
    field = fields_of(STARTER)[path]
    answer = data.draw(answers(field))
    assume(field.value != answer)
    try:
        after, _ = read_playbook(apply_edits(STARTER, {path: answer}))
    except ProblemsError:  # a minimum above its maximum
        assume(False)
    before, _ = read_playbook(STARTER)

    differing = [one.id for one, other in zip(before.criteria, after.criteria, strict=True) if one != other]
    assert differing in ([path.split(".")[1]], [])  # 2w is the same duration as 14d
    names = [name for name in before.__slots__ if name != "criteria"]
    assert [getattr(before, name) for name in names if name != "file"] == [
        getattr(after, name) for name in names if name != "file"
    ]


@given(usual, either_newline, st.data())
def test_an_edit_and_back_is_no_edit(text, end, data):
    text = end(text)
    written = {path: field for path, field in fields_of(text).items() if field.is_written}
    path = data.draw(st.sampled_from(sorted(written)))

    there = apply_edits(text, {path: data.draw(answers(written[path]))})

    back = apply_edits(there, {path: written[path].value})
    if written[path].kind == "names":  # a single name that stood without brackets has some now
        assert fields_of(back)[path].value == written[path].value
    else:
        assert back == text


@given(texts, st.data())
def test_what_is_added_and_emptied_again_leaves_nothing(text, data):
    absent = {path: field for path, field in fields_of(text).items() if not field.is_written}
    left_something = LEFT_SOMETHING if is_odd(text) else ()
    absent = {path: one for path, one in absent.items() if not is_half_a_limit(one) and path not in left_something}
    assume(absent)
    path = data.draw(st.sampled_from(sorted(absent)))
    answer = data.draw(answers(absent[path]))

    there = apply_edits(text, {path: answer})

    assert [now for _, now in differences(text, there).values() if now is not None] == [values_at(there, path)]
    assert fields_of(there)[path].value == answer
    assert apply_edits(there, {path: ""}) == text


LEFT_SOMETHING = (
    "criteria.fair.decay.half_life",  # it took the place of a decay = "none"
    *(f"outcomes.recycled.{key}" for key in ("title", "quiet", "source")),  # a header that was not there
)


def values_at(text, path):
    value = values_of(text)
    for part in fields_of(text)[path].at:
        value = value[part]
    return value


@given(texts, st.data())
def test_emptying_takes_the_key_and_no_other(text, data):
    fields = {path: field for path, field in fields_of(text).items() if field.value and field.is_optional}
    path = data.draw(st.sampled_from(sorted(fields)))
    gone = {fields[path].at}
    if fields[path].takes.key[0] == "limit":
        gone.add((*fields[path].at[:-1], "per"))

    after = apply_edits(text, {path: ""})

    changed = differences(text, after)
    assert gone <= set(changed)
    rest = {at: change for at, change in changed.items() if at not in gone}
    assert all(before is None and now in ({}, []) for before, now in rest.values())  # what held it may be empty now
    assert path not in fields_of(after) or not fields_of(after)[path].is_written
    assert len(after.split("\n")) <= len(text.split("\n"))


# -- several --------------------------------------------------------------------------------------------------------


@given(texts, st.data())
def test_edits_come_to_the_same_in_any_order(text, data):
    fields = fields_of(text)
    paths = data.draw(st.lists(st.sampled_from(sorted(fields)), min_size=2, max_size=4, unique=True))
    edits = {}
    for path in paths:
        edits |= {path: data.draw(answers(fields[path]))}
        if is_half_a_limit(fields[path]):
            edits |= {path.rsplit(".", 1)[0] + end: one for end, one in ((".count", "3"), (".per", "week"))}
    steps = [{path: edits[path]} for path in edits if not is_half_a_limit(fields[path])]
    limits = {path.rsplit(".", 1)[0] for path in edits if is_half_a_limit(fields[path])}
    steps += [{path: answer for path, answer in edits.items() if path.startswith(f"{limit}.")} for limit in limits]

    at_once = apply_edits(text, edits)

    for order in (steps, steps[::-1]):
        one_by_one = text
        for step in order:
            one_by_one = apply_edits(one_by_one, step)
        assert one_by_one == at_once


@given(texts, st.data())
def test_many_changes_at_once_all_arrive(text, data):
    fields = fields_of(text)
    chance = data.draw(st.randoms(use_true_random=False))
    edits = {}
    for path, field in fields.items():
        answer = {"number": "0.25", "duration": "3d", "names": "asked", "choice": field.choices[-1:]}.get(
            field.kind, "agreed"
        )
        if field.takes.key[0] == "limit":
            edits[path] = "7" if field.kind == "number" else "month"
        elif chance.random() < 0.5:
            edits[path] = "" if field.is_optional and chance.random() < 0.5 else "".join(answer)

    after = apply_edits(text, edits)

    now = fields_of(after)
    for path, answer in edits.items():
        if path in now or answer:
            assert now[path].value == answer or float(now[path].value) == float(answer)
    touched = {fields[path].at for path in edits}
    assert all(any(at[: len(one)] == one or one[: len(at)] == at for one in touched) for at in differences(text, after))


# -- hostile ------------------------------------------------------------------------------------------------------


@given(texts, hostile, st.data())
def test_no_text_breaks_the_file(text, answer, data):
    fields = {path: field for path, field in fields_of(text).items() if field.kind == "text"}
    path = data.draw(st.sampled_from(sorted(fields)))
    meant = answer.replace("\r\n", "\n").replace("\r", "\n").strip()
    is_control = any((ord(sign) < 32 and sign not in "\n\t") or 127 <= ord(sign) < 160 for sign in meant)
    if is_control or any("\ud800" <= sign <= "\udfff" for sign in meant) or not (meant or fields[path].is_optional):
        with pytest.raises(ProblemsError) as refused:
            apply_edits(text, {path: answer})
        assert [one.where for one in refused.value.problems] == [path]
        return

    after = apply_edits(text, {path: answer})

    assert set(differences(text, after)) <= {fields[path].at}
    assert fields_of(after)[path].value == meant
    after.encode()


@given(texts, hostile, st.data())
def test_what_is_of_another_kind_is_refused_by_its_path(text, answer, data):
    fields = {path: field for path, field in fields_of(text).items() if field.kind in ("number", "duration", "choice")}
    path = data.draw(st.sampled_from(sorted(fields)))
    answer = f"x{answer}"

    with pytest.raises(ProblemsError) as refused:
        apply_edits(text, {path: answer})

    assert path in [one.where for one in refused.value.problems]


# -- names -------------------------------------------------------------------------------------------------------------

RAISED = """[[qualifications]]
id = "mql"
enter = "fit > 1"
hand_raise = ["demo_requested", "contact_requested"]   # who asks
hand_raise_stay = "14d"
"""
HAND = "qualifications.mql.hand_raise"


@pytest.mark.parametrize(
    ("before", "answer", "after"),
    [
        ('["demo_requested", "contact_requested"]', "demo_requested", '["demo_requested"]'),
        ('["demo_requested", "contact_requested"]', "contact_requested,\r\n demo_requested ,", '["contact_requested", "demo_requested"]'),
        ("'demo_requested'", "demo_requested, quote_requested", "['demo_requested', 'quote_requested']"),
        ('[\n  "demo_requested",\n]', "quote_requested", '["quote_requested"]'),
    ],
)  # fmt: skip
def test_names_are_changed_in_place_and_the_comment_behind_them_stays(before, answer, after):
    written = RAISED.replace('["demo_requested", "contact_requested"]', before)

    assert apply_edits(written, {HAND: answer}) == RAISED.replace('["demo_requested", "contact_requested"]', after)


def test_names_are_added_behind_the_conditions_and_taken_out_when_emptied():
    without = RAISED.replace('hand_raise = ["demo_requested", "contact_requested"]   # who asks\n', "")

    assert apply_edits(RAISED, {HAND: " "}) == without
    assert 'enter = "fit > 1"\nhand_raise = ["a", "b"]\n' in apply_edits(without, {HAND: "a, b"})


@pytest.mark.parametrize(
    ("written", "answer", "said"),
    [
        (RAISED, "a, b, a", "names 'a' twice"),
        (RAISED, ",", "is an empty list"),
        (
            RAISED.replace('["demo_requested", ', '["demo_requested", # first\n'),
            "a",
            "only a change of the text can change",
        ),
    ],
)
def test_why_names_cannot_be_written_is_told_at_their_field(written, answer, said):
    with pytest.raises(ProblemsError) as told:
        apply_edits(written, {HAND: answer})

    assert [(one.where, said in one.message) for one in told.value.problems] == [(HAND, True)]
