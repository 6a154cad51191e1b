"""A version in plain words, laid out for a page: what gives points first, with an anchor for each criterion, what it rests on last.

The sentences are the engine's own (`leadline words` prints the same). tests/web/playbooks/test_said.py holds the page to all of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from leadline.engine.arithmetic import POINT
from leadline.engine.playbook.model import AnyCriterion, EventCriterion, FactCriterion
from leadline.engine.playbook.words import say_criterion, say_playbook
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import Compiled, get_plan

_UNTITLED = ("At a glance", "Words and sources")
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
    scores = list(compiled.playbook.scores)
    for number, text in enumerate(say_playbook(compiled.bound).strip().split("\n\n")):
        said = text.splitlines()
        sentences = [line.removeprefix("- ") for line in said if line.startswith("- ")]
        about = [line for line in said if not line.startswith("- ")]
        is_titled = not about[0].endswith(".")
        title = about.pop(0) if is_titled else _title(number, about[0])
        if scores and title.startswith(scores[0].title):
            score = scores.pop(0)
            lines = tuple(_criterion(compiled, one) for one in compiled.playbook.criteria_of(score.id))
            yield Part(score.title, tuple(about), lines, f"score-{score.id}")
        else:
            is_plumbing = not is_titled and number == 1
            yield Part(title, tuple(about), tuple(map(_line, sentences)), f"part-{number}", is_plumbing)


def _title(number: int, sentence: str) -> str:
    """Return what a part is called that the engine gives no title."""
    if number < len(_UNTITLED):
        return _UNTITLED[number]
    return "Hand-off" if sentence.startswith("Hand-off") else "What wipes a score"


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
