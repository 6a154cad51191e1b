"""What every request to the API passes: whose key it is, how often it was used, whether it can be read at all; then the operation.

A browser's session is never looked at, so nothing here can be done in somebody's name by a page that they visit. What an operation
needs beside a key, its scope, is said with it (`service.needs`). Every answer of 400 and above leaves as a problem.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from leadline.engine.problems import suggest
from leadline.web.api.keys import count_use, find_api_key, seconds_to_next_minute
from leadline.web.api.models import ApiKey
from leadline.web.api.once import do_once
from leadline.web.api.problems import MEDIA_TYPE, Fault, ProblemError, problem
from leadline.web.shell.numbers import whole_number

log = logging.getLogger(__name__)

View = Callable[..., HttpResponseBase]
_WITH_BODY = ("POST", "PUT", "PATCH")
_SAFE = ("GET", "HEAD", "OPTIONS")


def key_of(request: HttpRequest) -> ApiKey:
    """Return the key that a request came with."""
    key: ApiKey = request.api_key  # type: ignore[attr-defined]
    return key


def guard(
    view: View, *, parameters: Mapping[str, Collection[str]], with_body: Collection[str], only_reads: bool
) -> View:
    """Put the gate before an address.

    Args:
        view: answers.
        parameters: by method, the names that a query may have.
        with_body: the methods that take a body; the others need none.
        only_reads: a POST changes nothing, and needs no transaction.
    """

    @csrf_exempt
    @login_not_required
    def guarded(request: HttpRequest, **names: Any) -> HttpResponseBase:
        try:
            answer = _pass(request, names, view, parameters, with_body, only_reads)
        except ProblemError as error:
            answer = error.answer()
        except RequestDataTooBig:
            answer = _too_large()
        except (OperationalError, InterfaceError) as error:
            log.warning("The API could not answer, the client was told to ask again: %s", error)
            detail = "The store is in trouble. Nothing was done; ask again."
            answer = problem(503, "store-trouble", detail, headers={"Retry-After": "5"})
        answer = as_problem(answer)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    return guarded


def _pass(
    request: HttpRequest,
    names: dict[str, Any],
    view: View,
    parameters: Mapping[str, Collection[str]],
    with_body: Collection[str],
    only_reads: bool,
) -> HttpResponseBase:
    now = timezone.now()
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    key = find_api_key(text.strip(), now) if scheme.lower() == "bearer" else None
    if key is None:
        detail = "Send a key as `Authorization: Bearer ll_api_…`. This one is missing, unknown, expired or revoked."
        raise ProblemError(status=401, code="unknown-key", detail=detail, headers={"WWW-Authenticate": "Bearer"})
    if not count_use(key, now):
        detail = f"A key may ask {settings.API_REQUESTS_A_MINUTE:,} times a minute. Wait, and ask again."
        wait = {"Retry-After": str(seconds_to_next_minute(now))}
        raise ProblemError(status=429, code="too-many-requests", detail=detail, headers=wait)
    request.api_key = key  # type: ignore[attr-defined]
    method = request.method or ""
    unknown = _unknown_parameters(request, parameters.get(method))
    if method in parameters and method in _WITH_BODY:
        _check_body(request, is_needed=method in with_body)
    if method in _SAFE or method not in parameters or only_reads:
        answer = view(request, **names)
    elif unknown:
        raise _not_understood(unknown)
    else:
        answer = do_once(request, key, now, lambda: view(request, **names))
    if unknown and answer.status_code in (200, 422):
        raise _not_understood([*unknown, *_faults_of(answer)])
    return answer


def _unknown_parameters(request: HttpRequest, known: Collection[str] | None) -> list[Fault]:
    """Return what is wrong with names that mean nothing: a filter with a slip of the pen would be no filter."""
    if known is None:
        return []
    return [
        Fault(
            parameter=name[:100],
            code="unknown-parameter",
            detail=f"There is no parameter {name[:100]!r}.{suggest(name, known)}",
        )
        for name in request.GET
        if name not in known
    ]


def _not_understood(faults: list[Fault]) -> ProblemError:
    return ProblemError(status=422, code="invalid", detail="The address cannot be understood.", errors=faults)


def _faults_of(answer: HttpResponseBase) -> list[Fault]:
    """Return what else an answer says is wrong, so that all of it is told at once."""
    if answer.status_code != 422 or not isinstance(answer, HttpResponse):
        return []
    return [Fault(**one) for one in msgspec.json.decode(answer.content).get("errors", ())]


def _check_body(request: HttpRequest, *, is_needed: bool) -> None:
    said = request.META.get("CONTENT_LENGTH") or "0"
    length = whole_number(said)
    if length is None:  # Django would fail on it where it reads the body
        detail = f"Say in `Content-Length` how many bytes the body has, in digits; this is {said[:60]!r}."
        raise ProblemError(status=400, code="no-length", detail=detail)
    if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise RequestDataTooBig
    if not (is_needed or length or request.content_type):
        return
    if request.content_type != "application/json":
        detail = (
            f"Send JSON, with `Content-Type: application/json`; this is {(request.content_type or 'unnamed')[:60]!r}."
        )
        raise ProblemError(status=415, code="not-json", detail=detail)
    _ = request.body  # read here, where too much of it is told


def _too_large() -> HttpResponse:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return problem(413, "too-large", f"A body may have {most:,} bytes. Send less at once.")


_SAID = {
    404: ("not-found", "There is nothing at this address. `/api/v1/openapi.json` lists all."),
    405: ("not-allowed", "This address does not take this method; `Allow` says which it does."),
    500: ("mistake", "Leadline made a mistake. It is in the server's log; please report it."),
}


def as_problem(answer: HttpResponseBase) -> HttpResponseBase:
    """Return an answer as it is, or as a problem when it refuses and is none yet."""
    if answer.status_code < 400 or answer.headers.get("Content-Type", "").startswith(MEDIA_TYPE):
        return answer
    status = answer.status_code
    code, detail = _SAID.get(status, ("refused", "The request cannot be answered."))
    said = problem(status, code, detail)
    for name, value in answer.headers.items():  # such as Allow, Retry-After and what keeps browsers from harm
        if not name.lower().startswith("content-") or name == "Content-Security-Policy":
            said.headers.setdefault(name, value)
    return said


class ApiProblemsMiddleware:
    """Makes problems of refusals that come from outside of the operations: an address that is none, a mistake of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        return as_problem(answer) if request.path_info.startswith("/api/v1/") else answer
