"""How long the agreement and what sales sends back take with very many hand-offs. Not a test: it prints what it finds.

python -m tests.web.pages.agreement.measure --handoffs 20000
LEADLINE_TEST_DATABASE=postgresql://… python -m tests.web.pages.agreement.measure
"""

import argparse
import os
import sys
import time
from datetime import timedelta
from random import Random

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.web.settings")

PATHS = (
    "/agreement/",
    "/returns/",
    *(f"/returns/?by={by}" for by in ("source", "campaign", "owner", "team", "week", "qualification", "version")),
    "/returns/?show=recycled:timing",
    "/returns/?by=criterion&of=country&show=accepted",
    "/returns/?show=won",
    "/returns/file/",
)
CRITERIA = ("country", "size", "seniority", "pricing", "webinar")
STATES = ["accepted"] * 9 + ["recycled"] * 4 + ["rejected"] * 3 + ["cooled"] * 2 + ["claimed", "waiting"]


def fill(count: int) -> None:
    """Write so many hand-offs of the last quarter, with spells, and outcomes of those that were accepted."""
    from django.utils import timezone
    from tests.web.conftest import member
    from tests.web.pages.world import make_live, starter_toml

    from leadline.web.accounts.models import Workspace
    from leadline.web.assessments.models import Spell
    from leadline.web.handoff.models import HandOff, Seat, WorkCalendar
    from leadline.web.leads.models import Lead, Outcome

    rng, now = Random(7), timezone.now()
    workspace = Workspace.objects.create(name="Northwind", slug="northwind", timezone="Europe/Berlin")
    member(workspace, "Maria", "admin")
    version = make_live(workspace, starter_toml())
    calendar = WorkCalendar.objects.create(
        workspace=workspace, name="Hamburg", timezone="Europe/Berlin", country="DE", region="HH",
        hours=[[["09:00", "12:30"], ["13:30", "17:30"]]] * 5 + [[], []], is_default=True,
    )  # fmt: skip
    people = [member(workspace, f"Rep {number}", "rep") for number in range(30)]
    Seat.objects.bulk_create([Seat(workspace=workspace, user=one, calendar=calendar) for one in people[::2]])
    leads = Lead.objects.bulk_create(
        [
            Lead(
                workspace=workspace, name=f"Lead {number}", is_known=True, first_seen_at=now, last_seen_at=now,
                first_source=f"source-{number % 12}",
            )
            for number in range(count)
        ],
        batch_size=500,
    )  # fmt: skip
    handoffs, spells, outcomes = [], [], []
    for number, lead in enumerate(leads):
        opened, state = now - timedelta(minutes=rng.randrange(91 * 1440)), rng.choice(STATES)
        decided = state in ("accepted", "recycled", "rejected")
        later = opened + timedelta(minutes=rng.randrange(5_000))
        handoffs.append(
            HandOff(
                workspace=workspace, lead=lead, qualification=("mql", "pql")[number % 2], state=state,
                began_at=opened, opened_at=opened, version_number=1, owner=rng.choice(people),
                because=" ".join(f"{one}:{rng.randrange(40)}" for one in rng.sample(CRITERIA, 3)),
                respond_by=opened + timedelta(hours=20), claimed_at=later if decided or state == "claimed" else None,
                touched_at=later + timedelta(hours=1) if decided else None,
                decided_at=later + timedelta(hours=9) if decided else None,
                reason=rng.choice(("timing", "no-budget")) if state in ("recycled", "rejected") else "",
            )
        )  # fmt: skip
        for level, share in ((handoffs[-1].qualification, 1.0), ("sql", 0.2)):
            if rng.random() < share:
                spells.append(
                    Spell(
                        workspace=workspace, version=version, lead=lead, qualification=level, number=1, began_at=opened,
                        began_by="enter", noticed_at=opened, first_touch={"source": "google", "campaign": f"c{number % 30}"},
                    )
                )  # fmt: skip
        for outcome, share in (("accepted", 0.45), ("opportunity", 0.15), ("won", 0.04)):
            if rng.random() < share:
                outcomes.append(
                    Outcome(
                        workspace=workspace, lead=lead, first_lead=lead, outcome=outcome, at=later, recorded_at=later,
                        outcome_id=f"{outcome}-{number}", source="crm",
                    )
                )  # fmt: skip
    HandOff.objects.bulk_create(handoffs, batch_size=500)
    Spell.objects.bulk_create(spells, batch_size=500)
    Outcome.objects.bulk_create(outcomes, batch_size=500)


def measure(rounds: int) -> None:
    """Ask for each page some times and print how long it took in milliseconds."""
    from django.test import Client
    from tests.web.pages.measure import count_rows

    from leadline.web.accounts.models import User

    count_rows()
    client = Client()
    client.force_login(User.objects.order_by("pk")[0])
    for path in PATHS:
        times, spent = [], []
        for _ in range(rounds):
            began, worked = time.perf_counter(), time.process_time()
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            if answer.streaming:
                b"".join(answer.streaming_content)
            times.append(1000 * (time.perf_counter() - began))
            spent.append(1000 * (time.process_time() - worked))
        ordered = sorted(times[1:])
        took = f"p50 {ordered[len(ordered) // 2]:7.1f}  most {ordered[-1]:7.1f}  first {times[0]:7.1f}"
        sys.stdout.write(f"{path:50} {took}  at work {min(spent):7.1f} ms\n")


def main() -> None:
    """Fill a database of its own, measure, and remove it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--handoffs", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_test_environment

    setup_test_environment()
    if connection.vendor == "sqlite":
        from tests.web.settings import DATA

        connection.settings_dict["TEST"]["NAME"] = str(DATA / "measured-agreement.sqlite3")
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        fill(options.handoffs)
        measure(options.rounds)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


if __name__ == "__main__":
    main()
