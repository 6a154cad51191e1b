"""From what is known of each lead to its assessment: the steps `known` … `assessed`, and the columns of the result.

    lead_known (lead_key, lead_id, fields) + lead_event + lead_outcome
      → known → truth → contribution → scored… → levelled → assessed

Each step adds columns to the one before. Points are whole numbers of ten-thousandths throughout.
"""

from collections.abc import Callable

from sqlglot import exp

from leadline.engine.arithmetic import POINT, hold
from leadline.engine.compiler.assessing import Assessing
from leadline.engine.compiler.conditions import condition_sql, integer
from leadline.engine.compiler.plan import Plan
from leadline.engine.compiler.reasons import rank_contributions, reasons_sql
from leadline.engine.compiler.signals import KEY
from leadline.engine.compiler.steps import (
    Steps,
    add,
    big,
    case,
    column,
    greatest,
    held,
    or_zero,
    smallest,
    whole_part,
)
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.bind import DEALS, DECISIONS
from leadline.engine.playbook.model import (
    CONSENT_FIELD,
    CONSENT_WORDS,
    AnyCriterion,
    EventCriterion,
    FactCriterion,
    InactivityCriterion,
    Question,
    Score,
)
from leadline.engine.values import text_key


def add_lead_outcome(steps: Steps, plan: Plan, names: Assessing) -> None:
    """Add the steps with each lead's latest decision, deal and reason, and the last day of each outcome asked for."""
    groups = (("decision", DECISIONS), ("deal", DEALS))
    ranks: dict[str, exp.Expr] = {}
    for group, outcomes in groups:
        is_of = exp.In(this=column("outcome"), expressions=[exp.Literal.string(name) for name in outcomes])
        rank = exp.Window(
            this=exp.RowNumber(),
            partition_by=[column(KEY), case([(is_of, integer(1))], integer(0))],
            order=exp.Order(
                expressions=[
                    exp.Ordered(this=column(name), desc=True, nulls_first=False)
                    for name in ("at_us", "outcome", "reason")
                ]
            ),
        )
        ranks[f"{group}_rank"] = case([(is_of, rank)], None)
    steps.extend("outcome_ranked", "outcome_known", ranks)

    def latest(value: str, rank: str) -> exp.Expr:
        return exp.Max(this=case([(exp.EQ(this=column(rank), expression=integer(1)), column(value))], None))

    columns = [
        column(KEY),
        exp.alias_(latest("outcome", "decision_rank"), "decision"),
        exp.alias_(latest("reason", "decision_rank"), "reason"),
        exp.alias_(latest("outcome", "deal_rank"), "deal"),
    ]
    for outcome in plan.outcomes:
        is_one = exp.EQ(this=column("outcome"), expression=exp.Literal.string(outcome))
        columns.append(
            exp.alias_(exp.Max(this=case([(is_one, column("day"))], None)), names.name("outcome_day", outcome))
        )
    steps.add("lead_outcome", exp.select(*columns).from_("outcome_ranked").group_by(column(KEY)))


def reads_outcomes(plan: Plan) -> bool:
    """Return whether any condition reads the lead's outcomes."""
    terms = [term for clause in plan.clauses for term in n.terms_of(plan.bound.test(clause))]
    return any(isinstance(term, n.History | n.DaysSinceOutcome) for term in terms)


def add_known(names: Assessing, *, has_events: bool, has_outcomes: bool) -> None:
    """Add the step with one row for each lead: its fields, features and history."""
    plan, layout = names.plan, names.layout
    columns: list[exp.Expr] = [exp.Column(this=exp.Star(), table=exp.to_identifier("lead_known"))]
    query = exp.select().from_("lead_known")
    for index, feature in enumerate(plan.features):
        value: exp.Expr = column(layout.feature(index), "lead_event")
        if type(feature).__name__ != "LastDay":
            value = or_zero(value)
        columns.append(exp.alias_(value, layout.feature(index)))
    if has_events:
        query = _join(query, "lead_event")
    if has_outcomes:
        query = _join(query, "lead_outcome")
        history = ["decision", "reason", "deal", *(names.name("outcome_day", one) for one in plan.outcomes)]
        columns += [exp.alias_(column(name, "lead_outcome"), name) for name in history]
    if plan.spells:
        on = exp.EQ(this=column("lead_id", "spell_known"), expression=column("lead_id", "lead_known"))
        query = query.join("spell_known", on=on, join_type="left")
        ended = [names.name("spells", one) for one in plan.spells]
        columns += [exp.alias_(or_zero(column(name, "spell_known")), name) for name in ended]
    if _wipes_of_inactivity(plan):
        query = _join(query, "wiped")
        columns += [exp.alias_(column(name, "wiped"), name) for name in _wipes_of_inactivity(plan)]
    names.steps.add("known", query.select(*columns))


