"""Playbooks to edit, and what people might type into a field of theirs."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from tests.strategies.playbooks import drafts

from leadline.engine.playbook.toml_file import parse_toml
from leadline.starter import PLAYBOOK
from leadline.web.playbooks.editing.form import Field
from leadline.web.playbooks.editing.reading import read_form

PROJECT = Path(__file__).parents[4]
ODD = (Path(__file__).parent / "odd.toml").read_text(encoding="utf-8")
STARTER = Path(PLAYBOOK).read_text(encoding="utf-8")
WRITTEN = {
    str(path.relative_to(PROJECT)): path.read_text(encoding="utf-8")
    for path in (
        Path(PLAYBOOK),
        *sorted(PROJECT.glob("examples/*/playbook.toml")),
        *sorted(PROJECT.glob("tests/engine/**/playbook.toml")),
        PROJECT / "tests/engine/playbook/northwind.toml",
        *sorted(PROJECT.glob("tests/real/playbooks/*.toml")),
        *sorted(PROJECT.glob("benchmarks/playbook*.toml")),
    )
}
"""Every playbook of the project."""


def with_crlf(text: str) -> str:
    """Return a text as an editor on Windows writes it."""
    return text.replace("\n", "\r\n")


def is_odd(text: str) -> bool:
    """Return whether a text is the one that is written oddly."""
    return text.replace("\r\n", "\n") == ODD


plain = st.sampled_from(sorted(WRITTEN.values()))
drawn = drafts().map(lambda draft: draft.to_toml())
usual = st.one_of(plain, drawn)
"""Playbooks in the hand of the documentation."""

either_newline = st.sampled_from((str, with_crlf))
texts = st.builds(lambda text, end: end(text), st.one_of(plain, drawn, st.just(ODD)), either_newline)
"""Playbooks in any hand."""


def values_of(toml: str) -> Mapping[str, Any]:
    """Return what a text says, as TOML."""
    return parse_toml(toml, file="playbook.toml").values


def leaves(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield each single value with its place; an empty list or table is one too, and so are names in a list."""
    is_list = isinstance(value, list) and not all(isinstance(one, str) for one in value)
    inner = value.items() if isinstance(value, dict) else enumerate(value) if is_list else ()
    found = [leaf for key, entry in inner for leaf in leaves(entry, (*at, key))]
    yield from found or [(at, value)]


def differences(before: str, after: str) -> dict[tuple[str | int, ...], tuple[Any, Any]]:
    """Return the single values in which two texts differ, with what they were and what they are."""
    one, two = dict(leaves(values_of(before))), dict(leaves(values_of(after)))
    return {at: (one.get(at), two.get(at)) for at in one.keys() | two.keys() if one.get(at) != two.get(at)}


def fields_of(toml: str) -> dict[str, Field]:
    """Return the fields of a text by their paths."""
    return {field.path: field for field in read_form(toml).all_fields()}


hostile = st.text(
    st.one_of(
        st.sampled_from("\"'\\#[]{}=,. \n\t\r"),
        st.sampled_from("\x00\x1b\x7f\u0085\u2028\u202e\ufeff\ufffe\U0001f600"),
        st.characters(),
    ),
    max_size=12,
)
sentences = st.text(st.sampled_from("abcé \"'\\#]}=,\n\t–"), min_size=1, max_size=12).map(str.strip).filter(bool)
conditions = st.sampled_from(
    ("country = 'FR'", "a > 1.5", "name = 'it''s'", "not agreed\n  or a is null", "\"Lead Origin\" = 'API'")
)


def answers(field: Field) -> st.SearchStrategy[str]:
    """Draw what is right in a field by itself."""
    match field.kind:
        case "number" if field.takes.is_whole:
            return st.integers(1, 1_000_000).map(str)
        case "number":
            lowest, highest = max(field.takes.lowest, -1000), min(field.takes.highest, 1000)
            return st.decimals(lowest, highest, places=4).map(lambda one: format(one.normalize(), "f"))
        case "duration":
            return st.sampled_from(("3d", "2w", "400d", "5h") if field.takes.in_hours else ("3d", "2w", "400d"))
        case "names":
            return st.sampled_from(("demo_requested", "a, b", "pricing_viewed, quote_requested, talk"))
        case "choice":
            return st.sampled_from(field.choices)
        case "condition":
            return conditions
    return sentences


def is_half_a_limit(field: Field) -> bool:
    """Return whether it cannot be answered alone: a limit that is not there begins with two values."""
    return field.takes.key[0] == "limit" and not field.is_written
