"""Says a playbook in plain sentences, for those who live with it and do not read the language.

Every key that stands in the file is said. tests/engine/playbook/test_words.py holds that.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import assert_never

from leadline.engine.arithmetic import Decay, HalfLife, Linear, NoDecay, Step, plain_points
from leadline.engine.catalog import FieldSpec
from leadline.engine.expressions.words import (
    join_words,
    say_condition,
    say_days,
    say_event,
    say_field,
    say_name,
    say_text,
)
from leadline.engine.playbook.check import BoundPlaybook, bind_playbook
from leadline.engine.playbook.load import load_playbook
from leadline.engine.playbook.model import (
    AnyCriterion,
    Clause,
    EventCriterion,
    EventSpec,
    FactCriterion,
    InactivityCriterion,
    Limit,
    Named,
    Playbook,
    Qualification,
    Question,
    Score,
    Stage,
)
from leadline.engine.playbook.outcome_words import say_outcomes, say_source

_MOST_IN_A_LIST = 12


def say_playbook(playbook: str | Path | Playbook | BoundPlaybook) -> str:
    """Return a whole playbook in plain sentences, one part after the other as in the file.

    Args:
        playbook: a file, or a playbook that was loaded or bound.

    Raises:
        ProblemsError: the playbook cannot be used.
    """
    bound = playbook if isinstance(playbook, BoundPlaybook) else _bind(playbook)
    return _say(bound, bound.playbook)


def _bind(playbook: str | Path | Playbook) -> BoundPlaybook:
    loaded = playbook if isinstance(playbook, Playbook) else load_playbook(playbook)[0]
    return bind_playbook(loaded)[0]


def _say(bound: BoundPlaybook, playbook: Playbook) -> str:
    return "\n\n".join("\n".join(lines) for _, lines in say_parts(bound)) + "\n"


def say_parts(bound: BoundPlaybook) -> list[tuple[str, list[str]]]:
    """Return the parts of a playbook that have something to say, each with its lines.

    The names are those of the file, such as ``stages`` or ``scores.fit``; what it speaks about (``[fields]``, ``[events]``,
    ``[sources]``, ``[lists]``) is one part, ``words``.
    """
    playbook = bound.playbook
    parts: list[tuple[str, Iterable[str]]] = [
        ("playbook", _head(playbook)),
        ("words", _words(playbook)),
        *((f"scores.{score.id}", _score(bound, score)) for score in playbook.scores),
        ("resets", _resets(playbook)),
        ("questions", _titled("Questions", (say_question(bound, question) for question in playbook.questions))),
        ("personas", _titled("Personas (the first that holds)", (say_named(bound, one) for one in playbook.personas))),
        (
            "exclusions",
            _titled("Never a lead (the first that holds)", (say_named(bound, one) for one in playbook.exclusions)),
        ),
        (
            "qualifications",
            _titled("Qualifications", (say_qualification(bound, level) for level in playbook.qualifications)),
        ),
        ("outcomes", say_outcomes(playbook)),
        ("stages", _titled("Stages (the last that holds)", (say_stage(stage, playbook) for stage in playbook.stages))),
        ("handoff", say_handoff(bound)),
    ]
    return [(name, lines) for name, part in parts if (lines := list(part))]


def _titled(title: str, sentences: Iterable[str]) -> list[str]:
    found = [f"- {sentence}" for sentence in sentences]
    return [title, *found] if found else []


# -- what it speaks about -----------------------------------------------------------------------------


def _head(playbook: Playbook) -> Iterator[str]:
    said = say_head(playbook)
    yield f"{said['name']} {said['timezone']}"
    yield from (said[key] for key in ("grade", "needs_consent") if said[key])


def say_head(playbook: Playbook) -> dict[str, str]:
    """Return a sentence for each key of the head; an empty one where it has nothing to say."""
    names = join_words([say_name(score) for score in playbook.grade], "and")
    return {
        "name": f"The playbook {say_text(playbook.name)}.",
        "timezone": f"A day is a day in {playbook.timezone}.",
        "grade": f"A lead's grade is made of {names}, in this order." if playbook.grade else "",
        "needs_consent": "A lead that has not agreed to scoring is not scored." if playbook.needs_consent else "",
    }


def _words(playbook: Playbook) -> Iterator[str]:
    for name, spec in playbook.lead_fields.items():
        yield say_declared_field(say_field("lead", name), spec)
    for name, spec in playbook.company_fields.items():
        yield say_declared_field(say_field("company", name), spec)
    for event, declared in playbook.events.items():
        yield say_declared_event(event, declared)
    if playbook.source_rank:
        yield say_sources(playbook.source_rank)
    for name, entries in playbook.lists.items():
        yield f"The list “{say_name(name)}” has {say_entries(entries)}."


def say_declared_field(name: str, spec: FieldSpec) -> str:
    """Return what a playbook declares of a field, by the name that people give it."""
    return f"{name[0].upper()}{name[1:]} is {say_type(spec)}."


def say_declared_event(event: str, declared: EventSpec) -> str:
    """Return what a playbook declares of an event."""
    typed = [f"its {say_name(name)} is {say_type(spec)}" for name, spec in declared.properties.items()]
    return f"{say_event(event)} is an event{''.join(f'; {one}' for one in typed)}."


def say_sources(rank: Sequence[str]) -> str:
    """Return whom a playbook believes."""
    return f"When sources differ, the first of these is believed: {', '.join(rank)}; others last."


def say_entries(entries: Sequence[str]) -> str:
    """Return the entries of a list; of many, the first few and how many more."""
    more = len(entries) - _MOST_IN_A_LIST
    shown = ", ".join(say_text(entry) for entry in entries[:_MOST_IN_A_LIST])
    return f"{shown or 'nothing'}{f' and {more} more' if more > 0 else ''}"


def say_type(spec: FieldSpec) -> str:
    """Return what the values of a field are, and which of them say nothing."""
    kinds = {
        "text": "a text",
        "number": "a number",
        "boolean": "true or false",
        "date": "a date",
        "time": "a time",
        "list": f"a list, separated by “{spec.separator}”",
    }
    missing = join_words([say_text(text) for text in spec.missing], "or")
    return kinds[spec.type or "text"] + (f"; {missing} means that it is not known" if missing else "")


# -- scores and criteria ------------------------------------------------------------------------------


def _score(bound: BoundPlaybook, score: Score) -> Iterator[str]:
    yield from say_score(score)
    for criterion in bound.playbook.criteria_of(score.id):
        yield f"- {say_titled_criterion(bound, criterion)}"


def say_score(score: Score) -> Iterator[str]:
    """Yield a score's title, its bounds and its grades."""
    name = say_name(score.id)
    yield score.title if score.title in (score.id, name) else f"{score.title} (the score {name})"
    bounds = [
        *([f"never below {plain_points(score.low)}"] if score.low is not None else []),
        *([f"never above {plain_points(score.high)}"] if score.high is not None else []),
    ]
    if score.sum_of:
        bounds.insert(0, f"the sum of {join_words([say_name(part) for part in score.sum_of], 'and')}")
    if bounds:
        said = ", ".join(bounds)
        yield f"{said[0].upper()}{said[1:]}{say_source(score.source)}."
    elif score.source:
        yield f"Where its numbers come from: {score.source}."
    if score.grades:
        *better, (last, least) = score.grades
        steps = [f"{grade} from {plain_points(units)}" for grade, units in better]
        yield f"Grades: {', '.join([*steps, f'{last} from {plain_points(least)} and below'])}."


