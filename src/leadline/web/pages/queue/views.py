"""The page of the queue, its right-hand pane, and everything that one does there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from leadline.web.accounts.middleware import workspace_of
from leadline.web.accounts.models import Membership, User
from leadline.web.accounts.roles import EVERYBODY, LEADERS, WORKERS, Role, needs_role
from leadline.web.flow import handoffs_changed
from leadline.web.handoff import actions
from leadline.web.handoff.clocks import Calendars
from leadline.web.handoff.models import HandOff, Step
from leadline.web.handoff.urgency import find_following
from leadline.web.pages.playbook_words import PlaybookWords, words_of
from leadline.web.pages.questions.queries import questions_of
from leadline.web.pages.queue.boxes import PARTS, Box, QueuePage, boxes_of, count_boxes, of_box, with_chosen
from leadline.web.pages.queue.forms import (
    AssignForm,
    CallForm,
    CancelForm,
    DecideForm,
    MeetingForm,
    MoveForm,
    QueueNoteForm,
    SnoozeForm,
    UndoForm,
)
from leadline.web.pages.queue.item import show_item
from leadline.web.pages.queue.meeting import meeting_file
from leadline.web.pages.queue.progress import progress_of
from leadline.web.pages.queue.receivers import receivers
from leadline.web.pages.queue.said import say_at, say_undone, say_why
from leadline.web.pages.queue.sharing import find_shared
from leadline.web.pages.queue.undo import find_done, undo_bar
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import find_live
from leadline.web.shell.numbers import whole_number

_MOST_PAGES = 10_000


@require_safe
@needs_role(*EVERYBODY)
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits, the most urgent first, and beside it the one that was chosen, else the first."""
    workspace, member, now = workspace_of(request), _member_of(request), timezone.now()
    version = find_live(workspace)
    boxes = boxes_of(member, now=now)
    box = _box_of(request, boxes, member)
    page = QueuePage(of_box(workspace.pk, box, now=now), whole_number(request.GET.get("page"), most=_MOST_PAGES) or 1)
    counts = count_boxes(workspace.pk, boxes)
    context: dict[str, Any] = {
        "version": version,
        "boxes": [(one, counts[one.id]) for one in boxes],
        "box": box,
        "count": counts[box.id],
        "page": page,
    }
    if version is not None:
        words = words_of(version)
        chosen = _chosen(request, page)
        done = find_done(request.GET.get("done"), member, now=now)
        calendars = Calendars(workspace)
        progress = progress_of([*page.rows, *([chosen] if chosen else [])], calendars, now=now)
        context |= {
            "words": words,
            "progress": progress,
            "lying": sum(one.pk in progress and progress[one.pk].lies_since is not None for one in page.rows),
            "rows": [
                (one, say_why(one, words), words.grade(one.grade))
                for one in with_chosen(page.rows, chosen, box, now=now)
            ],
            "is_outside": chosen is not None and all(one.pk != chosen.pk for one in page.rows),
            "chosen": chosen,
            "bar": undo_bar(chosen, done, words, member, now=now),
            "acted": done is not None,
            "shared": find_shared(request.GET.get("given"), member, now=now) if member.role in LEADERS else None,
            "receivers": receivers(workspace, now, handoffs=page.rows, version=version)
            if member.role in LEADERS and page.rows
            else [],
            **(_pane(chosen, version, words, member, box, calendars) if chosen else {}),
        }
    return render(request, "pages/queue/queue.html", context)


@require_safe
@needs_role(*EVERYBODY)
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one hand-off: as the pane of the queue, else as the page with it chosen."""
    handoff, member = _get_handoff(request, pk), _member_of(request)
    version = find_live(handoff.workspace_id)
    if version is None or not getattr(request, "htmx", False):
        query = urlencode({"box": request.GET.get("box") or "all", "at": str(handoff.pk)})
        return redirect(f"{reverse('queue')}?{query}")
    now, words = timezone.now(), words_of(version)
    box = _box_of(request, boxes_of(member, now=now), member)
    done = find_done(request.GET.get("done"), member, now=now)
    bar = undo_bar(handoff, done, words, member, now=now, moved=True)
    calendars = Calendars(handoff.workspace)
    context = _pane(handoff, version, words, member, box, calendars)
    context |= {"bar": bar, "in_place": True, "progress": progress_of([handoff], calendars, now=now)}
    return render(request, "pages/queue/pane_in_place.html", context)


@require_safe
@needs_role(*WORKERS)
def calendar_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out a meeting as a file for calendars: the one that the address names, else the last; of one that is off, its end there."""
    handoff = _get_handoff(request, pk)
    found = actions.meetings_of(list(handoff.steps.select_related("by").order_by("pk")))
    if "meeting" in request.GET:
        asked = whole_number(request.GET["meeting"])
        found = [one for one in found if one.id == asked]
    if not found:
        raise Http404("There is no such meeting.")
    meeting = found[-1]
    text = meeting_file(handoff, meeting, request.build_absolute_uri(reverse("lead", args=[handoff.lead_id])))
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="meeting-{meeting.id}.ics"'
    return answer


