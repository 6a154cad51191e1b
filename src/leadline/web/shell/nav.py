"""The menu: what there is, for whom. An entry shows only where its address exists and the person's role may use it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.urls import Resolver404, resolve

from leadline.web.accounts.roles import ADMINS, EDITORS, EVERYBODY, LEADERS, Role


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu.

    paths: where it leads: the first of them that exists. What lies below one of them counts as here.
    """

    title: str
    icon: str
    paths: tuple[str, ...]
    roles: tuple[Role, ...] = EVERYBODY


@dataclass(frozen=True, slots=True)
class Group:
    """Some lines under a heading, which the first group has not."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as a page shows it."""

    title: str
    icon: str
    path: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group as a page shows it."""

    title: str
    entries: tuple[Shown, ...]


MENU = (
    Group(
        "",
        (
            Entry("Today", "sun", ("/today/",)),
            Entry("Queue", "inbox", ("/queue/",)),
            Entry("Leads", "users", ("/leads/",)),
            Entry("Companies", "building-2", ("/companies/",)),
            Entry("Pipeline", "square-kanban", ("/pipeline/",)),
            Entry("Duplicates", "git-merge", ("/leads/duplicates/",), EDITORS),
        ),
    ),
    Group(
        "Improve",
        (
            Entry("Playbook", "list-checks", ("/playbook/",)),
            Entry("Proposals", "stamp", ("/playbook/proposals/",)),
            Entry("What comes back", "undo-2", ("/returns/",)),
            Entry("Agreement", "handshake", ("/agreement/",)),
        ),
    ),
    Group(
        "Bring in",
        (
            Entry("Import", "upload", ("/import/",), EDITORS),
            Entry("Sources", "plug", ("/settings/sources/",), ADMINS),
            Entry("Forms", "clipboard-list", ("/forms/",), EDITORS),
            Entry("Bots", "bot", ("/bots/",), EDITORS),
            Entry("Refused events", "circle-alert", ("/refused/",), EDITORS),
        ),
    ),
    Group(
        "Set up",
        (
            Entry("Job titles", "tag", ("/leads/titles/",), EDITORS),
            Entry("Teams", "users-round", ("/settings/teams/",)),
            Entry("Working hours", "clock", ("/settings/calendars/",), LEADERS),
            Entry("Settings", "settings", ("/settings/",), ADMINS),
        ),
    ),
)


def menu_for(role: Role | str, path: str) -> list[ShownGroup]:
    """Return the menu of a role at an address, without groups that would be empty."""
    here = _find_here(path)
    shown = [ShownGroup(group.title, tuple(_shown(group, role, here))) for group in MENU]
    return [group for group in shown if group.entries]


def _shown(group: Group, role: Role | str, here: Entry | None) -> Iterator[Shown]:
    for entry in group.entries:
        path = next((one for one in entry.paths if exists(one)), None)
        if path and role in entry.roles:
            yield Shown(entry.title, entry.icon, path, entry is here)


def _find_here(path: str) -> Entry | None:
    """Return the entry with the longest address that *path* begins with: /leads/duplicates/ is not Leads."""
    fitting = [
        (len(one), place, entry)
        for place, entry in enumerate(entry for group in MENU for entry in group.entries)
        for one in entry.paths
        if path.startswith(one) and exists(one)
    ]
    return max(fitting)[2] if fitting else None


@cache
def exists(path: str) -> bool:
    """Return whether there is a page at an address. Addresses do not change while the app runs."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
