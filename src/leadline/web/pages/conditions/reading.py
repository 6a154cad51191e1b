"""Reads a filter: the condition that a text means for a workspace, or everything that is wrong with it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.bind import bind
from leadline.engine.expressions.vocabulary import Complaint
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.problems import Problem, suggest
from leadline.web.accounts.models import Workspace
from leadline.web.pages.conditions.names import (
    Known,
    events_of,
    find_known,
    find_rare,
    is_assessed,
    vocabulary_of,
    words_of_assessed,
)
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import Compiled, get_plan

MOST_LETTERS = 2_000
"""A filter stands in an address, which browsers and proxies cut beyond some thousand characters."""
_QUOTED = re.compile(r"'([^']+)'")
_BEFORE = re.compile(r"^(?:compares )?([\w.]+|\w+\([^)]*\)) ")
_FUNCTION = re.compile(r"\b(\w+)\(\)")
_IS_PLACED = re.compile(r"at character \d")


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition that can be asked; *bound* says how values are read that only it speaks of."""

    text: str
    condition: n.Condition
    compiled: Compiled
    bound: BoundPlaybook


Problems = tuple[Problem, ...]


def read_filter(workspace: Workspace, version: Version, text: str) -> Filter | Problems:
    """Return what a text means by the words of a version of the playbook, or all that is wrong with it, in the order of its text."""
    if len(text) > MOST_LETTERS:
        message = f"The condition has {len(text)} characters; as a filter it has at most {MOST_LETTERS}."
        return (Problem(code="too-large", message=message),)
    if not text.strip():
        return (Problem(code="condition-syntax", message="The condition is empty: write one, such as country = 'DE'."),)
    compiled, known = get_plan(version), find_known(workspace)
    vocabulary = vocabulary_of(compiled, known)
    vocabulary.is_learning = True  # the kind of a field may be told by a later use
    bind(text, "levels", vocabulary)
    vocabulary.is_learning = False
    found = bind(text, "levels", vocabulary)
    if isinstance(found, list):
        return _in_order(text, (_problem(text, one) for one in found))
    unknown = [*_unknown(compiled, workspace, known, found)]
    if problems := [*unknown, *_never(compiled, found)]:
        return _in_order(text, (_problem(text, one) for one in problems))
    bound = BoundPlaybook(compiled.playbook, compiled.bound.catalog, compiled.bound.tests, dict(vocabulary.inferred))
    return Filter(text, found, compiled, bound)


def _unknown(compiled: Compiled, workspace: Workspace, known: Known, condition: n.Condition) -> Iterator[Complaint]:
    """Complain about names that nothing is known of."""
    terms = n.terms_of(condition)
    own = compiled.bound.kinds
    known = find_rare(workspace, known, terms)
    vocabulary = vocabulary_of(compiled, known)
    fields = {"lead": vocabulary.catalog.lead, "company": vocabulary.catalog.company}
    events = events_of(compiled, known)
    for term in terms:
        match term:
            case n.Field(scope, name) if name not in fields[scope] and (scope, name) not in own:
                if scope == "lead" and name in known.lead:  # called like a score, and written lead.x
                    continue
                if not name.startswith(("model.", "consent.")):
                    yield Complaint(
                        "unknown-field", f"there is no field '{n.name_of_term(term)}'.{_nearest(compiled, known, term)}"
                    )
            case n.Count(name) | n.ActiveDays(name) | n.DaysSinceEvent(name) if name != "*" and name not in events:
                yield Complaint("unknown-event", f"there is no event '{name}'.{suggest(name, events)}")


def _nearest(compiled: Compiled, known: Known, field: n.Field) -> str:
    vocabulary = vocabulary_of(compiled, known)
    if field.scope == "lead" and field.name in vocabulary.catalog.company:
        return f" The company has one: write company.{field.name}."
    names = {*vocabulary.catalog.lead, *vocabulary.scores, *vocabulary.questions}
    if field.scope == "company":
        return suggest(f"company.{field.name}", (f"company.{name}" for name in vocabulary.catalog.company))
    return suggest(field.name, names)


def _never(compiled: Compiled, condition: n.Condition) -> Iterator[Complaint]:
    """Complain about stages, personas, qualifications and exclusions that there are not."""
    waiting: list[n.Condition | n.Term] = [condition]
    while waiting:
        item = waiting.pop(0)
        if not isinstance(item, n.Condition):
            continue
        parts = n.parts_of(item)
        waiting[:0] = parts
        fields = [one for one in parts if isinstance(one, n.Field) and is_assessed(compiled, one)]
        if not fields or not isinstance(item, n.Compare | n.Among | n.Has):
            continue
        words = words_of_assessed(compiled.playbook, fields[0].name)
        for one in parts:
            if words and isinstance(one, n.Literal) and one.value not in words:
                name = fields[0].name
                yield Complaint("bad-value", f"{name} is never {one.shown}.{suggest(str(one.value), words.values())}")


def _problem(text: str, complaint: Complaint) -> Problem:
    """Return a complaint with where in the text it is about; of what cannot be read at all, the sentence says it already."""
    message = complaint.message
    at = None if _IS_PLACED.match(message) else _place(text, message)
    message = message[:1].upper() + message[1:] if at is None else f"At character {at + 1}: {message}"
    return Problem(code=complaint.code, message=message)


def _place(text: str, message: str) -> int | None:
    """Return where what a sentence speaks of first stands in the text: a function, written ``now()``, or a name."""
    function = _FUNCTION.search(message)
    if function and (found := re.search(rf"\b{re.escape(function[1])}\s*\(", text)):
        return found.start()
    before = _BEFORE.match(message)
    names = [before[1]] if before else []
    names += _QUOTED.findall(message)
    places = [text.find(name) for name in names]
    return next((one for one in places if one >= 0), None)


def _in_order(text: str, problems: Iterable[Problem]) -> Problems:
    def place(problem: Problem) -> int:
        found = re.match(r"At character (\d+):", problem.message)
        return int(found[1]) if found else 0

    return tuple(sorted(dict.fromkeys(problems), key=place))
