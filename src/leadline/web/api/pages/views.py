"""Pages: making and ending keys."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import User
from leadline.web.accounts.roles import ADMINS, needs_role
from leadline.web.api.keys import SourceTakenError, make_api_key, revoke_api_key
from leadline.web.api.models import ApiKey
from leadline.web.api.pages.forms import ApiKeyForm


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
