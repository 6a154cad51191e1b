"""The review of criteria as a page: what to look at first, lift and effect of each criterion, half-lives, and fields that may leak.

Words come from `engine/review/words.py`, as on the terminal. tests/report/test_review_page.py guards it.
"""

from collections import Counter
from collections.abc import Iterable

from leadline.engine.arithmetic import short_points
from leadline.engine.review.bounds import ALL, FILL_SHARE, JACCARD, LEAST_FIRING, LEAST_LEADS, LEAST_REACHED, TIMES
from leadline.engine.review.model import CriterionReview, HalfLives, Review, Side
from leadline.engine.review.words import (
    MEANINGS,
    ORDER,
    in_order_of_need,
    say_days,
    say_fields,
    say_given_back,
    say_interval,
    say_left_out,
    say_observed,
    say_share,
)
from leadline.report.charts import Across, Dot, Line, Up, dots, lines
from leadline.report.html import Content, Html, named, tag
from leadline.report.page import card, listed, opened, page, pair, paragraphs, table

WIDEST_LIFT = 6.0
"""The end of the scale on which lifts are drawn; what lies above is written beside it."""


def review_page(found: Review) -> str:
    """Return the page of a review."""
    cards = [
        card("In short", listed(in_short(found)), paragraphs(*found.notes, class_="note")),
        card(f"How often {found.outcome} comes where a criterion fires", lift_rows(found), lift_words(found)),
        card(
            "Each criterion",
            verdict_table(found.criteria),
            *[criterion(one) for one in in_order_of_need(found.criteria)],
        ),
    ]
    if any(side.quarters for one in found.criteria for side in one.sides):
        drifting = [chart for one in found.criteria for chart in drift_charts(one)]
        said = (
            "" if drifting else "No criterion fires, or works, clearly otherwise in the last quarter than in the first."
        )
        cards.append(card("Drift", paragraphs(said), pair(*drifting) if drifting else None))
    if brought := say_given_back(found):
        cards.append(card("What had brought leads that were given back", paragraphs(*brought), *given_back(found)))
    if found.half_lives:
        cards.append(card("Half-lives", *half_lives(found.half_lives)))
    if found.fields:
        cards.append(card("Fields that may be filled in only once somebody buys", *fields(found)))
    cards.append(card("How this is judged", *method(found)))
    return page(
        f"Review of {found.playbook}",
        heading=["Review of ", named(found.playbook)],
        about=say_observed(found),
        cards=cards,
        footer=f"Leadline, playbook version {found.version}. A review speaks of these leads and no others.",
    )


def in_short(found: Review) -> list[Content]:
    """Return what to know first: how many criteria of each verdict, and which ones to look at."""
    by_verdict = {verdict: [one for one in found.criteria if one.verdict == verdict] for verdict in ORDER}
    to_look_at = [one for one in ORDER if one not in ("fine", "unproven", "not enough data") and by_verdict[one]]
    said: list[Content] = [
        [tag("b", verdict.capitalize()), ": ", _names(by_verdict[verdict]), f" ({MEANINGS[verdict]})."]
        for verdict in to_look_at
    ]
    counts = Counter(one.verdict for one in found.criteria)
    rest = [f"{counts[verdict]} {verdict}" for verdict in ("fine", "unproven", "not enough data") if counts[verdict]]
    if not said:
        said.append("Nothing speaks clearly against any criterion.")
    if rest:
        said.append(f"Of {len(found.criteria)} criteria: {', '.join(rest)}.")
    suspect = [one for one in found.fields if one.is_suspect]
    if suspect:
        said.append(["To be looked at for leaks: ", _joined([named(one.field) for one in suspect]), "."])
    return said


def _names(criteria: Iterable[CriterionReview]) -> list[Content]:
    return _joined([named(one.id) for one in criteria])


def _joined(parts: list[Html]) -> list[Content]:
    return [[", " if number else "", part] for number, part in enumerate(parts)]


# -- lift and effect ---------------------------------------------------------------------------------------------


def _sides(found: Review) -> list[tuple[CriterionReview, Side]]:
    return [(one, side) for one in found.criteria for side in one.sides]


def _label(one: CriterionReview, side: Side) -> Content:
    return [named(one.id), f" ({side.direction})"] if len(one.sides) > 1 else named(one.id)


