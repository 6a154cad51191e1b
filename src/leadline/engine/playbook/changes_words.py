"""How a difference is said: ``30 points instead of 20``, naming no more of the old value than it takes."""

import re
from collections.abc import Hashable, Iterable, Mapping

from leadline.engine.expressions.words import join_words

_BEGINS_WITH_A_NUMBER = re.compile(r"(minus )?-?\d")
_HAS_A_NUMBER = re.compile(r"\d|%")
_MOST_NAMED = 12


def instead(was: str, now: str) -> str:
    """Return a difference of something said, where an empty text says that there is none.

    >>> instead("20 points", "30 points"), instead("", "at most once a day"), instead("forgotten after 60 days", "")
    ('30 points instead of 20', 'now at most once a day', 'no longer forgotten after 60 days')
    """
    if not was:
        return f"now {now}"
    return f"{now} instead of {_shorter(was, now)}" if now else f"no longer {was}"


def _shorter(was: str, now: str) -> str:
    """Return what was said before without what is said anew anyway, when what is left is a number that speaks for itself.

    >>> _shorter("at most 5 times a day", "at most 3 times a day"), _shorter("minus 5 points", "minus 10 points")
    ('5', 'minus 5')
    >>> _shorter("from 50 to 2000", "from 20 to 2000"), _shorter("once a day", "twice a week")
    ('50 to 2000', 'once a day')
    """
    old, new = (re.sub(r"\bminus (?=\d)", "minus\N{NO-BREAK SPACE}", one).split(" ") for one in (was, now))
    first = next(
        (at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), min(len(old), len(new))
    )
    rest, other = old[first:], new[first:]
    left = rest
    while len(left) > 1 and len(other) > 1 and left[-1] == other[-1] and not _HAS_A_NUMBER.search(left[-1]):
        left, other = left[:-1], other[:-1]
    if any(_HAS_A_NUMBER.search(word) for word in left[1:]):  # a second number needs its unit
        left = rest
    said, same = (" ".join(words).replace("\N{NO-BREAK SPACE}", " ") for words in (left, old[:first]))
    is_within_quotes = same.count("“") != same.count("”")
    return said if other and _BEGINS_WITH_A_NUMBER.match(said) and not is_within_quotes else was


def instead_text(lead: str, was: str | None, now: str | None) -> str:
    """Return a difference of a text that somebody wrote, after what it is.

    >>> instead_text("called", "Fit", "Match"), instead_text("called", None, "Match")
    ('called “Match” instead of “Fit”', 'now called “Match”')
    """
    if was and now:
        return f"{lead} “{now}” instead of “{was}”"
    return instead(*(f"{lead} “{text}”" if text else "" for text in (was, now)))


def named(entries: Iterable[str], last: str) -> str:
    """Return the first few of many names, and how many more there are.

    >>> named("abc", "or"), named((str(number) for number in range(20)), "or")
    ('a, b or c', '0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 or 8 more')
    """
    found = list(entries)
    more = len(found) - _MOST_NAMED
    return join_words([*found[:_MOST_NAMED], *([f"{more} more"] if more > 0 else [])], last)


def members(
    was: Mapping[Hashable, str], now: Mapping[Hashable, str], *, has: str, has_not: str, last: str = "and"
) -> list[str]:
    """Return what came to some things and what is gone from them; each by what makes it another one, as it is said.

    >>> members({1: "a", 2: "b"}, {2: "b", 3: "c"}, has="also counts", has_not="no longer counts")
    ['also counts c', 'no longer counts a']
    """
    came, gone = ([said for key, said in side.items() if key not in other] for side, other in ((now, was), (was, now)))
    return [
        *([f"{has} {named(came, last)}"] if came else []),
        *([f"{has_not} {named(gone, last)}"] if gone else []),
    ]
