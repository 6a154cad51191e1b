"""A playbook as a form: plain values for a page, part by part, with the place of each in the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from leadline.engine.playbook.lines import Path

Kind = Literal["text", "condition", "number", "duration", "choice", "names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """What a key takes, whichever table it stands in.

    key:         its name in its table, with the names of the tables between: ``("decay", "half_life")``.
    kind:        *text*: a sentence, perhaps of several lines. *condition*: one in the playbook's language. *number*: ``10`` or ``-2.5``.
                 *duration*: ``14d`` or ``2w``, with *in_hours* also ``4h``. *choice*: one of *choices*. *names*: several, with commas or
                 ends of lines between them.
    label, help: for people; *help* may be empty.
    is_optional: it may be left out.
    lowest, highest, is_whole: of a number. most_days: of a duration.
    """

    key: tuple[str, ...]
    kind: Kind
    label: str
    help: str = ""
    is_optional: bool = True
    lowest: Decimal = Decimal(-1_000_000)
    highest: Decimal = Decimal(1_000_000)
    is_whole: bool = False
    most_days: int | None = None
    in_hours: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value that can be changed.

    path:        its name in the form, and where problems say that it is: ``criteria.size.choose[0].points``. It stays the same for as
                 long as ids do.
    value:       what it is now, as somebody would type it; "" when it is not written. Blanks and lines around a text are no part of it.
    is_written:  whether it stands in the file; where it does not, a value adds it.
    line:        where it stands, from 1; None when it is not written.
    at:          its place among the values of the file.
    """

    path: str
    takes: Takes
    value: str
    is_written: bool
    line: int | None
    at: Path

    @property
    def kind(self) -> Kind:
        """Of what kind it is."""
        return self.takes.kind

    @property
    def label(self) -> str:
        """What people call it."""
        return self.takes.label

    @property
    def help(self) -> str:
        """What it does; may be empty."""
        return self.takes.help

    @property
    def is_optional(self) -> bool:
        """Whether "" is an answer: then its key is taken out."""
        return self.takes.is_optional

    @property
    def choices(self) -> tuple[str, ...]:
        """What a choice is among."""
        return self.takes.choices

    @property
    def has_lines(self) -> bool:
        """Whether it has several lines, which an input of one line would drop."""
        return "\n" in self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something of the playbook with its fields.

    path:    its place, which the paths of its fields begin with: ``criteria.size``.
    id:      its id; "" for an entry of a list that has none.
    title:   what people read: its title or why, else its id.
    kind:    ``score``, ``choose``, ``reason`` … ; of a criterion the key that says its kind: ``when``, ``choose``, ``event``,
             ``inactive_for``.
    about:   what cannot be changed here and has to be known: the events of a criterion, the scores of a sum.
    entries: what it holds: the entries of a `choose`, the reasons of an outcome, the routes of the hand-off.
    """

    path: str
    id: str
    title: str
    kind: str
    fields: tuple[Field, ...]
    about: tuple[str, ...] = ()
    entries: tuple["Entry", ...] = ()
    line: int | None = None

    def all_fields(self) -> Iterator[Field]:
        """Yield its fields, and those of what it holds."""
        yield from self.fields
        for entry in self.entries:
            yield from entry.all_fields()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePart:
    """A score with its criteria, in the order of the file. *score* is None for criteria of a score that there is not."""

    id: str
    score: Entry | None
    criteria: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """All entries of one kind: ``qualifications``, ``outcomes`` …"""

    key: str
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookForm:
    """All that can be changed in a form, in the order of the file."""

    scores: tuple[ScorePart, ...]
    parts: tuple[Part, ...]

    def all_fields(self) -> Iterator[Field]:
        """Yield every field."""
        for one in self.scores:
            for entry in (one.score, *one.criteria):
                if entry:
                    yield from entry.all_fields()
        for part in self.parts:
            for entry in part.entries:
                yield from entry.all_fields()
