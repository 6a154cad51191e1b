"""Feeds the function that source.py writes: adds up a lead's rows of the roll-up, then assesses."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from leadline.engine.arithmetic import points_text
from leadline.engine.calendar import AsOf, bucket_of
from leadline.engine.compiler.plan import Counted, Days, LastDay, Plan, Points
from leadline.engine.expressions.evaluate import matches
from leadline.engine.expressions.nodes import Value
from leadline.engine.online.source import write_source
from leadline.engine.playbook.check import output_columns

Row = tuple[int, int, int]
"""Key of a signal, day, how often."""

_POINTS, _BUCKETS, _COUNT, _DAYS, _LAST = range(5)
_NO_HISTORY = (None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadState:
    """What is known of a lead at the moment of its assessment.

    fields:       values in the order of `OnlineAssessor.fields`, canonical, None for missing.
    rows:         the lead's rows of the roll-up up to the moment, in day order.
    wiped_days:   for each of the plan's wipes the day of the last one, or None.
    after_wipe:   for each wipe, rows of its day that came after it (the roll-up holds whole days only).
    decision, reason, deal: of the latest outcomes. outcome_days: the last day of each of the plan's outcomes, or None.
    ended_spells: for each of the plan's *spells* how many had ended before the moment.
    """

    fields: Sequence[Value | None]
    rows: Iterable[Row] = ()
    wiped_days: Sequence[int | None] = ()
    after_wipe: Sequence[Iterable[Row]] = ()
    decision: str | None = None
    reason: str | None = None
    deal: str | None = None
    outcome_days: Sequence[int | None] = ()
    ended_spells: Sequence[int] = ()


class OnlineAssessor:
    """Assesses single leads by one plan at one moment.

    >>> from leadline.engine.playbook.load import read_playbook
    >>> from leadline.engine.playbook.check import bind_playbook
    >>> from leadline.engine.compiler.plan import make_plan
    >>> playbook, _ = read_playbook('''
    ... [playbook]
    ... name = "small"
    ... [scores.fit]
    ... [[criteria]]
    ... id = "vp"
    ... score = "fit"
    ... why = "Can decide"
    ... when = "seniority = 'vp'"
    ... points = 20
    ... ''')
    >>> plan = make_plan(bind_playbook(playbook)[0])
    >>> assessor = OnlineAssessor(plan, AsOf(20_000, 0, "2024-10-04"))
    >>> assessor.assess(LeadState(fields=["vp"]))["fit"]
    200000
    """

    def __init__(self, plan: Plan, as_of: AsOf) -> None:
        self.plan = plan
        self.as_of = as_of
        self.fields = (*plan.lead_fields, *plan.company_fields)
        playbook = plan.playbook
        self.columns = output_columns(playbook)[2:-1]
        self._criteria = [criterion.id for criterion in playbook.criteria]
        namespace: dict[str, Any] = {"matches": matches}
        exec(compile(write_source(plan), "<plan>", "exec"), namespace)
        self._assess: Callable[..., Any] = namespace["assess"]
        self._empty: list[int | None] = [None if isinstance(one, LastDay) else 0 for one in plan.features]
        self._plain: dict[int, tuple[tuple[int, int, int, Sequence[int], int], ...]] = {}
        self._wiped: list[dict[int, tuple[tuple[int, int, int, Sequence[int], int], ...]]] = [{} for _ in plan.wipes]
        self._fill_actions()

    def _fill_actions(self) -> None:
        """List for each signal what a row of it does: kind, feature, a number, weights, worth after their end."""
        zone, today = self.plan.playbook.timezone, self.as_of.day
        for index, feature in enumerate(self.plan.features):
            tally = self.plan.tallies[feature.tally]
            key = self.plan.signals[tally.signal].key(zone)
            table: Sequence[int] = ()
            match feature:
                case Points(_, _, weights, limit):
                    kind = _BUCKETS if limit is not None and limit.per != "day" else _POINTS
                    number = limit.count if limit is not None else 1 << 62
                    table, after = weights.table, weights.after
                case Counted(_, window) | Days(_, window):
                    kind = _COUNT if isinstance(feature, Counted) else _DAYS
                    number, after = (-(1 << 62) if window is None else today - window), 0
                case LastDay():
                    kind, number, after = _LAST, 0, 0
            target = self._plain if tally.wipe is None else self._wiped[tally.wipe]
            target[key] = (*target.get(key, ()), (kind, index, number, table, after))

    def assess(self, lead: LeadState) -> dict[str, Any]:
        """Return the assessment by column, without lead_id and as_of; points are whole ten-thousandths."""
        found = self.assess_row(lead)
        return dict(zip([*self.columns, "reasons"], found, strict=True))

    def assess_row(self, lead: LeadState) -> tuple[Any, ...]:
        """Return the same as a tuple in the order of the columns; contributions follow with `contributions_of`."""
        values, contributions = self._values(lead)
        return (*values, self._reasons(contributions))

    def contributions_of(self, lead: LeadState) -> dict[str, int]:
        """Return what each criterion gives."""
        return dict(zip(self._criteria, self._values(lead)[1], strict=False))

    def _values(self, lead: LeadState) -> tuple[tuple[Any, ...], tuple[int, ...]]:
        features = self._empty.copy()
        wiped_days = lead.wiped_days or (None,) * len(self._wiped)
        if self._wiped:
            rows = list(lead.rows)
            self._add(rows, self._plain, features)
            for index, actions in enumerate(self._wiped):
                wiped = wiped_days[index]
                left = rows if wiped is None else [row for row in rows if row[1] > wiped]
                after = lead.after_wipe[index] if wiped is not None and lead.after_wipe else ()
                self._add([*after, *left], actions, features)
        else:
            self._add(lead.rows, self._plain, features)
        history = (lead.decision, lead.reason, lead.deal, lead.outcome_days, lead.ended_spells)
        found = self._assess(lead.fields, features, wiped_days, history, self.as_of.day)
        return self._no_consent() if found is None else found

    def _no_consent(self) -> tuple[tuple[Any, ...], tuple[int, ...]]:
        return (*(None for _ in self.columns[1:]), "consent"), ()

    def _add(self, rows: Iterable[Row], actions: dict[int, Any], features: list[Any]) -> None:
        """Add what rows do to the features."""
        today = self.as_of.day
        buckets: dict[tuple[int, int], int] = {}
        for key, day, times in rows:
            for kind, index, number, table, after in actions.get(key, ()):
                if kind == _POINTS:
                    age = today - day
                    if age < len(table):
                        features[index] += (times if times < number else number) * table[age]
                    elif after:
                        features[index] += (times if times < number else number) * after
                elif kind == _COUNT:
                    if day > number:
                        features[index] += times
                elif kind == _DAYS:
                    if day > number:
                        features[index] += 1
                elif kind == _LAST:
                    if features[index] is None or day > features[index]:
                        features[index] = day
                else:
                    self._add_in_bucket(buckets, features, index, day, times)

    def _add_in_bucket(
        self, buckets: dict[tuple[int, int], int], features: list[Any], index: int, day: int, times: int
    ) -> None:
        feature = self.plan.features[index]
        assert isinstance(feature, Points) and feature.limit is not None
        place = (index, bucket_of(day, feature.limit.per))
        before = buckets.get(place, 0)
        buckets[place] = before + times
        counted = min(feature.limit.count, before + times) - min(feature.limit.count, before)
        features[index] += counted * feature.weights.at(self.as_of.day - day)

    def _reasons(self, contributions: tuple[int, ...]) -> str | None:
        if not contributions:
            return None if self.plan.playbook.criteria else ""
        earned = sorted([(-abs(units), number) for number, units in enumerate(contributions) if units])[:3]
        return " ".join([f"{self._criteria[number]}:{points_text(contributions[number])}" for _, number in earned])
