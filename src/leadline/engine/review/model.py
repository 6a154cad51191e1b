"""What a review says, as values: frozen, and with `to_dict` ready for JSON.

Points are ten-thousandths as everywhere; `to_dict` gives them as points. Shares lie between 0 and 1. Nothing is computed here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

from leadline.engine.arithmetic import POINT

Direction = Literal["gives", "costs"]
Verdict = Literal[
    "dead",
    "always on",
    "harmful",
    "redundant",
    "too heavy",
    "too light",
    "fine",
    "unproven",
    "not enough data",
]
Finding = Literal["nothing", "filled later", "undated", "before"]
Kind = Literal["through time", "once"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A number with its interval of 95 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Observations that were left out, and of how many leads. A lead can have some that count and some that do not."""

    reason: str
    sentence: str
    observations: int
    leads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """A side of a criterion in one quarter: how often it fired, and its lift among leads of the same age where there are enough."""

    name: str
    observations: int
    fires: float
    lift: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Whether something changed over the quarters by more than noise.

    fires_change: by how much the share in which it fires changed from the first quarter to the last, among leads of the same age
                  (else it would change because leads grow old, or because those that it suits are gone).
    lift_change:  by how many times the lift is larger in the last quarter than in the first, along the trend.
    fires_drifts, lift_drifts: whether that is clear, and large enough to matter. sentence: what is to be said, or "".
    """

    fires_change: float | None = None
    fires_drifts: bool = False
    lift_change: float | None = None
    lift_drifts: bool = False
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """How often a side was there when a spell began: spells that sales gave back (rejected, recycled) against accepted ones.

    ratio:    share among those given back ÷ share among those accepted; None where one is too small.
    is_clear: whether the whole interval, made wider for the number of criteria, lies above 1.
    """

    among_returned: float
    among_accepted: float
    ratio: Interval | None
    is_clear: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A criterion where it gives points, or where it costs some; most criteria have one side.

    observations, leads:     in how many it fires. fires, fires_of_leads: the same as shares.
    usual_points:            the mean of its points where it fires.
    reached_with, without:   the share with the outcome where it fires, and where it does not though it could be decided.
    lift:                    the one divided by the other.
    odds_given_others:       how many times the odds are larger with its usual points, all other criteria being equal.
    worth_of_a_point:        what one of its points is worth, when a point of the others in its score is worth 1; None where that
                             cannot be told.
    is_judged:               whether there are enough leads on both sides to speak of the outcome.
    """

    direction: Direction
    observations: int
    leads: int
    fires: float
    fires_of_leads: float
    usual_points: int = field(metadata={"unit": "points"})
    reached_with: float | None
    reached_without: float | None
    lift: Interval | None
    odds_given_others: Interval | None
    worth_of_a_point: float | None
    is_judged: bool
    quarters: tuple[Quarter, ...] = ()
    drift: Drift = Drift()
    given_back: GivenBack | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Another criterion that fires on nearly the same observations. jaccard: in both ÷ in either. phi: their correlation."""

    other: str
    jaccard: float
    phi: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionReview:
    """What became of the leads on whom a criterion fired, and what to think of it.

    share_of_score, share_of_all: its part of all absolute points, of its score and of all scores.
    maximum_cuts, minimum_cuts: in which share of the observations in which it fires its own maximum or minimum takes something.
    unknown: in which share of all observations its condition could not be decided, and reached_unknown the share of these with the
    outcome: they are on neither side of a lift. cautions: what else is to be said.
    """

    id: str
    score: str
    why: str
    verdict: Verdict
    reason: str
    share_of_score: float
    share_of_all: float
    maximum_cuts: float
    minimum_cuts: float
    unknown: float
    reached_unknown: float | None
    sides: tuple[Side, ...]
    overlaps: tuple[Overlap, ...] = ()
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One half-life tried: how well the points then rank later converters. days: None for no decay at all.

    area: how often a lead that converts has more points than one that does not (0.5 is chance).
    gain: the area minus that of the decay as written, with the interval of the difference.
    """

    days: int | None
    area: Interval
    gain: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfLives:
    """Which half-life ranks best, for one criterion or for a score of which all event criteria got it.

    best: the trial with the largest area. as_good: those that cannot be told from it. is_clear: whether the best is clearly
    better than what is written. sentence: what is to be said.
    """

    subject: Literal["criterion", "score"]
    id: str
    written: str
    area_as_written: Interval
    trials: tuple[Trial, ...]
    best: int | None
    as_good: tuple[int | None, ...]
    is_clear: bool
    sentence: str
    observations: int
    leads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFill:
    """How often a field is known of those who reached the outcome, against open leads of the same age, as known then.

    reached, open:  the shares, ages weighing as they do among those who reached it.
    difference:     reached − open. before: the same difference while those who reached it later were still open.
    filled_later:   of how many leads it became known after the first observation.
    finding:        *nothing*; *filled later*: it is known more often once they reached it, and was not before; *undated*: it is known
                    more often, and nothing says since when; *before*: it was known more often already while they were open.
    sentence:       the same for people.
    """

    field: str
    reached: float
    open: float
    difference: Interval
    before: Interval | None
    filled_later: int
    read_by: tuple[str, ...]
    finding: Finding
    sentence: str

    @property
    def is_suspect(self) -> bool:
        """Whether it is to be looked at for a leak."""
        return self.finding in ("filled later", "undated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The review of a playbook's criteria.

    kind:      *through time*: leads as they were known at regular moments; *once*: every lead one time, as known in the end.
    outcome:   what is hoped for. horizon_days: how long after a moment it counts; None for once.
    first, last, until: the first and last moment that counts, and the end of what is known of outcomes.
    reached:   how many observations have the outcome; reached_leads: how many leads.
    notes:     what a reader must know of the numbers.
    """

    playbook: str
    version: str
    kind: Kind
    outcome: str
    horizon_days: int | None
    first: str
    last: str
    until: str
    moments: int
    observations: int
    leads: int
    reached: int
    reached_leads: int
    left_out: tuple[LeftOut, ...]
    criteria: tuple[CriterionReview, ...]
    half_lives: tuple[HalfLives, ...]
    fields: tuple[FieldFill, ...]
    returned_spells: int
    accepted_spells: int
    notes: tuple[str, ...]
    bounds: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Return the review as values that JSON knows: points as numbers."""
        found = _plain(self)
        assert isinstance(found, dict)
        return found


def _plain(item: Any, unit: str | None = None) -> Any:
    if is_dataclass(item):
        return {one.name: _plain(getattr(item, one.name), one.metadata.get("unit")) for one in fields(item)}
    if isinstance(item, tuple):
        return [_plain(entry) for entry in item]
    if isinstance(item, Mapping):
        return {name: _plain(entry) for name, entry in item.items()}
    if item is not None and unit == "points":
        return item // POINT if item % POINT == 0 else item / POINT
    return item
