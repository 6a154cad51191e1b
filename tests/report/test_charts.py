"""Pictures: within their frame, readable without being seen, whatever is drawn."""

import itertools
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.report.charts import Across, Column, Dot, Line, Up, columns, dots, lines, nice_ticks

POINTS = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0, 1e6)), max_size=8)


def parse(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(markup)


def percents(markup: str) -> list[float]:
    return [float(one) for one in re.findall(r'\s(?:x|x1|x2|cx)="([-\d.e+]+)%"', markup)]


@given(POINTS)
def test_lines_stay_within_their_picture(points: list[tuple[float, float]]) -> None:
    found = lines(
        "a",
        title="A",
        description="B",
        series=[Line(name="x", points=sorted(points), dots=True)],
        across=Across(marks=[]),
    )

    assert all(-0.01 <= one <= 100.01 for one in percents(found))
    assert all(0 <= float(one) <= 230 for one in re.findall(r'\s(?:y1|y2|cy)="([-\d.]+)"', found))
    parse(found)


def test_a_picture_is_told_to_who_does_not_see_it() -> None:
    found = parse(
        lines(
            "gain",
            title="Gain & loss",
            description="From <0> to 1.",
            series=[Line(name="x", points=[(0, 0), (1, 1)])],
            across=Across(marks=[(0, "0"), (1, "1")]),
        )
    )

    svg = found.find("svg")
    assert svg is not None
    assert svg.get("role") == "img"
    told = {one.get("id"): one.text for one in svg if one.tag in ("title", "desc")}
    assert [told[name] for name in (svg.get("aria-labelledby") or "").split()] == ["Gain & loss", "From <0> to 1."]


def test_lines_of_several_have_a_legend_and_one_alone_has_none() -> None:
    one, other = Line(name="one", points=[(0, 1)]), Line(name="other", points=[(0, 2)], kind="old")

    def drawn(*series: Line) -> str:
        return lines("a", title="A", description="B", series=series, across=Across(marks=[]))

    assert "legend" in drawn(one, other)
    assert "legend" not in drawn(one)


def test_a_limit_and_a_mark_are_named_and_the_limit_fits() -> None:
    found = lines(
        "a",
        title="A",
        description="B",
        series=[Line(name="x", points=[(0, 1), (1, 2)], whiskers=[(0.5, 1.5), None])],
        across=Across(marks=[(0, "0")], title="weeks"),
        up=Up(whole=True),
        limit=(120, "capacity 120"),
        mark=(1, "now"),
    )

    assert "capacity 120" in found
    assert "now" in found
    assert ">150<" in found  # the axis goes up to it


def test_columns_say_their_values_and_draw_their_intervals() -> None:
    found = columns(
        "days",
        title="Days",
        description="Some",
        bars=[Column(label="0–7", value=3, low=1, high=5), Column(label="8+", value=0)],
        up=Up(whole=True),
    )

    assert 'class="w"' in found
    assert "<title>0–7: 3</title>" in found
    assert all(0 <= one <= 100 for one in percents(found))
    parse(found)


def test_dots_are_a_table_whose_pictures_repeat_what_its_cells_say() -> None:
    rows = [
        Dot(label="won", is_group=True),
        Dot(label="Added <b>", value=0.15, low=0.09, high=0.24, cells=("12 of 80", "15 %")),
        Dot(label="Removed", cells=("0 of 0", "")),
    ]

    found = dots("Reached", heads=("Leads", "Share", "Of", "%"), rows=rows, reference=0.1)

    assert "<caption>Reached</caption>" in found
    assert "Added &lt;b&gt;" in found
    assert found.count('aria-hidden="true"') == 2
    assert found.count("<circle") == 1
    assert all(-0.01 <= one <= 100.01 for one in percents(found))
    parse(found)


def test_nothing_to_draw_is_an_empty_picture() -> None:
    for found in (
        lines("a", title="A", description="B", series=[], across=Across(marks=[])),
        columns("b", title="A", description="B", bars=[]),
        dots("C", heads=("a", "b"), rows=[]),
        dots("D", heads=("a", "b"), rows=[Dot(label="x", value=0.0)]),
    ):
        parse(found)


@given(st.floats(1e-6, 1e9), st.booleans())
def test_an_axis_holds_its_highest_value_in_few_even_steps(most: float, whole: bool) -> None:
    ticks = nice_ticks(most, whole=whole)

    assert ticks[0] == 0
    assert ticks[-1] >= most * (1 - 1e-9)
    assert 2 <= len(ticks) <= 7
    steps = [high - low for low, high in itertools.pairwise(ticks)]
    assert all(step == pytest.approx(steps[0], rel=1e-6) for step in steps)
    assert not whole or all(tick == int(tick) for tick in ticks)
