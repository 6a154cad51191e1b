"""Whether a field is known more often of those who reached the outcome: does somebody fill it in then?

At each moment, leads that had reached the outcome are compared with open ones of the same age (months since their beginning), with
what was known *then*. A column without dates is known from the beginning in every replay, so what was filled in later looks as if
it had been there always; such a field shows a difference while the later converters are still open, and never changes. A field
with dated facts shows when it was filled. Guarded by tests/engine/review/test_fill.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

import numpy as np

from leadline.engine.expressions import nodes as n
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import FactCriterion
from leadline.engine.replay.model import Replay
from leadline.engine.review.bounds import FILL_SHARE, LEAST_FIRING
from leadline.engine.review.clustered import Estimate, count_leads, standardised_difference
from leadline.engine.review.model import FieldFill, Finding, Interval, Kind
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


DATED_SHARE = 0.05
"""A field is taken for dated when it became known later of at least this share of the leads of whom it is known."""


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
        is_dated = filled_later >= max(LEAST_FIRING, DATED_SHARE * count_leads(known, grid.lead))
        finding = _find(difference, None if earlier is None else earlier[2], is_dated=is_dated, z=z)
        found.append(
            FieldFill(
                field=name,
                reached=reached,
                open=open_share,
                difference=_interval(difference),
                before=None if earlier is None else _interval(earlier[2]),
                filled_later=filled_later,
                read_by=read.get(name, ()),
                finding=finding,
                sentence=_say(finding, name, compared, earlier, outcome=outcome, kind=kind),
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


def _find(difference: Estimate, before: Estimate | None, *, is_dated: bool, z: float) -> Finding:
    if difference.value - z * difference.error <= 0 or difference.value < FILL_SHARE:
        return "nothing"
    if before is None or not is_dated:
        return "undated"
    return "filled later" if difference.value - before.value >= FILL_SHARE else "before"


def _say(
    finding: Finding,
    name: str,
    compared: tuple[float, float, Estimate],
    before: tuple[float, float, Estimate] | None,
    *,
    outcome: str,
    kind: Kind,
) -> str:
    others = "of the others" if kind == "once" else "of open leads of the same age"
    shares = f"'{name}' is known of {say_share(compared[0])} of those who reached {outcome}, and of {say_share(compared[1])} {others}"
    match finding:
        case "nothing":
            return f"{shares}."
        case "undated":
            return (
                f"{shares}. Nothing says when it was filled in: if only once they reached {outcome}, it is a leak. Give it as dated "
                f"facts, or find out before you trust a criterion that reads it."
            )
        case "before":
            return f"{shares}: already while they were open, so it can be a good sign."
        case "filled later":
            ahead = f"{100 * before[2].value:+.0f} points" if before else "not"
            return (
                f"{shares} (while still open, those who reached it later were ahead by {ahead}): it is filled in for those who reach "
                f"{outcome}. Judged as known then, as here, it does no harm; points chosen from how the field looks today are a leak."
            )
        case _:
            assert_never(finding)


def cautions(fields: list[FieldFill]) -> Mapping[str, list[str]]:
    """Return, for each criterion, what is to be said because of the fields that it reads."""
    found: dict[str, list[str]] = {}
    for one in fields:
        if one.is_suspect:
            for criterion in one.read_by:
                found.setdefault(criterion, []).append(one.sentence)
    return found
