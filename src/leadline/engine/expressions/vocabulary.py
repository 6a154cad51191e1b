"""What the words of a condition can be: the closed lists of the language, and the names that a playbook gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from leadline.engine.catalog import Catalog
from leadline.engine.expressions import nodes as n

Place = Literal["event", "facts", "levels"]
"""Where a condition stands: about an event; about facts, counts and history; or in a qualification."""

HISTORY_WORDS: tuple[Literal["decision", "deal", "reason"], ...] = ("decision", "deal", "reason")
DECISIONS = ("accepted", "rejected", "recycled", "disqualified", "bad_data", "reinstated")
DEALS = ("opportunity", "won", "lost", "churned")
BUILT_IN_OUTCOMES = (*DECISIONS, *DEALS, "evangelist")
ANSWERS = ("yes", "partly", "no", "unknown")
FUNCTIONS = ("count", "active_days", "days_since", "days_since_outcome", "spells")
TESTS = ("starts_with", "ends_with", "contains", "has")
RESERVED = ("lead", "company", "event", "model", "consent", "questions", *HISTORY_WORDS, "answered_yes")


@dataclass(slots=True)
class Vocabulary:
    """What the names in a playbook's conditions can mean.

    inferred:   kinds that fields without a known type take from their use, by (scope, name); filled while binding.
    any_field:  whether every name in a qualification may be a field that nobody has seen, even one that looks like a score.
    is_learning: the first time through all conditions, when a kind may still be told by a later use.
    """

    catalog: Catalog
    lists: Mapping[str, tuple[str, ...]]
    scores: Mapping[str, tuple[str, ...]]  # score id → its grades
    questions: tuple[str, ...]
    qualifications: tuple[str, ...]
    outcomes: tuple[str, ...]
    inferred: dict[tuple[str, str], n.Kind] = field(default_factory=dict)
    any_field: bool = False
    is_learning: bool = False


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong in one condition: a code of problems.py, and a sentence."""

    code: str
    message: str
