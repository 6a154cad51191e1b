"""A version as a file that stands by itself: with the fields and events that it reads and does not declare, as the app reads them.

The app binds a playbook without data, so a field means what its conditions use it as. A command binds it against files, where a name
that nobody has yet would be taken for a slip of the pen, and a column of mixed texts for a text. So what the app takes for granted is
declared, at the end of the text. It computes the same: the two plans are compared. tests/web/api/test_pull.py guards it.
"""

import json
import re
from collections.abc import Iterable, Iterator

from leadline.engine.problems import ProblemsError
from leadline.engine.reference.cells import fixed_type
from leadline.web.playbooks.queries import Compiled, compile_toml

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEADING = "\n# -- What the app takes for granted, said for who reads files; not part of what was published. --\n"


def playbook_as_file(toml: str) -> str:
    """Return the text of a published playbook with declarations; as it was published where they cannot be added."""
    compiled = compile_toml(toml)
    added = list(_declarations(compiled))
    if not added:
        return toml
    text = toml.rstrip("\n") + "\n" + _HEADING + "\n".join(added) + "\n"
    try:
        is_same = _computed(compile_toml(text)) == _computed(compiled)
    except ProblemsError:  # its tables are written in a way that nothing can be added to
        return toml
    return text if is_same else toml


def _computed(compiled: Compiled) -> tuple[object, ...]:
    """Return what a playbook computes, whatever it declares."""
    plan = compiled.plan
    return plan.signals, plan.wipes, plan.tallies, plan.features, dict(compiled.bound.tests)


def _declarations(compiled: Compiled) -> Iterator[str]:
    playbook, plan, bound = compiled.playbook, compiled.plan, compiled.bound
    for prefix, fields, declared in (
        ("", plan.lead_fields, playbook.lead_fields),
        ("company.", plan.company_fields, playbook.company_fields),
    ):
        for name in dict.fromkeys(one.name for one in fields if one.name not in declared and not fixed_type(one.name)):
            field = next(one for one in fields if one.name == name)
            yield f"[fields.{_key(prefix + name)}]\ntype = {_text(bound.spec_of(field).type or 'text')}"
    properties: dict[str, dict[str, str]] = {name: {} for name in _events(compiled)}
    for one, events in plan.event_properties:
        for event in properties if "*" in events else events:
            if event in properties:
                properties[event][one.name] = bound.spec_of(one, [event]).type or "text"
    for event, types in properties.items():
        said = ", ".join(f"{_key(name)} = {_text(kind)}" for name, kind in types.items())
        yield f"[events.{_key(event)}]\nproperties = {{ {said} }}"


def _events(compiled: Compiled) -> Iterable[str]:
    """Return the events that a playbook names and does not declare."""
    plan = compiled.plan
    named = [name for signal in plan.signals for name in signal.events]
    named += [name for wipe in plan.wipes for name in wipe.events]
    named += [name for level in compiled.playbook.qualifications for name in level.hand_raise]
    return dict.fromkeys(name for name in named if name not in compiled.playbook.events and name != "*")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
