"""Says a comparison in plain sentences, for the terminal and the page alike.

Numbers stay exact; a share is never said without of how many it is and how far it can be trusted.
tests/engine/comparison/test_words.py guards it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import assert_never

from leadline.engine.arithmetic import plain_points
from leadline.engine.comparison.model import (
    Changed,
    Difference,
    Followed,
    QualificationChange,
    Reached,
    Span,
    Telling,
    WhatIf,
    Winners,
    Workload,
)
from leadline.engine.explanation.model import Part
from leadline.engine.expressions.words import join_words, say_day
from leadline.engine.statistics import Interval, Share

CAUTION = (
    "Outcomes are what really happened, under whatever was practised then: a lead that only the new version lets in was not"
    " worked as if it had been handed over, so its share is more likely too low than too high."
)


def say_leads(number: int) -> str:
    """Return a number of leads.

    >>> say_leads(1), say_leads(1200)
    ('1 lead', '1,200 leads')
    """
    return f"{number:,} lead{'' if number == 1 else 's'}"


def say_days(number: float) -> str:
    """Return a number of days.

    >>> say_days(1), say_days(18.5), say_days(20.0)
    ('1 day', '18.5 days', '20 days')
    """
    return f"{number:,.4g} day{'' if number == 1 else 's'}"


def say_percent(ratio: float | None) -> str:
    """Return a share in percent, with one place below ten.

    >>> say_percent(0.15), say_percent(0.0424), say_percent(0.0), say_percent(None)
    ('15 %', '4.2 %', '0 %', '–')
    """
    if ratio is None:
        return "–"
    percent = ratio * 100
    text = f"{percent:.1f}" if 0 < abs(percent) < 9.95 else f"{percent:.0f}"
    return f"{text.removesuffix('.0')} %"


def say_interval(interval: Interval) -> str:
    """Return the interval of a share in percent.

    >>> say_interval(Interval(0.087, 0.244))
    '8.7–24 %'
    """
    high = 1.0 if interval.high is None else interval.high
    return f"{say_percent(interval.low).removesuffix(' %')}–{say_percent(high)}"


def say_share(share: Share) -> str:
    """Return a share with how many it is of, and its interval.

    >>> say_share(Share(12, 80)), say_share(Share(0, 0))
    ('12 of 80, 15 % (8.8–24 %)', 'of none')
    """
    if not share.n:
        return "of none"
    return f"{share.count:,} of {share.n:,}, {say_percent(share.ratio)} ({say_interval(share.interval)})"


def say_difference(difference: Difference) -> str:
    """Return the share of the added less that of the removed, in percentage points.

    >>> say_difference(Difference(outcome="won", points=0.11, low=-0.02, high=0.21))
    '+11 (−2 to +21) points'
    """
    if difference.points is None:
        return "–"
    low, high = _signed(difference.low), _signed(difference.high)
    return f"{_signed(difference.points)} ({low} to {high}) points"


def _signed(share: float) -> str:
    points = round(share * 100)
    return f"{points:+d}".replace("-", "−") if points else "0"


def say_rate(number: float) -> str:
    """Return how many a week, with as many places as say something.

    >>> say_rate(118.234), say_rate(8.16), say_rate(0.0)
    ('118', '8.2', '0')
    """
    return f"{number:.0f}" if number >= 99.95 else f"{number:.1f}".removesuffix(".0")


# -- what changed -------------------------------------------------------------------------------------------------


def in_short(found: WhatIf) -> list[str]:
    """Return the sentences that say it in short: who enters and leaves, the hand-offs, what became of the moved, and winners."""
    lines = [say_change(one) for one in found.qualifications]
    lines.append(say_workloads(found.workload["old"], found.workload["new"]))
    for one in found.qualifications:
        lines += list(say_outcomes(one))[:1]
        lines += say_winners(one)
    return lines


def say_change(change: QualificationChange) -> str:
    """Return who enters and who leaves a qualification."""
    if change.only_in is not None:
        leads = change.new_leads if change.only_in == "new" else change.old_leads
        return f"{change.title}: only in the {change.only_in} version, with {say_leads(leads)}."
    if not is_moved(change):
        return f"{change.title}: nothing changes; {say_leads(change.new_leads)} on the same days."
    moved = [
        f"{number:,} {what}"
        for number, what in (
            (change.added, "added"),
            (change.removed, "removed"),
            (change.earlier, "earlier"),
            (change.later, "later"),
            (change.same, "on the same day"),
        )
        if number
    ]
    return (
        f"{change.title}: {say_leads(change.new_leads)} instead of {change.old_leads:,}:"
        f" {join_words(moved, 'and')}."
    )  # fmt: skip


def say_workloads(old: Workload, new: Workload) -> str:
    """Return how the hand-offs of a week change."""
    text = (
        f"Hand-offs a week: {say_rate(new.a_week)} instead of {say_rate(old.a_week)};"
        f" {new.most:,} instead of {old.most:,} in the fullest week."
    )
    if new.capacity is None:
        return text
    weeks = len(new.weeks)
    return (
        f"{text} More than {new.capacity:,} come in {new.weeks_over} instead of {old.weeks_over} of {weeks} weeks, and at most"
        f" {new.most_waiting:,} instead of {old.most_waiting:,} wait at the end of one."
    )


def say_handed_over(load: Workload) -> str:
    """Return whose beginnings are the hand-offs."""
    names = join_words(list(load.qualifications), "and") or "nothing"
    return f"of {names}" if load.is_declared else f"of {names}, the first qualification, since there is no [handoff]"


def say_outcomes(change: QualificationChange) -> Iterator[str]:
    """Yield what became of the added and of the removed, by outcome, the furthest first."""
    if change.only_in is not None:
        return
    added, removed = change.of("added"), change.of("removed")
    for difference in reversed(change.differences):
        if not added.mature and not removed.mature:
            continue
        said = [
            f"{say_share(group.get(difference.outcome).share)} of the {group.group}"
            for group in (added, removed)
            if group.mature
        ]
        yield f"{change.title}, {difference.outcome}: {join_words(said, 'and')}."


def say_winners(change: QualificationChange) -> Iterator[str]:
    """Yield which winners a version had in time, and how much earlier; nothing where the two do not differ."""
    found = change.winners
    if change.only_in is not None or not (found.caught or found.missed or found.earlier or found.later):
        return
    if found.caught or found.missed:
        yield (
            f"{change.title}: of {say_leads(found.leads)} with the outcome {found.outcome}, the new version had"
            f" {found.new.count:,} in time instead of {found.old.count:,}: {found.caught:,} caught, {found.missed:,} missed."
        )
    if found.earlier or found.later:
        yield f"{change.title}: {say_gain(found)}."


def say_gain(found: Winners) -> str:
    """Return the days gained or lost on the winners that both versions had."""
    assert found.days is not None
    median = found.days[2]
    said = "on the same day" if not median else f"{say_days(abs(median))} {'earlier' if median > 0 else 'later'}"
    if not found.earlier and not found.later:
        return f"{say_leads(found.both)} that both had, all on the same day"
    return f"of {say_leads(found.both)} that both had in time, {found.earlier:,} earlier and {found.later:,} later; in the median {said}"


def say_span(span: Span) -> str:
    """Return a stretch of days gained or lost.

    >>> say_span(Span(least=1, most=7, leads=3)), say_span(Span(least=None, most=-91, leads=1))
    ('1–7 earlier', '91+ later')
    """
    if span.least == span.most == 0:
        return "same day"
    low, high = span.least, span.most
    if high is not None and high < 0:
        return f"{-high}{'+' if low is None else f'–{-low}'} later"
    assert low is not None
    return f"{low}{'+' if high is None else f'–{high}'} earlier"


def say_maturity(group: Followed, horizon_days: int) -> str:
    """Return how many of a group are followed, and why the others are not."""
    rest = [
        f"{number:,} {why}"
        for number, why in (
            (group.unmatured, f"entered less than {say_days(horizon_days)} before the end of what is known"),
            (group.before, "had been in before the period"),
        )
        if number
    ]
    return f"{group.mature:,} of {say_leads(group.leads)}" + (f"; {join_words(rest, 'and')}" if rest else "")


def is_moved(change: QualificationChange) -> bool:
    """Return whether any lead is added, removed, earlier or later."""
    return bool(change.added or change.removed or change.earlier or change.later)


def say_already(reached: Sequence[Reached]) -> str:
    """Return how many had an outcome before they entered, or nothing."""
    said = [f"{one.already:,} {one.outcome}" for one in reached if one.already]
    return f"before their entry: {join_words(said, 'and')}" if said else ""


# -- the leads that tell most ---------------------------------------------------------------------------------------


def say_telling(one: Telling) -> str:
    """Return what a lead shows, in one sentence without the lead's name."""
    days, day = say_days(one.far_days), say_day(one.day)
    other = "" if one.other_day is None else say_day(one.other_day)
    match one.kind:
        case "added":
            said = f"{one.qualification} only in the new version, from {day}, for {days}"
        case "removed":
            said = f"{one.qualification} only in the old version, from {day}, for {days}"
        case "earlier":
            said = f"{one.qualification} {days} sooner, from {day} instead of {other}"
        case "later":
            said = f"{one.qualification} {days} later, from {other} instead of {day}"
        case _:
            assert_never(one.kind)
    if one.began_by == "hand_raise":
        said += f", by a hand raise ({one.hand_raise})"
    if one.outcome is None or one.outcome_day is None:
        return f"{said}; none of the outcomes came after that."
    after = one.outcome_day - one.day
    when = "on the same day" if after == 0 else f"{say_days(after)} after {day}"
    return f"{said}; {one.outcome} {when}."


