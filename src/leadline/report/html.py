"""HTML from values, escaped unless it is HTML already. All pages are built with `tag`; nothing pastes text into markup.

What people named (leads, criteria, playbooks) is data and may hold anything: markup, control characters, halves of characters.
tests/report/test_html.py tries that.
"""

import html
import re
from collections.abc import Iterable
from typing import Union

_VOID = frozenset({"meta", "br", "hr", "col"})
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Content = Union[str, int, None, Iterable["Content"]]  # noqa: UP007 - it names itself
Attribute = str | int | float | bool | None


def escape(text: str) -> Html:
    """Return a text as HTML: markup is shown and not obeyed, what no page may hold becomes U+FFFD.

    >>> escape("<b>'&'")
    '&lt;b&gt;&#x27;&amp;&#x27;'
    """
    return Html(html.escape(_UNFIT.sub("\ufffd", text), quote=True))


def join(content: Content) -> Html:
    """Return content as HTML: texts escaped, parts one after another, None as nothing.

    >>> join(["a < b", None, [tag("b", 1)]])
    'a &lt; b<b>1</b>'
    """
    if content is None:
        return Html("")
    if isinstance(content, Html):
        return content
    if isinstance(content, str):
        return escape(content)
    if isinstance(content, int):
        return Html(f"{content:,}")
    return Html("".join(join(part) for part in content))


def tag(name: str, /, *content: Content, **attributes: Attribute) -> Html:
    """Return an element. In names of attributes ``_`` stands for ``-``, and one at the end is left out: ``class_``, ``aria_label``.

    An attribute that is None or False is left out, one that is True stands alone.

    >>> tag("p", "a & b", class_="note", hidden=True, id=None)
    '<p class="note" hidden>a &amp; b</p>'
    """
    said = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{said}>")
    return Html(f"<{name}{said}>{join(content)}</{name}>")


def _attribute(key: str, value: Attribute) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f' {name}="{escape(text)}"'


def named(text: str) -> Html:
    """Return a name from the data, kept apart from the direction of what stands around it."""
    return tag("bdi", text)
