"""How long the agreement and what sales sends back take with very many hand-offs. Not a test: it prints what it finds.

python -m tests.web.pages.agreement.measure --handoffs 20000
LEADLINE_TEST_DATABASE=postgresql://… python -m tests.web.pages.agreement.measure

``--keep`` leaves the filled database for the next run (tests/web/measured.py).
"""

import argparse
from datetime import timedelta
from functools import partial
from random import Random

from tests.web.measured import Times, add_options, filled, say, say_all

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
                brought_by=" ".join(sorted(rng.sample(CRITERIA, 4))),
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
    """Ask for each page some times and print how long it took."""
    from django.test import Client

    from leadline.web.accounts.models import User

    client = Client()
    client.force_login(User.objects.order_by("pk")[0])
    every = []

    def ask(path: str) -> None:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        if answer.streaming:
            b"".join(answer.streaming_content)

    for path in PATHS:
        times = Times()
        for _ in range(rounds):
            times.take(partial(ask, path))
        every.append(times)
        say(path, times)
    say_all(every)


def main() -> None:
    """Fill a database of its own, measure, and remove it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--handoffs", type=int, default=20_000)
    add_options(parser)
    options = parser.parse_args()
    with filled("agreement", options.handoffs, fill, script=__file__, keep=options.keep):
        measure(options.rounds)


if __name__ == "__main__":
    main()
