"""From a bound condition to the SQL of one database. SQL's own three values are those of the language: NULL is unknown.

What is read of a lead stands in its row of assessments (alias ``a``): its scores, its answers, and what is held (`assessments.held`).
Events of a stretch of time are counted in a subquery that is joined to it. Every value is a parameter; no text of a condition becomes SQL.
tests/web/pages/conditions/test_parity.py holds this to the engine's reference, on both databases.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, assert_never

from leadline.engine.arithmetic import POINT
from leadline.engine.expressions import nodes as n
from leadline.web.assessments.held import key_of, kind_is_known
from leadline.web.pages.conditions.names import is_assessed
from leadline.web.playbooks.queries import Compiled

Vendor = Literal["sqlite", "postgresql"]
_MANY = 100
_CASTS: Mapping[str, str] = {"number": "double precision", "day": "integer", "boolean": "boolean"}


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL with its parameters."""

    text: str
    params: tuple[Any, ...] = ()


def _put(template: str, *parts: Sql) -> Sql:
    """Return a template with pieces in the places of ``{}``, in their order."""
    return Sql(template.format(*(one.text for one in parts)), tuple(param for one in parts for param in one.params))


def _join(word: str, parts: list[Sql]) -> Sql:
    return _put("(" + f" {word} ".join(["{}"] * len(parts)) + ")", *parts)


def _dearness(condition: n.Condition) -> int:
    """Return how dear a condition is, row by row: counts that are joined, then scores and answers, then the long text of what is held.

    Databases go through conditions in the order of their writing, and leave the others of a row when one does not hold.
    """
    return max((_dearness_of_term(term) for term in n.terms_of(condition)), default=0)


def _dearness_of_term(term: n.Term) -> int:
    match term:
        case n.Count(_, None, None):
            return 2
        case n.Count() | n.ActiveDays():
            return 0
        case n.Score() | n.Answer() | n.AnsweredYes():
            return 1
        case _:
            return 2


Counting = Callable[[n.Count | n.ActiveDays], Sql]
"""Gives the subquery of a term about events: rows of ``lead_id`` and ``n``."""


