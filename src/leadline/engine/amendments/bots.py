"""Which events a rule says that bots made: conditions of the playbook's language on the properties of events.

Whether bots made an event is said, in this order: by what somebody said of that very event, by the rules, by its row.
tests/engine/amendments guards it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from leadline.engine.amendments.fold import Said
from leadline.engine.amendments.model import BotRule
from leadline.engine.calendar import get_zone
from leadline.engine.catalog import Catalog
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.bind import Vocabulary, bind
from leadline.engine.expressions.evaluate import evaluate
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import Playbook
from leadline.engine.problems import Problem
from leadline.engine.reference.cells import CellReader, Row, UnfitError, as_written, fixed_type
from leadline.engine.reference.infer import infer_catalog
from leadline.engine.values import is_missing


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A rule whose condition has a meaning. *names*: the events that it is about; None: all."""

    rule: BotRule
    names: frozenset[str] | None
    test: n.Condition | None
    bound: BoundPlaybook
    cells: CellReader

    def is_about(self, row: Row) -> bool:
        """Return whether the rule says that a bot made an event."""
        name = as_written(row.get("event"))
        if self.names is not None and name not in self.names:
            return False

        def read(term: n.Term) -> n.Value | None:
            assert isinstance(term, n.Field)
            spec = fixed_type(term.name) or self.bound.spec_of(term, (name,))
            try:
                return self.cells.value(row.get(term.name), spec, term.name)
            except UnfitError:
                return None

        return self.test is None or evaluate(self.test, read) is True


def bind_rules(
    rules: Sequence[BotRule], tables: Mapping[str, Sequence[Row]], playbook: Playbook, naive_zone: str
) -> tuple[list[BoundRule], list[Problem]]:
    """Return rules with their meaning against the events of *tables*, and what is wrong with them.

    An event or a property that does not occur is no error, since it may be yet to come or have been erased: it is a warning,
    and the property is missing from all events.
    """
    cells = CellReader(zone=get_zone(playbook.timezone), naive_zone=get_zone(naive_zone))
    found: list[BoundRule] = []
    problems: list[Problem] = []
    catalog = infer_catalog(playbook, tables)
    is_open = "events" in catalog.open_parts
    properties = next(iter(catalog.events.values()), {})
    for rule in rules:
        where = f"rule {rule.id}"
        names = rule.events or tuple(catalog.events)
        for name in names:
            if name not in catalog.events and not is_open:
                message = f"There is no event '{name}' in the data, so the rule marks none."
                problems.append(Problem(code="event-not-in-data", message=message, where=where, severity="warning"))
        vocabulary = _vocabulary(playbook, catalog, names)
        test = None if rule.when is None else bind(rule.when, "event", vocabulary, names)
        if isinstance(test, list):
            problems += [Problem(code=one.code, message=one.message, where=where) for one in test]
            continue
        for term in n.terms_of(test) if test is not None and not is_open else ():
            if isinstance(term, n.Field) and not any(
                term.name in catalog.events.get(name, properties) for name in names
            ):
                message = f"No event in the data has a property '{term.name}'."
                problems.append(Problem(code="field-not-in-data", message=message, where=where, severity="warning"))
        bound = BoundPlaybook(playbook, vocabulary.catalog, {}, dict(vocabulary.inferred))
        found.append(BoundRule(rule, frozenset(rule.events) or None, test, bound, cells))
    return found, problems


def _vocabulary(playbook: Playbook, catalog: Catalog, names: Sequence[str]) -> Vocabulary:
    """Return the words of a condition about events, of which any property may be named."""
    properties = next(iter(catalog.events.values()), {})
    known = {**dict.fromkeys(names, properties), **catalog.events}
    return Vocabulary(
        catalog=replace(catalog, events=known, open_parts=catalog.open_parts | {"events"}),
        lists=playbook.lists,
        scores={},
        questions=(),
        qualifications=(),
        outcomes=(),
    )


def mark_bots(rows: Sequence[Row], said: Said, rules: Sequence[BoundRule]) -> list[Row]:
    """Return events with `is_bot` as it was said; all rows have the column when one has."""
    if not said.bots and not rules:
        return list(rows)
    is_text = any(isinstance(row.get("is_bot"), str) for row in rows)
    found: list[Row] = []
    for row in rows:
        event_id = as_written(row.get("event_id"))
        is_bot = None if is_missing(event_id) else said.bots.get(event_id)
        if is_bot is None and any(rule.is_about(row) for rule in rules):
            is_bot = True
        if is_bot is None:
            found.append(row)
        else:
            found.append({**row, "is_bot": ("true" if is_bot else "false") if is_text else is_bot})
    if any("is_bot" in row for row in found):
        found = [row if "is_bot" in row else {**row, "is_bot": None} for row in found]
    return found