def say_points(units: int) -> str:
    """Return ten-thousandths as a number of points in words.

    >>> say_points(10_000), say_points(-25_000)
    ('1 point', 'minus 2.5 points')
    """
    number = plain_points(abs(units))
    return f"{'minus ' if units < 0 else ''}{number} point{'' if number == '1' else 's'}"


def say_titled_criterion(bound: BoundPlaybook, criterion: AnyCriterion) -> str:
    """Return a criterion with the reason for it before."""
    said = say_criterion(bound, criterion)
    return said if criterion.why == criterion.id else f"{criterion.why}: {said}"


def say_criterion(bound: BoundPlaybook, criterion: AnyCriterion) -> str:
    """Return what a criterion gives, and for what, in a sentence."""
    match criterion:
        case FactCriterion(is_choose=False):
            (choice,) = criterion.choices
            said = f"{say_points(choice.points)} when {say(bound, choice.when)}"
        case FactCriterion():
            entries = [
                f"{say_points(choice.points)} when {say(bound, choice.when)}{say_source(choice.source)}"
                for choice in criterion.choices
            ]
            said = f"the first that holds: {'; '.join(entries)}"
        case EventCriterion():
            said = _say_events(bound, criterion)
        case InactivityCriterion():
            quiet = say_days(criterion.every_days)
            said = f"{say_points(criterion.points)} for every full {quiet} without {say_activity(criterion)}"
            said += _say_bounds(criterion.low, criterion.high)
        case _:
            assert_never(criterion)
    return f"{said}{say_source(criterion.source)}."


