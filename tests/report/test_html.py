"""HTML from values: nothing that people named can become markup."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from leadline.report.html import Html, escape, join, named, tag


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= dict(attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def read(markup: str) -> _Reader:
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"])))
def test_any_text_is_read_back_as_it_was_and_as_no_element(text: str) -> None:
    found = read(tag("p", text, title=text))

    assert found.tags == ["p"]
    assert found.text == text
    assert (found.attributes["title"] or "") == text


def test_markup_in_a_name_stays_a_text() -> None:
    assert named("<script>alert('x')</script>\"") == (
        "<bdi>&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&quot;</bdi>"
    )


def test_what_no_page_may_hold_is_replaced() -> None:
    assert escape("a\x00b\x1bc\ud800d\ufffee\x85") == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffd"
    escape("\ud800").encode("utf-8")


def test_html_is_not_escaped_twice() -> None:
    inner = tag("b", "a < b")

    assert join(["x & ", inner]) == "x &amp; <b>a &lt; b</b>"
    assert isinstance(join(inner), Html)


def test_numbers_are_written_for_people_and_nothing_is_nothing() -> None:
    assert join([1234, None, [" ", "leads"]]) == "1,234 leads"


def test_attributes_are_left_out_stand_alone_or_have_a_value() -> None:
    assert tag("details", open=True, id=None, hidden=False, aria_label="x", class_="y") == (
        '<details open aria-label="x" class="y"></details>'
    )
    assert tag("meta", name="a", content="b") == '<meta name="a" content="b">'
    assert tag("rect", y=12.0, x="5%") == '<rect y="12" x="5%"></rect>'
