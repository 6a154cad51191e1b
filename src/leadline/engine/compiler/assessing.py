"""What the steps of one query have in common: the plan, the names of columns, and what each term is read from."""

from dataclasses import dataclass
from typing import assert_never

from sqlglot import exp

from leadline.engine.arithmetic import POINT
from leadline.engine.calendar import AsOf
from leadline.engine.compiler.conditions import integer
from leadline.engine.compiler.plan import Plan
from leadline.engine.compiler.signals import Layout
from leadline.engine.compiler.steps import Steps, column
from leadline.engine.expressions import nodes as n
from leadline.engine.playbook.model import Clause


@dataclass(slots=True)
class Assessing:
    """What the steps of one query have in common."""

    plan: Plan
    layout: Layout
    as_of: AsOf
    steps: Steps

    def name(self, kind: str, name: str) -> str:
        """Return the column of a thing: c a contribution, u whether it is unknown, s a score, and so on."""
        return self.layout.names.of(kind, name)

    def term(self, term: n.Term) -> exp.Expr:
        """Return the column that a term is read from."""
        match term:
            case n.Field():
                return column(self.layout.field(term))
            case n.Count() | n.ActiveDays():
                return column(self.layout.feature(self.plan.term_features[term]))
            case n.DaysSinceEvent():
                return self.days_since(column(self.layout.feature(self.plan.term_features[term])))
            case n.DaysSinceField(inner):
                return self.days_since(column(self.layout.field(inner)))
            case n.DaysSinceOutcome(outcome):
                return self.days_since(column(self.name("outcome_day", outcome)))
            case n.History(what):
                return column(what)
            case n.Answer(question):
                return column(self.name("q", question))
            case n.AnsweredYes():
                return column("answered_yes")
            case n.Score(score):
                points = exp.cast(column(self.name("s", score)), exp.DataType.Type.DOUBLE)
                return exp.paren(exp.Div(this=points, expression=integer(POINT)))
            case n.Grade(score):
                return column(self.name("gradekey", score))
            case n.Spells(qualification):
                return column(self.name("spells", qualification))
            case n.Literal():
                raise AssertionError(term)
            case _:
                assert_never(term)

    def days_since(self, day: exp.Expr) -> exp.Expr:
        """Return how many days lie between a day and the day of the moment."""
        return exp.paren(exp.Sub(this=integer(self.as_of.day), expression=day))

    def truth(self, clause: Clause) -> exp.Expr:
        """Return the column with what a condition comes to."""
        return column(self.name("t", clause.where))
