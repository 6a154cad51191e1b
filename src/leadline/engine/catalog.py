"""What there is to speak about: the fields of leads and companies, the events and their properties, with types.

A catalog comes from the data, or from `[fields]` and `[events]` of a playbook; declared wins. A part that nobody has
described is *open*: any name may be used there, and its use says its type.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

FieldType = Literal["text", "number", "boolean", "date", "time", "list"]
FIELD_TYPES: tuple[FieldType, ...] = ("text", "number", "boolean", "date", "time", "list")

Part = Literal["lead", "company", "events"]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """How the values of a field are read.

    type:      None when nothing is known of it but its name: its use decides.
    separator: between the entries of a list written as text.
    missing:   texts that stand for "no value", compared as text keys.
    declared:  whether the playbook says so, rather than the data.
    """

    type: FieldType | None
    separator: str = ";"
    missing: tuple[str, ...] = ()
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Catalog:
    """Fields, events and properties by name.

    lead, company: fields by name; names of facts may carry a dot, such as ``model.propensity``.
    events:        the properties of each event by name.
    open_parts:    the parts in which names that do not stand here may be used all the same.
    seen_events:   the events that occur in the data; None without data.
    """

    lead: Mapping[str, FieldSpec] = field(default_factory=dict)
    company: Mapping[str, FieldSpec] = field(default_factory=dict)
    events: Mapping[str, Mapping[str, FieldSpec]] = field(default_factory=dict)
    open_parts: frozenset[Part] = frozenset({"lead", "company", "events"})
    seen_events: frozenset[str] | None = None

    def with_events(self, events: Mapping[str, Mapping[str, FieldSpec]]) -> "Catalog":
        """Return this catalog with events that are known to occur elsewhere; what it says itself of a property wins."""
        own = next(iter(self.events.values()), {})
        properties = {name: spec for known in events.values() for name, spec in known.items()} | {
            name: spec for name, spec in own.items() if spec.type is not None
        }
        names = dict.fromkeys((*events, *self.events))
        return replace(
            self,
            events=dict.fromkeys(names, properties),
            open_parts=self.open_parts - {"events"},
            seen_events=frozenset(names),
        )

    def with_declared(
        self,
        lead: Mapping[str, FieldSpec],
        company: Mapping[str, FieldSpec],
        events: Mapping[str, Mapping[str, FieldSpec]],
    ) -> "Catalog":
        """Return this catalog with what a playbook declares on top: declared wins."""
        merged = {name: {**self.events.get(name, {}), **properties} for name, properties in events.items()}
        return Catalog(
            lead={**self.lead, **lead},
            company={**self.company, **company},
            events={**self.events, **merged},
            open_parts=self.open_parts,
            seen_events=self.seen_events,
        )
