"""The icons of Lucide, without what all of them have in common: `base.css` says that once.

Lucide's own tag opens its archive of 1,700 icons anew for each one, which takes some 8 ms: a first page has thirty. Here all are read at
once, in the time of six, and kept: half a megabyte. tests/web/shell/test_icons.py holds what is drawn to what Lucide draws.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from zipfile import ZipFile

from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe


def draw(name: str, *, size: int, attributes: Mapping[str, object]) -> SafeString:
    """Return an icon as SVG.

    Args:
        name: what Lucide calls it: ``house``.
        size: its width and height in pixels.
        attributes: more of the ``svg``; ``aria_hidden`` is written ``aria-hidden``.

    Raises:
        LookupError: Lucide has none of this name.
    """
    inside = read_all().get(name)
    if inside is None:
        raise LookupError(f"Lucide has no icon {name!r}: take one from lucide.dev/icons.")
    more = format_html_join("", ' {}="{}"', ((one.replace("_", "-"), value) for one, value in attributes.items()))
    return mark_safe(f'<svg width="{size}" height="{size}" viewBox="0 0 24 24"{more}>{inside}</svg>')


@cache
def read_all() -> Mapping[str, str]:
    """Return the lines of every icon by its name."""
    with files("lucide").joinpath("lucide.zip").open("rb") as opened, ZipFile(opened) as archive:
        return {one.removesuffix(".svg"): _inside(archive.read(one).decode()) for one in archive.namelist()}


def _inside(svg: str) -> str:
    """Return what an icon is made of, in one line, without the ``svg`` around it."""
    drawn = svg.partition("<svg")[2].partition(">")[2].rpartition("</svg>")[0]
    return "".join(line.strip() for line in drawn.splitlines())
