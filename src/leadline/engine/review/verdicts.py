"""What to think of a criterion: one verdict each, with its reason in a sentence that has the numbers.

In this order, the first that holds: not enough data, dead, always on, harmful, redundant, too heavy, too light, fine (its effect is
clear and in the right direction), unproven (nothing can be seen). *Clear* verdicts against a criterion ask for more than its own
interval of 95 %: the more criteria are judged, the wider, so that a playbook none of whose criteria does anything gets a wrong one
in at most about five of a hundred reviews. The bounds stand in `bounds.py`.

Guarded by tests/engine/review/test_verdicts.py: planted truths are found, and where there is nothing, nothing is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

import numpy as np

from leadline.engine.arithmetic import plain_points, short_points
from leadline.engine.review.bounds import (
    ALWAYS_SAME,
    ALWAYS_SHARE,
    DEAD_SHARE,
    LEAST_FIRING,
    LEAST_LEADS,
    LEAST_OTHERS,
    LEAST_REACHED,
    TIMES,
)
from leadline.engine.review.clustered import Z95
from leadline.engine.review.model import Overlap, Verdict
from leadline.engine.review.observations import Observations
from leadline.engine.review.sides import Effect, Firing, Key, times
from leadline.engine.review.words import say_share, say_times


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of all sides of all criteria.

    z:      how many standard errors make a verdict clear, given how many sides are judged.
    blamed: sides that are redundant, with the side that stays and how much they overlap.
    spells: criteria that were there when some spell began.
    """

    outcome: str
    seen: Observations
    effects: Mapping[Key, Effect]
    blamed: Mapping[Key, tuple[Firing, Overlap]]
    z: float
    spells: frozenset[str] = frozenset()


def worth_of_points(firings: list[Firing], evidence: Evidence) -> dict[Key, float]:
    """Return by side what one point of a side is worth when one of the others in its score is worth 1.

    That of the others is the median of those, at least `LEAST_OTHERS`, whose effect is clearly in the right direction: a median,
    so that one criterion that is far off does not make all others look wrong.
    """
    found = {}
    for firing in firings:
        effect = evidence.effects.get(firing.key)
        others = [
            other_effect.of_point
            for other in firings
            if other.criterion.id != firing.criterion.id
            and other.criterion.score == firing.criterion.score
            and other.is_judged
            and other.key not in evidence.blamed
            and (other_effect := evidence.effects.get(other.key)) is not None
            and other_effect.z >= Z95
        ]
        if effect is not None and firing.is_judged and len(others) >= LEAST_OTHERS:
            found[firing.key] = effect.of_point / median(others)
    return found


def judge(
    firings: list[Firing], evidence: Evidence, worth: Mapping[Key, float], *, criterion: str
) -> tuple[Verdict, str]:
    """Return the verdict on a criterion by its sides, and why."""
    seen = evidence.seen
    if seen.leads < LEAST_LEADS:
        return "not enough data", f"Only {_leads(seen.leads)} could be observed; {LEAST_LEADS} are needed."
    dead = _dead(firings, evidence, criterion)
    if dead:
        return "dead", dead
    always = _always_on(firings, seen)
    if always:
        return "always on", always
    judged = [firing for firing in firings if firing.is_judged]
    tests = (("harmful", _harmful), ("redundant", _redundant), ("too heavy", _too_heavy), ("too light", _too_light))
    for verdict, test in tests:
        for firing in firings if verdict == "redundant" else judged:
            reason = test(firing, evidence, worth)
            if reason:
                return verdict, reason  # type: ignore[return-value]
    if not judged:
        return "not enough data", _too_few(firings, evidence)
    for firing in judged:
        if _is_clearly_right(firing, evidence):
            return "fine", _said(firing, evidence)
    widest = max(judged, key=lambda one: one.leads)
    return "unproven", f"{_said(widest, evidence)} {_why_unproven(widest, evidence)}".rstrip()


# -- the single verdicts ----------------------------------------------------------------------------------------


def _dead(firings: list[Firing], evidence: Evidence, criterion: str) -> str:
    seen = evidence.seen
    fired = np.zeros(seen.count, dtype=bool)
    for firing in firings:
        fired |= firing.fires
    leads = int(np.unique(seen.lead[fired]).size)
    if criterion in evidence.spells or leads >= DEAD_SHARE * seen.leads:
        return ""
    on = "none" if not leads else f"{leads} ({say_share(leads / seen.leads)})"
    return f"It fired on {on} of {_leads(seen.leads)}: what it asks for does not happen."


def _always_on(firings: list[Firing], seen: Observations) -> str:
    for firing in firings:
        if firing.fires.mean() < ALWAYS_SHARE:
            continue
        values, counts = np.unique(firing.points[firing.fires], return_counts=True)
        if counts.max() >= ALWAYS_SAME * seen.count:
            points = plain_points(int(values[counts.argmax()]))
            points += " point" if points in ("1", "-1") else " points"
            return (
                f"It fired in {say_share(float(firing.fires.mean()))} of {seen.count:,} observations, nearly always with "
                f"{points}: it tells nobody apart, and only moves the threshold."
            )
    return ""


