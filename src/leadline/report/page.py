"""The shell of a report, and the parts that all reports are made of: cards, tables, things to open.

A page is one file. It holds its style in one element whose hash the page's own content security policy names, it has no script,
and it loads nothing, so it can be mailed, kept and opened anywhere. tests/report/test_page.py holds that.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import resources

from leadline.report.html import Content, Html, join, tag


@lru_cache(maxsize=1)
def style() -> str:
    """Return the style of all reports."""
    return resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8")


def page(title: str, *, heading: Content, about: Content, cards: Iterable[Html], footer: Content) -> str:
    """Return a whole page.

    Args:
        title: in the browser's window.
        heading, about: at the top: what it is, and of what.
        cards: the parts, in the order in which one reads them.
        footer: at the end.
    """
    css = style()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", Html(css)),
    )
    body = tag(
        "body",
        tag("a", "To the report", class_="skip", href="#report"),
        tag("header", tag("h1", heading), tag("p", about, class_="about")),
        tag("main", *cards, id="report"),
        tag("footer", tag("p", footer)),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def card(heading: Content, *content: Content) -> Html:
    """Return a part of the page with its heading."""
    return tag("section", tag("h2", heading), *content, class_="card")


def pair(*columns: Content) -> Html:
    """Return things side by side where there is room, else below each other."""
    return tag("div", *(tag("div", column) for column in columns), class_="pair")


def listed(lines: Iterable[Content]) -> Html:
    """Return the sentences that say it in short, the first of them marked."""
    return tag("ul", *(tag("li", line, class_=None if n else "first") for n, line in enumerate(lines)), class_="short")


def opened(summary: Content, *content: Content) -> Html:
    """Return something to open."""
    return tag("details", tag("summary", summary), *content)


def table(
    caption: str,
    columns: Sequence[tuple[Content, bool]],
    rows: Iterable[Sequence[Content]],
    *,
    here: int | None = None,
) -> Html:
    """Return a table that can be scrolled sideways with the keyboard too.

    Args:
        caption: what it shows.
        columns: headings, and whether they stand over numbers. The first column holds the headings of the rows.
        rows: cells, as many as columns.
        here: the row to mark.
    """
    head = tag("tr", *(tag("th", text, scope="col", class_="num" if right else None) for text, right in columns))
    body = []
    for number, row in enumerate(rows):
        first, *rest = row
        cells = [tag("th", first, scope="row", class_="num" if columns[0][1] else None)]
        cells += [
            tag("td", cell, class_="num" if right else None) for cell, (_, right) in zip(rest, columns[1:], strict=True)
        ]
        body.append(tag("tr", *cells, class_="here" if number == here else None))
    made = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
    return tag("div", made, class_="scroll", tabindex=0, role="group", aria_label=caption)


def paragraphs(*texts: Content, class_: str | None = None) -> Html:
    """Return texts as paragraphs; empty ones are left out."""
    return join([tag("p", text, class_=class_) for text in texts if text])
