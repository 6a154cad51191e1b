"""The page of a comparison: what a new version of a playbook would have done otherwise.

It says what `WhatIf` holds and computes nothing. tests/report/test_whatif.py tries it with little, nothing and hostile data.
"""

from collections.abc import Sequence

from leadline.engine.arithmetic import plain_points
from leadline.engine.calendar import date_of, date_text
from leadline.engine.comparison import words
from leadline.engine.comparison.model import (
    Changed,
    Followed,
    QualificationChange,
    Telling,
    Version,
    Way,
    WhatIf,
    Workload,
)
from leadline.engine.explanation.model import Part, QualificationExplanation, ScoreExplanation
from leadline.engine.expressions.words import say_day
from leadline.report.charts import Across, Column, Dot, Line, Up, columns, dots, lines
from leadline.report.html import Content, Html, join, named, tag
from leadline.report.page import card, listed, opened, page, pair, paragraphs, table

_GROUPS = {
    "old": "All of the old version",
    "new": "All of the new version",
    "kept": "In both, from the new entry",
    "added": "Added: only in the new",
    "removed": "Removed: only in the old",
}
_TRUTHS = {"true": "yes", "false": "no", "unknown": "not known"}
_WAYS: dict[Way, tuple[str, str]] = {
    "for": ("Let in, or let in sooner", "The new version lets no lead in that the old one did not, and none sooner."),
    "against": ("Lost, or let in later", "The new version loses no lead that the old one let in, and has none later."),
}


def whatif_page(found: WhatIf) -> str:
    """Return the comparison as one self-contained HTML page."""
    moved = [one for one in found.qualifications if one.only_in is None and words.is_moved(one)]
    cards = [
        card("In short", listed(words.in_short(found)), *_unseen(found), paragraphs(*found.not_used, class_="note")),
        _who(found),
        _handoffs(found),
        *(_became(found, one, number) for number, one in enumerate(moved)),
        *(_telling(found, way) for way in ("for", "against")),
    ]
    about = [
        _version(found.old, "from"),
        " ",
        _version(found.new, "to"),
        f" over {say_period(found.start, found.end)}: {words.say_leads(found.leads)}.",
    ]
    footer = (
        f"Outcomes are known to {say_day(found.seen_until)} and count within {words.say_days(found.horizon_days)} after a lead's"
        " entry. All intervals are of 95 %. Made by Leadline from the same two playbooks and the same data, this page is always the same."
    )
    title = f"What if: {found.new.name}"
    return page(title, heading=["What if: ", named(found.new.name)], about=about, cards=cards, footer=footer)


def say_period(start: int, end: int) -> str:
    """Return a stretch of days in words."""
    return f"{say_day(start)} to {say_day(end)}"


def _version(version: Version, word: str) -> Html:
    name = version.file or version.name
    return join([f"{word} ", tag("b", named(name)), f" ({version.version})"])


def _unseen(found: WhatIf) -> list[Html]:
    if not found.unseen:
        return []
    return [tag("p", f"Not followed, since the data has none: {', '.join(found.unseen)}.", class_="note")]


# -- who, and how much work -----------------------------------------------------------------------------------


def _who(found: WhatIf) -> Html:
    heads: list[tuple[Content, bool]] = [("Qualification", False)]
    heads += [
        (text, True) for text in ("Old", "New", "Added", "Removed", "Earlier", "Same day", "Later", "Spells")
    ]  # fmt: skip
    rows: list[list[Content]] = [
        [
            [named(one.title), _only(one)],
            one.old_leads,
            one.new_leads,
            one.added,
            one.removed,
            one.earlier,
            one.same,
            one.later,
            f"{one.old_spells:,} → {one.new_spells:,}",
        ]
        for one in found.qualifications
    ]
    what = (
        "A lead is in a version's qualification when it has a spell of it that touches the period; its entry is where the first of"
        " them begins. Earlier and later are by whole days."
    )
    return card(
        "Who enters and who leaves",
        table("Leads by qualification", heads, rows),
        tag("p", what, class_="note"),
    )


def _only(one: QualificationChange) -> Content:
    return None if one.only_in is None else tag("span", f" only in the {one.only_in} version", class_="dim")


def _handoffs(found: WhatIf) -> Html:
    old, new = found.workload["old"], found.workload["new"]
    picture = weeks_chart("weeks", [("New version", new), ("Old version", old)])
    loads = [("Old version", old), ("New version", new)]
    note = f"Beginnings of spells {words.say_handed_over(new)}"
    if words.say_handed_over(old) != words.say_handed_over(new):
        note += f"; in the old version {words.say_handed_over(old)}"
    return card(
        "How much work it makes",
        picture,
        table("Hand-offs", load_heads(new, "Version"), [load_row(name, load) for name, load in loads]),
        opened("Week by week", weeks_table(loads)),
        tag("p", f"{note}. A lead counts once for a moment.", class_="note"),
    )


