"""The settings of webhooks: where they go, how each endpoint does, what was sent to it, and sending it again. For administrators."""

import json
from datetime import datetime, time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.roles import ADMINS, needs_role
from leadline.web.outgoing import actions
from leadline.web.outgoing.forms import EndpointForm, SinceForm
from leadline.web.outgoing.models import ERASED, Endpoint
from leadline.web.outgoing.queries import get_delivery, get_endpoint, list_deliveries, list_endpoints
from leadline.web.outgoing.webhooks import body_of, tell_test
from leadline.web.shell.numbers import whole_number


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*ADMINS)
@never_cache
def webhooks(request: HttpRequest) -> HttpResponse:
    """Show the endpoints with their health; add one, and show its secret once."""
    workspace, now = workspace_of(request), timezone.now()
    form = EndpointForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        endpoint, secret = actions.add_endpoint(workspace, **form.cleaned_data, now=now)
        return render(request, "outgoing/secret.html", {"endpoint": endpoint, "secret": secret, "is_new": True})
    context = {"endpoints": list_endpoints(workspace, now=now), "form": form}
    return render(request, "outgoing/webhooks.html", context, status=422 if form.errors else 200)


@require_safe
@needs_role(*ADMINS)
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an endpoint and what was sent to it."""
    return _webhook(request, get_endpoint(workspace_of(request), pk))


def _webhook(request: HttpRequest, endpoint: Endpoint, since: SinceForm | None = None) -> HttpResponse:
    is_failed = request.GET.get("failed") == "1"
    rests_until = endpoint.rests_until
    context = {
        "rests_until": rests_until if rests_until and rests_until > timezone.now() else None,
        "endpoint": endpoint,
        "page": list_deliveries(endpoint, is_failed=is_failed, page=whole_number(request.GET.get("page")) or 1),
        "is_failed": is_failed,
        "since": since or SinceForm(initial={"since": timezone.localdate()}),
    }
    return render(request, "outgoing/webhook.html", context, status=422 if since else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*ADMINS)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change where an endpoint is and what it is told."""
    endpoint = get_endpoint(workspace_of(request), pk)
    before = {"url": endpoint.url, "description": endpoint.description, "types": endpoint.types}
    form = EndpointForm(request.POST if request.method == "POST" else None, initial=before)
    if request.method == "POST" and form.is_valid():
        actions.change_endpoint(endpoint, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("webhook", endpoint.pk)
    context = {"endpoint": endpoint, "form": form}
    return render(request, "outgoing/change.html", context, status=422 if form.errors else 200)


@require_POST
@needs_role(*ADMINS)
def switch_it(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch an endpoint on or off."""
    endpoint = get_endpoint(workspace_of(request), pk)
    is_on = request.POST.get("is_on") == "1"
    actions.switch(endpoint, is_on=is_on)
    messages.success(request, "It is on." if is_on else "It is off. What waits goes out when it is on again.")
    return redirect("webhook", endpoint.pk)


@require_POST
@needs_role(*ADMINS)
@never_cache
def new_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an endpoint a new secret, and show it once."""
    endpoint = get_endpoint(workspace_of(request), pk)
    secret = actions.replace_secret(endpoint, now=timezone.now())
    return render(request, "outgoing/secret.html", {"endpoint": endpoint, "secret": secret, "is_new": False})


@require_POST
@needs_role(*ADMINS)
def test_it(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test to an endpoint."""
    endpoint = get_endpoint(workspace_of(request), pk)
    if endpoint.is_on:
        tell_test(endpoint, at=timezone.now())
        messages.success(request, "A test is on its way. Load this page again to see how it went.")
    else:
        messages.error(request, "Nothing was sent: it is off. Switch it on first.")
    return redirect("webhook", endpoint.pk)


@require_POST
@needs_role(*ADMINS)
def failed_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send all that failed since a day once more."""
    workspace = workspace_of(request)
    endpoint = get_endpoint(workspace, pk)
    form = SinceForm(request.POST)
    if not form.is_valid():
        return _webhook(request, endpoint, form)
    since = timezone.make_aware(datetime.combine(form.cleaned_data["since"], time()))
    count = actions.send_failed_again(endpoint, since=since, now=timezone.now())
    messages.success(request, f"{count} that failed since then {'goes' if count == 1 else 'go'} out again.")
    return redirect("webhook", endpoint.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*ADMINS)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether an endpoint is to go; delete it."""
    endpoint = get_endpoint(workspace_of(request), pk)
    if request.method == "POST":
        actions.delete_endpoint(endpoint)
        messages.success(request, f"{endpoint} is gone.")
        return redirect("webhooks")
    return render(request, "outgoing/delete.html", {"endpoint": endpoint})


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*ADMINS)
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was sent and what was answered; send it again."""
    found = get_delivery(workspace_of(request), pk)
    if request.method == "POST":
        if actions.send_again(found, now=timezone.now()):
            messages.success(request, "It goes out again, under the same id.")
        else:
            messages.error(request, "Nothing was sent: it is being sent just now, or the person was erased.")
        return redirect("webhook-delivery", found.pk)
    sent = json.dumps(json.loads(body_of(found.message)), indent=2, ensure_ascii=False)
    context = {"delivery": found, "endpoint": found.endpoint, "sent": sent, "is_erased": ERASED in found.message.data}
    return render(request, "outgoing/delivery.html", context)
