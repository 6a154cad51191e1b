"""Reads one condition of a playbook.toml, as far as it can be read without knowing the data."""

from leadline.engine.expressions.bind import Place
from leadline.engine.expressions.parse import ConditionSyntaxError, parse
from leadline.engine.playbook.model import Clause
from leadline.engine.playbook.table import Table


def read_clause(
    table: Table, key: str, place: Place, events: tuple[str, ...] = (), *, required: bool = False
) -> Clause | None:
    """Return the condition under *key*, once it can be parsed; None, with the problem noted, when it cannot.

    *place* is where it stands, *events* the possible names of the event that it is about.
    """
    text = table.text(key, required=required, words='a condition such as "employees >= 50"')
    if text is None:
        return None
    try:
        parse(text)
    except ConditionSyntaxError as error:
        table.note("condition-syntax", f'at character {error.column} of "{" ".join(text.split())[:80]}": {error}.', key)
        return None
    return Clause(text, table.place(key), table.line_of(key), place, events)
