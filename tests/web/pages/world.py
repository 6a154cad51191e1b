"""An invented vendor's people in the database, as believable as the starter's: with companies, events, facts, outcomes and touches.

Rows are written as sources and imports would write them, then assessed by the starter's playbook.
"""

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from django.db import transaction
from django.utils import timezone

from leadline.starter.generate import generate
from leadline.web.accounts.models import Source, Workspace
from leadline.web.assessments.assess import assess_leads
from leadline.web.leads.due import claim_due, make_due
from leadline.web.leads.models import Company, Event, Fact, Identity, Lead, Outcome
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import compile_toml

MAIL = {"mail_opened", "mail_clicked", "mail_bounced", "unsubscribed"}
TOUCHES = (
    {"source": "google", "medium": "cpc", "campaign": "brand-de", "page": "/pricing"},
    {"source": "linkedin", "medium": "social", "campaign": "webinar-march"},
    {"referrer": "https://news.example/best-tools", "page": "/product/scoring"},
)


def starter_toml() -> str:
    """Return the text of the starter's playbook."""
    return (files("leadline.starter") / "playbook.toml").read_text(encoding="utf-8")


def make_live(workspace: Workspace, toml: str, *, number: int = 1) -> Version:
    """Make a version live without assessing anybody by it."""
    compiled = compile_toml(toml)
    Version.objects.filter(workspace=workspace, state=Version.State.LIVE).update(state=Version.State.RETIRED)
    moment = timezone.now()
    return Version.objects.create(
        workspace=workspace,
        number=number,
        name=compiled.playbook.name,
        toml=toml,
        plan_hash=compiled.plan_hash,
        state=Version.State.LIVE,
        published_at=moment,
        live_at=moment,
    )


def touch(lead: Lead) -> None:
    """Make a lead wait to be assessed, as whoever writes to its log does."""
    with transaction.atomic():
        make_due([lead.pk])


def assess_everybody(now: datetime | None = None) -> None:
    """Assess all leads that wait."""
    while True:
        lease, ids = claim_due(200, now=now)
        if not ids:
            return
        assess_leads(ids, lease=lease, now=now)


def fill(workspace: Workspace, *, leads: int = 60, seed: int = 7) -> list[Lead]:
    """Write the invented people of a vendor whose year ends today, each waiting to be assessed."""
    tables = generate(timezone.now().date(), seed=seed, leads=leads)
    companies = _companies(workspace, tables["companies"])
    people = _people(workspace, tables["leads"], companies)
    sources = {
        name: Source.objects.get_or_create(workspace=workspace, name=name, defaults={"kind": kind})[0]
        for name, kind in (("website", "website"), ("mailing", "mail"))
    }
    _events(workspace, tables["events"], people, sources)
    _facts(workspace, tables["facts"], people, companies)
    Outcome.objects.bulk_create(
        Outcome(
            workspace=workspace,
            lead=people[row["lead_id"]],
            first_lead=people[row["lead_id"]],
            outcome=row["outcome"],
            at=_moment(row["at"]),
            recorded_at=_moment(row.get("recorded_at") or row["at"]),
            reason=row.get("reason", ""),
            qualification=row.get("qualification", ""),
            outcome_id=row["outcome_id"],
            source="crm",
            by=row.get("by", ""),
        )
        for row in tables["outcomes"]
    )
    return list(people.values())


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _companies(workspace: Workspace, rows: list[dict[str, str]]) -> dict[str, Company]:
    found = {}
    for row in rows:
        found[row["company_id"]] = Company.objects.create(
            workspace=workspace,
            key=f"domain:{row['company_id']}.{row['domain']}",
            name=row["name"],
            domain=row["domain"],
            industry=row["industry"],
            employees=int(row["employees"]) if row["employees"] else None,
            country=row["country"],
        )
        moment = timezone.now().replace(year=timezone.now().year - 1)
        fields = ("name", "domain", "industry", "employees", "revenue", "country", "crm", "hires_sales")
        Fact.objects.bulk_create(
            Fact(
                workspace=workspace,
                company=found[row["company_id"]],
                field=one,
                value=row[one],
                known_at=moment,
                recorded_at=moment,
                source="enrichment",
            )
            for one in fields
            if row.get(one)
        )
    return found


