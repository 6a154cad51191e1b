"""A version in plain words, laid out for a page: what gives points first, with an anchor for each criterion, what it rests on last.

The sentences are the engine's own (`leadline words` prints the same). tests/web/playbooks/test_said.py holds the page to all of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from leadline.engine.arithmetic import POINT
from leadline.engine.playbook.model import AnyCriterion, EventCriterion, FactCriterion
from leadline.engine.playbook.words import say_criterion, say_parts
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import Compiled, get_plan

_UNTITLED = {
    "playbook": "At a glance",
    "words": "Words and sources",
    "resets": "What wipes a score",
    "handoff": "Hand-off",
}
"""What parts are called that the engine gives no title."""

_LONGEST_TITLE = 90


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence with what it is about, where it says so. points: what a criterion gives, as ``+20`` or ``−10 to +20``."""

    title: str
    text: str
    anchor: str = ""
    points: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a playbook: a title, sentences about the whole of it, and its lines one by one.

    is_plumbing: what the rest is built on, which few want to read: folded, at the end.
    """

    title: str
    about: tuple[str, ...]
    lines: tuple[Line, ...]
    anchor: str
    is_plumbing: bool = False


def say_version(version: Version) -> list[Part]:
    """Return a version in plain words, part by part."""
    parts = list(_parts(get_plan(version)))
    return sorted(parts, key=lambda one: one.is_plumbing)


def _parts(compiled: Compiled) -> Iterator[Part]:
    scores = {f"scores.{one.id}": one for one in compiled.playbook.scores}
    for name, said in say_parts(compiled.bound):
        sentences = [line.removeprefix("- ") for line in said if line.startswith("- ")]
        about = [line for line in said if not line.startswith("- ")]
        title = _UNTITLED.get(name) or about.pop(0)
        anchor = anchor_of(name)
        if name in scores:
            score = scores[name]
            lines = tuple(_criterion(compiled, one) for one in compiled.playbook.criteria_of(score.id))
            yield Part(score.title, tuple(about), lines, anchor)
        else:
            yield Part(title, tuple(about), tuple(map(_line, sentences)), anchor, is_plumbing=name == "words")


def anchor_of(part: str) -> str:
    """Return where a part stands on the page: ``score-fit`` for ``scores.fit``, else such as ``part-stages``."""
    table, _, score = part.partition(".")
    return f"score-{score}" if table == "scores" else f"part-{table}"


def _line(sentence: str) -> Line:
    title, colon, text = sentence.partition(": ")
    return Line(title, text) if colon and len(title) <= _LONGEST_TITLE else Line("", sentence)


def _criterion(compiled: Compiled, criterion: AnyCriterion) -> Line:
    text = say_criterion(compiled.bound, criterion)
    return Line(criterion.why, text[:1].upper() + text[1:], f"criterion-{criterion.id}", _points(criterion))


def _points(criterion: AnyCriterion) -> str:
    """Return the points that a criterion gives, from the least to the most, with their signs."""
    match criterion:
        case FactCriterion():
            found = [float(choice.points) / POINT for choice in criterion.choices]
        case EventCriterion():
            found = [float(criterion.points)]
        case _:
            found = [float(criterion.points) / POINT]
    return " to ".join(_signed([min(found), *([max(found)] if len(set(found)) > 1 else [])]))


def _signed(numbers: Iterable[float]) -> Iterator[str]:
    for one in numbers:
        yield f"{one:+g}".replace("-", "−")
