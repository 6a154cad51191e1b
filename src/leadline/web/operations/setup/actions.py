"""What the page for the first user does."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from leadline.starter import CASES, PLAYBOOK
from leadline.web.accounts.actions import make_first_user, make_source
from leadline.web.accounts.models import Membership, Source
from leadline.web.playbooks.actions import publish


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A fresh installation: its administrator, its two sources, and their keys, which are told this once."""

    membership: Membership
    website: Source
    browser_key: str
    server_key: str


def begin(
    *,
    email: str,
    name: str,
    password: str,
    workspace: str,
    timezone_name: str,
    with_starter: bool,
    now: datetime | None = None,
) -> Begun:
    """Make the first user with their workspace, a website and a server that may send, and the starter's playbook if wanted.

    Raises:
        AlreadySetUpError: there is a user; nothing was made.
    """
    with transaction.atomic():
        membership = make_first_user(
            email=email, name=name, password=password, workspace=workspace, timezone=timezone_name
        )
        website, browser_key = make_source(membership.workspace, name="website", kind=Source.Kind.WEBSITE)
        _, server_key = make_source(membership.workspace, name="product", kind=Source.Kind.SERVER)
    if with_starter:
        publish(
            membership.workspace,
            toml=starter_in(timezone_name),
            cases=CASES.read_text(encoding="utf-8"),
            note="The starter, to begin with",
            by=membership.user,
            now=now or timezone.now(),
        )
    return Begun(membership=membership, website=website, browser_key=browser_key, server_key=server_key)


def starter_in(timezone_name: str) -> str:
    """Return the starter's playbook for a time zone, which decides where a day of its leads begins."""
    text = PLAYBOOK.read_text(encoding="utf-8")
    line, _, comment = next(line for line in text.splitlines() if line.startswith("timezone = ")).partition("#")
    ours = f'timezone = "{timezone_name}"'
    return text.replace(f"{line}#{comment}", f"{ours:<{len(line) - 1}} #{comment}", 1)
