"""Titles as words: without case, accents and punctuation, and without what is not about the person now.

No meaning of words here: that is `titles.py`.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_DOTTED = re.compile(r"(?<![^\W_])((?:[^\W\d_]\.)+[^\W\d_])(?![^\W_])")
_GENDERED = re.compile(r"(?<=[^\W\d_])(?:[:*/_]in|\(in\))(?:nen)?(?![^\W_])")
_SUFFIXED = re.compile(r"\((?:[mwfdxh]\s*[/|,]\s*)+[mwfdxh]\)")
_POSSESSIVE = re.compile(r"[^\W_]+['’]s(?![^\W_])")
_ENDS = re.compile(r"[;|•·\n\r\t]|\s/\s")
_WORD = re.compile(r"[^\W_]+")


Words = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaks:
    """The words at which a title speaks of something else: see `title_table.toml`."""

    gone: tuple[Words, ...]
    now: tuple[Words, ...]
    somebody_else: tuple[Words, ...]
    company: tuple[Words, ...]


def normalise(text: str) -> str:
    """Return a text without case and accents, abbreviations without dots (``V.P.`` is ``vp``) and ``&`` as ``and``."""
    flat = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    flat = "".join(sign for sign in flat if not unicodedata.combining(sign))
    flat = _SUFFIXED.sub(" ", flat)
    flat = _GENDERED.sub("in", flat)
    flat = _DOTTED.sub(lambda found: found[1].replace(".", ""), flat)
    return flat.replace("&", " and ").replace("@", " at ")


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, normalised.

    >>> words_of("V.P., Sales & Marketing (m/w/d)")
    ('vp', 'sales', 'and', 'marketing')
    """
    return tuple(_WORD.findall(normalise(text)))


def find_words(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Return whether some words stand in others, in their order and side by side."""
    size = len(wanted)
    return any(tuple(words[at : at + size]) == tuple(wanted) for at in range(len(words) - size + 1))


def split_title(text: str, breaks: Breaks) -> list[Words]:
    """Return the roles of a title that are the person's own and hold now, each as words."""
    roles: list[Words] = []
    for part in _ENDS.split(normalise(text)):
        role: list[str] = []
        for piece in _own_pieces(_POSSESSIVE.sub(" ", part).split(","), breaks):
            role.extend(piece)
        roles += [tuple(own) for own in _that_hold(role, breaks) if own]
    return roles


def _own_pieces(pieces: Sequence[str], breaks: Breaks) -> list[list[str]]:
    """Return the words of the pieces between commas, without the company that they name."""
    return [_before(_WORD.findall(piece), breaks.company, keep=0) for piece in pieces]


def _that_hold(words: Sequence[str], breaks: Breaks) -> list[list[str]]:
    """Return the stretches of words that hold now, each without what is said of somebody else."""
    stretches: list[list[str]] = [[]]
    is_gone = False
    for at, word in enumerate(words):
        if _begins(words, at, breaks.now):
            is_gone = False
            stretches.append([])
            continue
        is_gone = is_gone or _begins(words, at, breaks.gone)
        if not is_gone:
            stretches[-1].append(word)
    return [_before(stretch, breaks.somebody_else, keep=-1) for stretch in stretches]


def _before(words: Sequence[str], ends: Sequence[Sequence[str]], *, keep: int) -> list[str]:
    """Return the words up to the first of *ends*: none of its words with ``keep=0``, all but its last with ``keep=-1``."""
    for at in range(len(words)):
        for end in ends:
            if tuple(words[at : at + len(end)]) == tuple(end):
                return list(words[: at + (len(end) - 1 if keep else 0)])
    return list(words)


def _begins(words: Sequence[str], at: int, ones: Sequence[Sequence[str]]) -> bool:
    return any(tuple(words[at : at + len(one)]) == tuple(one) for one in ones)
