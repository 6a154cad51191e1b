"""Who acts in a command about hand-offs, and on which: a member by their address, a lead by its id or address."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from leadline.cli.app import data_option
from leadline.cli.command import option
from leadline.cli.workspaces import workspace_option
from leadline.engine.problems import Problem, ProblemsError, suggest

if TYPE_CHECKING:
    from leadline.web.accounts.models import Membership, Workspace
    from leadline.web.handoff.models import HandOff
    from leadline.web.leads.models import Lead

F = TypeVar("F", bound=Callable[..., Any])
_MOST_NAMED = 10

by_option = option(
    "--by",
    metavar="EMAIL",
    envvar="LEADLINE_USER",
    section="Who acts",
    help="The e-mail address of a member.  [default: LEADLINE_USER, else the only member who works on leads]",
)
"""The option that says in whose name a command acts; its value goes to `get_person`."""


def on_a_lead(command: F) -> F:
    """Add the lead that a command acts on, which of its hand-offs, and who acts."""
    which = "Which of the lead's hand-offs, where several are open: the id of its qualification, such as mql."
    for add in (
        data_option,
        workspace_option,
        by_option,
        option("--qualification", metavar="Q", help=which),
        click.argument("lead", metavar="LEAD"),
    ):
        command = add(command)
    return command


def problem(code: str, message: str, where: str = "") -> ProblemsError:
    """Return a problem that ends the command."""
    return ProblemsError([Problem(code=code, message=message, where=where)])


@contextmanager
def telling_refusals() -> Iterator[None]:
    """Tell why an action was refused.

    Raises:
        ProblemsError: it was.
    """
    from leadline.web.handoff.actions import AlreadyTakenError, NotPossibleError

    try:
        yield
    except AlreadyTakenError as error:
        raise problem("already-taken", str(error)) from None
    except NotPossibleError as error:
        raise problem("not-possible", str(error)) from None


def get_person(workspace: "Workspace", email: str | None) -> "Membership":
    """Return who acts: the member of an address, or the only one who works on leads.

    Raises:
        ProblemsError: there is none, they may only look, or there are several and none was named.
    """
    from leadline.web.accounts.models import Membership
    from leadline.web.accounts.roles import WORKERS, Role

    members = Membership.objects.filter(workspace=workspace, user__is_active=True).select_related("user")
    workers = list(members.filter(role__in=WORKERS).order_by("user__email"))
    addresses = [one.user.email for one in workers]
    if email:
        found = members.filter(user__email__iexact=email.strip()).first()
        if found is None:
            known = suggest(email, addresses)
            raise problem("bad-value", f"Nobody in {workspace} signs in as '{email}'.{known}", "--by")
        if found.role not in WORKERS:
            role = Role(found.role).label
            raise problem("bad-value", f"{found.user} is a {role} in {workspace}, and does not work on leads.", "--by")
        return found
    if len(workers) == 1:
        return workers[0]
    if not workers:
        message = f"Nobody works on leads in {workspace} yet: leadline user add ada@example.com --role rep"
        raise problem("missing-input", message, "--by")
    names = ", ".join(addresses[:_MOST_NAMED]) + (" …" if len(addresses) > _MOST_NAMED else "")
    message = f"Say who acts, with --by or in LEADLINE_USER: {names}."
    raise problem("missing-input", message, "--by")


def get_lead(workspace: "Workspace", text: str) -> "Lead":
    """Return a lead by its id or an e-mail address; of one that was merged, the lead that has its log now.

    Raises:
        ProblemsError: there is none, or several have the address.
    """
    from django.db.models import Q

    from leadline.web.leads.models import Identity, Lead
    from leadline.web.shell.numbers import whole_number

    text = text.strip()
    leads = Lead.objects.filter(workspace=workspace)
    pk = whole_number(text)
    if pk is not None:
        found = list(leads.filter(pk=pk))
    elif "\0" in text:  # which no address has, and PostgreSQL takes in no text
        found = []
    else:
        named = Identity.objects.filter(workspace=workspace, kind=Identity.Kind.EMAIL, value__iexact=text)
        of_address = Q(email__iexact=text) | Q(pk__in=named.values("lead"))
        found = list(leads.filter(of_address, merged_into=None).order_by("pk")[: _MOST_NAMED + 1])
    if not found:
        raise problem("unknown-lead", f"There is no lead '{text[:100]}'. Name one by its id or e-mail address.", "LEAD")
    if len(found) > 1:
        names = ", ".join(f"{one.pk} ({one})" for one in found[:_MOST_NAMED])
        raise problem("bad-value", f"Several leads have the address {text[:100]}: {names}. Name one by its id.", "LEAD")
    lead = found[0]
    while lead.merged_into_id is not None:
        lead = Lead.objects.get(pk=lead.merged_into_id)
    return lead


def get_open(lead: "Lead", qualification: str | None) -> "HandOff":
    """Return the open hand-off of a lead.

    Raises:
        ProblemsError: it has none, or several and none was named.
    """
    from leadline.web.handoff.actions.acting import say_state
    from leadline.web.handoff.models import HandOff

    every = list(HandOff.objects.filter(lead=lead).select_related("decided_by", "owner").order_by("-opened_at", "-pk"))
    found = [one for one in every if one.is_open and qualification in (None, one.qualification)]
    if len(found) == 1:
        return found[0]
    named = ", ".join(sorted({one.qualification for one in every if one.is_open}))
    if len(found) > 1:
        raise problem("missing-input", f"{lead} has several hand-offs open: say which, {named}.", "--qualification")
    if named:
        raise problem(
            "bad-value", f"{lead} has no hand-off for '{qualification}' open, but for {named}.", "--qualification"
        )
    if not every:
        raise problem("not-possible", f"{lead} is not in the queue: nothing was handed to sales.", "LEAD")
    last = every[0]
    who = f" by {last.decided_by}" if last.decided_by else ""
    raise problem("not-possible", f"{lead} is no longer in the queue: it was {say_state(last.state)}{who}.", "LEAD")


def get_undoable(lead: "Lead", person: "Membership", qualification: str | None) -> "HandOff":
    """Return the hand-off of a lead on which a person acted last and can take it back.

    Raises:
        ProblemsError: there is nothing of theirs to take back.
    """
    from django.utils import timezone

    from leadline.web.handoff.actions.undoing import find_undoable
    from leadline.web.handoff.models import HandOff

    now, found = timezone.now(), []
    for one in HandOff.objects.filter(lead=lead).order_by("pk"):
        step = find_undoable(one, person.user, now=now)
        if step is not None and qualification in (None, one.qualification):
            found.append((step.at, step.pk, one))
    if not found:
        message = f"There is nothing of {person.user} to undo at {lead}: it was long ago, or something happened since."
        raise problem("not-possible", message, "LEAD")
    return max(found, key=lambda each: each[:2])[2]


_STEPS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_until(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment that somebody writes: ``4h``, ``3d``, ``2026-03-02`` (its beginning) or ``2026-03-02T09:30``.

    >>> from datetime import UTC
    >>> read_until("2026-03-02", datetime(2026, 3, 1, tzinfo=UTC), ZoneInfo("Europe/Berlin")).isoformat()
    '2026-03-02T00:00:00+01:00'

    Args:
        text: what was written.
        now: what a length counts from.
        zone: of moments that name none.

    Raises:
        ProblemsError: it is no moment.
    """
    number, unit = text[:-1], text[-1:]
    try:
        if unit in _STEPS and number.isascii() and number.isdigit():
            return now + timedelta(**{_STEPS[unit]: int(number)})
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(zone)
    except (ValueError, OverflowError):
        message = f"'{text[:40]}' is no moment: write 4h, 3d, 2026-03-02 or 2026-03-02T09:30."
        raise problem("bad-value", message, "UNTIL") from None
