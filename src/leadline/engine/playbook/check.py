"""Checks a playbook as a whole, and gives its conditions their meaning against a catalog.

What is checked here needs more than one place of the file, or the data's fields and events: names that refer to nothing,
types, cycles, grades that nobody can get. What needs the data's *values* is in explanation/coverage of the data (data_check.py).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from leadline.engine.arithmetic import hold, short_points
from leadline.engine.catalog import Catalog, FieldSpec, FieldType
from leadline.engine.expressions.bind import BUILT_IN_OUTCOMES, Complaint, Vocabulary, bind
from leadline.engine.expressions.nodes import Compare, Condition, Field, Literal, Score, parts_of
from leadline.engine.playbook.model import (
    Clause,
    EventCriterion,
    FactCriterion,
    InactivityCriterion,
    Playbook,
)
from leadline.engine.playbook.model import Score as ScoreSpec
from leadline.engine.problems import Problem, ProblemsError, suggest

_TYPE_OF_KIND: dict[str, FieldType] = {
    "text": "text",
    "number": "number",
    "boolean": "boolean",
    "day": "time",
    "list": "list",
}
Range = tuple[int | None, int | None]
"""The least and the most that a score can be, in ten-thousandths; None: no bound."""


@dataclass(frozen=True, slots=True)
class BoundPlaybook:
    """A playbook whose conditions have a meaning.

    tests: the meaning of each clause, by its place. kinds: what fields of unknown type were used as.
    """

    playbook: Playbook
    catalog: Catalog
    tests: Mapping[str, Condition]
    kinds: Mapping[tuple[str, str], str]

    def test(self, clause: Clause) -> Condition:
        """Return the meaning of a clause."""
        return self.tests[clause.where]

    def spec_of(self, field: Field, events: Iterable[str] = ()) -> FieldSpec:
        """Return how the values of a field are read: as declared, as the data has it, or as it is used."""
        places: list[Mapping[str, FieldSpec]]
        match field.scope:
            case "lead":
                places = [self.catalog.lead]
            case "company":
                places = [self.catalog.company]
            case "event":
                places = [self.catalog.events.get(event, {}) for event in events] or list(self.catalog.events.values())
        known = [found for place in places if (found := place.get(field.name))]
        for spec in known:
            if spec.type is not None:
                return spec
        base = known[0] if known else FieldSpec(None)
        return FieldSpec(_TYPE_OF_KIND[field.kind], base.separator, base.missing, base.declared)


def bind_playbook(
    playbook: Playbook, catalog: Catalog | None = None, *, any_field: bool = False
) -> tuple[BoundPlaybook, list[Problem]]:
    """Return the playbook with the meaning of its conditions, and warnings.

    Args:
        playbook: from load.py.
        catalog: what the data has; left out, all names are open and only what the file itself says is checked.
        any_field: where leads are not known, take a name in a qualification that is no score for a field, and do not ask
            whether it is a mistyped score.

    Raises:
        ProblemsError: with everything that is wrong.
    """
    declared_events = {name: spec.properties for name, spec in playbook.events.items()}
    catalog = (catalog or Catalog()).with_declared(playbook.lead_fields, playbook.company_fields, declared_events)
    vocabulary = Vocabulary(
        catalog=catalog,
        lists=playbook.lists,
        scores={score.id: tuple(name for name, _ in score.grades) for score in playbook.scores},
        questions=tuple(question.id for question in playbook.questions),
        qualifications=tuple(qualification.id for qualification in playbook.qualifications),
        outcomes=tuple(outcome.id for outcome in playbook.outcomes) or BUILT_IN_OUTCOMES,
        any_field=any_field,
    )
    problems = [
        *_references(playbook),
        *_columns(playbook),
        *_scores(playbook),
        *_events(playbook, catalog),
        *_fixes(playbook, catalog),
    ]
    is_whole = _sums_are_whole(playbook)
    tests: dict[str, Condition] = {}
    vocabulary.is_learning = True
    for clause in playbook.clauses():  # first all uses, since a field's type may be told by a later one
        bind(clause.text, clause.place, vocabulary, clause.events)
    vocabulary.is_learning = False
    for clause in playbook.clauses():
        found = bind(clause.text, clause.place, vocabulary, clause.events)
        if isinstance(found, list):
            problems += [_complain(complaint, clause) for complaint in found]
        else:
            tests[clause.where] = found
            problems += _thresholds(playbook, clause, found) if is_whole else []
    problems = [problem.in_file(playbook.file) for problem in sorted(problems, key=lambda problem: problem.line or 0)]
    if any(problem.severity == "error" for problem in problems):
        raise ProblemsError(problems)
    return BoundPlaybook(playbook, catalog, tests, dict(vocabulary.inferred)), problems


def _complain(complaint: Complaint, clause: Clause) -> Problem:
    return Problem(code=complaint.code, message=complaint.message, where=clause.where, line=clause.line)


# -- names that refer to something ------------------------------------------------------------------


def _references(playbook: Playbook) -> Iterator[Problem]:
    scores = [score.id for score in playbook.scores]
    summed = {score.id for score in playbook.scores if score.sum_of}
    outcomes = [outcome.id for outcome in playbook.outcomes]
    qualifications = [qualification.id for qualification in playbook.qualifications]

    def missing(
        names: Iterable[str], known: list[str], what: str, where: str, line: int | None = None
    ) -> Iterator[Problem]:
        for name in names:
            if name not in known:
                message = f"There is no {what} '{name}'.{suggest(name, known)}"
                yield Problem(code=f"unknown-{what}", message=message, where=where, line=line)

    yield from missing(playbook.grade, scores, "score", "playbook.grade")
    for name in playbook.grade:
        if name in scores and not playbook.get_score(name).grades:
            message = f"The score '{name}' has no grades, so it cannot be part of the lead's grade."
            yield Problem(code="missing-key", message=message, where="playbook.grade")
    for score in playbook.scores:
        yield from missing(score.sum_of, scores, "score", f"scores.{score.id}.sum_of", score.line)
    for criterion in playbook.criteria:
        where = f"criteria.{criterion.id}.score"
        yield from missing([criterion.score], scores, "score", where, criterion.line)
        if criterion.score in summed:
            message = f"'{criterion.score}' is a sum of other scores and has no criteria of its own."
            yield Problem(code="conflicting-keys", message=message, where=where, line=criterion.line)
    for index, reset in enumerate(playbook.resets):
        yield from missing(reset.scores, scores, "score", f"resets[{index}].scores")
        yield from _no_sums(reset.scores, summed, f"resets[{index}].scores")
    for outcome in playbook.outcomes:
        yield from missing(outcome.reset, scores, "score", f"outcomes.{outcome.id}.reset")
        yield from _no_sums(outcome.reset, summed, f"outcomes.{outcome.id}.reset")
        for reason in outcome.reasons:
            where = f"outcomes.{outcome.id}.reasons.{reason.id}.reset"
            yield from missing(reason.reset or (), scores, "score", where)
            yield from _no_sums(reason.reset or (), summed, where)
    for stage in playbook.stages:
        if stage.while_:
            yield from missing([stage.while_], qualifications, "qualification", f"stages.{stage.id}.while")
        if stage.since:
            yield from missing([stage.since, *stage.until], outcomes, "outcome", f"stages.{stage.id}")
    if playbook.handoff:
        yield from missing(playbook.handoff.qualifications, qualifications, "qualification", "handoff.qualifications")


def _no_sums(names: Iterable[str], summed: set[str], where: str) -> Iterator[Problem]:
    for name in names:
        if name in summed:
            message = f"'{name}' is a sum of other scores: reset those."
            yield Problem(code="bad-value", message=message, where=where)


def output_columns(playbook: Playbook, *, contributions: bool = False) -> list[str]:
    """Return the names of the columns of an assessment, in order.

    >>> output_columns(Playbook(name="p", scores=(ScoreSpec(id="fit", title="Fit"),)))[:5]
    ['lead_id', 'as_of', 'fit', 'fit_low', 'fit_high']
    """
    scores = [score.id for score in playbook.scores]
    qualifications = [qualification.id for qualification in playbook.qualifications]
    return [
        "lead_id",
        "as_of",
        *scores,
        *(f"{score}_{part}" for score in scores for part in ("low", "high", "coverage")),
        "grade",
        "persona",
        *qualifications,
        *(f"{qualification}_stay" for qualification in qualifications),
        *(question.id for question in playbook.questions),
        "excluded_by",
        "reasons",
        *(f"c_{criterion.id}" for criterion in playbook.criteria if contributions),
    ]


def _columns(playbook: Playbook) -> Iterator[Problem]:
    """Complain about ids that would give two columns of the result one name."""
    seen: set[str] = set()
    for name in output_columns(playbook, contributions=True):
        if name.lower() in seen:
            message = f"The result would have two columns '{name}': scores, qualifications and questions need ids of their own."
            yield Problem(code="duplicate-id", message=message, where=name)
        seen.add(name.lower())


def _fixes(playbook: Playbook, catalog: Catalog) -> Iterator[Problem]:
    """Warn of a field to put right that looks like a typing mistake; one that nobody has said yet may well be unknown."""
    for outcome in playbook.outcomes:
        for reason in outcome.reasons:
            for name in reason.fix:
                near = suggest(name, catalog.lead)
                if name not in catalog.lead and near.startswith(" Did you mean"):
                    message = f"There is no field '{name}' of the lead.{near}"
                    where = f"outcomes.{outcome.id}.reasons.{reason.id}.fix"
                    yield Problem(code="unknown-field", message=message, where=where, severity="warning")


def _events(playbook: Playbook, catalog: Catalog) -> Iterator[Problem]:
    """Complain about events that neither the data nor the playbook has."""
    named: list[tuple[str, str, int | None]] = []
    for criterion in playbook.criteria:
        if isinstance(criterion, EventCriterion):
            named += [(event, f"criteria.{criterion.id}.event", criterion.line) for event in criterion.events]
        elif isinstance(criterion, InactivityCriterion):
            named += [
                (event, f"criteria.{criterion.id}.activity", criterion.line) for event in criterion.activity or ()
            ]
    named += [(reset.event, f"resets[{index}].event", None) for index, reset in enumerate(playbook.resets)]
    for qualification in playbook.qualifications:
        where = f"qualifications.{qualification.id}.hand_raise"
        named += [(event, where, qualification.line) for event in qualification.hand_raise]
    for event, where, line in named:
        if event not in catalog.events and "events" not in catalog.open_parts:
            message = (
                f"There is no event '{event}' in the data.{suggest(event, catalog.events)}"
                f" If it is yet to come, declare it: [events.{event}]."
            )
            yield Problem(code="unknown-event", message=message, where=where, line=line)
        elif catalog.seen_events is not None and event not in catalog.seen_events:
            message = f"The event '{event}' is declared, but has not occurred in this data."
            yield Problem(code="event-not-in-data", message=message, where=where, line=line, severity="warning")
    for criterion in playbook.criteria:
        if isinstance(criterion, InactivityCriterion) and not (criterion.activity or playbook.activity):
            message = (
                "no criterion with positive points names an event, so nothing is activity: write activity = ['…']."
            )
            yield Problem(code="missing-key", message=message, where=f"criteria.{criterion.id}", line=criterion.line)


# -- what scores can be -------------------------------------------------------------------------------


def _scores(playbook: Playbook) -> Iterator[Problem]:
    cyclic, is_whole = _cycles(playbook), _sums_are_whole(playbook)
    for score in playbook.scores:
        where = f"scores.{score.id}"
        if score.id in cyclic:
            message = f"sum_of leads from '{score.id}' back to itself: {' → '.join(cyclic[score.id])}."
            yield Problem(code="score-cycle", message=message, where=f"{where}.sum_of", line=score.line)
            continue
        yield from _grades(score, _declared_range(score), where, "error")
        if not is_whole:
            continue
        if not score.sum_of and not playbook.criteria_of(score.id):
            message = f"No criterion adds to '{score.id}'."
            yield Problem(code="no-criteria", message=message, where=where, line=score.line, severity="warning")
        else:
            noted = {problem.where for problem in _grades(score, _declared_range(score), where, "error")}
            reachable = _grades(score, range_of(playbook, score.id), where, "warning")
            yield from (problem for problem in reachable if problem.where not in noted)


def _sums_are_whole(playbook: Playbook) -> bool:
    """Return whether every sum adds scores that exist, and none leads back to itself."""
    known = {score.id for score in playbook.scores}
    return not _cycles(playbook) and all(part in known for score in playbook.scores for part in score.sum_of)


def _cycles(playbook: Playbook) -> dict[str, list[str]]:
    """Return, for each score whose sum_of leads back to it, the way."""
    parts = {score.id: score.sum_of for score in playbook.scores}

    def way_back(start: str) -> list[str] | None:
        waiting = [[start]]
        seen: set[str] = set()
        while waiting:
            way = waiting.pop()
            for part in parts.get(way[-1], ()):
                if part == start:
                    return [*way, part]
                if part not in seen:
                    seen.add(part)
                    waiting.append([*way, part])
        return None

    return {score: way for score in parts if (way := way_back(score)) is not None}


def _declared_range(score: ScoreSpec) -> Range:
    return score.low, score.high


def _grades(score: ScoreSpec, reach: Range, where: str, severity: str) -> Iterator[Problem]:
    low, high = reach
    better: tuple[str, int] | None = None
    for name, least in score.grades:
        if high is not None and least > high:
            message = f"Nobody can get '{name}': it needs {short_points(least)}, and '{score.id}' is at most {short_points(high)}."
        elif low is not None and better is not None and better[1] <= low:
            message = f"Nobody can get '{name}': '{score.id}' is at least {short_points(low)}, which is enough for '{better[0]}'."
        else:
            better = (name, least)
            continue
        better = (name, least)
        yield Problem(
            code="unreachable-grade",
            message=message,
            where=f"{where}.grades.{name}",
            line=score.line,
            severity="error" if severity == "error" else "warning",
        )


def range_of(playbook: Playbook, score_id: str) -> Range:
    """Return the least and the most that a score can be, given its criteria and bounds."""
    return _range_of(playbook, score_id, {})


def _range_of(playbook: Playbook, score_id: str, found: dict[str, Range]) -> Range:
    if score_id in found:  # two sums may share their parts, and theirs, and so on
        return found[score_id]
    score = playbook.get_score(score_id)
    lows: list[int | None] = []
    highs: list[int | None] = []
    for part in score.sum_of:
        low, high = _range_of(playbook, part, found)
        lows.append(low)
        highs.append(high)
    for criterion in playbook.criteria_of(score_id):
        match criterion:
            case FactCriterion():
                points = [0, *(choice.points for choice in criterion.choices)]
                lows.append(min(points))
                highs.append(max(points))
            case EventCriterion() | InactivityCriterion():
                lows.append(criterion.low if criterion.points < 0 else hold(0, criterion.low, criterion.high))
                highs.append(criterion.high if criterion.points > 0 else hold(0, criterion.low, criterion.high))
    low = None if None in lows else sum(item for item in lows if item is not None)
    high = None if None in highs else sum(item for item in highs if item is not None)
    low = score.low if low is None else hold(low, score.low, score.high)
    high = score.high if high is None else hold(high, score.low, score.high)
    found[score_id] = (low, high)
    return low, high


def _thresholds(playbook: Playbook, clause: Clause, condition: Condition) -> Iterator[Problem]:
    """Warn of comparisons with a score that its range decides."""
    waiting: list[object] = [condition]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Condition):
            waiting += parts_of(item)
        if not (isinstance(item, Compare) and isinstance(item.left, Score) and isinstance(item.right, Literal)):
            continue
        if not playbook.criteria_of(item.left.score) and not playbook.get_score(item.left.score).sum_of:
            continue  # a score without criteria is warned of as such
        low, high = range_of(playbook, item.left.score)
        wanted = float(item.right.value) * 10_000
        too_high = (
            item.operator in (">", ">=")
            and high is not None
            and (wanted > high or (item.operator == ">" and wanted == high))
        )
        too_low = (
            item.operator in ("<", "<=")
            and low is not None
            and (wanted < low or (item.operator == "<" and wanted == low))
        )
        if too_high or too_low:
            reach = f"at most {short_points(high or 0)}" if too_high else f"at least {short_points(low or 0)}"
            message = (
                f"{item.left.score} {item.operator} {item.right.shown} is never true: '{item.left.score}' is {reach}."
            )
            yield Problem(
                code="unreachable-threshold", message=message, where=clause.where, line=clause.line, severity="warning"
            )
