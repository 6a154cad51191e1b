"""What there is to say of the text of a playbook and of its cases before anybody publishes them: all of it at once.

Publishing, drafts and the API's check all ask here. tests/web/playbooks/test_checking.py guards it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from leadline.engine.cases.run import CaseResult
from leadline.engine.problems import Problem, ProblemsError
from leadline.web.playbooks.actions import check_playbook, run_cases_of
from leadline.web.playbooks.queries import Compiled

CASES = "cases.toml"


@dataclass(frozen=True, slots=True)
class ShownProblem:
    """A problem beside what stands in its line."""

    problem: Problem
    text: str

    @property
    def is_of_cases(self) -> bool:
        """Whether it stands in the cases, not in the playbook."""
        return self.problem.file == CASES


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What came out. compiled: what the playbook comes to; None where it cannot be used. failed, passed: its cases.

    warnings: what is usable and most likely not meant, such as a criterion that never forgets.
    """

    compiled: Compiled | None
    problems: tuple[ShownProblem, ...] = ()
    warnings: tuple[ShownProblem, ...] = ()
    failed: tuple[CaseResult, ...] = ()
    passed: int = 0

    @property
    def is_usable(self) -> bool:
        """Whether it could be published."""
        return not self.problems and not self.failed

    @property
    def cases(self) -> int:
        """How many cases were run."""
        return len(self.failed) + self.passed


def check_texts(toml: str, cases: str = "") -> Checked:
    """Check a playbook, and run its cases where it can be used. Nothing is written."""
    try:
        compiled = check_playbook(toml)
    except ProblemsError as error:
        return Checked(compiled=None, problems=tuple(beside(error.problems, toml, cases)))
    warnings = tuple(beside(compiled.warnings, toml, cases))
    try:
        results = run_cases_of(compiled.playbook, cases) if cases.strip() else []
    except ProblemsError as error:
        return Checked(compiled=compiled, problems=tuple(beside(error.problems, toml, cases)), warnings=warnings)
    failed = tuple(one for one in results if not one.passed)
    return Checked(compiled=compiled, warnings=warnings, failed=failed, passed=len(results) - len(failed))


def beside(problems: Iterable[Problem], toml: str, cases: str) -> Iterator[ShownProblem]:
    """Yield problems, each with the text of its line."""
    for problem in problems:
        lines = (cases if problem.file == CASES else toml).splitlines()
        has_line = problem.line is not None and problem.line <= len(lines)
        yield ShownProblem(problem, lines[problem.line - 1] if has_line and problem.line else "")
