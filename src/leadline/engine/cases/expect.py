"""What a case expects, and what an assessment has in that place, both in words that can be compared and shown.

An item is one thing that can be expected: a score, the grade, the qualifications. `read_expectations` reads the
expected from a case, `found_in` takes the same from an assessment; run.py compares the two.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from leadline.engine.arithmetic import plain_points, to_units
from leadline.engine.expressions.bind import ANSWERS
from leadline.engine.playbook.model import Playbook
from leadline.engine.playbook.table import Table
from leadline.engine.problems import suggest
from leadline.engine.reference.assess import largest_contributions
from leadline.engine.reference.result import Assessment

NONE = "none"
"""What is shown where there is nothing: no persona, no reasons."""

MAX_REASONS = 3
_MAX_POINTS = 10**9


@dataclass(frozen=True, slots=True)
class Expected:
    """One thing that a case expects.

    item:  what: ``scores``, ``grade`` …
    key:   of which score, question or criterion; "" where there is but one.
    value: as it is shown; several for a list.
    """

    item: str
    key: str
    value: tuple[str, ...]

    @property
    def name(self) -> str:
        """The place in the case: ``scores.fit``."""
        return f"{self.item}.{self.key}" if self.key else self.item

    def agrees_with(self, found: tuple[str, ...]) -> bool:
        """Return whether this is what was found. Reasons agree when they are the first ones; none means none."""
        if self.item == "reasons" and self.value:
            return found[: len(self.value)] == self.value
        return found == self.value


def found_in(assessment: Assessment, playbook: Playbook, item: str, key: str) -> tuple[str, ...]:
    """Return what an assessment has in the place of an item."""
    match item:
        case "scores" | "low" | "high" | "coverage":
            score = assessment.scores.get(key)
            if score is None:
                return (NONE,)
            endless = {"low": "-inf", "high": "inf"}
            units = {"scores": score.units, "low": score.low, "high": score.high, "coverage": score.coverage}[item]
            return (endless[item] if units is None else plain_points(units),)
        case "contributions":
            contribution = assessment.contributions.get(key)
            return (NONE if contribution is None else plain_points(contribution.units),)
        case "questions":
            return (assessment.answers.get(key, NONE),)
        case "grade" | "persona" | "excluded_by":
            return (getattr(assessment, item) or NONE,)
        case "qualifications" | "stays":
            holds = getattr(assessment, item)
            return tuple(level.id for level in playbook.qualifications if holds.get(level.id))
        case "reasons":
            return tuple(one.criterion_id for one in largest_contributions(assessment, MAX_REASONS))
        case "unknown":
            return tuple(one.criterion_id for one in assessment.contributions.values() if one.is_unknown)
    raise AssertionError(item)


def read_expectations(case: Table, playbook: Playbook) -> tuple[Expected, ...]:
    """Return what a case expects, in the order of writing; problems are noted."""
    table = case.table("expect", required=True, words="a table such as { scores = { fit = 50 } }")
    if table is None:
        return ()
    reader = _Reader(table, playbook)
    read: dict[str, Callable[[str], Iterable[Expected]]] = {
        "scores": reader.points_of_scores,
        "low": reader.points_of_scores,
        "high": reader.points_of_scores,
        "coverage": reader.points_of_scores,
        "contributions": reader.contributions,
        "questions": reader.questions,
        "grade": reader.one_word,
        "persona": reader.one_word,
        "excluded_by": reader.one_word,
        "qualifications": reader.several,
        "stays": reader.several,
        "reasons": reader.several,
        "unknown": reader.several,
    }
    for item in read:
        table.has(item)
    found = [one for item in table.values if item in read for one in read[item](item)]
    if not table.values:
        table.note("bad-case", "a case expects something: scores, grade, qualifications …")
    table.finish()
    return tuple(found)


class _Reader:
    def __init__(self, table: Table, playbook: Playbook) -> None:
        self.table = table
        self.scores = [score.id for score in playbook.scores]
        self.asked = [question.id for question in playbook.questions]
        self.levels = [level.id for level in playbook.qualifications]
        self.criteria = [criterion.id for criterion in playbook.criteria]
        self.personas = [persona.id for persona in playbook.personas]
        self.exclusions = [exclusion.id for exclusion in playbook.exclusions]

    def is_known(self, table: Table, key: str, name: str, known: list[str], what: str) -> bool:
        """Return whether there is such a name; complain when not."""
        if name in known:
            return True
        code = f"unknown-{what}" if what in ("score", "question", "qualification") else "bad-case"
        table.note(code, f"there is no {what} '{name}'.{suggest(name, known)}", key)
        return False

    def points_of_scores(self, item: str) -> Iterable[Expected]:
        holder = self.table.table(item, words="a table such as { fit = 50 }")
        for name in holder.values if holder else ():
            assert holder is not None
            holder.has(name)
            if self.is_known(holder, name, name, self.scores, "score"):
                text = _endless(holder.values[name], item) or self.number(
                    holder, name, 1 if item == "coverage" else None
                )
                if text is not None:
                    yield Expected(item, name, (text,))

    def number(self, table: Table, key: str, most: int | None = None) -> str | None:
        number = table.number(key, most or _MAX_POINTS)
        return None if number is None else plain_points(to_units(number))

    def contributions(self, item: str) -> Iterable[Expected]:
        holder = self.table.table(item, words="a table such as { company-size = 25 }")
        for name in holder.values if holder else ():
            assert holder is not None
            if self.is_known(holder, name, name, self.criteria, "criterion"):
                text = self.number(holder, name)
                if text is not None:
                    yield Expected(item, name, (text,))

    def questions(self, item: str) -> Iterable[Expected]:
        holder = self.table.table(item, words='a table such as { budget = "yes" }')
        for name in holder.values if holder else ():
            assert holder is not None
            if self.is_known(holder, name, name, self.asked, "question"):
                answer = holder.choice(name, ANSWERS, "")
                if answer:
                    yield Expected(item, name, (answer,))

    def one_word(self, item: str) -> Iterable[Expected]:
        value = self.table.values[item]
        if not isinstance(value, str):
            self.table.text(item, words="a text; an empty one for none")
            return
        known = {"persona": self.personas, "excluded_by": [*self.exclusions, "consent"]}.get(item)
        what = "exclusion" if item == "excluded_by" else item
        if not value or known is None or self.is_known(self.table, item, value, known, what):
            yield Expected(item, "", (value or NONE,))

    def several(self, item: str) -> Iterable[Expected]:
        names = self.table.texts(item)
        is_of_levels = item in ("qualifications", "stays")
        known, what = (self.levels, "qualification") if is_of_levels else (self.criteria, "criterion")
        strange = [name for name in names if not self.is_known(self.table, item, name, known, what)]
        if strange:
            return
        if item == "reasons" and len(names) > MAX_REASONS:
            self.table.note("bad-case", f"there are at most {MAX_REASONS} reasons.", item)
            return
        in_order = names if item == "reasons" else tuple(name for name in known if name in names)
        yield Expected(item, "", in_order)


def _endless(value: Any, item: str) -> str | None:
    """Return a bound that does not exist, written -inf or inf."""
    if item in ("low", "high") and isinstance(value, Decimal) and value.is_infinite():
        return "-inf" if value < 0 else "inf"
    return None
