"""The benchmark's playbook as a good analyst would write it by hand, in SQL for DuckDB.

One pass over the events: conditions → counts a lead and day → limits a day → weights → maxima; then the facts, scores,
grades, questions, qualifications and reasons. It says the same as playbook.toml (or playbook-no-horizon.toml) and gives
equal integers, which tests/test_benchmarks.py checks. It reads no playbook and knows nothing that is not in it, trusts
its data (no repeated events, no unreadable values) and writes its rows in any order. Two things in it are better than
what is usually written: local days come from a CASE over the zone's offsets, because converting fifty million times
with a zone takes longer than half of the rest, and weights are integers from a table, so that sums are exact and do not
depend on the order of rows.

    python -m benchmarks.hand_written SIZE OUT.parquet [--no-horizon]
"""

import sys
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import duckdb

from benchmarks.generate import AS_OF, generate
from leadline.engine.arithmetic import Decay, HalfLife, Linear, NoDecay, Step, weight_table

AGES = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One criterion on events: which events, how many a day, what each is worth, what it may add."""

    id: str
    events: tuple[str, ...]
    when: str = "true"
    points: str
    decay: Decay = NoDecay()  # noqa: RUF009 (frozen)
    within: int | None = None
    per_day: int | None = None
    least: int | None = None
    most: int | None = None

    @property
    def column(self) -> str:
        return self.id.replace("-", "_")


PRICING = "starts_with(path, '/pricing')"
BEHAVIOUR = (
    Behaviour(id="pricing-page", events=("page_viewed",), when=PRICING, points="10", decay=HalfLife(14), within=60,
              per_day=1, most=30),
    Behaviour(id="product-page", events=("page_viewed",), when="path LIKE '/product%' AND duration >= 10", points="3",
              decay=HalfLife(21), within=90, per_day=3, most=24),
    Behaviour(id="case-study", events=("page_viewed",), when="path LIKE '%case-studies%'", points="5",
              decay=Linear(60), per_day=2, most=25),
    Behaviour(id="docs-read", events=("page_viewed",), when="starts_with(path, '/docs') AND duration >= 60", points="2",
              decay=Step(Decimal("0.25"), 20), per_day=2, most=20),
    Behaviour(id="careers-page", events=("page_viewed",), when="path = '/careers'", points="-6", decay=HalfLife(30),
              within=90, per_day=1, least=-24),
    Behaviour(id="long-visit", events=("page_viewed",), when="duration >= 300", points="4", decay=Linear(30),
              per_day=1, most=16),
    Behaviour(id="came-from-advertising", events=("page_viewed",), when="channel IN ('ads', 'social')", points="0.5",
              within=30, per_day=5, most=10),
    Behaviour(id="email-opened", events=("email_opened",), points="1", decay=HalfLife(7), within=60, per_day=2, most=8),
    Behaviour(id="email-clicked", events=("email_clicked",), points="4", decay=HalfLife(14), within=120, per_day=2,
              most=20),
    Behaviour(id="offer-clicked", events=("email_clicked",), when="path LIKE '%offer%'", points="5", decay=HalfLife(14),
              within=120, per_day=1, most=15),
    Behaviour(id="email-bounced", events=("email_bounced",), points="-5", decay=Step(Decimal("0.2"), 30), least=-20),
    Behaviour(id="unsubscribed", events=("unsubscribed",), points="-40", within=365, least=-40),
    Behaviour(id="form-submitted", events=("form_submitted",), points="10", decay=HalfLife(30), within=180, most=40),
    Behaviour(id="contact-form", events=("form_submitted",), when="path IN ('/contact', '/contact-sales')", points="20",
              decay=HalfLife(21), within=180, per_day=1, most=40),
    Behaviour(id="large-form", events=("form_submitted",), when="value >= 1000", points="15", decay=Linear(90),
              most=30),
    Behaviour(id="demo-requested", events=("demo_requested",), points="40", decay=HalfLife(30), within=180, most=80),
    Behaviour(id="contact-requested", events=("contact_requested",), points="30", decay=Step(Decimal("0.2"), 14),
              most=60),
    Behaviour(id="trial-started", events=("trial_started",), points="35", decay=Linear(60), most=35),
    Behaviour(id="quote-viewed", events=("quote_viewed",), when="value >= 100", points="12", decay=HalfLife(14),
              within=90, per_day=2, most=48),
    Behaviour(id="webinar-registered", events=("webinar_registered",), points="8", decay=HalfLife(30), within=180,
              per_day=1, most=24),
    Behaviour(id="webinar-attended", events=("webinar_attended",), when="duration >= 1200", points="15",
              decay=HalfLife(45), within=270, per_day=1, most=45),
    Behaviour(id="video-watched", events=("video_watched",), when="duration >= 60 AND NOT channel = 'ads'", points="4",
              decay=HalfLife(14), within=90, per_day=2, most=16),
    Behaviour(id="document-downloaded", events=("document_downloaded",), points="6", decay=HalfLife(21), within=120,
              per_day=2, most=24),
    Behaviour(id="searched", events=("search_performed",), points="1", decay=HalfLife(10), within=60, per_day=3,
              most=9),
    Behaviour(id="chat-started", events=("chat_started",), points="6", decay=Linear(45), per_day=1, most=24),
    Behaviour(id="feature-used", events=("feature_used",), points="0.4", decay=HalfLife(7), within=60, per_day=5,
              most=20),
    Behaviour(id="heavy-use", events=("feature_used",), when="value >= 1000", points="3", decay=Linear(28), per_day=1,
              most=21),
    Behaviour(id="logged-in", events=("logged_in",), points="2", decay=HalfLife(10), within=45, per_day=1, most=20),
    Behaviour(id="colleague-invited", events=("invite_sent",), points="8", decay=HalfLife(30), within=180, per_day=3,
              most=32),
    Behaviour(id="integration-connected", events=("integration_connected",), points="12", within=180, per_day=1,
              most=36),
)  # fmt: skip

ALSO_IN_NO_HORIZON = {
    "email-opened": ("email_opened", "email_delivered"),
    "logged-in": ("logged_in", "session_started"),
    "searched": ("search_performed", "form_viewed"),
    "chat-started": ("chat_started", "support_ticket"),
    "came-from-advertising": ("page_viewed", "ad_clicked"),
}


def without_horizon(behaviour: Behaviour) -> Behaviour:
    """The same criterion in playbook-no-horizon.toml."""
    slower: dict[type, Decay] = {HalfLife: HalfLife(180), Linear: Linear(1000), Step: Step(Decimal("0.05"), 60)}
    return replace(
        behaviour,
        decay=slower.get(type(behaviour.decay), behaviour.decay),
        within=None,
        events=ALSO_IN_NO_HORIZON.get(behaviour.id, behaviour.events),
        when="true" if behaviour.id == "came-from-advertising" else behaviour.when,
    )


# A criterion on facts: an expression that is null when unknown, the worst and the best that it could then still give,
# and its share of the coverage.
FACTS: dict[str, tuple[str, int, int, int]] = {
    "industry": ("CASE WHEN industry IN ('software', 'industry 1') THEN 150000 WHEN industry = 'industry 2' THEN 80000 "
                 "WHEN industry IN ('industry 7', 'industry 11') THEN -100000 WHEN industry IS NOT NULL THEN 0 END",
                 -100000, 150000, 150000),
    "company-size": ("CASE WHEN employees BETWEEN 50 AND 2000 THEN 150000 WHEN employees > 2000 THEN 100000 "
                     "WHEN employees < 5 THEN -100000 WHEN employees IS NOT NULL THEN 0 END", -100000, 150000, 150000),
    "revenue": ("CASE WHEN revenue >= 10000000 THEN 80000 WHEN revenue >= 1000000 THEN 40000 "
                "WHEN revenue IS NOT NULL THEN 0 END", 0, 80000, 80000),
    "seniority": ("CASE WHEN seniority IN ('vp', 'c_level') THEN 150000 WHEN seniority = 'director' THEN 100000 "
                  "WHEN seniority = 'manager' THEN 50000 WHEN seniority IS NOT NULL THEN 0 END", 0, 150000, 150000),
    "student": ("CASE WHEN seniority = 'student' THEN -200000 WHEN seniority IS NOT NULL THEN 0 END",
                -200000, 0, 200000),
    "function": ("CASE WHEN function IN ('marketing', 'sales') THEN 100000 WHEN function IS NOT NULL THEN 0 END",
                 0, 100000, 100000),
    "core-country": ("CASE WHEN country IN ('DE', 'AT', 'CH', 'NL') THEN 100000 WHEN country IS NOT NULL THEN 0 END",
                     0, 100000, 100000),
    "other-country": ("CASE WHEN country NOT IN ('DE', 'AT', 'CH', 'NL', 'FR', 'GB', 'US') THEN -50000 "
                      "WHEN country IS NOT NULL THEN 0 END", -50000, 0, 50000),
    "head-of": ("CASE WHEN title LIKE 'Head of%' OR title LIKE 'Chief%' THEN 60000 WHEN title IS NOT NULL THEN 0 END",
                0, 60000, 60000),
    "growth-title": ("CASE WHEN contains(title, 'Growth') THEN 40000 WHEN title IS NOT NULL THEN 0 END",
                     0, 40000, 40000),
    "junior": ("CASE WHEN title LIKE 'Junior%' THEN -40000 WHEN title IS NOT NULL THEN 0 END", -40000, 0, 40000),
    "source": ("CASE WHEN lead_source IN ('referral', 'partner') THEN 80000 WHEN lead_source = 'event' THEN 40000 "
               "WHEN lead_source = 'list' THEN -30000 WHEN lead_source IS NOT NULL THEN 0 END", -30000, 80000, 80000),
    "business-address": ("CASE WHEN free_mail THEN -50000 ELSE 30000 END", 0, 0, 50000),
    "has-phone": ("CASE WHEN has_phone THEN 20000 ELSE 0 END", 0, 0, 20000),
    "no-title": ("CASE WHEN title IS NULL AND function IS NULL THEN -20000 ELSE 0 END", 0, 0, 20000),
    "paying-plan": ("CASE WHEN plan IN ('starter', 'team', 'enterprise') THEN 50000 WHEN plan IS NOT NULL THEN 0 END",
                    0, 50000, 50000),
    "growing": ("CASE WHEN growth >= 20 THEN 60000 WHEN growth >= 10 THEN 30000 WHEN growth < 0 THEN -20000 "
                "WHEN growth IS NOT NULL THEN 0 END", -20000, 60000, 60000),
    "budget": ("CASE WHEN budget_amount >= 5000 AND employees >= 5 THEN 75000 "
               "WHEN budget_amount < 5000 OR employees < 5 THEN 0 END", 0, 75000, 75000),
    "new-lead": (f"CASE WHEN DATE '{AS_OF}' - created_on BETWEEN 0 AND 29 THEN 12500 ELSE 0 END", 0, 12500, 12500),
    "contract-ends": (f"CASE WHEN DATE '{AS_OF}' - contract_end BETWEEN -90 AND 0 THEN 90000 "
                      "WHEN contract_end IS NOT NULL THEN 0 END", 0, 90000, 90000),
}  # fmt: skip


def query(leads: Path, events: Path, *, no_horizon: bool = False) -> str:
    """The whole query. It reads a table `weights`: one row for each age, one column for each criterion."""
    behaviour = [without_horizon(b) if no_horizon else b for b in BEHAVIOUR]
    names = sorted({name for b in behaviour for name in b.events})
    ids = [b.id for b in behaviour] + list(FACTS)
    counts = [f"count(*) FILTER (WHERE {_condition(b)}) AS {b.column}" for b in behaviour]
    sums = [f"CAST(sum({_limited(b)} * weights.{b.column}) AS BIGINT) AS {b.column}" for b in behaviour]
    held = [f"{_held(b)} AS {b.column}" for b in behaviour]
    facts = [f"{value} AS {_column(name)}" for name, (value, _, _, _) in FACTS.items()]
    known = [f"CASE WHEN {_column(name)} IS NULL THEN 0 ELSE {share} END" for name, (_, _, _, share) in FACTS.items()]
    in_all = sum(share for _, _, _, share in FACTS.values())
    fit = " + ".join(f"coalesce({_column(name)}, 0)" for name in FACTS)
    fit_low = " + ".join(f"coalesce({_column(name)}, {least})" for name, (_, least, _, _) in FACTS.items())
    fit_high = " + ".join(f"coalesce({_column(name)}, {most})" for name, (_, _, most, _) in FACTS.items())
    ranks = [_rank(_column(name), place) for place, name in enumerate(ids)]
    return f"""
