"""The settings of mail sources. Where providers report is in `endpoint.py`."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.roles import ADMINS, needs_role
from leadline.web.capture.mail import actions, queries
from leadline.web.capture.mail.forms import HookForm
from leadline.web.capture.mail.providers import PROVIDERS, is_installed
from leadline.web.capture.models import MailHook

USER = "leadline"


@needs_role(*ADMINS)
@never_cache
def show_hooks(request: HttpRequest) -> HttpResponse:
    """Show the mail sources, and add one."""
    workspace = workspace_of(request)
    if request.method != "POST":
        return _page(request, HookForm(workspace=workspace))
    form = HookForm(request.POST, workspace=workspace)
    if not form.is_valid():
        return _page(request, form, status=422)
    hook, key = actions.add_hook(workspace, **form.cleaned_data)
    return _page(request, HookForm(workspace=workspace), hook, key)


@needs_role(*ADMINS)
@never_cache
@require_POST
def replace_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a mail source a new key, and show it."""
    workspace = workspace_of(request)
    hook = queries.get_hook(workspace, pk)
    return _page(request, HookForm(workspace=workspace), hook, actions.replace_key(hook))


def address_of(request: HttpRequest, hook: MailHook, key: str, *, is_inbound: bool = False) -> str:
    """Return where a provider is to report, with the key in it."""
    name = "mail-inbound" if is_inbound else "mail-report"
    parts = urlsplit(request.build_absolute_uri(reverse(name, args=[hook.source_id, hook.provider])))
    return parts._replace(netloc=f"{USER}:{key}@{parts.netloc}").geturl()


def _page(
    request: HttpRequest, form: HookForm, hook: MailHook | None = None, key: str = "", status: int = 200
) -> HttpResponse:
    hooks = queries.list_hooks(workspace_of(request))
    context = {
        "hooks": [(one, PROVIDERS[one.provider].title if one.provider in PROVIDERS else one.provider) for one in hooks],
        "form": form,
        "is_installed": is_installed(),
        "shown": hook,
        "address": address_of(request, hook, key) if hook else "",
        "inbound_address": address_of(request, hook, key, is_inbound=True)
        if hook and PROVIDERS[hook.provider].inbound
        else "",
    }
    return render(request, "capture/mail/hooks.html", context, status=status)