def _harmful(firing: Firing, evidence: Evidence, worth: Mapping[Key, float]) -> str:
    """Its effect given the others clearly points the wrong way, and so does its lift; or its lift does, and the effect by 95 %."""
    lift, effect = firing.lift, evidence.effects.get(firing.key)
    if lift is None or effect is None:
        return ""
    alone, given = firing.sign * lift.z, effect.z
    is_harmful = (given <= -evidence.z and alone < 0) or (alone <= -evidence.z and given <= -Z95)
    if not is_harmful:
        return ""
    other_way = "less" if firing.direction == "gives" else "more"
    return (
        f"{_where(firing)} {evidence.outcome} comes {other_way} often, {_shares(firing)}, also when all other criteria are equal (the "
        f"odds are {say_times(effect.odds(firing.usual_points))})."
    )


def _redundant(firing: Firing, evidence: Evidence, worth: Mapping[Key, float]) -> str:
    if firing.key not in evidence.blamed:
        return ""
    stays, overlap = evidence.blamed[firing.key]
    return (
        f"It fires where '{stays.criterion.id}' does: {say_share(overlap.jaccard)} of the observations in which one of the two fires are "
        f"in both, so the same thing is counted twice."
    )


def _too_heavy(firing: Firing, evidence: Evidence, worth: Mapping[Key, float]) -> str:
    """A point of it is worth less than half a point of the others; or, given the others, it clearly points the wrong way."""
    effect, value = evidence.effects.get(firing.key), worth.get(firing.key)
    if effect is None:
        return ""
    if effect.z <= -evidence.z and firing.lift is not None:
        return (
            f"{_where(firing)} {evidence.outcome} comes {say_times(times(firing.lift))} as often, but the other criteria count that "
            f"already: given them the odds are {say_times(effect.odds(firing.usual_points))}."
        )
    unit = effect.of_point / value if value else 0.0
    most = effect.of_point + evidence.z * effect.error
    if value is None or not unit or most >= unit / TIMES:
        return ""
    return f"{_where(firing)} that is more than it is worth: {_would(firing, effect, value)}."


def _too_light(firing: Firing, evidence: Evidence, worth: Mapping[Key, float]) -> str:
    effect, value = evidence.effects.get(firing.key), worth.get(firing.key)
    if effect is None or value is None or value <= 0:
        return ""
    unit = effect.of_point / value
    least = effect.of_point - evidence.z * effect.error
    if least <= unit * TIMES:
        return ""
    return f"{_where(firing)} that is less than it is worth: {_would(firing, effect, value)}."


def _is_clearly_right(firing: Firing, evidence: Evidence) -> bool:
    lift, effect = firing.lift, evidence.effects.get(firing.key)
    alone = 0.0 if lift is None else firing.sign * lift.z
    given = 0.0 if effect is None else effect.z
    return given >= Z95 or (alone >= Z95 and given > -Z95)


def _why_unproven(firing: Firing, evidence: Evidence) -> str:
    lift, effect = firing.lift, evidence.effects.get(firing.key)
    alone = 0.0 if lift is None else firing.sign * lift.z
    if alone <= -Z95 and effect is not None:
        return "" if effect.z > 0 else "Alone it points the wrong way; given the others nothing is left of that."
    if alone >= Z95:
        return "Alone it looks right, but given the others it points the wrong way."
    return "That may be noise."


def _too_few(firings: list[Firing], evidence: Evidence) -> str:
    seen = evidence.seen
    if seen.hit_leads < LEAST_REACHED:
        return f"Only {_leads(seen.hit_leads)} reached {evidence.outcome}; {LEAST_REACHED} are needed."
    side = max(firings, key=lambda one: one.leads)
    if side.leads_without < side.leads:
        return (
            f"There are only {_leads(side.leads_without)} on whom it does not fire, and {seen.hit_leads} of {_leads(seen.leads)} "
            f"reached {evidence.outcome}: too few to compare (at least {LEAST_FIRING} are needed on each side)."
        )
    return (
        f"It fired on only {_leads(side.leads)}, and {seen.hit_leads} of {_leads(seen.leads)} reached {evidence.outcome}: too few "
        f"to compare (at least {LEAST_FIRING} are needed on each side)."
    )


# -- words --------------------------------------------------------------------------------------------------------


def _said(firing: Firing, evidence: Evidence) -> str:
    """Return what became of the leads on whom a side fires, and what is left of it given the others."""
    effect = evidence.effects.get(firing.key)
    assert firing.lift is not None
    alone = f"{_where(firing)} {evidence.outcome} comes {say_times(times(firing.lift))} as often: {_shares(firing)}"
    if effect is None:
        return f"{alone}."
    odds = say_times(effect.odds(firing.usual_points))
    if firing.sign * firing.lift.z <= -Z95 and effect.z > 0:
        return f"{alone}. That comes from other criteria that fire on the same leads: given those the odds are {odds}."
    return f"{alone}; given the others the odds are {odds}."


def _where(firing: Firing) -> str:
    return f"Where it {firing.direction} points ({short_points(abs(firing.usual_points))}, usually),"


def _would(firing: Firing, effect: Effect, value: float) -> str:
    """Return the points that a side would have if they were worth what those of the others are."""
    points = short_points(abs(round(max(value, 0.0) * firing.usual_points)))
    return (
        f"given the others the odds are {say_times(effect.odds(firing.usual_points))}, for which the other criteria of "
        f"'{firing.criterion.score}' would {'give' if firing.direction == 'gives' else 'cost'} about {points}"
    )


def _shares(firing: Firing) -> str:
    hit = firing.seen.hit
    return f"{say_share(float(hit[firing.fires].mean()))} against {say_share(float(hit[firing.rests].mean()))}"


def _leads(count: int) -> str:
    return f"{count:,} lead{'' if count == 1 else 's'}"
