"""Gives the names in a condition their meaning: fields, properties, scores, answers and functions, each with its kind.

`TermBinder` knows what a value is; bind.py builds conditions on it. What a condition may read depends on its place: about
an event, that event's properties; elsewhere fields, counts and history; in qualifications also scores, grades and answers.
"""

from datetime import date
from typing import TYPE_CHECKING, cast

from leadline.engine.arithmetic import read_duration
from leadline.engine.calendar import day_number
from leadline.engine.catalog import FieldSpec
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.parse import as_tree, unquote, without_wrapping
from leadline.engine.expressions.vocabulary import (
    ANSWERS,
    DEALS,
    DECISIONS,
    FUNCTIONS,
    HISTORY_WORDS,
    TESTS,
    Complaint,
    Place,
    Vocabulary,
)
from leadline.engine.problems import suggest
from leadline.engine.values import text_key

if TYPE_CHECKING:
    import lark

_KEY_WORDS = ("or", "and", "not", "in", "list", "between", "like", "is", "null", "date", "true", "false")
_KIND_OF_TYPE: dict[str, n.Kind] = {
    "text": "text",
    "number": "number",
    "boolean": "boolean",
    "date": "day",
    "time": "day",
    "list": "list",
}
A_KIND: dict[str, str] = {
    "text": "a text",
    "number": "a number",
    "boolean": "true or false",
    "day": "a date",
    "list": "a list",
}


class Unbound(Exception):  # noqa: N818 - it is no error of ours: a part of the condition has no meaning
    """A part of the condition has no meaning; the complaint is already noted."""