def lift_rows(found: Review) -> Html:
    """Return a row with a dot for each side of a criterion."""
    rows = [
        Dot(
            label=_label(one, side),
            value=None if side.lift is None else min(side.lift.value, WIDEST_LIFT),
            low=None if side.lift is None else min(side.lift.low, WIDEST_LIFT),
            high=None if side.lift is None else min(side.lift.high, WIDEST_LIFT),
            cells=(
                say_interval(side.lift),
                say_interval(side.odds_given_others),
                short_points(side.usual_points),
                say_share(side.fires),
            ),
            kind="main" if side.direction == "gives" else "other",
        )
        for one, side in _sides(found)
    ]
    highest = max((row.high for row in rows if row.high is not None), default=2.0)
    heads: list[Content] = ["criterion", "lift", "with its interval", "odds given the others", "points", "fires"]
    return dots(
        "Lift of each criterion, with its interval of 95 %",
        heads=heads,
        rows=rows,
        most=max(highest, 2.0),
        reference=1.0,
    )


def lift_words(found: Review) -> Html:
    """Return how to read the lifts."""
    return paragraphs(
        f"Lift is the share with {found.outcome} where a criterion fires, divided by the share where it does not though it is known; "
        "the dashed line is 1, no difference. Criteria that give points belong to its right, those that cost some to its left. Beside "
        "it, how many times the odds are larger with its usual points when all other criteria are equal. A dash: too few leads.",
        class_="note",
    )


def verdict_table(criteria: Iterable[CriterionReview]) -> Html:
    """Return a table of verdicts and of the part that each criterion has in the points."""
    rows: list[list[Content]] = [
        [
            named(one.id),
            one.verdict,
            one.score,
            say_share(one.share_of_score),
            say_share(one.share_of_all),
            say_share(one.maximum_cuts),
            say_share(one.minimum_cuts),
            say_share(one.unknown),
            "–" if one.reached_unknown is None else say_share(one.reached_unknown),
        ]
        for one in criteria
    ]
    columns: list[tuple[Content, bool]] = [
        ("criterion", False),
        ("verdict", False),
        ("score", False),
        ("of its score", True),
        ("of all points", True),
        ("maximum cuts", True),
        ("minimum cuts", True),
        ("unknown", True),
        ("outcome where unknown", True),
    ]
    return table("Verdicts, and the part of all absolute points that each criterion has", columns, rows)


def criterion(one: CriterionReview) -> Html:
    """Return a criterion to open, with its reasons and its quarters."""
    quarters = [
        [
            [named(one.id), f" ({side.direction})"] if len(one.sides) > 1 else quarter.name,
            quarter.name,
            f"{quarter.observations:,}",
            say_share(quarter.fires),
            say_interval(quarter.lift),
        ]
        for side in one.sides
        for quarter in side.quarters
    ]
    columns: list[tuple[Content, bool]] = [
        ("", False),
        ("quarter", False),
        ("observations", True),
        ("fires", True),
        ("lift", True),
    ]
    if len(one.sides) < 2:
        quarters = [row[1:] for row in quarters]
        columns = columns[1:]
    inside = [tag("p", one.why, class_="dim"), paragraphs(one.reason, *one.cautions)]
    if quarters:
        inside.append(table(f"{one.id} by quarter", columns, quarters))
    summary = [tag("b", named(one.id)), f": {one.verdict}"]
    return tag("details", tag("summary", summary), tag("div", *inside, class_="inside"), class_="lead")


def drift_charts(one: CriterionReview) -> list[Html]:
    """Return a picture for each side of a criterion that drifts."""
    found = []
    for side in one.sides:
        if not side.drift.sentence:
            continue
        names = [quarter.name for quarter in side.quarters]
        marks = [(float(place), name) for place, name in enumerate(names)]
        if side.drift.fires_drifts:
            points = [(float(place), 100 * quarter.fires) for place, quarter in enumerate(side.quarters)]
            found.append(
                lines(
                    f"fires-{one.id}-{side.direction}",
                    title=f"{one.id}: in how many observations it fires",
                    description=side.drift.sentence,
                    series=[Line(name="fires", points=points, dots=True)],
                    across=Across(marks=marks),
                    up=Up(shown="{:.0f} %".format),
                )
            )
        if side.drift.lift_drifts:
            known = [(place, quarter.lift) for place, quarter in enumerate(side.quarters) if quarter.lift is not None]
            found.append(
                lines(
                    f"lift-{one.id}-{side.direction}",
                    title=f"{one.id}: its lift",
                    description=side.drift.sentence,
                    series=[
                        Line(
                            name="lift",
                            points=[(float(place), lift.value) for place, lift in known],
                            whiskers=[(lift.low, lift.high) for _, lift in known],
                            dots=True,
                        )
                    ],
                    across=Across(marks=marks),
                    up=Up(shown="{:.1f}".format),
                    limit=(1.0, "no difference"),
                )
            )
    return found


