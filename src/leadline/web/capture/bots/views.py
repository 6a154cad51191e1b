"""The page about bots: which rules there are, what each marked, trying and adding one, and what no longer stands."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from leadline.engine.problems import ProblemsError
from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import User
from leadline.web.accounts.roles import EDITORS, needs_role
from leadline.web.capture.bots import actions, queries
from leadline.web.capture.bots.forms import RuleForm


@needs_role(*EDITORS)
def show_rules(request: HttpRequest) -> HttpResponse:
    """Show all rules; try a new one, or add it."""
    workspace = workspace_of(request)
    known = tuple(queries.names_of_events(workspace))
    if request.method != "POST":
        return _page(request, RuleForm(known_events=known))
    form, trial = RuleForm(request.POST, known_events=known), None
    if form.is_valid():
        data = form.cleaned_data
        try:
            if "try" in request.POST:
                trial = queries.try_rule(workspace, data["events"], data["condition"])
            else:
                by = request.user if isinstance(request.user, User) else None
                rule = actions.add_rule(workspace, **data, by=by)
                messages.success(request, f"Rule {rule} is in force. The events of the past are being gone through.")
                return redirect("bots")
        except ProblemsError as error:
            form.add_problems(error)
    return _page(request, form, trial, status=200 if trial else 422)


@needs_role(*EDITORS)
@require_POST
def withdraw_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a rule back."""
    rule = queries.get_rule(workspace_of(request), pk)
    if actions.withdraw_rule(rule):
        messages.success(request, f"Rule {rule} is withdrawn. What it had marked is being looked at again.")
    else:
        messages.warning(request, f"Rule {rule} was withdrawn already.")
    return redirect("bots")


@needs_role(*EDITORS)
@require_safe
def show_marked(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Show the last events that a rule marked."""
    events = queries.list_marked(workspace_of(request), rule_id)
    return render(request, "capture/bots/marked.html", {"rule_id": rule_id, "events": events, "most": queries.SHOWN})


@needs_role(*EDITORS)
@require_POST
def say_who(request: HttpRequest, pk: int) -> HttpResponse:
    """Say of an event that a person made it, or a bot, or leave it to the rules again."""
    event = queries.get_event(workspace_of(request), pk)
    match request.POST.get("who"):
        case "person":
            actions.say_who(event, is_bot=False)
            messages.success(request, f"A person made “{event}”. No rule says otherwise any more.")
        case "bot":
            actions.say_who(event, is_bot=True)
            messages.success(request, f"A bot made “{event}”.")
        case _:
            actions.leave_to_rules(event)
            messages.success(request, f"The rules decide about “{event}” again.")
    back = event.bot_rule or "person"
    return redirect(reverse("bots-marked", args=[back]))


def _page(request: HttpRequest, form: RuleForm, trial: queries.Trial | None = None, status: int = 200) -> HttpResponse:
    workspace = workspace_of(request)
    context = {
        "overview": queries.read_overview(workspace),
        "changes": queries.list_changes(workspace),
        "form": form,
        "trial": trial,
    }
    return render(request, "capture/bots/rules.html", context, status=status)
