"""The shell of reports: self-contained, and strict about it."""

import base64
import hashlib
import re

from leadline.report.html import tag
from leadline.report.page import card, listed, opened, page, pair, paragraphs, style, table


def a_page() -> str:
    body = card("Part", listed(["first", "second"]), table("T", [("a", False), ("b", True)], [["x", 1]], here=0))
    return page("Title", heading="Heading", about="About", cards=[body], footer="Foot")


def test_the_style_is_in_the_page_and_named_by_its_hash() -> None:
    found = a_page()

    (css,) = re.findall(r"<style>(.*?)</style>", found, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert f"style-src &#x27;sha256-{digest}&#x27;" in found
    assert "default-src &#x27;none&#x27;" in found


def test_nothing_is_loaded_and_nothing_runs() -> None:
    found = a_page()

    assert not re.findall(r"<(script|link|img|iframe|object|base)\b", found)
    assert not re.findall(r"\son\w+=|\sstyle=|javascript:|https?:|url\(|@import|@font-face", found)


def test_the_style_does_not_end_its_element() -> None:
    assert "</" not in style()


def test_light_and_dark_have_the_same_colours() -> None:
    light, dark = re.findall(r":root \{(.*?)\}", style(), re.DOTALL)

    assert set(re.findall(r"(--\w+):", light)) == set(re.findall(r"(--\w+):", dark))


def test_a_page_has_one_heading_a_main_part_and_a_way_to_it() -> None:
    found = a_page()

    assert found.startswith('<!doctype html>\n<html lang="en">')
    assert found.count("<h1>") == 1
    assert '<main id="report">' in found
    assert 'href="#report"' in found


def test_a_table_says_what_it_shows_and_which_cells_are_headings() -> None:
    found = table("Counts", [("Who", False), ("Many", True)], [["ann", 1200], ["bob", None]], here=1)

    assert "<caption>Counts</caption>" in found
    assert '<th scope="col" class="num">Many</th>' in found
    assert '<th scope="row">ann</th><td class="num">1,200</td>' in found
    assert '<tr class="here"><th scope="row">bob</th>' in found
    assert 'tabindex="0"' in found


def test_parts_hold_what_they_are_given() -> None:
    assert opened("More", tag("p", "x")) == "<details><summary>More</summary><p>x</p></details>"
    assert paragraphs("a", "", None, class_="note") == '<p class="note">a</p>'
    assert pair("a", "b") == '<div class="pair"><div>a</div><div>b</div></div>'