def _wipes_of_inactivity(plan: Plan) -> list[str]:
    wipes = {plan.wipe_of(one.score) for one in plan.playbook.criteria if isinstance(one, InactivityCriterion)}
    return [f"wiped_day_{index + 1}" for index in sorted(wipe for wipe in wipes if wipe is not None)]


def _join(query: exp.Select, table: str) -> exp.Select:
    on = exp.EQ(this=column(KEY, table), expression=column(KEY, "lead_known"))
    return query.join(table, on=on, join_type="left")


def add_contributions(names: Assessing) -> None:
    """Add what each condition on facts comes to, and what each criterion gives."""
    plan = names.plan
    tests = {
        names.name("t", clause.where): condition_sql(plan.bound.test(clause), names.term)
        for clause in plan.clauses
        if clause.place == "facts"
    }
    names.steps.extend("truth", "known", tests) if tests else None
    contributions: dict[str, exp.Expr] = {}
    for criterion in plan.playbook.criteria:
        contributions |= _contribution(names, criterion)
    names.steps.extend("contribution", "truth" if tests else "known", contributions)


def _contribution(names: Assessing, criterion: AnyCriterion) -> dict[str, exp.Expr]:
    plan, layout = names.plan, names.layout
    units, unknown = names.name("c", criterion.id), names.name("u", criterion.id)
    match criterion:
        case FactCriterion():
            truths = [(names.truth(choice.when), choice.points) for choice in criterion.choices]
            given = case([(truth, big(integer(points))) for truth, points in truths], big(integer(0)))
            nulls = [exp.Is(this=truth.copy(), expression=exp.Null()) for truth, _ in truths]
            nothing_true = [
                exp.Not(this=exp.Coalesce(this=truth.copy(), expressions=[exp.false()])) for truth, _ in truths
            ]
            is_unknown = exp.and_(exp.or_(*nulls), *nothing_true) if len(truths) > 1 else nulls[0]
            return {units: given, unknown: exp.paren(is_unknown)}
        case EventCriterion():
            value: exp.Expr = column(layout.feature(plan.points[criterion.id]))
            return {units: held(value, criterion.low, criterion.high)}
        case InactivityCriterion():
            last: exp.Expr = column(layout.feature(plan.activity[criterion.id]))
            wipe = plan.wipe_of(criterion.score)
            if wipe is not None:
                wiped = column(f"wiped_day_{wipe + 1}")
                later = exp.GT(this=exp.Coalesce(this=wiped.copy(), expressions=[last.copy()]), expression=last.copy())
                # the later of the two days, or the one that there is
                last = case([(exp.Is(this=last.copy(), expression=exp.Null()), wiped), (later, wiped.copy())], last)
            periods = whole_part(names.days_since(last.copy()), criterion.every_days)
            value = held(exp.Mul(this=periods, expression=integer(criterion.points)), criterion.low, criterion.high)
            is_unknown = exp.Is(this=exp.paren(last), expression=exp.Null())
            return {units: case([(is_unknown.copy(), big(integer(0)))], value), unknown: is_unknown}


def add_scores(names: Assessing) -> str:
    """Add the scores, those that others are sums of first. Return the last step."""
    playbook = names.plan.playbook
    source = "contribution"
    depth = {score.id: _depth(names, score) for score in playbook.scores}
    for level in range(max(depth.values(), default=0) + 1):
        columns: dict[str, exp.Expr] = {}
        for score in playbook.scores:
            if depth[score.id] == level:
                columns |= _score_columns(names, score)
        if columns:
            source = names.steps.extend("scored" if level == 0 else f"summed_{level}", source, columns)
    return source


def _depth(names: Assessing, score: Score) -> int:
    playbook = names.plan.playbook
    return 1 + max(_depth(names, playbook.get_score(part)) for part in score.sum_of) if score.sum_of else 0


