"""How long the list of leads and the page of one take with very many leads. Not a test: it prints what it finds.

python -m tests.web.pages.measure --leads 100000
LEADLINE_TEST_DATABASE=postgresql://… python -m tests.web.pages.measure --leads 100000

``--keep`` leaves the filled database for the next run (tests/web/measured.py).
"""

import argparse
from datetime import timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tests.web.measured import Times, add_options, filled, say, say_all

if TYPE_CHECKING:
    from leadline.web.leads.models import Lead

GRADES = [f"{letter}{digit}" for letter in "ABCD" for digit in "1234"]
STAGES = ["lead"] * 80 + ["mql"] * 8 + ["pql"] * 3 + ["accepted"] * 4 + ["sql"] * 2 + ["opportunity"] * 2 + ["customer"]
NAMES = ["page_viewed"] * 12 + ["mail_opened"] * 6 + ["mail_clicked"] * 2 + ["demo_requested"]
SOURCES = ["website"] * 6 + ["webinar", "trade_fair", "paid_search", "list"]
PATHS = (
    "",
    "?page=2",
    "?page=40",
    "?page=400",
    "?q=maya",
    "?q=mensah+44",
    "?q=nobodyatall",
    "?q=maya+works",
    "?q=M%C3%BCller",
    "?q=weiss+works",
    "?stage=mql",
    "?stage=customer&grade=A1",
    "?qualification=mql",
    "?grade=A1&source=webinar",
    "?first=75&second=75",
    "?source=list&stage=sql",
    "?sort=seen",
    "?sort=seen&page=100",
    "?sort=newest",
    "?sort=name",
    "?sort=name&page=200",
    "?sort=cools",
    "?who=visitors&sort=seen",
    "?who=all",
    "?cols=company,grade,score.fit,stage,next,campaign,country,first,fact.budget_amount,fact.lead_source",
    "?sort=name&cols=email,title,qualified,source,seen&page=30",
)
ELSEWHERE = (
    "/search/",
    "/search/?q=maya",
    "/search/?q=mensah+44",
    "/search/?q=nobodyatall",
    "/search/?q=field+works+77",
    "/search/?q=a",
    "/search/?q=noor",
    "/search/?q=%C3%A9mile",
    "/search/?q=Noor+Silva+4711",
    "/search/?q=lead4711%40c803.example",
    "/leads/export/?stage=mql",
    "/leads/views/",
    "/leads/batches/",
    "/today/",
    "/pipeline/",
    "/pipeline/?view=list",
    "/companies/",
    "/companies/?page=40",
    "/companies/?sort=people",
    "/companies/?sort=seen",
    "/companies/?sort=name&q=works",
)
CONDITIONS = (
    "country = 'DE'",
    "fit >= 60 and country in ('DE', 'AT')",
    "company.employees between 50 and 2000 and seniority = 'vp'",
    "count('page_viewed', '30d') >= 1",
    "count('demo_requested', '30d') >= 1 and fit >= 50",
    "(fit >= 60 or engagement >= 60) and not (country = 'US') and count('page_viewed', '30d') >= 2",
    "stage = 'mql' and days_since('page_viewed') <= 7",
    "has(qualified, 'mql') and budget = 'unknown'",
    "contains(company.industry, 'soft') and count('page_viewed') >= 3",
    "company.industry is null or seniority <> 'vp'",
    "count('demo_requested', '30d', starts_with(path, '/pricing')) >= 1",
    "country = 'nowhere'",
)
"""What people ask for with ``where=``: facts, scores, answers, counts of events."""


