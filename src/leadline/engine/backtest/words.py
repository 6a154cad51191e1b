"""Says a back-test in plain sentences, for the terminal and the page alike.

tests/engine/backtest/test_words.py guards it.
"""

from collections.abc import Iterator

from leadline.engine.arithmetic import plain_points, short_points
from leadline.engine.backtest.model import BackTest, Band, Part, ScoreTable, ThresholdRow
from leadline.engine.comparison.words import say_days, say_leads, say_percent, say_rate, say_share
from leadline.engine.expressions.words import join_words, say_day
from leadline.engine.statistics import lift_interval

CAUTION = (
    "Outcomes are what really happened, under whatever was practised then: leads that were handed over were worked, and others were"
    " not, so part of a score's success may be that it was followed."
)


def in_short(found: BackTest) -> list[str]:
    """Return the sentences that say it in short: how good the qualification is, its scores, the work, and its threshold."""
    lines = [say_precision(found), say_reach(found)]
    lines += [say_score(table) for table in found.scores if table.auc is not None]
    lines.append(say_load(found))
    lines += say_moves(found)
    return lines


def say_precision(found: BackTest) -> str:
    """Return how many of the leads that entered reached the outcome."""
    share = found.followed.get(found.outcome).share
    if not share.n:
        return f"{found.title}: none of {say_leads(found.followed.leads)} has been in for {say_days(found.horizon_days)} yet."
    return (
        f"{found.title}: {say_share(share)} of the leads reached {found.outcome} within {say_days(found.horizon_days)} of their"
        " entry."
    )


def say_reach(found: BackTest) -> str:
    """Return how many of those that reached the outcome had been in before, and how long before."""
    share = found.in_time.share
    if not share.n:
        return f"No lead reached {found.outcome} for the first time in the period."
    text = f"Of the leads that reached {found.outcome} in the period, {say_share(share)} had been in before"
    if found.in_time.days is None:
        return f"{text}."
    return f"{text}, in the median {say_days(found.in_time.days[2])} before."


def say_score(table: ScoreTable) -> str:
    """Return how well a score ranks, and what its best band holds."""
    assert table.auc is not None
    best = table.bands[0]
    return (
        f"{table.title}: ranks {say_percent(table.auc)} of the pairs rightly (50 % is chance); its best band,"
        f" {say_band(best)}, reached it {say_lift(best.part)} as often as all and holds {say_percent(best.part.gain.ratio)} of those"
        " that did."
    )


def say_band(band: Band) -> str:
    """Return the points of a band, rounded."""
    least, most = short_points(band.least), short_points(band.most)
    return most if least == most else f"{least} to {most}"


def say_lift(part: Part) -> str:
    """Return how many times as often as all a part reached the outcome, with the interval."""
    if part.lift is None:
        return "–"
    low, high = lift_interval(part.reached.count, part.reached.n, part.whole.count, part.whole.n)
    bounds = f"{low:.1f} and more" if high is None else f"{low:.1f}–{high:.1f}"
    return f"{part.lift:.1f} times ({bounds})"


def say_load(found: BackTest) -> str:
    """Return the hand-offs of a week."""
    load = found.workload
    text = f"Hand-offs a week: {say_rate(load.a_week)}; {load.most:,} in the fullest week."
    if load.capacity is None:
        return text
    return (
        f"{text} More than {load.capacity:,} come in {load.weeks_over} of {len(load.weeks)} weeks, and at most {load.most_waiting:,}"
        " wait at the end of one."
    )


def say_moves(found: BackTest) -> Iterator[str]:
    """Yield what moving the threshold by five points would do, and which one fills the capacity; or why there is none to move."""
    if found.no_threshold is not None:
        yield found.no_threshold
        return
    for points in (-5, 5):
        row = found.moved(points)
        if row is not None:
            yield say_move(found, row)
    if found.fill is not None:
        yield say_fill(found)


def say_move(found: BackTest, row: ThresholdRow) -> str:
    """Return what another threshold would do."""
    present = found.present
    assert present is not None
    moved = [
        f"{number:,} {what}"
        for number, what in (
            (row.added, "added"),
            (row.removed, "removed"),
            (row.earlier, "earlier"),
            (row.later, "later"),
        )
        if number
    ]
    head = f"With {found.score} from {plain_points(row.threshold)} instead of {plain_points(present.threshold)}"
    if not moved:
        return f"{head}: nothing would change."
    text = f"{head}: {join_words(moved, 'and')}; {say_rate(row.a_week)} hand-offs a week instead of {say_rate(present.a_week)}"
    for share, what in ((row.added_reached, "added"), (row.removed_reached, "removed")):
        if share.n:
            text += f"; {say_share(share)} of the {what} reached {found.outcome}"
    return f"{text}."


def say_fill(found: BackTest) -> str:
    """Return which threshold fills the capacity."""
    fill = found.fill
    assert fill is not None
    if fill.threshold is None or fill.a_week is None:
        highest = plain_points(found.thresholds[-1].threshold)
        return f"Even with {found.score} from {highest}, the highest that was tried, more than {fill.capacity:,} come in a mean week."
    text = (
        f"A capacity of {fill.capacity:,} a week is filled with {found.score} from {plain_points(fill.threshold)}:"
        f" {say_rate(fill.a_week)} in a mean week"
    )
    return f"{text}; it is the lowest that was tried, and there is still room." if fill.is_lowest_tried else f"{text}."


def say_observed(found: BackTest) -> str:
    """Return what the tables of scores and grades are counted from."""
    if not found.moments:
        return f"No moment lies {say_days(found.horizon_days)} before the end of what is known, so no score can be judged yet."
    days = [say_day(day) for day in found.moments]
    at = days[0] if len(days) == 1 else f"{len(days)} days from {days[0]} to {days[-1]}"
    return (
        f"Looked at on {at}: {say_share(found.observations)} of the leads that were open then reached {found.outcome} within"
        f" {say_days(found.horizon_days)}. The stretches do not overlap, so no outcome counts twice, and none is cut short."
    )


def say_left_out(found: BackTest) -> list[str]:
    """Return what does not count in them, and why."""
    return [f"{one.observations:,} left out, of {say_leads(one.leads)}: {one.sentence}." for one in found.left_out]