@dataclass(slots=True)
class Writer:
    """Writes conditions of one playbook for one database. joined: the subqueries that were needed, by their terms."""

    compiled: Compiled
    vendor: Vendor
    today: int
    counting: Counting
    joined: dict[n.Term, Sql] = field(default_factory=dict)

    # -- conditions -----------------------------------------------------------------------------------

    def condition(self, condition: n.Condition) -> Sql:
        """Return a condition."""
        match condition:
            case n.Compare(left, sign, right):
                return _put(f"({{}} {sign} {{}})", self.term(left), self.term(right))
            case n.Between(term, low, high):
                return _put("({} BETWEEN {} AND {})", self.term(term), self.term(low), self.term(high))
            case n.Among(term, values, _):
                return self.among(term, [one.value for one in values])
            case n.Like(term, pattern, _):
                escape = " ESCAPE ''" if self.vendor == "postgresql" else ""
                return _put("({} LIKE {}" + escape + ")", self.term(term), Sql("%s", (pattern,)))
            case n.TextTest():
                return self.text_test(condition)
            case n.Has(term, entry):
                return self.has(term, str(entry.value))
            case n.IsNull(term):
                return _put("({} IS NULL)", self.term(term))
            case n.Holds(term):
                return self.term(term)
            case n.IsTrue(part):
                return _put("({} IS TRUE)", self.condition(part))
            case n.Not(part):
                return _put("(NOT {})", self.condition(part))
            case n.AllOf(parts):
                return _join("AND", [self.condition(part) for part in sorted(parts, key=_dearness)])
            case n.AnyOf(parts):
                return _join("OR", [self.condition(part) for part in parts])
            case _:
                assert_never(condition)

    def among(self, term: n.Term, values: list[Any]) -> Sql:
        """Return whether a value is one of some; very many of them are one parameter."""
        value = self.term(term)
        if len(values) <= _MANY:
            return _put("({} IN {})", value, Sql("(" + ", ".join(["%s"] * len(values)) + ")", tuple(values)))
        if self.vendor == "postgresql":
            return _put("({} = ANY({}))", value, Sql("%s", (values,)))
        return _put("({} IN (SELECT value FROM json_each({})))", value, Sql("%s", (json.dumps(values),)))

    def text_test(self, test: n.TextTest) -> Sql:
        """Return a test of a text. Lengths are counted in characters by both databases."""
        value, part = self.term(test.term), str(test.part.value)
        match test.how:
            case "starts_with":
                return _put("(substr({}, 1, {}) = {})", value, Sql("%s", (len(part),)), Sql("%s", (part,)))
            case "ends_with":
                length = Sql("%s", (len(part),))
                begin = _put("length({}) - {} + 1", value, length)
                return _put(
                    "(length({}) >= {} AND substr({}, {}) = {})", value, length, value, begin, Sql("%s", (part,))
                )
            case "contains":
                find = "strpos" if self.vendor == "postgresql" else "instr"
                return _put(f"({find}({{}}, {{}}) > 0)", value, Sql("%s", (part,)))

    def has(self, term: n.Field, entry: str) -> Sql:
        """Return whether a list has an entry. Where the text is the whole list, no list of its own is held."""
        key = self.own_key(term)
        if key.startswith("is.") or kind_is_known(self.compiled, term.scope, term.name):
            among, params = self._in_list(key, entry)
            if key.startswith("is."):  # few are qualified, and a column of its own says who
                return Sql(f"(a.is_qualified AND (CASE {among} ELSE NULL END))", params)
            return Sql(f"(CASE {among} ELSE NULL END)", params)
        among, params = self._in_list(key_of(term.scope, term.name, kind="list"), entry)
        whole = self.held(key, "text")
        no_list = "boolean" if self.vendor == "postgresql" else "false"
        return Sql(
            f"(CASE {among} WHEN '{no_list}' THEN NULL ELSE {whole.text} = %s END)", (*params, *whole.params, entry)
        )

    def _in_list(self, key: str, entry: str) -> tuple[str, tuple[Any, ...]]:
        """Return the case of a list that is held under a key. SQLite takes it apart only where its text may have the entry."""
        path = self.path(key)
        if self.vendor == "postgresql":
            return "jsonb_typeof(a.held -> %s) WHEN 'array' THEN jsonb_exists(a.held -> %s, %s)", (path, path, entry)
        is_there = "instr(json_extract(a.held, %s), %s) > 0 AND %s IN (SELECT value FROM json_each(a.held, %s))"
        return f"json_type(a.held, %s) WHEN 'array' THEN {is_there}", (path, path, json.dumps(entry), entry, path)

    # -- terms ----------------------------------------------------------------------------------------

    def term(self, term: n.Term) -> Sql:
        """Return a value, NULL where it is missing."""
        match term:
            case n.Literal(value):
                return Sql("%s", (value,))
            case n.Field():
                return self.field(term)
            case n.Count(event, None, None):
                return _put("COALESCE({}, 0)", self.held(key_of("count", event), "number"))
            case n.Count() | n.ActiveDays():
                if term not in self.joined:
                    self.joined[term] = self.counting(term)
                return Sql(f"COALESCE(e{list(self.joined).index(term)}.n, 0)")
            case n.DaysSinceEvent(event):
                return self.since(self.held(key_of("last", event), "day"))
            case n.DaysSinceField(inner):
                return self.since(self.field(inner))
            case n.DaysSinceOutcome(outcome):
                return self.since(self.held(key_of("outcome", outcome), "day"))
            case n.History(what):
                return self.held(what, "text")
            case n.AnsweredYes():
                return self.answered_yes()
            case n.Answer(question):
                return self.json("a.answers", question, "text")
            case n.Score(score):
                return _put(f"({{}} / {float(POINT)})", self.json("a.scores", score, "number"))
            case n.Grade(score):
                return self.held(key_of("grade", score), "text")
            case n.Spells(qualification):
                return Sql(
                    "(SELECT COUNT(*) FROM assessments_spell s WHERE s.version_id = a.version_id"
                    " AND s.lead_id = a.lead_id AND s.qualification = %s AND s.ended_at < a.as_of)",
                    (qualification,),
                )
            case _:
                assert_never(term)

    def since(self, day: Sql) -> Sql:
        """Return the days from a day to today."""
        return _put("({} - {})", Sql("%s", (self.today,)), day)

    def answered_yes(self) -> Sql:
        """Return how many questions are answered yes; missing of who is not scored, since nothing is answered then."""
        answers = [self.json("a.answers", one.id, "text") for one in self.compiled.playbook.questions]
        if not answers:
            return Sql("CASE WHEN a.excluded_by = 'consent' THEN NULL ELSE 0 END")
        return _put("(" + " + ".join(["({} = 'yes')" + self.as_number] * len(answers)) + ")", *answers)

    @property
    def as_number(self) -> str:
        return "::integer" if self.vendor == "postgresql" else ""

    def own_key(self, term: n.Field) -> str:
        """Return under which key the own value of a field is held."""
        return key_of("is" if is_assessed(self.compiled, term) else term.scope, term.name)

    def field(self, term: n.Field) -> Sql:
        """Return the value of a field, as the kind that the condition takes it for."""
        key = self.own_key(term)
        if key.startswith("is.") or kind_is_known(self.compiled, term.scope, term.name):
            return self.held(key, term.kind)
        if term.kind == "list":  # only whether there is one can be asked of it as a whole
            broken = self.json("a.held", key_of(term.scope, term.name, kind="list"), "text")
            is_false = "'false'" if self.vendor == "postgresql" else "0"
            return _put(f"CASE WHEN {{}} = {is_false} THEN NULL ELSE {{}} END", broken, self.held(key, "text"))
        return self.held(key if term.kind == "text" else key_of(term.scope, term.name, kind=term.kind), term.kind)

    def held(self, key: str, kind: n.Kind) -> Sql:
        """Return what is held under a key."""
        return self.json("a.held", key, kind)

    def json(self, column: str, key: str, kind: n.Kind) -> Sql:
        """Return a value of a column of JSON."""
        if self.vendor == "sqlite":
            return Sql(f"json_extract({column}, %s)", (self.path(key),))
        cast = f"::{_CASTS[kind]}" if kind in _CASTS else ""
        return Sql(f"({column} ->> %s){cast}", (key,))

    def path(self, key: str) -> str:
        """Return how the database finds a key."""
        return f'$."{key}"' if self.vendor == "sqlite" else key
