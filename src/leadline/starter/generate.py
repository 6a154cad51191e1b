"""Leads, companies, events, facts and outcomes of an invented vendor, over the year before a given day.

The same day and seed give the same bytes: there is no clock here, and chance comes from one seeded generator. The
tables are as untidy as real ones: values are missing, scanners click in mails, some events come twice or late, some
facts are corrected later. What the leads do is told in story.py; tests/test_examples.py guards sizes and truth.

    python -m leadline.starter.generate FOLDER --today 2026-03-02 [--leads 2000] [--seed 7]
"""

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import TypeVar

from leadline.starter import people
from leadline.starter.story import DAY, END, YEAR_DAYS, Character, Story, tell

Row = dict[str, str]
Tables = dict[str, list[Row]]
T = TypeVar("T")

COLUMNS: dict[str, tuple[str, ...]] = {
    "leads": (
        "lead_id", "company_id", "created_at", "first_name", "last_name", "email", "email_domain", "title", "seniority",
        "function", "country", "lead_source", "interests", "budget_amount", "relation",
    ),
    "companies": (
        "company_id", "name", "domain", "industry", "employees", "revenue", "country", "crm", "hires_sales",
        "trade_screening",
    ),
    "events": (
        "event_id", "lead_id", "event", "occurred_at", "received_at", "is_bot", "path", "campaign", "asset",
    ),
    "facts": ("lead_id", "company_id", "field", "value", "known_at", "source", "recorded_at", "evidence"),
    "outcomes": (
        "outcome_id", "lead_id", "outcome", "at", "reason", "qualification", "by", "value", "opportunity_id",
        "recorded_at",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The tables, and the truth behind them that no table contains."""

    tables: Tables
    truth: dict[str, Character]


def generate(today: date, seed: int = 7, leads: int = 2000) -> Tables:
    """Return the five tables, each a list of rows with the columns of `COLUMNS`; '' is a missing value.

    Args:
        today: the first day that has not happened; everything lies in the 365 days before it.
        seed: another seed is another world of the same kind.
        leads: how many people; there is a company for every five, and about thirty events each.
    """
    return build_world(today, seed, leads).tables


def write(directory: Path | str, today: date, seed: int = 7, leads: int = 2000) -> dict[str, int]:
    """Write leads.csv, companies.csv, events.csv, facts.csv and outcomes.csv; return how many rows each has."""
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    tables = generate(today, seed, leads)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS[name], restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return {name: len(rows) for name, rows in tables.items()}


def build_world(today: date, seed: int = 7, leads: int = 2000) -> World:
    """Return the tables with the hidden truth of each lead, which tests and tutorials about prediction may look at."""
    rng = Random(f"invented {seed}")
    start = datetime(today.year, today.month, today.day, tzinfo=UTC) - timedelta(days=YEAR_DAYS)
    tables: Tables = {name: [] for name in COLUMNS}
    companies = [_company(number, rng) for number in range(1, max(1, leads // 5) + 1)]
    for rival, (name, domain) in zip(companies, people.COMPETITORS, strict=False):
        rival.update(name=name, domain=domain)
    tables["companies"] = companies
    truth: dict[str, Character] = {}

    for number, day in enumerate(sorted(rng.randrange(YEAR_DAYS - 5) for _ in range(leads)), start=1):
        company = rng.choice(companies) if rng.random() < 0.88 else None
        lead, character = _lead(number, company, rng)
        story = tell(character, created_day=day, rng=rng)
        lead["created_at"] = _stamp(start, day * DAY + 5 * 3600 + rng.randrange(3600))
        _forget_some(lead, rng)
        _note_facts(tables["facts"], lead, story, start, day, rng)
        _note_outcomes(tables["outcomes"], lead["lead_id"], story, start, rng)
        _note_events(tables["events"], lead["lead_id"], story, start, rng)
        tables["leads"].append(lead)
        truth[lead["lead_id"]] = character

    _correct_companies(tables["facts"], companies, start, rng)
    _put_in_order(tables, rng)
    return World(tables=tables, truth=truth)


# -- companies and people -----------------------------------------------------------------------------------


def _pick(pairs: Sequence[tuple[T, int]], rng: Random) -> T:
    """Return one of *pairs*' first parts, as often as its weight says."""
    bounds = list(accumulate(weight for _, weight in pairs))
    draw = rng.randrange(bounds[-1])
    return next(value for (value, _), bound in zip(pairs, bounds, strict=True) if draw < bound)


def _company(number: int, rng: Random) -> Row:
    industry = _pick([(name, weight) for name, (weight, _) in people.INDUSTRIES.items()], rng)
    first, second = rng.choice(people.COMPANY_FIRST), rng.choice(people.INDUSTRIES[industry][1])
    employees = min(40_000, max(1, int(rng.lognormvariate(4.9, 1.6))))
    crm = _pick(people.CRMS, rng)
    company = {
        "company_id": f"C{number:04}",
        "name": f"{first} {second}",
        # the number keeps two companies of one name apart
        "domain": f"{first}-{second}-{number}.example".lower().replace(" ", "-"),
        "industry": industry,
        "employees": str(employees),
        "revenue": str(employees * rng.randrange(60_000, 260_000, 1000)),
        "country": _pick(people.COUNTRIES, rng),
        "crm": crm,
        "hires_sales": "true" if rng.random() < 0.3 else "false",
        "trade_screening": "blocked" if number % 150 == 3 else "clear",
    }
    unknown = {"industry": 0.06, "employees": 0.08, "revenue": 0.3, "crm": 0.3, "hires_sales": 0.2}
    for column, share in unknown.items():
        if rng.random() < share:
            company[column] = ""
    return company


def _lead(number: int, company: Row | None, rng: Random) -> tuple[Row, Character]:
    """Return the visible row of a lead and the hidden truth behind it."""
    title, seniority, function = _pick([(parts[:3], parts[3]) for parts in people.TITLES], rng)
    first, last = rng.choice(people.FIRST_NAMES), rng.choice(people.LAST_NAMES)
    uses_free_mail = company is None or rng.random() < 0.05
    domain = rng.choice(people.FREE_MAIL) if uses_free_mail or company is None else company["domain"]
    if rng.random() < 0.004:
        domain = people.OWN_DOMAIN
    # by number, not by chance: so that a small data set has each kind too
    relation = ("support", "contributor", "candidate", "partner")[number // 25 % 4] if number % 25 == 0 else ""
    lead = {
        "lead_id": f"L{number:05}",
        "company_id": company["company_id"] if company else "",
        "first_name": first,
        "last_name": last,
        "email": f"{first}.{last}@{domain}".lower().replace(" ", "-"),
        "email_domain": domain,
        "title": title,
        "seniority": seniority,
        "function": function,
        "country": company["country"] if company and rng.random() < 0.8 else _pick(people.COUNTRIES, rng),
        "lead_source": _pick(people.LEAD_SOURCES, rng),
        "interests": ";".join(rng.sample(people.INTERESTS, rng.choice((0, 0, 1, 1, 2)))),
        "relation": relation,
    }
    fit = 0.30 * _role(seniority, function) + 0.45 * _firm(company) + rng.triangular(-0.12, 0.37, 0.12)
    fit = min(1.0, max(0.0, fit - (0.12 if uses_free_mail else 0.0)))
    intent = min(1.0, max(0.02, rng.betavariate(1.25, 2.7) + 0.20 * (fit - 0.5)))
    blocker = _blocker(lead, company, relation, rng)
    if rng.random() < 0.18:
        lead["budget_amount"] = str(500 * max(1, round(60 * intent * fit * rng.uniform(0.4, 1.6))))
    return lead, Character(fit=fit, intent=intent, blocker=blocker)


def _role(seniority: str, function: str) -> float:
    rank = {"c_level": 1.0, "vp": 1.0, "director": 0.8, "manager": 0.5, "specialist": 0.2}.get(seniority, 0.0)
    return 0.6 * rank + (0.4 if function in ("marketing", "sales", "operations", "it") else 0.0)


def _firm(company: Row | None) -> float:
    if company is None:
        return 0.1
    industry = {"software": 1.0, "fintech": 1.0, "logistics": 0.8, "manufacturing": 0.7, "services": 0.5}
    employees = int(company["employees"] or 60)
    size = 1.0 if 50 <= employees <= 2000 else 0.6 if employees >= 10 else 0.0
    near = 1.0 if company["country"] in ("DE", "AT", "CH", "NL") else 0.5
    connected = 1.0 if company["crm"] in ("salesforce", "hubspot", "dynamics", "pipedrive") else 0.3
    return 0.35 * industry.get(company["industry"], 0.2) + 0.3 * size + 0.15 * near + 0.2 * connected


def _blocker(lead: Row, company: Row | None, relation: str, rng: Random) -> str | None:
    if company and company["domain"] in [domain for _, domain in people.COMPETITORS]:
        return "competitor"
    if lead["seniority"] == "student" or (company is None and rng.random() < 0.25):
        return "personal-use"
    if relation in ("support", "contributor", "candidate"):
        return "free-product-only" if relation == "contributor" else "no-authority"
    if lead["seniority"] in ("intern", "specialist") and rng.random() < 0.15:
        return "no-authority"
    return "consultant" if rng.random() < 0.01 else None


def _forget_some(lead: Row, rng: Random) -> None:
    """Leave out values as forms and lists do: one person types a title, the next one nothing."""
    for columns, share in (
        (("title", "seniority", "function"), 0.14),
        (("seniority",), 0.08),
        (("country",), 0.07),
        (("email", "email_domain"), 0.02),
        (("lead_source",), 0.05),
    ):
        if rng.random() < share:
            lead.update(dict.fromkeys(columns, ""))


# -- what happened -------------------------------------------------------------------------------------------


def _stamp(start: datetime, moment: int) -> str:
    return (start + timedelta(seconds=moment)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _note_events(rows: list[Row], lead_id: str, story: Story, start: datetime, rng: Random) -> None:
    """Append the events that have happened by the end of the year, a few of them twice, a few received late."""
    for moment, event in story.events:
        if moment >= END:
            continue
        received = moment + rng.randint(0, 4)
        if rng.random() < 0.01:  # a telephone that was offline
            received = min(moment + rng.randint(3600, 3 * DAY), END - 1)
        row = {
            "event_id": f"{rng.getrandbits(64):016x}",
            "lead_id": lead_id,
            "occurred_at": _stamp(start, moment),
            "received_at": _stamp(start, received),
            "is_bot": "false",
            **event,
        }
        rows.append(row)
        if rng.random() < 0.004:  # sent again, because the answer to the first attempt was lost
            again = rng.randint(1, 90)
            rows.append({**row, "received_at": _stamp(start, min(received + again, END - 1))})


def _note_outcomes(rows: list[Row], lead_id: str, story: Story, start: datetime, rng: Random) -> None:
    for moment, outcome in story.outcomes:
        if moment < END:
            recorded = min(moment + rng.randint(0, 4 * 3600), END - 1)
            stamps = {"at": _stamp(start, moment), "recorded_at": _stamp(start, recorded)}
            rows.append({"outcome_id": f"{rng.getrandbits(48):012x}", "lead_id": lead_id, **stamps, **outcome})


def _note_facts(rows: list[Row], lead: Row, story: Story, start: datetime, day: int, rng: Random) -> None:
    """Append consent, what was answered, and corrections of what the lead itself had typed."""

    def note(moment: int, **columns: str) -> None:
        if moment < END:
            stamp = _stamp(start, moment)
            rows.append({"lead_id": lead["lead_id"], "known_at": stamp, "recorded_at": stamp, **columns})

    created = day * DAY + 6 * 3600
    note(created, field="consent.scoring", value="no" if rng.random() < 0.03 else "yes", source="form")
    note(created, field="consent.email", value="no" if rng.random() < 0.15 else "yes", source="form")
    for moment, event in story.events:
        if event["event"] == "unsubscribed":
            note(moment, field="consent.email", value="no", source="form")
    for moment, answer in story.answers:
        note(moment, **answer)
    if rng.random() < 0.06:  # a service looks the person up some weeks later, and is not always right
        seniority = rng.choice(("director", "manager", "specialist"))
        note(created + rng.randint(10, 60) * DAY, field="seniority", value=seniority, source="enrichment")


def _correct_companies(rows: list[Row], companies: list[Row], start: datetime, rng: Random) -> None:
    """Append what became known about companies during the year: a size that was missing, or one that grew."""
    for company in companies:
        if rng.random() < 0.12:
            employees = round(int(company["employees"] or 80) * rng.uniform(0.8, 1.6)) + 1
            stamp = _stamp(start, rng.randrange(YEAR_DAYS) * DAY + 3 * 3600)
            rows.append(
                {
                    "company_id": company["company_id"],
                    "field": "employees",
                    "value": str(employees),
                    "known_at": stamp,
                    "recorded_at": stamp,
                    "source": "enrichment",
                }
            )


def _put_in_order(tables: Tables, rng: Random) -> None:
    """Sort by time, as an export would be, and give every row every column."""
    tables["events"].sort(key=lambda row: (row["received_at"], row["event_id"]))
    tables["facts"].sort(key=lambda row: (row["known_at"], row.get("lead_id", ""), row["field"]))
    tables["outcomes"].sort(key=lambda row: (row["at"], row["outcome_id"]))
    for name, rows in tables.items():
        tables[name] = [{column: row.get(column, "") for column in COLUMNS[name]} for row in rows]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a data set; the day is asked for, so that the same command always gives the same bytes."""
    parser = argparse.ArgumentParser(prog="python -m leadline.starter.generate", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--today", type=date.fromisoformat, required=True, help="the first day that has not happened")
    parser.add_argument("--leads", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args(arguments)
    counts = write(chosen.folder, chosen.today, chosen.seed, chosen.leads)
    sys.stdout.write(", ".join(f"{count:,} {name}" for name, count in counts.items()) + f" in {chosen.folder}\n")


if __name__ == "__main__":
    main()
