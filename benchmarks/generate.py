"""Make the leads and events that the benchmark scores: seeded, skewed, written once and kept.

    python -m benchmarks.generate 1 0.1 0.01

writes benchmarks/.data/size-1/leads.parquet and events.parquet, and so on. Size 1 is one million leads
and fifty million events over two years. The same size always gives the same rows.

The log has the shape of a real one, because the shape decides what is fast:

- Activity is skewed: a lead's activity is log-normal, so the heaviest has some hundred times the mean.
- Events come in visits of three on average, so that most (lead, day) pairs have several.
- The file is in the order in which a log is written, by time. Hence one lead's events are scattered over all
  row groups, text columns are dictionary-encoded, and a row group spans a few days.
- Two events in a hundred are a bot's, one in two hundred belongs to no known lead, and the last day lies after AS_OF.
- Facts and properties are missing as often as they are in a CRM.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.moment import AS_OF as AS_OF

FULL_LEADS = 1_000_000
FULL_EVENTS = 50_000_000
DATA = Path(__file__).parent / ".data"

FIRST_SECOND = 1_704_067_200  # 2024-01-01T00:00:00Z
DAYS = 731
ROW_GROUP = 1_000_000

# Event names with their share of all events, in ten-thousandths.
EVENT_SHARES = {
    "page_viewed": 4490,
    "email_opened": 1400,
    "email_delivered": 1200,
    "feature_used": 900,
    "session_started": 550,
    "logged_in": 450,
    "email_clicked": 350,
    "search_performed": 150,
    "video_watched": 90,
    "ad_clicked": 80,
    "document_downloaded": 70,
    "form_viewed": 60,
    "form_submitted": 40,
    "chat_started": 30,
    "email_bounced": 30,
    "support_ticket": 30,
    "invite_sent": 20,
    "webinar_registered": 15,
    "quote_viewed": 10,
    "integration_connected": 10,
    "webinar_attended": 8,
    "trial_started": 5,
    "unsubscribed": 5,
    "demo_requested": 4,
    "contact_requested": 3,
}
WITH_PATH = ("page_viewed", "email_clicked", "form_viewed", "form_submitted", "document_downloaded")
WITH_DURATION = ("page_viewed", "video_watched", "webinar_attended", "session_started")
WITH_VALUE = ("form_submitted", "quote_viewed", "feature_used")
CHANNELS = ("organic", "direct", "email", "ads", "social", "referral", "partner", "chat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Where the two files of one size are."""

    size: float
    leads: Path
    events: Path


def generate(size: float, *, seed: int = 7, into: Path = DATA, events_factor: int = 1) -> Dataset:
    """Write the files of *size* (1, 0.1, 0.01, …) unless they are there already, and say where.

    Args:
        size: share of the full million leads and fifty million events.
        seed: another seed gives other rows.
        into: the directory that keeps all sizes; it is not under version control.
        events_factor: this many times the events, for the same leads.
    """
    name = f"size-{size:g}" + (f"-events-{events_factor}x" if events_factor > 1 else "")
    folder = into / name
    made = Dataset(size=size, leads=folder / "leads.parquet", events=folder / "events.parquet")
    if made.events.exists():
        return made
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.Generator(np.random.PCG64(seed))
    lead_ids = _write_leads(made.leads, random, n_leads=round(FULL_LEADS * size))
    unfinished = made.events.with_suffix(".unfinished")
    _write_events(unfinished, random, lead_ids, n_events=round(FULL_EVENTS * size) * events_factor)
    unfinished.rename(made.events)
    return made


