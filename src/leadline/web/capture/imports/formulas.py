"""Cells that a spreadsheet would take for formulas: quoted in the file of refused rows, and as they were when it comes back."""

from collections.abc import Sequence

ROW, REASON = "Row in the file", "Refused because"
"""The columns by which a file of refused rows is known when it comes back mended."""
_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are the first four as they are typed in East Asia, where spreadsheets compute these as well."""


def quote_formula(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; `unquote_formula` gives back what it was.

    >>> quote_formula("=1+1"), quote_formula("-5"), quote_formula("plain"), quote_formula("'=1")
    ("'=1+1", "'-5", 'plain', "''=1")
    """
    return f"'{text}" if text.lstrip("'").startswith(_BEGIN_FORMULAS) else text


def unquote_formula(text: str) -> str:
    """Return what a text was before it was quoted.

    >>> unquote_formula("'-5"), unquote_formula("it's"), unquote_formula("'plain'")
    ('-5', "it's", "'plain'")
    """
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_BEGIN_FORMULAS) else text


def are_of_refused_rows(names: Sequence[str]) -> bool:
    """Return whether the columns are those of a file of refused rows."""
    return ROW in names and REASON in names
