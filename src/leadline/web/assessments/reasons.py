"""Reasons as rows keep them: the criteria that gave most with their points, ``industry:20.0000 student:-15.0000``.

They are written and read here only.
"""

from collections.abc import Iterable

from leadline.engine.arithmetic import points_text


def write_reasons(found: Iterable[tuple[str, int]]) -> str:
    """Return criteria with their units, in their order, as a row keeps them.

    >>> write_reasons([("industry", 200_000), ("student", -150_000)])
    'industry:20.0000 student:-15.0000'
    """
    return " ".join(f"{criterion}:{points_text(units)}" for criterion, units in found)


def read_reasons(stored: str) -> list[tuple[str, str]]:
    """Return the criteria that a row keeps with their points as a text; what has no points is none.

    >>> read_reasons("industry:20 student:-15"), read_reasons("demo_requested")
    ([('industry', '20'), ('student', '-15')], [])
    """
    found = (one.rpartition(":") for one in stored.split())
    return [(criterion, points) for criterion, _, points in found if criterion]


def gave_points(stored: str) -> list[str]:
    """Return the criteria among them that gave points.

    >>> gave_points("industry:20 student:-15")
    ['industry']
    """
    return [criterion for criterion, points in read_reasons(stored) if not points.startswith("-")]
