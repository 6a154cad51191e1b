"""The page says all of a playbook, each criterion under its own anchor, and nothing else."""

from collections import Counter
from pathlib import Path

import pytest
from django.utils import timezone
from tests.web.playbooks.conftest import TOML

from leadline.engine.playbook.words import say_playbook
from leadline.starter import PLAYBOOK
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import get_plan
from leadline.web.playbooks.said import say_version

EXAMPLES = [Path(PLAYBOOK), *sorted((Path(__file__).parents[3] / "examples").glob("*/playbook.toml"))]


def version_of(path: Path) -> Version:
    return Version(number=1, toml=path.read_text(encoding="utf-8"), published_at=timezone.now())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_every_sentence_of_the_engine_is_on_the_page_and_no_other(path):
    version = version_of(path)
    plan = get_plan(version)
    shown = Counter(one for part in say_version(version) for one in (*part.about, *map(sentence_of, part.lines)))
    wanted = Counter(line.removeprefix("- ") for line in say_playbook(plan.bound).splitlines() if line.endswith("."))

    assert wanted - shown == shown - wanted == Counter()


def sentence_of(line):
    """Return a line as the engine writes it: with its title before it, and a criterion's text beginning small."""
    text = line.text[:1].lower() + line.text[1:] if line.anchor else line.text
    return f"{line.title}: {text}" if line.title else text


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_every_criterion_has_an_anchor_and_its_points(path):
    version = version_of(path)
    lines = {one.anchor: one for part in say_version(version) for one in part.lines if one.anchor}

    assert set(lines) == {f"criterion-{one.id}" for one in get_plan(version).playbook.criteria}
    assert all(one.points for one in lines.values())


def test_what_gives_points_stands_before_what_it_rests_on():
    parts = say_version(version_of(Path(PLAYBOOK)))

    assert [one.title for one in parts][:3] == ["At a glance", "Fit: who they are", "Engagement: what they do with us"]
    assert parts[-1].title == "Words and sources"
    assert {"Hand-off", "What wipes a score"} <= {one.title for one in parts}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_anchors_are_words_that_stay_and_none_stands_twice(path):
    parts = say_version(version_of(path))
    anchors = [one.anchor for one in parts] + [line.anchor for one in parts for line in one.lines if line.anchor]
    scores = {f"score-{one.id}" for one in get_plan(version_of(path)).playbook.scores}
    rest = ("words", "resets", "questions", "personas", "exclusions", "qualifications", "outcomes", "stages", "handoff")

    assert len(set(anchors)) == len(anchors)
    assert scores <= set(anchors)
    assert {one.anchor for one in parts} - scores <= {"part-playbook", *(f"part-{name}" for name in rest)}


def test_a_score_with_a_title_like_a_sentence_is_a_score_all_the_same():
    text = TOML.replace('title = "Fit: who they are"', 'title = "Who they are."')

    parts = say_version(Version(number=1, toml=text, published_at=timezone.now()))

    assert [(one.title, one.anchor, len(one.lines)) for one in parts if one.anchor == "score-fit"] == [
        ("Who they are.", "score-fit", 1)
    ]


def test_points_are_said_from_the_least_to_the_most():
    lines = {one.anchor: one for part in say_version(version_of(Path(PLAYBOOK))) for one in part.lines}

    assert lines["criterion-demo-request"].points == "+40"
    assert "−10 to +20" in {one.points for one in lines.values()}
