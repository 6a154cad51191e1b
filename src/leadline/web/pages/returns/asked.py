"""What the address of the page asks for: which period, taken apart by what, and which hand-offs are listed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from leadline.web.handoff.figures.behind import Shown
from leadline.web.handoff.figures.periods import FIRST_DAY, LAST_DAY, MOST_DAYS, Period, last_weeks
from leadline.web.handoff.figures.tally import BREAKDOWNS

WEEKS = (4, 13)
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. weeks: how many up to today; None: from one day to another. problem: why it is not what was written."""

    period: Period
    weeks: int | None
    by: str
    shown: Shown | None
    problem: str = ""

    @property
    def of_period(self) -> dict[str, str]:
        """The part of an address that says the period."""
        if self.weeks is not None:
            return {"weeks": str(self.weeks)} if self.weeks != WEEKS[-1] else {}
        return {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}

    def link(self, *, by: str | None = None) -> str:
        """Return the query of this page, taken apart by something else."""
        return "?" + urlencode({**self.of_period, "by": by or self.by})

    def to(self, show: str, *, by: str = "", key: str = "") -> str:
        """Return the address on this page of the hand-offs behind a number, taken apart by the same."""
        part = {"of": key} if by else {}
        return "?" + urlencode({**self.of_period, "by": self.by, **part, "show": show}) + "#behind"


def read_asked(given: Mapping[str, str], today: date, zone: ZoneInfo) -> Asked:
    """Return what an address asks for; where it says nothing or nonsense, the usual: 13 weeks, by criterion."""
    values = {name: given.get(name, "").replace("\0", "")[:_LONGEST] for name in ("weeks", "from", "to", "by", "show")}
    by = values["by"] if values["by"] in BREAKDOWNS else BREAKDOWNS[0]
    key = given.get("of")
    shown = Shown.read(values["show"], by if key is not None else "", (key or "").replace("\0", ""))
    weeks = next((one for one in WEEKS if values["weeks"] == str(one)), WEEKS[-1])
    usual = last_weeks(today, weeks, zone)
    if not (values["from"] or values["to"]):
        return Asked(usual, weeks, by, shown)
    try:
        first = date.fromisoformat(values["from"])
        last = date.fromisoformat(values["to"]) if values["to"] else today
    except ValueError:
        return Asked(usual, weeks, by, shown, "That is no period: give both days, such as 2026-03-01 and 2026-03-31.")
    if not FIRST_DAY <= first <= last <= LAST_DAY:
        return Asked(usual, weeks, by, shown, "That is no period: it ends before it begins, or is very far away.")
    problem = ""
    if (last - first).days >= MOST_DAYS:
        first = last - timedelta(days=MOST_DAYS - 1)
        problem = f"At most {MOST_DAYS // 7} weeks are shown at once: the last {MOST_DAYS // 7} of them are."
    return Asked(Period(first, last, zone), None, by, shown, problem)
