"""Pages of a list, one after the other, by a cursor: the place of the last row in an order that new rows do not disturb.

Rows stand in the order of their ids, so that what is added comes after what was read: nothing is shown twice, and nothing that was
there is left out. tests/web/api/test_paging.py holds it to that.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from django.db.models import QuerySet
from django.http import HttpRequest

from leadline.web.api.problems import Fault, ProblemError

Row = TypeVar("Row")
MOST_ROWS = 500


def page_of(
    request: HttpRequest,
    rows: QuerySet[Any],
    say: Callable[[Sequence[Any]], list[dict[str, Any]]],
    *,
    limit: int,
    cursor: str,
    key: str = "pk",
) -> dict[str, Any]:
    """Return a page of rows as `items`, and in `next` the cursor of the page after it, None on the last.

    Args:
        request: what is asked; a cursor holds for the same query only.
        rows: all rows, in whatever order.
        say: makes items of rows.
        limit: how many rows.
        cursor: of the page before; empty for the first page.
        key: a whole number by which the rows are ordered, unlike in each.
    """
    asked = _fingerprint(request)
    if cursor:
        rows = rows.filter(**{f"{key}__gt": _read(cursor, asked)})
    found = list(rows.order_by(key)[: limit + 1])
    shown = found[:limit]
    following = _write(asked, getattr(shown[-1], key)) if len(found) > limit else None
    return {"items": say(shown), "next": following}


def _fingerprint(request: HttpRequest) -> str:
    """Return what a cursor must agree with: whose list it is, which, and by which filters."""
    pairs = sorted((name, sorted(values)) for name, values in request.GET.lists() if name not in ("cursor", "limit"))
    workspace = request.api_key.workspace_id  # type: ignore[attr-defined]
    return hashlib.sha256(msgspec.json.encode([workspace, request.path, pairs])).hexdigest()[:16]


def _write(asked: str, last: int) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode([asked, last])).decode().rstrip("=")


def _read(cursor: str, asked: str) -> int:
    """Return the place that a cursor names.

    Raises:
        ProblemError: it is none, or of another list.
    """
    try:
        said = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        of, last = msgspec.json.decode(said, type=tuple[str, int])
    except (ValueError, binascii.Error, msgspec.DecodeError):
        raise _unusable("This is no cursor. Take `next` of the page before, as it stands.") from None
    if of != asked:
        raise _unusable("This cursor is of another list. Keep the filters while you turn pages.")
    return last


def _unusable(detail: str) -> ProblemError:
    fault = Fault(parameter="cursor", code="bad-cursor", detail=detail)
    return ProblemError(status=422, code="invalid", detail="The address cannot be understood.", errors=[fault])