def fill(leads: int) -> None:
    """Write that many leads of one workspace with assessments and open spells, and as many events as a page of one may meet."""
    from django.utils import timezone
    from tests.web.conftest import member
    from tests.web.pages.world import make_live, starter_toml

    from leadline.web.accounts.models import Source, Workspace
    from leadline.web.assessments.models import Assessment, Spell, StageMove
    from leadline.web.leads.models import Company, Event, Lead

    rng, now = Random(7), timezone.now()
    workspace = Workspace.objects.create(name="Northwind", slug="northwind")
    member(workspace, "Maria", "admin")
    version = make_live(workspace, starter_toml())
    website = Source.objects.create(workspace=workspace, name="website", kind=Source.Kind.WEBSITE)
    companies = Company.objects.bulk_create(
        [
            Company(
                workspace=workspace,
                key=f"domain:c{at}.example",
                name=f"{rng.choice(('Aster', 'Field', 'Willow', 'Hazel'))} Works {at}",
                domain=f"c{at}.example",
                industry="software",
                employees=at,
            )
            for at in range(leads // 20)
        ],
        batch_size=1000,
    )
    for start in range(0, leads, 5000):
        made = []
        for at in range(start, min(leads, start + 5000)):
            known = rng.random() < 0.6
            name = f"{rng.choice(('Maya', 'Noor', 'Bruno', 'Felix', 'Clara'))} {rng.choice(('Mensah', 'Larsen', 'Silva', 'Kim'))} {at}"
            made.append(
                Lead(
                    workspace=workspace,
                    company=rng.choice(companies) if known else None,
                    name=name if known and rng.random() < 0.9 else "",
                    email=f"lead{at}@c{at % 977}.example" if known else "",
                    title="Director of Sales" if known else "",
                    first_source=rng.choice(SOURCES),
                    is_known=known,
                    first_seen_at=now - timedelta(minutes=leads - at),
                    last_seen_at=now - timedelta(seconds=rng.randrange(30_000_000)) if rng.random() < 0.9 else None,
                )
            )
        made = Lead.objects.bulk_create(made, batch_size=500)
        answers, spells, moves = [], [], []
        for lead in made:
            fit, engagement = rng.randrange(100), rng.randrange(60) + (40 if rng.random() < 0.05 else 0)
            stage = rng.choice(STAGES) if lead.is_known else "lead"
            is_qualified = stage in ("mql", "pql", "sql")
            cools = 20500 + rng.randrange(60) if is_qualified else None
            answers.append(
                Assessment(
                    workspace=workspace,
                    version=version,
                    lead=lead,
                    as_of=now,
                    log_version=1,
                    plan_hash=version.plan_hash,
                    scores={"fit": fit * 10_000, "engagement": engagement * 10_000, "product": 0},
                    contributions={f"criterion-{at}": 10_000 * at for at in range(12)},
                    grade=rng.choice(GRADES),
                    coverage={"fit": 8000, "engagement": 10_000, "product": 10_000},
                    held=_held(rng, lead, stage),
                    answers={"budget": "unknown", "authority": "yes", "need": "partly", "timeline": "unknown"},
                    reasons="industry:20 company-size:20 seniority:15",
                    qualifications=[stage] if is_qualified else [],
                    next_step="mql: demo_requested today (Asked for a demonstration); or contact_requested today",
                    stage=stage,
                    cools_day=cools,
                    rank=(fit + engagement) * 10_000,
                    first_score=fit * 10_000,
                    second_score=engagement * 10_000,
                    is_qualified=is_qualified,
                )
            )
            if is_qualified:
                spells.append(
                    Spell(
                        workspace=workspace,
                        version=version,
                        lead=lead,
                        qualification=stage,
                        number=1,
                        began_at=now - timedelta(seconds=rng.randrange(3_000_000)),
                        began_by="condition",
                        noticed_at=now,
                        cools_day=cools,
                    )
                )
                moves.append(
                    StageMove(
                        workspace=workspace,
                        version=version,
                        lead=lead,
                        at=spells[-1].began_at,
                        before="lead",
                        after=stage,
                        because=f"{stage} began",
                        is_forward=True,
                    )
                )
        Assessment.objects.bulk_create(answers, batch_size=500)
        StageMove.objects.bulk_create(moves, batch_size=500)
        Spell.objects.bulk_create(spells, batch_size=500)
        events = []
        for lead in made:
            for number in range(rng.choice((0, 2, 6, 12))):
                at = now - timedelta(seconds=rng.randrange(15_000_000))
                events.append(
                    Event(
                        workspace=workspace,
                        source=website,
                        message_id=f"{lead.pk}-{number}",
                        lead=lead,
                        first_lead=lead,
                        kind="track",
                        name=rng.choice(NAMES),
                        occurred_at=at,
                        received_at=at,
                        properties={"path": rng.choice(("/pricing", "/blog/how-to", "/docs"))},
                    )
                )
        Event.objects.bulk_create(events, batch_size=500)


def _held(rng: Random, lead: "Lead", stage: str) -> dict[str, object]:
    """Return what would be held of somebody, as large as it usually is."""
    fields = {f"lead.field_{at}": f"a value of some length {at}" for at in range(8)}
    return fields | {
        "is.stage": stage,
        "is.grade": "a1",
        "is.qualified": [stage] if stage in ("mql", "pql", "sql") else [],
        "grade.fit": "a",
        "grade.engagement": "1",
        "lead.name": lead.name.lower(),
        "lead.email": lead.email,
        "lead.country": rng.choice(("de", "de", "at", "us", "fr")),
        "lead.seniority": rng.choice(("vp", "manager", "c_level", "staff")),
        "company.industry": rng.choice(("software", "fintech", "retail")),
        "company.employees": float(rng.randrange(5000)),
        "count.page_viewed": rng.randrange(12),
        "last.page_viewed": 20_600 - rng.randrange(90),
        "count.mail_opened": rng.randrange(12),
        "last.mail_opened": 20_600 - rng.randrange(90),
    }


def measure(rounds: int) -> None:
    """Ask for each page some times and print how long it took; the first time nothing is kept of what was counted before."""
    from django.core.cache import cache
    from django.test import Client

    from leadline.web.accounts.models import User
    from leadline.web.leads.models import Lead

    client = Client()
    client.force_login(User.objects.get())
    client.get("/leads/")
    some = Lead.objects.filter(is_known=True).order_by("-pk").values_list("pk", flat=True)[5000]
    asked = ["?" + urlencode({"where": one}) for one in CONDITIONS]
    every = []

    def ask(path: str) -> None:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)

    for path in [f"/leads/{one}" for one in (*PATHS, *asked)] + [
        f"/leads/{some}/",
        f"/leads/{some}/?stage=mql",
        f"/leads/{some}/?sort=name",
        *ELSEWHERE,
    ]:
        cache.clear()
        times = Times()
        for _ in range(rounds):
            times.take(partial(ask, path))
        every.append(times)
        say(path, times)
    say_all(every)


def main() -> None:
    """Fill a database of its own, measure, and remove it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--leads", type=int, default=100_000)
    add_options(parser)
    options = parser.parse_args()
    with filled("leads", options.leads, fill, script=__file__, keep=options.keep):
        measure(options.rounds)


if __name__ == "__main__":
    main()
