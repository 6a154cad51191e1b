"""The event criteria and their score in pandas, as people write it: one criterion after another. No facts and no rest.

python -m benchmarks.pandas_script SIZE
"""

import sys
from decimal import Decimal

import pandas as pd

from benchmarks.generate import AS_OF, generate
from benchmarks.hand_written import AGES, BEHAVIOUR
from leadline.engine.arithmetic import weight_table

CONDITIONS = {
    "pricing-page": lambda e: e.path.str.startswith("/pricing"),
    "product-page": lambda e: e.path.str.startswith("/product") & (e.duration >= 10),
    "case-study": lambda e: e.path.str.contains("case-studies", regex=False),
    "docs-read": lambda e: e.path.str.startswith("/docs") & (e.duration >= 60),
    "careers-page": lambda e: e.path == "/careers",
    "long-visit": lambda e: e.duration >= 300,
    "came-from-advertising": lambda e: e.channel.isin(["ads", "social"]),
    "offer-clicked": lambda e: e.path.str.contains("offer", regex=False),
    "contact-form": lambda e: e.path.isin(["/contact", "/contact-sales"]),
    "large-form": lambda e: e.value >= 1000,
    "quote-viewed": lambda e: e.value >= 100,
    "webinar-attended": lambda e: e.duration >= 1200,
    "video-watched": lambda e: (e.duration >= 60) & e.channel.notna() & (e.channel != "ads"),
    "heavy-use": lambda e: e.value >= 1000,
}


def engagement(size: float) -> int:
    """Return the sum of all leads' engagement, in ten-thousandths."""
    data = generate(size)
    events = pd.read_parquet(data.events)
    for column in ("event", "path", "channel"):
        events[column] = events[column].astype("object")
    events = events[~events.is_bot & (events.occurred_at < pd.Timestamp(f"{AS_OF} 23:00", tz="UTC"))]
    local_days = events.occurred_at.dt.tz_convert("Europe/Berlin").dt.tz_localize(None).dt.normalize()
    events["age"] = (pd.Timestamp(AS_OF) - local_days).dt.days
    scores = pd.DataFrame({"engagement": 0}, index=pd.read_parquet(data.leads, columns=["lead_id"]).lead_id)
    for behaviour in BEHAVIOUR:
        matching = events[events.event.isin(behaviour.events)]
        if behaviour.id in CONDITIONS:
            matching = matching[CONDITIONS[behaviour.id](matching).fillna(False).astype(bool)]
        counts = matching.groupby(["lead_id", "age"]).size().reset_index(name="n")
        if behaviour.per_day:
            counts["n"] = counts.n.clip(upper=behaviour.per_day)
        weights = weight_table(Decimal(behaviour.points), behaviour.decay, behaviour.within)
        worth = counts.n * counts.age.map(pd.Series([weights.at(age) for age in range(AGES)]))
        points = worth.groupby(counts.lead_id).sum()
        points = points.clip(
            None if behaviour.least is None else behaviour.least * 10_000,
            None if behaviour.most is None else behaviour.most * 10_000,
        )
        scores["engagement"] += points.reindex(scores.index).fillna(0).astype("int64")
    return int(scores.engagement.clip(lower=0).sum())


if __name__ == "__main__":
    print(engagement(float(sys.argv[1])))
