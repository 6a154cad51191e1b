"""Pages for setting up: the first user, and the sources that send."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from leadline.web.accounts import actions as accounts
from leadline.web.accounts.addresses import client_address, is_from_this_machine
from leadline.web.accounts.keys import make_key, revoke_key
from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import Source
from leadline.web.accounts.queries import get_key, get_source, has_users, list_sources
from leadline.web.accounts.roles import ADMINS, needs_role
from leadline.web.capture.forms.snippet import embed_code
from leadline.web.operations.setup.actions import begin
from leadline.web.operations.setup.forms import ConsentForm, SourceForm, WelcomeForm
from leadline.web.operations.setup.queries import read_received

# -- the first user ---------------------------------------------------------------------------------------------


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """Make the first account, and show its keys once. When there is a user, this page only leads to signing in."""
    if has_users():
        return redirect("sign-in")
    if not settings.SETUP_CODE and not is_from_this_machine(request):
        return render(request, "operations/welcome_elsewhere.html", status=403)
    form = WelcomeForm(request.POST or None, initial={"timezone": "UTC"}, address=client_address(request))
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        try:
            begun = begin(
                email=answers["email"], name=answers["name"], password=answers["password"],
                workspace=answers["workspace"], timezone_name=answers["timezone"], with_starter=answers["with_starter"],
            )  # fmt: skip
        except accounts.AlreadySetUpError as error:
            messages.error(request, str(error))
            return redirect("sign-in")
        login(request, begun.membership.user)
        host = _host(request)
        context = {
            "begun": begun, "host": host, "with_starter": answers["with_starter"],
            "embed": embed_code(host, begun.browser_key, waits_for_consent=False),
        }  # fmt: skip
        return render(request, "operations/begun.html", context)
    return render(request, "operations/welcome.html", {"form": form}, status=422 if form.errors else 200)


# -- sources ----------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*ADMINS)
def show_sources(request: HttpRequest) -> HttpResponse:
    """List the sources with what came from each; add one and show its key once."""
    workspace = workspace_of(request)
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            source, key = accounts.make_source(workspace, **form.cleaned_data)
        except accounts.NameTakenError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, f"The source {source.name} may send now.")
            return _show_source(request, source, new_key=key)
    sources = [{"source": one, "received": read_received(one)} for one in list_sources(workspace)]
    return render(
        request, "operations/sources.html", {"sources": sources, "form": form}, status=422 if form.errors else 200
    )


@never_cache
@require_http_methods(["GET", "HEAD"])
@needs_role(*ADMINS)
def show_source(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a source: what came from it, its keys, and what to paste where."""
    return _show_source(request, get_source(workspace_of(request), pk))


@never_cache
@require_POST
@needs_role(*ADMINS)
def add_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Make another key for a source, and show it once."""
    source = get_source(workspace_of(request), pk)
    kind = accounts.KEY_OF.get(Source.Kind(source.kind))
    if kind is None:
        messages.error(request, f"{source.name} sends nothing from outside and needs no key.")
        return redirect("source", pk)
    return _show_source(request, source, new_key=make_key(source, kind))


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*ADMINS)
def end_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a key is to end; end it."""
    key = get_key(workspace_of(request), pk)
    if request.method != "POST":
        return render(request, "operations/end_key.html", {"key": key, "source": key.source})
    revoke_key(key)
    messages.success(request, f"The key {key} works no more. What was sent with it stays.")
    return redirect("source", key.source_id)


@require_POST
@needs_role(*ADMINS)
def set_consent(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether a website's snippet waits for consent."""
    source = get_source(workspace_of(request), pk)
    form = ConsentForm(request.POST)
    if form.is_valid():
        accounts.change_source(source, **form.cleaned_data)
        messages.success(request, "Saved. Paste the tag below into your pages again: it has changed.")
    return redirect("source", pk)


@never_cache
@require_POST
@needs_role(*ADMINS)
def renew_identity_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a website a new secret to sign user ids with, and show it once."""
    source = get_source(workspace_of(request), pk)
    return _show_source(request, source, new_secret=accounts.make_identity_secret(source))


def _show_source(request: HttpRequest, source: Source, *, new_key: str = "", new_secret: str = "") -> HttpResponse:
    source = get_source(workspace_of(request), source.pk)
    public_key = next((one.public_key for one in source.keys.all() if one.public_key and one.revoked_at is None), "")
    host = _host(request)
    context = {
        "source": source,
        "received": read_received(source),
        "new_key": new_key,
        "new_secret": new_secret,
        "host": host,
        "host_scheme": request.scheme,
        "host_name": request.get_host(),
        "public_key": public_key,
        "embed": embed_code(host, public_key, waits_for_consent=source.waits_for_consent) if public_key else "",
        "consent": ConsentForm(initial={"waits_for_consent": source.waits_for_consent}),
    }
    return render(request, "operations/source.html", context)


def _host(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")
