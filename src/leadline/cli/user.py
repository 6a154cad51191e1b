"""`leadline user`: who signs in, from the machine that the app runs on."""

from typing import TYPE_CHECKING, Any

import click

from leadline.cli import show
from leadline.cli.app import data_option, find_place, setup_app
from leadline.cli.command import Command, option, wants_json
from leadline.engine.problems import Problem, ProblemsError

if TYPE_CHECKING:
    from leadline.web.accounts.models import User

DEEDS = ("list", "add", "reset", "disable", "enable")
ROLES = ("admin", "marketer", "rep", "manager", "viewer")


@click.command(
    cls=Command, short_help="List and add people, give them a link for a new password, switch accounts off and on."
)
@click.argument("what", metavar="|".join(DEEDS), type=click.Choice(DEEDS))
@click.argument("email", required=False)
@option("--name", metavar="NAME", section="add", help="What the person is called.  [default: what stands before the @]")
@option("--role", metavar="ROLE", type=click.Choice(ROLES), default="admin", section="add",
        help="What they may do: admin, marketer, rep, manager or viewer.  [default: admin]")  # fmt: skip
@option("--workspace", metavar="W", section="add", help="Its short name; needed where there are several.")
@option("--address", metavar="URL", section="add, reset",
        help="Where the app is reached.  [default: where `leadline up` runs, else http://127.0.0.1:8000]")  # fmt: skip
@data_option
def user(what: str, email: str | None, address: str | None, data: str | None, **settings: Any) -> None:
    """List who signs in, add somebody, make a link with which somebody chooses a new password, or switch an account off and on.

    \b
    Examples:
      leadline user list
      leadline user add ada@example.com --name "Ada Byron" --role rep
      leadline user reset ada@example.com
      leadline user disable ada@example.com

    Nobody's password passes through the command line: add and reset print a link that works once, for a day. Whoever opens it
    chooses the password. The first person who is added makes the workspace as well, when there is none.

    Disable ends every session of an account and every API key that its person made, in all workspaces, and nobody signs in with it
    before enable. Ended keys do not come back.
    """
    setup_app(data)
    if what == "list":
        _list()
        return
    if not email:
        raise _problem(f"Say whom: leadline user {what} ada@example.com", "EMAIL")
    if what in ("disable", "enable"):
        _switch(_get(email), is_on=what == "enable")
        return
    person = _add(email, **settings) if what == "add" else _get(email)
    if not person.is_active:
        raise _problem(f"This account is switched off. First: leadline user enable {person.email}", "EMAIL")
    _tell_link(person, address)


def _list() -> None:
    from leadline.web.accounts.models import User

    people = User.objects.order_by("email").prefetch_related("memberships__workspace")
    roles = {one.pk: {member.workspace.slug: member.role for member in one.memberships.all()} for one in people}
    if wants_json():
        users = [
            {
                "email": one.email,
                "name": one.name,
                "workspaces": roles[one.pk],
                "last_login": one.last_login,
                "is_active": one.is_active,
            }
            for one in people
        ]
        show.record({"users": users})
        return
    rows = [
        (
            one.email,
            one.name,
            ", ".join(f"{slug} ({role})" for slug, role in roles[one.pk].items()),
            "switched off" if not one.is_active else f"{one.last_login:%Y-%m-%d %H:%M}" if one.last_login else "never",
        )
        for one in people
    ]
    show.table(rows, [("address", "left"), ("name", "left"), ("workspaces", "wide"), ("last signed in (UTC)", "left")])


def _add(email: str, *, name: str | None, role: str, workspace: str | None) -> "User":
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    from leadline.web.accounts.actions import AlreadyMemberError, add_member, make_workspace
    from leadline.web.accounts.models import Workspace

    try:
        validate_email(email)
    except ValidationError:
        raise _problem(f"'{email}' is no e-mail address.", "EMAIL") from None
    known = {one.slug: one for one in Workspace.objects.order_by("slug")}
    if workspace and workspace not in known:
        from leadline.engine.problems import suggest

        raise _problem(f"There is no workspace '{workspace}'.{suggest(workspace, known)}", "--workspace")
    if not workspace and len(known) > 1:
        raise _problem(f"There are several workspaces; say which: {', '.join(known)}.", "--workspace")
    place = known[workspace] if workspace else next(iter(known.values()), None) or make_workspace("Leadline", "UTC")
    try:
        return add_member(place, email=email, name=name or email.partition("@")[0], role=role).user
    except AlreadyMemberError as error:
        raise _problem(f"{error} For a new password: leadline user reset {email}", "EMAIL") from None


def _get(email: str) -> "User":
    from leadline.engine.problems import suggest
    from leadline.web.accounts.models import User

    found = User.objects.filter(email__iexact=email).first()
    if found is None:
        known = User.objects.values_list("email", flat=True)
        raise _problem(f"Nobody signs in as '{email}'.{suggest(email, known)}", "EMAIL")
    return found


def _switch(person: "User", *, is_on: bool) -> None:
    from leadline.web.accounts.actions import LastAdminError
    from leadline.web.operations.switching import switch_account_off, switch_account_on

    if is_on:
        is_new, keys = switch_account_on(person), []
    else:
        try:
            ended = switch_account_off(person)
        except LastAdminError as error:
            raise _problem(str(error), "EMAIL") from None
        is_new, keys = ended.is_new, ended.keys
    if wants_json():
        show.record({"email": person.email, "is_active": is_on, "was_changed": is_new, "ended_keys": keys})
        return
    already = "" if is_new else " already"
    if is_on:
        show.line(f"{person.email} is switched on{already}, and signs in anew.")
        return
    show.line(f"{person.email} is switched off{already}: signed out everywhere, and nobody signs in with it.")
    show.line(f"API keys that ended: {', '.join(keys) or 'none'}.")


def _tell_link(person: "User", address: str | None) -> None:
    from leadline.web.accounts.queries import link_to_choose_password
    from leadline.web.operations.alone import find_running

    running = find_running(find_place().folder) or {}
    base = (address or running.get("address") or "http://127.0.0.1:8000").rstrip("/")
    link = base + link_to_choose_password(person)
    if wants_json():
        show.record({"email": person.email, "link": link})
        return
    show.line(f"{person.email} chooses a password here; the link works once, for a day:")
    show.line(link)


def _problem(message: str, where: str) -> ProblemsError:
    return ProblemsError([Problem(code="bad-value", message=message, where=where)])
