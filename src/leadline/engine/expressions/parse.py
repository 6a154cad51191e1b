"""From the text of a condition to a syntax tree. The grammar is grammar.lark, all of it.

The tree knows no meaning yet: bind.py gives every name its meaning, or says why it has none.
"""

from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import lark

MAX_LENGTH = 10_000
MAX_DEPTH = 40

_EXPECTED = {
    "COMPARISON": "a comparison such as = or >=",
    "_AND": "'and'",
    "_OR": "'or'",
    "RPAR": "')'",
    "LPAR": "'('",
    "TEXT": "a text in 'quotes'",
    "NUMBER": "a number",
    "NAME": "a field",
    "COMMA": "','",
    "_IN": "'in'",
    "_NULL": "'null'",
    "$END": "the end",
}


class ConditionSyntaxError(ValueError):
    """A condition that cannot be read. *column* counts from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


@lru_cache(maxsize=1)
def _parser() -> "lark.Lark":
    import lark  # here, because `import leadline` should be quick

    grammar = resources.files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return lark.Lark(grammar, start="condition", parser="lalr", propagate_positions=True, maybe_placeholders=False)


@lru_cache(maxsize=4096)
def parse(text: str) -> "lark.Tree[lark.Token]":
    """Return the syntax tree of a condition.

    Raises:
        ConditionSyntaxError: it cannot be read; the message says where and what could stand there.

    >>> parse("employees > 10").data
    'any_of'
    >>> parse("employees >")
    Traceback (most recent call last):
        ...
    leadline.engine.expressions.parse.ConditionSyntaxError: ends too early: expected a text in 'quotes', a number or a field
    """
    import lark

    _refuse_monsters(text)
    try:
        tree = _parser().parse(text)
    except lark.UnexpectedToken as error:
        raise ConditionSyntaxError(_token_message(error, text), _column(error)) from None
    except lark.UnexpectedCharacters as error:
        raise ConditionSyntaxError(_character_message(text, _column(error) - 1), _column(error)) from None
    found = tree.children[0]
    assert isinstance(found, lark.Tree)
    return found


def _refuse_monsters(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise ConditionSyntaxError(f"is {len(text)} characters long; at most {MAX_LENGTH} are allowed", 1)
    depth = 0
    for column, character in enumerate(text, start=1):
        depth += (character == "(") - (character == ")")
        if depth > MAX_DEPTH:
            raise ConditionSyntaxError(f"is nested more than {MAX_DEPTH} deep", column)
    if text.lower().count("not") > 10 * MAX_DEPTH:
        raise ConditionSyntaxError(f"says 'not' more than {10 * MAX_DEPTH} times", 1)


def _column(error: "lark.UnexpectedInput") -> int:
    return cast(int, error.pos_in_stream) + 1  # its type says None, which the parser never leaves there


def _token_message(error: "lark.UnexpectedToken", text: str) -> str:
    expected = _one_of([word for name, word in _EXPECTED.items() if name in error.expected][:5])
    if error.token.type == "$END":
        return f"ends too early: expected {expected}"
    if str(error.token) == "=" and text[: error.pos_in_stream].rstrip().endswith("="):
        return "'==' is not known here: write a single '='"
    if error.token.type == "_NULL":
        return "nothing is equal to null: write 'is null' or 'is not null'"
    if str(error.token)[:1] in "+-":
        return "there is no arithmetic in conditions"
    return f"did not expect {str(error.token)!r} here: expected {expected}"


def _one_of(words: list[str]) -> str:
    return " or ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def _character_message(text: str, at: int) -> str:
    character = text[at : at + 1]
    if character == "'":
        return "a text begins here and its closing ' is missing"
    if character == '"':
        return "a field name begins here and its closing \" is missing (texts stand in 'single quotes')"
    if character == "!":
        return "'!=' is not known here: write '<>'"
    if character in ("*", "/", "%", "+", "-"):
        return "there is no arithmetic in conditions"
    return f"{character!r} cannot stand here"


def names_in(text: str) -> set[str]:
    """Return every word in a condition that could name a field; a superset of the fields that it reads.

    >>> sorted(names_in("company.employees > 10 and has(tags, 'x')"))
    ['company', 'employees', 'tags']
    """
    import lark

    tokens = parse(text).scan_values(lambda value: isinstance(value, lark.Token) and value.type == "NAME")
    return {str(token).strip('"') for token in tokens}


def as_tree(item: "lark.Tree[lark.Token] | lark.Token") -> "lark.Tree[lark.Token]":
    """Return a part of a tree that is a tree."""
    return cast("lark.Tree[lark.Token]", item)


def without_wrapping(tree: "lark.Tree[lark.Token]") -> "lark.Tree[lark.Token]":
    """Return an argument without the wrapping that the grammar puts around every condition."""
    while len(tree.children) == 1 and str(tree.data) in ("any_of", "all_of", "holds"):
        tree = as_tree(tree.children[0])
    return tree


def unquote(token: object) -> str:
    """Return the text that stands in 'quotes'.

    >>> unquote("'it''s'")
    "it's"
    """
    return str(token)[1:-1].replace("''", "'")
