"""What a search finds. Each group holds few, the best first, so that it is quick with very many leads."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.urls import reverse

from leadline.web.accounts.models import Membership, Workspace
from leadline.web.accounts.roles import EDITORS, EVERYBODY, WORKERS, Role
from leadline.web.leads.models import Company
from leadline.web.pages.leads_list.filters import Filters
from leadline.web.pages.leads_list.queries import ListedLead, listed_leads
from leadline.web.pages.leads_list.shown import presets
from leadline.web.pages.leads_list.wanted import Wanted
from leadline.web.pages.playbook_words import PlaybookWords, words_of
from leadline.web.pages.saved_views.queries import address_of, views_for
from leadline.web.playbooks.queries import find_live
from leadline.web.shell.nav import exists, menu_for

MOST_LEADS, MOST_OTHERS = 7, 5


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go."""

    title: str
    address: str
    icon: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, in the order in which it is shown. all_leads: the address of all that match; empty without a text."""

    q: str
    leads: list[ListedLead] = field(default_factory=list)
    companies: list[Company] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    all_leads: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found."""
        return not (self.leads or self.companies or self.places)


_ACTIONS: tuple[tuple[str, str, str, tuple[Role, ...]], ...] = (
    ("Add a lead", "/leads/add/", "plus", WORKERS),
    ("Import a file", "/import/", "upload", EDITORS),
    ("Export leads", "/leads/export/", "download", EDITORS),
    ("Drafts of the playbook", "/playbook/drafts/", "pencil", EVERYBODY),
    ("Publish a playbook", "/playbook/publish/", "list-checks", EDITORS),
    ("Views of the list: rename, share, delete", "/leads/views/", "bookmark", EVERYBODY),
    ("Done with many leads at once", "/leads/batches/", "list-checks", WORKERS),
)


def search(member: Membership, workspace: Workspace, text: str) -> Found:
    """Return what a person may see of what a text finds; without one, where they may go."""
    filters = Filters(q=text)
    version = find_live(workspace)
    words = words_of(version) if version else None
    places = list(_matching(filters.words, _places(member, words)))
    if not filters.words:
        return Found("", places=places)
    return Found(
        text,
        leads=_leads(Wanted(workspace, version, filters), words),
        companies=_companies(workspace, filters.words),
        places=places[:MOST_OTHERS],
        all_leads=f"{reverse('leads')}?{filters.query}",
    )


def _leads(wanted: Wanted, words: PlaybookWords | None) -> list[ListedLead]:
    """Return the best leads that match, then such as were not assessed yet."""
    ids = list(wanted.ordered().values_list(wanted.key, flat=True)[:MOST_LEADS])
    ids += [one for one in wanted.found or () if one not in ids]
    return listed_leads(wanted, ids[:MOST_LEADS], (), words)


def _companies(workspace: Workspace, words: Iterable[str]) -> list[Company]:
    condition = Q(workspace=workspace)
    for word in words:
        condition &= Q(name__icontains=word) | Q(domain__icontains=word)
    return list(Company.objects.filter(condition)[:MOST_OTHERS])


def _places(member: Membership, words: PlaybookWords | None) -> Iterable[Place]:
    for group in menu_for(member.role, ""):
        yield from (Place(one.title, one.path, one.icon, group.title) for one in group.entries)
    for title, address, icon, roles in _ACTIONS:
        if member.role in roles and exists(address):
            yield Place(title, address, icon, "Do")
    for one in views_for(member):
        yield Place(one.name, address_of(one), "bookmark", "View")
    for preset in presets(Filters(), words):
        yield Place(preset.title, f"{reverse('leads')}?{preset.query}", "users", "View")


def _matching(words: Iterable[str], places: Iterable[Place]) -> Iterable[Place]:
    wanted = [one.casefold() for one in words]
    return (one for one in places if all(word in f"{one.title} {one.note}".casefold() for word in wanted))
