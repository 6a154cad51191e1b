"""Switching accounts off and on, from the machine that the app runs on: their sessions and the API keys that they made end at once.

An account belongs to no workspace, so that no administrator of one may do this; they remove members.
tests/web/accounts/test_user_command.py guards it.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from leadline.web.accounts.actions import switch_off, switch_on
from leadline.web.accounts.models import User
from leadline.web.api.models import ApiKey


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """What ended with an account. is_new: False where it was switched off before. keys: names of API keys, with their workspaces."""

    is_new: bool
    keys: list[str]


@transaction.atomic
def switch_account_off(user: User) -> SwitchedOff:
    """Switch an account off. Whoever has it is signed out everywhere and cannot sign in; the API keys that they made are revoked.

    What they did keeps their name, and they stay members: nothing new comes to them.

    Raises:
        LastAdminError: a workspace would be left without an administrator who can sign in.
    """
    is_new = switch_off(user)
    keys = ApiKey.objects.filter(made_by=user, revoked_at=None).select_related("workspace")
    names = [f"{one.name} ({one.workspace.slug})" for one in keys.order_by("workspace__slug", "name", "pk")]
    keys.update(revoked_at=timezone.now())
    return SwitchedOff(is_new, names)


def switch_account_on(user: User) -> bool:
    """Switch an account on again; return False where it was on. Sessions and keys that ended do not come back."""
    return switch_on(user)
