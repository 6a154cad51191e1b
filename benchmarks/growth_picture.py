"""The picture of cost against size: one SVG file that is readable on light and on dark pages.

It draws nothing of its own: the lines are those of `leadline.report.charts`, put into a file with its own style and legend.
"""

from collections.abc import Mapping, Sequence

from leadline.report.charts import Across, Kind, Line, Up, lines
from leadline.report.html import Html, tag

WIDTH, HEIGHT, HEAD = 600, 380, 84
SERIES: Mapping[str, tuple[str, Kind]] = {
    "spells": ("spells, two years", "main"),
    "grid": ("weekly, one year", "other"),
    "score": ("one score run", "old"),
}

# The names of the colours are those of report/page.css. The page that shows the picture does not hand its style to it.
STYLE = """
:root { color-scheme: light dark; --bg: #fff; --line: #e3e6eb; --line2: #b4bbc7; --ink: #171a21; --dim: #5c6472;
  --acc: #4450c8; --old: #5c6472; --other: #0b6a6e }
@media (prefers-color-scheme: dark) { :root { --bg: #181b22; --line: #2a2f3a; --line2: #58627a; --ink: #eceef2;
  --dim: #98a1b0; --acc: #98a2ff; --old: #a4adbb; --other: #7fd8d4 } }
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--dim) }
text.title { font-size: 16px; font-weight: 600; fill: var(--ink) }
text.name { fill: var(--ink) }
.ground { fill: var(--bg) }
.grid { stroke: var(--line) } .axis { stroke: var(--line2) }
.l { fill: none; stroke-width: 2; stroke-linecap: round; stroke: var(--acc) }
.l.other { stroke: var(--other) } .l.old { stroke: var(--old); stroke-dasharray: 5 4 }
.l.even { stroke: var(--line2); stroke-width: 1.4; stroke-dasharray: 4 4 }
.p { fill: var(--bg); stroke: var(--acc); stroke-width: 2 } .p.other { stroke: var(--other) } .p.old { stroke: var(--old) }
"""


def draw_growth(events: Sequence[int], seconds: Mapping[str, Sequence[float]], *, leads: int, description: str) -> str:
    """Return the file.

    Args:
        events: how many there are at each size, ascending.
        seconds: of processor time at each of them, by name in `SERIES`.
        leads: how many there are at all sizes.
        description: the numbers in words, for who does not see it.
    """
    millions = [one / 1_000_000 for one in events]
    series = []
    for name, (title, kind) in SERIES.items():
        points = list(zip(millions, seconds[name], strict=True))
        series.append(Line(name=title, points=points, kind=kind, dots=True))
        if name != "score":
            series.append(Line(name="", points=[points[0], points[-1]], kind="even"))
    heading = f"{leads:,} leads: processor seconds against events"
    figure = lines(
        "growth",
        title=heading,
        description=description,
        series=series,
        across=Across(marks=[(0, "0"), *((one, f"{one:g}") for one in millions)], title="million events"),
        up=Up(shown="{:g} s".format),
        height=HEIGHT - HEAD,
    )
    drawn = Html(
        figure[figure.index("<svg") : figure.index("</svg>") + len("</svg>")]
    )  # without the page's caption and legend
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">
<style>{STYLE}</style>
{tag("rect", width="100%", height="100%", rx=8, class_="ground")}
{tag("text", heading, x=16, y=28, class_="title")}
{_legend()}
<svg x="16" y="{HEAD - 10}" width="{WIDTH - 32}" height="{HEIGHT - HEAD}">{drawn}</svg>
</svg>
"""


def _legend() -> Html:
    found, x = [], 16
    for title, kind in (*SERIES.values(), ("straight line", "even")):
        found.append(tag("line", x1=x, y1=50, x2=x + 20, y2=50, class_=f"l {kind}"))
        found.append(tag("text", title, x=x + 25, y=54, class_="name"))
        x += 25 + 7 * len(title) + 12
    return Html("".join(found))
