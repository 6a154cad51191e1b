"""Every write about people, workspaces, sources and their keys, but for keys themselves (`keys.py`) and counted tries (`tries.py`)."""

import secrets

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.text import slugify

from leadline.web.accounts.keys import make_key
from leadline.web.accounts.models import Membership, Source, SourceKey, User, Workspace

Role = Membership.Role


class AlreadySetUpError(Exception):
    """Somebody was first: the installation has a user."""


class AlreadyMemberError(Exception):
    """The person is in the workspace already."""


class LastAdminError(Exception):
    """The workspace would be left without an administrator."""


class ViewerError(Exception):
    """Viewers look and change nothing, so they approve nothing either."""


class NameTakenError(Exception):
    """Another source of the workspace has the name."""


# -- people -----------------------------------------------------------------------------------------------------


def make_user(*, email: str, name: str, password: str | None = None) -> User:
    """Make a person who can sign in, or, without a password, one who has to choose one by a link first."""
    user = User(email=email.strip(), name=name.strip())
    user.set_password(password)
    user.save()
    return user


def make_workspace(name: str, timezone: str) -> Workspace:
    """Make a workspace; its slug is made of its name, with a number where that is taken."""
    base = slugify(name)[:50] or "workspace"
    taken = set(Workspace.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    slug = next(
        slug
        for number in range(1, len(taken) + 2)
        if (slug := base if number == 1 else f"{base}-{number}") not in taken
    )
    return Workspace.objects.create(name=name.strip(), slug=slug, timezone=timezone)


@transaction.atomic
def make_first_user(*, email: str, name: str, password: str, workspace: str, timezone: str) -> Membership:
    """Make the first person and their workspace, as its administrator.

    Two may send the form at once. Both wait for the same row, which every migrated database has, and the second finds the first.

    Raises:
        AlreadySetUpError: there is a user.
    """
    ContentType.objects.select_for_update().get(app_label="accounts", model="user")
    if User.objects.exists():
        raise AlreadySetUpError(
            "This installation has its first user already. Sign in, or ask an administrator to add you."
        )
    user = make_user(email=email, name=name, password=password)
    return Membership.objects.create(workspace=make_workspace(workspace, timezone), user=user, role=Role.ADMIN)


def end_sessions(user: User) -> None:
    """Sign a person out on every device: at their next click they are asked to sign in."""
    User.objects.filter(pk=user.pk).update(session_round=F("session_round") + 1)


@transaction.atomic
def switch_off(user: User) -> bool:
    """Let nobody sign in with an account any more, and sign out who is; return False where it was switched off before.

    Raises:
        LastAdminError: they are the only administrator of a workspace who can sign in.
    """
    for one in user.memberships.filter(role=Role.ADMIN).select_related("workspace").order_by("workspace"):
        try:
            _check_another_admin(one)
        except LastAdminError as error:
            raise LastAdminError(f"{one.workspace}: {error}") from None
    return bool(User.objects.filter(pk=user.pk, is_active=True).update(is_active=False))


def switch_on(user: User) -> bool:
    """Let somebody sign in again; return False where they could."""
    return bool(User.objects.filter(pk=user.pk, is_active=False).update(is_active=True))


@transaction.atomic
def add_member(workspace: Workspace, *, email: str, name: str, role: Role | str) -> Membership:
    """Add a person to a workspace; who has no account yet gets one without a password.

    Raises:
        AlreadyMemberError: they are in it.
    """
    user = User.objects.filter(email__iexact=email.strip()).first() or make_user(email=email, name=name)
    try:
        with transaction.atomic():
            return Membership.objects.create(workspace=workspace, user=user, role=str(role))
    except IntegrityError:
        raise AlreadyMemberError(f"{user} is a member already.") from None


@transaction.atomic
def change_role(membership: Membership, role: Role | str) -> None:
    """Give a member another role. Who becomes a viewer approves nothing any more.

    Raises:
        LastAdminError: they are the only administrator.
    """
    if role != Role.ADMIN:
        _check_another_admin(membership)
    ends = {"approves_marketing": False, "approves_sales": False} if role == Role.VIEWER else {}
    Membership.objects.filter(pk=membership.pk).update(role=str(role), **ends)


def name_approver(membership: Membership, *, marketing: bool, sales: bool) -> None:
    """Say for which sides a member approves proposals to change the playbook.

    Raises:
        ViewerError: they are a viewer, or became one meanwhile.
    """
    members = Membership.objects.filter(pk=membership.pk)
    if marketing or sales:
        members = members.exclude(role=Role.VIEWER)
    if not members.update(approves_marketing=marketing, approves_sales=sales):
        raise ViewerError(f"{membership.user} is a viewer and changes nothing: give them another role first.")


@transaction.atomic
def remove_member(membership: Membership) -> None:
    """Take a person out of a workspace; their account stays, and what they did keeps their name.

    Who is in no workspace any more is signed out at once; who is in another stays signed in, and is there from the next click on.

    Raises:
        LastAdminError: they are the only administrator.
    """
    _check_another_admin(membership)
    Membership.objects.filter(pk=membership.pk).delete()
    if not Membership.objects.filter(user=membership.user_id).exists():
        end_sessions(membership.user)


def _check_another_admin(membership: Membership) -> None:
    """Refuse to leave a workspace without an administrator who can sign in.

    Two administrators may remove each other at once: both wait for the workspace's row.
    """
    Workspace.objects.select_for_update().get(pk=membership.workspace_id)
    admins = Membership.objects.filter(workspace=membership.workspace_id, role=Role.ADMIN, user__is_active=True)
    others = admins.exclude(pk=membership.pk)
    if not others.exists():
        raise LastAdminError("The workspace needs an administrator. Make somebody else one first.")


def change_workspace(workspace: Workspace, *, name: str, timezone: str) -> None:
    """Give a workspace another name or time zone."""
    Workspace.objects.filter(pk=workspace.pk).update(name=name.strip(), timezone=timezone)


# -- sources ----------------------------------------------------------------------------------------------------

KEY_OF = {
    Source.Kind.WEBSITE: SourceKey.Kind.BROWSER,
    Source.Kind.SERVER: SourceKey.Kind.SERVER,
    Source.Kind.MAIL: SourceKey.Kind.MAIL,
}
"""Which kind of key a kind of source sends with."""


@transaction.atomic
def make_source(workspace: Workspace, *, name: str, kind: Source.Kind | str) -> tuple[Source, str]:
    """Make a source and its first key; the key is returned in full this once.

    Raises:
        NameTakenError: there is one of that name.
    """
    try:
        with transaction.atomic():
            source = Source.objects.create(workspace=workspace, name=name, kind=str(kind))
    except IntegrityError:
        raise NameTakenError(f"There is a source {name!r} already. Choose another name.") from None
    return source, make_key(source, KEY_OF[Source.Kind(kind)])


def change_source(source: Source, *, waits_for_consent: bool) -> None:
    """Say whether a website's visitors are asked before anything is kept in their browser."""
    Source.objects.filter(pk=source.pk).update(waits_for_consent=waits_for_consent)


def make_identity_secret(source: Source) -> str:
    """Give a website a new secret to sign user ids with; what was signed with the old one counts as unsigned from now on."""
    secret = secrets.token_hex(32)
    Source.objects.filter(pk=source.pk).update(identity_secret=secret)
    return secret
