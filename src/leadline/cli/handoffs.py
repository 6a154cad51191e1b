"""`leadline claim`, `accept` and so on: what people do with hand-offs, for those who live in a terminal."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from leadline.cli import show
from leadline.cli.acting import get_lead, get_open, get_person, get_undoable, on_a_lead, read_until, telling_refusals
from leadline.cli.app import setup_app
from leadline.cli.command import Command, option, wants_json
from leadline.cli.queue import record_of, say_moment
from leadline.cli.workspaces import get_workspace

if TYPE_CHECKING:
    from leadline.web.accounts.models import Membership
    from leadline.web.handoff.models import HandOff

CALL_RESULTS = ("reached", "no-answer", "voicemail", "call-back", "wrong-number")
Act = Callable[["HandOff", "Membership"], object]
Say = Callable[["HandOff", "Membership"], str]

_note_option = option("--note", metavar="TEXT", default="", help="More about it, for people.")
_reason_option = option(
    "--reason", metavar="ID", default="", help="One of the playbook's reasons; left out, it is told which there are."
)


@click.command(cls=Command, short_help="Take a lead that waits for sales.")
@on_a_lead
def claim(**settings: Any) -> None:
    """Take a lead that waits, so that nobody else calls it. It stops the clock of its answer.

    \b
    Examples:
      leadline claim maya@acme.example
      leadline claim 17 --by ada@example.com

    LEAD is an id, as `leadline queue` shows it, or an e-mail address. Was somebody faster, it is said who.
    """
    setup_app(settings["data"])
    from leadline.web.flow import handoffs_changed
    from leadline.web.handoff import actions

    _act(
        settings,
        lambda one, person: actions.claim(one.pk, by=person.user, tell=handoffs_changed),
        _say_claimed,
    )


@click.command(cls=Command, short_help="Give a lead back to the queue.")
@on_a_lead
@option("--note", metavar="TEXT", default="", help="Why.")
def release(note: str, **settings: Any) -> None:
    """Give back what you have claimed. When an answer is due stays what it was.

    \b
    Examples:
      leadline release 17
      leadline release maya@acme.example --note "On holiday from tomorrow"
    """
    setup_app(settings["data"])
    from leadline.web.flow import handoffs_changed
    from leadline.web.handoff import actions

    _act(
        settings,
        lambda one, person: actions.release(one.pk, by=person.user, why=note, tell=handoffs_changed),
        lambda one, _: f"{one.lead} waits in the queue again.",
    )


@click.command(cls=Command, short_help="Write down a call and how it went.")
@on_a_lead
@click.argument("result", metavar="RESULT", type=click.Choice(CALL_RESULTS))
@_note_option
@option(
    "--again",
    metavar="UNTIL",
    default="",
    help="When you call again: 3d, a day, or a day and a time; it is put off until then.",
)
def call(result: str, note: str, again: str, **settings: Any) -> None:
    """Write down a call and how it went. Whoever calls has the lead from then on.

    \b
    Examples:
      leadline call 17 reached --note "Wants a quote for 40 seats"
      leadline call maya@acme.example no-answer
      leadline call 17 call-back --again 2027-01-11T09:30

    RESULT is reached, no-answer, voicemail, call-back or wrong-number.
    """
    setup_app(settings["data"])
    from django.utils import timezone

    from leadline.web.flow import handoffs_changed
    from leadline.web.handoff import actions

    now, zone = timezone.now(), ZoneInfo(get_workspace(settings["workspace"]).timezone)
    moment = read_until(again, now, zone) if again else None
    until = f", put off until {say_moment(moment, now, zone)}" if moment else ""
    _act(
        settings,
        lambda one, person: actions.log_call(
            one.pk, by=person.user, result=result, text=note, again=moment, tell=handoffs_changed
        ),
        lambda one, person: f"The call is written down; {person.user} has {one.lead}{until}.",
    )


@click.command(cls=Command, short_help="Put a lead off until later.")
@on_a_lead
@click.argument("until", metavar="UNTIL")
def snooze(until: str, **settings: Any) -> None:
    """Put a lead off: it moves down the queue until then. When an answer is due stays what it was.

    \b
    Examples:
      leadline snooze 17 3d
      leadline snooze maya@acme.example 2027-01-11T09:30

    UNTIL is a length (30m, 4h, 3d, 2w), a day, or a day and a time in the workspace's time zone; at most 90 days ahead.
    """
    setup_app(settings["data"])
    from django.utils import timezone

    from leadline.web.flow import handoffs_changed
    from leadline.web.handoff import actions

    now, zone = timezone.now(), ZoneInfo(get_workspace(settings["workspace"]).timezone)
    moment = read_until(until, now, zone)
    _act(
        settings,
        lambda one, person: actions.snooze(one.pk, by=person.user, until=moment, tell=handoffs_changed),
        lambda one, _: f"{one.lead} is put off until {say_moment(moment, now, zone)}.",
    )


@click.command(cls=Command, short_help="Accept a lead: sales goes on with it.")
@on_a_lead
@_note_option
def accept(note: str, **settings: Any) -> None:
    """Accept a lead: it is what was agreed on, and sales goes on with it.

    \b
    Examples:
      leadline accept maya@acme.example
      leadline accept 17 --note "Demo on Tuesday"
    """
    _decide("accepted", "", note, settings)


@click.command(cls=Command, short_help="Reject a lead: no opportunity now.")
@on_a_lead
@_reason_option
@_note_option
def reject(reason: str, note: str, **settings: Any) -> None:
    """Reject a lead: there is no opportunity now. What follows, the playbook says with the reason.

    \b
    Examples:
      leadline reject maya@acme.example --reason no-interest
      leadline reject 17 --reason no-interest --note "Has just signed with somebody else"
    """
    _decide("rejected", reason, note, settings)


@click.command(cls=Command, short_help="Recycle a lead: later.")
@on_a_lead
@_reason_option
@_note_option
def recycle(reason: str, note: str, **settings: Any) -> None:
    """Give a lead back to marketing: not now, but later. It comes back when it qualifies again.

    \b
    Examples:
      leadline recycle maya@acme.example --reason evaluating
      leadline recycle 17 --reason no-budget --note "Budget in spring"
    """
    _decide("recycled", reason, note, settings)


@click.command(cls=Command, short_help="Disqualify a lead: never, by who they are.")
@on_a_lead
@_reason_option
@_note_option
def disqualify(reason: str, note: str, **settings: Any) -> None:
    """Say that a lead can never become a customer, by who they are.

    \b
    Examples:
      leadline disqualify maya@acme.example --reason competitor
      leadline disqualify 17 --reason competitor --note "Works for a reseller of theirs"
    """
    _decide("disqualified", reason, note, settings)


@click.command(cls=Command, short_help="Take back the last thing that you did with a lead.")
@on_a_lead
def undo(**settings: Any) -> None:
    """Take back the last thing that you did with a lead: within an hour, and if nothing happened since.

    \b
    Examples:
      leadline undo 17
      leadline undo maya@acme.example --by ada@example.com
    """
    setup_app(settings["data"])
    from leadline.web.flow import handoffs_changed
    from leadline.web.handoff import actions

    _act(
        settings,
        lambda one, person: actions.undo(one.pk, by=person.user, tell=handoffs_changed),
        lambda one, _: _say_undone(one),
        is_undo=True,
    )


COMMANDS = (claim, call, snooze, accept, reject, recycle, disqualify, release, undo)
"""In the order of a rep's day."""