# -- what one does ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Deed:
    """Something that one does: what is filled in, and how it is done with that."""

    form: type[Any] | None
    do: Callable[[HandOff, User, dict[str, Any], bool], str]


def _claim(handoff: HandOff, by: User, _said: dict[str, Any], _is_manager: bool) -> str:
    others = handoff.owner if handoff.owner_id != by.pk else None
    actions.claim(handoff.pk, by=by, tell=handoffs_changed)
    return f"{handoff.lead} is yours; it was waiting for {others}." if others else f"{handoff.lead} is yours."


def _release(handoff: HandOff, by: User, _said: dict[str, Any], _is_manager: bool) -> str:
    actions.release(handoff.pk, by=by, tell=handoffs_changed)
    return f"{handoff.lead} waits again."


def _assign(handoff: HandOff, by: User, said: dict[str, Any], is_manager: bool) -> str:
    to = User.objects.filter(pk=said["to"], memberships__workspace=handoff.workspace_id).first()
    if to is None:
        raise actions.NotPossibleError("There is no such person in this workspace.")
    actions.assign(handoff.pk, to=to, by=by, is_manager=is_manager, tell=handoffs_changed)
    return f"{handoff.lead} waits for {to}."


def _call(handoff: HandOff, by: User, said: dict[str, Any], _is_manager: bool) -> str:
    done = actions.log_call(handoff.pk, by=by, **said, tell=handoffs_changed)
    if not said["again"]:
        return "The call was written down."
    when = say_at(said["again"].isoformat())
    back = f"{handoff.lead} comes back on {when}." if done.is_open else f"You call {handoff.lead} again on {when}."
    return f"The call was written down. {back}"


def _meet(handoff: HandOff, by: User, said: dict[str, Any], _is_manager: bool) -> str:
    actions.book_meeting(handoff.pk, by=by, **said, tell=handoffs_changed)
    return "The meeting was written down. Its file for your calendar is beside it."


def _move(handoff: HandOff, by: User, said: dict[str, Any], _is_manager: bool) -> str:
    actions.move_meeting(handoff.pk, by=by, **said, tell=handoffs_changed)
    return "The meeting was moved. Its file, beside it, moves it in your calendar, too."


def _cancel(handoff: HandOff, by: User, said: dict[str, Any], _is_manager: bool) -> str:
    actions.cancel_meeting(handoff.pk, by=by, **said, tell=handoffs_changed)
    return "The meeting was cancelled. Its file, beside it, takes it out of your calendar."


def _snooze(handoff: HandOff, by: User, said: dict[str, Any], _is_manager: bool) -> str:
    actions.snooze(handoff.pk, by=by, **said, tell=handoffs_changed)
    return f"{handoff.lead} comes back on {say_at(said['until'].isoformat())}."


def _decide(handoff: HandOff, by: User, said: dict[str, Any], is_manager: bool) -> str:
    actions.decide(
        handoff.pk, **said["decision"], text=said["text"], by=by, is_manager=is_manager, tell=handoffs_changed
    )
    return ""


def _undo(handoff: HandOff, by: User, said: dict[str, Any], _is_manager: bool) -> str:
    version = find_live(handoff.workspace_id)
    step = actions.undo(handoff.pk, by=by, step_id=said["step"], tell=handoffs_changed)
    return say_undone(step, words_of(version) if version else None)


def _note(handoff: HandOff, by: User, said: dict[str, Any], _is_manager: bool) -> str:
    actions.write_note(handoff.pk, by=by, text=said["text"], tell=handoffs_changed)
    return "The note was kept with the lead."


_DEEDS = {
    "claim": _Deed(None, _claim),
    "release": _Deed(None, _release),
    "assign": _Deed(AssignForm, _assign),
    "call": _Deed(CallForm, _call),
    "meet": _Deed(MeetingForm, _meet),
    "move": _Deed(MoveForm, _move),
    "cancel": _Deed(CancelForm, _cancel),
    "snooze": _Deed(SnoozeForm, _snooze),
    "decide": _Deed(DecideForm, _decide),
    "undo": _Deed(UndoForm, _undo),
    "note": _Deed(QueueNoteForm, _note),
}
_GOES_ON = ("decide", "snooze", "assign")
"""After these, the next one in the box is shown."""


