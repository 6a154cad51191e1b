"""The answer to "what is missing?": a next step of at most three changes.

Words are those of the playbook. A step says what would have to be so, not what is likely; nothing is guessed for a lead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from leadline.engine.calendar import date_text
from leadline.engine.expressions.nodes import Kind, Value
from leadline.engine.expressions.words import join_words, say_day, say_event
from leadline.engine.lifecycle.model import KeptOut
from leadline.engine.playbook.model import Qualification

ChangeKind = Literal["fact", "answer", "event", "outcome"]
KINDS: tuple[ChangeKind, ...] = ("fact", "answer", "event", "outcome")
"""In the order in which they are preferred: what can be found out comes before what must happen."""

MOST_CHANGES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that would have to be so.

    kind:       a fact that becomes known, an answer of a person to a question, an event today, an outcome.
    name:       of the field as conditions write it, the question, the event or the outcome.
    value:      of a fact or an answer: one that will do; *text* says which others do as well.
    value_kind: what kind of value that is; a *day* is a day number.
    properties: of an event: what they have to be.
    reason:     of an outcome, where one is needed.
    times:      how often an event is needed; each time is a change of its own.
    text:       the change in words. because: the sentence of the criterion, or the question, that it serves first.
    """

    kind: ChangeKind
    name: str
    value: Value | None = None
    value_kind: Kind | None = None
    properties: tuple[tuple[str, Value], ...] = ()
    reason: str | None = None
    times: int = 1
    text: str
    because: str | None = None

    @property
    def said(self) -> str:
        """The change in words, with what it serves in parentheses."""
        return self.text if self.because is None else f"{self.text} ({self.because})"

    def to_dict(self) -> dict[str, Any]:
        """Return the change as values that JSON knows."""
        found: dict[str, Any] = {"kind": self.kind, "name": self.name, "text": self.text, "because": self.because}
        if self.kind in ("fact", "answer"):
            found["value"] = _plain(self.value, self.value_kind)
        if self.kind == "event":
            found |= {"times": self.times, "properties": {name: _plain(value) for name, value in self.properties}}
        if self.kind == "outcome":
            found["reason"] = self.reason
        return found


def _plain(value: Value | None, kind: Kind | None = None) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if kind == "day" and isinstance(value, int | float):
        return date_text(int(value))
    return int(value) if isinstance(value, float) and value == int(value) and abs(value) < 1e15 else value


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """The smallest change that would let a lead enter a qualification.

    qualification: its id. title: its name for people.
    changes:       all of them together, at most three (an event that is needed twice counts as two).
    instead:       where one change is enough: other single changes that are enough as well, two at most.
    kept_out:      what keeps the lead out meanwhile, where that was asked. Where no day lets it back, or nothing else is missing, there are
                   no changes, but what does.
    hand_raise:    the events by which alone it comes back, where that is so.
    """

    qualification: str
    title: str
    changes: tuple[Change, ...]
    instead: tuple[tuple[Change, ...], ...] = ()
    kept_out: KeptOut | None = None
    hand_raise: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many changes it takes."""
        return sum(change.times for change in self.changes)

    @property
    def text(self) -> str:
        """The step in one line, such as for a column of a table."""
        kept = self.kept_out
        if kept is not None and kept.until_day is None:
            raised = join_words([say_event(one) for one in self.hand_raise], "or")
            only = f"raises a hand: {raised}" if raised else "is reported as reinstated"
            return f"{self.qualification}: only when the lead {only}"
        until = f"not before {say_day(kept.until_day)}" if kept is not None and kept.until_day is not None else ""
        ways = [join_words([change.said for change in way], "and") for way in (self.changes, *self.instead) if way]
        return f"{self.qualification}: {'; '.join(one for one in (until, '; or '.join(ways)) if one)}"

    def to_dict(self) -> dict[str, Any]:
        """Return the step as values that JSON knows."""
        return {
            "qualification": self.qualification,
            "title": self.title,
            "changes": [change.to_dict() for change in self.changes],
            "instead": [[change.to_dict() for change in way] for way in self.instead],
        }


def keep_out(level: Qualification, step: NextStep | None, kept: KeptOut | None) -> NextStep | None:
    """Return a step into a qualification with what keeps the lead out of it; where no day lets it back, only what does.

    step: None where the conditions hold already, or no three changes are enough.
    """
    if kept is None:
        return step
    if kept.until_day is not None and step is not None:
        return replace(step, kept_out=kept)
    raised = level.hand_raise if kept.back_by == "hand_raise" else ()
    return NextStep(qualification=level.id, title=level.title, changes=(), kept_out=kept, hand_raise=tuple(raised))


def said_ways(step: NextStep) -> Sequence[Sequence[str]]:
    """Return the words of the changes of each way to take the step."""
    return [[change.said for change in way] for way in (step.changes, *step.instead)]
