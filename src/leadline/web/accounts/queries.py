"""Every read about people, workspaces, sources and their keys."""

from django.contrib.auth.tokens import default_token_generator
from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from leadline.web.accounts.models import Membership, Source, SourceKey, User, Workspace


def has_users() -> bool:
    """Return whether anybody can sign in: until then there is only the page for the first user."""
    return User.objects.exists()


def list_members(workspace: Workspace) -> QuerySet[Membership]:
    """Return the members of a workspace, by name."""
    return Membership.objects.filter(workspace=workspace).select_related("user").order_by("user__name", "pk")


def list_administrators(workspace: Workspace) -> QuerySet[User]:
    """Return who can give other roles in a workspace, by name."""
    role = Membership.Role.ADMIN
    return User.objects.filter(memberships__workspace=workspace, memberships__role=role, is_active=True).order_by(
        "name", "pk"
    )


def name_members(workspace_id: int) -> dict[str, str]:
    """Return what the members of a workspace are called, by their addresses."""
    rows = User.objects.filter(memberships__workspace=workspace_id).only("name", "email")
    return {one.email.lower(): str(one) for one in rows}


def get_member(workspace: Workspace, pk: int) -> Membership:
    """Return a member of a workspace; of another it is as missing as one that never was (404)."""
    return get_object_or_404(Membership.objects.select_related("user"), workspace=workspace, pk=pk)


def list_workspaces(user: User) -> QuerySet[Workspace]:
    """Return the workspaces that a person is in, by name."""
    return Workspace.objects.filter(memberships__user=user).order_by("name", "pk")


def get_workspace(user: User, pk: int) -> Workspace:
    """Return a workspace that a person is in; any other is as missing as one that never was (404)."""
    return get_object_or_404(list_workspaces(user), pk=pk)


def may_hand_out_link(membership: Membership) -> bool:
    """Return whether an administrator may have the link with which a member chooses a password.

    Only for who has none yet and is in no other workspace: the link is the account, and an account may reach into workspaces that
    are not the administrator's.
    """
    user = membership.user
    is_elsewhere = Membership.objects.filter(user=user).exclude(workspace=membership.workspace_id).exists()
    return not is_elsewhere and not user.has_usable_password()


def link_to_choose_password(user: User) -> str:
    """Return the path of the page on which a person chooses a password. It works once, for a day."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("choose-password", args=[uid, default_token_generator.make_token(user)])


def list_sources(workspace: Workspace) -> QuerySet[Source]:
    """Return the sources of a workspace, by name, each with its keys, newest first."""
    keys = Prefetch("keys", SourceKey.objects.order_by("-created_at", "-pk"))
    return Source.objects.filter(workspace=workspace).prefetch_related(keys).order_by("name")


def get_source(workspace: Workspace, pk: int) -> Source:
    """Return a source of a workspace; of another it is as missing as one that never was (404)."""
    return get_object_or_404(list_sources(workspace), pk=pk)


def get_key(workspace: Workspace, pk: int) -> SourceKey:
    """Return a key of a workspace; of another it is as missing as one that never was (404)."""
    return get_object_or_404(SourceKey.objects.select_related("source"), workspace=workspace, pk=pk)
