"""Writes values as TOML; a text in the quotes that stand there already, where it fits into them."""

import re
from collections.abc import Mapping
from decimal import Decimal

Scalar = str | int | Decimal | tuple[str, ...]
"""A tuple is a list of names."""
Value = Scalar | Mapping[str, Scalar]

_SHORT = {"\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"'}
_ESCAPED = re.compile(r'[\x00-\x1f\x7f"\\]')
_ESCAPED_IN_LINES = re.compile(r'[\x00-\x08\x0b-\x1f\x7f\\]|"(?="")|"(?="?\Z)')  # also a quote that would end the text
_NOT_LITERAL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f']")
_NOT_LITERAL_IN_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]|'''|'\Z")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def write_text(value: str, *, instead_of: str = '""', newline: str = "\n") -> str:
    r"""Return a text as TOML.

    Args:
        value: the text, with ``\n`` between its lines.
        instead_of: what stood there, in TOML: its kind of quotes is kept where the text can stand in them.
        newline: how the file ends its lines.

    >>> print(write_text("it's", instead_of="'so'"), write_text("so", instead_of="'it'"), write_text('a "b"'))
    "it's" 'so' "a \"b\""
    """
    has_lines = instead_of.startswith(("'''", '"""'))
    unfit = _NOT_LITERAL_IN_LINES if has_lines else _NOT_LITERAL
    is_literal = instead_of.startswith("'") and not unfit.search(value)
    if not has_lines:
        return f"'{value}'" if is_literal else f'"{_ESCAPED.sub(_escape, value)}"'
    quotes = "'''" if is_literal else '"""'
    # The end of a line right behind the opening quotes is no part of the text.
    opening = newline if instead_of[3:].startswith(("\n", "\r\n")) or value.startswith("\n") else ""
    inner = value if is_literal else _ESCAPED_IN_LINES.sub(_escape, value)
    return quotes + opening + inner.replace("\n", newline) + quotes


def write_value(value: Value, *, instead_of: str = '""', newline: str = "\n") -> str:
    """Return a value as TOML, a table in braces; see `write_text`.

    >>> write_value({"count": 1, "per": "day"}), write_value(Decimal("2.50")), write_value(("a", "b"))
    ('{ count = 1, per = "day" }', '2.50', '["a", "b"]')
    """
    match value:
        case str():
            return write_text(value, instead_of=instead_of, newline=newline)
        case int() | Decimal():
            return format(value, "f") if isinstance(value, Decimal) else str(value)
        case tuple():
            quotes = "''" if "'" in instead_of and '"' not in instead_of else '""'
            return f"[{', '.join(write_text(one, instead_of=quotes) for one in value)}]"
    return "{ " + ", ".join(f"{write_key(key)} = {write_value(entry)}" for key, entry in value.items()) + " }"


def write_key(name: str) -> str:
    """Return a key as TOML.

    >>> write_key("min"), write_key("A+")
    ('min', '"A+"')
    """
    return name if _BARE_KEY.fullmatch(name) else write_text(name)


def _escape(found: re.Match[str]) -> str:
    sign = found[0]
    return _SHORT.get(sign) or f"\\u{ord(sign):04x}"
