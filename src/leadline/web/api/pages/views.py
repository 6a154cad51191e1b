"""Pages: making and ending keys, and the reference of the API, written from its own OpenAPI."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import User
from leadline.web.accounts.roles import ADMINS, EVERYBODY, needs_role
from leadline.web.api.keys import SourceTakenError, make_api_key, revoke_api_key
from leadline.web.api.models import ApiKey
from leadline.web.api.pages.forms import ApiKeyForm
from leadline.web.api.service import api

# -- keys -----------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*ADMINS)
def keys(request: HttpRequest) -> HttpResponse:
    """List the keys; make one, and show it once."""
    workspace = workspace_of(request)
    form, made = ApiKeyForm(request.POST if request.method == "POST" else None), ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        assert isinstance(request.user, User)
        try:
            _, made = make_api_key(
                workspace,
                name=given["name"],
                scopes=given["scopes"],
                source=given["source"],
                by=request.user,
                expires_at=form.expires_at(),
            )
        except SourceTakenError as error:
            form.add_error("source", str(error))
        else:
            form = ApiKeyForm()
    context = {
        "form": form,
        "made": made,
        "keys": ApiKey.objects.filter(workspace=workspace).select_related("source", "made_by").order_by("-pk"),
        "now": timezone.now(),
        "host": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "api/keys.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*ADMINS)
def end_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a key is to end; end it."""
    key = get_object_or_404(ApiKey, workspace=workspace_of(request), pk=pk)
    if request.method != "POST":
        return render(request, "api/end_key.html", {"key": key})
    revoke_api_key(key)
    messages.success(request, f"The key {key.name} works no more. What was written with it stays.")
    return redirect("api-keys")


# -- what it can do -------------------------------------------------------------------------------------------------


@login_not_required
@require_safe
def show_openapi(request: HttpRequest) -> HttpResponse:
    """Hand out the description of the API. It says nothing of anybody's data, so whoever asks gets it."""
    del request
    return JsonResponse(api.get_openapi_schema())


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
    schema = api.get_openapi_schema()
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
