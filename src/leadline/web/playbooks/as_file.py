"""A version as a file that stands by itself: with the fields and events that it reads and does not declare, as the app reads them.

The app binds a playbook without data, so a field means what its conditions use it as. A command binds it against files, where a name
that nobody has yet would be taken for a slip of the pen, and a column of mixed texts for a text. So what the app takes for granted is
declared, at the end of the text. It computes the same: the two plans are compared. tests/web/api/test_pull.py guards it.
"""

import json
import re
from collections.abc import Iterator

from leadline.engine.problems import ProblemsError
from leadline.web.playbooks.queries import Compiled, compile_toml
from leadline.web.playbooks.reads import undeclared_company_fields, undeclared_events, undeclared_fields

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
    plan, bound = compiled.plan, compiled.bound
    for prefix, fields in (("", undeclared_fields(compiled)), ("company.", undeclared_company_fields(compiled))):
        for field in fields:
            yield f"[fields.{_key(prefix + field.name)}]\ntype = {_text(bound.spec_of(field).type or 'text')}"
    properties: dict[str, dict[str, str]] = {name: {} for name in undeclared_events(compiled)}
    for one, events in plan.event_properties:
        for event in properties if "*" in events else events:
            if event in properties:
                properties[event][one.name] = bound.spec_of(one, [event]).type or "text"
    for event, types in properties.items():
        said = ", ".join(f"{_key(name)} = {_text(kind)}" for name, kind in types.items())
        yield f"[events.{_key(event)}]\nproperties = {{ {said} }}"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
