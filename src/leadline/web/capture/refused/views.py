"""The page of refused events: why, how to mend it, mend it and send it again."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.roles import EDITORS, needs_role
from leadline.web.capture.refused import actions
from leadline.web.capture.refused.forms import BodyForm, WantedForm
from leadline.web.capture.refused.queries import (
    advice_beside,
    body_as_text,
    count_reasons,
    count_states,
    get_refused,
    list_refused,
    list_sources,
    sources_not_kept,
    why_not_mendable,
)
from leadline.web.capture.refused.reasons import reason_of
from leadline.web.capture.tracking.reading import GZIP, UnusableError

A_PAGE = 50
_SHOWN_CHARACTERS = 120


@require_safe
@needs_role(*EDITORS)
def show_list(request: HttpRequest) -> HttpResponse:
    """Show what was refused."""
    workspace = workspace_of(request)
    tallies = count_reasons(workspace)
    codes = sorted(
        {tally.code for tally in tallies}
        | {code for code in request.GET.getlist("reason") if code and "\0" not in code}
    )
    form = WantedForm(workspace, codes, request.GET)
    wanted = form.wanted()
    page = Paginator(list_refused(workspace, wanted), A_PAGE).get_page(request.GET.get("page"))
    rows = [
        {"refused": one, "words": reason_of(one.reason), "beginning": body_as_text(one)[:_SHOWN_CHARACTERS]}
        for one in page
    ]
    return render(
        request,
        "capture/refused/list.html",
        {
            "tallies": tallies,
            "states": count_states(workspace),
            "form": form,
            "wanted": wanted,
            "page": page,
            "rows": rows,
            "has_sources": list_sources(workspace).exists(),
            "not_kept": sources_not_kept(workspace),
            "limit": settings.TRACKING["refused_an_hour"],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*EDITORS)
def show_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one with its body; with POST, send the body that comes, mended or not."""
    refused = get_refused(workspace_of(request), pk)
    text = body_as_text(refused)
    form = BodyForm(request.POST or None, initial={"body": text})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["body"]
        is_as_it_came = given.replace("\r\n", "\n") == text.replace("\r\n", "\n")
        try:
            count = actions.replay(refused, None if is_as_it_came else given)
        except UnusableError as error:
            form.add_error("body", f"It was not sent; it cannot be used still. {error.detail}")
        except actions.AlreadyEndedError as error:
            messages.warning(request, str(error))
            return redirect("refused")
        else:
            messages.success(
                request, f"Sent again: {count} event{'' if count == 1 else 's'}. It is in the log in a moment."
            )
            return redirect("refused")
    words = reason_of(refused.reason)
    context = {
        "refused": refused,
        "words": words,
        "advice": advice_beside(refused, words),
        "why_not_mendable": why_not_mendable(refused),
        "size": len(refused.body),
        "form": form,
    }
    return render(request, "capture/refused/one.html", context, status=422 if form.errors else 200)


@require_safe
@needs_role(*EDITORS)
def download_body(request: HttpRequest, pk: int) -> HttpResponse:
    """Give what was sent as it came, byte by byte. It is a file to be kept, and never shown by the browser."""
    body = bytes(get_refused(workspace_of(request), pk).body)
    name = f"refused-{pk}.{'gz' if body.startswith(GZIP) else 'txt'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(body, content_type="application/octet-stream", headers=headers)


@require_POST
@needs_role(*EDITORS)
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one aside."""
    try:
        actions.dismiss(get_refused(workspace_of(request), pk))
    except actions.AlreadyEndedError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, "Dismissed. You find it under “Dismissed”, and can put it back.")
    return redirect("refused")


@require_POST
@needs_role(*EDITORS)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one back that was put aside."""
    actions.reopen(get_refused(workspace_of(request), pk))
    return redirect("refused-one", pk=pk)


@require_POST
@needs_role(*EDITORS)
def replay_all(request: HttpRequest) -> HttpResponse:
    """Send all of a reason again."""
    result = actions.replay_all(workspace_of(request), request.POST.get("reason", ""))
    said = [f"{result.sent:,} sent again."]
    if result.still_refused:
        said.append(f"{result.still_refused:,} cannot be used still, and wait as before.")
    if result.left:
        said.append(f"{result.left:,} are left: press again.")
    (messages.success if result.sent else messages.warning)(request, " ".join(said))
    return redirect("refused")


@require_POST
@needs_role(*EDITORS)
def dismiss_all(request: HttpRequest) -> HttpResponse:
    """Put all of a reason aside."""
    count = actions.dismiss_all(workspace_of(request), request.POST.get("reason", ""))
    messages.success(request, f"{count:,} dismissed. You find them under “Dismissed”.")
    return redirect("refused")
