"""Understood rows go into the log, some hundreds in one transaction of the caller's; each gets its status.

Who a row is about is decided by the rules of `leads.attribution`; an import is vouched for, as a person has brought it. What a row becomes
has ids that follow from the file, so that the same file imported again makes no event and no outcome twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from leadline.web.accounts.models import Source, Workspace
from leadline.web.capture.bots.classify import classifier_of
from leadline.web.capture.imports.knowledge import Status, Words
from leadline.web.capture.imports.rows import CompanyRow, EventRow, Identities, LeadRow, OutcomeRow, Understood
from leadline.web.leads.claims import Kind
from leadline.web.leads.companies import company_domain, domain_key, find_by_domain, group_key
from leadline.web.leads.due import make_due
from leadline.web.leads.facts import COMPANY_LINK
from leadline.web.leads.intake import take_messages
from leadline.web.leads.mending import put_right
from leadline.web.leads.messages import Json, Message
from leadline.web.leads.models import Company, Event, Lead, Outcome
from leadline.web.leads.records import (
    NewFact,
    NewOutcome,
    find_or_make_company,
    find_or_make_leads,
    follow_facts,
    make_companies,
    outcome_id_of,
    record_outcomes,
    write_facts,
)

_MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """What all rows of an import have in common.

    source: who is taken to say it.   by: the person who brought the file.   at: when they brought it.
    """

    workspace: Workspace
    source: str
    origin: str
    by: str
    at: datetime
    now: datetime

    def write(self, rows: Sequence[Understood]) -> list[Status]:
        """Write rows of one table, in their order; return what became of each."""
        if not rows:
            return []
        match rows[0].said:
            case LeadRow():
                return self._write_leads(rows)
            case CompanyRow():
                return self._write_companies([row.said for row in rows])  # type: ignore[misc]
            case EventRow():
                return self._write_events(rows)
            case OutcomeRow():
                return self._write_outcomes(rows)

    # -- leads and companies -----------------------------------------------------------------------------------

    def _write_leads(self, rows: Sequence[Understood]) -> list[Status]:
        said: list[LeadRow] = [row.said for row in rows]  # type: ignore[misc]
        make_companies(self.workspace, _domains_of(said), origin=self.origin)
        companies = self._find_companies([one.company for one in said if one.company])
        leads = self._find_leads([one.identities for one in said])
        of_row = [companies[company_key(one.company)] if one.company else None for one in said]
        words = Words.load(
            {lead.pk for lead, _ in leads},
            {found[0].pk for found in companies.values()},
            {name for one in said for name in (*one.facts, *(one.company.facts if one.company else ()))},
            self.source,
        )
        links = Words.load({lead.pk for lead, _ in leads}, (), (COMPANY_LINK,), "import")
        facts: list[NewFact] = []
        statuses: list[Status] = []
        for one, (lead, is_made), found in zip(said, leads, of_row, strict=True):
            is_news = words.take(("lead", lead.pk), one.facts, one.known_at)
            facts += self._facts(one.facts, one.known_at, lead_id=lead.pk)
            if one.company and found:
                company, _ = found
                link = {COMPANY_LINK: str(company.pk)} if one.company.is_named else {}
                is_news |= words.take(("company", company.pk), one.company.facts, one.known_at)
                is_news |= links.take(("lead", lead.pk), link, one.known_at)
                facts += self._facts(one.company.facts, one.known_at, company_id=company.pk)
                facts += self._facts(link, one.known_at, lead_id=lead.pk, source="import")
            statuses.append("new" if is_made else "updated" if is_news else "unchanged")
        self._follow(facts, leads)
        return statuses

    def _write_companies(self, said: Sequence[CompanyRow]) -> list[Status]:
        companies = self._find_companies(said)
        words = Words.load(
            (),
            {company.pk for company, _ in companies.values()},
            {name for one in said for name in one.facts},
            self.source,
        )
        facts: list[NewFact] = []
        statuses: list[Status] = []
        made = {key for key, (_, is_made) in companies.items() if is_made}
        for one in said:
            key = company_key(one)
            company, _ = companies[key]
            is_news = words.take(("company", company.pk), one.facts, one.known_at)
            facts += self._facts(one.facts, one.known_at, company_id=company.pk)
            statuses.append("new" if key in made else "updated" if is_news else "unchanged")
            made.discard(key)
        self._follow(facts, ())
        return statuses

    def _find_companies(self, said: Sequence[CompanyRow]) -> dict[str, tuple[Company, bool]]:
        """Return the company of each key, and whether it was made for it."""
        found: dict[str, tuple[Company, bool]] = {}
        known = find_companies(self.workspace.pk, said)
        for one in said:
            key = company_key(one)
            if key in known:
                found[key] = known[key], False
            elif key not in found:
                found[key] = find_or_make_company(
                    self.workspace,
                    domain=one.domain,
                    group_id=one.group_id,
                    name=one.name,
                    origin=self.origin,
                    now=self.now,
                )
        return found

    def _facts(
        self,
        said: Mapping[str, Json],
        known_at: datetime,
        *,
        lead_id: int | None = None,
        company_id: int | None = None,
        source: str = "",
    ) -> list[NewFact]:
        return [
            NewFact(
                field=name,
                value=value,
                known_at=known_at,
                source=source or self.source,
                lead_id=lead_id,
                company_id=company_id,
                evidence="import of a file" if name.startswith("consent.") else "",
                by=self.by,
                origin=self.origin,
            )
            for name, value in said.items()
        ]

    def _find_leads(self, named: Sequence[Identities]) -> list[tuple[Lead, bool]]:
        return find_or_make_leads(
            self.workspace,
            named,
            source=self.source,
            is_verified=True,
            at=self.at,
            origin=self.origin,
            now=self.now,
            are_followed=True,
        )

    def _follow(self, facts: Sequence[NewFact], leads: Iterable[tuple[Lead, bool]]) -> None:
        """Write facts; then the cards of all leads of the part are refreshed once, and they wait to be assessed."""
        rows, _ = write_facts(self.workspace.pk, facts, now=self.now)
        ids = {lead.pk for lead, _ in leads}
        grown = follow_facts(self.workspace.pk, rows, now=self.now, also=ids)
        put_right(self.workspace, facts, now=self.now)
        make_due(grown | ids, now=self.now)

    # -- events and outcomes -----------------------------------------------------------------------------------

    def _write_events(self, rows: Sequence[Understood]) -> list[Status]:
        source, _ = Source.objects.get_or_create(
            workspace=self.workspace, name=self.source, defaults={"kind": Source.Kind.IMPORT}
        )
        statuses = event_statuses(source, rows)
        messages = [message_of(row, self.at, self.origin) for row in rows]
        take_messages(source, messages, classify=classifier_of(source), now=self.now)
        return statuses

    def _write_outcomes(self, rows: Sequence[Understood]) -> list[Status]:
        said: list[OutcomeRow] = [row.said for row in rows]  # type: ignore[misc]
        leads = self._find_leads([one.identities for one in said])
        self._follow((), leads)
        outcomes = [self._outcome(one, lead.pk) for one, (lead, _) in zip(said, leads, strict=True)]
        ids = [outcome_id_of(one) for one in outcomes]
        statuses = _first_of(ids, find_outcome_ids(self.workspace.pk, ids))
        record_outcomes(self.workspace, outcomes, now=self.now)
        return statuses

    def _outcome(self, one: OutcomeRow, lead_id: int) -> NewOutcome:
        return new_outcome(one, lead_id, source=self.source, by=self.by, origin=self.origin)


def _domains_of(said: Sequence[LeadRow]) -> set[str]:
    """Return the domains of which companies will be: those that are named, and those of addresses."""
    named = {one.company.domain for one in said if one.company and not one.company.group_id}
    addresses = {company_domain(value) for one in said for kind, value in one.identities if kind == Kind.EMAIL}
    return {domain for domain in named | addresses if domain}


# -- what the dry run asks as well --------------------------------------------------------------------------------


def company_key(one: CompanyRow) -> str:
    """Return by what a company is one in a file."""
    if one.group_id:
        return group_key(one.group_id)
    return domain_key(one.domain) if one.domain else name_key(one.name)


def name_key(name: str) -> str:
    """Return the key of a company that only its name is known of, as `find_or_make_company` makes it."""
    return "name:" + " ".join(name.lower().split())[:240]


def find_companies(workspace_id: int, said: Sequence[CompanyRow]) -> dict[str, Company]:
    """Return the companies that there are, by `company_key`."""
    keys = sorted({company_key(one) for one in said if one.group_id or not one.domain})
    found: dict[str, Company] = {}
    for start in range(0, len(keys), _MOST):
        for company in Company.objects.filter(workspace=workspace_id, key__in=keys[start : start + _MOST]):
            found[company.key] = company
    domains = sorted({one.domain for one in said if one.domain and not one.group_id})
    for start in range(0, len(domains), _MOST):
        by_domain = find_by_domain(workspace_id, domains[start : start + _MOST])
        found |= {domain_key(domain): company for domain, company in by_domain.items()}
    return found


def message_id_of(row: Understood) -> str:
    """Return the id of a row's event: its own, or one made of what stands in the row and how often it stood there before."""
    assert isinstance(row.said, EventRow)
    return row.said.event_id or f"row-{row.digest}-{row.twin}"


