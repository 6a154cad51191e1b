"""The API as django-ninja runs it: its errors as problems, its bodies read as strictly as events are, its OpenAPI made whole.

docs/decisions/0028 says why ninja. What is added to its OpenAPI: the problems that every operation may answer, the scope that it needs,
and the `Idempotency-Key` of what changes something.
"""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation, PathView
from ninja.parser import Parser
from ninja.security import HttpBearer

from leadline import __version__
from leadline.web.api.gate import guard, key_of
from leadline.web.api.given import OUTSIDE
from leadline.web.api.keys import SCOPES
from leadline.web.api.once import HEADER, MOST_CHARACTERS, PATTERN
from leadline.web.api.problems import MEDIA_TYPE, Fault, ProblemError, problem
from leadline.web.capture.tracking.reading import UnusableError, read_value

ONLY_READS = ("api-playbook-check", "api-playbook-compare")
"""What is asked with POST and changes nothing."""
UNDER_A_TAG = ("change_view", "delete_view")
"""What is done only while nobody else has changed the same, where `If-Match` says so."""
_REFUSALS = {
    "400": "The request cannot be read",
    "401": "No key, or one that is not known",
    "403": "The key has not the scope",
    "404": "It is not there",
    "405": "Not by this method",
    "409": "It contradicts what is there",
    "412": "It is not what `If-Match` says: somebody changed it meanwhile",
    "413": "The body is too large",
    "415": "The body is no JSON",
    "422": "Something in the request cannot be used; all of it is said",
    "429": "Too many requests; `Retry-After` says when to ask again",
    "503": "The store is in trouble; ask again",
}
_TAG = {"type": "string", "pattern": '^"[!#-~]*"$', "maxLength": 80}
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "Stable, for programs: urn:leadline:problem:…"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was found and how to mend it."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "Where in the body, as a JSON pointer."},
                    "parameter": {"type": "string", "description": "Which parameter of the address."},
                    "code": {"type": "string"},
                    "line": {"type": "integer", "description": "Where in the text of a playbook."},
                    "position": {"type": "integer", "description": "At which character of a condition, from 1."},
                    "detail": {"type": "string"},
                },
            },
        },
        "handoff": {
            "description": "Of an action on a hand-off that came too late: the hand-off as it is now.",
            "$ref": "#/components/schemas/HandOffDetail",
        },
        "proposal": {
            "description": "Of what is to be approved first, or came too late: the proposal as it is now.",
            "$ref": "#/components/schemas/ProposalDetail",
        },
    },
}


class Needs(HttpBearer):
    """Lets in who has a key with a scope. The gate has found the key already."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        assert scope in SCOPES, scope
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Return the key.

        Raises:
            ProblemError: it has not the scope, which is named.
        """
        del token
        key = key_of(request)
        if self.scope not in key.scopes:
            detail = f"This needs the scope {self.scope}; the key {key.name!r} has {', '.join(key.scopes) or 'none'}."
            raise ProblemError(status=403, code="scope-missing", detail=detail)
        return key


