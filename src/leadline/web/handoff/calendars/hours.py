"""Stretches of work as people write them, ``09:00-12:30, 13:30-17:00``, and as calendars keep them, ``[["09:00", "12:30"], …]``."""

import re
from collections.abc import Sequence
from itertools import pairwise

from leadline.engine.business_time import BadStretchError, Stretch, read_stretch

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
StoredDay = Sequence[Sequence[str]]
"""The stretches of a weekday as the database keeps them."""
USUAL_DAY: StoredDay = (("09:00", "17:00"),)
USUAL_HOURS: Sequence[StoredDay] = (USUAL_DAY,) * 5 + ((),) * 2
"""Who has no calendar works these hours in the workspace's time zone: Monday to Friday, nine to five, on holidays too."""
_BETWEEN = re.compile(r"\s*(?:-|–|—|\bto\b)\s*")
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?")


def read_day(text: str) -> list[list[str]]:
    """Return the hours of a weekday that somebody wrote, in order; none for a day off.

    >>> read_day("9-12.30, 13:30 – 17:00"), read_day(""), read_day("22:00-06:00")
    ([['09:00', '12:30'], ['13:30', '17:00']], [], [['22:00', '06:00']])

    Raises:
        BadStretchError: a part is no stretch of work, or two overlap.
    """
    parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
    stretches = sorted((_read(part) for part in parts), key=lambda one: one.begins)
    for one, following in pairwise(stretches):
        if following.begins < one.until:
            raise BadStretchError(f"{one} and {following} overlap.")
    return [str(one).split("–") for one in stretches]


def _read(part: str) -> Stretch:
    ends = _BETWEEN.split(part)
    if len(ends) != 2:
        raise BadStretchError(f"“{part}” is no stretch of work; write it as 09:00-17:00.")
    return read_stretch(_read_time(ends[0]), _read_time(ends[1]))


def _read_time(text: str) -> str:
    found = _TIME.fullmatch(text)
    return f"{int(found[1]):02}:{found[2] or '00'}" if found else text


def say_day(day: StoredDay) -> str:
    """Return the hours of a weekday as people write them.

    >>> say_day([["09:00", "12:30"], ["13:30", "17:00"]])
    '09:00-12:30, 13:30-17:00'
    """
    return ", ".join(f"{begins}-{ends}" for begins, ends in day)


def say_week(hours: Sequence[StoredDay]) -> list[tuple[str, str]]:
    """Return the hours of a week in few lines: days in a row that are alike, and their hours; days off are left out.

    >>> say_week(USUAL_HOURS)
    [('Monday to Friday', '09:00-17:00')]
    """
    lines: list[tuple[str, str, str]] = []
    for weekday, day in zip(WEEKDAYS, hours, strict=True):
        said = say_day(day)
        if lines and lines[-1][2] == said:
            lines[-1] = (lines[-1][0], weekday, said)
        else:
            lines.append((weekday, weekday, said))
    return [(first if first == last else f"{first} to {last}", said) for first, last, said in lines if said]