def message_of(row: Understood, at: datetime, origin: str) -> Message:
    """Return what a row of events says, as any source says it."""
    said = row.said
    assert isinstance(said, EventRow)
    named = dict(said.identities)
    return Message(
        message_id=message_id_of(row),
        kind="track",
        name=said.name,
        occurred_at=said.occurred_at,
        received_at=said.received_at or at,
        anonymous_id=named.get(Kind.ANONYMOUS, ""),
        user_id=named.get(Kind.USER, ""),
        email=named.get(Kind.EMAIL, ""),
        crm_id=named.get(Kind.CRM, ""),
        properties=said.properties,
        touch=said.touch,
        raw=msgspec.json.encode({"event": said.name, "at": said.occurred_at, "properties": said.properties}).decode(),
        is_verified=True,
        origin=origin,
    )


def event_statuses(source: Source | None, rows: Sequence[Understood]) -> list[Status]:
    """Return which rows are events that are not there yet."""
    ids = [message_id_of(row) for row in rows]
    there: set[str] = set()
    for start in range(0, len(ids), _MOST):
        if source is not None:
            found = Event.objects.filter(source=source, message_id__in=ids[start : start + _MOST])
            there |= set(found.values_list("message_id", flat=True))
    return _first_of(ids, there)


def new_outcome(one: OutcomeRow, lead_id: int, *, source: str, by: str = "", origin: str = "") -> NewOutcome:
    """Return what a row of outcomes says of a lead."""
    return NewOutcome(
        lead_id=lead_id,
        outcome=one.outcome,
        at=one.at,
        source=source,
        reason=one.reason,
        qualification=one.qualification,
        value=one.value,
        opportunity_id=one.opportunity_id,
        outcome_id=f"{source}:{one.outcome_id}" if one.outcome_id else "",
        by=by,
        origin=origin,
    )


def find_outcome_ids(workspace_id: int, ids: Sequence[str]) -> set[str]:
    """Return those of some ids whose outcomes are there already."""
    there: set[str] = set()
    for start in range(0, len(ids), _MOST):
        rows = Outcome.objects.filter(workspace=workspace_id, outcome_id__in=ids[start : start + _MOST])
        there |= set(rows.values_list("outcome_id", flat=True))
    return there


def _first_of(ids: Sequence[str], there: set[str]) -> list[Status]:
    """Return *new* for each id where it comes for the first time, and is not there already."""
    seen = set(there)
    statuses: list[Status] = []
    for one in ids:
        statuses.append("unchanged" if one in seen else "new")
        seen.add(one)
    return statuses
