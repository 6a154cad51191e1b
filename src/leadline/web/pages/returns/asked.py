"""What the address of the page asks for: which period, taken apart by what, and which hand-offs are listed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from leadline.engine.problems import suggest
from leadline.web.handoff.figures.behind import Shown
from leadline.web.handoff.figures.periods import FIRST_DAY, LAST_DAY, MOST_DAYS, Period, last_weeks
from leadline.web.handoff.figures.tally import BREAKDOWNS

WEEKS = (4, 13)
LONGEST = 200
SORTS = ("number", "share")
"""By what the lines are sorted: the most frequent first, or the least accepted."""
NAMES = ("weeks", "from", "to", "by", "show", "of", "sort")
"""What an address says, each in at most so many letters."""
_SAID = 60
"""So many letters of what is not known are said again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. weeks: how many up to today; None: from one day to another. problems: why it is not what was written."""

    period: Period
    weeks: int | None
    by: str
    shown: Shown | None
    problems: Sequence[str] = ()
    sort: str = SORTS[0]

    @property
    def of_period(self) -> dict[str, str]:
        """The part of an address that says the period."""
        if self.weeks is not None:
            return {"weeks": str(self.weeks)} if self.weeks != WEEKS[-1] else {}
        return {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}

    @property
    def sorted(self) -> dict[str, str]:
        """The part of an address that says how lines are sorted."""
        return {} if self.sort == SORTS[0] else {"sort": self.sort}

    def link(self, *, by: str | None = None, sort: str | None = None) -> str:
        """Return the query of this page, taken apart by something else, or sorted by something else."""
        order = self if sort is None else replace(self, sort=sort)
        return "?" + urlencode({**self.of_period, "by": by or self.by, **order.sorted})

    @property
    def by_number(self) -> str:
        """The query of this page with the most frequent line first."""
        return self.link(sort="number")

    @property
    def by_share(self) -> str:
        """The query of this page with the least accepted line first."""
        return self.link(sort="share")

    def to(self, show: str, *, by: str = "", key: str = "") -> str:
        """Return the address on this page of the hand-offs behind a number, taken apart by the same."""
        part = {"of": key} if by else {}
        return "?" + urlencode({**self.of_period, "by": self.by, **self.sorted, **part, "show": show}) + "#behind"


def read_asked(given: Mapping[str, str], today: date, zone: ZoneInfo) -> Asked:
    """Return what an address asks for; where it says nothing or nonsense, the usual: 13 weeks, by criterion. Nonsense is told."""
    found, sort = _read(given, today, zone), given.get("sort", "").replace("\0", "")[:LONGEST]
    if sort in ("", *SORTS):
        return replace(found, sort=sort or SORTS[0])
    problem = f"Lines cannot be sorted by “{sort[:_SAID]}”.{suggest(sort[:_SAID], SORTS)} They are sorted by number."
    return replace(found, problems=[*found.problems, problem])


def _read(given: Mapping[str, str], today: date, zone: ZoneInfo) -> Asked:
    values = {name: given.get(name, "").replace("\0", "")[:LONGEST] for name in NAMES}
    by = values["by"] if values["by"] in BREAKDOWNS else BREAKDOWNS[0]
    shown, problems = _shown(values, given.get("of"), by)
    if values["by"] not in ("", by):
        said = values["by"][:_SAID]
        problems.insert(
            0, f"There is no “{said}” to take hand-offs apart by.{suggest(said, BREAKDOWNS)} They are shown by {by}."
        )
    weeks = next((one for one in WEEKS if values["weeks"] == str(one)), WEEKS[-1])
    usual = last_weeks(today, weeks, zone)
    if not (values["from"] or values["to"]):
        if values["weeks"] not in ("", str(weeks)):
            choices = " or ".join(map(str, WEEKS))
            said = values["weeks"][:_SAID]
            problems.append(f"“{said}” is no number of weeks to choose: {choices}. The last {weeks} weeks are shown.")
        return Asked(usual, weeks, by, shown, problems)
    try:
        first = date.fromisoformat(values["from"])
        last = date.fromisoformat(values["to"]) if values["to"] else today
    except ValueError:
        problem = "That is no period: give both days, such as 2026-03-01 and 2026-03-31."
        return Asked(usual, weeks, by, shown, [*problems, problem])
    if not FIRST_DAY <= first <= last <= LAST_DAY:
        problem = "That is no period: it ends before it begins, or is very far away."
        return Asked(usual, weeks, by, shown, [*problems, problem])
    if (last - first).days >= MOST_DAYS:
        first = last - timedelta(days=MOST_DAYS - 1)
        problems.append(f"At most {MOST_DAYS // 7} weeks are shown at once: the last {MOST_DAYS // 7} of them are.")
    return Asked(Period(first, last, zone), None, by, shown, problems)


def _shown(values: Mapping[str, str], key: str | None, by: str) -> tuple[Shown | None, list[str]]:
    """Return which hand-offs are to be listed, and what is wrong with how they are named. A part of what is not known has none."""
    if key is not None and values["by"] not in ("", by):
        return None, ["So no hand-offs are listed."] if values["show"] else []
    found = Shown.read(values["show"], by if key is not None else "", (key or "").replace("\0", ""))
    if found is None and values["show"]:
        return None, [f"“{values['show'][:_SAID]}” names no number of this page, so no hand-offs are listed."]
    return found, []
