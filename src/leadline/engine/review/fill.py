"""Whether a field is known more often of those who reached the outcome: does somebody fill it in once they buy?

At each moment, leads that had reached the outcome are compared with open ones of the same age (months since their beginning), with
what was known *then*. A column without dates is known from the beginning in every replay, so what was filled in later looks as if
it had been there always; such a field shows a difference while the later converters are still open, and never changes. A field
with dated facts shows when it was filled. Guarded by tests/engine/review/test_fill.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadline.engine.expressions import nodes as n
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import FactCriterion
from leadline.engine.replay.model import Replay
from leadline.engine.review.bounds import FILL_SHARE, LEAST_FIRING
from leadline.engine.review.clustered import Estimate, count_leads, standardised_difference
from leadline.engine.review.model import FieldFill, Interval, Kind
from leadline.engine.review.observations import Observations, ages
from leadline.engine.review.words import say_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Truths = NDArray[np.bool_]


def fields_read(bound: BoundPlaybook) -> dict[str, tuple[str, ...]]:
    """Return, for each field that a fact criterion reads, the criteria that do; named as in `Grid.known`."""
    found: dict[str, list[str]] = {}
    for criterion in bound.playbook.criteria:
        if isinstance(criterion, FactCriterion):
            for choice in criterion.choices:
                for term in n.terms_of(bound.test(choice.when)):
                    field = term.field if isinstance(term, n.DaysSinceField) else term
                    if isinstance(field, n.Field):
                        name = f"company.{field.name}" if field.scope == "company" else field.name
                        found.setdefault(name, []).append(criterion.id)
    return {name: tuple(dict.fromkeys(criteria)) for name, criteria in found.items()}


@dataclass(frozen=True, eq=False, kw_only=True)
class _Rows:
    """The rows of the grid that are compared: those who reached the outcome first, then open ones."""

    at: "Integers"
    reached: "Truths"
    age: "Integers"
    lead: "Integers"
    leads: int


def fill_rates(replay: Replay, seen: Observations, *, outcome: str, kind: Kind, z: float) -> list[FieldFill]:
    """Return the fill rates of every field of the grid; *z* is how clear a difference must be to be suspect."""
    grid = replay.grid
    assert grid is not None
    read = fields_read(replay.bound)
    after = _rows(replay, seen.reached_rows, seen.rows[~seen.hit] if kind == "once" else seen.rows, kind)
    before = _rows(replay, seen.rows[seen.hit], seen.rows[~seen.hit], kind)
    found = []
    for name, known in grid.known.items():
        compared = _compare(known, after)
        if compared is None:
            continue
        reached, open_share, difference = compared
        earlier = None if kind == "once" else _compare(known, before)
        filled_later = _filled_later(known, grid.lead)
        suspect, sentence = _said(
            name, outcome, compared, None if earlier is None else earlier[2], filled_later, kind=kind, z=z
        )
        found.append(
            FieldFill(
                field=name,
                reached=reached,
                open=open_share,
                difference=_interval(difference),
                before=None if earlier is None else _interval(earlier[2]),
                filled_later=filled_later,
                read_by=read.get(name, ()),
                is_suspect=suspect,
                sentence=sentence,
            )
        )
    return sorted(found, key=lambda one: (not one.is_suspect, -abs(one.difference.value), one.field))


def _rows(replay: Replay, reached: "Integers", open_rows: "Integers", kind: Kind) -> _Rows:
    grid = replay.grid
    assert grid is not None
    at = np.concatenate([reached, open_rows])
    return _Rows(
        at=at,
        reached=np.arange(at.size) < reached.size,
        age=np.zeros(at.size, dtype=np.int64) if kind == "once" else ages(replay)[at],
        lead=grid.lead[at],
        leads=len(replay.lead_ids),
    )


def _compare(known: "Truths", rows: _Rows) -> tuple[float, float, Estimate] | None:
    enough = min(count_leads(rows.reached, rows.lead), count_leads(~rows.reached, rows.lead)) >= LEAST_FIRING
    return standardised_difference(known[rows.at], rows.reached, rows.age, rows.lead, rows.leads) if enough else None


def _filled_later(known: "Truths", lead: "Integers") -> int:
    """Return of how many leads a field became known after their first moment."""
    becomes = (lead[1:] == lead[:-1]) & known[1:] & ~known[:-1]
    return int(np.unique(lead[1:][becomes]).size)


def _interval(estimate: Estimate) -> Interval:
    low, high = estimate.bounds()
    return Interval(value=estimate.value, low=max(low, -1.0), high=min(high, 1.0))


def _said(
    name: str,
    outcome: str,
    compared: tuple[float, float, Estimate],
    before: Estimate | None,
    filled_later: int,
    *,
    kind: Kind,
    z: float,
) -> tuple[bool, str]:
    reached, open_share, difference = compared
    shares = f"'{name}' is known of {say_share(reached)} of those who reached {outcome}"
    others = "of the others" if kind == "once" else "of open leads of the same age"
    if difference.value - z * difference.error <= 0 or difference.value < FILL_SHARE:
        return False, f"{shares}, and of {say_share(open_share)} {others}."
    if kind == "once" or not filled_later:
        return True, (
            f"{shares}, and of {say_share(open_share)} {others}, and nothing says when it was filled in: perhaps only "
            f"once they bought, and then it is a leak. Give it as dated facts, or find out before you trust a criterion that reads it."
        )
    if before is not None and difference.value - before.value >= FILL_SHARE:
        return True, (
            f"{shares}, and of {say_share(open_share)} {others} (while still open, those who bought later were ahead by "
            f"{100 * before.value:+.0f} points): it is filled in later for those who bought. Judged as known then, as here, it does no "
            f"harm; points that were chosen from how the field looks today are a leak."
        )
    return (
        True,
        f"{shares}, and of {say_share(open_share)} {others}: already before they bought, so it can be a good sign.",
    )


def cautions(fields: list[FieldFill]) -> Mapping[str, list[str]]:
    """Return, for each criterion, what is to be said because of the fields that it reads."""
    found: dict[str, list[str]] = {}
    for one in fields:
        if one.is_suspect:
            for criterion in one.read_by:
                found.setdefault(criterion, []).append(one.sentence)
    return found
