"""Writes a plan down as the source of one Python function.

    assess(f, e, w, h, today) → the columns of an assessment, points as whole ten-thousandths

f: values of the fields, lead's before company's. e: values of the features. w: the day of each wipe, or None. h: the lead's
history. The steps are those of the reference, one line each; every name in the source is a number, so nothing of a playbook
becomes code.
"""

from leadline.engine.arithmetic import POINT, hold
from leadline.engine.compiler.plan import Plan
from leadline.engine.expressions import nodes as n
from leadline.engine.online.conditions import ConditionWriter
from leadline.engine.playbook.model import (
    CONSENT_FIELD,
    CONSENT_WORDS,
    Clause,
    Criterion,
    EventCriterion,
    FactCriterion,
    InactivityCriterion,
    Named,
    Question,
    Score,
)
from leadline.engine.values import text_key


class _Writer:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.lines: list[str] = []
        self.truths: dict[str, str] = {}
        self.conditions = ConditionWriter(self.variable)
        playbook = plan.playbook
        self.criterion = {one.id: number for number, one in enumerate(playbook.criteria)}
        self.score = {one.id: number for number, one in enumerate(playbook.scores)}
        self.question = {one.id: number for number, one in enumerate(playbook.questions)}
        self.fields = {one: number for number, one in enumerate((*self.plan.lead_fields, *self.plan.company_fields))}
        self.outcomes = {one: number for number, one in enumerate(self.plan.outcomes)}
        self.spells = {one: number for number, one in enumerate(self.plan.spells)}

    def say(self, line: str) -> None:
        self.lines.append("    " + line)

    def variable(self, term: n.Term) -> str:
        """Return the local variable that holds a term."""
        match term:
            case n.Field():
                return f"f{self.fields[term]}"
            case n.Count() | n.ActiveDays():
                return f"e{self.plan.term_features[term]}"
            case n.DaysSinceEvent():
                return f"d{self.plan.term_features[term]}"
            case n.DaysSinceField(inner):
                return f"g{self.fields[inner]}"
            case n.DaysSinceOutcome(outcome):
                return f"o{self.outcomes[outcome]}"
            case n.Spells(qualification):
                return f"z{self.spells[qualification]}"
            case n.History(what):
                return what
            case n.Answer(question):
                return f"q{self.question[question]}"
            case n.AnsweredYes():
                return "yes"
            case n.Score(score):
                return f"p{self.score[score]}"
            case n.Grade(score):
                return f"k{self.score[score]}"
            case _:
                raise AssertionError(term)

    def truth(self, clause: Clause) -> str:
        """Return the variable with what a condition comes to; computed where it is first asked for."""
        if clause.where not in self.truths:
            name = f"t{len(self.truths)}"
            self.truths[clause.where] = name
            self.say(f"{name} = {self.conditions.write(self.plan.bound.test(clause))}")
        return self.truths[clause.where]

    # -- what is read ---------------------------------------------------------------------------------

    def inputs(self) -> None:
        self.say("".join(f"f{number}, " for number in self.fields.values()) + "= f" if self.fields else "pass")
        if self.plan.features:
            self.say("".join(f"e{number}, " for number in range(len(self.plan.features))) + "= e")
        self.say("decision, reason, deal, outcome_days, ended_spells = h")
        for number in self.spells.values():
            self.say(f"z{number} = ended_spells[{number}]")
        terms = dict.fromkeys(term for clause in self.plan.clauses for term in n.terms_of(self.plan.bound.test(clause)))
        for term in terms:
            match term:
                case n.DaysSinceEvent():
                    number = self.plan.term_features[term]
                    self.say(f"d{number} = None if e{number} is None else today - e{number}")
                case n.DaysSinceField(inner):
                    number = self.fields[inner]
                    self.say(f"g{number} = None if f{number} is None else today - f{number}")
                case n.DaysSinceOutcome(outcome):
                    number = self.outcomes[outcome]
                    self.say(f"o{number} = None if outcome_days[{number}] is None else today - outcome_days[{number}]")

    def consent(self) -> None:
        if self.plan.playbook.needs_consent:
            number = self.fields[n.Field("lead", CONSENT_FIELD, "text")]
            self.say(f"if f{number} not in {CONSENT_WORDS!r}: return None")

    # -- contributions ----------------------------------------------------------------------------------

    def contribution(self, criterion: Criterion) -> None:
        number = self.criterion[criterion.id]
        match criterion:
            case FactCriterion():
                self.facts(number, criterion)
            case EventCriterion():
                self.say(f"c{number} = e{self.plan.points[criterion.id]}")
                self.hold(f"c{number}", criterion.low, criterion.high)
            case InactivityCriterion():
                self.inactivity(number, criterion)

    def facts(self, number: int, criterion: FactCriterion) -> None:
        truths = [self.truth(choice.when) for choice in criterion.choices]
        branches = zip(truths, criterion.choices, strict=True)
        given = "".join(f"{choice.points} if {truth} else " for truth, choice in branches)
        self.say(f"c{number} = {given}0")
        unknown = " or ".join(f"{truth} is None" for truth in truths)
        nothing = f"not ({' or '.join(truths)}) and ({unknown})" if len(truths) > 1 else unknown
        self.say(f"u{number} = {nothing}")

    def inactivity(self, number: int, criterion: InactivityCriterion) -> None:
        last = f"e{self.plan.activity[criterion.id]}"
        wipe = self.plan.wipe_of(criterion.score)
        if wipe is not None:
            self.say(
                f"{last}w = w[{wipe}] if {last} is None or (w[{wipe}] is not None and w[{wipe}] > {last}) else {last}"
            )
            last += "w"
        self.say(f"u{number} = {last} is None")
        self.say(f"c{number} = 0 if u{number} else (today - {last}) // {criterion.every_days} * {criterion.points}")
        if criterion.low is not None or criterion.high is not None:
            self.say(f"if not u{number}:")
            for line in _hold_lines(f"c{number}", criterion.low, criterion.high):
                self.say(f"    {line}")

    def hold(self, name: str, low: int | None, high: int | None) -> None:
        for line in _hold_lines(name, low, high):
            self.say(line)

    # -- scores ---------------------------------------------------------------------------------------------

    def add_score(self, score: Score, done: set[str]) -> None:
        if score.id in done:
            return
        done.add(score.id)
        playbook = self.plan.playbook
        for part in score.sum_of:
            self.add_score(playbook.get_score(part), done)
        number = self.score[score.id]
        criteria = playbook.criteria_of(score.id)
        parts = [f"s{self.score[part]}" for part in score.sum_of] + [f"c{self.criterion[one.id]}" for one in criteria]
        self.say(f"s{number} = {' + '.join(parts) or '0'}")
        self.bounds(score, number)
        self.hold(f"s{number}", score.low, score.high)
        self.coverage(score, number)
        self.say(f"p{number} = s{number} / {POINT}")
        if score.grades:
            say = "".join(f"{name!r} if s{number} >= {least} else " for name, least in score.grades)
            self.say(f"a{number} = {say}{score.grades[-1][0]!r}")
            keys = {name: text_key(name) for name, _ in score.grades}
            self.say(f"k{number} = {keys!r}[a{number}]")
        else:
            self.say(f"a{number} = k{number} = None")

    def bounds(self, score: Score, number: int) -> None:
        """Say the least and the most that the score could be: only what is unknown can differ from what is."""
        criteria = [one for one in self.plan.playbook.criteria_of(score.id) if not isinstance(one, EventCriterion)]
        self.say(f"l{number} = h{number} = s{number}")
        for part in score.sum_of:
            inner = self.score[part]
            for kind in "lh":
                self.say(
                    f"{kind}{number} = None if {kind}{number} is None or {kind}{inner} is None"
                    f" else {kind}{number} + {kind}{inner} - s{inner}"
                )
        for criterion in criteria:
            unknown = f"u{self.criterion[criterion.id]}"
            low, high = self._unknown_bounds(criterion)
            self.say(f"if {unknown}:")
            for kind, bound in (("l", low), ("h", high)):
                if bound is None:
                    self.say(f"    {kind}{number} = None")
                elif bound != "0":
                    self.say(f"    if {kind}{number} is not None: {kind}{number} += {bound}")
            if low == high == "0":
                self.say("    pass")
        for kind, endless in (("l", score.low), ("h", score.high)):
            self.say(f"if {kind}{number} is None: {kind}{number} = {endless}")
            held = _hold_lines(f"{kind}{number}", score.low, score.high)
            for line in held:
                self.say(
                    f"elif {line.removeprefix('if ')}"
                    if line is held[0]
                    else line.replace("if ", f"if {kind}{number} is not None and ", 1)
                )

    def _unknown_bounds(self, criterion: Criterion) -> tuple[str | None, str | None]:
        if isinstance(criterion, InactivityCriterion):
            nothing = hold(0, criterion.low, criterion.high)
            falls = criterion.points < 0
            low = criterion.low if falls else min(0, nothing)
            high = max(0, nothing) if falls else criterion.high
            return (None if low is None else str(low)), (None if high is None else str(high))
        assert isinstance(criterion, FactCriterion)
        if len(criterion.choices) == 1:
            points = criterion.choices[0].points
            return str(min(0, points)), str(max(0, points))
        options = [(self.truth(choice.when), choice.points) for choice in criterion.choices]
        listed = ", ".join(f"{points} if {truth} is None else 0" for truth, points in options)
        return f"min(0, {listed})", f"max(0, {listed})"

    def coverage(self, score: Score, number: int) -> None:
        criteria = self.fact_criteria(score)
        largest = [max(abs(choice.points) for choice in one.choices) for one in criteria]
        if not sum(largest):
            self.say(f"v{number} = {POINT}")
            return
        missing = [
            f"({points} if u{self.criterion[one.id]} else 0)"
            for one, points in zip(criteria, largest, strict=True)
            if points
        ]
        self.say(f"v{number} = ({sum(largest)} - {' - '.join(missing)}) * {POINT} // {sum(largest)}")

    def fact_criteria(self, score: Score) -> list[FactCriterion]:
        playbook = self.plan.playbook
        inner = [one for part in score.sum_of for one in self.fact_criteria(playbook.get_score(part))]
        return inner + [one for one in playbook.criteria_of(score.id) if isinstance(one, FactCriterion)]

    # -- answers and levels ------------------------------------------------------------------------------------

    def answer(self, question: Question) -> None:
        number = self.question[question.id]
        said = self.variable(n.Field("lead", f"questions.{question.id}", "text"))
        branches = [
            (answer, clause)
            for answer, clause in (("yes", question.yes), ("partly", question.partly), ("no", question.no))
        ]
        say = "".join(f"{answer!r} if {self.truth(clause)} else " for answer, clause in branches if clause is not None)
        self.say(f"q{number} = {said} if {said} is not None else {say}'unknown'")

    def first_of(self, name: str, named: tuple[Named, ...]) -> None:
        say = "".join(f"{one.id!r} if {self.truth(one.when)} else " for one in named)
        self.say(f"{name} = {say}None")

    def levels(self) -> None:
        for number, level in enumerate(self.plan.playbook.qualifications):
            self.say(f"m{number} = excluded_by is None and {self.truth(level.enter)} is True")
            self.say(f"n{number} = m{number} or (excluded_by is None and {self.truth(level.stay)} is True)")

    def result(self) -> None:
        playbook = self.plan.playbook
        scores = range(len(playbook.scores))
        grade = " + ".join(f"a{self.score[score]}" for score in playbook.grade) or "None"
        contributions = "".join(f"c{number}, " for number in range(len(playbook.criteria)))
        columns = [
            *(f"s{number}" for number in scores),
            *(f"{kind}{number}" for number in scores for kind in "lhv"),
            grade,
            "persona",
            *(f"m{number}" for number in range(len(playbook.qualifications))),
            *(f"n{number}" for number in range(len(playbook.qualifications))),
            *(f"q{number}" for number in range(len(playbook.questions))),
            "excluded_by",
        ]
        self.say(f"return ({', '.join(columns)},), ({contributions})")


def _hold_lines(name: str, low: int | None, high: int | None) -> list[str]:
    lines = [] if low is None else [f"if {name} < {low}: {name} = {low}"]
    return lines if high is None else [*lines, f"if {name} > {high}: {name} = {high}"]


def write_source(plan: Plan) -> str:
    """Return the source of the function ``assess`` of a plan."""
    writer = _Writer(plan)
    playbook = plan.playbook
    writer.inputs()
    writer.consent()
    for criterion in playbook.criteria:
        writer.contribution(criterion)
    done: set[str] = set()
    for score in playbook.scores:
        writer.add_score(score, done)
    for question in playbook.questions:
        writer.answer(question)
    answers = [f"(q{number} == 'yes')" for number in range(len(playbook.questions))]
    writer.say(f"yes = {' + '.join(answers) or '0'}")
    writer.first_of("excluded_by", playbook.exclusions)
    writer.first_of("persona", playbook.personas)
    writer.levels()
    writer.result()
    return "def assess(f, e, w, h, today):\n" + "\n".join(writer.lines) + "\n"
