"""A page as a browser reads it, and what of it came from a text that should only have been shown."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

from tests.web.safety.naughty import CANARY, in_one_line

_NEVER = {
    "applet", "audio", "base", "embed", "frame", "frameset", "iframe", "isindex", "keygen", "listing", "marquee", "math",
    "object", "plaintext", "style", "video", "xmp",
}  # fmt: skip
_URLS = (
    "href",
    "src",
    "action",
    "formaction",
    "xlink:href",
    "data",
    "poster",
    "background",
    "srcset",
    "cite",
    "ping",
    "manifest",
)
_URLS_OF_HTMX = ("hx-get", "hx-post", "hx-put", "hx-delete", "hx-patch", "hx-push-url", "hx-replace-url")
_WORDS_OF_OURS = {
    "id", "class", "for", "hx-target", "hx-trigger", "hx-swap", "hx-select", "hx-include", "hx-ext", "hx-indicator", "http-equiv", "rel",
    "type", "method",
}  # fmt: skip
"""Attributes whose values are ours alone: of a text that somebody wrote only an id may stand there, such as of a criterion."""
_MAY_LEAD_OUT = ("http", "https", "mailto", "tel")


class Page(HTMLParser):
    """Reads a page: its texts, and its faults."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.texts, self.values, self.faults, self.inside = [], [], [], ""
        self.feed(html)
        self.close()
        self._text = in_one_line("".join(self.texts))
        self._values = {in_one_line(value) for value in self.values}

    def handle_starttag(self, tag, attributes):
        if tag == "br":
            self.texts.append("\n")
        if tag in _NEVER or not re.fullmatch(r"[a-z][a-z0-9]*", tag) or CANARY in tag:
            self.faults.append(f"an element <{tag}>")
        given = {name: value or "" for name, value in attributes}
        for name, value in given.items():
            self.values.append(value)
            self._check_attribute(tag, name, value)
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.faults.append("a script that stands in the page")
        if tag == "meta" and "http-equiv" in given:
            self.faults.append(f"a meta that acts as a header: {given}")
        self.inside = tag if tag in ("script", "style") else ""

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside == "script":
            if data.strip():
                self._read_json(data)
        else:
            self.texts.append(data)

    def handle_comment(self, data):
        if CANARY in data:
            self.faults.append(f"a comment: {data[:60]}")

    def handle_pi(self, data):
        self.faults.append(f"an instruction: {data[:60]}")

    def unknown_decl(self, data):
        self.faults.append(f"a declaration: {data[:60]}")

    def _read_json(self, data):
        try:
            json.loads(data)
        except ValueError:
            self.faults.append(f"a script that is no data: {data[:60]!r}")

    def _check_attribute(self, tag, name, value):
        told = f"<{tag} {name}={value[:80]!r}>"
        is_called_well = re.fullmatch(r"[a-z][a-z0-9:_-]*", name) and CANARY not in name
        if not is_called_well or name in ("style", "srcdoc") or name.startswith(("on", "hx-on", "data-hx-")):
            self.faults.append(f"an attribute: {told}")
        if name in _URLS + _URLS_OF_HTMX and not leads_somewhere_good(value):
            self.faults.append(f"an address: {told}")
        if name in _WORDS_OF_OURS and CANARY in value and not re.fullmatch(r"[A-Za-z0-9_.\- ]+", value):
            self.faults.append(f"a word of ours: {told}")
        if name in ("hx-vals", "hx-headers"):
            self._read_json(value)

    def has(self, text):
        """Return whether the page shows a text, in its words or in a field."""
        wanted = in_one_line(text)
        return wanted in self._text or wanted in self._values or any(wanted in value for value in self._values)


def leads_somewhere_good(address):
    """Return whether an address leads to this app, or to another by a scheme that runs nothing.

    >>> leads_somewhere_good("/leads/?q=javascript:a"), leads_somewhere_good("java\\nscript:a"), leads_somewhere_good("//a.example")
    (True, False, False)
    """
    seen = re.sub(r"[\x00-\x20]", "", address)  # as browsers do
    if seen in ("true", "false"):
        return True
    if seen.startswith(("//", "/\\", "\\")):
        return False
    try:
        parts = urlsplit(seen)
    except ValueError:
        return False
    if not parts.scheme:
        return ":" not in re.split(r"[/?#]", seen)[0]
    return parts.scheme in _MAY_LEAD_OUT and CANARY not in (parts.hostname or "")


def read(answer):
    """Return an answer as a page."""
    return Page(answer.content.decode())
