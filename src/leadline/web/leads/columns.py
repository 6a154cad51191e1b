"""Writes columns of many rows at once. The rows are there: whoever calls this has loaded them within the turn.

An insert that meets its own row and updates it takes a fifth of the time of Django's ``bulk_update``, which makes an expression of
every value.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from leadline.web.leads.models import Company, Lead

Row = TypeVar("Row", Lead, Company)
_MOST = 200


def save_columns(rows: Iterable[Row], columns: Sequence[str]) -> None:
    """Write these columns of rows that were loaded in full, in the order of their ids."""
    ordered = sorted(rows, key=lambda row: row.pk)
    for start in range(0, len(ordered), _MOST):
        some = ordered[start : start + _MOST]
        type(some[0])._default_manager.bulk_create(
            some, update_conflicts=True, unique_fields=["id"], update_fields=list(columns)
        )
