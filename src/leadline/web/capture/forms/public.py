"""The public side of forms: the page at /f/<workspace>/<form>/, alone or in a frame on another site, and what is sent to it.

It has no session and no CSRF token on purpose: there is nobody signed in whose rights could be abused, other sites may send to it, and
a visitor gets no cookie. What keeps machines out instead is in `guard.py`.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from leadline.web.accounts.addresses import client_address
from leadline.web.accounts.tries import allow_try
from leadline.web.capture.forms import actions, guard, queries
from leadline.web.capture.forms.answer_form import TRAP, AnswerForm
from leadline.web.capture.forms.consents import BOXES, fingerprint_of
from leadline.web.capture.models import Form

_OTHER_WORDS = "What you are asked to agree to has changed since you opened this page. Nothing is lost: please read it, and send it again."
_POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors {sites}"


@login_not_required
@csrf_exempt
@xframe_options_exempt  # the policy below says who may frame it, for each form
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer_form(request: HttpRequest, workspace: str, slug: str) -> HttpResponseBase:
    """Show a form, and take what is sent to it."""
    form = queries.get_public_form(workspace, slug)
    if not form.is_open:
        return _framed(form, render(request, "capture/forms/closed.html", {"form": form}, status=410))
    if request.method != "POST":
        return _show(request, form, AnswerForm(form))
    if guard.is_too_large(request):
        return _refuse(request, form, 413, "That is more than this form takes. Please shorten it.")
    is_own, is_allowed = guard.is_own(request), guard.is_allowed_site(request, form)
    if not (is_own or is_allowed):
        return _refuse(request, form, 403, "This form does not take answers from that site. Please fill it in here.")
    now = timezone.now()
    typed = AnswerForm(form, request.POST)
    if not allow_try(guard.SENDS, str(form.pk), client_address(request), now=now):
        return _show(
            request, form, typed, 429, "Too many answers came from your network. Please try again in ten minutes."
        )
    if not typed.is_valid():
        return _show(request, form, typed, 422)
    ticket = guard.find_ticket(request.POST.get("ticket", ""), form)
    haste = guard.find_haste(ticket, now) if ticket or not is_allowed else ""
    if haste:
        return _show(request, form, typed, 422, haste)
    if ticket and typed.agreed and ticket.words != fingerprint_of(form):
        return _show(request, form, AnswerForm(form, _without_boxes(request.POST)), 422, _OTHER_WORDS)
    answer = actions.Answer(
        answers=typed.answers,
        agreed=typed.agreed,
        number=ticket.number if ticket else actions.minute_number(now),
        context={
            "user_agent": request.headers.get("User-Agent", "")[:500],
            "url": request.build_absolute_uri()[:1_000],
            "referrer": ticket.referrer if ticket else request.headers.get("Referer", "")[:500],
        },
    )
    take = actions.keep_trapped_answer if guard.is_trapped(request) else actions.take_answer
    take(form, answer, now=now)
    return redirect(reverse("form-thanks", args=[workspace, slug]))


@login_not_required
@xframe_options_exempt
@require_http_methods(["GET", "HEAD"])
def thank(request: HttpRequest, workspace: str, slug: str) -> HttpResponse:
    """Say what the form's owner says after an answer."""
    form = queries.get_public_form(workspace, slug)
    return _framed(form, render(request, "capture/forms/thanks.html", {"form": form}))


def _show(request: HttpRequest, form: Form, typed: AnswerForm, status: int = 200, notice: str = "") -> HttpResponse:
    ticket = guard.make_ticket(form, request.headers.get("Referer", ""), timezone.now())
    context = {"form": form, "typed": typed, "ticket": ticket, "trap": TRAP, "notice": notice}
    return _framed(form, render(request, "capture/forms/public.html", context, status=status))


def _without_boxes(sent: QueryDict) -> QueryDict:
    """Return what was sent with no consent ticked: nobody agrees to words that they were not shown."""
    left = sent.copy()
    for name in BOXES.values():
        left.pop(name, None)
    return left


def _refuse(request: HttpRequest, form: Form, status: int, notice: str) -> HttpResponse:
    return _show(request, form, AnswerForm(form), status, notice)


def _framed(form: Form, response: HttpResponse) -> HttpResponse:
    """Allow the form's sites, and ours, to show a page in a frame."""
    response["Content-Security-Policy"] = _POLICY.format(sites=" ".join(["'self'", *form.origins]))
    return response
