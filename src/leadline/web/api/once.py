"""What changes something is done whole or not at all; and, asked under one `Idempotency-Key`, once.

The receipt is written in the transaction of what is done. Who asks the same at the same time waits at the receipt's unique constraint
(on SQLite already at the transaction) and is then answered from it. What was refused leaves no receipt: it had no effect, and may be
mended and sent again under the same key. tests/web/api/test_once.py guards it with threads, on both databases.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import msgspec
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from leadline.web.api.models import ApiKey, Receipt
from leadline.web.api.problems import ProblemError

KEPT = timedelta(days=1)
HEADER = "Idempotency-Key"
MOST_CHARACTERS = 255
PATTERN = "^[!-~]+$"
_MARK = re.compile(PATTERN)


class _RefusedError(Exception):
    """Takes an answer that refuses out of the transaction, which is undone by it."""

    def __init__(self, answer: HttpResponseBase) -> None:
        super().__init__()
        self.answer = answer


def do_once(request: HttpRequest, key: ApiKey, now: datetime, act: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Do what a request asks in one transaction, and answer it; if it was done before under the same key, only answer.

    Raises:
        ProblemError: the header cannot be used, or came with another request before.
    """
    mark = request.headers.get(HEADER)
    if mark is not None:
        _check(mark)
    try:
        with transaction.atomic():
            return _whole(act) if mark is None else _once(request, key, now, mark, act)
    except _RefusedError as refused:
        return refused.answer


def _check(mark: str) -> None:
    if not (len(mark) <= MOST_CHARACTERS and _MARK.fullmatch(mark)):
        detail = f"{HEADER} has 1 to {MOST_CHARACTERS} printable characters without blanks, such as a UUID."
        raise ProblemError(status=400, code="bad-idempotency-key", detail=detail)


def _whole(act: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    answer = act()
    if answer.status_code >= 400:
        raise _RefusedError(answer)
    return answer


def _once(
    request: HttpRequest, key: ApiKey, now: datetime, mark: str, act: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    asked = _keyed(f"{request.method} {request.get_full_path()}\n".encode() + request.body)
    Receipt.objects.filter(key=key, created_at__lt=now - KEPT).delete()
    receipt = Receipt(workspace_id=key.workspace_id, key=key, mark=_keyed(mark.encode()), request=asked, created_at=now)
    try:
        with transaction.atomic():
            receipt.save(force_insert=True)
    except IntegrityError:
        return _again(Receipt.objects.get(key=key, mark=receipt.mark), asked)
    answer = _whole(act)
    assert isinstance(answer, HttpResponse)
    receipt.status = answer.status_code
    receipt.answer = msgspec.json.decode(answer.content) if answer.content else {}
    receipt.save(update_fields=["status", "answer"])
    return answer


def _again(receipt: Receipt, asked: str) -> HttpResponse:
    """Answer what was done before."""
    if not hmac.compare_digest(receipt.request, asked):
        detail = f"This {HEADER} came with another request before. Nothing was done; send a new one under a new key."
        raise ProblemError(status=409, code="idempotency-key-reused", detail=detail)
    content = b"" if receipt.status == HTTPStatus.NO_CONTENT else msgspec.json.encode(receipt.answer)
    answer = HttpResponse(content, status=receipt.status, content_type="application/json; charset=utf-8")
    answer["Idempotent-Replayed"] = "true"
    return answer


def _keyed(content: bytes) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), b"receipt:" + content, hashlib.sha256).hexdigest()