def given_back(found: Review) -> list[Html]:
    """Return how often each criterion was there when spells began, or nothing."""
    rows: list[list[Content]] = [
        [_label(one, side), say_share(back.among_returned), say_share(back.among_accepted), say_interval(back.ratio)]
        for one, side in _sides(found)
        if (back := side.given_back) is not None
    ]
    columns: list[tuple[Content, bool]] = [
        ("criterion", False),
        ("of those given back", True),
        ("of the accepted", True),
        ("times", True),
    ]
    return [table("How often a criterion was there when a spell began", columns, rows)] if rows else []


# -- half-lives and fields ------------------------------------------------------------------------------------------


def half_lives(compared: Iterable[HalfLives]) -> list[Html]:
    """Return how each half-life ranks."""
    compared = list(compared)
    columns: list[tuple[Content, bool]] = [("", False), ("as written", False), ("", True)]
    columns += [(say_days(trial.days), True) for trial in compared[0].trials]
    rows: list[list[Content]] = []
    for one in compared:
        cells: list[Content] = [named(one.id) if one.subject == "criterion" else [named(one.id), " (score)"]]
        cells += [one.written, f"{one.area_as_written.value:.3f}"]
        for trial in one.trials:
            text = f"{trial.area.value:.3f}"
            cells.append(tag("b", text) if trial.days == one.best else text)
        rows.append(cells)
    return [
        paragraphs(
            "How often a lead that converts has more points than one that does not: 0.5 is chance, 1 a perfect order. Each column gives "
            "all criteria on events that half-life; a criterion is looked at where it had something to count. The best is bold, but read "
            "the sentences below: most differences are noise.",
            class_="note",
        ),
        table("How well points rank later converters with each half-life", columns, rows),
        tag("ul", *(tag("li", [named(one.id), ": ", one.sentence]) for one in compared)),
    ]


def fields(found: Review) -> list[Html]:
    """Return the fill rates, and what is suspect."""
    others = "of the others" if found.kind == "once" else "of open leads of the same age"
    columns: list[tuple[Content, bool]] = [
        ("field", False),
        (f"known of those who reached {found.outcome}", True),
        (others, True),
        ("difference in points", True),
        ("while still open", True),
        ("read by", False),
    ]
    rows: list[list[Content]] = [
        [
            named(one.field),
            say_share(one.reached),
            say_share(one.open),
            f"{100 * one.difference.value:+.0f} ({100 * one.difference.low:+.0f} to {100 * one.difference.high:+.0f})",
            "–" if one.before is None else f"{100 * one.before.value:+.0f}",
            _joined([named(name) for name in one.read_by]),
        ]
        for one in found.fields
    ]
    return [
        paragraphs(*say_fields(found)),
        table("How often fields are known, as known then", columns, rows),
    ]


def method(found: Review) -> list[Html]:
    """Return what was left out, and the bounds."""
    verdicts = tag("ul", *(tag("li", tag("b", verdict), f": {MEANINGS[verdict]}.") for verdict in ORDER))
    bounds = table("Bounds", [("bound", False), ("", True)], [[name, f"{value:g}"] for name, value in ALL.items()])
    return [
        paragraphs(*(f"Left out: {text}" for text in say_left_out(found))),
        paragraphs(
            f"A lead is looked at more than once, and counts as one lead in every interval. Nothing is said below {LEAST_LEADS} leads, "
            f"{LEAST_REACHED} of them with the outcome, and {LEAST_FIRING} each on whom a criterion fires and does not. Verdicts against a "
            f"criterion ask for a wider interval the more criteria there are, so that of a hundred playbooks that do nothing about five "
            f"are blamed for anything. Redundant: at least {JACCARD:.0%} of their observations in common. Too heavy or too light: by "
            f"{TIMES:g} times, measured by the other criteria of the score. A field is suspect from {FILL_SHARE:.0%} difference on."
        ),
        opened("What the verdicts mean", verdicts),
        opened("All bounds", bounds),
    ]