def say_changed(one: Changed) -> str:
    """Return what a criterion or a score gave in the two versions.

    >>> say_changed(Changed(id="a", text="Looked at prices", old=100_000, new=250_000))
    'Looked at prices: 25 instead of 10'
    >>> say_changed(Changed(id="a", text="Looked at prices", old=None, new=250_000))
    'Looked at prices: 25, only in the new version'
    """
    if one.old is None:
        return f"{one.text}: {plain_points(one.new or 0)}, only in the new version"
    if one.new is None:
        return f"{one.text}: {plain_points(one.old)}, only in the old version"
    return f"{one.text}: {plain_points(one.new)} instead of {plain_points(one.old)}"


def say_why(one: Telling) -> list[str]:
    """Return why only one version let a lead in then: what gave different points, and what the other version still missed."""
    said = [say_changed(changed) for changed in (*one.scores, *one.criteria)]
    other = "old" if one.entered_by == "new" else "new"
    if one.explanation is None:
        return said
    if one.other_says is None:
        return [*said, f"the {other} version has no {one.qualification}"]
    if one.other_says.enter is None:
        return [*said, f"the {other} version excludes it"]
    missing = [part for part in _leaves(one.other_says.enter) if part.truth != "true"]
    said += [f"{other} version: {part.text}: {_found(part)}" for part in missing]
    if not missing and not one.other_says.holds:
        said.append(f"{other} version: not so")
    return said


def _found(part: Part) -> str:
    truth = "not known" if part.truth == "unknown" else "no"
    return f"{truth}, {part.found}" if part.found else truth


def _leaves(part: Part) -> Iterator[Part]:
    """Yield the parts of a condition that must all hold; of others, and of what must not hold, the whole."""
    if part.joined == "all":
        for inner in part.parts:
            yield from _leaves(inner)
    elif part.joined is None:
        yield part
    else:
        yield replace(part, text=part.text or "its condition", parts=())
