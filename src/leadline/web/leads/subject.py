"""A person with all that we hold under their name: every lead that was merged into one, and every identity of those.

Export and erasure both begin here, so that they speak of the same. `Subject.is_named_in` finds them in what is no lead's yet: requests
that wait or were refused, rows and files of imports.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from leadline.web.leads.claims import clean_value
from leadline.web.leads.models import Event, Fact, Identity, Lead, Outcome

_SHORTEST_ANYWHERE = 6
"""An id with fewer characters names a person only where ids stand: 17 may be an amount."""
_SHORTEST_INSIDE = 16
"""An id with as many characters names a person also inside a longer text."""
_NAMES_OF_IDS = re.compile(r"id$|user|contact|lead|person|member|email|mail|anonymous|previous", re.IGNORECASE)
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A person.

    lead:       the one that stands for them.
    lead_ids:   of this and all that were merged into it.
    identities: kind and value of each.
    """

    lead: Lead
    workspace_id: int
    lead_ids: tuple[int, ...]
    identities: frozenset[tuple[str, str]]

    def is_named_in(self, said: Any) -> bool:
        """Return whether one of the person's identities stands in something: a request's body, a row, parsed JSON.

        An address counts wherever it stands, also inside a sentence. Another id counts as a whole value; a short one only where ids
        stand, so that nobody else's row is taken for theirs.
        """
        if isinstance(said, memoryview | bytearray):
            said = bytes(said)
        if isinstance(said, bytes):
            said = said.decode("utf-8", errors="replace")
        if isinstance(said, str):
            if not self.may_be_in(said):
                return False
            try:
                said = json.loads(said)
            except (ValueError, RecursionError):
                return self._is_in_text(said)
        return any(self._is_named_by(key, text) for key, text in _texts(said))

    def may_be_in(self, text: str) -> bool:
        """Return whether a text is worth a closer look: False rules out quickly most of what does not name them."""
        plain = _readable(text)
        return any(value.casefold() in plain for _, value in self.values())

    def _is_in_text(self, text: str) -> bool:
        plain = _readable(text)
        return any(
            value.casefold() in plain
            for kind, value in self.values()
            if kind == Identity.Kind.EMAIL or len(value) >= _SHORTEST_ANYWHERE
        )

    def _is_named_by(self, key: str, text: str) -> bool:
        folded = text.casefold()
        for kind, value in self.values():
            if kind == Identity.Kind.EMAIL:
                if value in folded:
                    return True
            elif clean_value(kind, text) == value:
                if len(value) >= _SHORTEST_ANYWHERE or _NAMES_OF_IDS.search(key):
                    return True
            elif len(value) >= _SHORTEST_INSIDE and value.casefold() in folded:
                return True
        return False

    def values(self) -> Iterator[tuple[str, str]]:
        """Yield every value under which they may be named: an id in a CRM also without the name of the CRM."""
        for kind, value in self.identities:
            yield kind, value
            if kind == Identity.Kind.CRM and ":" in value:
                yield kind, value.partition(":")[2]

    def origins(self) -> set[str]:
        """Return the imports that wrote something of them, as ``import:12``."""
        found: set[str] = set(Lead.objects.filter(pk__in=self.lead_ids).values_list("origin", flat=True))
        for model in (Event, Fact, Outcome):
            found.update(model.objects.filter(lead__in=self.lead_ids).values_list("origin", flat=True).distinct())
        return found - {""}


def get_subject(lead: Lead) -> Subject:
    """Return the person of a lead, whichever of their leads it is."""
    while lead.merged_into_id is not None:
        lead = Lead.objects.get(pk=lead.merged_into_id)
    ids, newest = [lead.pk], [lead.pk]
    while newest:
        newest = list(Lead.objects.filter(merged_into__in=newest).order_by("pk").values_list("pk", flat=True))
        ids += newest
    return Subject(
        lead=lead,
        workspace_id=lead.workspace_id,
        lead_ids=tuple(ids),
        identities=frozenset(Identity.objects.filter(lead__in=ids).values_list("kind", "value")),
    )


def _readable(text: str) -> str:
    """Return a text as it can be searched: without the escapes of JSON and of addresses, in lower case."""
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text.replace("\\/", "/"))
    return (plain + "\n" + unquote_plus(plain) if "%" in plain or "+" in plain else plain).casefold()


def _texts(said: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text and number inside parsed JSON, also the names, each with the name under which it stands."""
    waiting = [(key, said)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            for inner, one in value.items():
                yield "", str(inner)
                waiting.append((str(inner), one))
        elif isinstance(value, list | tuple):
            waiting += [(name, one) for one in value]
        elif isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
            yield name, str(value)