class TermBinder:
    """Binds terms, and notes every complaint. A method that cannot give a meaning raises `Unbound`."""

    def __init__(self, place: Place, vocabulary: Vocabulary, events: tuple[str, ...]) -> None:
        self.place = place
        self.vocabulary = vocabulary
        self.catalog = vocabulary.catalog
        self.events = events
        self.complaints: list[Complaint] = []

    def fail(self, code: str, message: str) -> "Unbound":
        complaint = Complaint(code, message)
        if complaint not in self.complaints:
            self.complaints.append(complaint)
        return Unbound()

    def condition_or_term(self, tree: "lark.Tree[lark.Token]") -> n.Condition:
        """Return the condition in a tree; bind.py knows how."""
        raise NotImplementedError

    # -- terms ----------------------------------------------------------------------------------

    def term(self, tree: "lark.Tree[lark.Token]", hint: n.Kind | None) -> n.Term:
        if tree.data == "name":
            return self.name(tree, hint)
        if tree.data == "call":
            return self.call(
                str(tree.children[0]).lower(), [without_wrapping(as_tree(child)) for child in tree.children[1:]]
            )
        if str(tree.data) in ("text", "number", "truth", "date"):
            return self.literal(tree)
        raise self.fail("condition-syntax", "a condition stands where a value is expected.")

    def literal(self, tree: "lark.Tree[lark.Token]") -> n.Literal:
        written = str(tree.children[0])
        match str(tree.data):
            case "number":
                value = float(written)
                if value in (float("inf"), float("-inf")):
                    raise self.fail("bad-value", f"{written} is too large for a number.")
                return n.Literal(value, "number", written)
            case "truth":
                return n.Literal(written.lower() == "true", "boolean", written.lower())
            case "date":
                return n.Literal(self.day(unquote(written)), "day", f"date {written}")
        key = text_key(unquote(written))
        if not key:
            raise self.fail("bad-value", "an empty text is a missing value: write 'is null'.")
        return n.Literal(key, "text", written)

    def day(self, text: str) -> int:
        try:
            if len(text) != 10:
                raise ValueError
            return day_number(date.fromisoformat(text))
        except ValueError:
            raise self.fail("bad-value", f"date '{text}' is no date: write it as date '2026-03-01'.") from None

    def name_parts(self, tree: "lark.Tree[lark.Token]") -> tuple[list[str], bool]:
        written = [str(child) for child in tree.children]
        return [part.strip('"') for part in written], written[0].startswith('"')

    def name_kind(self, tree: "lark.Tree[lark.Token]") -> n.Kind | None:
        """Return the kind of a name when it is known already; complaints come when the name is bound."""
        noted = list(self.complaints)
        try:
            term = self.name(tree, None)
        except Unbound:
            return None
        finally:
            self.complaints[:] = noted
        if isinstance(term, n.Field):
            return self.known_kind(term.scope, term.name)
        return n.kind_of(term)

    def name(self, tree: "lark.Tree[lark.Token]", hint: n.Kind | None) -> n.Term:
        parts, quoted = self.name_parts(tree)
        if self.place == "event":
            return self.property(".".join(parts), parts, hint)
        if len(parts) == 2 and parts[0] in ("lead", "company"):
            return self.field(cast(n.Scope, parts[0]), parts[1], hint)
        if len(parts) == 3 and parts[0] == "lead" and parts[1] in ("model", "consent"):
            return self.field("lead", f"{parts[1]}.{parts[2]}", hint)
        if len(parts) == 2 and parts[0] in ("model", "consent"):
            return self.field("lead", ".".join(parts), hint)
        if len(parts) == 2 and parts[1] == "grade" and parts[0] in self.vocabulary.scores:
            return self.level(parts[0], n.Grade(parts[0]))
        if len(parts) > 1:
            if parts[-1] == "grade":
                raise self.fail(
                    "unknown-score", f"there is no score '{parts[0]}'.{suggest(parts[0], self.vocabulary.scores)}"
                )
            raise self.fail(
                "unknown-field",
                f"'{'.'.join(parts)}' is no name: fields are written x, lead.x or company.x, grades score.grade.",
            )
        return self.bare_name(parts[0], quoted, hint)

    def bare_name(self, name: str, quoted: bool, hint: n.Kind | None) -> n.Term:
        meanings: dict[str, n.Term] = {}
        if name in HISTORY_WORDS and not quoted:
            meanings[f"the lead's latest {name}"] = n.History(name)
        if self.place == "levels":
            if name in self.vocabulary.scores:
                meanings["a score"] = n.Score(name)
            if name in self.vocabulary.questions:
                meanings["the answer to a question"] = n.Answer(name)
            if name == "answered_yes" and not quoted:
                meanings["how many questions are answered yes"] = n.AnsweredYes()
        if name in self.catalog.lead:
            meanings["a field of the lead"] = n.Field("lead", name, "text")
        if len(meanings) > 1:
            raise self.fail(
                "ambiguous-name",
                f"'{name}' could be {' or '.join(meanings)}: write lead.{name} for the field, or rename the other.",
            )
        for term in meanings.values():
            if not isinstance(term, n.Field):
                return term
        if name not in self.catalog.lead:
            if quoted and name.isidentifier() and name.lower() not in (*_KEY_WORDS, *HISTORY_WORDS, "answered_yes"):
                raise self.fail(
                    "unknown-field",
                    f'"{name}" in double quotes is a field, and there is none of this name. A text stands in single'
                    f" quotes: '{name}'.",
                )
            self.refuse_levels(name)
            if self.place == "levels" and not self.vocabulary.any_field:
                self.refuse_missing_score(name, hint)
        return self.field("lead", name, hint)

    def refuse_missing_score(self, name: str, hint: n.Kind | None) -> None:
        """Refuse a name in a qualification that looks like a score or question, where no data says that it is a field."""
        is_used = ("lead", name) in self.vocabulary.inferred and hint != "number"
        levels = (*self.vocabulary.scores, *self.vocabulary.questions)
        if not is_used and (hint == "number" or suggest(name, levels).startswith(" Did")):
            raise self.fail(
                "unknown-score", f"there is no score '{name}' (a field is written lead.{name}).{suggest(name, levels)}"
            )

    def refuse_levels(self, name: str) -> None:
        what = (
            "a score"
            if name in self.vocabulary.scores
            else "the answer to a question"
            if name in self.vocabulary.questions
            else "a count of answers"
            if name == "answered_yes"
            else "a qualification"
            if name in self.vocabulary.qualifications
            else None
        )
        if what == "a qualification":
            raise self.fail(
                "not-readable-here", f"'{name}' is a qualification, and conditions do not read qualifications."
            )
        if what is not None:
            raise self.fail("not-readable-here", f"'{name}' is {what}, which only qualifications read.")

    def level(self, name: str, term: n.Term) -> n.Term:
        if self.place != "levels":
            raise self.fail("not-readable-here", f"'{name}.grade' is a grade, which only qualifications read.")
        return term

    def field(self, scope: n.Scope, name: str, hint: n.Kind | None) -> n.Field:
        fields = self.catalog.lead if scope == "lead" else self.catalog.company
        if name not in fields and scope not in self.catalog.open_parts and not name.startswith(("model.", "consent.")):
            prefix = "company." if scope == "company" else ""
            other = self.catalog.company if scope == "lead" else self.catalog.lead
            elsewhere = (
                f" The company has one: write company.{name}."
                if scope == "lead" and name in other
                else suggest(name, fields)
            )
            raise self.fail("unknown-field", f"there is no field '{prefix}{name}'.{elsewhere}")
        return n.Field(scope, name, self.kind(scope, name, hint))

    def property(self, name: str, parts: list[str], hint: n.Kind | None) -> n.Field:
        if len(parts) > 1:
            raise self.fail(
                "not-readable-here",
                f"'{name}': a condition about an event reads that event's properties and nothing else.",
            )
        for event in self.events:
            known = self.catalog.events.get(event)
            if known is not None and name not in known and "events" not in self.catalog.open_parts:
                raise self.fail(
                    "unknown-property", f"the event '{event}' has no property '{name}'.{suggest(name, known)}"
                )
        kinds = {
            spec.type for event in self.events if (spec := self.catalog.events.get(event, {}).get(name)) and spec.type
        }
        if len({_KIND_OF_TYPE[kind] for kind in kinds}) > 1:
            raise self.fail("type-mismatch", f"'{name}' is {' and '.join(sorted(kinds))} in the events named here.")
        return n.Field("event", name, self.kind("event", name, hint))

    def kind(self, scope: n.Scope, name: str, hint: n.Kind | None) -> n.Kind:
        kind = self.known_kind(scope, name)
        if kind is None and hint is not None:
            self.vocabulary.inferred[(scope, name)] = kind = hint
        return kind or "text"

    def known_kind(self, scope: n.Scope, name: str) -> n.Kind | None:
        spec = self.spec(scope, name)
        if spec is not None and spec.type is not None:
            return _KIND_OF_TYPE[spec.type]
        if name.startswith("model."):
            return "number"
        if name.startswith("consent."):
            return "text"
        return self.vocabulary.inferred.get((scope, name))

    def spec(self, scope: n.Scope, name: str) -> FieldSpec | None:
        if scope == "lead":
            return self.catalog.lead.get(name)
        if scope == "company":
            return self.catalog.company.get(name)
        for event in self.events:
            spec = self.catalog.events.get(event, {}).get(name)
            if spec is not None and spec.type is not None:
                return spec
        return None

    # -- functions ------------------------------------------------------------------------------

    def call(self, name: str, arguments: "list[lark.Tree[lark.Token]]") -> n.Term:
        if name in TESTS:
            raise self.fail("type-mismatch", f"{name}() is a condition of its own and is not compared with anything.")
        if name not in FUNCTIONS:
            raise self.fail("condition-syntax", f"there is no function {name}().{suggest(name, (*FUNCTIONS, *TESTS))}")
        if self.place == "event":
            raise self.fail(
                "not-readable-here",
                f"{name}(): a condition about an event reads that event's properties and nothing else.",
            )
        most = {"count": 3, "active_days": 2}.get(name, 1)
        if not 1 <= len(arguments) <= most:
            raise self.fail(
                "condition-syntax", f"{name}() takes {'one part' if most == 1 else f'one to {most} parts'}."
            )
        first = arguments[0]
        match name:
            case "count":
                event = self.event_name(name, first)
                only = self.event_condition(event, arguments[2]) if len(arguments) == 3 else None
                return n.Count(event, self.window(name, arguments), only)
            case "active_days":
                return n.ActiveDays(self.event_name(name, first), self.window(name, arguments))
            case "days_since" if first.data == "name":
                term = self.name(first, "day")
                if not isinstance(term, n.Field) or term.kind != "day":
                    raise self.fail(
                        "type-mismatch",
                        f"days_since({n.name_of_term(term)}): {n.name_of_term(term)} is {A_KIND[n.kind_of(term)]}, not a date.",
                    )
                return n.DaysSinceField(term)
            case "days_since":
                return n.DaysSinceEvent(self.event_name(name, first))
        wanted = self.text_argument(name, first)
        if name == "spells":
            if wanted not in self.vocabulary.qualifications:
                raise self.fail(
                    "unknown-qualification",
                    f"there is no qualification '{wanted}'.{suggest(wanted, self.vocabulary.qualifications)}",
                )
            return n.Spells(wanted)
        if wanted not in self.vocabulary.outcomes:
            raise self.fail(
                "unknown-outcome", f"there is no outcome '{wanted}'.{suggest(wanted, self.vocabulary.outcomes)}"
            )
        return n.DaysSinceOutcome(wanted)

    def text_argument(self, name: str, tree: "lark.Tree[lark.Token]") -> str:
        if tree.data != "text":
            raise self.fail("condition-syntax", f"{name}() takes a name in 'quotes'.")
        return unquote(tree.children[0])

    def event_name(self, function: str, tree: "lark.Tree[lark.Token]") -> str:
        event = self.text_argument(function, tree)
        if event == "*" and function == "active_days":
            return event
        if event not in self.catalog.events and "events" not in self.catalog.open_parts:
            raise self.fail("unknown-event", f"there is no event '{event}'.{suggest(event, self.catalog.events)}")
        return event

    def window(self, name: str, arguments: "list[lark.Tree[lark.Token]]") -> int | None:
        if len(arguments) < 2:
            return None
        days = read_duration(self.text_argument(name, arguments[1]))
        if days is None:
            raise self.fail("bad-value", f"the second part of {name}() is a duration such as '14d' or '2w'.")
        return days

    def event_condition(self, event: str, tree: "lark.Tree[lark.Token]") -> n.Condition:
        inner = type(self)("event", self.vocabulary, (event,))
        try:
            return inner.condition_or_term(tree)
        finally:
            self.complaints += [complaint for complaint in inner.complaints if complaint not in self.complaints]

    # -- kinds ----------------------------------------------------------------------------------

    def of_kind(self, term: n.Term, wanted: n.Kind, beside: str, other: n.Term | None = None) -> n.Term:
        kind = n.kind_of(term)
        if kind == wanted:
            return term
        for culprit in (term, other):
            if isinstance(culprit, n.Field) and (spec := self.spec(culprit.scope, culprit.name)) and not spec.declared:
                mend = f" If that is not so, declare {n.name_of_term(culprit)} in {'[events]' if culprit.scope == 'event' else '[fields]'}."
                break
        else:
            mend = ""
        if wanted == "day" and kind == "text" and isinstance(term, n.Literal):
            mend = f" Write date {term.shown}."
        raise self.fail(
            "type-mismatch", f"{n.name_of_term(term)} is {A_KIND[kind]}, but {beside} is {A_KIND[wanted]}.{mend}"
        )

    def not_literal(self, term: n.Term) -> n.Term:
        if isinstance(term, n.Literal):
            raise self.fail("condition-syntax", f"asks about the value {term.shown} itself and reads nothing.")
        return term

    def check_words(self, term: n.Term, literal: n.Term) -> None:
        """Refuse a text that a term with a closed set of values never has."""
        if not isinstance(literal, n.Literal):
            return
        match term:
            case n.Answer():
                known: tuple[str, ...] = ANSWERS
            case n.Grade(score):
                known = self.vocabulary.scores[score]
            case n.History("decision"):
                known = DECISIONS
            case n.History("deal"):
                known = DEALS
            case _:
                return
        if literal.value not in {text_key(word) for word in known}:
            raise self.fail(
                "bad-value", f"{n.name_of_term(term)} is never {literal.shown}.{suggest(str(literal.value), known)}"
            )
