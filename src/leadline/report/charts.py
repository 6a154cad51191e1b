"""Pictures as SVG: lines, columns and dots, with intervals. They scale with the page while their text keeps its size.

Across, everything is in percent; down, in pixels; so there is no view box. Colour and weight come from the page's style by class:
``main``, ``old``, ``other``. Each picture has a title and a description for who does not see it, and whoever draws one puts the
same numbers into a table beside it; dots stand in a table to begin with. tests/report/test_charts.py guards it.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from leadline.report.html import Content, Html, tag

Kind = Literal["main", "old", "other", "even", "limit"]
TOP, BOTTOM, LEFT, RIGHT = 22, 36, 7.0, 2.0
"""Room above and below the plot in pixels, and beside it in percent."""

WIDEST = 18.0
"""The most that a column takes, in percent, so that a single one does not fill the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line through points from left to right.

    points: across and up, in the units of the axes. whiskers: lowest and highest of each point's interval, or nothing.
    kind:   how it looks. dots: whether its points are marked; each mark says its value when pointed at.
    """

    name: str
    points: Sequence[tuple[float, float]]
    whiskers: Sequence[tuple[float, float] | None] = ()
    kind: Kind = "main"
    dots: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """An upright bar; *low* and *high* are its interval."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    kind: Kind = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A row with a dot. *value* is None where there is none; *cells* are what stands beside the picture.

    label: what the row is. A row of *is_group* has only that: it heads those below it.
    """

    label: Content
    value: float | None = None
    low: float | None = None
    high: float | None = None
    cells: Sequence[Content] = ()
    kind: Kind = "main"
    is_group: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Across:
    """What is across: *marks* are places with what is written there, from left to right; *title* is what they are."""

    marks: Sequence[tuple[float, str]]
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Up:
    """What is up: how a value is written, the top (left out, the highest value), and whether values are whole numbers."""

    shown: Callable[[float], str] = "{:g}".format
    most: float | None = None
    whole: bool = False


def nice_ticks(most: float, *, whole: bool = False) -> list[float]:
    """Return marks for an axis from 0 to *most* or a little above: three to six, in steps of 1, 2, 2½ or 5.

    >>> nice_ticks(87), nice_ticks(3, whole=True), nice_ticks(0)
    ([0.0, 25.0, 50.0, 75.0, 100.0], [0.0, 1.0, 2.0, 3.0], [0, 0.5, 1])
    """
    if most < 1e-9:  # nothing, or so little that no step would tell it apart
        return [0, 1] if whole else [0, 0.5, 1]
    power = 10.0 ** (math.floor(math.log10(most)) - 1)
    steps = [factor * power * scale for scale in (1, 10) for factor in (1, 2, 2.5, 5)]
    steps = [step for step in [*steps, 100 * power] if not whole or (step >= 1 and step == int(step))] or [1.0]
    step = next((one for one in steps if most / one <= 4 + 1e-9), steps[-1])
    count = max(1, math.ceil(most / step - 1e-9))
    return [round(step * number, 12) for number in range(count + 1)]


def lines(
    name: str,
    *,
    title: str,
    description: str,
    series: Sequence[Line],
    across: Across,
    up: Up = Up(),
    limit: tuple[float, str] | None = None,
    mark: tuple[float, str] | None = None,
    height: int = 230,
) -> Html:
    """Return lines in a picture with a legend.

    Args:
        name: an id of the picture, unique in the page.
        title, description: for who does not see it; the title is shown above it too.
        series: what to draw, the most important first.
        across, up: the two axes.
        limit: a level to compare with, and its name. mark: a place across to point out, and its name.
        height: in pixels.
    """
    places = [x for line in series for x, _ in line.points] + [x for x, _ in across.marks]
    low, high = min(places, default=0.0), max(places, default=1.0)
    span = (high - low) or 1.0
    values = [y for line in series for _, y in line.points]
    values += [pair[1] for line in series for pair in line.whiskers if pair] + ([limit[0]] if limit else [])
    ticks = nice_ticks(max(values, default=0.0) if up.most is None else up.most, whole=up.whole)
    plot = _Plot(height, ticks[-1])

    def at(x: float) -> float:
        return LEFT + (100 - LEFT - RIGHT) * (x - low) / span

    drawn = plot.grid(ticks, up.shown)
    for x, label in across.marks:
        edge = "end" if at(x) > 93 else "start" if at(x) < LEFT + 2 else "middle"
        drawn.append(tag("text", label, x=_percent(at(x)), y=height - BOTTOM + 16, text_anchor=edge))
    if across.title:
        drawn.append(tag("text", across.title, x="50%", y=height - 3, text_anchor="middle"))
    if mark is not None:
        drawn += plot.upright(at(mark[0]), mark[1])
    if limit is not None:
        drawn.append(_line(LEFT, plot.y(limit[0]), 100 - RIGHT, plot.y(limit[0]), "l limit"))
        drawn.append(
            tag("text", limit[1], x="100%", y=plot.y(limit[0]) - 5, text_anchor="end", class_="limit")
        )  # fmt: skip
    for line in reversed(series):
        drawn += _drawn(line, at, plot, up.shown)
    return _figure(name, title, description, height, drawn, legend(series) if len(series) > 1 else None)


def _drawn(line: Line, at: Callable[[float], float], plot: "_Plot", shown: Callable[[float], str]) -> list[Html]:
    found = []
    for place, pair in zip(line.points, line.whiskers, strict=False):
        if pair is not None:
            found.append(_line(at(place[0]), plot.y(pair[0]), at(place[0]), plot.y(pair[1]), f"w {line.kind}"))
    for (x, y), (next_x, next_y) in zip(line.points, line.points[1:], strict=False):
        found.append(_line(at(x), plot.y(y), at(next_x), plot.y(next_y), f"l {line.kind}"))
    if line.dots or len(line.points) == 1:
        found += [
            tag(
                "circle",
                tag("title", f"{line.name}: {shown(y)}"),
                cx=_percent(at(x)),
                cy=plot.y(y),
                r=3.5,
                class_=f"p {line.kind}",
            )
            for x, y in line.points
        ]
    return found


def columns(
    name: str,
    *,
    title: str,
    description: str,
    bars: Sequence[Column],
    across_title: str = "",
    up: Up = Up(),
    height: int = 210,
) -> Html:
    """Return upright bars with their values above them; see `lines` for the arguments."""
    top = max([one.high if one.high is not None else one.value for one in bars], default=0.0)
    ticks = nice_ticks(top if up.most is None else up.most, whole=up.whole)
    plot = _Plot(height, ticks[-1])
    drawn = plot.grid(ticks, up.shown)
    width = min((100 - LEFT - RIGHT) / max(len(bars), 1), WIDEST)
    for number, bar in enumerate(bars):
        left, middle = LEFT + number * width, LEFT + (number + 0.5) * width
        y = plot.y(bar.value)
        rect = tag(
            "rect",
            tag("title", f"{bar.label}: {up.shown(bar.value)}"),
            x=_percent(left + width * 0.12),
            y=y,
            width=_percent(width * 0.76),
            height=max(round(plot.y(0) - y, 1), 0),
            rx=2,
            class_=f"b {bar.kind}",
        )
        drawn.append(rect)
        if bar.low is not None and bar.high is not None:
            drawn.append(_line(middle, plot.y(bar.low), middle, plot.y(bar.high), "w"))
            y = plot.y(bar.high)
        drawn.append(tag("text", up.shown(bar.value), x=_percent(middle), y=y - 5, text_anchor="middle", class_="mark"))
        drawn.append(tag("text", bar.label, x=_percent(middle), y=height - BOTTOM + 16, text_anchor="middle"))
    if across_title:
        drawn.append(tag("text", across_title, x="50%", y=height - 3, text_anchor="middle"))
    return _figure(name, title, description, height, drawn, None)


def dots(
    caption: str,
    *,
    heads: Sequence[Content],
    rows: Iterable[Dot],
    most: float | None = None,
    reference: float | None = None,
) -> Html:
    """Return a table with a dot and its interval in each row, all on one scale from 0.

    Args:
        caption: what it shows.
        heads: headings: of the rows, of the picture, and of the cells beside it.
        rows: what to show; each has as many cells as there are headings for.
        most: the end of the scale; left out, the highest value or interval.
        reference: a value to compare with, drawn through all rows.
    """
    rows = list(rows)
    ends = [one for row in rows for one in (row.value, row.high) if one is not None]
    end = (most if most is not None else max([*ends, reference or 0.0], default=1.0)) or 1.0
    cells = len(heads) - 2
    head = tag(
        "tr",
        tag("th", heads[0], scope="col"),
        tag("th", heads[1], scope="col"),
        *(tag("th", one, scope="col", class_="num") for one in heads[2:]),
    )
    body = []
    for row in rows:
        if row.is_group:
            group = tag("th", row.label, scope="colgroup", colspan=cells + 2)
            body.append(tag("tr", group, class_="group"))
            continue
        picture = tag("svg", *_dot(row, end, reference), aria_hidden="true")
        beside = [tag("td", cell, class_="num") for cell in row.cells]
        body.append(tag("tr", tag("th", row.label, scope="row"), tag("td", picture, class_="plot"), *beside))
    made = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body), class_="rows")
    return tag("div", made, class_="scroll", tabindex=0, role="group", aria_label=caption)


def _dot(row: Dot, end: float, reference: float | None) -> list[Html]:
    def at(value: float) -> float:
        return 1 + 97 * min(value, end) / end

    drawn = [_line(0, 8, 100, 8, "track")]
    if reference is not None:
        drawn.append(_line(at(reference), -8, at(reference), 24, "mark-line"))
    if row.low is not None and row.high is not None:
        drawn.append(_line(at(row.low), 8, at(row.high), 8, f"l {row.kind}"))
    if row.value is not None:
        drawn.append(tag("circle", cx=_percent(at(row.value)), cy=8, r=4.5, class_=f"p {row.kind}"))
    return drawn


def legend(series: Iterable[Line]) -> Html:
    """Return what each line is."""
    return tag(
        "ul",
        *(tag("li", tag("svg", _line(0, 5, 100, 5, f"l {one.kind}"), aria_hidden="true"), one.name) for one in series),
        class_="legend",
    )


class _Plot:
    """The part of a picture in which values are drawn: from 0 at its foot to *top* at its head."""

    def __init__(self, height: int, top: float) -> None:
        self.height, self.top = height, top

    def y(self, value: float) -> float:
        room = self.height - TOP - BOTTOM
        return round(TOP + room - room * min(max(value, 0.0), self.top) / self.top, 1)

    def grid(self, ticks: Sequence[float], shown: Callable[[float], str]) -> list[Html]:
        drawn = []
        for tick in ticks:
            y = self.y(tick)
            drawn.append(_line(0, y, 100, y, "grid" if tick else "axis"))
            drawn.append(tag("text", shown(tick), x=0, y=y - 4) if tick else Html(""))
        return drawn

    def upright(self, x: float, label: str) -> list[Html]:
        anchor = "end" if x > 60 else "start"
        shift = -5 if anchor == "end" else 5
        return [
            _line(x, TOP - 12, x, self.y(0), "mark-line"),
            tag("text", label, x=_percent(x), dx=shift, y=TOP - 4, text_anchor=anchor, class_="mark"),
        ]


def _figure(name: str, title: str, description: str, height: int, drawn: Sequence[Html], below: Html | None) -> Html:
    picture = tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", description, id=f"{name}-description"),
        *drawn,
        class_="chart",
        width="100%",
        height=height,
        role="img",
        aria_labelledby=f"{name}-title {name}-description",
    )
    return tag("figure", tag("figcaption", title), picture, below)


def _line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Html:
    return tag("line", x1=_percent(x1), y1=y1, x2=_percent(x2), y2=y2, class_=class_)


def _percent(value: float) -> str:
    return f"{round(value, 2):g}%"
