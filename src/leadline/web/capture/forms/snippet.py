"""Serves the snippet, the one script that stands on other people's sites: public, small, and kept by browsers.

What is checked in (`snippet.js`) is made to be read; what is served is the same without comments and spare white space. It holds
no key and no setting: those stand in the attributes of the tag that a page includes it by (`embed_code`), so one copy fits all.
"""

import hashlib
import re
from functools import cache
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

MOST_BYTES = 3_000
_SPARE = re.compile(r"\s*([{}()\[\]=<>:;,?&|+!])\s*")
_HOUR, _YEAR = 3_600, 31_536_000


def squeeze(source: str) -> str:
    """Return a script without lines of comment, indentation, and white space beside punctuation.

    It knows no JavaScript. It is right for a script whose statements end with a semicolon and whose texts have no white space
    beside punctuation; a test holds the snippet to that.

    >>> squeeze("// why\\nif (a) {\\n  say(b, c);\\n}")
    'if(a){say(b,c)}'
    """
    lines = (line.strip() for line in source.splitlines())
    text = "\n".join(line for line in lines if line and not line.startswith("//"))
    return re.sub(r"[;,]+([})])", r"\1", _SPARE.sub(r"\1", text))


@cache
def snippet() -> str:
    """Return the script as it is served."""
    return squeeze(Path(__file__).with_name("snippet.js").read_text(encoding="utf-8"))


@cache
def snippet_version() -> str:
    """Return what changes when the script does."""
    return hashlib.sha256(snippet().encode()).hexdigest()[:12]


def embed_code(host: str, browser_key: str, *, waits_for_consent: bool) -> SafeString:
    """Return the tag that a page includes the snippet by. *host*: of this app, with its scheme."""
    consent = format_html(' data-consent="{}"', "wait") if waits_for_consent else ""
    return format_html(
        '<script async src="{}/snippet.js" data-key="{}"{}></script>', host.rstrip("/"), browser_key, consent
    )


@login_not_required
@require_safe
def serve_snippet(request: HttpRequest) -> HttpResponse:
    """Answer with the script. Under its version (``?v=…``) it is kept for a year, otherwise for an hour."""
    version = snippet_version()
    response = HttpResponse(snippet(), content_type="text/javascript; charset=utf-8")
    if request.GET.get("v") == version:
        response["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    else:
        response["Cache-Control"] = f"public, max-age={_HOUR}"
    response["ETag"] = f'"{version}"'
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.headers.get("If-None-Match") == response["ETag"]:
        response.status_code = 304
        response.content = b""
    return response
