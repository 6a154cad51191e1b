"""What a form asks: its fields, what they may be, and what is wrong with a list of them.

A form is stored as a list of plain mappings (`models.Form.fields`); here they have names and rules. How they look on a page is
Django's business (`answer_form.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from leadline.web.leads.names import worded_field

FieldType = Literal["text", "email", "phone", "number", "long", "choice", "several", "yes"]
TYPES: tuple[FieldType, ...] = get_args(FieldType)
LABELS: Mapping[FieldType, str] = {
    "text": "One line of text",
    "email": "E-mail address",
    "phone": "Phone number",
    "number": "Number",
    "long": "Several lines of text",
    "choice": "One of several options",
    "several": "Any of several options",
    "yes": "A box to tick",
}
WITH_OPTIONS = ("choice", "several")
KNOWN_FACTS = ("email", "name", "first_name", "last_name", "phone", "title", "company", "country")
"""Offered while typing; any other name makes a fact of its own."""
MOST_FIELDS = 30
MOST_OPTIONS = 50
_FORBIDDEN = ("consent.", "questions.", "model.", "company.")
"""What begins so is never made from what a stranger types: agreements have a box of their own, the others are for people and models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedField:
    """One thing that a form asks.

    name: of the input, and of the event's property.
    fact: the field of the person that the answer becomes; empty: it stays a property of the event.
    """

    name: str
    label: str
    type: FieldType = "text"
    required: bool = False
    options: tuple[str, ...] = ()
    fact: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {**asdict(self), "options": list(self.options)}


DEFAULT_FIELDS = (
    AskedField(name="email", label="Work e-mail", type="email", required=True, fact="email"),
    AskedField(name="name", label="Name", fact="name"),
)
"""What a new form begins with."""


def read_fields(stored: Iterable[Mapping[str, Any]]) -> list[AskedField]:
    """Return the fields of a form as it is stored."""
    return [
        AskedField(
            name=one["name"],
            label=one["label"],
            type=one.get("type", "text"),
            required=bool(one.get("required")),
            options=tuple(one.get("options") or ()),
            fact=one.get("fact", ""),
        )
        for one in stored
    ]


def name_for(label: str, taken: Iterable[str]) -> str:
    """Return a name for a field with a label that no other field has.

    >>> name_for("Your budget?", ["your_budget"])
    'your_budget_2'
    """
    base, others = (worded_field(label) or "field")[:50], set(taken)
    number, name = 1, base
    while name in others:
        number += 1
        name = f"{base}_{number}"
    return name


def find_faults(fields: Sequence[AskedField]) -> list[tuple[int | None, str]]:
    """Return all that is wrong with the fields of a form: the place of the field, None for the whole, and what to do."""
    faults: list[tuple[int | None, str]] = []
    if sum(one.type == "email" and one.fact == "email" and one.required for one in fields) != 1:
        faults.append(
            (None, "One field has to be a required e-mail address that becomes the fact 'email': it says who answered.")
        )
    if len(fields) > MOST_FIELDS:
        faults.append((None, f"It asks {len(fields)} things; {MOST_FIELDS} is the most. People give up long before."))
    facts: dict[str, int] = {}
    for place, one in enumerate(fields):
        faults += [(place, text) for text in _faults_of(one)]
        if one.fact and one.fact in facts:
            faults.append((place, f"The fact '{one.fact}' is asked for by field {facts[one.fact] + 1} already."))
        elif one.fact:
            facts[one.fact] = place
    return faults


def _faults_of(one: AskedField) -> list[str]:
    faults = []
    if one.type in WITH_OPTIONS and len(one.options) < 2:
        faults.append(f"'{LABELS[one.type]}' needs at least two options, one a line.")
    if one.type not in WITH_OPTIONS and one.options:
        faults.append(f"'{LABELS[one.type]}' has no options. Take them out, or choose another kind.")
    if len(one.options) > MOST_OPTIONS:
        faults.append(f"It has {len(one.options)} options; {MOST_OPTIONS} is the most.")
    if len(set(one.options)) < len(one.options):
        faults.append("Two options are the same.")
    if one.fact.startswith(_FORBIDDEN):
        faults.append(f"The fact '{one.fact}' cannot come from a form: whoever types it is not known to us.")
    if one.fact == "email" and one.type != "email":
        faults.append("What becomes the fact 'email' has to be an e-mail address.")
    return faults
