"""How long the queue takes with very many that wait, and an action in it. Not a test: it prints what it finds.

python -m tests.web.pages.queue.measure --waiting 5000
"""

import argparse
import os
import statistics
import sys
import time
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.web.settings")


def main() -> None:
    """Fill a database of its own, ask, and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--waiting", type=int, default=5_000)
    arguments.add_argument("--rounds", type=int, default=30)
    given = arguments.parse_args()

    import django

    django.setup()
    from django.conf import settings
    from django.test.runner import DiscoverRunner

    settings.ALLOWED_HOSTS = ["*"]
    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        measure(given.waiting, given.rounds)
    finally:
        runner.teardown_databases(databases)


def measure(waiting: int, rounds: int) -> None:
    """Print p50, p95 and the most, in milliseconds."""
    from django.db import connection
    from django.test import Client
    from django.utils import timezone
    from tests.web.conftest import member
    from tests.web.pages.world import make_live, starter_toml

    from leadline.web.accounts.models import Workspace
    from leadline.web.assessments.models import Assessment, Spell
    from leadline.web.handoff.models import HandOff
    from leadline.web.leads.models import Lead

    workspace = Workspace.objects.create(name="Northwind", slug="northwind", timezone="Europe/Berlin")
    version, rep, now = make_live(workspace, starter_toml()), member(workspace, "Omar", "rep"), timezone.now()
    leads = Lead.objects.bulk_create(
        [
            Lead(workspace=workspace, name=f"Lead {at}", is_known=True, first_seen_at=now, last_seen_at=now)
            for at in range(waiting)
        ],
        batch_size=500,
    )
    common = {"workspace": workspace, "version": version}
    Assessment.objects.bulk_create(
        [
            Assessment(
                **common, lead=one, as_of=now, log_version=1, plan_hash="", rank=at, stage="mql", qualifications=["mql"],
                contributions={"industry": 200_000}, reasons="industry:20", is_qualified=True,
            )
            for at, one in enumerate(leads)
        ],
        batch_size=500,
    )  # fmt: skip
    spell = {"qualification": "mql", "number": 1, "began_at": now, "began_by": "enter", "noticed_at": now}
    Spell.objects.bulk_create([Spell(**common, lead=one, **spell) for one in leads], batch_size=500)
    HandOff.objects.bulk_create(
        [
            HandOff(
                workspace=workspace, lead=one, qualification="mql", began_at=now, version_number=1, opened_at=now,
                respond_by=now + timedelta(minutes=at * 7 % 5000), rank=at, because="industry:20", grade="A1",
            )
            for at, one in enumerate(leads)
        ],
        batch_size=500,
    )  # fmt: skip
    client = Client()
    client.force_login(rep)
    for path in ("/today/", "/queue/", "/queue/?box=all&page=50", "/queue/?box=late"):
        say(path, [timed(lambda path=path: client.get(path)) for _ in range(rounds)])
    ids = list(HandOff.objects.order_by("-pk").values_list("pk", flat=True)[: rounds * 2])
    say("claim", [timed(lambda pk=pk: client.post(f"/queue/{pk}/claim/")) for pk in ids[:rounds]])
    said = {"decision": "accepted", "box": "all"}
    say("accept", [timed(lambda pk=pk: client.post(f"/queue/{pk}/decide/", said)) for pk in ids[rounds:]])
    connection.close()


def timed(act) -> float:
    """Return how many milliseconds something takes."""
    began = time.perf_counter()
    answer = act()
    assert answer.status_code in (200, 302), answer.status_code
    return 1000 * (time.perf_counter() - began)


def say(what: str, found: list[float]) -> None:
    """Print a line."""
    found = sorted(found[2:])
    p95 = found[int(len(found) * 0.95) - 1]
    sys.stdout.write(f"{what:28} p50 {statistics.median(found):7.1f}  p95 {p95:7.1f}  most {found[-1]:7.1f} ms\n")


if __name__ == "__main__":
    main()
