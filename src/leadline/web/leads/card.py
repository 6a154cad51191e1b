"""The columns by which leads and companies are found and listed, taken from what is known of them.

They are a copy for lists and search; what is right stands in the log. Whoever writes to the log refreshes the cards in the same
transaction. The strength of sources is the live playbook's (`ranks`), unless the caller says another; while no playbook is live all
sources are as strong, and the latest value holds. tests/web/leads/test_records.py and test_intake.py guard it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Count, Max, Min, Q

from leadline.web.leads.columns import save_columns
from leadline.web.leads.companies import company_domain, domain_key, find_by_domain
from leadline.web.leads.facts import COMPANY_LINK, LINK_RANK, resolve, text_of
from leadline.web.leads.lead_source import FIELD as SAID_IN
from leadline.web.leads.models import Company, Event, Fact, Identity, Lead
from leadline.web.leads.ranks import rank_of

_OF_A_LEAD = ("name", "first_name", "last_name", "email", "title", "country", SAID_IN)
_OF_A_COMPANY = ("name", "domain", "industry", "employees", "country")
_STRONG = (Identity.Kind.USER, Identity.Kind.EMAIL)
_MOST = 500


def refresh_cards(lead_ids: Iterable[int], source_rank: Sequence[str] = (), *, with_times: bool = False) -> set[int]:
    """Take the columns of some leads, of one workspace, from their logs; return those whose company is another now.

    *with_times*: also when each was first and last seen, which has to look at all of their events.
    """
    moved: set[int] = set()
    ids = sorted(set(lead_ids))
    for start in range(0, len(ids), _MOST):
        moved |= _refresh_some(ids[start : start + _MOST], source_rank, with_times)
    return moved


def _refresh_some(ids: list[int], source_rank: Sequence[str], with_times: bool) -> set[int]:
    leads = list(Lead.objects.filter(pk__in=ids, merged_into=None))
    if not leads:
        return set()
    source_rank = source_rank or rank_of(leads[0].workspace_id)
    facts = _facts_of(ids)
    addresses, users = _identities_of(ids)
    links: dict[int, int] = {}
    changed: list[Lead] = []
    for lead in leads:
        held = {name: text_of(fact) for name, fact in resolve(facts.get(lead.pk, ()), source_rank).items()}
        link = resolve((one for one in facts.get(lead.pk, ()) if one.field == COMPANY_LINK), LINK_RANK).get(
            COMPANY_LINK
        )
        if link is not None and text_of(link).isdigit():
            links[lead.pk] = int(text_of(link))
        name = held.get("name") or " ".join(part for part in (held.get("first_name"), held.get("last_name")) if part)
        email = held.get("email") or addresses.get(lead.pk, "")
        columns = {
            "name": name[:255],
            "email": email[:254],
            "title": held.get("title", "")[:255],
            "country": held.get("country", "")[:80],
            "said_source": held.get(SAID_IN, "").strip()[:120],
            "is_known": bool(name or email or lead.pk in users),
        }
        if _assign(lead, columns):
            changed.append(lead)
    moved = _link_companies(leads, links)
    if with_times:
        changed += _take_times(leads)
    changed += [lead for lead in leads if lead.pk in moved]
    fields = ["name", "email", "title", "country", "said_source", "is_known", "company"]
    fields += _TIMES if with_times else ()
    save_columns(dict.fromkeys(changed), fields)
    return moved


def _assign(row: Lead | Company, columns: Mapping[str, object]) -> bool:
    """Set columns; return whether one of them is another now."""
    is_changed = any(getattr(row, name) != value for name, value in columns.items())
    for name, value in columns.items():
        setattr(row, name, value)
    return is_changed


def _facts_of(ids: list[int]) -> dict[int, list[Fact]]:
    found: dict[int, list[Fact]] = {}
    rows = Fact.objects.filter(lead__in=ids, field__in=(*_OF_A_LEAD, COMPANY_LINK))
    for fact in rows.only("lead_id", "field", "value", "known_at", "source"):
        found.setdefault(fact.lead_id or 0, []).append(fact)
    return found


def _identities_of(ids: list[int]) -> tuple[dict[int, str], set[int]]:
    """Return an address of each lead that has one (what was vouched for before what was only said), and who has a user id."""
    addresses: dict[int, str] = {}
    users: set[int] = set()
    rows = Identity.objects.filter(lead__in=ids, kind__in=_STRONG).order_by("-is_verified", "first_seen_at", "pk")
    for lead_id, kind, value in rows.values_list("lead_id", "kind", "value"):
        if kind == Identity.Kind.EMAIL:
            addresses.setdefault(lead_id, value)
        else:
            users.add(lead_id)
    return addresses, users


def _link_companies(leads: Sequence[Lead], links: dict[int, int]) -> set[int]:
    """Set each lead's company: the one that somebody named, else the one of its address; return whose is another now."""
    workspace_id = leads[0].workspace_id
    named = set(Company.objects.filter(workspace=workspace_id, pk__in=set(links.values())).values_list("pk", flat=True))
    domains = {lead.pk: company_domain(lead.email) for lead in leads if lead.email and links.get(lead.pk) not in named}
    of_domain = _companies_of(workspace_id, sorted({domain for domain in domains.values() if domain}))
    moved: set[int] = set()
    for lead in leads:
        company_id = links[lead.pk] if links.get(lead.pk) in named else of_domain.get(domains.get(lead.pk, ""))
        if lead.company_id != company_id:
            lead.company_id = company_id
            moved.add(lead.pk)
    return moved