def _decide(decision: str, reason: str, note: str, settings: dict[str, Any]) -> None:
    setup_app(settings["data"])
    from leadline.web.accounts.roles import LEADERS
    from leadline.web.flow import handoffs_changed
    from leadline.web.handoff import actions

    _act(
        settings,
        lambda one, person: actions.decide(
            one.pk,
            decision,
            by=person.user,
            reason=reason,
            text=note,
            is_manager=person.role in LEADERS,
            tell=handoffs_changed,
        ),
        lambda one, person: f"{one.lead} was {decision} by {person.user}.",
    )


def _say_claimed(handoff: "HandOff", person: "Membership") -> str:
    """Return who has a hand-off now, and for whom it was waiting, if that was somebody else."""
    from leadline.web.accounts.models import User

    step = handoff.steps.filter(kind="claimed", undone_at=None).order_by("-pk").first()
    before = step.before.get("owner_id") if step is not None else None
    others = User.objects.filter(pk=before).exclude(pk=person.user_id).first() if before else None
    waited = f"; it was waiting for {others}" if others is not None else ""
    return f"{person.user} has {handoff.lead} now{waited}."


def _say_undone(handoff: "HandOff") -> str:
    """Return what was undone last at a hand-off, in the words of the app."""
    from leadline.web.pages.playbook_words import words_of
    from leadline.web.pages.queue.said import say_undone
    from leadline.web.playbooks.queries import find_live

    step = handoff.steps.exclude(undone_at=None).order_by("-undone_at", "-pk")[0]
    step.handoff, version = handoff, find_live(handoff.workspace)
    return say_undone(step, words_of(version) if version else None, ZoneInfo(handoff.workspace.timezone))


def _act(settings: dict[str, Any], act: Act, say: Say, *, is_undo: bool = False) -> None:
    """Act on the hand-off that the command names, in the name of who acts, and say what became of it."""
    from django.utils import timezone

    from leadline.web.api.handoff_shapes import LOADED
    from leadline.web.handoff.models import HandOff
    from leadline.web.pages.playbook_words import words_of
    from leadline.web.playbooks.queries import find_live

    logging.getLogger("leadline.flow").setLevel(logging.WARNING)  # what follows is for the app's log, and no answer
    workspace = get_workspace(settings["workspace"])
    person = get_person(workspace, settings["by"])
    lead = get_lead(workspace, settings["lead"])
    if is_undo:
        handoff = get_undoable(lead, person, settings["qualification"])
    else:
        handoff = get_open(lead, settings["qualification"])
    with telling_refusals():
        act(handoff, person)
    done = HandOff.objects.select_related(*LOADED).get(pk=handoff.pk)
    if wants_json():
        version = find_live(workspace)
        show.record(record_of(done, words_of(version) if version else None, timezone.now()))
        return
    show.line(say(done, person))
    if not is_undo:
        show.note(f"To take it back within the hour: leadline undo {lead.pk}")
