"""Runs the cases of a playbook with the reference, and says in what an assessment differs from what was expected."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadline.engine.cases.expect import NONE, Expected, found_in
from leadline.engine.cases.read import Case, read_cases
from leadline.engine.explanation.explain import explain
from leadline.engine.explanation.model import Explanation
from leadline.engine.explanation.text import render_qualification, render_question, render_score
from leadline.engine.lifecycle.history import assess_in_time
from leadline.engine.playbook.check import BoundPlaybook, bind_playbook
from leadline.engine.playbook.load import load_playbook
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the case expects: its place, what was expected, what was found; and why it is so."""

    item: str
    expected: str
    found: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What became of one case.

    line: of the case in *file*. differences: none when it passed. warnings: of the case's own lines.
    """

    name: str
    file: str
    line: int | None
    differences: tuple[Difference, ...]
    warnings: tuple[Problem, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.differences

    def lines(self) -> list[str]:
        """Return the case as lines of text: its name, and every difference with the reason for what was found."""
        place = self.file + (f":{self.line}" if self.line is not None else "")
        said = [f"{'ok    ' if self.passed else 'failed'}  {self.name}  ({place})"]
        width = max((len(one.item) for one in self.differences), default=0)
        for one in self.differences:
            said += [
                f"    {one.item:<{width}}  expected  {one.expected}",
                f"    {'':<{width}}  found     {one.found}",
                *(f"        {line}".rstrip() for line in one.why),
            ]
        return said + [f"    {warning}" for warning in self.warnings]

    def to_dict(self) -> dict[str, Any]:
        """Return the result as values that JSON knows."""
        return {
            "name": self.name,
            "file": self.file,
            "line": self.line,
            "passed": self.passed,
            "differences": [
                {"item": one.item, "expected": one.expected, "found": one.found, "why": list(one.why)}
                for one in self.differences
            ],
            "warnings": [str(warning) for warning in self.warnings],
        }


def run_cases(playbook: str | Path | Playbook, cases_path: str | Path | None = None) -> list[CaseResult]:
    """Run the cases of a playbook and return what became of each, in file order.

    Args:
        playbook: a playbook, or the path of one.
        cases_path: the file of cases; left out, cases.toml beside the playbook.

    Raises:
        ProblemsError: the playbook or the cases cannot be used.
    """
    if not isinstance(playbook, Playbook):
        playbook, _ = load_playbook(playbook)
    bound, _ = bind_playbook(playbook, any_field=True)
    path = Path(playbook.file).with_name("cases.toml") if cases_path is None else cases_path
    cases, warnings = read_cases(path, bound)
    return [run_case(bound, case, file=str(path), warnings=_within(case, cases, warnings)) for case in cases]


def run_case(
    bound: BoundPlaybook, case: Case, *, file: str = "cases.toml", warnings: tuple[Problem, ...] = ()
) -> CaseResult:
    """Assess the lead of a case and compare."""
    assessment = assess_in_time(bound, case.log, case.as_of, as_known=case.as_known)
    differences: list[Difference] = []
    explained: set[str] = set()  # each score and level is explained once
    for one in case.expect:
        found = found_in(assessment, bound.playbook, one.item, one.key)
        if not one.agrees_with(found):
            topics = _topics(bound.playbook, one, found) - explained
            explained |= topics
            why = _explain(explain(bound, assessment), topics)
            differences.append(Difference(one.name, _shown(one.value), _shown(found), tuple(why)))
    return CaseResult(name=case.name, file=file, line=case.line, differences=tuple(differences), warnings=warnings)


def _explain(explanation: Explanation, wanted: set[str]) -> Iterator[str]:
    """Yield the lines of an explanation that are about some scores, levels and questions."""
    for score in explanation.scores:
        if f"score {score.id}" in wanted:
            yield from render_score(score)
    for level in explanation.qualifications:
        if f"level {level.id}" in wanted:
            yield from render_qualification(level)
    for question in explanation.questions:
        if f"question {question.id}" in wanted:
            yield from render_question(question)


def _topics(playbook: Playbook, expected: Expected, found: tuple[str, ...]) -> set[str]:
    """Return the scores, levels and questions that say why something was found."""
    score_of = {criterion.id: f"score {criterion.score}" for criterion in playbook.criteria}
    differing = set(expected.value) ^ set(found)
    match expected.item:
        case "scores" | "low" | "high" | "coverage":
            return {f"score {expected.key}"}
        case "contributions":
            return {score_of[expected.key]}
        case "unknown" | "reasons":
            return {score_of[one] for one in differing}
        case "grade":
            return {f"score {score}" for score in playbook.grade}
        case "qualifications" | "stays":
            return {f"level {level}" for level in differing}
        case "questions":
            return {f"question {expected.key}"}
        case _:
            return set()


def _shown(values: tuple[str, ...]) -> str:
    return ", ".join(values) or NONE


def _within(case: Case, cases: list[Case], warnings: list[Problem]) -> tuple[Problem, ...]:
    """Return the warnings that stand in the lines of a case."""
    starts = sorted(one.line or 0 for one in cases)
    begins = case.line or 0
    ends = min((start for start in starts if start > begins), default=None)
    return tuple(one for one in warnings if begins <= (one.line or 0) and (ends is None or (one.line or 0) < ends))
