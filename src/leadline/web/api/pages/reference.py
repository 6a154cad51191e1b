"""Pages: the reference of the API, written from its own OpenAPI. The operations are loaded when somebody asks (`late.py`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from leadline.web.accounts.roles import EVERYBODY, needs_role


def _schema() -> dict[str, Any]:
    from leadline.web.api.operations import api

    return dict(api.get_openapi_schema())


@login_not_required
@require_safe
def show_openapi(request: HttpRequest) -> HttpResponse:
    """Hand out the description of the API. It says nothing of anybody's data, so whoever asks gets it."""
    del request
    return JsonResponse(_schema())


@dataclass(frozen=True, slots=True)
class Part:
    """A value of a request or an answer: its name, of what type it is, and what it means."""

    name: str
    type: str
    about: str
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Described:
    """An operation as the page shows it."""

    id: str
    method: str
    path: str
    title: str
    about: str
    scope: str
    parameters: list[Part]
    body: list[Part]
    answer: list[Part]


@require_safe
@needs_role(*EVERYBODY)
def reference(request: HttpRequest) -> HttpResponse:
    """Show every operation of the API."""
    schema = _schema()
    chapters: dict[str, list[Described]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            one = _describe(schema, path, method, operation)
            chapters.setdefault(operation["tags"][0], []).append(one)
    host = request.build_absolute_uri("/").rstrip("/")
    return render(request, "api/reference.html", {"chapters": list(chapters.items()), "host": host})


def _describe(schema: Any, path: str, method: str, operation: Any) -> Described:
    about, _, _ = operation["description"].partition("\n\nScope:")
    content: dict[str, Any] = next(
        (one for status, one in operation["responses"].items() if status.startswith("2")), {}
    )
    answer = content.get("content", {}).get("application/json", {}).get("schema", {})
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return Described(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        title=operation["summary"],
        about=about.replace("`", ""),
        scope=operation["x-scope"],
        parameters=[
            Part(
                one["name"], _type(schema, one["schema"]), one.get("description", "").replace("`", ""), one["required"]
            )
            for one in operation.get("parameters", [])
        ],
        body=list(_parts(schema, body)),
        answer=list(_parts(schema, answer)),
    )


def _resolve(schema: Any, one: Any) -> Any:
    name = one.get("$ref", "").rpartition("/")[2]
    return schema["components"]["schemas"][name] if name else one


def _parts(schema: Any, one: Any) -> Iterator[Part]:
    """Yield the parts of an object; of a page or a list those of its items."""
    found = _resolve(schema, one)
    if found.get("type") == "array":
        found = _resolve(schema, found["items"])
    if "items" in found.get("properties", {}):
        found = _resolve(schema, found["properties"]["items"]["items"])
    required = found.get("required", [])
    for name, part in found.get("properties", {}).items():
        about = part.get("description", "") or _resolve(schema, part).get("description", "")
        yield Part(name, _type(schema, part), about.replace("`", ""), name in required)


_KINDS = {"string": "text", "integer": "whole number"}


def _type(schema: Any, one: Any) -> str:
    """Return a type in a few words."""
    if "$ref" in one:
        return str(_resolve(schema, one).get("title", "object"))
    if "anyOf" in one:
        kinds = [part for part in one["anyOf"] if part.get("type") != "null"]
        return " or ".join(dict.fromkeys(_type(schema, part) for part in kinds))
    if "enum" in one:
        return ", ".join(map(str, one["enum"]))
    if one.get("type") == "array":
        return f"list of {_type(schema, one['items'])}"
    kind = _KINDS.get(one.get("type", ""), one.get("type", "value"))
    return {"date-time": "time", "date": "date"}.get(one.get("format", ""), str(kind))
