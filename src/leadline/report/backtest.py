"""The page of a back-test: how well a playbook's qualification finds the leads that reach an outcome.

It says what `BackTest` holds and computes nothing. tests/report/test_backtest.py tries it with little, nothing and hostile data.
"""

from collections.abc import Sequence

from leadline.engine.arithmetic import POINT, plain_points
from leadline.engine.backtest import words
from leadline.engine.backtest.model import BackTest, Part, ThresholdRow
from leadline.engine.comparison.words import say_days, say_leads, say_maturity, say_percent, say_rate
from leadline.engine.expressions.words import say_day
from leadline.engine.statistics import Share
from leadline.report.charts import Across, Dot, Kind, Line, Up, dots, lines
from leadline.report.html import Content, Html, named, tag
from leadline.report.page import card, listed, opened, page, paragraphs, table
from leadline.report.whatif import load_heads, load_row, say_period, weeks_chart, weeks_table


def backtest_page(found: BackTest) -> str:
    """Return the back-test as one self-contained HTML page."""
    cards = [
        card("In short", listed(words.in_short(found)), paragraphs(words.CAUTION, *found.not_used, class_="note")),
        _entered(found),
        *_scores(found),
        *([_thresholds(found)] if found.thresholds else []),
        _work(found),
    ]
    name = found.playbook.file or found.playbook.name
    about: list[Content] = [
        tag("b", named(name)),
        f" ({found.playbook.version}), ",
        named(found.title),
        f" against {found.outcome}, over {say_period(found.start, found.end)}: {say_leads(found.leads)}.",
    ]
    footer = (
        f"Outcomes are known to {say_day(found.seen_until)} and count within {say_days(found.horizon_days)}. All intervals are of"
        " 95 %. Made by Leadline from the same playbook and the same data, this page is always the same."
    )
    title = f"Back-test: {found.playbook.name}"
    return page(title, heading=["Back-test: ", named(found.playbook.name)], about=about, cards=cards, footer=footer)


# -- who entered ----------------------------------------------------------------------------------------------


def _entered(found: BackTest) -> Html:
    rows = [
        Dot(
            label=named(one.outcome),
            value=one.share.ratio,
            low=one.share.interval.low if one.share.n else None,
            high=one.share.interval.high if one.share.n else None,
            cells=(f"{one.share.count:,} of {one.share.n:,}", say_percent(one.share.ratio), one.already),
        )
        for one in found.followed.reached
    ]
    days = found.in_time.days
    spread = (
        ""
        if days is None
        else f"From the entry to {found.outcome}: {say_days(days[2])} in the median, half of them from {days[1]:g} to {days[3]:g}."
    )
    return card(
        ["Who entered: ", named(found.title)],
        dots(
            f"What became of the leads within {say_days(found.horizon_days)} of their entry",
            heads=("Outcome", "Share", "Of", "%", "Had it before"),
            rows=rows,
            most=1.0 if not found.followed.mature else None,
        ),
        paragraphs(f"Followed: {say_maturity(found.followed, found.horizon_days)}.", class_="note"),
        paragraphs(words.say_reach(found), spread),
    )


# -- scores and grades ----------------------------------------------------------------------------------------

_HEADS: tuple[Content, ...] = ("Of", "%", "Lift", "Of all that did")


def _scores(found: BackTest) -> list[Html]:
    observed = paragraphs(words.say_observed(found), class_="note")
    if not found.observations.n:
        return [card("Do the scores find them?", observed, *_left_out(found))]
    tables = [one for one in found.scores if one.bands]
    gains = [
        Line(
            name=one.title,
            points=[(0.0, 0.0), *_gains([band.part for band in one.bands])],
            kind="main" if number == 0 else "other" if number == 1 else "old",
            dots=True,
        )
        for number, one in enumerate(tables)
    ]
    ends = Line(name="No better than chance", points=[(0.0, 0.0), (1.0, 1.0)], kind="even")
    picture = lines(
        "gain",
        title="How many of those that did lie among the best",
        description=" ".join(words.say_score(one) for one in tables if one.auc is not None) or "No lead did.",
        series=[*gains, ends],
        across=Across(marks=[(k / 4, f"{k * 25} %") for k in range(5)], title="share of the leads, best score first"),
        up=Up(shown="{:.0%}".format, most=1.0),
    )
    bands = [
        dots(
            f"{one.title}: reached {found.outcome}, by score",
            heads=("Points", "Share", *_HEADS),
            rows=[_part_row(words.say_band(band), band.part) for band in one.bands],
            reference=found.observations.ratio,
        )
        for one in tables
    ]
    has_grades = any(row.grade is not None for row in found.grades)
    grades = [_part_row(row.grade or "none", row.part) for row in found.grades if has_grades]
    return [
        card("Do the scores find them?", observed, *([picture] if found.observations.count else []), *bands),
        card(
            "Do the grades, and does enter?" if has_grades else "Does enter?",
            dots(
                f"Reached {found.outcome}" + (", by grade" if has_grades else ""),
                heads=("Grade" if has_grades else "Leads", "Share", *_HEADS),
                rows=[*grades, _part_row("enter was true", found.enter)],
                reference=found.observations.ratio,
            ),
            tag("p", "The dashed line is the share of all.", class_="note"),
            *_left_out(found),
        ),
    ]


