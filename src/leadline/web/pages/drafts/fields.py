"""A draft's values as the form shows them: what is changed most often at hand, the rest one click away, each with what is wrong with it.

`playbooks/editing` says which values there are. An answer that was refused is shown as it was typed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from leadline.engine.problems import Problem, ProblemsError
from leadline.web.playbooks.editing.form import Entry, Field, PlaybookForm
from leadline.web.playbooks.editing.reading import read_form

_AT_HAND = ("points", "half_life", "enter", "stay", "hand_raise", "respond_within")
_CRITERIA, _SCORE = "criteria.", "score-"
_SIGNS_A_ROW = 40
_MOST_ROWS = 8


@dataclass(frozen=True, slots=True)
class ShownField:
    """A value: what it takes, what it is now or was typed, and what is wrong with it."""

    field: Field
    value: str
    problem: str

    @property
    def path(self) -> str:
        """Its name in the form."""
        return self.field.path

    @property
    def kind(self) -> str:
        """Of what kind it is: number, duration, text, condition, choice, names."""
        return self.field.kind

    @property
    def label(self) -> str:
        """What people call it."""
        return self.field.label

    @property
    def help(self) -> str:
        """What it does; may be empty."""
        return self.field.help

    @property
    def choices(self) -> tuple[str, ...]:
        """What a choice is among."""
        return self.field.choices if not self.field.is_optional else ("", *self.field.choices)

    @property
    def has_lines(self) -> bool:
        """Whether an input of one line would drop something of it."""
        return "\n" in self.value

    @property
    def rows(self) -> int:
        """How many lines it needs to be read."""
        return min(_MOST_ROWS, sum(1 + len(line) // _SIGNS_A_ROW for line in self.value.split("\n")))

    @property
    def is_at_hand(self) -> bool:
        """Whether it is shown without a click."""
        return self.field.takes.key[-1] in _AT_HAND or bool(self.problem)


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """Something of the playbook: *quick* values at hand, *entries* it holds with all their values, *rest* one click away."""

    entry: Entry
    quick: tuple[ShownField, ...]
    rest: tuple[ShownField, ...]
    entries: tuple["ShownEntry", ...]

    @property
    def path(self) -> str:
        """Its place, which the paths of its values begin with."""
        return self.entry.path

    @property
    def id(self) -> str:
        """Its id."""
        return self.entry.id

    @property
    def title(self) -> str:
        """What people read."""
        return self.entry.title

    @property
    def about(self) -> tuple[str, ...]:
        """What cannot be changed here and has to be known."""
        return self.entry.about

    @property
    def fields(self) -> tuple[ShownField, ...]:
        """All its own values."""
        return (*self.quick, *self.rest)

    @property
    def worth_showing(self) -> tuple[ShownField, ...]:
        """Its values where there is no room for all: without those that are seldom written and are not."""
        return tuple(one for one in self.fields if one.is_at_hand or one.field.is_written or not one.field.is_optional)

    def all_fields(self) -> Iterator[ShownField]:
        """Yield its values, and those of what it holds."""
        yield from self.fields
        for one in self.entries:
            yield from one.all_fields()

    @property
    def is_criterion(self) -> bool:
        """Whether it can be taken out."""
        return self.path.startswith(_CRITERIA)


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part of the form: a score with its criteria, or all entries of one kind. entry: of a score its own values."""

    key: str
    title: str
    entry: ShownEntry | None
    entries: tuple[ShownEntry, ...]

    @property
    def is_score(self) -> bool:
        """Whether it is a score, to which criteria can be added."""
        return self.key.startswith(_SCORE)

    def all_fields(self) -> Iterator[ShownField]:
        """Yield every value."""
        for one in (self.entry, *self.entries):
            if one:
                yield from one.all_fields()


@lru_cache(maxsize=8)
def _read(toml: str) -> PlaybookForm:
    """Return a text as a form; one page asks several times for the same text.

    Raises:
        ProblemsError: the text is not TOML.
    """
    return read_form(toml)


def show_form(toml: str, typed: Mapping[str, str], problems: Iterable[Problem] = ()) -> list[ShownPart]:
    """Return a draft's text as a form, with what was typed over it and what is wrong with that.

    Raises:
        ProblemsError: the text is not TOML.
    """
    form = _read(toml)
    wrong: dict[str, str] = {}
    for one in problems:
        wrong[one.where] = f"{wrong[one.where]} {one.message}" if one.where in wrong else one.message

    def field(one: Field) -> ShownField:
        return ShownField(one, typed.get(one.path, one.value), wrong.get(one.path, ""))

    def entry(one: Entry) -> ShownEntry:
        fields = [field(each) for each in one.fields]
        quick = tuple(each for each in fields if each.is_at_hand)
        rest = tuple(each for each in fields if not each.is_at_hand)
        return ShownEntry(one, quick, rest, tuple(map(entry, one.entries)))

    scores = [
        ShownPart(
            f"{_SCORE}{part.id}",
            part.score.title if part.score else part.id,
            entry(part.score) if part.score else None,
            tuple(map(entry, part.criteria)),
        )
        for part in form.scores
    ]
    return scores + [
        ShownPart(f"part-{part.key}", part.title, None, tuple(map(entry, part.entries))) for part in form.parts
    ]


def find_criterion(toml: str, criterion_id: str) -> Entry | None:
    """Return a criterion of a text by its id."""
    found = (one for part in _read(toml).scores for one in part.criteria if one.id == criterion_id)
    return next(found, None)


def paths_of(toml: str) -> set[str]:
    """Return the names of all values of a text."""
    return {one.path for one in _read(toml).all_fields()}


def scores_with_criteria(toml: str) -> list[tuple[str, str]]:
    """Return the scores to which criteria add, each with its title: no sums of others; none where the text is not TOML."""
    try:
        scores = _read(toml).scores
    except ProblemsError:
        return []
    return [(one.id, one.score.title) for one in scores if one.score and not one.score.about]
