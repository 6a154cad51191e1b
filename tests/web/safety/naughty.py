"""The texts of naughty.toml, by their harm, and how a text is when it has come through a form or the API."""

import re
import tomllib
import unicodedata
from pathlib import Path

_READ = tomllib.loads(Path(__file__).with_name("naughty.toml").read_text(encoding="utf-8"))
LONG = ["".join([one["text"]] * one["times"]) for one in _READ.pop("long")]
KINDS = _READ
SHORT = list(dict.fromkeys(text for texts in KINDS.values() for text in texts))
TEXTS = [*SHORT, *LONG]
SURROGATES = ["\ud800", "\udfff", "zqx\ud83d", "\udc00\ud800", "\udc7azqx"]
"""Half characters. A form cannot send them; JSON can, as escapes."""
CANARY = "zqx"


def some_of(texts, *, out_of, first):
    """Return every so-many-th text, beginning at one of the first: other places get others, and all places together get all."""
    return texts[first % out_of :: out_of]


def in_one_line(text):
    """Return a text as HTML shows it: white space of HTML, however much of it, is one blank."""
    return re.sub(r"[ \t\n\r\f]+", " ", text).strip()


def is_same(sent, stored):
    """Return whether a stored text is the one that was sent, but for blanks at its ends and in between, NUL, and being cut off."""
    one, other = (re.sub(r"\s+", " ", text.replace("\0", "")).strip() for text in (sent, stored))
    return one == other or (len(other) >= 50 and one.startswith(other))


def can_be_seen(text):
    """Return whether there is anything in a text that a page could show."""
    return any(unicodedata.category(sign)[0] not in "ZC" for sign in text)
