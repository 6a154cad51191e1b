"""The table of job titles, `title_table.toml`, read once and indexed by first words. What a pattern is stands there."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from leadline.web.leads.title_words import Breaks, normalise, words_of

SENIORITIES = ("student", "intern", "c_level", "vp", "director", "manager", "specialist")
"""Every seniority, the one that counts first when a title says several."""
YIELDING = ("management", "administration")
"""The functions that give way to any other."""
_MOST_BETWEEN = 4
_PATH = Path(__file__).with_name("title_table.toml")


class TitleTableError(ValueError):
    """The table of titles contradicts itself, or says what is not a seniority or function."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A pattern and what it says. None: it does not speak of that; an empty text: it speaks, and says that nothing is known.

    words: of the pattern; a text, a compiled expression for a word with ``*`` in it, or None for the words in between.
    """

    pattern: str
    said: str
    words: tuple[str | re.Pattern[str] | None, ...]
    begins: bool
    ends: bool
    seniority: str | None = None
    function: str | None = None

    @property
    def is_role(self) -> bool:
        """Whether it speaks of both."""
        return self.seniority is not None and self.function is not None

    @property
    def has_gap(self) -> bool:
        """Whether other words may stand between its own."""
        return None in self.words

    @property
    def weight(self) -> int:
        """How telling it is among those with as many words: whole words before parts of words, then the longer."""
        whole = all(word is None or isinstance(word, str) for word in self.words)
        return len(self.pattern) + (1000 if whole else 0) + (500 if self.begins or self.ends else 0)

    def match(self, words: Sequence[str], at: int) -> tuple[int, ...] | None:
        """Return the places of the entry's words in a role from *at* on; None when it does not stand there."""
        if self.begins and at != 0:
            return None
        places = _match_words(words, at, self.words)
        if places is None or (self.ends and places[-1] != len(words) - 1):
            return None
        return places


@dataclass(frozen=True, slots=True)
class Table:
    """The whole table: entries by their first word, and those whose first word is only a part of one."""

    breaks: Breaks
    by_word: Mapping[str, tuple[Entry, ...]]
    by_part: tuple[Entry, ...]
    functions: tuple[str, ...]

    def starting_with(self, word: str) -> list[Entry]:
        """Return the entries whose first word *word* may be."""
        return [
            *self.by_word.get(word, ()),
            *(entry for entry in self.by_part if isinstance(entry.words[0], re.Pattern) and entry.words[0].match(word)),
        ]


@lru_cache(maxsize=1)
def load_table() -> Table:
    """Return the table that comes with Leadline."""
    return read_table(_PATH.read_text(encoding="utf-8"))


def read_table(toml: str) -> Table:
    """Return a table of titles from its text.

    Raises:
        TitleTableError: a pattern stands there twice for the same thing, or a seniority or function is not known.
    """
    data = tomllib.loads(toml)
    entries: dict[tuple[str, str], Entry] = {}
    functions = tuple(data["function"])
    for seniority, patterns in data["seniority"].items():
        for pattern in patterns:
            _add(entries, "seniority", _read_entry(pattern, seniority=seniority))
    for function, patterns in data["function"].items():
        for pattern in patterns:
            _add(entries, "function", _read_entry(pattern, function=function))
    for pattern, (seniority, function) in data["roles"].items():
        if function and function not in functions:
            raise TitleTableError(f"{pattern!r}: there is no function {function!r}; those are {', '.join(functions)}")
        _add(entries, "roles", _read_entry(pattern, seniority=seniority, function=function))
    by_word: dict[str, list[Entry]] = {}
    for entry in entries.values():
        if isinstance(entry.words[0], str):
            by_word.setdefault(entry.words[0], []).append(entry)
    return Table(
        breaks=Breaks(
            gone=tuple(words_of(one) for one in data["gone"]),
            now=tuple(words_of(one) for one in data["now"]),
            somebody_else=tuple(words_of(one) for one in data["somebody_else"]),
            company=tuple(words_of(one) for one in data["company"]),
        ),
        by_word={word: tuple(ones) for word, ones in by_word.items()},
        by_part=tuple(entry for entry in entries.values() if isinstance(entry.words[0], re.Pattern)),
        functions=functions,
    )


def _add(entries: dict[tuple[str, str], Entry], part: str, entry: Entry) -> None:
    before = entries.get((part, entry.pattern))
    if before is not None and (before.seniority, before.function) != (entry.seniority, entry.function):
        one, other = ((found.seniority or found.function) for found in (before, entry))
        raise TitleTableError(f"{entry.said!r} stands in the table twice, as {one} and as {other}")
    entries.setdefault((part, entry.pattern), entry)


def _read_entry(pattern: str, *, seniority: str | None = None, function: str | None = None) -> Entry:
    if seniority and seniority not in SENIORITIES:
        raise TitleTableError(f"{pattern!r}: there is no seniority {seniority!r}; those are {', '.join(SENIORITIES)}")
    bare = pattern.removeprefix("^").removesuffix("$")
    words: list[str | re.Pattern[str] | None] = []
    for word in bare.split():
        if word == "*":
            words.append(None)
        elif "*" in word:
            parts = [re.escape(normalise(part)) for part in word.split("*")]
            words.append(re.compile("^" + r"[^\W_]*".join(parts) + "$"))
        else:
            words.extend(words_of(word))
    said = bare if not bare.startswith("*") else bare.replace("*", "…")
    return Entry(
        pattern=("^" if pattern.startswith("^") else "") + normalise(bare) + ("$" if pattern.endswith("$") else ""),
        said=said.casefold(),
        words=tuple(words),
        begins=pattern.startswith("^"),
        ends=pattern.endswith("$"),
        seniority=seniority,
        function=function,
    )


def _match_words(
    words: Sequence[str], at: int, wanted: Sequence[str | re.Pattern[str] | None]
) -> tuple[int, ...] | None:
    if not wanted:
        return ()
    first, rest = wanted[0], wanted[1:]
    if first is None:
        for skip in range(1, _MOST_BETWEEN + 1):
            if (found := _match_words(words, at + skip, rest)) is not None:
                return found
        return None
    if at >= len(words):
        return None
    holds = words[at] == first if isinstance(first, str) else bool(first.match(words[at]))
    found = _match_words(words, at + 1, rest) if holds else None
    return None if found is None else (at, *found)
