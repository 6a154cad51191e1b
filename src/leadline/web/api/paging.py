"""Pages of a list, one after the other, by a cursor: the place of the last row in an order that new rows do not disturb.

Rows stand in the order of their ids, so that what is added comes after what was read: nothing is shown twice, and nothing that was
there is left out. tests/web/api/test_paging.py holds it to that. The queue has an order of its own, in which rows may move while one
turns pages; the cursor is then the place of the last row in that order.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar

import msgspec
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from leadline.web.api.problems import Fault, ProblemError

Row = TypeVar("Row")
MOST_ROWS = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_US = 253_402_300_799_000_000
"""The last moment that a datetime can be."""
_Parts = Annotated[list[Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)]], msgspec.Meta(min_length=1)]


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
        rows = rows.filter(**{f"{key}__gt": _read(cursor, asked, int)})
    found = list(rows.order_by(key)[: limit + 1])
    shown = found[:limit]
    following = _write(asked, getattr(shown[-1], key)) if len(found) > limit else None
    return {"items": say(shown), "next": following}


def page_in_order(
    request: HttpRequest,
    order_rows: Callable[[datetime], QuerySet[Any]],
    say: Callable[[Sequence[Any]], list[dict[str, Any]]],
    *,
    limit: int,
    cursor: str,
    order: Sequence[str],
    now: datetime,
) -> dict[str, Any]:
    """Return a page of rows that stand in an order of several parts, as of the moment at which the first page was asked for.

    Args:
        request: what is asked; a cursor holds for the same query only.
        order_rows: returns all rows with the parts of their order as of a moment, in that order.
        say: makes items of rows.
        limit: how many rows.
        cursor: of the page before; empty for the first page.
        order: the parts, each a whole number or a moment, from small to large; together unlike in each row.
        now: the moment of the first page.
    """
    asked = _fingerprint(request)
    if not cursor:
        rows = order_rows(now)
    else:
        as_of, *parts = _read(cursor, asked, _Parts)
        now = _moment(as_of)
        rows = order_rows(now)
        rows = rows.filter(_behind(order, parts))
    found = list(rows[: limit + 1])
    shown = found[:limit]
    following = None
    if len(found) > limit:
        following = _write(asked, [_number(now), *(_number(getattr(shown[-1], part)) for part in order)])
    return {"items": say(shown), "next": following}


def _behind(order: Sequence[str], parts: Sequence[int]) -> Q:
    """Return what stands behind a row: in the first part that differs it is larger.

    Raises:
        ProblemError: these are no parts of this order.
    """
    if len(parts) != len(order):
        raise _unusable(_NO_CURSOR)
    behind, same = Q(pk__in=[]), Q()
    for name, part in zip(order, parts, strict=True):
        value = _moment(part) if name.endswith("_at") else part
        behind |= same & Q(**{f"{name}__gt": value})
        same &= Q(**{name: value})
    return behind


def _number(value: datetime | int) -> int:
    return (value - _EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else value


def _moment(number: int) -> datetime:
    if not 0 <= number <= _LATEST_US:
        raise _unusable(_NO_CURSOR)
    return _EPOCH + timedelta(microseconds=number)


def _fingerprint(request: HttpRequest) -> str:
    """Return what a cursor must agree with: whose list it is, which, and by which filters."""
    pairs = sorted((name, sorted(values)) for name, values in request.GET.lists() if name not in ("cursor", "limit"))
    workspace = request.api_key.workspace_id  # type: ignore[attr-defined]
    return hashlib.sha256(msgspec.json.encode([workspace, request.path, pairs])).hexdigest()[:16]


def _write(asked: str, last: int | list[int]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode([asked, last])).decode().rstrip("=")


def _read(cursor: str, asked: str, kind: Any) -> Any:
    """Return the place that a cursor names, of a kind.

    Raises:
        ProblemError: it is none, or of another list.
    """
    try:
        said = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        of, last = msgspec.json.decode(said, type=tuple[str, kind])
    except (ValueError, binascii.Error, msgspec.DecodeError):
        raise _unusable(_NO_CURSOR) from None
    if of != asked:
        raise _unusable("This cursor is of another list. Keep the filters while you turn pages.")
    return last


_NO_CURSOR = "This is no cursor. Take `next` of the page before, as it stands."


def _unusable(detail: str) -> ProblemError:
    fault = Fault(parameter="cursor", code="bad-cursor", detail=detail)
    return ProblemError(status=422, code="invalid", detail="The address cannot be understood.", errors=[fault])
