"""A criterion comes and goes with what is its own, and nothing else moves."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.web.playbooks.editing.texts import ODD, STARTER, conditions, hostile, texts, values_of, with_crlf

from leadline.engine.playbook.load import read_playbook
from leadline.engine.problems import ProblemsError
from leadline.web.playbooks.editing.criteria import add_criterion, remove_criterion

HEAD = '[playbook]\nname = "x"\n\n[scores.fit]\n\n[scores.total]\nsum_of = ["fit"]\n'
PAGE = {
    "id": "page",
    "score": "engagement",
    "why": "Looked",
    "kind": "event",
    "points": "2.5",
    "event": "viewed",
    "when": "path = '/x'",
}

# -- one more -------------------------------------------------------------------------------------------------------


def test_a_criterion_comes_behind_the_last_of_its_score():
    after = add_criterion(STARTER, **PAGE)

    assert after == STARTER.replace(
        "# -- criteria on events: product use",
        '[[criteria]]\nid = "page"\nscore = "engagement"\nwhy = "Looked"\nevent = "viewed"\nwhen = "path = \'/x\'"\npoints = 2.5\n\n'
        "# -- criteria on events: product use",
    )


@pytest.mark.parametrize("end", [str, with_crlf])
def test_the_first_criterion_comes_at_the_end(end):
    text = end(HEAD)

    after = add_criterion(text, id="us", score="fit", why="From here", kind="when", when="country = 'US'", points="5")

    added = '\n[[criteria]]\nid = "us"\nscore = "fit"\nwhy = "From here"\nwhen = "country = \'US\'"\npoints = 5\n'
    assert after == text + end(added)
    silent = add_criterion(
        text.rstrip(), id="s", score="fit", why="q", kind="inactive_for", inactive_for="2w", points="-1"
    )
    added = '\n\n[[criteria]]\nid = "s"\nscore = "fit"\nwhy = "q"\ninactive_for = "2w"\npoints = -1'
    assert silent == text.rstrip() + end(added)


def test_a_criterion_comes_behind_the_tables_and_comments_of_the_one_before():
    after = add_criterion(ODD, **PAGE | {"score": "fit"})

    assert '# Its own: a blank line follows.\n\n[[criteria]]\nid = "page"' in after
    text = (
        HEAD
        + '[[criteria]]\nid = "a"\nscore = "fit"\nevent = "e"\npoints = 1\n[criteria.limit]\ncount = 1\nper = "day"\n[handoff]\n'
    )
    assert 'per = "day"\n\n[[criteria]]\nid = "page"' in add_criterion(text, **PAGE | {"score": "fit"})


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"id": "booth"}, {"id": "duplicate-id"}),
        ({"id": "1st"}, {"id": "bad-id"}),
        ({"id": ""}, {"id": "missing-key"}),
        ({"score": "interest"}, {"score": "unknown-score"}),
        ({"score": ""}, {"score": "missing-key"}),
        ({"why": " "}, {"why": "missing-key"}),
        ({"why": "a\x00"}, {"why": "bad-value"}),
        ({"points": "many"}, {"points": "wrong-type"}),
        ({"points": ""}, {"points": "wrong-type"}),
        ({"points": "1000.1"}, {"points": "bad-value"}),
        ({"event": ""}, {"event": "wrong-type"}),
        ({"when": "path ="}, {"when": "condition-syntax"}),
        ({"kind": "when", "when": ""}, {"when": "bad-value"}),
        ({"kind": "inactive_for", "inactive_for": "soon"}, {"inactive_for": "bad-value"}),
        ({"kind": "choose"}, {"kind": "bad-value"}),
        ({"id": "-", "points": "x", "score": "?"}, {"id": "bad-id", "points": "wrong-type", "score": "unknown-score"}),
    ],
)
def test_a_criterion_that_makes_no_sense_is_refused_by_what_is_wrong(change, where):
    with pytest.raises(ProblemsError) as refused:
        add_criterion(STARTER, **PAGE | change)

    assert {one.where: one.code for one in refused.value.problems} == where
    assert {one.severity for one in refused.value.problems} == {"error"}


def test_a_sum_has_no_criteria_of_its_own():
    with pytest.raises(ProblemsError, match="is the sum of other scores"):
        add_criterion(HEAD, **PAGE | {"score": "total"})


@pytest.mark.parametrize("criteria", ["criteria = 3\n", "criteria = [{ id = 'a' }]\n", "[criteria.a]\nid = 'a'\n"])
def test_criteria_that_are_written_otherwise_are_left_to_who_writes_text(criteria):
    text = criteria + HEAD if criteria.startswith("c") else HEAD + criteria

    with pytest.raises(ProblemsError, match="only a change of the text"):
        add_criterion(text, **PAGE | {"score": "fit"})
    with pytest.raises(ProblemsError):
        remove_criterion(text, id="a")


# -- one less -------------------------------------------------------------------------------------------------------

FOUR = """\
[playbook]
name = "x"

