"""Fills an empty installation with an invented company: a year of leads that ends today, and people to sign in as.

The data is the starter's, as untidy as real data; it is written as an import would write it, through the same functions where it is
about people, and in bulk where it is about what they did. Guarded by tests/web/operations/test_demo.py.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from leadline.starter import CASES, PLAYBOOK
from leadline.starter.generate import generate
from leadline.web.accounts.keys import make_key
from leadline.web.accounts.models import Membership, Source, SourceKey, User, Workspace
from leadline.web.assessments.jobs import prepare_versions
from leadline.web.assessments.whatif.run import run_whatifs
from leadline.web.capture.bots.apply import apply_bot_rules
from leadline.web.flow import assess_due, sweep_handoffs_now
from leadline.web.leads.card import refresh_cards
from leadline.web.leads.facts import COMPANY_LINK
from leadline.web.leads.models import Company, Event, Fact, Identity, Lead, Outcome
from leadline.web.leads.records import (
    NewFact,
    NewOutcome,
    find_or_make_company,
    find_or_make_leads,
    record_facts,
    record_outcomes,
)
from leadline.web.operations.demo_corners import fill_corners
from leadline.web.operations.demo_handoffs import invent_handoffs, set_up_sales
from leadline.web.operations.demo_proposals import name_approvers, propose
from leadline.web.playbooks.actions import publish

Row = dict[str, str]
Tell = Callable[[str], None]
PEOPLE = (
    ("Maria Lindqvist", "maria", Membership.Role.ADMIN),
    ("Tom Okafor", "tom", Membership.Role.MARKETER),
    ("Omar Haddad", "omar", Membership.Role.REP),
    ("Lena Brandt", "lena", Membership.Role.REP),
    ("Ines Duarte", "ines", Membership.Role.MANAGER),
    ("Vera Novak", "vera", Membership.Role.VIEWER),
)
MAIL_DOMAIN = "leadline.example"
_CHUNK = 500
_SOURCE_OF = {"page_viewed": ("website", "page"), "product_session": ("product", "track")}
_FORMS = ("demo_requested", "contact_requested", "quote_requested", "webinar_registered")
_TOUCH = {
    "referral": {"source": "partner", "medium": "referral"},
    "webinar": {"source": "webinar", "medium": "event"},
    "website": {"source": "google", "medium": "organic"},
    "paid_search": {"source": "google", "medium": "cpc", "campaign": "lead-scoring"},
    "trade_fair": {"source": "fair", "medium": "event", "campaign": "spring-fair"},
}


class NotEmptyError(Exception):
    """The installation holds something already: a demo never mixes with what is real."""


@dataclass(kw_only=True)
class Filled:
    """What was made: how to sign in, how many rows, and the key with which to try the tracking API."""

    workspace: Workspace
    password: str
    people: list[tuple[str, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    server_key: str = ""


def fill_demo(*, leads: int, now: datetime | None = None, tell: Tell = lambda said: None) -> Filled:
    """Fill the installation.

    Args:
        leads: how many people; about thirty events each.
        now: the moment at which the invented year ends.
        tell: is told what is being done.

    Raises:
        NotEmptyError: there is a workspace or a person already.
    """
    now = now or timezone.now()
    if Workspace.objects.exists() or User.objects.exists():
        raise NotEmptyError(
            "This installation holds something already. A demo needs an empty one: name another folder."
        )
    tell("Inventing a year of a company")
    tables = generate(now.date(), leads=leads)
    with transaction.atomic():
        filled = _open()
        sources = _sources(filled)
        set_up_sales(filled.workspace)
        name_approvers(filled.workspace)
        by = User.objects.get(email=filled.people[0][0])
        publish(
            filled.workspace,
            toml=PLAYBOOK.read_text(encoding="utf-8"),
            cases=CASES.read_text(encoding="utf-8"),
            note="The starter playbook",
            by=by,
            now=now,
        )
        tell("Writing down people and companies")
        ids = _write_people(filled.workspace, tables["leads"], tables["companies"], now)
        facts = [*_facts(tables["facts"], ids.leads, ids.companies)]
        record_facts(filled.workspace, facts, now=now)
        record_outcomes(filled.workspace, _outcomes(tables["outcomes"], ids.leads), now=now)
        tell("Writing down what they did")
        _write_events(filled.workspace, tables["events"], ids, sources)
        refresh_cards(ids.leads.values(), with_times=True)
        tell("Filling a form, importing a list, sending what nobody can use")
        fill_corners(filled.workspace, sources["product"], by, now=now)
    tables_of = {"leads": Lead, "companies": Company, "facts": Fact, "outcomes": Outcome, "events": Event}
    filled.counts = {name: model._default_manager.count() for name, model in tables_of.items()}
    return filled


def assess_demo(tell: Tell = lambda said: None) -> int:
    """Assess everybody, then by the rule about bots whom it concerns, as the worker would; return how many leads there are."""
    while any(job() for job in (prepare_versions, assess_due, apply_bot_rules)):
        waiting = count_due()
        tell(f"Assessing leads: {waiting:,} wait")
    sweep_handoffs_now()
    for workspace in Workspace.objects.filter(is_demo=True):
        invent_handoffs(workspace)
        while assess_due():  # what sales said of them
            pass
        propose(workspace)
    tell("Finding out what the proposal would change")
    while run_whatifs():  # here, so that the worker of the demo need not load what it takes
        pass
    return Lead.objects.filter(merged_into=None).count()


def count_due() -> int:
    """Return how many leads wait to be assessed."""
    return Lead.objects.filter(due_at__isnull=False, merged_into=None).count()


@dataclass(kw_only=True)
class _Ids:
    leads: dict[str, int] = field(default_factory=dict)
    companies: dict[str, int] = field(default_factory=dict)
    first_touch: dict[str, dict[str, str]] = field(default_factory=dict)


def _open() -> Filled:
    workspace = Workspace.objects.create(name="Northwind", slug="northwind", timezone="Europe/Berlin", is_demo=True)
    filled = Filled(workspace=workspace, password=f"demo-{get_random_string(10)}")
    hashed = make_password(filled.password)
    for name, short, role in PEOPLE:
        user = User.objects.create(email=f"{short}@{MAIL_DOMAIN}", name=name, password=hashed)
        Membership.objects.create(workspace=workspace, user=user, role=role)
        filled.people.append((user.email, str(role)))
    return filled


def _sources(filled: Filled) -> dict[str, Source]:
    kinds = {
        "website": Source.Kind.WEBSITE,
        "product": Source.Kind.SERVER,
        "newsletter": Source.Kind.MAIL,
        "form": Source.Kind.FORM,
        "import": Source.Kind.IMPORT,
    }
    made = {
        name: Source.objects.create(workspace=filled.workspace, name=name, kind=kind) for name, kind in kinds.items()
    }
    make_key(made["website"], SourceKey.Kind.BROWSER)
    filled.server_key = make_key(made["product"], SourceKey.Kind.SERVER)
    return made


# -- who there is ------------------------------------------------------------------------------------------------


def _write_people(workspace: Workspace, leads: Sequence[Row], companies: Sequence[Row], now: datetime) -> _Ids:
    ids = _Ids()
    began = min((_moment(row["created_at"]) for row in leads), default=now)
    facts: list[NewFact] = []
    for row in companies:
        company, _ = find_or_make_company(workspace, domain=row["domain"], name=row["name"], origin="", now=now)
        ids.companies[row["company_id"]] = company.pk
        facts += [
            NewFact(field=name, value=_value(value), known_at=began, source="import", company_id=company.pk)
            for name, value in row.items()
            if name not in ("company_id",) and value
        ]
    names = {row["company_id"]: row["name"] for row in companies}
    addresses: set[str] = set()
    known_by: list[list[tuple[Identity.Kind | str, str]]] = []
    for row in leads:
        known_by.append([(Identity.Kind.CRM, row["lead_id"])])
        if row["email"] and row["email"] not in addresses:
            known_by[-1].append((Identity.Kind.EMAIL, row["email"]))
            addresses.add(row["email"])
    made = find_or_make_leads(workspace, known_by, source="import", is_verified=True, at=began, now=now)
    first_seen: dict[int, datetime] = {}
    for row, (lead, _) in zip(leads, made, strict=True):
        at = _moment(row["created_at"])
        first_seen[lead.pk] = at
        ids.leads[row["lead_id"]] = lead.pk
        ids.first_touch[row["lead_id"]] = _TOUCH.get(row["lead_source"], {})
        given = {
            name: value for name, value in row.items() if name not in ("lead_id", "company_id", "created_at") and value
        }
        if row["company_id"]:
            given["company"] = names[row["company_id"]]
            given[COMPANY_LINK] = str(ids.companies[row["company_id"]])
        facts += [
            NewFact(field=name, value=_value(value), known_at=at, source="import", lead_id=lead.pk)
            for name, value in given.items()
        ]
    _date_identities(first_seen)
    record_facts(workspace, facts, now=now)
    return ids


def _date_identities(first_seen: dict[int, datetime]) -> None:
    """Let identities be known since their lead was created: they were all written at once."""
    identities = list(Identity.objects.filter(lead__in=first_seen))
    for identity in identities:
        identity.first_seen_at = first_seen[identity.lead_id]
    Identity.objects.bulk_update(identities, ["first_seen_at"], batch_size=_CHUNK)


def _value(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdigit() and len(text) < 16 else text


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _facts(rows: Iterable[Row], leads: dict[str, int], companies: dict[str, int]) -> Iterator[NewFact]:
    for row in rows:
        yield NewFact(
            field=row["field"],
            value=_value(row["value"]),
            known_at=_moment(row["known_at"]),
            source=row["source"],
            evidence=row["evidence"],
            lead_id=leads[row["lead_id"]] if row["lead_id"] else None,
            company_id=None if row["lead_id"] else companies[row["company_id"]],
        )


def _seller(by: str) -> str:
    """Return which rep of the demo stands for somebody who sells in the generated data."""
    return f"{'omar' if by.startswith('omar') else 'lena'}@{MAIL_DOMAIN}" if by else ""


def _outcomes(rows: Iterable[Row], leads: dict[str, int]) -> list[NewOutcome]:
    return [
        NewOutcome(
            lead_id=leads[row["lead_id"]],
            outcome=row["outcome"],
            at=_moment(row["at"]),
            source="crm",
            reason=row["reason"],
            qualification=row["qualification"],
            value=Decimal(row["value"]) if row["value"] else None,
            opportunity_id=row["opportunity_id"],
            outcome_id=row["outcome_id"],
            by=_seller(row["by"]),
        )
        for row in rows
    ]


# -- what they did -----------------------------------------------------------------------------------------------


def _write_events(workspace: Workspace, rows: Iterable[Row], ids: _Ids, sources: dict[str, Source]) -> None:
    """Write the events in bulk; of those that came twice the first stays."""
    first = {row["event_id"]: row for row in reversed(list(rows))}
    events = (
        _event(workspace, row, ids, sources) for row in sorted(first.values(), key=lambda one: one["occurred_at"])
    )
    while chunk := list(islice(events, _CHUNK)):
        Event.objects.bulk_create(chunk)


def _event(workspace: Workspace, row: Row, ids: _Ids, sources: dict[str, Source]) -> Event:
    name = row["event"]
    if name.startswith("mail_") or name == "unsubscribed":
        source, kind = "newsletter", "mail"
    elif name in _FORMS:
        source, kind = "form", "form"
    else:
        source, kind = _SOURCE_OF.get(name, ("product" if name in ("trial_started",) else "website", "track"))
    properties = {key: row[key] for key in ("path", "campaign", "asset") if row[key]}
    touch = {"source": "newsletter", "medium": "email", "campaign": row["campaign"]} if row["campaign"] else {}
    first = ids.first_touch.pop(row["lead_id"], None)
    is_bot = row["is_bot"] == "true"
    lead = ids.leads[row["lead_id"]]
    return Event(
        workspace=workspace,
        source=sources[source],
        message_id=row["event_id"],
        lead_id=lead,
        first_lead_id=lead,
        kind=kind,
        name=name,
        occurred_at=_moment(row["occurred_at"]),
        received_at=_moment(row["received_at"]),
        properties=properties,
        touch=touch or first or {},
        raw=json.dumps({key: value for key, value in row.items() if value}),
        is_bot=is_bot,
        bot_rule="link-scanner" if is_bot else "",
    )