def _left_out(found: BackTest) -> list[Html]:
    said = words.say_left_out(found)
    return [opened("What is left out, and why", tag("ul", *(tag("li", one) for one in said)))] if said else []


def _gains(parts: Sequence[Part]) -> list[tuple[float, float]]:
    """Return the share of the leads and of those that reached the outcome, down to each band."""
    points, seen = [], 0
    for part in parts:
        seen += part.reached.n
        points.append((seen / part.whole.n, part.gain.ratio or 0.0))
    return points


def _part_row(label: str, part: Part) -> Dot:
    low, high = part.reached.interval
    return Dot(
        label=label.replace(" ", "\u00a0"),
        value=part.reached.ratio,
        low=low if part.reached.n else None,
        high=high if part.reached.n else None,
        cells=(
            f"{part.reached.count:,} of {part.reached.n:,}",
            say_percent(part.reached.ratio),
            words.say_lift(part).replace(" times", ""),
            say_percent(part.gain.ratio),
        ),
    )


# -- thresholds -----------------------------------------------------------------------------------------------


def _thresholds(found: BackTest) -> Html:
    rows = found.thresholds
    here = next(number for number, row in enumerate(rows) if row.is_present)
    picture = lines(
        "thresholds",
        title="Precision and reach by threshold",
        description=(
            "Precision falls and reach rises as the threshold is lowered, or not; the table below holds every number. "
            + " ".join(words.say_moves(found))
        ),
        series=[
            _curve(rows, f"Precision: of those in, reached {found.outcome}", [row.precision for row in rows], "main"),
            _curve(
                rows, f"Reach: of those that reached {found.outcome}, in before", [row.reach for row in rows], "other"
            ),
        ],
        across=Across(
            marks=[
                (row.threshold / POINT, plain_points(row.threshold))
                for row in rows
                if (row.threshold - rows[here].threshold) % (10 * POINT) == 0
            ],
            title=f"{found.score} from",
        ),
        up=Up(shown="{:.0%}".format, most=1.0),
        mark=(rows[here].threshold / POINT, "now"),
    )
    heads: list[tuple[Content, bool]] = [(f"{found.score} from", True), ("Leads", True), ("Added", True)]
    heads += [("Removed", True), ("Earlier", True), ("Later", True), ("A week", True)]
    has_room = rows[here].weeks_over is not None
    if has_room:
        heads += [("Weeks over", True), ("Most waiting", True)]
    heads += [("Precision", True), ("Reach", True)]
    cells: list[list[Content]] = []
    for row in rows:
        line: list[Content] = [plain_points(row.threshold), row.leads, row.added, row.removed, row.earlier, row.later]
        line.append(say_rate(row.a_week))
        line += [row.weeks_over, row.most_waiting] if has_room else []
        line += [_said(row.precision), _said(row.reach)]
        cells.append(line)
    return card(
        "Other thresholds",
        picture,
        table(f"What {found.score} from another number would have done", heads, cells, here=here),
        paragraphs(*words.say_moves(found)),
        tag(
            "p",
            f"Each threshold was replayed with all else as it is, stay and hand raises too. Precision counts leads whose"
            f" {say_days(found.horizon_days)} are over; reach counts leads that reached {found.outcome} in the period.",
            class_="note",
        ),
    )


def _said(share: Share) -> str:
    return f"{say_percent(share.ratio)} of {share.n:,}" if share.n else "–"


def _curve(rows: Sequence[ThresholdRow], name: str, shares: Sequence[Share], kind: Kind) -> Line:
    """Return a share by threshold with its intervals; thresholds without any lead are left out."""
    known = [(row.threshold / POINT, share) for row, share in zip(rows, shares, strict=True) if share.n]
    return Line(
        name=name,
        points=[(x, share.count / share.n) for x, share in known],
        whiskers=[(share.interval.low, share.interval.high or 1.0) for _, share in known],
        kind=kind,
        dots=True,
    )


def _work(found: BackTest) -> Html:
    loads = [("Hand-offs", found.workload)]
    return card(
        "How much work it makes",
        weeks_chart("weeks", loads),
        table("Hand-offs", load_heads(found.workload, "Qualification"), [load_row(named(found.title), found.workload)]),
        opened("Week by week", weeks_table(loads)),
    )