def _write_leads(path: Path, random: np.random.Generator, *, n_leads: int) -> np.ndarray:
    """Write one row a lead with fifteen facts, and return the ids (increasing, with gaps)."""
    lead_ids = np.cumsum(random.integers(1, 4, n_leads)).astype(np.int64)
    titles = [f"{rank} {field}" for rank in ("Head of", "VP", "Director", "Junior", "Chief") for field in _fields()]

    def text(values: list[str] | tuple[str, ...], missing: float) -> pa.Array:
        shares = 1.0 / np.arange(1, len(values) + 1)
        picked = random.choice(len(values), n_leads, p=shares / shares.sum()).astype(np.int32)
        column = pa.DictionaryArray.from_arrays(
            pa.array(picked, mask=random.random(n_leads) < missing), pa.array(values)
        )
        return column.cast(pa.string())

    def number(values: np.ndarray, missing: float) -> pa.Array:
        return pa.array(values, mask=random.random(n_leads) < missing)

    def date(first: int, last: int, missing: float) -> pa.Array:
        days = (FIRST_SECOND // 86_400 + random.integers(first, last, n_leads)).astype(np.int32)
        return pa.array(days, type=pa.date32(), mask=random.random(n_leads) < missing)

    columns = {
        "lead_id": pa.array(lead_ids),
        "industry": text([f"industry {n}" if n else "software" for n in range(20)], 0.10),
        "country": text(["DE", "US", "FR", "AT", "GB", "CH", "NL", "ES", "IT", "PL", "SE", "DK", "IN", "BR"], 0.05),
        "seniority": text(["individual", "manager", "director", "vp", "c_level", "student"], 0.20),
        "function": text(["engineering", "marketing", "sales", "finance", "operations", "people"], 0.20),
        "lead_source": text(["website", "event", "partner", "list", "referral", "outbound"], 0.02),
        "title": text(titles, 0.25),
        "plan": text(["free", "trial", "starter", "team", "enterprise"], 0.40),
        "employees": number(np.exp(random.normal(4.5, 1.8, n_leads)).astype(np.int64) + 1, 0.15),
        "revenue": number(np.round(np.exp(random.normal(14, 2, n_leads)), 2), 0.30),
        "budget_amount": number(np.round(np.exp(random.normal(8.5, 1.2, n_leads)), -1), 0.60),
        "growth": number(np.round(random.normal(8, 15, n_leads), 1), 0.35),
        "free_mail": pa.array(random.random(n_leads) < 0.3, mask=random.random(n_leads) < 0.01),
        "has_phone": pa.array(random.random(n_leads) < 0.5, mask=random.random(n_leads) < 0.10),
        "created_on": date(-200, DAYS - 1, 0.0),
        "contract_end": date(400, DAYS + 400, 0.70),
    }
    pq.write_table(pa.table(columns), path, row_group_size=122_880, compression="snappy")
    return lead_ids


def _fields() -> list[str]:
    """What people are head of: enough that titles are a few hundred values."""
    return [f"{area} {part}" for area in ("Data", "Growth", "Product", "IT", "Brand") for part in range(1, 13)]


def _paths() -> list[str]:
    """A few hundred paths of a website; those that the playbook names are not the most read ones."""
    pages = ["/", "/product", "/blog", "/docs", "/pricing", "/about", "/careers", "/contact", "/contact-sales"]
    pages.append("/login")
    pages += [f"/blog/post-{n}" for n in range(120)] + [f"/docs/chapter-{n}" for n in range(80)]
    pages += [f"/product/part-{n}" for n in range(30)] + [f"/case-studies/firm-{n}" for n in range(40)]
    pages += [f"/pricing/plan-{n}" for n in range(6)] + [f"/offers/offer-{n}" for n in range(20)]
    return pages


def _write_events(path: Path, random: np.random.Generator, lead_ids: np.ndarray, *, n_events: int) -> None:
    """Write the log in the order of time, one row group after another."""
    leads, starts = _visits(random, lead_ids, n_visits=n_events // 3 + 1)
    sizes = random.geometric(1 / 3, len(leads)).astype(np.int64)
    ends = np.cumsum(sizes)
    while ends[-1] < n_events:  # the sizes are random: a few visits more, of the last day
        sizes[-1] += n_events - ends[-1]
        ends = np.cumsum(sizes)
    names = pa.array(list(EVENT_SHARES))
    shares = np.array(list(EVENT_SHARES.values()), dtype=float)
    of_name = np.cumsum(shares / shares.sum())
    paths = pa.array(_paths())
    path_shares = 1.0 / np.sqrt(np.arange(1, len(paths) + 1))
    of_path = np.cumsum(path_shares / path_shares.sum())
    writer: pq.ParquetWriter | None = None
    for first in range(0, n_events, ROW_GROUP):
        n = min(ROW_GROUP, n_events - first)
        visit = np.searchsorted(ends, np.arange(first, first + n), side="right")
        rank_in_visit = np.arange(first, first + n) - (ends[visit] - sizes[visit])
        seconds = starts[visit] + rank_in_visit * 90 + random.integers(0, 90, n)
        order = np.argsort(seconds, kind="stable")
        visit, seconds = visit[order], seconds[order]
        name = np.minimum(np.searchsorted(of_name, random.random(n)), len(names) - 1).astype(np.int8)
        page = np.minimum(np.searchsorted(of_path, random.random(n)), len(paths) - 1).astype(np.int16)
        has_path, has_duration, has_value = (_is_one_of(name, some) for some in (WITH_PATH, WITH_DURATION, WITH_VALUE))
        table = pa.table({
            "event_id": pa.array(np.arange(first + 1, first + n + 1)),
            "lead_id": pa.array(leads[visit]),
            "event": pa.DictionaryArray.from_arrays(pa.array(name), names),
            "occurred_at": pa.array(seconds * 1_000_000 + random.integers(0, 1_000_000, n), pa.timestamp("us", "UTC")),
            "path": pa.DictionaryArray.from_arrays(pa.array(page, mask=~has_path), paths),
            "value": pa.array(np.round(np.exp(random.normal(5, 2.5, n)), 2), mask=~has_value),
            "channel": pa.DictionaryArray.from_arrays(
                pa.array(np.minimum(random.geometric(0.35, n) - 1, 7).astype(np.int8), mask=random.random(n) < 0.1),
                pa.array(CHANNELS),
            ),
            "duration": pa.array(
                random.exponential(80, n).astype(np.int32) * np.where(name == 0, 1, 20), mask=~has_duration
            ),
            "is_bot": pa.array(random.random(n) < 0.02),
        })  # fmt: skip
        writer = writer or pq.ParquetWriter(path, table.schema, compression="snappy")
        writer.write_table(table, row_group_size=ROW_GROUP)
    assert writer is not None, "there are always some events"
    writer.close()


def _is_one_of(name: np.ndarray, some: tuple[str, ...]) -> np.ndarray:
    positions = [list(EVENT_SHARES).index(event) for event in some]
    return np.isin(name, positions)


def _visits(random: np.random.Generator, lead_ids: np.ndarray, *, n_visits: int) -> tuple[np.ndarray, np.ndarray]:
    """Whose visit it was and when it began, in the order of time.

    Each lead has a number of tickets, and each visit draws one. Most leads become known within the two years, and are
    more active soon after than later.
    """
    activity = np.exp(random.normal(0, 1.2, len(lead_ids)))
    tickets = np.repeat(np.arange(len(lead_ids)), np.ceil(activity * 6 / activity.mean()).astype(np.int64))
    who = tickets[random.integers(0, len(tickets), n_visits)]
    seconds_in_all = DAYS * 86_400 - 7_200
    known_from = np.maximum(random.uniform(-0.5, 0.95, len(lead_ids)), 0) * seconds_in_all
    day = (known_from[who] + (seconds_in_all - known_from[who]) * random.random(n_visits) ** 1.5) // 86_400
    starts = (day * 86_400 + random.triangular(5, 13, 23.5, n_visits) * 3_600).astype(np.int64)
    order = np.argsort(starts, kind="stable")
    leads = lead_ids[who[order]]
    strangers = random.random(n_visits) < 0.005
    leads[strangers] += lead_ids[-1]
    return leads, FIRST_SECOND + starts[order]


if __name__ == "__main__":
    for argument in sys.argv[1:] or ["0.01"]:
        size, _, factor = argument.partition("x")  # 0.125x8: eight times the events of these leads
        data = generate(float(size), events_factor=int(factor or 1))
        print(data.events, f"{data.events.stat().st_size / 1e6:.0f} MB")
