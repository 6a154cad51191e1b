"""The features of a lead side by side in a few big numbers: how they get in there, and how `lead_event` takes them out."""

from collections.abc import Iterable
from dataclasses import dataclass

from leadline.engine.compiler.packing import Place, has_long_limit, pack_features
from leadline.engine.compiler.plan import Feature, LastDay, Plan, Points
from leadline.engine.compiler.signals import Layout

TOO_MANY = "more events of one lead on one day than a counter holds"
"""With what DuckDB fails when a number would run over into its neighbour; then the plan's own query takes over."""


@dataclass(frozen=True, slots=True)
class LeadSlots:
    """Where the features of a lead are kept: sums in `slot_0` …, last days as `age_<feature>`, long limits in tables of their own."""

    plan: Plan
    as_of_day: int
    day_count: int
    places: dict[int, Place]

    @classmethod
    def of(cls, plan: Plan, *, first_day: int, as_of_day: int) -> "LeadSlots":
        """Decide where each feature goes, given that no event lies before *first_day*."""
        day_count = max(1, as_of_day - first_day + 1)
        return cls(plan, as_of_day, day_count, pack_features(plan, day_count))

    @property
    def long_limits(self) -> list[int]:
        """The features whose limit spans days."""
        return [index for index, feature in enumerate(self.plan.features) if has_long_limit(feature)]

    @property
    def last_days(self) -> list[tuple[int, LastDay]]:
        """The features that are a last day."""
        return [(index, feature) for index, feature in enumerate(self.plan.features) if isinstance(feature, LastDay)]

    @property
    def longest(self) -> int:
        """The age from which on no weight changes, or the greatest age that there is."""
        tables = (feature.weights.table for feature in self.plan.features if isinstance(feature, Points))
        return min(self.day_count, max((len(table) for table in tables), default=0))

    def points(self, index: int) -> Points:
        """Return a feature that is points."""
        feature = self.plan.features[index]
        assert isinstance(feature, Points)
        return feature

    def weight(self, index: int, age: int) -> int:
        """Return what one event is worth at an age, without its sign, at the place of its feature."""
        return abs(self.points(index).weights.at(age)) << self._shift(index)

    def fading(self) -> list[int]:
        """The features whose weight depends on the age."""
        return [
            index
            for index, feature in enumerate(self.plan.features)
            if isinstance(feature, Points) and feature.weights.table
        ]

    def weighed(self, index: int, count: str, weight: str) -> str:
        """Return what a number of events is worth; *weight* is the column with weights that fade."""
        weights = self.points(index).weights
        return f"{count} * {weight if weights.table else abs(weights.after) << self._shift(index)}"

    def _shift(self, index: int) -> int:
        return self.places[index].shift if index in self.places else 0

    def slots(self, terms: Iterable[tuple[int, str]]) -> list[str]:
        """Return the columns that sum up *terms*: for a feature what a row adds to it, at its place."""
        found: dict[int, list[str]] = {}
        for index, term in terms:
            found.setdefault(self.places[index].number, []).append(term)
        return [f"CAST(SUM({' + '.join(parts)}) AS BIGINT) AS slot_{slot}" for slot, parts in sorted(found.items())]

    def features(self, layout: Layout) -> list[str]:
        """Return the columns of `lead_event`, from a row ``p`` of slots and rows ``long_<feature>`` of long limits."""
        return [
            f"{self._value(index, feature)} AS {layout.feature(index)}"
            for index, feature in enumerate(self.plan.features)
        ]

    def _value(self, index: int, feature: Feature) -> str:
        if isinstance(feature, LastDay):
            return f"{self.as_of_day} - p.age_{index}"
        if has_long_limit(feature):
            value = f"coalesce(long_{index}.points, 0)"
        else:
            place = self.places[index]
            value = f"(p.slot_{place.number} >> {place.shift} & {(1 << place.bits) - 1})"
        return f"-{value}" if self._is_negative(feature) else value

    @staticmethod
    def _is_negative(feature: Feature) -> bool:
        return isinstance(feature, Points) and min(feature.weights.after, *feature.weights.table, 0) < 0


def within(value: str, age: str, window: int | None) -> str:
    """Return a value, or 0 where the age is not under a window."""
    return value if window is None else f"CASE WHEN {age} < {window} THEN {value} ELSE 0 END"
