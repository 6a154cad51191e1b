"""For who leads: the channels that are told; for administrators, mails of which it is not known whether they arrived, too."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from leadline.web.accounts.forms import can_send_mail
from leadline.web.accounts.models import Membership, Workspace
from leadline.web.accounts.roles import ADMINS, LEADERS, Role, needs_role
from leadline.web.notices.actions import add_channel, change_channel, post_again, remove_channel, send_again
from leadline.web.notices.forms import ChangeChannelForm, ChannelForm
from leadline.web.notices.queries import channels_of, show_mails
from leadline.web.notices.trying import standing_of, try_channel
from leadline.web.notices.wishes import OF_A_CHANNEL
from leadline.web.shell.numbers import whole_number


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*LEADERS)
def settings(request: HttpRequest) -> HttpResponse:
    """Show channels and mails in doubt; add a channel."""
    workspace, role = _workspace_of(request), request.membership.role  # type: ignore[attr-defined]
    form = ChannelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        channel = add_channel(workspace, **form.cleaned_data)
        messages.success(request, f"“{channel}” is told from now on.")
        return redirect("notice-settings")
    channels = [
        (one, [title for topic, title in OF_A_CHANNEL.items() if topic in one.topics], standing_of(one))
        for one in channels_of(workspace)
    ]
    context = {
        "form": form,
        "channels": channels,
        "mails": show_mails(workspace, now=timezone.now()) if role == Role.ADMIN else None,
        "sends_mail": can_send_mail(),
    }
    return render(request, "notices/settings.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*LEADERS)
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a channel, without its address, and change it."""
    found = channels_of(_workspace_of(request)).filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such channel.")
    kept = {"name": found.name, "topics": found.topics}
    form = ChangeChannelForm(request.POST if request.method == "POST" else None, initial=kept)
    if request.method == "POST" and form.is_valid():
        if not change_channel(found, **form.cleaned_data):
            raise Http404("There is no such channel.")
        messages.success(request, "Saved. Send a test to see whether it arrives.")
        return redirect("notice-settings")
    context = {"channel": found, "form": form, "host": urlsplit(found.url).hostname}
    return render(request, "notices/channel.html", context, status=422 if form.errors else 200)


@require_POST
@needs_role(*LEADERS)
def remove(request: HttpRequest) -> HttpResponse:
    """Tell a channel nothing more."""
    channel = channels_of(_workspace_of(request)).filter(pk=_id_of(request, "channel")).first()
    if channel is None:
        raise Http404("There is no such channel.")
    remove_channel(channel)
    messages.success(request, f"“{channel}” is told nothing more.")
    return redirect("notice-settings")


@require_POST
@needs_role(*LEADERS)
def attempt(request: HttpRequest) -> HttpResponse:
    """Send a channel a message to try it by, and say how that went."""
    channel = channels_of(_workspace_of(request)).filter(pk=_id_of(request, "channel")).first()
    if channel is None:
        raise Http404("There is no such channel.")
    if error := try_channel(channel, by=str(request.user)):
        messages.error(request, f"“{channel}” was not told: {error}")
    else:
        messages.success(request, f"“{channel}” took the message: look there.")
    return redirect("notice-settings")


@require_POST
@needs_role(*ADMINS)
def again(request: HttpRequest) -> HttpResponse:
    """Send a mail or a post again that may not have arrived."""
    workspace, now = _workspace_of(request), timezone.now()
    if "post" in request.POST:
        is_sent = post_again(workspace, _id_of(request, "post"), now=now)
    else:
        is_sent = send_again(workspace, _id_of(request, "notice"), now=now)
    if is_sent:
        messages.success(request, "It is sent again.")
    else:
        messages.warning(request, "It is not in doubt any more, so nothing was sent.")
    return redirect("notice-settings")


def _id_of(request: HttpRequest, name: str) -> int:
    """Return an id that a form sends.

    Raises:
        BadRequest: it sends none.
    """
    pk = whole_number(request.POST.get(name))
    if pk is None:
        raise BadRequest(f"The form does not say which {name}.")
    return pk


def _workspace_of(request: HttpRequest) -> Workspace:
    member: Membership = request.membership  # type: ignore[attr-defined]
    return member.workspace
