"""Lookups that find a text however its letters are written: “müller” finds MÜLLER and “strasse” finds Straße, on every database.

Databases differ here: for SQLite only the letters of ASCII have capitals, for PostgreSQL it depends on the collation. So a text with other
letters is looked for as a pattern in which each letter stands for all of its forms: two texts are alike when their text keys are, as in the
playbook's language (`leadline.engine.values.text_key`). Patterns are matched by the database, row by row, as ``icontains`` is.

    Lead.objects.filter(name__contains_alike="müller"), …name__begins_alike=…, …name__is_alike=…

Not found: half of a letter that is written as two (“stras” in Straße; “strass” is), and letters for show, such as ﬁ in one piece.
tests/web/leads/test_alike.py holds it to text keys.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any

from django.db.models import CharField, TextField
from django.db.models.lookups import IContains, IExact, IStartsWith, Lookup

from leadline.engine.values import text_key

_MOST_PATTERNS = 8
_LONGEST_FOLD = 3
_PLANES = 0x20000
"""Beyond these are signs of Chinese, private ones and none: no letter there has two forms."""
_GLOB_SIGNS = frozenset("*?[")


@cache
def _forms() -> dict[str, str]:
    """Return for each letter of a text key, and for each few that stand for one letter, how they are written otherwise."""
    found: dict[str, str] = {}
    for letter in map(chr, range(_PLANES)):
        if (key := letter.casefold()) != letter and unicodedata.normalize("NFKC", letter) == letter:
            found[key] = found.get(key, "") + letter
    return found


def _ways(key: str) -> Iterator[tuple[str, ...]]:
    """Yield the ways in which a text with a key may be written: at each place the letters that may stand there."""
    if not key:
        yield ()
        return
    forms = _forms()
    for length in range(1, min(_LONGEST_FOLD, len(key)) + 1):
        letters = (key[0] if length == 1 else "") + forms.get(key[:length], "")
        if letters:
            for rest in _ways(key[length:]):
                yield letters, *rest


def ways_of(text: str) -> list[tuple[str, ...]]:
    """Return the ways in which texts that are alike may be written, the plainest first; at most eight.

    >>> ways_of("Weiß")
    [('wW', 'eE', 'iI', 'sS', 'sS'), ('wW', 'eE', 'iI', 'ßẞ')]
    """
    return list(islice(_ways(text_key(text)), _MOST_PATTERNS))


def is_plain(text: str) -> bool:
    """Return whether every database finds all forms of a text by itself: letters of ASCII that stand for no other one."""
    return text.isascii() and "ss" not in text.lower()


class _Alike(Lookup):
    """A comparison with all forms of a text. plain: the lookup for those that need none of this; glob, regex: what a pattern stands in."""

    plain: type[Lookup]
    glob = regex = plainly = "{}"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Return it for SQLite or PostgreSQL."""
        text = str(self.rhs)
        if is_plain(text):
            return self.plain(self.lhs, self.plainly.format(text)).as_sql(compiler, connection)
        is_postgres = connection.vendor == "postgresql"
        column, before = self.process_lhs(compiler, connection)
        patterns = [(_regex(one) if is_postgres else _glob(one)) for one in ways_of(text)]
        if is_postgres:
            patterns = [f"(?:{'|'.join(patterns)})"]
        sign, around = ("~", self.regex) if is_postgres else ("GLOB", self.glob)
        params: list[Any] = []
        for pattern in patterns:
            params += [*before, around.format(pattern)]
        return "(" + " OR ".join([f"{column} {sign} %s"] * len(patterns)) + ")", params


def _glob(way: Sequence[str]) -> str:
    return "".join(f"[{letters}]" if len(letters) > 1 or letters in _GLOB_SIGNS else letters for letters in way)


def _regex(way: Sequence[str]) -> str:
    return "".join(f"[{letters}]" if len(letters) > 1 else _escaped(letters) for letters in way)


def _escaped(letter: str) -> str:
    return letter if letter.isalnum() or not letter.isascii() or letter.isspace() else "\\" + letter


class ContainsAlike(_Alike):
    """A text stands in another."""

    lookup_name, plain, glob, regex = "contains_alike", IContains, "*{}*", "{}"


class BeginsAlike(_Alike):
    """A text begins with another."""

    lookup_name, plain, glob, regex = "begins_alike", IStartsWith, "{}*", "^{}"


class HasWordAlike(_Alike):
    """A word of a text, but the first, begins with another."""

    lookup_name, plain, glob, regex, plainly = "has_word_alike", IContains, "* {}*", " {}", " {}"


class IsAlike(_Alike):
    """A text is another."""

    lookup_name, plain, glob, regex = "is_alike", IExact, "{}", "^{}$"


for _field in (CharField, TextField):
    for _lookup in (ContainsAlike, BeginsAlike, HasWordAlike, IsAlike):
        _field.register_lookup(_lookup)