def _say_events(bound: BoundPlaybook, criterion: EventCriterion) -> str:
    names = join_words([say_event(name) for name in criterion.events], "or")
    when = "" if criterion.when is None else f" when {say(bound, criterion.when)}"
    parts = [f"{_say_exact(criterion.points)} for each {names}{when}"]
    if criterion.limit is not None:
        parts.append(say_limit(criterion.limit))
    fading = say_decay(criterion.decay)
    if fading:
        parts.append(fading)
    if criterion.within_days is not None:
        parts.append(f"forgotten after {say_days(criterion.within_days)}")
    elif not fading:
        parts.append("never forgotten")
    return "; ".join(parts) + _say_bounds(criterion.low, criterion.high)


def say_activity(criterion: InactivityCriterion) -> str:
    """Return what ends the silence."""
    if criterion.activity is None:
        return "an event that earns points"
    return join_words([say_event(name) for name in criterion.activity], "or")


def _say_exact(points: Decimal) -> str:
    return say_points(int(points * 10_000))


def say_decay(decay: Decay) -> str:
    """Return how points fade.

    >>> say_decay(HalfLife(14)), say_decay(Step(Decimal("0.15"), 45))
    ('worth half after every 14 days', 'worth 15 % less after every 45 days')
    """
    match decay:
        case NoDecay():
            return ""
        case HalfLife(days):
            return f"worth half after every {say_days(days)}"
        case Linear(days):
            return f"fades evenly to nothing in {say_days(days)}"
        case Step(drop, every_days):
            return f"worth {(drop * 100).normalize():f} % less after every {say_days(every_days)}"
        case _:
            assert_never(decay)


def say_limit(limit: Limit) -> str:
    """Return how many events can count.

    >>> say_limit(Limit(1, "day")), say_limit(Limit(3, "ever"))
    ('at most once a day', 'only the first 3 ever')
    """
    if limit.per == "ever":
        return "only the first one ever" if limit.count == 1 else f"only the first {limit.count} ever"
    times = {1: "once", 2: "twice"}.get(limit.count, f"{limit.count} times")
    return f"at most {times} a {'day' if limit.per == 'day' else f'calendar {limit.per}'}"


def _say_bounds(low: int | None, high: int | None) -> str:
    least = "" if low is None else f"; at least {say_points(low)} in all"
    return least + ("" if high is None else f"; at most {say_points(high)} in all")


def say(bound: BoundPlaybook, clause: Clause) -> str:
    """Return a clause of a playbook in words."""
    return say_condition(bound.test(clause))


def _resets(playbook: Playbook) -> list[str]:
    return [say_reset(reset.event, reset.scores) for reset in playbook.resets]


