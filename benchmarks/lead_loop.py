"""The event criteria and their score in a loop over leads and their events, as people write it first.

python -m benchmarks.lead_loop SIZE
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

from benchmarks.generate import AS_OF, generate
from benchmarks.hand_written import BEHAVIOUR
from leadline.engine.arithmetic import weight_table

Event = dict[str, Any]
CONDITIONS: dict[str, Callable[[Event], bool]] = {
    "pricing-page": lambda e: e["path"].startswith("/pricing"),
    "product-page": lambda e: e["path"].startswith("/product") and e["duration"] >= 10,
    "case-study": lambda e: "case-studies" in e["path"],
    "docs-read": lambda e: e["path"].startswith("/docs") and e["duration"] >= 60,
    "careers-page": lambda e: e["path"] == "/careers",
    "long-visit": lambda e: e["duration"] >= 300,
    "came-from-advertising": lambda e: e["channel"] in ("ads", "social"),
    "offer-clicked": lambda e: "offer" in e["path"],
    "contact-form": lambda e: e["path"] in ("/contact", "/contact-sales"),
    "large-form": lambda e: e["value"] >= 1000,
    "quote-viewed": lambda e: e["value"] >= 100,
    "webinar-attended": lambda e: e["duration"] >= 1200,
    "video-watched": lambda e: e["duration"] >= 60 and e["channel"] not in (None, "ads"),
    "heavy-use": lambda e: e["value"] >= 1000,
}
WEIGHTS = {b.id: weight_table(Decimal(b.points), b.decay, b.within) for b in BEHAVIOUR}


def score_lead(events: list[Event], today: date) -> int:
    """Return one lead's engagement."""
    total = 0
    for behaviour in BEHAVIOUR:
        condition = CONDITIONS.get(behaviour.id)
        on_day = Counter(
            event["age"]
            for event in events
            if event["event"] in behaviour.events and (not condition or condition(event))
        )
        weights = WEIGHTS[behaviour.id]
        points = sum(min(n, behaviour.per_day or n) * weights.at(age) for age, n in on_day.items())
        if behaviour.most is not None:
            points = min(points, behaviour.most * 10_000)
        if behaviour.least is not None:
            points = max(points, behaviour.least * 10_000)
        total += points
    return max(0, total)


def engagement(size: float) -> int:
    """Return the sum of all leads' engagement, in ten-thousandths."""
    data = generate(size)
    today, zone = date.fromisoformat(AS_OF), ZoneInfo("Europe/Berlin")
    end = today + timedelta(days=1)
    of_lead: dict[int, list[Event]] = defaultdict(list)
    for batch in pq.ParquetFile(data.events).iter_batches():
        for event in batch.to_pylist():
            day = event["occurred_at"].astimezone(zone).date()
            if not event["is_bot"] and day < end:
                event["age"] = (today - day).days
                event["duration"] = event["duration"] or 0
                of_lead[event["lead_id"]].append(event)
    leads = pq.read_table(data.leads, columns=["lead_id"]).column("lead_id").to_pylist()
    return sum(score_lead(of_lead[lead], today) for lead in leads if lead in of_lead)


if __name__ == "__main__":
    print(engagement(float(sys.argv[1])))
