"""What is wrong with a request, as `application/problem+json` (RFC 9457): every error of the API is one, and says how to mend it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec
from django.http import HttpResponse

from leadline.engine.problems import Problem

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong.

    detail:  what was found and how to mend it.
    pointer: where in the body, as a JSON pointer: ``/facts/0/field``; parameter: which of the address.
    code, line: of a playbook: the problem's stable code, and where in its text.
    position: of a condition: at which character, from 1, what is wrong stands.
    """

    detail: str
    pointer: str | None = None
    parameter: str | None = None
    code: str | None = None
    line: int | None = None
    position: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what there is of it."""
        named = ("pointer", "parameter", "code", "line", "position", "detail")
        return {name: value for name in named if (value := getattr(self, name)) is not None}


@dataclass(slots=True, kw_only=True)
class ProblemError(Exception):
    """A request that cannot be answered. code: stable, for programs. errors: all that is wrong, at once. also: more parts of the answer."""

    status: int
    code: str
    detail: str
    errors: list[Fault] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    also: dict[str, Any] = field(default_factory=dict)

    def answer(self) -> HttpResponse:
        """Return the problem as an answer."""
        return problem(self.status, self.code, self.detail, self.errors, self.headers, self.also)


def problem(
    status: int,
    code: str,
    detail: str,
    errors: Iterable[Fault] = (),
    headers: Mapping[str, str] | None = None,
    also: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Return a problem as an answer."""
    said: dict[str, Any] = {
        "type": f"urn:leadline:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    said |= also or {}
    if faults := [one.to_dict() for one in errors]:
        said["errors"] = faults
    return HttpResponse(msgspec.json.encode(said), status=status, content_type=MEDIA_TYPE, headers=dict(headers or {}))


def faults_of_condition(
    problems: Iterable[Problem], *, parameter: str | None = None, pointer: str | None = None
) -> list[Fault]:
    """Return all that is wrong with a condition, which was given in a parameter of the address or in the body."""
    return [
        Fault(
            pointer=pointer,
            parameter=parameter,
            code=one.code,
            position=_position(one.message),
            detail=one.message,
        )
        for one in problems
    ]


_POSITION = re.compile(r"\bat character (\d+)", re.IGNORECASE)


def _position(message: str) -> int | None:
    found = _POSITION.search(message)
    return int(found[1]) if found else None


def missing(what: str) -> ProblemError:
    """Return the problem that something is not there; what is another workspace's is not there either."""
    return ProblemError(status=404, code="not-found", detail=f"There is no such {what} in this workspace.")
