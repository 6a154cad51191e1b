"""What is written to the log besides events: facts, outcomes, and leads and companies by what they are called.

All of it in the caller's transaction, within a turn. What was written already is not written again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from leadline.web.accounts.models import Workspace
from leadline.web.leads.attribution import Attribution
from leadline.web.leads.card import refresh_cards
from leadline.web.leads.claims import clean_value, make_claim
from leadline.web.leads.companies import domain_key, find_by_domain, group_key, registrable_domain
from leadline.web.leads.due import make_due
from leadline.web.leads.fact_log import NewFact, follow_facts, survivors_of, withdrawals, write_facts
from leadline.web.leads.models import Company, Identity, Lead, Outcome
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
    "record_facts",
    "record_outcomes",
    "undo_origin",
    "write_facts",
]
_MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOutcome:
    """What somebody reports of a lead. Without an *outcome_id* it is known by what it says: said twice it is one."""

    lead_id: int
    outcome: str
    at: datetime
    source: str
    reason: str = ""
    qualification: str = ""
    value: Decimal | None = None
    opportunity_id: str = ""
    outcome_id: str = ""
    by: str = ""
    origin: str = ""


@dataclass(slots=True)
class Recorded:
    """What became of some facts or outcomes: given = stored + unchanged. lead_ids: of whose log grew."""

    stored: int = 0
    unchanged: int = 0
    lead_ids: set[int] = field(default_factory=set)


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

    A lead that was merged into another keeps its facts as its own, and the survivor has them.
    """
    now = now or timezone.now()
    take_turn(workspace.pk)
    rows, unchanged = write_facts(workspace.pk, list(facts), now=now)
    recorded = Recorded(stored=len(rows), unchanged=unchanged)
    recorded.lead_ids = follow_facts(workspace.pk, rows, now=now, source_rank=source_rank)
    make_due(recorded.lead_ids, now=now)
    return recorded


# -- outcomes --------------------------------------------------------------------------------------------------------


def record_outcomes(workspace: Workspace, outcomes: Iterable[NewOutcome], *, now: datetime | None = None) -> Recorded:
    """Write outcomes that are not there yet, each once by its id."""
    now = now or timezone.now()
    take_turn(workspace.pk)
    given = list(outcomes)
    leads = survivors_of(workspace.pk, {one.lead_id for one in given})
    of_id: dict[str, NewOutcome] = {}
    for one in given:
        of_id.setdefault(outcome_id_of(one), one)
    ids = sorted(of_id)
    there: set[str] = set()
    for start in range(0, len(ids), _MOST):
        rows = Outcome.objects.filter(workspace=workspace, outcome_id__in=ids[start : start + _MOST])
        there |= set(rows.values_list("outcome_id", flat=True))
    new = {outcome_id: one for outcome_id, one in of_id.items() if outcome_id not in there}
    Outcome.objects.bulk_create(
        [
            Outcome(
                workspace=workspace,
                lead_id=leads[one.lead_id],
                first_lead_id=one.lead_id,
                outcome=one.outcome,
                at=one.at,
                recorded_at=now,
                reason=one.reason,
                qualification=one.qualification,
                value=one.value,
                opportunity_id=one.opportunity_id,
                outcome_id=outcome_id,
                source=one.source,
                by=one.by,
                origin=one.origin,
            )
            for outcome_id, one in new.items()
        ],
        batch_size=_MOST,
    )
    recorded = Recorded(stored=len(new), unchanged=len(given) - len(new))
    recorded.lead_ids = {leads[one.lead_id] for one in new.values()}
    make_due(recorded.lead_ids, now=now)
    return recorded


def outcome_id_of(outcome: NewOutcome) -> str:
    """Return the id by which an outcome is one: its own, or a hash of what it says."""
    import hashlib
    import json

    if outcome.outcome_id:
        return clean_value(Identity.Kind.CRM, outcome.outcome_id)
    said = [
        outcome.lead_id,
        outcome.outcome,
        outcome.at.timestamp(),
        outcome.source,
        outcome.reason,
        outcome.qualification,
        None if outcome.value is None else str(outcome.value.normalize()),
        outcome.opportunity_id,
    ]
    return "said:" + hashlib.sha256(json.dumps(said).encode()).hexdigest()
