"""How long it takes to look for slips of the pen in a playbook with very many events of many names. Not a test: it prints what it finds.

python -m tests.web.playbooks.measure_unseen --events 100000 --names 2000
LEADLINE_TEST_DATABASE=postgresql://… python -m tests.web.playbooks.measure_unseen
"""

import argparse
import sys
import time
from datetime import timedelta
from functools import partial
from random import Random

from tests.web.measured import add_options, filled

SLIPS = """
[[criteria]]
id = "slip-{at}"
score = "engagement"
why = "A slip of the pen"
event = "{event}"
when = "{name} = 'x' and starts_with(pth, '/pricing')"
points = 1
"""


def fill(events: int, names: int) -> None:
    """Write events of one workspace: a third are page views, the rest have very many names, each with properties of its own."""
    from django.utils import timezone

    from leadline.web.accounts.models import Source, Workspace
    from leadline.web.leads.models import Event, Fact, Lead

    rng, now = Random(7), timezone.now()
    workspace = Workspace.objects.create(name="Northwind", slug="northwind")
    website = Source.objects.create(workspace=workspace, name="website", kind=Source.Kind.WEBSITE)
    leads = Lead.objects.bulk_create(
        [Lead(workspace=workspace, name=f"Lead {at}", first_seen_at=now) for at in range(2000)]
    )
    for start in range(0, events, 5000):
        rows = []
        for at in range(start, min(events, start + 5000)):
            number, lead = rng.randrange(names), rng.choice(leads)
            is_page = at % 3 == 0
            properties = {f"of_{number}_{one}": "x" for one in range(10)} | {"path": "/pricing", "title": "Prices"}
            moment = now - timedelta(seconds=rng.randrange(15_000_000))
            known = {"workspace": workspace, "source": website, "lead": lead, "first_lead": lead, "kind": "track"}
            known |= {"occurred_at": moment, "received_at": moment, "properties": properties, "message_id": str(at)}
            rows.append(Event(name="page_viewed" if is_page else f"thing_{number}_happened", **known))
        Event.objects.bulk_create(rows, batch_size=500)
        dated = {"workspace": workspace, "known_at": now, "recorded_at": now, "source": "crm", "value": "x"}
        facts = [Fact(lead=one, first_lead=one, field=f"field_{rng.randrange(300)}", **dated) for one in leads]
        Fact.objects.bulk_create(facts, batch_size=500)


def measure(rounds: int) -> None:
    """Check two playbooks some times and print how long it took in milliseconds: the starter, and one with many slips."""
    from django.core.cache import cache
    from tests.web.pages.world import starter_toml

    from leadline.web.accounts.models import Workspace
    from leadline.web.playbooks.queries import compile_toml
    from leadline.web.playbooks.unseen import find_unseen

    workspace = Workspace.objects.get()
    slips = [SLIPS.format(at=at, event=f"thing_{at}_hapened", name=f"of_{at}_00") for at in range(10)]
    slips += [
        SLIPS.format(at=at, event="page_viewed" if at % 2 else f"thing_{at}_happened", name=f"of{at}_1")
        for at in range(10, 20)
    ]
    for title, toml in (("the starter", starter_toml()), ("twenty slips", starter_toml() + "".join(slips))):
        compiled = compile_toml(toml)
        for kind, is_typing in (("as published", False), ("as typed", True)):
            times = []
            for at in range(rounds):
                if at == 0:
                    cache.clear()
                began = time.perf_counter()
                found = find_unseen(workspace, compiled, is_typing=is_typing)
                times.append(1000 * (time.perf_counter() - began))
            sys.stdout.write(
                f"{title:14}{kind:14}{len(found):3} found   first {times[0]:7.1f}   then {sorted(times[1:])[len(times) // 2 - 1]:7.1f} ms\n"
            )


def main() -> None:
    """Fill a database of its own, measure, and remove it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--names", type=int, default=2_000)
    add_options(parser)
    options = parser.parse_args()
    write = partial(fill, names=options.names)
    with filled(f"unseen_{options.names}", options.events, write, script=__file__, keep=options.keep):
        measure(options.rounds)


if __name__ == "__main__":
    main()
