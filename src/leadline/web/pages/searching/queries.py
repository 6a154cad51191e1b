"""What a search finds. Each group holds few, the best first, so that it is quick with very many leads."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.db.models import Case, F, IntegerField, Q, When
from django.urls import reverse

from leadline.web.accounts.models import Membership, Workspace
from leadline.web.accounts.roles import EDITORS, EVERYBODY, WORKERS, Role
from leadline.web.leads.models import Company
from leadline.web.pages.leads_list.filters import NEWEST, Filters
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
        leads=_leads(Wanted(workspace, version, replace(filters, sort=NEWEST)), words),
        companies=_companies(workspace, filters.words),
        places=places[:MOST_OTHERS],
        all_leads=f"{reverse('leads')}?{filters.query}",
    )


def _leads(wanted: Wanted, words: PlaybookWords | None) -> list[ListedLead]:
    """Return the leads that match, those first who are called most like the text; among alike, who was seen last."""
    order = (_likeness(wanted), F("last_seen_at").desc(nulls_last=True), "-pk")
    ids = list(wanted.rows().order_by(*order).values_list("pk", flat=True)[:MOST_LEADS])
    return listed_leads(wanted, ids, (), words)


def _likeness(wanted: Wanted) -> Case:
    """Return how well what a lead is called fits the search.

    0: just so, by name, address or an id. 1: from the beginning. 2: each word begins a word of the name. 3: each word stands in name or
    address. 4: it is the company that matches.
    """
    words = wanted.filters.words
    text = " ".join(wanted.filters.q.split())
    begins = Q(*(Q(name__begins_alike=word) | Q(name__has_word_alike=word) for word in words))
    within = Q(*(Q(name__contains_alike=word) | Q(email__contains_alike=word) for word in words))
    return Case(
        When(Q(name__is_alike=text) | Q(email__is_alike=text) | Q(pk__in=wanted.called.values("lead")), then=0),
        When(Q(name__begins_alike=text) | Q(email__begins_alike=text), then=1),
        When(begins, then=2),
        When(within, then=3),
        default=4,
        output_field=IntegerField(),
    )


def _companies(workspace: Workspace, words: Iterable[str]) -> list[Company]:
    condition = Q(workspace=workspace)
    for word in words:
        condition &= Q(name__contains_alike=word) | Q(domain__contains_alike=word)
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