WITH known AS (
    SELECT lead_id, event, path, value, channel, duration, epoch_us(occurred_at) AS moment
    FROM read_parquet('{events}')
    WHERE NOT is_bot AND occurred_at < TIMESTAMPTZ '{AS_OF} 23:00:00+00' AND event IN ({_texts(names)})
), aged AS (
    SELECT
        *,
        -- the day of as_of, less the local day: Berlin is one hour ahead of UTC, two in summer
        CAST(DATE '{AS_OF}' - DATE '1970-01-01' AS BIGINT)
        - (moment + CASE
            WHEN moment < 1711846800000000 THEN 3600000000  -- 2024-03-31T01:00Z
            WHEN moment < 1729990800000000 THEN 7200000000  -- 2024-10-27T01:00Z
            WHEN moment < 1743296400000000 THEN 3600000000  -- 2025-03-30T01:00Z
            WHEN moment < 1761440400000000 THEN 7200000000  -- 2025-10-26T01:00Z
            ELSE 3600000000 END) // 86400000000 AS age
    FROM known
), daily AS (
    SELECT
        lead_id, age,
        {_lines(counts)},
        count(*) FILTER (WHERE event = 'quote_viewed') AS any_quote_viewed
    FROM aged GROUP BY lead_id, age
), summed AS (
    SELECT
        lead_id,
        {_lines(sums)},
        sum(daily.demo_requested) AS demos_ever,
        sum(CASE WHEN daily.age < 30 THEN daily.pricing_page END) AS pricing_30_days,
        sum(CASE WHEN daily.age < 28 THEN daily.feature_used END) AS features_28_days,
        min(CASE WHEN any_quote_viewed > 0 THEN daily.age END) AS days_since_quote
    FROM daily JOIN weights ON weights.age = daily.age
    GROUP BY lead_id
), valued AS (
    SELECT
        CAST(leads.lead_id AS VARCHAR) AS lead_id,
        industry, country, seniority, function, contract_end, budget_amount,
        coalesce(demos_ever, 0) AS demos_ever, coalesce(pricing_30_days, 0) AS pricing_30_days,
        coalesce(features_28_days, 0) AS features_28_days, days_since_quote,
        {_lines(held)},
        {_lines(facts)}
    FROM read_parquet('{leads}') AS leads LEFT JOIN summed ON summed.lead_id = leads.lead_id
), added AS (
    SELECT
        *,
        least(greatest({fit}, 0), 1000000) AS fit,
        least(greatest({fit_low}, 0), 1000000) AS fit_low,
        least(greatest({fit_high}, 0), 1000000) AS fit_high,
        CAST({" + ".join(known)} AS BIGINT) * 10000 // {in_all} AS fit_coverage,
        greatest({" + ".join(b.column for b in behaviour)}, 0) AS engagement,
        CASE WHEN budget_amount >= 10000 THEN 'yes' WHEN budget_amount >= 5000 THEN 'partly'
            WHEN budget_amount < 1000 THEN 'no' ELSE 'unknown' END AS q_budget,
        CASE WHEN seniority IN ('vp', 'c_level') THEN 'yes' WHEN seniority = 'director' THEN 'partly'
            WHEN seniority = 'student' THEN 'no' ELSE 'unknown' END AS q_authority,
        CASE WHEN demos_ever >= 1 THEN 'yes' WHEN pricing_30_days >= 2 THEN 'partly' ELSE 'unknown' END AS q_need,
        CASE WHEN DATE '{AS_OF}' - contract_end BETWEEN -60 AND 0 THEN 'yes' WHEN days_since_quote < 30 THEN 'partly'
            ELSE 'unknown' END AS q_timeline,
        coalesce(industry = 'industry 13' AND country = 'NL', false) AS is_competitor,
        list_aggregate([{", ".join(ranks)}], 'max', 3) AS largest
    FROM valued
), graded AS (
    SELECT
        *,
        CASE WHEN fit >= 600000 THEN 'A' WHEN fit >= 400000 THEN 'B' WHEN fit >= 200000 THEN 'C'
            ELSE 'D' END AS fit_grade,
        CASE WHEN engagement >= 800000 THEN '1' WHEN engagement >= 400000 THEN '2' WHEN engagement >= 100000 THEN '3'
            ELSE '4' END AS engagement_grade,
        CAST(q_budget = 'yes' AS INT) + CAST(q_authority = 'yes' AS INT) + CAST(q_need = 'yes' AS INT)
            + CAST(q_timeline = 'yes' AS INT) AS answered_yes
    FROM added
), qualified AS (
    SELECT
        *,
        NOT is_competitor AND fit >= 400000 AND engagement >= 300000 AS mql,
        NOT is_competitor AND fit >= 300000 AND engagement >= 150000 AS mql_holds,
        NOT is_competitor AND engagement_grade IN ('1', '2') AND fit_grade IN ('A', 'B')
            AND features_28_days >= 5 AS pql,
        NOT is_competitor AND answered_yes >= 2 AND fit + engagement >= 600000 AS sql
    FROM graded
)
SELECT
    lead_id, '{AS_OF}' AS as_of,
    {_points("fit")} AS fit, {_points("engagement")} AS engagement, {_points("fit + engagement")} AS total,
    {_points("fit_low")} AS fit_low, {_points("fit_high")} AS fit_high, {_points("fit_coverage")} AS fit_coverage,
    {_points("engagement")} AS engagement_low, {_points("engagement")} AS engagement_high,
    {_points("10000")} AS engagement_coverage,
    {_points("fit_low + engagement")} AS total_low, {_points("fit_high + engagement")} AS total_high,
    {_points("fit_coverage")} AS total_coverage,
    fit_grade || engagement_grade AS grade,
    CASE WHEN seniority IN ('director', 'vp', 'c_level')
        THEN CASE function WHEN 'marketing' THEN 'marketing-leader' WHEN 'sales' THEN 'sales-leader' END END AS persona,
    mql, pql, sql, mql OR mql_holds AS mql_stay, pql AS pql_stay, sql AS sql_stay,
    q_budget AS budget, q_authority AS authority, q_need AS need, q_timeline AS timeline,
    CASE WHEN is_competitor THEN 'competitor' END AS excluded_by,
    concat_ws(' ', {", ".join(_reason(f"largest[{n}]", ids) for n in (1, 2, 3))}) AS reasons,
    {_lines([f'{_points(f"coalesce({_column(name)}, 0)")} AS "c_{name}"' for name in ids], indent=4)}