class _Strict(Parser):
    """Reads bodies as events are read: what cannot be kept is refused with its reason."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            return read_value(request.body)
        except UnusableError as error:
            raise ProblemError(status=400, code=error.reason, detail=error.detail) from None


class _Api(NinjaAPI):
    """Django-ninja with our names of operations and our OpenAPI."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, *arguments: Any, **settings: Any) -> Any:
        schema = super().get_openapi_schema(path_prefix="/api/v1", path_params=None)
        schema["components"]["schemas"]["Problem"] = _PROBLEM
        schema["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{"key": []}]
        scopes = {one.view_func.__name__: scope_of(one) for one in list_operations()}
        for methods in schema["paths"].values():
            for method, operation in methods.items():
                _complete(method, operation, scopes[operation["operationId"]])
        return schema


def _complete(method: str, operation: dict[str, Any], scope: str) -> None:
    """Add what ninja does not know of an operation."""
    operation.pop("security", None)
    operation["x-scope"] = scope
    operation["summary"] = operation["operationId"].replace("_", " ").capitalize()
    operation["description"] = f"{operation.get('description', '').strip()}\n\nScope: `{scope}`.".strip()
    answers = {str(status): answer for status, answer in operation["responses"].items()}
    changes = method != "get"
    for status, said in _REFUSALS.items():
        if status in ("413", "415") and not changes:
            continue
        if status == "412" and operation["operationId"] not in UNDER_A_TAG:
            continue
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        answers.setdefault(status, {"description": said, "content": content})
    operation["responses"] = dict(sorted(answers.items()))
    if changes and operation["operationId"] not in ("check_playbook", "compare_playbooks"):
        about = "Any text of yours without blanks, such as a UUID. Sent again with the same body within a day, nothing is done twice."
        schema = {"type": "string", "minLength": 1, "maxLength": MOST_CHARACTERS, "pattern": PATTERN}
        named = {"name": HEADER, "in": "header", "required": False, "description": about, "schema": schema}
        operation["parameters"] = [*operation.get("parameters", []), named]
    if operation["operationId"] in UNDER_A_TAG:
        about = "The `ETag` of what you read: nothing is done when somebody has changed it since."
        named = {"name": "If-Match", "in": "header", "required": False, "description": about, "schema": _TAG}
        operation["parameters"] = [*operation.get("parameters", []), named]


def scope_of(operation: Operation) -> str:
    """Return the scope that an operation needs."""
    return next(one.scope for one in operation.auth_callbacks if isinstance(one, Needs))


api = _Api(
    title="Leadline",
    version=__version__,
    description="Everything that the pages show and do, for programs. `docs/api.md` is the guide.",
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
    parser=_Strict(),
)


@api.exception_handler(ProblemError)
def _tell(request: HttpRequest, error: ProblemError) -> HttpResponse:
    del request
    return error.answer()


@api.exception_handler(HttpError)
def _tell_unread(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer what ninja makes of a body that cannot be read: what we said of it ourselves."""
    if isinstance(error.__cause__, ProblemError):
        return error.__cause__.answer()
    return problem(error.status_code, "refused", str(error))


@api.exception_handler(Http404)
def _tell_missing(request: HttpRequest, error: Http404) -> HttpResponse:
    del request
    return problem(404, "not-found", str(error) or "It is not there.")


@api.exception_handler(ValidationError)
def _tell_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    del request
    return problem(422, "invalid", "Something in the request cannot be used.", [_fault(one) for one in error.errors])


_IN_WORDS = {
    "missing": "This is needed.",
    "extra_forbidden": "There is no part of this name here.",
    "string_pattern_mismatch": "These characters cannot stand here; the reference says which can.",
}


def _fault(found: dict[str, Any]) -> Fault:
    """Return what pydantic found as one of our faults: where it stands, and what it should be."""
    where, *parts = found["loc"]
    detail = _IN_WORDS.get(found["type"], str(found["msg"]).removeprefix("Value error, "))
    code = "out-of-range" if detail == OUTSIDE else found["type"]
    if where == "body":
        # the first part is the name of our own argument
        steps = [str(one).replace("~", "~0").replace("/", "~1") for one in parts[1:]]
        return Fault(pointer="".join(f"/{one}" for one in steps), code=code, detail=detail)
    names = [str(one) for one in parts]
    name = names[1] if len(names) > 1 and not names[1].isdigit() else names[0] if names else str(where)
    return Fault(parameter=name, code=code, detail=detail)


# -- addresses ------------------------------------------------------------------------------------------------------


def _views() -> Iterator[tuple[str, PathView]]:
    for router in api._get_bound_routers():
        yield from router.path_operations.items()


def list_operations() -> list[Operation]:
    """Return all operations."""
    return [operation for _, view in _views() for operation in view.operations]


def make_urls() -> list[URLPattern]:
    """Return the addresses of all operations, each behind the gate."""
    found = []
    for place, view in _views():
        name = str(view.operations[0].url_name)
        parameters = {
            method: {str(one["name"]) for one in _parameters(operation)}
            for operation in view.operations
            for method in operation.methods
        }
        route = place.lstrip("/").replace("{", "<").replace("}", ">")
        with_body = {method for one in view.operations if _takes_body(one) for method in one.methods}
        guarded = guard(view.get_view(), parameters=parameters, with_body=with_body, only_reads=name in ONLY_READS)
        found.append(path(route, guarded, name=name))
    return found


def _takes_body(operation: Operation) -> bool:
    return any(model.__ninja_param_source__ == "body" for model in operation.models)


def _parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    from ninja.openapi.schema import OpenAPISchema

    reading = OpenAPISchema.__new__(OpenAPISchema)
    reading.schemas = {}
    yield from (one for one in reading.operation_parameters(operation) if one["in"] == "query")