def say_reset(event: str, scores: Sequence[str]) -> str:
    """Return what an event wipes."""
    wiped = join_words([say_name(score) for score in scores], "and")
    return f"{say_event(event)} wipes {wiped}: what came before it no longer counts there."


# -- questions and levels -----------------------------------------------------------------------------


def say_question(bound: BoundPlaybook, question: Question) -> str:
    """Return a question with the rule of its answer."""
    answers = [
        f"{answer} when {say(bound, clause)}"
        for answer, clause in (("yes", question.yes), ("partly", question.partly), ("no", question.no))
        if clause is not None
    ]
    rule = f"{'; else '.join(answers)}; what a person answered wins" if answers else "only people can answer"
    ask = "" if question.ask == question.id else f" {question.ask}"
    return f"{say_name(question.id)}:{ask} {rule[0].upper()}{rule[1:]}{say_source(question.source)}."


def say_named(bound: BoundPlaybook, one: Named) -> str:
    """Return a persona or an exclusion: who is one."""
    title = one.title if one.title == one.id else f"{one.title} ({one.id})"
    return f"{title}: when {say(bound, one.when)}{say_source(one.source)}."


def say_qualification(bound: BoundPlaybook, level: Qualification) -> str:
    """Return how a lead comes into a level, how long it stays, and how soon it comes back."""
    title = level.id if level.title == level.id else f"{level.title} ({level.id})"
    sentences = [f"{title}: enters when {say(bound, level.enter)}{say_source(level.source)}."]
    sentences.append(
        "Stays while that holds."
        if level.stay == level.enter
        else f"Stays while that holds, and also while {say(bound, level.stay)}."
    )
    if level.hand_raise:
        held = (
            ""
            if level.hand_raise_stay_days is None
            else f", and holds for at least {say_days(level.hand_raise_stay_days)}"
        )
        events = join_words([say_event(event) for event in level.hand_raise], "or")
        sentences.append(f"A raised hand ({events}) enters at once{held}.")
    elif level.hand_raise_stay_days is not None:
        sentences.append(f"A raised hand holds for at least {say_days(level.hand_raise_stay_days)}.")
    if level.cooldown_days is not None:
        sentences.append(f"After being given back, quiet for {say_days(level.cooldown_days)}.")
    return " ".join(sentences)


# -- what follows -------------------------------------------------------------------------------------


def say_level(level_id: str, playbook: Playbook) -> str:
    """Return a qualification as people call it: its title, else its name."""
    return next((one.title for one in playbook.qualifications if one.id == level_id), say_name(level_id))


def say_stage(stage: Stage, playbook: Playbook) -> str:
    """Return when a stage holds. One of a qualification that has no title of its own is called like that."""
    called = stage.title if stage.while_ is None or stage.title != stage.id else say_level(stage.while_, playbook)
    title = stage.id if called == stage.id else f"{called} ({stage.id})"
    if stage.while_ is not None:
        return f"{title}: as long as the lead is in “{say_level(stage.while_, playbook)}”."
    if stage.since is None:
        return f"{title}: always."
    until = f" until {join_words([say_name(one) for one in stage.until], 'or')}" if stage.until else ""
    return f"{title}: from {say_name(stage.since)}{until}."


def say_handoff(bound: BoundPlaybook) -> list[str]:
    """Return which leads go to sales and to whom, if any do."""
    handoff = bound.playbook.handoff
    if handoff is None:
        return []
    levels = join_words([f"“{say_level(level, bound.playbook)}”" for level in handoff.qualifications], "and")
    hours = handoff.respond_within_hours
    answer = "" if hours is None else f", who respond within {hours} working hour{'' if hours == 1 else 's'}"
    routes = [f"- To {route.to} when {say(bound, route.when)}{say_source(route.source)}." for route in handoff.routes]
    rest = [] if handoff.otherwise is None else [f"- {'Otherwise to' if routes else 'To'} {handoff.otherwise}."]
    return [f"Hand-off: {levels} go to sales{answer}{say_source(handoff.source)}.", *routes, *rest]
