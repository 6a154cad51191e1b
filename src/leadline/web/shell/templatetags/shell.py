"""Tags and filters that every template has."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.template.base import Parser, Token
from django.template.context import Context, RequestContext
from django.template.defaulttags import CsrfTokenNode
from django.utils import timezone
from django.utils.html import format_html

from leadline.engine.problems import how_to_install
from leadline.web.accounts.middleware import DRAWN_IN
from leadline.web.shell.icons import draw

register = template.Library()
register.filter(how_to_install)
POINT = 10_000
_HUES = 8


@register.simple_tag
def lucide(name: str, *, size: int = 24, **attributes: object) -> str:
    """Return an icon of Lucide without what all of them have in common: a page has some thirty, a hundred letters each."""
    return _drawn(name, size, tuple(attributes.items()))


@lru_cache(maxsize=1024)
def _drawn(name: str, size: int, attributes: tuple[tuple[str, object], ...]) -> str:
    """Draw an icon once: a long list has the same one in each of its rows."""
    return draw(name, size=size, attributes=dict(attributes))


# -- files and addresses ------------------------------------------------------------------------------------------


@register.simple_tag
def asset(path: str) -> str:
    """Return the address of a static file with a mark of its content, so that a browser never keeps an old one."""
    return f"{staticfiles_storage.url(path)}?{_mark(path)}"


@cache
def _mark(path: str) -> str:
    found = finders.find(path)
    assert isinstance(found, str), f"there is no static file {path!r}"
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:8]


@register.simple_tag(takes_context=True)
def qs(context: RequestContext, **changes: Any) -> str:
    """Return the query of this page with some values changed: ``{% qs page=2 %}``; an empty value leaves its name out."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}" if query else "?"


# -- people -------------------------------------------------------------------------------------------------------


@register.filter
def person(address: str, names: Mapping[str, str]) -> str:
    """Return a member by their name, of whom something keeps the address; anybody else as they are written."""
    return names.get(str(address).lower(), str(address))


@register.filter
def said_by(word: Any, names: Mapping[str, str]) -> str:
    """Return who said something that has a source and perhaps a person (*by*): the person alone where they said it here."""
    who = person(word.by, names) if word.by else ""
    return who or str(word.source) if not who or word.source in ("person", "leadline") else f"{word.source}, {who}"


# -- forms --------------------------------------------------------------------------------------------------------


class FormMarks(CsrfTokenNode):
    """What every form carries: the token that shows that it is ours, and the workspace that it was drawn in, if it was in one."""

    def render(self, context: Context) -> str:
        """Return the hidden fields."""
        token = super().render(context)
        request = getattr(context, "request", None) or context.get("request")
        workspace = getattr(request, "workspace", None)
        if not token or workspace is None:
            return token
        return token + format_html('<input type="hidden" name="{}" value="{}">', DRAWN_IN, workspace.pk)


@register.tag
def csrf_token(parser: Parser, token: Token) -> FormMarks:
    """Take the place of Django’s tag, so that no form can leave one of the two out."""
    del parser, token
    return FormMarks()


@register.inclusion_tag("shell/field.html")
def field(field: BoundField) -> dict[str, Any]:
    """Show a field of a form with its label, help and what is wrong with it."""
    widget = field.field.widget
    return {
        "field": field,
        "is_group": isinstance(widget, RadioSelect | CheckboxSelectMultiple),
        "is_tick": isinstance(widget, CheckboxInput),
    }


@register.inclusion_tag("shell/fields.html")
def fields(form: Any) -> dict[str, Any]:
    """Show all fields of a form, and what is wrong with the whole of it."""
    return {"form": form}


# -- words and numbers --------------------------------------------------------------------------------------------


@register.filter
def initials(name: object) -> str:
    """Return one or two letters for a name: ``Maya Mensah`` → ``MM``.

    >>> initials("maya de la mensah"), initials("@x"), initials("")
    ('MM', 'X', '?')
    """
    words = ["".join(letter for letter in word if letter.isalnum()) for word in str(name or "").split()]
    letters = [word[0] for word in words if word]
    return ("".join(letters[:1] + letters[1:][-1:])).upper() or "?"


@register.filter
def hue(name: object) -> str:
    """Return the class of a colour that stays the same for a name."""
    return f"hue{hashlib.blake2s(str(name).encode(), digest_size=2).digest()[0] % _HUES + 1}"


@register.filter
def points(units: int | None) -> str:
    """Return ten-thousandths of a point as people read them, with one decimal where there is one.

    >>> points(250000), points(-12345), points(None)
    ('25', '−1.2', '')
    """
    if units is None:
        return ""
    tenths = (abs(units) + POINT // 20) // (POINT // 10)
    text = f"{tenths // 10:,}" + (f".{tenths % 10}" if tenths % 10 else "")
    return f"−{text}" if units < 0 and tenths else text


@register.filter
def whole_points(units: int | None) -> str:
    """Return points as whole numbers, a half upwards: as lists show them.

    >>> whole_points(249999), whole_points(255000), whole_points(-5000)
    ('25', '26', '0')
    """
    if units is None:
        return ""
    whole = (units + POINT // 2) // POINT
    return f"−{-whole:,}" if whole < 0 else f"{whole:,}"


@register.filter
def signed_points(units: int | None) -> str:
    """Return points with their sign.

    >>> signed_points(250000), signed_points(-20000), signed_points(0)
    ('+25', '−2', '0')
    """
    text = points(units)
    return f"+{text}" if units and units > 0 and text != "0" else text


@register.filter
def ago(moment: datetime | None) -> str:
    """Return how long ago a moment was, or how far ahead it is, in its largest unit."""
    if moment is None:
        return ""
    seconds = (timezone.now() - moment).total_seconds()
    size = abs(seconds)
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if size >= length:
            text = f"{int(size // length)} {unit}"
            return f"in {text}" if seconds < 0 else f"{text} ago"
    return "now"


@register.filter
def day(number: int | None) -> str:
    """Return a day number (days since 1970) as a date, with its year where that is not this one."""
    if number is None:
        return ""
    found = date(1970, 1, 1) + timedelta(days=number)
    return f"{found.day} {found:%B}" + (f" {found.year}" if found.year != timezone.localdate().year else "")


@register.filter
def get(values: Mapping[Any, Any], key: Any) -> Any:
    """Return a value of a mapping by a key that a template has in a variable; None where there is none."""
    return values.get(key)