FROM qualified
"""


def _condition(behaviour: Behaviour) -> str:
    named = f"event IN ({_texts(behaviour.events)})"
    return named if behaviour.when == "true" else f"{named} AND {behaviour.when}"


def _limited(behaviour: Behaviour) -> str:
    return f"least(daily.{behaviour.column}, {behaviour.per_day})" if behaviour.per_day else f"daily.{behaviour.column}"


def _held(behaviour: Behaviour) -> str:
    value = f"coalesce({behaviour.column}, 0)"
    if behaviour.most is not None:
        value = f"least({value}, {behaviour.most * 10_000})"
    return value if behaviour.least is None else f"greatest({value}, {behaviour.least * 10_000})"


def _column(name: str) -> str:
    return ("f_" if name in FACTS else "") + name.replace("-", "_")


def _points(units: str) -> str:
    """Ten-thousandths as a decimal with four places: no division, the same digits read otherwise."""
    return f"CAST(CAST({units} AS DECIMAL(14, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS DECIMAL(18, 4))"


def _rank(column: str, place: int) -> str:
    """A number that is greater for a larger contribution, then for an earlier one; its last bit is the sign."""
    return f"CASE WHEN {column} <> 0 THEN (abs({column}) * 64 + {63 - place}) * 2 + CAST({column} < 0 AS BIGINT) END"


def _reason(rank: str, ids: list[str]) -> str:
    points = _points(f"CASE WHEN {rank} % 2 = 1 THEN -({rank} // 128) ELSE {rank} // 128 END")
    return f"[{_texts(ids)}][64 - {rank} // 2 % 64] || ':' || CAST({points} AS VARCHAR)"


def _texts(values: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _lines(parts: list[str], indent: int = 8) -> str:
    return (",\n" + " " * indent).join(parts)


def run(leads: Path, events: Path, out: Path, *, no_horizon: bool = False, threads: int = 2) -> None:
    """Score all leads and write the result."""
    database = duckdb.connect()
    database.execute(f"SET threads = {threads}")
    behaviour = [without_horizon(b) if no_horizon else b for b in BEHAVIOUR]
    tables = [weight_table(Decimal(b.points), b.decay, b.within) for b in behaviour]
    columns = "".join(f", {b.column} BIGINT" for b in behaviour)
    rows = ", ".join(f"({', '.join([str(age), *(str(table.at(age)) for table in tables)])})" for age in range(AGES))
    database.execute(f"CREATE TABLE weights (age BIGINT{columns}); INSERT INTO weights VALUES {rows}")
    database.execute(f"COPY ({query(leads, events, no_horizon=no_horizon)}) TO '{out}' (FORMAT parquet)")


if __name__ == "__main__":
    data = generate(float(sys.argv[1]))
    run(data.leads, data.events, Path(sys.argv[2]), no_horizon="--no-horizon" in sys.argv)
