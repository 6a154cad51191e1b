"""Leads with eventful weeks: many spells that begin and end in every way there is, from one seed.

What hypothesis draws freely in histories.py is odd but mostly quiet. Here a random generator writes playbooks whose thresholds are in
reach and logs in which much happens at once: on the first instant of days, in one microsecond, late, twice.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st
from tests.strategies import Scenario
from tests.strategies.histories import Past
from tests.strategies.tables import Rows

from leadline.engine.calendar import day_number, get_zone
from leadline.engine.compiler.plan import make_plan
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.reference.infer import infer_catalog
from leadline.engine.reference.read import read_logs

HOUR_US = 3_600_000_000
LAST_DAY = date(2026, 4, 10)
"""Some days after clocks go forward in Europe."""


@dataclass
class _Writer:
    """Writes one playbook and its log."""

    random: Random
    zone: str
    lead_count: int

    def playbook(self) -> str:
        pick = self.random.choice
        heat, stay = pick((10, 15, 20)), pick((4, 5, 9))
        stages = pick(("", _STAGES))
        return f"""
[playbook]
name = "busy"
timezone = "{self.zone}"
grade = ["fit", "heat"]
needs_consent = {pick(("false", "false", "true"))}
[sources]
rank = ["person", "crm"]
[fields]
seniority = {{ type = "text" }}
employees = {{ type = "number" }}
renewal = {{ type = "date" }}
is_blocked = {{ type = "boolean" }}
tags = {{ type = "list", separator = ";" }}
"company.industry" = {{ type = "text" }}
[events]
viewed = {{ properties = {{ path = "text", amount = "number" }} }}
used = {{}}
left = {{}}
demo = {{}}
quit = {{}}
other = {{}}
[scores.fit]
min = 0
grades = {{ A = 20, B = 10, C = 0 }}
[scores.heat]
min = {pick(("0", "-10"))}
max = {pick(("40", "100"))}
grades = {{ 1 = {heat}, 2 = 5, 3 = 0 }}
[scores.all]
sum_of = ["fit", "heat"]
[[criteria]]
id = "vp"
score = "fit"
why = "w"
choose = [{{ when = "seniority in ('vp', 'cxo')", points = 10 }}, {{ when = "seniority = 'director' or has(tags, 'hot')", points = 5 }}]
[[criteria]]
id = "size"
score = "fit"
why = "w"
when = "employees between 10 and 100 and company.industry <> 'farming'"
points = {pick((5, 10))}
[[criteria]]
id = "renews"
score = "fit"
why = "w"
when = "days_since(renewal) between -5 and {pick((3, 8))}"
points = 5
[[criteria]]
id = "often"
score = "fit"
why = "w"
when = "count('used', '{pick((3, 7))}d') >= 2 and active_days('*', '5d') >= 2"
points = 5
[[criteria]]
id = "views"
score = "heat"
why = "w"
event = "viewed"
when = "{pick((_PRICES, "amount > 2 or path is null"))}"
points = 10
decay = {{ {pick(('half_life = "3d"', 'linear = "8d"', 'step = { drop = 0.3, every = "3d" }'))} }}
limit = {{ count = {pick((1, 2))}, per = "{pick(("day", "week", "month", "ever"))}" }}
max = {pick((20, 35))}
[[criteria]]
id = "uses"
score = "heat"
why = "w"
event = ["used", "demo"]
points = 4
within = "{pick((4, 9))}d"
[[criteria]]
id = "leaves"
score = "heat"
why = "w"
event = "left"
points = -12
decay = {{ linear = "6d" }}
min = -15
[[criteria]]
id = "silent"
score = "heat"
why = "w"
inactive_for = "{pick((2, 5))}d"
points = {pick((-3, -2, 1))}
min = {pick((-9, -4))}
max = 2
[[resets]]
event = "quit"
scores = ["heat"]
[questions.money]
ask = "?"
yes = "employees >= 50"
partly = "employees >= 20"
[[exclusions]]
id = "blocked"
when = "{pick(("is_blocked", "is_blocked or days_since(renewal) between 1 and 3"))}"
[[qualifications]]
id = "mql"
enter = "fit >= 10 and heat >= {heat}"
stay = "{pick((f"heat >= {stay}", f"fit >= 5 and heat > {stay}", f"heat > 1 and heat < {heat}"))}"
hand_raise = ["demo"]
{pick(("", f'hand_raise_stay = "{pick((1, 3))}d"'))}
{pick(("", f'cooldown = "{pick((2, 6))}d"'))}
[[qualifications]]
id = "pql"
enter = "{pick(("count('used', '4d') >= 2", "days_since('used') < 3 and heat.grade <> '3'", "spells('mql') >= 1 and heat > 5"))}"
[[qualifications]]
id = "sql"
enter = "decision = 'accepted' and answered_yes >= 1 or deal = 'opportunity' and days_since_outcome('opportunity') < 4"
{pick(("", 'hand_raise = ["demo", "used"]'))}
[outcomes.recycled]
reset = ["heat"]
{pick(("", 'quiet = "3d"'))}
[[outcomes.recycled.reasons]]
id = "later"
quiet = "{pick((1, 5))}d"
[[outcomes.recycled.reasons]]
id = "call-us"
returns = "hand_raise"
reset = []
[[outcomes.recycled.reasons]]
id = "never"
returns = "never"
reset = {pick(('["fit", "heat"]', '["fit"]'))}
[[outcomes.rejected.reasons]]
id = "later"
reset = ["heat"]
[outcomes.snoozed]
ends = {pick(("true", "false"))}
quiet = "2d"
{stages}
"""

    def moment(self) -> datetime:
        zone = get_zone(self.zone)
        day = day_number(LAST_DAY) - self.random.randrange(0, 34)
        inside = self.random.choice((0, 0, 1, -1, 9 * HOUR_US, self.random.randrange(0, 24) * HOUR_US))
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=zone.first_instant(day) + inside)

    def arrival(self, moment: datetime) -> str | None:
        kind = self.random.randrange(6)
        if kind < 3:
            return None
        return (moment + timedelta(hours=self.random.choice((0, 1, 30, 100, 300)))).isoformat()

    def tables(self) -> dict[str, Rows]:
        pick, leads = self.random.choice, [f"lead-{number}" for number in range(self.lead_count)]
        shared = [self.moment() for _ in range(3)]

        def moment() -> datetime:
            return pick(shared) if self.random.randrange(4) == 0 else self.moment()

        found: dict[str, Rows] = {"leads": [], "companies": [], "events": [], "facts": [], "outcomes": []}
        for lead in leads:
            row: dict[str, Any] = {
                "lead_id": lead,
                "company_id": pick(("acme", "umbra", None)),
                "seniority": pick(("vp", "VP ", "director", None)),
                "employees": pick((5, 15, 60, None)),
                "renewal": (LAST_DAY - timedelta(days=self.random.randrange(-8, 25))).isoformat(),
                "tags": pick(("hot;new", None)),
                "is_blocked": pick((None, "false")),
                "created_at": pick((None, self.moment().isoformat())),
                "consent.scoring": pick(("yes", "yes", None)),
            }
            found["leads"].append({name: None if cell is None else str(cell) for name, cell in row.items()})
            for _ in range(self.random.choice((0, 3, 12, 25))):
                at = moment()
                event: dict[str, Any] = {
                    "lead_id": lead,
                    "event": pick(("viewed", "viewed", "viewed", "used", "used", "left", "demo", "quit", "other")),
                    "occurred_at": at.isoformat(),
                    "received_at": self.arrival(at),
                    "event_id": pick((None, None, f"e{self.random.randrange(40)}")),
                    "is_bot": pick((None, None, None, None, "true")),
                    "path": pick(("/pricing", "/", None)),
                    "amount": pick(("1", "3", None)),
                }
                found["events"].append(event)
            for _ in range(self.random.choice((0, 1, 3, 5))):
                at = moment()
                outcome: dict[str, Any] = {
                    "lead_id": lead,
                    "outcome": pick(_OUTCOMES),
                    "at": at.isoformat(),
                    "reason": pick((None, "later", "Call-Us", "never", "odd")),
                    "qualification": pick((None, None, "mql", "pql")),
                    "recorded_at": self.arrival(at),
                }
                found["outcomes"].append(outcome)
            for _ in range(self.random.choice((0, 2, 6))):
                found["facts"].append(self.fact(lead, None, moment()))
        for company in ("acme", "umbra"):
            found["companies"].append({"company_id": company, "industry": pick(("software", "farming", None))})
            if pick((True, False)):
                found["facts"].append(self.fact(None, company, moment()))
        return {name: rows for name, rows in found.items() if rows or name == "leads"}

    def fact(self, lead: str | None, company: str | None, at: datetime) -> dict[str, Any]:
        values: dict[str, tuple[str, ...]] = {
            "seniority": ("vp", "director", ""),
            "employees": ("5", "30", "80"),
            "is_blocked": ("true", "false"),
            "questions.money": ("yes", "no", ""),
            "consent.scoring": ("yes", "no"),
            "shoe size": ("44",),
        }
        name = "industry" if lead is None else self.random.choice(sorted(values))
        return {
            "lead_id": lead,
            "company_id": company,
            "field": name,
            "value": self.random.choice(("farming", "software") if lead is None else values[name]),
            "known_at": at.isoformat(),
            "source": self.random.choice((None, "crm", "person")),
            "recorded_at": self.arrival(at),
        }


_PRICES = "starts_with(path, '/pri')"
_OUTCOMES = (
    "accepted", "accepted", "rejected", "recycled", "recycled", "disqualified", "bad_data", "reinstated", "reinstated",
    "opportunity", "won", "lost", "churned", "evangelist", "snoozed",
)  # fmt: skip
_STAGES = """
[[stages]]
id = "lead"
[[stages]]
id = "ready"
while = "mql"
[[stages]]
id = "deal"
since = "opportunity"
until = ["won", "lost"]
[[stages]]
id = "mine"
since = "won"
until = ["churned", "won"]
"""


def write_past(seed: int, *, leads: int = 2) -> Past:
    """Return an eventful past, the same for the same seed."""
    random = Random(seed)
    zone = random.choice(("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"))
    writer = _Writer(random, zone, leads)
    scenario = Scenario(writer.playbook(), writer.tables(), LAST_DAY.isoformat())
    playbook, _ = read_playbook(scenario.playbook)
    bound, _ = bind_playbook(playbook, infer_catalog(playbook, scenario.tables))
    until = get_zone(zone).end_of_day(day_number(LAST_DAY) + random.choice((0, 0, 4)))
    logs = read_logs(bound, scenario.tables).logs
    return Past(bound, make_plan(bound), logs, until, scenario, name=f"write_past({seed}, leads={leads})")


def busy_pasts(*, leads: int = 2) -> st.SearchStrategy[Past]:
    """Draw eventful pasts."""
    return st.integers(0, 2**31).map(lambda seed: write_past(seed, leads=leads))
