"""Makes a next step of the sets of candidates that were found: words, and what each change serves."""

from collections.abc import Sequence

from leadline.engine.expressions import nodes as n
from leadline.engine.next_step.candidates import Candidate
from leadline.engine.next_step.model import Change, NextStep
from leadline.engine.next_step.needs import Needs
from leadline.engine.next_step.words import say_answer_change, say_choice, say_event_change, say_outcome_change
from leadline.engine.playbook.model import EventCriterion, FactCriterion, Question


def say_step(needs: Needs, ways: Sequence[Sequence[Sequence[int]]]) -> NextStep:
    """Return a next step.

    Args:
        needs: of the qualification.
        ways: ways to take it, the first preferred; each a list of changes, each the places of the candidates that will do.
    """
    level = needs.candidates.reach.level
    said = [_changes(needs, way) for way in ways]
    return NextStep(qualification=level.id, title=level.title, changes=said[0], instead=tuple(said[1:]))


def _changes(needs: Needs, way: Sequence[Sequence[int]]) -> tuple[Change, ...]:
    times: dict[tuple[int, ...], int] = {}
    for places in way:
        times[tuple(places)] = times.get(tuple(places), 0) + 1
    return tuple(_change(needs, places, count) for places, count in times.items())


def _change(needs: Needs, places: Sequence[int], times: int) -> Change:
    candidates = needs.candidates
    options = [candidates.all[place] for place in places]
    one = options[0]
    because = _because(needs, one)
    match one.kind:
        case "fact":
            assert one.field is not None
            text = say_choice(candidates.choices[one.field], [option.value_class for option in options])
            return Change(
                kind="fact",
                name=n.name_of_term(one.field),
                value=one.value,
                value_kind=one.field.kind,
                text=text,
                because=because,
            )
        case "answer":
            question = _question(needs, one)
            text = say_answer_change(question.ask, [str(option.value) for option in options])
            return Change(kind="answer", name=question.id, value=one.value, value_kind="text", text=text)
        case "event":
            text = say_event_change(one.event, one.holds, times)
            return Change(
                kind="event", name=one.event, properties=one.properties, times=times, text=text, because=because
            )
        case "outcome":
            text = say_outcome_change(one.outcome, one.reason)
            return Change(kind="outcome", name=one.outcome, reason=one.reason, text=text)


def _question(needs: Needs, one: Candidate) -> Question:
    assert one.field is not None
    wanted = one.field.name.removeprefix("questions.")
    return next(question for question in needs.candidates.reach.questions if question.id == wanted)


def _because(needs: Needs, one: Candidate) -> str | None:
    """Return the sentence of the first criterion that a change can raise, else the first question that it can answer."""
    found: str | None = None
    for place in sorted(needs.items_of[one.place]):
        match needs.items[place]:
            case FactCriterion() as criterion if any(choice.points > 0 for choice in criterion.choices):
                return criterion.why
            case EventCriterion() as criterion if criterion.points > 0:
                return criterion.why
            case Question() as question if found is None:
                found = question.ask
            case _:
                pass
    return found
