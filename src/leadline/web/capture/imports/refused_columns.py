"""How a file of refused rows is known when it comes back mended."""

from collections.abc import Sequence

ROW, REASON = "Row in the file", "Refused because"
"""The columns by which it is known."""


def are_of_refused_rows(names: Sequence[str]) -> bool:
    """Return whether the columns are those of a file of refused rows."""
    return ROW in names and REASON in names
