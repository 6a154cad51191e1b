"""Cells that a spreadsheet would take for formulas: which they are, how they are quoted, and what they were before.

Every file that somebody may open in a spreadsheet goes through here, so that there is one rule: the rows left out of a run, exports
of the app and of its API, the rows that an import refused.
"""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take a cell for a formula. The last four are the first four as they are typed in East Asia, where
spreadsheets compute these as well."""


def quote_formula(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; `unquote_formula` gives back what it was.

    >>> quote_formula("=1+1"), quote_formula("-5"), quote_formula("plain"), quote_formula("'=1")
    ("'=1+1", "'-5", 'plain', "''=1")
    """
    return f"'{cell}" if _would_be_quoted(cell) else cell


def unquote_formula(cell: str) -> str:
    """Return what a cell was before it was quoted.

    >>> unquote_formula("'-5"), unquote_formula("it's"), unquote_formula("'plain'")
    ('-5', "it's", "'plain'")
    """
    return cell[1:] if cell.startswith("'") and _would_be_quoted(cell) else cell


def _would_be_quoted(cell: str) -> bool:
    """Return whether a formula begins behind any apostrophes: one that is there already is doubled, so that it comes back."""
    return cell.lstrip("'").startswith(FORMULA_STARTS)