def _people(workspace: Workspace, rows: list[dict[str, str]], companies: Mapping[str, Company]) -> dict[str, Lead]:
    found = {}
    for row in rows:
        name = f"{row['first_name']} {row['last_name']}".strip()
        created = _moment(row["created_at"])
        lead = Lead.objects.create(
            workspace=workspace,
            company=companies.get(row["company_id"]),
            name=name,
            email=row["email"],
            title=row["title"],
            country=row["country"],
            first_source=row["lead_source"] or "website",
            is_known=bool(name or row["email"]),
            first_seen_at=created,
            due_at=timezone.now(),
        )
        found[row["lead_id"]] = lead
        known = {"name": name} | {one: row[one] for one in row if one not in _NOT_FACTS and row[one]}
        Fact.objects.bulk_create(
            Fact(
                workspace=workspace,
                lead=lead,
                first_lead=lead,
                field=field,
                value=value,
                known_at=created,
                recorded_at=created,
                source="form",
                evidence="Form “Talk to us”" if field == "title" else "",
            )
            for field, value in known.items()
        )
        identities = [("anonymous", f"anon-{lead.pk}", False), ("crm", f"hubspot:{lead.pk}", True)]
        identities += [("email", row["email"].lower(), True)] if row["email"] else []
        for kind, value, is_verified in identities:
            Identity.objects.get_or_create(
                workspace=workspace,
                kind=kind,
                value=value,
                defaults={
                    "lead": lead,
                    "first_lead": lead,
                    "is_verified": is_verified,
                    "source": "website",
                    "first_seen_at": created,
                },
            )
    return found


_NOT_FACTS = {"lead_id", "company_id", "created_at", "lead_source"}


def _events(
    workspace: Workspace, rows: list[dict[str, str]], people: Mapping[str, Lead], sources: Mapping[str, Source]
) -> None:
    made: dict[str, Event] = {}
    last: dict[int, datetime] = {}
    for at, row in enumerate(rows):
        lead, moment = people[row["lead_id"]], _moment(row["occurred_at"])
        is_mail = row["event"] in MAIL
        is_bot = row.get("is_bot") == "true"
        made[row["event_id"]] = Event(
            workspace=workspace,
            source=sources["mailing" if is_mail else "website"],
            message_id=row["event_id"],
            lead=lead,
            first_lead=lead,
            kind="mail" if is_mail else "page" if row["event"] == "page_viewed" else "track",
            name=row["event"],
            occurred_at=moment,
            received_at=_moment(row.get("received_at") or row["occurred_at"]),
            properties={one: row[one] for one in ("path", "campaign", "asset") if row.get(one)},
            touch=TOUCHES[at % len(TOUCHES)] if not is_mail and at % 5 == 0 else {},
            raw="{}",
            is_bot=is_bot,
            bot_rule="mail-scanner" if is_bot else "",
        )
        if not is_bot:
            last[lead.pk] = max(moment, last.get(lead.pk, moment))
    Event.objects.bulk_create(made.values(), batch_size=500)
    for pk, moment in last.items():
        Lead.objects.filter(pk=pk).update(last_seen_at=moment)


def _facts(
    workspace: Workspace, rows: list[dict[str, str]], people: Mapping[str, Lead], companies: Mapping[str, Company]
) -> None:
    about: dict[str, Any]
    for row in rows:
        if row.get("lead_id"):
            about = {"lead": people[row["lead_id"]], "first_lead": people[row["lead_id"]]}
        else:
            about = {"company": companies[row["company_id"]]}
        Fact.objects.create(
            workspace=workspace,
            field=row["field"],
            value=row["value"] or None,
            known_at=_moment(row["known_at"]),
            recorded_at=_moment(row.get("recorded_at") or row["known_at"]),
            source=row["source"],
            evidence=row.get("evidence", ""),
            **about,
        )
