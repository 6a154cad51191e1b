"""From values to what JSON knows: days become dates, points numbers, and what has a `to_dict` of its own says it itself.

Which field is what stands in its metadata, beside the field: `day_field` and `points_field`. tests/engine/comparison guards it.
"""

from collections.abc import Mapping
from dataclasses import field, fields, is_dataclass
from typing import Any

from leadline.engine.arithmetic import POINT
from leadline.engine.calendar import date_text


def day_field() -> Any:
    """Return a field of a day number, or None."""
    return field(metadata={"unit": "day"})


def points_field() -> Any:
    """Return a field of ten-thousandths of a point, or None."""
    return field(metadata={"unit": "points"})


def to_record(item: Any, unit: str | None = None) -> Any:
    """Return a value as JSON knows it.

    >>> to_record((25_000, None), "points")
    [2.5, None]
    """
    if hasattr(item, "to_dict"):
        return item.to_dict()
    if is_dataclass(item):
        return record_of(item)
    if isinstance(item, Mapping):
        return {key: to_record(value, unit) for key, value in item.items()}
    if isinstance(item, tuple | list):
        return [to_record(entry, unit) for entry in item]
    if isinstance(item, int) and unit == "points":
        return item // POINT if item % POINT == 0 else item / POINT
    if isinstance(item, int) and unit == "day":
        return date_text(item)
    return item


def record_of(item: Any) -> dict[str, Any]:
    """Return a dataclass as a mapping, field by field."""
    return {one.name: to_record(getattr(item, one.name), one.metadata.get("unit")) for one in fields(item)}
