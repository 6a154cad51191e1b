"""What is written to the log besides events: facts, outcomes, and leads and companies by what they are called.

All of it in the caller's transaction, within a turn. What was written already is not written again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from leadline.web.accounts.models import Workspace
from leadline.web.leads.attribution import Attribution
from leadline.web.leads.card import refresh_cards
from leadline.web.leads.claims import clean_value, make_claim
from leadline.web.leads.companies import domain_key, find_by_domain, group_key, registrable_domain
from leadline.web.leads.due import make_due
from leadline.web.leads.fact_log import NewFact, follow_facts, withdrawals, write_facts
from leadline.web.leads.mending import put_right
from leadline.web.leads.models import Company, Identity, Lead
from leadline.web.leads.outcome_log import NewOutcome, Recorded, outcome_id_of, record_outcomes
from leadline.web.leads.turn import take_turn
from leadline.web.leads.undo import undo_origin

__all__ = [
    "NewFact",
    "NewOutcome",
    "Recorded",
    "find_lead",
    "find_or_make_company",
    "find_or_make_lead",
    "follow_facts",
    "make_companies",
    "outcome_id_of",
    "record_facts",
    "record_outcomes",
    "undo_origin",
    "write_facts",
]
_MOST = 500


# -- leads and companies ---------------------------------------------------------------------------------------------


def find_lead(workspace: Workspace, kind: str, value: str) -> Lead | None:
    """Return the lead that has an identity, as it is now: the survivor of its merges."""
    found = Identity.objects.select_related("lead").filter(
        workspace=workspace, kind=kind, value=clean_value(kind, value)
    )
    identity = found.first()
    return None if identity is None else identity.lead


def find_or_make_lead(
    workspace: Workspace,
    *,
    identities: Sequence[tuple[Identity.Kind | str, str]],
    source: str,
    is_verified: bool,
    at: datetime,
    origin: str = "",
    now: datetime | None = None,
) -> tuple[Lead, bool]:
    """Return the lead that identities belong to, as it is now, and whether it was made; the rules are those of messages.

    For many at once, `find_or_make_leads` asks the database once.
    """
    made = find_or_make_leads(
        workspace, [identities], source=source, is_verified=is_verified, at=at, origin=origin, now=now
    )
    return made[0]


def find_or_make_leads(
    workspace: Workspace,
    named: Sequence[Sequence[tuple[Identity.Kind | str, str]]],
    *,
    source: str,
    is_verified: bool,
    at: datetime,
    origin: str = "",
    now: datetime | None = None,
    are_followed: bool = False,
) -> list[tuple[Lead, bool]]:
    """Return for each set of identities the lead that they belong to, as it is now, and whether it was made for it.

    With *are_followed* the caller refreshes their cards and makes them due, as it does when it writes facts of all of them
    (`follow_facts`).

    Raises:
        ValueError: of some there is no identity that can be used; say so to whoever sent it before you call this.
    """
    now = now or timezone.now()
    take_turn(workspace.pk)
    claims = [
        make_claim(identities, source=source, is_verified=is_verified, at=at, origin=origin) for identities in named
    ]
    if any(not claim.strong and claim.anonymous is None for claim in claims):
        raise ValueError("There is no identity by which a lead could be found")
    attribution = Attribution(workspace.pk, claims, now=now)
    placed, seen = [], set[int]()
    for claim in claims:
        place = attribution.place(claim)
        placed.append((place, place.first.is_new and id(place.first) not in seen))
        seen.add(id(place.first))
    attribution.save()
    leads = {place.lead.pk for place, _ in placed}
    rows, _ = write_facts(workspace.pk, withdrawals(attribution, now=now), now=now)
    touched = follow_facts(workspace.pk, rows, now=now)
    if not are_followed:
        refresh_cards(leads)
        touched |= leads
    make_due(touched, now=now)
    fresh = Lead.objects.in_bulk(leads)
    return [(fresh[place.lead.pk], is_made) for place, is_made in placed]


def find_or_make_company(
    workspace: Workspace,
    *,
    domain: str = "",
    group_id: str = "",
    name: str = "",
    origin: str = "",
    now: datetime | None = None,
) -> tuple[Company, bool]:
    """Return a company by what a source calls it (*group_id*), else by its domain, else by its name; and whether it was made.

    The name is how it is found when nothing else is said; it is no fact: record that yourself, with who says so.

    Raises:
        ValueError: nothing was said by which it could be found.
    """
    take_turn(workspace.pk)
    domain = registrable_domain(domain) if domain else ""
    if group_id.strip():
        key = group_key(group_id.strip())
    elif domain:
        known = find_by_domain(workspace.pk, [domain]).get(domain)
        if known is not None:
            return known, False
        key = domain_key(domain)
    elif name.strip():
        key = "name:" + " ".join(name.lower().split())[:240]
    else:
        raise ValueError("There is nothing by which a company could be found: no domain, no group id, no name")
    return Company.objects.get_or_create(
        workspace=workspace,
        key=key,
        defaults={"domain": domain, "name": " ".join(name.split())[:255], "origin": origin},
    )


def make_companies(workspace: Workspace, domains: Iterable[str], *, origin: str = "") -> None:
    """Make the companies of domains that have none yet, as the address of a lead makes one; many at once."""
    take_turn(workspace.pk)
    wanted = sorted(set(domains))
    for start in range(0, len(wanted), _MOST):
        some = wanted[start : start + _MOST]
        there = find_by_domain(workspace.pk, some)
        Company.objects.bulk_create(
            [
                Company(workspace=workspace, key=domain_key(domain), domain=domain, origin=origin)
                for domain in some
                if domain not in there
            ],
            ignore_conflicts=True,
        )


# -- facts -----------------------------------------------------------------------------------------------------------


def record_facts(
    workspace: Workspace, facts: Iterable[NewFact], *, now: datetime | None = None, source_rank: Sequence[str] = ()
) -> Recorded:
    """Write what is new among facts; who says what they said already says nothing new.

    A lead that was merged into another keeps its facts as its own, and the survivor has them. Whoever says them is believed: a fact
    that puts right what a lead was sent back for reinstates it (`mending`).
    """
    now = now or timezone.now()
    take_turn(workspace.pk)
    given = list(facts)
    rows, unchanged = write_facts(workspace.pk, given, now=now)
    recorded = Recorded(stored=len(rows), unchanged=unchanged)
    recorded.lead_ids = follow_facts(workspace.pk, rows, now=now, source_rank=source_rank)
    recorded.reinstated = put_right(workspace, given, now=now, source_rank=source_rank)
    make_due(recorded.lead_ids, now=now)
    return recorded
