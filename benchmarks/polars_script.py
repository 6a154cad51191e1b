"""The event criteria and their score in Polars, lazily, as its users write it. No facts, questions or qualifications.

python -m benchmarks.polars_script SIZE
"""

import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl

from benchmarks.generate import AS_OF, generate
from benchmarks.hand_written import AGES, BEHAVIOUR
from leadline.engine.arithmetic import weight_table


def engagement(size: float) -> int:
    """Return the sum of all leads' engagement, in ten-thousandths."""
    data = generate(size)
    day = date.fromisoformat(AS_OF)
    end = datetime(day.year, day.month, day.day, 23, tzinfo=UTC)
    local_day = pl.col("occurred_at").dt.convert_time_zone("Europe/Berlin").dt.date()
    weights = pl.LazyFrame(
        {"age": pl.Series(range(AGES), dtype=pl.Int64)}
        | {
            f"w_{b.column}": [weight_table(Decimal(b.points), b.decay, b.within).at(age) for age in range(AGES)]
            for b in BEHAVIOUR
        }
    )
    counts = [
        (pl.col("event").is_in(b.events) & pl.sql_expr(b.when)).sum().cast(pl.Int64).alias(b.column) for b in BEHAVIOUR
    ]
    worth = [
        (pl.col(b.column).clip(upper_bound=b.per_day) if b.per_day else pl.col(b.column)) * pl.col(f"w_{b.column}")
        for b in BEHAVIOUR
    ]
    held = [
        pl.col(b.column).clip(
            None if b.least is None else b.least * 10_000, None if b.most is None else b.most * 10_000
        )
        for b in BEHAVIOUR
    ]
    per_lead = (
        pl.scan_parquet(data.events)
        .with_columns(
            pl.col("event").cast(pl.String), pl.col("path").cast(pl.String), pl.col("channel").cast(pl.String)
        )
        .filter(~pl.col("is_bot") & (pl.col("occurred_at") < end))
        .with_columns(age=(pl.lit(day) - local_day).dt.total_days())
        .group_by("lead_id", "age")
        .agg(counts)
        .join(weights, on="age")
        .group_by("lead_id")
        .agg([value.sum().alias(b.column) for value, b in zip(worth, BEHAVIOUR, strict=True)])
        .select("lead_id", pl.sum_horizontal(held).clip(lower_bound=0).alias("engagement"))
    )
    leads = pl.scan_parquet(data.leads).select("lead_id")
    found = leads.join(per_lead, on="lead_id").select(pl.col("engagement").sum()).collect(engine="streaming")
    return int(found.item())


if __name__ == "__main__":
    print(engagement(float(sys.argv[1])))
