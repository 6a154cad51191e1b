"""A playbook in plain sentences: the whole of one, and each key that it leaves out."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import load_playbook, read_playbook
from leadline.engine.playbook.outcome_words import what_always_follows, what_follows
from leadline.engine.playbook.words import say_criterion, say_playbook

HERE = Path(__file__).parent

HEAD = """
[playbook]
name = "p"
[scores.s]
[[criteria]]
id = "c"
score = "s"
why = "x"
"""


def say_first(text: str) -> str:
    bound, _ = bind_playbook(read_playbook(HEAD + text)[0])
    return say_criterion(bound, bound.playbook.criteria[0])


def test_a_whole_playbook_in_words():
    """When the words change on purpose: read the new ones, then write them to northwind.txt."""
    bound, _ = bind_playbook(load_playbook(HERE / "northwind.toml")[0])

    assert say_playbook(bound) == say_playbook(bound.playbook) == (HERE / "northwind.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("when = \"a = 'b'\"\npoints = 1", "1 point when the lead's a is b."),
        ("when = \"a = 'b'\"\npoints = -2.5\nsource = 'n = 4'", "minus 2.5 points when the lead's a is b (n = 4)."),
        (
            "choose = [{ when = 'a > 1', points = 2, source = 'guess' }, { when = 'a > 0', points = 1 }]",
            "the first that holds: 2 points when the lead's a is more than 1 (guess); 1 point when the lead's a is more"
            " than 0.",
        ),
        ("event = 'seen'\npoints = 1", "1 point for each “seen”; never forgotten."),
        (
            "event = ['seen', 'read']\npoints = 1\nwithin = '2w'",
            "1 point for each “seen” or “read”; forgotten after 14 days.",
        ),
        (
            "event = 'x'\npoints = 1\ndecay = { linear = '30d' }",
            "1 point for each “x”; fades evenly to nothing in 30 days.",
        ),
        (
            "event = 'x'\npoints = 1\ndecay = { step = { drop = 0.15, every = '45d' } }",
            "1 point for each “x”; worth 15 % less after every 45 days.",
        ),
        (
            "event = 'x'\npoints = 1\nlimit = { count = 2, per = 'week' }\nmin = -3\nmax = 4",
            "1 point for each “x”; at most twice a calendar week; never forgotten;"
            " at least minus 3 points in all; at most 4 points in all.",
        ),
        (
            "event = 'x'\npoints = 1\nlimit = { count = 1, per = 'ever' }",
            "1 point for each “x”; only the first one ever; never forgotten.",
        ),
        (
            "inactive_for = '30d'\npoints = -5\nactivity = ['x', 'y']\nmin = -20",
            "minus 5 points for every full 30 days without “x” or “y”; at least minus 20 points in all.",
        ),
    ],
)
def test_a_criterion_in_words(written, said):
    assert say_first(written) == said


def test_every_text_number_and_name_of_a_playbook_is_said():
    """What a person wrote stands in the words: ids, titles, sentences, sources and durations."""
    text = (HERE / "northwind.toml").read_text(encoding="utf-8")
    said = say_playbook(bind_playbook(read_playbook(text)[0])[0]).replace(" ", "_")

    written = re.findall(r'^(?:title|why|source|ask) = "([^"]+)"', text, flags=re.MULTILINE)
    ids = re.findall(r"^\[(?:scores|questions|events|outcomes)\.(\w+)\]", text, flags=re.MULTILINE)
    named = [*written, *ids, *re.findall(r'"(\d+)[dh]"', text)]

    assert len(named) > 25
    criteria = {"target-industry", "company-size", "pricing-page", "gone-quiet"}
    assert not [one for one in named if one not in criteria and one.replace(" ", "_") not in said]


def test_what_a_reason_wipes_is_said_with_it_and_nothing_where_it_says_so() -> None:
    reasons = (
        "[[outcomes.recycled.reasons]]\nid = 'later'\n[[outcomes.recycled.reasons]]\nid = 'gone'\nreset = ['s', 't']\n"
    )
    text = (
        "[scores.t]\n[outcomes.recycled]\nreset = ['s']\n"
        + reasons
        + "[[outcomes.recycled.reasons]]\nid = 'oops'\nreset = []"
    )
    playbook, _ = read_playbook(HEAD + "event = 'x'\npoints = 1\n" + text)
    recycled = next(one for one in playbook.outcomes if one.id == "recycled")

    assert "recycled: wipes s; its reasons are later; gone (wipes s and t); oops (wipes nothing)." in say_playbook(
        playbook
    )
    assert [what_follows(recycled, one)[:1] for one in (None, *recycled.reasons)] == [
        ["s counts from nothing"], ["s counts from nothing"], ["s and t count from nothing"], [],
    ]  # fmt: skip
    assert what_always_follows(recycled) == []
    assert what_always_follows(replace(recycled, reasons=recycled.reasons[:1])) == ["s counts from nothing"]


def test_a_source_may_stand_on_everything_with_a_number() -> None:
    text = """
    [playbook]
    name = "p"
    [scores.fit]
    max = 10
    source = "from 1 wins"
    [[personas]]
    id = "vp"
    when = "size > 3"
    source = "from 2 wins"
    [[exclusions]]
    id = "tiny"
    when = "size < 2"
    source = "from 3 wins"
    [[qualifications]]
    id = "mql"
    enter = "fit >= 5"
    source = "from 4 wins"
    [questions.budget]
    yes = "size > 9"
    source = "from 5 wins"
    [outcomes.recycled]
    quiet = "90d"
    source = "from 6 wins"
    [[outcomes.recycled.reasons]]
    id = "later"
    quiet = "30d"
    source = "from 7 wins"
    [handoff]
    qualifications = ["mql"]
    respond_within = "4h"
    source = "from 8 wins"
    [[handoff.routes]]
    when = "size > 100"
    to = "enterprise"
    source = "from 9 wins"
    [[criteria]]
    id = "size"
    score = "fit"
    why = "Size"
    choose = [{ when = "size > 5", points = 3, source = "from 10 wins" }]
    source = "from 11 wins"
    """
    playbook, _ = read_playbook(text)
    bound, _ = bind_playbook(playbook)

    said = say_playbook(bound)

    assert [number for number in range(1, 12) if f"from {number} wins" not in said] == []