def _score_columns(names: Assessing, score: Score) -> dict[str, exp.Expr]:
    playbook = names.plan.playbook
    criteria = playbook.criteria_of(score.id)
    units = [column(names.name("s", part)) for part in score.sum_of] + [
        column(names.name("c", one.id)) for one in criteria
    ]
    found = {names.name("s", score.id): held(add(units), score.low, score.high)}
    for kind, pick in (("low", min), ("high", max)):
        parts: list[exp.Expr] = [column(names.name(kind, part)) for part in score.sum_of]
        endless: list[exp.Expr] = [exp.Is(this=part.copy(), expression=exp.Null()) for part in parts]
        for criterion in criteria:
            match criterion:
                case FactCriterion():
                    parts.append(_bound_of_facts(names, criterion, pick))
                case EventCriterion():
                    parts.append(column(names.name("c", criterion.id)))
                case InactivityCriterion():
                    bound = _bound_of_inactivity(criterion, kind)
                    unknown = column(names.name("u", criterion.id))
                    if bound is None:
                        endless.append(unknown.copy())
                    parts.append(case([(unknown, integer(bound or 0))], column(names.name("c", criterion.id))))
        value = held(add(parts), score.low, score.high)
        if endless:
            when_endless = score.low if kind == "low" else score.high
            value = case([(exp.or_(*endless), exp.Null() if when_endless is None else integer(when_endless))], value)
        found[names.name(kind, score.id)] = big(value)
    found[names.name("coverage", score.id)] = _coverage(names, score)
    return found


def _bound_of_facts(names: Assessing, criterion: FactCriterion, pick: object) -> exp.Expr:
    """Return the least or the most that a criterion on facts gives: each choice whose condition is unknown could still hold."""
    units, unknown = column(names.name("c", criterion.id)), column(names.name("u", criterion.id))
    assert callable(pick)
    if len(criterion.choices) == 1:
        return case([(unknown, integer(pick(0, criterion.choices[0].points)))], units)
    possible: list[exp.Expr] = [integer(0)]
    for choice in criterion.choices:
        if pick(0, choice.points) != 0:
            is_null = exp.Is(this=names.truth(choice.when), expression=exp.Null())
            possible.append(case([(is_null, integer(choice.points))], integer(0)))
    return case([(unknown, greatest(possible) if pick is max else smallest(possible))], units)


def _bound_of_inactivity(criterion: InactivityCriterion, kind: str) -> int | None:
    falls = criterion.points < 0
    nothing = hold(0, criterion.low, criterion.high)
    if kind == "low":
        return criterion.low if falls else min(0, nothing)
    return max(0, nothing) if falls else criterion.high


def _coverage(names: Assessing, score: Score) -> exp.Expr:
    """Return the share of the points of the fact criteria that are known; rounded down, in ten-thousandths."""
    criteria = _fact_criteria(names, score)
    largest = {one.id: max(abs(choice.points) for choice in one.choices) for one in criteria}
    of_all = sum(largest[one.id] for one in criteria)
    if not of_all:
        return big(integer(POINT))
    known = [case([(column(names.name("u", one.id)), integer(0))], integer(largest[one.id])) for one in criteria]
    return whole_part(exp.Mul(this=exp.paren(add(known)), expression=big(integer(POINT))), of_all)


def _fact_criteria(names: Assessing, score: Score) -> list[FactCriterion]:
    playbook = names.plan.playbook
    inner = [one for part in score.sum_of for one in _fact_criteria(names, playbook.get_score(part))]
    return inner + [one for one in playbook.criteria_of(score.id) if isinstance(one, FactCriterion)]


def _grade(names: Assessing, score: Score, say: Callable[[str], str]) -> exp.Expr:
    """Return the first grade whose threshold the score reaches; below all of them, the last."""
    units = column(names.name("s", score.id))
    branches = [
        (exp.GTE(this=units.copy(), expression=integer(least)), exp.Literal.string(say(name)))
        for name, least in score.grades
    ]
    return case(branches, exp.Literal.string(say(score.grades[-1][0])))


