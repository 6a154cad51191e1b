"""Where mail providers report: /mail/<source>/<provider>/, and …/inbound/ for replies.

Nobody is let in without the source's key, by basic authentication; who signs has to sign rightly as well. What is refused there leaves
no trace but the answer. django-anymail checks signatures and reads the reports; what follows is ours.
"""

import base64
import binascii
import json
import warnings
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from leadline.web.accounts.keys import find_key
from leadline.web.accounts.models import SourceKey
from leadline.web.capture.mail import actions, queries
from leadline.web.capture.mail.normal import normalise
from leadline.web.capture.mail.providers import PROVIDERS, Provider, is_installed, make_reader
from leadline.web.capture.mail.sealing import unseal
from leadline.web.capture.models import MailHook
from leadline.web.leads.messages import Json


@login_not_required
@csrf_exempt  # no browser and no session: the key is what lets in
@require_http_methods(["GET", "HEAD", "POST"])
def take_report(request: HttpRequest, source_id: int, provider: str, *, is_inbound: bool = False) -> HttpResponse:
    """Take a provider's report. Providers ask with GET or HEAD whether somebody is there."""
    known = PROVIDERS.get(provider)
    hook = queries.find_hook(source_id, provider) if known and is_installed() else None
    if known is None or hook is None or (is_inbound and not known.inbound):
        return _say("There is no such mail source.", 404)
    if request.method != "POST":
        return _say("Reports go here, by POST.", 200)
    basic_auth = find_basic_auth(request)
    if not is_let_in(hook, basic_auth):
        return _say("The key is missing or not this source's.", 401)
    signing_key = unseal(hook.signing_key)
    if signing_key is None or (known.has_to_sign and not signing_key):
        return _say("The signing key of this source has to be entered again.", 401)
    body = request.body if not (request.content_type or "").startswith("multipart/") else b""
    try:
        events = _read(request, known, is_inbound=is_inbound, basic_auth=basic_auth, signing_key=signing_key)
        found = [one for event in events if (one := normalise(provider, event)) is not None]
        _check_texts(found)
    except SuspiciousOperation:
        return _say("The signature is missing or not this provider's.", 400)
    except Exception as error:  # noqa: BLE001 - readers meet anything: it is kept, and the provider need not try again
        actions.keep_unreadable(hook, body, error)
        return _say("Kept, but it is no report that can be read.", 200)
    if found:
        actions.take_report(hook, found)
    return _say("Thank you.", 200)


def _check_texts(found: list[dict[str, Json]]) -> None:
    """Refuse what JSON can say and no database keeps: half characters anywhere, and NUL in what a message is known by.

    Raises:
        ValueError: there is such a text.
    """
    json.dumps(found, ensure_ascii=False).encode()
    if any("\0" in str(one["message_id"]) for one in found):
        raise ValueError("The id of a message contains the character NUL.")


def _read(
    request: HttpRequest, provider: Provider, *, is_inbound: bool, basic_auth: str, signing_key: str
) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # anymail says here which providers it supports by itself, to developers
        reader = make_reader(provider, is_inbound=is_inbound, basic_auth=basic_auth, signing_key=signing_key)
    reader.run_validators(request)
    return list(reader.parse_events(request))


def find_basic_auth(request: HttpRequest) -> str:
    """Return the user and password of a request, as ``user:password``; empty when it has none."""
    scheme, _, coded = request.headers.get("Authorization", "").partition(" ")
    try:
        return base64.b64decode(coded.strip(), validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, ValueError):
        return ""


def is_let_in(hook: MailHook, basic_auth: str) -> bool:
    """Return whether the password is a key of this source's."""
    key = find_key(basic_auth.partition(":")[2])
    return key is not None and key.kind == SourceKey.Kind.MAIL and key.source_id == hook.source_id


def _say(text: str, status: int) -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    if status == 401:
        response["WWW-Authenticate"] = 'Basic realm="mail reports"'
    return response
