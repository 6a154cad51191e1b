"""Where a person can be called: the phone number that holds among what sources say."""

import re
from collections.abc import Iterable

from leadline.web.leads.facts import value_history
from leadline.web.leads.models import Fact

_FEWEST_DIGITS = 3


def find_phone(facts: Iterable[Fact], source_rank: tuple[str, ...]) -> str:
    """Return the phone number that holds among the facts of a lead, as it was written; empty where there is none."""
    found = value_history([one for one in facts if one.field == "phone"], source_rank)
    return " ".join(str(found[0].value).split()) if found and found[0].value is not None else ""


def dialled(phone: str) -> str:
    """Return the address that a telephone dials; empty for a text that is no number.

    >>> dialled("+49 (0)30 123-456"), dialled("030/12345"), dialled("ask at the desk")
    ('tel:+4930123456', 'tel:03012345', '')
    """
    text = phone.strip()
    plain = text.replace("(0)", "") if text.startswith("+") else text
    digits = re.sub(r"[^0-9]", "", plain)
    if len(digits) < _FEWEST_DIGITS or re.search(r"[^\W\d]", text):
        return ""
    return f"tel:{'+' if text.startswith('+') else ''}{digits}"