def weeks_chart(name: str, loads: Sequence[tuple[str, Workload]]) -> Html:
    """Return the hand-offs by week as lines, the most important first."""
    weeks = loads[0][1].weeks
    every = max(1, -(-len(weeks) // 5))
    capacity = loads[0][1].capacity
    said = "; ".join(f"{label}: {load.total:,} in all, {load.most:,} in the fullest week" for label, load in loads)
    return lines(
        name,
        title="Hand-offs by week",
        description=f"{said}." + (f" The capacity is {capacity:,} a week." if capacity else ""),
        series=[
            Line(
                name=label,
                points=[(number, week.handoffs) for number, week in enumerate(load.weeks)],
                kind="old" if number else "main",
            )
            for number, (label, load) in enumerate(loads)
        ],
        across=Across(
            marks=[(number, short_day(weeks[number].monday)) for number in range(0, len(weeks), every)],
            title=f"weeks, from {say_day(weeks[0].monday)} on" if weeks else "",
        ),
        up=Up(whole=True),
        limit=None if capacity is None else (capacity, f"capacity {capacity:,}"),
    )


def short_day(day: int) -> str:
    """Return a day without its year.

    >>> short_day(20_458)
    '5 Jan'
    """
    date = date_of(day)
    return f"{date.day} {date:%b}"


def load_heads(load: Workload, first: str) -> list[tuple[Content, bool]]:
    """Return the headings over what `load_row` gives."""
    heads: list[tuple[Content, bool]] = [(first, False), ("In all", True), ("A week", True), ("Fullest week", True)]
    if load.capacity is not None:
        heads += [(f"Weeks over {load.capacity:,}", True), ("Most waiting", True), ("Waiting at the end", True)]
    return heads


def load_row(name: Content, load: Workload) -> list[Content]:
    """Return a row about the work that a version makes."""
    row: list[Content] = [name, load.total, words.say_rate(load.a_week), load.most]
    if load.waiting is not None:
        row += [load.weeks_over, load.most_waiting, load.waiting[-1] if load.waiting else 0]
    return row


def weeks_table(loads: Sequence[tuple[str, Workload]]) -> Html:
    """Return hand-offs week by week, side by side."""
    heads: list[tuple[Content, bool]] = [("Week from", False), *((name, True) for name, _ in loads)]
    if loads[0][1].waiting is not None:
        heads += [(f"Waiting, {name[0].lower()}{name[1:]}", True) for name, _ in loads]
    rows: list[list[Content]] = []
    for number, week in enumerate(loads[0][1].weeks):
        partly = "" if week.days == 7 else f", {words.say_days(week.days)} of it"
        row: list[Content] = [date_text(week.monday) + partly]
        row += [load.weeks[number].handoffs for _, load in loads]
        row += [load.waiting[number] for _, load in loads if load.waiting is not None]
        rows.append(row)
    return table("Hand-offs week by week", heads, rows)


# -- what became of them --------------------------------------------------------------------------------------


def _became(found: WhatIf, change: QualificationChange, number: int) -> Html:
    has_outcomes = bool(found.outcomes)
    content: list[Content] = []
    if has_outcomes:
        content.append(pair(_shares(found, change), _winners(change, number)))
        content.append(paragraphs("" if number else words.CAUTION, class_="note"))
    else:
        content.append(tag("p", "No outcome that is followed occurs in the data, so nothing can be said of it."))
    return card(["What became of them: ", named(change.title)], *content)


def _shares(found: WhatIf, change: QualificationChange) -> Content:
    rows: list[Dot] = []
    for outcome in reversed(found.outcomes):
        rows.append(Dot(label=named(outcome), is_group=True))
        rows += [_share_row(group, outcome) for group in change.followed[2:] if group.leads]
    within = f"within {words.say_days(found.horizon_days)}"
    picture = dots(f"Reached {within} of their entry", heads=("Leads", "Share", "Of", "%"), rows=rows)
    counted: list[list[Content]] = [
        [
            _GROUPS[one.group],
            one.leads,
            one.mature,
            one.unmatured,
            one.before,
            *(words.say_share(two.share) for two in one.reached),
        ]
        for one in change.followed
    ]
    heads: list[tuple[Content, bool]] = [("Leads", False), ("All", True), ("Mature", True), ("Not yet", True)]
    heads += [("In before", True), *((named(outcome), True) for outcome in found.outcomes)]
    late = [[_GROUPS[one.group], ": ", said] for one in change.followed if (said := words.say_already(one.reached))]
    return [
        picture,
        opened("All groups, and who is not counted", table("What became of each group", heads, counted), *_late(late)),
    ]


def _late(late: Sequence[Content]) -> list[Html]:
    return [tag("p", one, class_="note") for one in late]


def _share_row(group: Followed, outcome: str) -> Dot:
    share = group.get(outcome).share
    low, high = share.interval
    return Dot(
        label=group.group.capitalize(),
        value=share.ratio,
        low=low if share.n else None,
        high=high if share.n else None,
        cells=(f"{share.count:,} of {share.n:,}", words.say_percent(share.ratio) if share.n else ""),
        kind={"added": "main", "removed": "old"}.get(group.group, "other"),  # type: ignore[arg-type]
    )


def _winners(change: QualificationChange, number: int) -> Content:
    found = change.winners
    if not found.leads:
        return [
            tag("h3", "Winners"),
            tag("p", f"No lead had the outcome {found.outcome} for the first time in the period."),
        ]
    heads: list[tuple[Content, bool]] = [("Had in before", False), ("Leads", True)]
    rows: list[list[Content]] = [
        ["Both versions had in time", found.both],
        ["Caught: only the new one", found.caught],
        ["Missed: only the old one", found.missed],
        ["Neither", found.neither],
    ]
    counted = table(f"Leads with the outcome {found.outcome} in the period", heads, rows)
    if found.days is None:
        return [tag("h3", "Winners"), counted]
    picture = columns(
        f"days-{number}",
        title="Days gained or lost on winners that both had",
        description=words.say_gain(found) + ".",
        bars=[
            Column(
                label=words.say_span(span).replace(" earlier", "").replace(" later", "").replace("same day", "0"),
                value=span.leads,
                kind="old" if span.most is not None and span.most < 0 else "main",
            )
            for span in found.spans
        ],
        across_title="days; grey: later in the new version",
        up=Up(whole=True, shown="{:,.0f}".format),
        height=180,
    )
    said = words.say_gain(found)
    return [tag("h3", "Winners"), counted, picture, tag("p", f"{said[0].upper()}{said[1:]}.", class_="note")]


# -- the leads that tell most ---------------------------------------------------------------------------------


def _telling(found: WhatIf, way: Way) -> Html:
    heading, nothing = _WAYS[way]
    leads = [one for one in found.telling if one.way == way]
    if not leads:
        return card(heading, tag("p", nothing))
    said = f"The {len(leads)} that tell most: winners first, then those moved furthest. Open one to see why."
    return card(
        heading,
        tag("p", said, class_="note"),
        tag("div", *(_lead(one) for one in leads)),
    )


def _lead(one: Telling) -> Html:
    summary = tag("summary", tag("b", named(one.lead_id)), ": ", words.say_telling(one))
    inside: list[Content] = []
    if one.scores or one.criteria:
        inside.append(_changed(one))
    elif one.explanation is not None:
        inside.append(tag("p", "All criteria gave the same points in both versions; the qualification differs."))
    if one.explanation is not None:
        said = next(level for level in one.explanation.qualifications if level.id == one.qualification)
        inside.append(pair(_level(said, one, one.entered_by), _other(one)))
        inside.append(
            opened(
                f"What made its scores then, by the {one.entered_by} version",
                *(_score(score) for score in one.explanation.scores),
            )
        )
    return tag("details", summary, tag("div", *inside, class_="inside"), class_="lead")


def _changed(one: Telling) -> Html:
    def cell(points: int | None) -> str:
        return "–" if points is None else plain_points(points)

    def row(changed: Changed) -> list[Content]:
        return [changed.text, cell(changed.old), cell(changed.new)]

    rows = [row(changed) for changed in (*one.scores, *one.criteria)]
    caption = f"What gave different points on {say_day(one.day)}"
    return table(caption, [("Score or criterion", False), ("Old", True), ("New", True)], rows)


def _level(said: QualificationExplanation, one: Telling, side: str) -> Content:
    title = tag("h3", f"{side.capitalize()} version: ", named(said.title))
    if one.began_by == "hand_raise" and side == one.entered_by:
        return [title, tag("p", f"By a hand raise: {one.hand_raise}.")]
    if said.enter is None:
        return [title, tag("p", "The lead is excluded.")]
    return [title, tag("ul", _part(said.enter))]


def _other(one: Telling) -> Content:
    side = "old" if one.entered_by == "new" else "new"
    if one.other_says is None:
        return [tag("h3", f"{side.capitalize()} version"), tag("p", f"It has no {one.qualification}.")]
    return _level(one.other_says, one, side)


def _part(part: Part) -> Html:
    truth = tag("span", _TRUTHS[part.truth], class_="ok" if part.truth == "true" else "bad")
    if part.joined in ("all", "any"):
        text: Content = "all of these: " if part.joined == "all" else "one of these: "
    elif part.joined is not None:
        text = "this is not so: " if part.joined == "not" else "this is certain: "
    else:
        found = f" ({part.found})" if part.found else ""
        return tag("li", part.text, ": ", truth, tag("span", found, class_="dim"))
    return tag("li", text, truth, tag("ul", *(_part(inner) for inner in part.parts)))


def _score(score: ScoreExplanation) -> Html:
    grade = f", grade {score.grade}" if score.grade else ""
    heads: list[tuple[Content, bool]] = [("Criterion", False), ("Points", True)]
    rows: list[list[Content]] = [[line.text, plain_points(line.points)] for line in score.lines]
    if not rows:
        return tag("p", f"{score.title}: {plain_points(score.points)}{grade}.")
    rows.append([tag("b", "Together"), tag("b", plain_points(score.points))])
    return table(f"{score.title}: {plain_points(score.points)}{grade}", heads, rows)
