"""What is wrong with a request, as `application/problem+json` (RFC 9457): every error of the API is one, and says how to mend it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec
from django.http import HttpResponse

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong.

    detail:  what was found and how to mend it.
    pointer: where in the body, as a JSON pointer: ``/facts/0/field``; parameter: which of the address.
    code, line: of a playbook: the problem's stable code, and where in its text.
    """

    detail: str
    pointer: str | None = None
    parameter: str | None = None
    code: str | None = None
    line: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what there is of it."""
        named = ("pointer", "parameter", "code", "line", "detail")
        return {name: value for name in named if (value := getattr(self, name)) is not None}


@dataclass(slots=True, kw_only=True)
class ProblemError(Exception):
    """A request that cannot be answered. code: stable, for programs. errors: all that is wrong, at once."""

    status: int
    code: str
    detail: str
    errors: list[Fault] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def answer(self) -> HttpResponse:
        """Return the problem as an answer."""
        return problem(self.status, self.code, self.detail, self.errors, self.headers)


def problem(
    status: int,
    code: str,
    detail: str,
    errors: Iterable[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return a problem as an answer."""
    said: dict[str, Any] = {
        "type": f"urn:leadline:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if faults := [one.to_dict() for one in errors]:
        said["errors"] = faults
    return HttpResponse(msgspec.json.encode(said), status=status, content_type=MEDIA_TYPE, headers=dict(headers or {}))


def missing(what: str) -> ProblemError:
    """Return the problem that something is not there; what is another workspace's is not there either."""
    return ProblemError(status=404, code="not-found", detail=f"There is no such {what} in this workspace.")
