"""Rows of any table as JSON, complete: what an export of a person is made of."""

import base64
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model

Row = dict[str, Any]


def rows_as_json(rows: Iterable[Model], *, without: Iterable[str] = ()) -> list[Row]:
    """Return rows with all their columns as JSON values. without: columns that say nothing of the person, such as a lease."""
    left_out = set(without)
    return [
        {
            field.attname: _as_json(field.value_from_object(row))
            for field in row._meta.concrete_fields
            if field.attname not in left_out
        }
        for row in rows
    ]


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        sent = bytes(value)
        try:
            return sent.decode("utf-8")
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(sent).decode("ascii")}
    return value
