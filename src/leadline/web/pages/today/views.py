"""The page of the morning."""

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.roles import ADMINS, EDITORS, EVERYBODY, needs_role
from leadline.web.pages.playbook_words import words_of
from leadline.web.pages.queue.booked import my_meetings
from leadline.web.pages.today.chores import find_chores
from leadline.web.pages.today.first import first_to_call, qualifications_for_sales
from leadline.web.pages.today.queries import count_week, find_setup, published_lately
from leadline.web.pages.today.queued import call_first, has_queue
from leadline.web.pages.today.signals import find_signals
from leadline.web.pages.today.week import Week, changes_of
from leadline.web.playbooks.queries import find_live, find_preparing, get_plan, progress_of


@require_safe
@needs_role(*EVERYBODY)
def today(request: HttpRequest) -> HttpResponse:
    """Show who needs a person today, and what became different in the last seven days."""
    workspace = workspace_of(request)
    member = request.membership  # type: ignore[attr-defined]
    role = member.role
    version = find_live(workspace)
    week = Week.until(timezone.now(), ZoneInfo(workspace.timezone))
    context = {
        "week": week,
        "greeting": _greeting(week),
        "version": version,
        "preparing": (preparing := find_preparing(workspace)),
        "progress": progress_of(preparing) if preparing else None,
        "may_edit": role in EDITORS,
        "chores": find_chores(workspace) if role in EDITORS else [],
        "setup": find_setup(workspace, version, may_connect=role in ADMINS, may_edit=role in EDITORS),
    }
    if version is not None:
        words, compiled = words_of(version), get_plan(version)
        context |= {
            "words": words,
            "for_sales": qualifications_for_sales(words),
            "counts": count_week(workspace, version, words, week, compiled.zone),
            "changes": changes_of(version, words, week),
            "signals": find_signals(workspace, compiled, week),
            "published": published_lately(workspace, week),
            "meetings": my_meetings(member, now=week.now),
        }
        if has_queue(workspace.pk, words):
            context["queued"] = call_first(member, words, week)
        else:
            context["first"] = first_to_call(version, words, week)
    return render(request, "pages/today/today.html", context)


def _greeting(week: Week) -> str:
    hour = week.now.hour
    return "Good morning" if 4 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"