def _companies_of(workspace_id: int, domains: list[str]) -> dict[str, int]:
    """Return the company of each domain; one that there is not yet is made."""
    if not domains:
        return {}
    found = find_by_domain(workspace_id, domains)
    lacking = [domain for domain in domains if domain not in found]
    if lacking:
        Company.objects.bulk_create(
            [Company(workspace_id=workspace_id, key=domain_key(domain), domain=domain) for domain in lacking],
            ignore_conflicts=True,
        )
        found |= find_by_domain(workspace_id, lacking)
    return {domain: company.pk for domain, company in found.items()}


# -- when somebody was seen ------------------------------------------------------------------------------------------

_TIMES = ("first_seen_at", "last_seen_at", "first_source")


def _take_times(leads: Sequence[Lead]) -> list[Lead]:
    """Take from events and identities when leads were seen; return those for whom it is another time now."""
    ids = [lead.pk for lead in leads]
    is_activity = Q(is_bot=False, kind__in=Event.BEHAVIOUR)
    seen: dict[int, tuple[datetime, datetime | None]] = {
        lead_id: (first, last)
        for lead_id, first, last in Event.objects.filter(lead__in=ids)
        .values_list("lead")
        .annotate(first=Min("occurred_at"), last=Max("occurred_at", filter=is_activity))
    }
    met: dict[int, tuple[datetime, str]] = {}
    rows = Identity.objects.filter(lead__in=ids).order_by("first_seen_at", "pk")
    for lead_id, at, source in rows.values_list("lead_id", "first_seen_at", "source"):
        met.setdefault(lead_id, (at, source))
    changed = []
    for lead in leads:
        first, last = seen.get(lead.pk, (None, None))
        identity_at, source = met.get(lead.pk, (None, lead.first_source))
        times = [at for at in (first, identity_at) if at is not None]
        columns = {
            "first_seen_at": min(times, default=lead.first_seen_at),
            "last_seen_at": last,
            "first_source": source,
        }
        if _assign(lead, columns):
            changed.append(lead)
    return changed


# -- companies -------------------------------------------------------------------------------------------------------


def refresh_company_cards(company_ids: Iterable[int], source_rank: Sequence[str] = ()) -> set[str]:
    """Take the columns of some companies from what is known of them; return the domains that are another company's now."""
    ids = sorted(set(company_ids))
    domains: set[str] = set()
    for start in range(0, len(ids), _MOST):
        domains |= _refresh_companies(ids[start : start + _MOST], source_rank)
    return domains


def _refresh_companies(ids: list[int], source_rank: Sequence[str]) -> set[str]:
    facts: dict[int, list[Fact]] = {}
    for fact in Fact.objects.filter(company__in=ids, field__in=_OF_A_COMPANY):
        facts.setdefault(fact.company_id or 0, []).append(fact)
    changed: list[Company] = []
    domains: set[str] = set()
    companies = list(Company.objects.filter(pk__in=ids))
    if companies and not source_rank:
        source_rank = rank_of(companies[0].workspace_id)
    for company in companies:
        held = resolve(facts.get(company.pk, ()), source_rank)
        text = {name: text_of(fact) for name, fact in held.items()}
        own_domain = company.key.removeprefix("domain:") if company.key.startswith("domain:") else ""
        columns: dict[str, object] = {
            "name": text.get("name", "")[:255],
            "domain": own_domain or text.get("domain", "").lower()[:255],
            "industry": text.get("industry", "")[:120],
            "employees": _whole_number(text.get("employees", "")),
            "country": text.get("country", "")[:80],
        }
        before = company.domain
        if _assign(company, columns):
            changed.append(company)
        if before != company.domain:
            domains |= {domain for domain in (before, company.domain) if domain}
    save_columns(changed, _OF_A_COMPANY)
    return domains


# -- when other sources are believed ---------------------------------------------------------------------------------


def refresh_disputed_cards(workspace_id: int, source_rank: Sequence[str] = ()) -> set[int]:
    """Take the columns anew that several sources say: there it matters who is believed. Return the leads that moved to another company."""
    companies = _disputed(workspace_id, "company", _OF_A_COMPANY)
    leads = _disputed(workspace_id, "lead", _OF_A_LEAD)
    if domains := refresh_company_cards(companies, source_rank):
        people = Lead.objects.filter(workspace=workspace_id, merged_into=None, company__domain__in=domains)
        leads |= set(people.values_list("pk", flat=True))
    return refresh_cards(leads, source_rank)


def _disputed(workspace_id: int, subject: str, fields: Sequence[str]) -> set[int]:
    """Return the leads or companies of which several sources say the same field."""
    said = Fact.objects.filter(workspace=workspace_id, field__in=fields).exclude(**{subject: None})
    several = said.values_list(subject, "field").annotate(sources=Count("source", distinct=True)).filter(sources__gt=1)
    return {one for one, _, _ in several.order_by()}


def _whole_number(text: str) -> int | None:
    """Return a count as a list shows it; of a range such as ``51-200`` nothing is made up."""
    try:
        number = int(float(text))
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < 2**63 else None
