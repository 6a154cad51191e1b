"""Numbers and ids that stand in addresses and fields, where anybody may write anything."""

_MOST_DIGITS = 20
MOST_ID = 2**62
"""Above every id that a database gives, and within what one compares."""


def whole_number(text: str | None, *, most: int = MOST_ID) -> int | None:
    """Return a whole number of at most *most*, None for anything else.

    A larger one counts as *most*, which no id is. ``²`` is a digit to Python, and ``int`` refuses very many digits: both are nothing here.

    >>> whole_number("12"), whole_number("9" * 5000, most=40), whole_number("0" * 30 + "7"), whole_number("0")
    (12, 40, 7, 0)
    >>> whole_number("²"), whole_number("-1"), whole_number(None)
    (None, None, None)
    """
    if not text or not text.isascii() or not text.isdigit():
        return None
    return min(most, int(text.lstrip("0")[:_MOST_DIGITS] or "0"))
