"""A condition as a Python expression that is True, False or None.

`evaluate.py` is what a condition means; this says the same in one expression without calls where it can, for speed.
"""

from collections.abc import Callable
from itertools import count
from typing import assert_never

from leadline.engine.expressions import nodes as n

Variable = Callable[[n.Term], str]
_SIGNS = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_TESTS = {"starts_with": "{}.startswith({})", "ends_with": "{}.endswith({})", "contains": "{1} in {0}"}


class ConditionWriter:
    """Writes conditions as Python; *variable* names the variable that holds a term, None in it meaning unknown."""

    def __init__(self, variable: Variable) -> None:
        self.variable = variable
        self._names = count()

    def write(self, condition: n.Condition) -> str:
        """Return an expression for a condition."""
        match condition:
            case n.Compare(left, sign, right):
                return self.known([left, right], f"{self.term(left)} {_SIGNS[sign]} {self.term(right)}")
            case n.Between(term, low, high):
                return self.write(n.AllOf((n.Compare(term, ">=", low), n.Compare(term, "<=", high))))
            case n.Among(term, values, _):
                listed = repr(frozenset(entry.value for entry in values)) if values else "()"
                return self.known([term], f"{self.term(term)} in {listed}")
            case n.Like(term, pattern, _):
                return self.known([term], f"matches({self.term(term)}, {pattern!r})")
            case n.TextTest(how, term, part):
                return self.known([term], _TESTS[how].format(self.term(term), repr(part.value)))
            case n.Has(field, entry):
                return self.known([field], f"{entry.value!r} in {self.term(field)}")
            case n.IsNull(term):
                return f"({self.term(term)} is None)"
            case n.Holds(term):
                return self.term(term)
            case n.IsTrue(part):
                return f"({self.write(part)} is True)"
            case n.Not(part):
                name = f"x{next(self._names)}"
                return f"(None if ({name} := {self.write(part)}) is None else not {name})"
            case n.AllOf(parts):
                return self.several(parts, "False", "True")
            case n.AnyOf(parts):
                return self.several(parts, "True", "False")
            case _:
                assert_never(condition)

    def several(self, parts: tuple[n.Condition, ...], decisive: str, otherwise: str) -> str:
        """Return AND or OR: a part that is *decisive* decides; else an unknown one makes it unknown."""
        names = [f"x{next(self._names)}" for _ in parts]
        tests = " or ".join(
            f"({name} := {self.write(part)}) is {decisive}" for name, part in zip(names, parts, strict=True)
        )
        unknown = " or ".join(f"{name} is None" for name in names)
        return f"({decisive} if {tests} else None if {unknown} else {otherwise})"

    def known(self, terms: list[n.Term], expression: str) -> str:
        """Return None where a term is unknown, else the expression."""
        unknown = " or ".join(f"{self.term(term)} is None" for term in terms if not isinstance(term, n.Literal))
        return f"(None if {unknown} else {expression})"

    def term(self, term: n.Term) -> str:
        """Return the variable of a term, or the literal."""
        return repr(term.value) if isinstance(term, n.Literal) else self.variable(term)