# -- fit ------------------------------------
# The heading of all that follows, in two lines.
[[criteria]]
id = "a"

# A remark between two blank lines, about nothing in particular.

# About b,
# in two lines.
[[criteria]]   # b
id = "b"       # what it is called
               # and why
# About c: no blank line is above.
[[criteria]]
id = "c"
[criteria.limit]
count = 1
# Behind c, and before a blank line.


[[criteria]]
id = "d"
"""


@pytest.mark.parametrize("end", [str, with_crlf])
@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("a", '[[criteria]]\nid = "a"\n'),
        (
            "b",
            '\n# About b,\n# in two lines.\n[[criteria]]   # b\nid = "b"       # what it is called\n               # and why\n',
        ),
        (
            "c",
            '# About c: no blank line is above.\n[[criteria]]\nid = "c"\n[criteria.limit]\ncount = 1\n'
            "# Behind c, and before a blank line.\n",
        ),
        ("d", '\n\n[[criteria]]\nid = "d"\n'),
    ],
)
def test_a_criterion_goes_with_its_own_comments(name, gone, end):
    assert FOUR.count(gone) == 1

    assert remove_criterion(end(FOUR), id=name) == end(FOUR.replace(gone, ""))


def test_the_first_lines_of_a_file_leave_no_blank_ones():
    text = '# About a.\n[[criteria]]\nid = "a"\n\n[playbook]\nname = "x"\n'

    assert remove_criterion(text, id="a") == '[playbook]\nname = "x"\n'


def test_a_criterion_is_removed_by_an_id_that_is_there_once():
    with pytest.raises(ProblemsError, match=r"There is no criterion 'boot'\. Did you mean 'booth'"):
        remove_criterion(STARTER, id="boot")
    with pytest.raises(ProblemsError, match="There are 2 criteria 'd'"):
        remove_criterion(FOUR.replace('"c"', '"d"'), id="d")


# -- any ------------------------------------------------------------------------------------------------------------


@given(texts, st.data())
def test_a_removed_criterion_is_the_only_one_that_is_gone(text, data):
    criteria = values_of(text).get("criteria")
    assume(criteria)
    number = data.draw(st.integers(0, len(criteria) - 1))

    after = remove_criterion(text, id=criteria[number]["id"])

    left = values_of(after)
    assert left.get("criteria", []) == criteria[:number] + criteria[number + 1 :]
    assert {**left, "criteria": 0} == {**values_of(text), "criteria": 0}
    lines = iter(text.split("\n"))
    assert all(line in lines for line in after.split("\n"))  # what is left is in the order in which it was
    headings = [line for line in text.split("\n") if line.startswith("# -- ")]
    assert [line for line in after.split("\n") if line.startswith("# -- ")] == headings


@given(texts, conditions, hostile, st.sampled_from(("when", "event", "inactive_for")), st.data())
def test_what_is_added_and_removed_again_leaves_nothing(text, when, why, kind, data):
    scores = [name for name, one in values_of(text).get("scores", {}).items() if "sum_of" not in one]
    assume(scores)
    score = data.draw(st.sampled_from(scores))
    new = {"id": "new-one", "score": score, "why": why, "kind": kind, "when": when, "event": "seen", "points": "2.5"}
    try:
        after = add_criterion(text, **new, inactive_for="30d")
    except ProblemsError as refused:
        assume(not any(one.where == "why" for one in refused.problems))
        raise

    added = [one for one in values_of(after)["criteria"] if one["id"] == "new-one"]
    assert [one["score"] for one in added] == [score]
    assert remove_criterion(after, id="new-one") == text


def test_the_engine_reads_what_was_added():
    before, _ = read_playbook(STARTER)

    after, _ = read_playbook(add_criterion(STARTER, **PAGE))

    (new,) = [one for one in after.criteria if one.id == "page"]
    assert after.criteria_of("engagement")[-1] == new
    assert replace(after, criteria=tuple(one for one in after.criteria if one != new)) == before
    assert (new.events, new.when.text, str(new.points), new.why) == (("viewed",), "path = '/x'", "2.5", "Looked")
