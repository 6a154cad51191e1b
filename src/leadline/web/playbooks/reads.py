"""What a playbook reads and does not declare: the names that it takes for granted."""

from collections.abc import Iterable, Mapping

from leadline.engine.expressions import nodes as n
from leadline.engine.reference.cells import fixed_type
from leadline.engine.reference.infer import EVENT_COLUMNS
from leadline.web.playbooks.queries import Compiled


def undeclared_fields(compiled: Compiled) -> list[n.Field]:
    """Return the fields of a lead, one a name."""
    return _undeclared(compiled.plan.lead_fields, compiled.playbook.lead_fields)


def undeclared_company_fields(compiled: Compiled) -> list[n.Field]:
    """Return the fields of a company, one a name."""
    return _undeclared(compiled.plan.company_fields, compiled.playbook.company_fields)


def _undeclared(fields: Iterable[n.Field], declared: Mapping[str, object]) -> list[n.Field]:
    found: dict[str, n.Field] = {}
    for one in fields:
        if one.name not in declared and not fixed_type(one.name):
            found.setdefault(one.name, one)
    return list(found.values())


def undeclared_events(compiled: Compiled) -> list[str]:
    """Return the names of events."""
    plan = compiled.plan
    named = [name for signal in plan.signals for name in signal.events]
    named += [name for wipe in plan.wipes for name in wipe.events]
    named += [name for level in compiled.playbook.qualifications for name in level.hand_raise]
    return list(dict.fromkeys(name for name in named if name not in compiled.playbook.events and name != "*"))


def undeclared_properties(compiled: Compiled) -> list[tuple[str, tuple[str, ...]]]:
    """Return the properties of events that conditions read, each with the events of which one may have it; ``*`` is any event."""
    declared = compiled.playbook.events
    found: dict[tuple[str, tuple[str, ...]], None] = {}
    for signal in compiled.plan.signals:
        for term in n.terms_of(signal.only) if signal.only else ():
            assert isinstance(term, n.Field)
            is_declared = any(one in declared and term.name in declared[one].properties for one in signal.events)
            if not is_declared and term.name not in EVENT_COLUMNS and not fixed_type(term.name):
                found[term.name, signal.events] = None
    return list(found)
