"""Icons: they look as Lucide draws them, the archive is opened once, and each is drawn once."""

import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.template import engines
from lucide.templatetags.lucide import lucide as draw_by_lucide

import leadline.web
from leadline.web.shell import icons
from leadline.web.shell.templatetags import shell as tags

TEMPLATES = Path(leadline.web.__file__).parent.rglob("*.html")
NAMED = sorted({name for one in TEMPLATES for name in re.findall(r'{% lucide "([^"]+)"', one.read_text("utf-8"))})
IN_COMMON = ' fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'


def test_icons_are_those_of_lucide_without_what_all_have_in_common():
    assert len(NAMED) > 40
    attributes = {"aria_hidden": "true", "title": "A & “B”", "class": "inline"}
    for name in NAMED:
        wanted = draw_by_lucide(name, size=15, **attributes).replace(IN_COMMON, "", 1)
        assert icons.draw(name, size=15, attributes=attributes) == "".join(one.strip() for one in wanted.splitlines())


def test_all_icons_are_read_from_their_archive_at_once(monkeypatch):
    opened = []

    class Counted(ZipFile):
        def __init__(self, *given):
            opened.append(given)
            super().__init__(*given)

    monkeypatch.setattr(icons, "ZipFile", Counted)
    icons.read_all.cache_clear()
    for name in NAMED[:9]:
        icons.draw(name, size=16, attributes={})
    assert len(opened) == 1


def test_an_icon_that_there_is_not_is_named():
    with pytest.raises(LookupError, match="Lucide has no icon 'hause'"):
        icons.draw("hause", size=16, attributes={})


def test_an_icon_is_drawn_once_for_each_way_in_which_it_is_wanted(monkeypatch):
    drawn = []
    monkeypatch.setattr(
        tags, "draw", lambda name, *, size, attributes: drawn.append((name, size, attributes)) or f"<svg {name} {size}>"
    )
    tags._drawn.cache_clear()
    three = '{% for one in "abc" %}{% lucide "user" size=15 title="A & B" %}{% endfor %}'
    page = engines["django"].from_string("{% load shell %}" + three + '{% lucide "user" size=16 %}')

    assert page.render() == "&lt;svg user 15&gt;" * 3 + "&lt;svg user 16&gt;"
    assert drawn == [("user", 15, {"title": "A & B"}), ("user", 16, {})]
    tags._drawn.cache_clear()
