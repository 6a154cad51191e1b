"""What a review says, in the words that the terminal and the page share. Guarded by tests/engine/review/test_words.py."""

from collections.abc import Iterable

from leadline.engine.review.model import CriterionReview, Interval, Review, Verdict

ORDER: tuple[Verdict, ...] = (
    "harmful",
    "dead",
    "too heavy",
    "redundant",
    "too light",
    "always on",
    "unproven",
    "not enough data",
    "fine",
)
"""Verdicts, those to be looked at first."""

MEANINGS: dict[Verdict, str] = {
    "harmful": "gives points to leads who then come less often, or costs those who come more often",
    "dead": "fires on next to nobody",
    "too heavy": "gives or costs more than twice what the other criteria of its score would for the same effect",
    "redundant": "fires where another criterion does, so that one thing is counted twice",
    "too light": "gives or costs less than half of what the other criteria of its score would for the same effect",
    "always on": "fires on nearly everybody with the same points, and tells nobody apart",
    "unproven": "fires often enough, and no effect can be told from noise",
    "not enough data": "too few leads, or too few with the outcome, to say anything",
    "fine": "its effect is clear and in the right direction",
}


def in_order_of_need(criteria: Iterable[CriterionReview]) -> list[CriterionReview]:
    """Return criteria, those to be looked at first; of one verdict as they stand in the file."""
    return sorted(criteria, key=lambda one: ORDER.index(one.verdict))


def say_share(share: float) -> str:
    """Return a share in percent, with a place where it is small or nearly all.

    >>> say_share(0.256), say_share(0.0412), say_share(0.0004), say_share(0), say_share(1), say_share(0.9996)
    ('26 %', '4.1 %', '0.1 %', '0 %', '100 %', '99.9 %')
    """
    if share in (0, 1):
        return f"{100 * share:.0f} %"
    percent = 100 * share
    if percent < 9.95:
        return f"{max(percent, 0.1):.1f} %"
    if percent > 99:
        return f"{min(percent, 99.9):.1f} %"
    return f"{percent:.0f} %"


def say_times(interval: Interval) -> str:
    """Return a number of times with its interval, inside a sentence.

    >>> say_times(Interval(value=1.5, low=1.204, high=12))
    '1.50 times (1.20 to 12.0)'
    """
    return f"{_times(interval.value)} times ({_times(interval.low)} to {_times(interval.high)})"


def say_interval(interval: Interval | None) -> str:
    """Return a number of times with its interval, or a dash.

    >>> say_interval(Interval(value=1.5, low=1.204, high=12)), say_interval(None)
    ('1.50 (1.20–12.0)', '–')
    """
    if interval is None:
        return "–"
    return f"{_times(interval.value)} ({_times(interval.low)}–{_times(interval.high)})"


def _times(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else ">99"


def say_days(days: int | None) -> str:
    """Return a half-life that is tried as the head of a column."""
    return "none" if days is None else f"{days} d"


def say_observed(found: Review) -> str:
    """Return what was looked at, in a sentence or two."""
    share = say_share(found.reached / found.observations) if found.observations else "0 %"
    if found.kind == "once":
        return (
            f"{found.leads:,} leads, each looked at once, as of {found.last or found.until}; {found.reached_leads:,} of them reached "
            f"{found.outcome} ({share})."
        )
    if not found.observations:
        return f"There is nothing to look at: no open lead has {found.horizon_days} days until {found.until}."
    moments = f"{found.moments} moments from {found.first} to {found.last}" if found.moments > 1 else found.first
    return (
        f"{found.observations:,} observations of {found.leads:,} open leads at {moments}. After {found.reached:,} of them ({share}), of "
        f"{found.reached_leads:,} leads, {found.outcome} came within {found.horizon_days} days. Outcomes are known until {found.until}."
    )


def say_left_out(found: Review) -> list[str]:
    """Return what was left out, and why."""
    return [
        f"{one.observations:,} observation{'s' if one.observations != 1 else ''} of {one.leads:,} "
        f"lead{'s' if one.leads != 1 else ''}: {one.sentence}."
        for one in found.left_out
    ]


def say_given_back(found: Review) -> list[str]:
    """Return which criteria had brought the leads that sales gave back, or that none stands out; nothing where none was given back."""
    if not found.returned_spells:
        return []
    spells = f"{found.returned_spells + found.accepted_spells:,} spells that were old enough and decided by sales"
    said = [f"Of {spells}, {found.returned_spells:,} were rejected or recycled and {found.accepted_spells:,} accepted."]
    compared = [
        (one, side.given_back)
        for one in found.criteria
        for side in one.sides
        if side.given_back and side.direction == "gives"
    ]
    if not compared:
        return [*said, "That is too few to say which criteria had brought those that were given back."]
    clear = [(one, back) for one, back in compared if back.is_clear]
    said += [
        f"'{one.id}' was there for {say_share(back.among_returned)} of those given back when they began, and for "
        f"{say_share(back.among_accepted)} of the accepted ({say_interval(back.ratio)} times)."
        for one, back in sorted(clear, key=lambda entry: -(entry[1].ratio.value if entry[1].ratio else 0))
    ]
    return said if clear else [*said, "No criterion was there clearly more often for those that were given back."]


def say_fields(found: Review) -> list[str]:
    """Return which fields may leak: those that fill up once the outcome is reached, and in one sentence those of which nobody knows."""
    said = [one.sentence for one in found.fields if one.finding == "filled later"]
    undated = [one for one in found.fields if one.finding == "undated"]
    if len(undated) == 1:
        said.append(undated[0].sentence)
    elif undated:
        others = "of the others" if found.kind == "once" else "of open leads of the same age"
        listed = ", ".join(f"'{one.field}' ({say_share(one.reached)}, {say_share(one.open)})" for one in undated)
        said.append(
            f"Known more often of those who reached {found.outcome} than {others}, and nothing says since when: {listed}. What is filled "
            f"in only once they reached it is a leak: give it as dated facts, or find out before you trust a criterion that reads it."
        )
    rest = len(found.fields) - len(undated) - sum(one.finding == "filled later" for one in found.fields)
    if rest:
        said.append(f"{rest} {'other ' if said else ''}field{'s are' if rest != 1 else ' is'} not suspect.")
    return said
