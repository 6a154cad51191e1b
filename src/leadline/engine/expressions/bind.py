"""Gives a condition its meaning and checks the types, or says everything that is wrong with it.

terms.py gives the names their meaning; here terms become conditions. Nothing can go in circles, since qualifications read
scores and answers but never each other, and the daily roll-up of events never depends on facts.
"""

from typing import TYPE_CHECKING, Literal, cast

from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.parse import ConditionSyntaxError, as_tree, parse, unquote, without_wrapping
from leadline.engine.expressions.terms import (
    A_KIND,
    TermBinder,
    Unbound,
)
from leadline.engine.expressions.vocabulary import (
    ANSWERS,
    BUILT_IN_OUTCOMES,
    DEALS,
    DECISIONS,
    FUNCTIONS,
    HISTORY_WORDS,
    RESERVED,
    TESTS,
    Complaint,
    Place,
    Vocabulary,
)
from leadline.engine.problems import suggest
from leadline.engine.values import text_key

if TYPE_CHECKING:
    import lark

__all__ = [
    "ANSWERS", "BUILT_IN_OUTCOMES", "DEALS", "DECISIONS", "FUNCTIONS", "HISTORY_WORDS", "RESERVED", "TESTS",
    "Complaint", "Place", "Vocabulary", "bind",
]  # fmt: skip


def bind(
    text: str, place: Place, vocabulary: Vocabulary, events: tuple[str, ...] = ()
) -> "n.Condition | list[Complaint]":
    """Return the condition that *text* means at *place*, or all complaints about it.

    *events*: for a condition about an event, the names that the event may have.
    """
    try:
        tree = parse(text)
    except ConditionSyntaxError as error:
        return [Complaint("condition-syntax", f'at character {error.column} of "{_short(text)}": {error}.')]
    binder = _Binder(place, vocabulary, events)
    try:
        condition = binder.condition(tree)
    except Unbound:
        return binder.complaints
    return binder.complaints or condition


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= 80 else one_line[:79] + "…"