def add_levels(names: Assessing, source: str) -> None:
    """Add grade, persona, exclusion, answers, and then what qualifications read."""
    playbook = names.plan.playbook
    levels: dict[str, exp.Expr] = {}
    for score in playbook.scores:
        if score.grades:
            levels[names.name("grade", score.id)] = _grade(names, score, str)
            levels[names.name("gradekey", score.id)] = _grade(names, score, text_key)
    for question in playbook.questions:
        levels[names.name("q", question.id)] = _answer(names, question)
    for name, named in (("excluded_by", playbook.exclusions), ("persona", playbook.personas)):
        levels[name] = case([(names.truth(one.when), exp.Literal.string(one.id)) for one in named], None)
    if not playbook.exclusions:
        levels["excluded_by"] = exp.cast(exp.Null(), exp.DataType.Type.TEXT)
    if not playbook.personas:
        levels["persona"] = exp.cast(exp.Null(), exp.DataType.Type.TEXT)
    source = names.steps.extend("levelled", source, levels)
    answers = [
        exp.EQ(this=column(names.name("q", one.id)), expression=exp.Literal.string("yes")) for one in playbook.questions
    ]
    yes = {"answered_yes": add([case([(one, integer(1))], integer(0)) for one in answers])}
    source = names.steps.extend("answered", source, yes)
    assessed: dict[str, exp.Expr] = {}
    for level in playbook.qualifications:
        enter = exp.Coalesce(
            this=exp.paren(condition_sql(names.plan.bound.test(level.enter), names.term)), expressions=[exp.false()]
        )
        stay = exp.Coalesce(
            this=exp.paren(condition_sql(names.plan.bound.test(level.stay), names.term)), expressions=[exp.false()]
        )
        counts = exp.Is(this=column("excluded_by"), expression=exp.Null())
        assessed[names.name("level", level.id)] = exp.and_(counts, enter)
        assessed[names.name("stay", level.id)] = exp.and_(counts.copy(), exp.paren(exp.or_(enter.copy(), stay)))
    names.steps.extend("assessed", source, assessed | rank_contributions(names))


def _answer(names: Assessing, question: Question) -> exp.Expr:
    said = column(names.layout.field(n.Field("lead", f"questions.{question.id}", "text")))
    branches = [
        (names.truth(clause), exp.Literal.string(answer))
        for answer, clause in (("yes", question.yes), ("partly", question.partly), ("no", question.no))
        if clause is not None
    ]
    return exp.Coalesce(this=said, expressions=[case(branches, exp.Literal.string("unknown"))])


# -- the result --------------------------------------------------------------------------------------------


def result_columns(names: Assessing, *, contributions: bool) -> list[tuple[str, str, exp.Expr]]:
    """Return the columns of an assessment in order: name, what it is (points, share, text, truth), and its SQL."""
    playbook = names.plan.playbook
    found: list[tuple[str, str, exp.Expr]] = [("lead_id", "text", column("lead_id"))]
    found.append(("as_of", "text", exp.Literal.string(names.as_of.text)))
    found += [(score.id, "points", column(names.name("s", score.id))) for score in playbook.scores]
    for score in playbook.scores:
        for kind in ("low", "high", "coverage"):
            found.append((f"{score.id}_{kind}", "points", column(names.name(kind, score.id))))
    grades = [column(names.name("grade", score)) for score in playbook.grade]
    grade: exp.Expr = exp.cast(exp.Null(), exp.DataType.Type.TEXT)
    for index, part in enumerate(grades):
        grade = part if index == 0 else exp.DPipe(this=grade, expression=part, safe=True)
    found += [("grade", "text", grade), ("persona", "text", column("persona"))]
    found += [(one.id, "truth", column(names.name("level", one.id))) for one in playbook.qualifications]
    found += [(f"{one.id}_stay", "truth", column(names.name("stay", one.id))) for one in playbook.qualifications]
    found += [(one.id, "text", column(names.name("q", one.id))) for one in playbook.questions]
    found += [("excluded_by", "text", column("excluded_by")), ("reasons", "text", reasons_sql(names))]
    if contributions:
        found += [(f"c_{one.id}", "points", column(names.name("c", one.id))) for one in playbook.criteria]
    return [_with_consent(names, *entry) for entry in found] if playbook.needs_consent else found


def _with_consent(names: Assessing, name: str, what: str, value: exp.Expr) -> tuple[str, str, exp.Expr]:
    """Without consent a lead has no results, and excluded_by says why."""
    if name in ("lead_id", "as_of"):
        return name, what, value
    field = column(names.layout.field(n.Field("lead", CONSENT_FIELD, "text")))
    words = [exp.Literal.string(word) for word in CONSENT_WORDS]
    has_consent = exp.In(this=field, expressions=words)
    otherwise = exp.Literal.string("consent") if name == "excluded_by" else None
    return name, what, case([(has_consent, value)], otherwise)
