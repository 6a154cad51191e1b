"""What is wrong, where, and how to mend it.

A problem is a value, not an exception: a file is read to its end and everything wrong with it
is told at once. Each kind has a stable code, which tests and scripts may rely on; the sentence is
for people and may change. All codes stand in `CODES`, with what they mean.
"""

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

Severity = Literal["error", "warning"]

CODES: dict[str, str] = {
    # the file itself
    "unreadable-file": "The file cannot be opened or is not text in UTF-8.",
    "toml-syntax": "The file is not valid TOML.",
    "too-large": "The file, a list or a condition is larger than the language allows.",
    # keys and values
    "unknown-key": "A key that the language does not have.",
    "missing-key": "A key that is needed here is missing.",
    "conflicting-keys": "Two keys that exclude each other stand together.",
    "wrong-type": "A value of another type than this key takes.",
    "bad-value": "A value that this key cannot have.",
    "bad-id": "An id that is not made of letters, digits, '_' and '-', or is reserved.",
    "duplicate-id": "Two things of one kind have the same id.",
    # conditions
    "condition-syntax": "The condition cannot be read.",
    "unknown-field": "A field that neither the data nor [fields] has.",
    "unknown-event": "An event that neither the data nor [events] has.",
    "unknown-property": "A property that neither the data nor [events.X] properties has.",
    "unknown-list": "A list that [lists] does not have.",
    "unknown-score": "A score that [scores] does not have.",
    "unknown-question": "A question that [questions] does not have.",
    "unknown-qualification": "A qualification that [[qualifications]] does not have.",
    "unknown-outcome": "An outcome that is neither built in nor in [outcomes].",
    "ambiguous-name": "A bare name that could mean two things.",
    "not-readable-here": "Something that this kind of condition may not read.",
    "type-mismatch": "Two sides of a comparison, or a function and its argument, are of different types.",
    # scores
    "score-cycle": "A sum_of that leads back to itself.",
    "unreachable-grade": "A grade that no lead can get.",
    "unreachable-threshold": "A comparison with a score that can never be true.",
    "no-criteria": "A score that nothing adds to.",
    # what data shows (warnings)
    "value-not-in-data": "A text that does not occur in the data: perhaps a typing mistake.",
    "event-not-in-data": "A declared event that has not occurred yet.",
    "field-not-in-data": "A declared field that no input carries yet.",
    "never-true": "A condition that is true for nobody in the data.",
    "always-true": "A condition that is true for everybody in the data.",
    "no-forgetting": "An event criterion without decay or within: it never forgets.",
    # inputs
    "missing-input": "An input that is needed was not given.",
    "missing-column": "A column that this input must have is missing.",
    "duplicate-column": "Two columns of one name.",
    "empty-file": "A file of no bytes.",
    "wrong-encoding": "A file that is not UTF-8.",
    "unbalanced-quote": "A quoted cell that never ends.",
    "unreadable-table": "A file or table that cannot be read as what its name says.",
    "unsupported-file": "A file whose ending is none of those that are read.",
    "unknown-lead": "A lead that is not among the leads.",
    "roll-up": "A roll-up that does not fit the playbook or the question.",
    "engine-failed": "The database, or Spark, cannot be reached, does not allow it, or stopped.",
    "not-on-this-engine": "Something that this engine or dialect cannot do.",
    "bad-case": "A case that cannot be read.",
    "bad-amendment": "A merge, a mark or an erasure that makes no sense after what was said before it.",
    # the app and its installation
    "not-installed": "A package or a program that this needs is not installed.",
    "no-installation": "There is no installation of the app in this folder.",
    "not-migrated": "The tables are not those of this version of Leadline.",
    "is-running": "The app, or its worker, is running on this installation.",
    "approval-needed": "marketing and sales have to approve this text of the playbook before it is published",
    "port-taken": "The app cannot be reached at this port or address.",
    "gave-up": "The web server or the worker ended again and again.",
    "file-exists": "A file would have been written over.",
    "bad-backup": "A file that is no backup, or none that this installation can take.",
    "already-taken": "A lead that somebody else works on, or has decided about.",
    "not-possible": "Something that cannot be done with a lead as it stands in the queue.",
    "holds-data": "An installation that holds something would have been lost.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong.

    code:     one of `CODES`; stable.
    message:  what was found and how to mend it, in a sentence.
    where:    the place inside the file, such as ``criteria.size.when``.
    file:     the file's name as the user gave it, or "".
    line:     the line in that file, from 1, when there is one.
    severity: an *error* stops; a *warning* is told.
    """

    code: str
    message: str
    where: str = ""
    file: str = ""
    line: int | None = None
    severity: Severity = "error"

    def __post_init__(self) -> None:
        assert self.code in CODES, self.code

    def __str__(self) -> str:
        """Return the problem as one line.

        >>> print(Problem(code="unknown-key", message="There is no key 'point'.", where="criteria.size",
        ...               file="playbook.toml", line=41))
        playbook.toml:41  unknown-key  criteria.size: There is no key 'point'.
        """
        place = self.file + (f":{self.line}" if self.line is not None else "")
        code = self.code if self.severity == "error" else f"{self.code} (warning)"
        return "  ".join(
            part for part in (place, code, f"{self.where}: {self.message}" if self.where else self.message) if part
        )

    def in_file(self, file: str) -> "Problem":
        """Return the same problem with its file named."""
        return replace(self, file=file)


class ProblemsError(Exception):
    """Something given by a person cannot be used; all that is wrong with it, at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        assert self.problems, "a ProblemsError needs a problem"
        super().__init__("\n".join(str(problem) for problem in self.problems))


def suggest(wrong: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` for the known name nearest to *wrong*, or what there is, or nothing.

    >>> suggest("employes", ["employees", "industry"])
    " Did you mean 'employees'?"
    >>> suggest("zzz", ["employees", "industry"])
    " There is: 'employees', 'industry'."
    >>> suggest("zzz", [])
    ''
    """
    names = sorted(set(known))
    near = difflib.get_close_matches(wrong, names, n=1, cutoff=0.6)
    if near:
        return f" Did you mean '{near[0]}'?"
    if not names:
        return ""
    shown = ", ".join(f"'{name}'" for name in names[:8])
    return f" There is: {shown}{', …' if len(names) > 8 else ''}."


def how_to_install(extras: str) -> str:
    """Return the command that adds extras to Leadline, by how it was installed: from a clone, or by its name."""
    return f"pip install '.[{extras}]' in the clone" if is_from_clone() else f"pip install 'leadline[{extras}]'"


@cache
def is_from_clone() -> bool:
    """Return whether Leadline was installed from a folder, and not by its name."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        origin = json.loads(distribution("leadline").read_text("direct_url.json") or "{}")
    except PackageNotFoundError:  # run from its source, never installed
        return True
    return "dir_info" in origin