class _Binder(TermBinder):
    def condition(self, tree: "lark.Tree[lark.Token]") -> n.Condition:
        children = tree.children
        match str(tree.data):
            case "any_of" | "all_of":
                return self.several(tree)
            case "negate":
                return n.Not(self.condition(as_tree(children[0])))
            case "compare":
                return self.compare(as_tree(children[0]), str(children[1]), as_tree(children[2]))
            case "among" | "not_among":
                term, *values = children
                return self.maybe_not(tree, self.among(as_tree(term), [as_tree(value) for value in values]))
            case "among_list" | "not_among_list":
                return self.maybe_not(tree, self.among_list(as_tree(children[0]), unquote(children[1])))
            case "between" | "not_between":
                return self.maybe_not(tree, self.between(*(as_tree(child) for child in children)))
            case "like" | "not_like":
                return self.maybe_not(tree, self.like(as_tree(children[0]), unquote(children[1])))
            case "is_null" | "is_not_null":
                return self.maybe_not(tree, n.IsNull(self.not_literal(self.term(as_tree(children[0]), None))))
            case "is_truth" | "is_not_truth":
                part: n.Condition = self.condition_or_term(as_tree(children[0]))
                if str(children[1]).lower() == "false":
                    part = n.Not(part)
                return self.maybe_not(tree, n.IsTrue(part))
            case "holds":
                return self.holds(as_tree(children[0]))
        raise AssertionError(tree.data)

    def several(self, tree: "lark.Tree[lark.Token]") -> n.Condition:
        parts: list[n.Condition] = []
        for child in tree.children:
            try:  # so that every part of the condition is complained about
                parts.append(self.condition(as_tree(child)))
            except Unbound:
                continue
        if len(parts) < len(tree.children):
            raise Unbound
        if len(parts) == 1:
            return parts[0]
        return n.AnyOf(tuple(parts)) if tree.data == "any_of" else n.AllOf(tuple(parts))

    @staticmethod
    def maybe_not(tree: "lark.Tree[lark.Token]", condition: n.Condition) -> n.Condition:
        return n.Not(condition) if "not_" in str(tree.data) else condition

    def condition_or_term(self, tree: "lark.Tree[lark.Token]") -> n.Condition:
        return (
            self.holds(tree)
            if str(tree.data) in ("name", "call", "truth", "text", "number", "date")
            else self.condition(tree)
        )

    def compare(self, left: "lark.Tree[lark.Token]", sign: str, right: "lark.Tree[lark.Token]") -> n.Condition:
        one, other = self.alike(left, right, is_ordered=sign not in ("=", "<>"))
        if isinstance(one, n.Literal) and isinstance(other, n.Literal):
            raise self.fail("condition-syntax", f"compares {one.shown} with {other.shown} and reads nothing.")
        kind = n.kind_of(one)
        if kind == "list":
            raise self.fail("type-mismatch", f"{n.name_of_term(one)} is a list: ask has({n.name_of_term(one)}, '…').")
        if kind in ("text", "boolean") and sign not in ("=", "<>"):
            raise self.fail(
                "type-mismatch",
                f"{n.name_of_term(one)} {sign} {n.name_of_term(other)}: {A_KIND[kind]} is compared with = or <> only, not with {sign}.",
            )
        self.check_words(one, other)
        self.check_words(other, one)
        return n.Compare(one, cast(n.Operator, sign), other)

    def alike(
        self, left: "lark.Tree[lark.Token]", right: "lark.Tree[lark.Token]", *, is_ordered: bool
    ) -> tuple[n.Term, n.Term]:
        """Return both terms, of one kind; each may tell the other's. Where nothing tells, what is ordered is a number."""
        hint = self.kind_told_by(left) or self.kind_told_by(right)
        if hint is None and is_ordered and not self.vocabulary.is_learning:
            hint = "number"
        one, other = self.term(left, hint), self.term(right, hint)
        self.of_kind(other, n.kind_of(one), n.name_of_term(one), one)
        return one, other

    def kind_told_by(self, tree: "lark.Tree[lark.Token]") -> n.Kind | None:
        """Return the kind of a term, where it can be told without its neighbour."""
        known: dict[str, n.Kind] = {"text": "text", "number": "number", "truth": "boolean", "date": "day"}
        if str(tree.data) in known:
            return known[str(tree.data)]
        if tree.data == "call":
            return "number"
        return self.name_kind(tree)

    def between(self, *trees: "lark.Tree[lark.Token]") -> n.Condition:
        term, low = self.alike(trees[0], trees[1], is_ordered=True)
        _, high = self.alike(trees[0], trees[2], is_ordered=True)
        if n.kind_of(term) not in ("number", "day"):
            raise self.fail(
                "type-mismatch",
                f"{n.name_of_term(term)} is {A_KIND[n.kind_of(term)]}: 'between' takes numbers or dates.",
            )
        self.not_literal(term)
        if isinstance(low, n.Literal) and isinstance(high, n.Literal) and low.value > high.value:  # type: ignore[operator]
            raise self.fail(
                "bad-value", f"nothing lies between {low.shown} and {high.shown}: the lower end comes first."
            )
        return n.Between(term, low, high)

    def among(self, tree: "lark.Tree[lark.Token]", values: "list[lark.Tree[lark.Token]]") -> n.Condition:
        term = self.not_literal(self.term(tree, self.kind_told_by(values[0])))
        if n.kind_of(term) == "list":
            raise self.fail("type-mismatch", f"{n.name_of_term(term)} is a list: ask has({n.name_of_term(term)}, '…').")
        literals = []
        for value in values:
            literal = self.literal(value)
            self.of_kind(literal, n.kind_of(term), n.name_of_term(term), term)
            self.check_words(term, literal)
            literals.append(literal)
        return n.Among(term, tuple(literals))

    def among_list(self, tree: "lark.Tree[lark.Token]", name: str) -> n.Condition:
        if name not in self.vocabulary.lists:
            raise self.fail("unknown-list", f"there is no list '{name}'.{suggest(name, self.vocabulary.lists)}")
        term = self.of_kind(self.not_literal(self.term(tree, "text")), "text", f"list('{name}')")
        keys = dict.fromkeys(text_key(entry) for entry in self.vocabulary.lists[name])
        return n.Among(term, tuple(n.Literal(key, "text", f"'{key}'") for key in keys), name)

    def like(self, tree: "lark.Tree[lark.Token]", shown: str) -> n.Condition:
        term = self.not_literal(self.of_kind(self.term(tree, "text"), "text", "like"))
        return n.Like(term, text_key(shown), shown)

    def holds(self, tree: "lark.Tree[lark.Token]") -> n.Condition:
        if tree.data == "call" and str(tree.children[0]).lower() in TESTS:
            return self.text_test(str(tree.children[0]).lower(), [as_tree(child) for child in tree.children[1:]])
        term = self.term(tree, "boolean")
        if n.kind_of(term) != "boolean":
            raise self.fail(
                "type-mismatch",
                f"{n.name_of_term(term)} is {A_KIND[n.kind_of(term)]} and no condition: compare it with something.",
            )
        return n.Holds(term)

    def text_test(self, name: str, arguments: "list[lark.Tree[lark.Token]]") -> n.Condition:
        wanted: n.Kind = "list" if name == "has" else "text"
        if len(arguments) != 2:
            raise self.fail("condition-syntax", f"{name}() takes two parts: a field and a text.")
        term = self.term(without_wrapping(arguments[0]), wanted)
        part = self.term(without_wrapping(arguments[1]), "text")
        if not isinstance(part, n.Literal) or part.kind != "text":
            raise self.fail("type-mismatch", f"the second part of {name}() is a text in 'quotes'.")
        self.of_kind(term, wanted, f"{name}()")
        if name == "has":
            if not isinstance(term, n.Field):
                raise self.fail("type-mismatch", "the first part of has() is a field that is a list.")
            return n.Has(term, part)
        self.not_literal(term)
        return n.TextTest(cast(Literal["starts_with", "ends_with", "contains"], name), term, part)
