"""Says a change in the playbook's words: where a condition of the playbook means the very same values, it is used."""

from collections.abc import Collection, Sequence

from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.words import join_words, say_condition, say_event, say_name, say_term, say_value
from leadline.engine.next_step.values import SOMETHING_ELSE, Choices, ValueClass

_TIMES = {1: "one", 2: "two", 3: "three"}


def say_choice(choices: Choices, wanted: Collection[int]) -> str:
    """Return that a field has a value of one of some classes, given by their places."""
    subject = choices.field
    if not choices.is_alone:
        (place,) = wanted
        return _is(choices, choices.classes[place].value)
    for leaf_place, leaf in enumerate(choices.leaves):
        for truth, condition in ((True, leaf), (False, n.Not(leaf))):
            if {place for place, one in enumerate(choices.classes) if one.truths[leaf_place] is truth} == set(wanted):
                return say_condition(_simple(condition))
    classes = [choices.classes[place] for place in sorted(wanted)]
    if choices.line:
        return _say_stretches(choices, classes)
    return (
        _say_several(choices, classes)
        if subject.kind == "text"
        else join_words([_is(choices, one.value) for one in classes], "or")
    )


def _simple(condition: n.Condition) -> n.Condition:
    """Return a condition without what only says that it is written the other way round."""
    match condition:
        case n.Not(n.Compare(left, "<>", right)):
            return n.Compare(left, "=", right)
        case n.Not(n.Compare(left, "=", right)):
            return n.Compare(left, "<>", right)
        case n.Not(n.Compare(left, "<", right)):
            return n.Compare(left, ">=", right)
        case n.Not(n.Compare(left, "<=", right)):
            return n.Compare(left, ">", right)
        case n.Not(n.Compare(left, ">", right)):
            return n.Compare(left, "<=", right)
        case n.Not(n.Compare(left, ">=", right)):
            return n.Compare(left, "<", right)
        case _:
            return condition


def _is(choices: Choices, value: n.Value) -> str:
    subject = choices.field
    match value:
        case bool():
            return say_condition(n.Holds(subject) if value else n.Not(n.Holds(subject)))
        case tuple():
            if value == (SOMETHING_ELSE,):
                return _is_none_of(choices)
            return f"{say_term(subject)} has {say_value(value, 'list')}"
        case _:
            return say_condition(n.Compare(subject, "=", _literal(choices, value)))


def _literal(choices: Choices, value: n.Value) -> n.Literal:
    kind = choices.field.kind
    assert not isinstance(value, tuple)
    return n.Literal(value, kind, choices.shown.get(value, ""))


def _is_none_of(choices: Choices) -> str:
    """Return that a text or list is there, and none of what conditions name."""
    nots = [say_condition(_simple(n.Not(leaf))) for leaf in choices.leaves if not isinstance(leaf, n.IsNull)]
    return join_words(nots, "and") or say_condition(n.Not(n.IsNull(choices.field)))


def _say_several(choices: Choices, classes: Sequence[ValueClass]) -> str:
    """Return that a text is one of some: those that conditions name, and the conditions that are true for others."""
    named = [_literal(choices, value) for one in classes for value in one.values if value in choices.shown]
    said = [say_condition(n.Among(choices.field, tuple(named)))] if named else []
    for one in classes:
        if not any(value in choices.shown for value in one.values):
            true = [
                say_condition(leaf) for leaf, truth in zip(choices.leaves, one.truths, strict=True) if truth is True
            ]
            said.append(join_words(true, "and") or _is_none_of(choices))
    return ", or ".join(dict.fromkeys(said))


# -- stretches of numbers and days ----------------------------------------------------------------------


def _say_stretches(choices: Choices, classes: Sequence[ValueClass]) -> str:
    wanted = {value for one in classes for value in one.values}
    runs: list[list[int]] = []
    for place, value in enumerate(choices.line):
        if value in wanted:
            if runs and runs[-1][-1] == place - 1:
                runs[-1].append(place)
            else:
                runs.append([place])
    return ", or ".join(_say_stretch(choices, run) for run in runs)


def _say_stretch(choices: Choices, run: Sequence[int]) -> str:
    """Return that a number or day lies in a stretch of the line, from its first place to its last."""
    line, subject = choices.line, choices.field
    first, last = line[run[0]], line[run[-1]]
    if first == last and (subject.kind == "day" or first in choices.borders):
        return _is(choices, first)
    low: n.Compare | None = None
    high: n.Compare | None = None
    if run[0] > 0:
        is_closed = subject.kind == "day" or first in choices.borders
        low = n.Compare(subject, ">=" if is_closed else ">", _end(choices, first if is_closed else line[run[0] - 1]))
    if run[-1] < len(line) - 1:
        is_closed = subject.kind == "day" or last in choices.borders
        high = n.Compare(subject, "<=" if is_closed else "<", _end(choices, last if is_closed else line[run[-1] + 1]))
    match low, high:
        case None, None:
            return say_condition(n.Not(n.IsNull(subject)))
        case n.Compare() as only, None:
            return say_condition(only)
        case None, n.Compare() as only:
            return say_condition(only)
        case n.Compare(_, ">=", least), n.Compare(_, "<=", most):
            return say_condition(n.Between(subject, least, most))
        case n.Compare() as lower, n.Compare() as upper:
            head = say_condition(upper).removeprefix(f"{say_term(subject)} is ")
            return f"{say_condition(lower)} and {head}"
    raise AssertionError(low, high)


def _end(choices: Choices, value: n.Value) -> n.Literal:
    return n.Literal(value, choices.field.kind, choices.shown.get(value, ""))  # type: ignore[arg-type]  # no list


# -- events, answers and outcomes -----------------------------------------------------------------------


def say_event_change(event: str, conditions: Sequence[n.Condition], times: int) -> str:
    """Return that events of a name happen, with properties for which conditions hold.

    >>> say_event_change("page_viewed", [], 2)
    'two “page viewed”'
    """
    when = f" when {join_words([say_condition(one) for one in conditions], 'and')}" if conditions else ""
    return f"{_TIMES[times]} {say_event(event)}{when}" if event != "*" else f"any {_EVENTS[times]}"


_EVENTS = {1: "event", 2: "two events", 3: "three events"}


def say_answer_change(ask: str, answers: Sequence[str]) -> str:
    """Return that a person gives an answer to a question.

    >>> say_answer_change("Is there money?", ["yes"])
    'the answer to “Is there money?” is yes'
    """
    return f"the answer to “{ask}” is {join_words(list(answers), 'or')}"


def say_outcome_change(outcome: str, reason: str | None) -> str:
    """Return that an outcome is reported.

    >>> say_outcome_change("accepted", None)
    'the outcome accepted'
    """
    return f"the outcome {say_name(outcome)}" + (f" with the reason {reason}" if reason else "")