@require_POST
@needs_role(*WORKERS)
def act(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Do something with a hand-off; who was too late is told who was faster."""
    handoff, member = _get_handoff(request, pk), _member_of(request)
    deed = _DEEDS.get(what)
    if deed is None:
        raise Http404("There is nothing like that to do.")
    form = deed.form(request.POST) if deed.form else None
    if form is not None and not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, f"Nothing was changed. {' '.join(errors)}")
        return _back(request, handoff, handoff.pk)
    following = _following(request, handoff, member) if what in _GOES_ON else handoff.pk
    try:
        is_manager = member.role in LEADERS
        said = deed.do(handoff, member.user, form.cleaned_data if form else {}, is_manager)
    except actions.NotPossibleError as error:
        messages.warning(request, str(error))
        return _back(request, handoff, handoff.pk)
    if said:
        messages.success(request, said)
    done = None if what == "undo" else actions.find_undoable(handoff, member.user, now=timezone.now())
    return _back(request, handoff, following, done)


def _back(request: HttpRequest, handoff: HandOff, pk: int | None, done: Step | None = None) -> HttpResponse:
    """Lead back to where it was done: Today, a page of the lead, or the queue. pk: what is shown there; done: what can be undone there."""
    match request.POST.get("back"):
        case "lead":
            return redirect(reverse("lead", args=[handoff.lead_id]) + "#handoff")
        case "story":
            return redirect("lead-handoffs", handoff.lead_id)
        case "today":
            return redirect(reverse("today") + "#meetings")
    query = {"box": request.POST.get("box", ""), "at": pk or "", "done": done.pk if done else ""}
    return redirect(f"{reverse('queue')}?{urlencode({name: value for name, value in query.items() if value})}")


def _following(request: HttpRequest, handoff: HandOff, member: Membership) -> int | None:
    """Return what comes behind a hand-off in its box; None at the end."""
    now = timezone.now()
    boxes = {one.id: one for one in boxes_of(member, now=now)}
    box = boxes.get(request.POST.get("box", ""))
    if box is None:
        return None
    return find_following(of_box(handoff.workspace_id, box, now=now), handoff.pk, box.order)


# -- who asks, and for which --------------------------------------------------------------------------------------------


def _pane(
    handoff: HandOff, version: Version, words: PlaybookWords, member: Membership, box: Box, calendars: Calendars
) -> dict[str, Any]:
    now = timezone.now()
    item = show_item(handoff, version, words, member, calendars, now=now)
    return {
        "item": item,
        "questions": questions_of(handoff.lead, version, now),
        "questions_back": f"{reverse('queue')}?{urlencode({'box': box.id, 'at': str(handoff.pk)})}",
        "lead": handoff.lead,
        "may_write": member.role in WORKERS,
        "words": words,
        "box": box,
        "why": say_why(handoff, words),
        "grade": words.grade(handoff.grade),
        "call_form": CallForm(auto_id="call_%s", times=item.times),
        "meeting_form": MeetingForm(auto_id="meet_%s"),
        "note_form": QueueNoteForm(auto_id="note_%s"),
    }


def _chosen(request: HttpRequest, page: QueuePage) -> HandOff | None:
    """Return the one that the address names, else the first of the page."""
    pk = whole_number(request.GET.get("at"))
    if pk is not None:
        found = _all(request).filter(pk=pk).first()
        if found is not None:
            return found
    return page.rows[0] if page.rows else None


def _box_of(request: HttpRequest, boxes: list[Box], member: Membership) -> Box:
    usual = {Role.MANAGER: "late", Role.REP: "for-me"}.get(Role(member.role), "all")
    found = next((one for one in boxes if one.id == (request.GET.get("box") or usual)), None)
    if found is None:
        raise Http404(f"There is no such box in the queue: there are {', '.join(one.id for one in boxes)}.")
    return found


def _all(request: HttpRequest) -> QuerySet[HandOff]:
    rows = HandOff.objects.filter(workspace=workspace_of(request))
    return rows.select_related(*PARTS)


def _get_handoff(request: HttpRequest, pk: int) -> HandOff:
    found = _all(request).filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such hand-off.")
    return found


def _member_of(request: HttpRequest) -> Membership:
    member: Membership = request.membership  # type: ignore[attr-defined]
    assert isinstance(request.user, User)
    member.user = request.user  # read already
    return member
